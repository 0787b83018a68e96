"""What good programmes keep to: campaigns end, bases are named, and there are neither too few benefits nor too many."""

from rules import actions
from rules.lint_desk import Desk, Warnings, warning
from rules.rule import Rule
from rules.satisfy import Bound, Question

CAMPAIGNS = "campaigns/"
BENEFITS_LEAST, BENEFITS_MOST = 5, 8
SOLD = frozenset({"order.paid"})


def endless(desk: Desk) -> Warnings:
    """Campaigns that begin, or give something for every order, and never end.

    A gift for joining or for reaching a level is no campaign that somebody forgot to end.
    """
    for path, rule in desk.rules.items():
        valid = rule.policy.valid
        if path.startswith(CAMPAIGNS) and (valid is None or valid.until is None) and passing(rule):
            yield warning(path, "NO_END_DATE", *(() if valid is None else ("valid",)))


def passing(rule: Rule) -> bool:
    """Whether a policy reads like something for a time: it has a beginning, a budget, or pays for orders unlimited."""
    valid, limits = rule.policy.valid, rule.policy.limits
    begins = valid is not None and valid.start is not None
    gives = any(actions.limited(one) for one in rule.actions) and bool(SOLD & set(rule.policy.on))
    return begins or (limits is not None and limits.budget is not None) or (gives and limits is None)


def unstated(desk: Desk) -> Warnings:
    """Rates whose base is left to the default."""
    for path, rule in desk.rules.items():
        for index, params in enumerate(rule.actions):
            rate = isinstance(params, actions.ByAmount) and not isinstance(params, actions.EarnBySteps)
            if rate and "base" not in params.model_fields_set:
                yield warning(path, "BASE_NOT_STATED", "actions", index, "params", base=actions.base_of(params))


def core_benefits(desk: Desk) -> Warnings:
    """Core benefits of a programme, and of each level: five to eight are remembered."""
    core = {key for key, one in desk.definitions.benefits.items() if one.core}
    # A programme without levels may live of a single reward; one with levels promises more.
    if 0 < len(core) < BENEFITS_LEAST and desk.definitions.standards:
        yield warning("programme", "BENEFITS_FEW", count=len(core), least=BENEFITS_LEAST)
    for ladder, standard in desk.definitions.standards.items():
        for rank, level in enumerate(standard.ladder.levels):
            count = sum(may_have(desk, key, ladder, level.key) for key in core)
            if count > BENEFITS_MOST:
                place = ("levels", rank)
                yield warning(f"tiers/{ladder}", "BENEFITS_MANY", *place, count=count, most=BENEFITS_MOST)
    if not desk.definitions.standards and len(core) > BENEFITS_MOST:
        yield warning("programme", "BENEFITS_MANY", count=len(core), most=BENEFITS_MOST)


def may_have(desk: Desk, benefit: str, ladder: str, level: str) -> bool:
    """Whether members of a level can have a benefit."""
    name = f"tier_{ladder.replace('-', '_')}"
    question = Question({name: Bound(lambda value: value == level)}, desk.question.same)
    return question.possible(desk.definitions.available_to.get(benefit)) is not False
