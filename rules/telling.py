"""What `explain` found out, in words: each posting with its arithmetic, each policy with why it counted or not."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from rules import actions, exact, wishes
from rules.action_words import benefit, rate
from rules.decide import Outcome, Verdict
from rules.effects import (
    ConvertPoints,
    EarnPoints,
    Effect,
    Enrol,
    IssueBenefit,
    PriceRedemption,
    Refuse,
    SendMessage,
)
from rules.explain import Missing, Story, Traced, deciding
from rules.rule import Definitions, Rule
from rules.ruleset import Ruleset
from rules.words import budget, condition, limit, money, points, quoted, say, value

Facts = Mapping[str, Any]
FIGURE_DECIMALS = 4


def posting(ruleset: Ruleset, effect: Effect, facts: Facts, lines: Sequence[Facts], verdict: Verdict, lang: str) -> str:
    """One effect with the policy it comes from and how its figure came about."""
    title = ruleset.policies[effect.policy].title.say(lang)
    if isinstance(effect, EarnPoints):
        text = earned(ruleset, effect, facts, lines, verdict, lang)
    else:
        text = EFFECTS[type(effect)](effect, ruleset.definitions, lang)
    return say("posting", lang, title=title, text=text)


def earned(
    ruleset: Ruleset, effect: EarnPoints, facts: Facts, lines: Sequence[Facts], verdict: Verdict, lang: str
) -> str:
    """Rate × base, factor × what amounts earned, or a fixed number; and the cap that cut it."""
    definitions, rule = ruleset.definitions, ruleset.rules[effect.policy]
    total = points(effect.points, effect.wallet, definitions, lang)
    params = earning(rule, effect.wallet, definitions)
    if isinstance(params, actions.EarnPerAmount):
        amount = lines[effect.line]["line_amount"] if effect.line is not None else facts[params.base]
        parts = rate(params, definitions, lang)
        text = say("posting_amount", lang, total=total, amount=money(amount, definitions, lang), **parts)
    elif isinstance(params, actions.Multiply):
        text = multiplied(ruleset, effect, params, product_of(ruleset, effect, facts, lines, verdict), lang)
    else:
        text = say("posting_fixed", lang, total=total)
    outcome = next((one for one in verdict.outcomes if one.policy == effect.policy), None)
    if outcome is None or outcome.asked == outcome.given or outcome.because is None:
        return text
    asked = points(outcome.asked or 0, effect.wallet, definitions, lang)
    return say("posting_cut", lang, text=text, asked=asked, because=reason(rule, outcome.because, definitions, lang))


def earning(rule: Rule, wallet: str, definitions: Definitions) -> actions.Params | None:
    """The action of a policy that earned into a wallet."""
    main = definitions.programme.main_wallet
    return next(
        (one for one in rule.actions if actions.limited(one) and (actions.wallet_of(one) or main) == wallet), None
    )


def product_of(
    ruleset: Ruleset, effect: EarnPoints, facts: Facts, lines: Sequence[Facts], verdict: Verdict
) -> tuple[Fraction, int]:
    """What amounts earned where a multiplier worked: exactly, and as it was posted."""
    definitions, total, posted = ruleset.definitions, Fraction(0), 0
    for one in verdict.effects:
        if not isinstance(one, EarnPoints) or (one.wallet, one.line) != (effect.wallet, effect.line):
            continue
        rule = ruleset.rules[one.policy]
        params = earning(rule, one.wallet, definitions)
        if isinstance(params, actions.EarnPerAmount):
            cut = any(found.policy == one.policy and found.asked != found.given for found in verdict.outcomes)
            total += one.points if cut else exactly(definitions, params, one, facts, lines)
            posted += one.points
    return total, posted


def exactly(
    definitions: Definitions, params: actions.EarnPerAmount, effect: EarnPoints, facts: Facts, lines: Sequence[Facts]
) -> Fraction:
    """What an amount earned, before rounding."""
    amount: int = facts[params.base] if effect.line is None else lines[effect.line]["line_amount"]
    scales = (definitions.scale(effect.wallet), definitions.catalogue.currency_scale)
    return wishes.rate_of(params.points, params.per, *scales) * amount


def multiplied(
    ruleset: Ruleset, effect: EarnPoints, params: actions.Multiply, base: tuple[Fraction, int], lang: str
) -> str:
    """Base × factor, rounded, and what that is on top of what was posted."""
    definitions, wallet = ruleset.definitions, effect.wallet
    unit = Fraction(1, 10 ** definitions.scale(wallet))
    return say(
        "posting_factor",
        lang,
        base=figure(base[0] * unit),
        factor=exact.plain(params.factor),
        product=figure(base[0] * Fraction(params.factor) * unit),
        rounded=points(base[1] + effect.points, wallet, definitions, lang),
        total=points(effect.points, wallet, definitions, lang),
    )


def figure(number: Fraction) -> str:
    """An exact number written out; one that never ends is cut after four decimals and says so."""
    shown = exact.floor(number * 10**FIGURE_DECIMALS)
    text = exact.plain(Decimal(shown).scaleb(-FIGURE_DECIMALS))
    return text if Fraction(shown, 10**FIGURE_DECIMALS) == number else f"{text}…"


def converted(effect: ConvertPoints, definitions: Definitions, lang: str) -> str:
    """An automatic exchange, so many times."""
    each = points(effect.points, effect.wallet, definitions, lang)
    if effect.benefit is None:
        return say("posting_convert", lang, times=effect.times, points=each)
    given = benefit(effect.benefit, definitions, lang)
    return say("posting_convert_benefit", lang, times=effect.times, points=each, benefit=given)


def issued(effect: IssueBenefit, definitions: Definitions, lang: str) -> str:
    """A benefit given."""
    return say("issue", lang, count=effect.count, benefit=benefit(effect.benefit, definitions, lang))


def priced(effect: PriceRedemption, definitions: Definitions, lang: str) -> str:
    """A price that stood."""
    cost = points(effect.points, effect.wallet or definitions.programme.main_wallet, definitions, lang)
    name = benefit(effect.benefit, definitions, lang)
    if effect.value is None:
        return say("price", lang, points=cost, benefit=name)
    step = say("step", lang, value=money(effect.value, definitions, lang), points=cost)
    return say("price_steps", lang, benefit=name, steps=step)


def refused(effect: Refuse, definitions: Definitions, lang: str) -> str:
    """A no."""
    return say("refuse", lang, text=quoted(effect.text[lang], lang))


EFFECTS: Mapping[type, Callable[[Any, Definitions, str], str]] = {
    ConvertPoints: converted,
    IssueBenefit: issued,
    PriceRedemption: priced,
    Refuse: refused,
    Enrol: lambda effect, definitions, lang: say("enrol", lang),
    SendMessage: lambda effect, definitions, lang: say("message", lang, template=effect.template),
}


def story(ruleset: Ruleset, told: Story, lang: str) -> list[str]:
    """What became of a policy: one line for the outcome, then one for each condition that stood in the way."""
    title = ruleset.policies[told.policy].title.say(lang)
    if told.outcome is not None:
        return [say("posting", lang, title=title, text=outcome(ruleset, told.outcome, lang))]
    first = [say("posting", lang, title=title, text=say("not_met" if told.traced else "nothing_to_give", lang))]
    if told.traced is None:
        return first
    if told.traced.met:
        return [say("posting", lang, title=title, text=say("nothing_to_give", lang))]
    return first + [leaf(ruleset.definitions, one, lang) for one in deciding(told.traced)]


def leaf(definitions: Definitions, traced: Traced, lang: str) -> str:
    """One condition with the value found."""
    if traced.leaf is None:
        return ""
    found = value(traced.leaf.variable, traced.found, definitions, lang)
    return say(
        "found" if traced.met else "wanted", lang, condition=condition(traced.leaf, definitions, lang), found=found
    )


def tree(definitions: Definitions, traced: Traced, lang: str, indent: int = 0) -> Iterable[str]:
    """The whole walk, a line a node."""
    mark = say("mark_met" if traced.met else "mark_unmet", lang)
    text = leaf(definitions, traced, lang) if traced.leaf else say(f"group_{traced.kind}", lang)
    yield f"{'  ' * indent}{mark} {text}"
    for part in traced.parts:
        yield from tree(definitions, part, lang, indent + 1)


def outcome(ruleset: Ruleset, found: Outcome, lang: str) -> str:
    """What became of a policy whose conditions held."""
    rule, definitions = ruleset.rules[found.policy], ruleset.definitions
    wallet = limited_wallet(rule, definitions)
    given = points(found.given or 0, wallet, definitions, lang)
    because = reason(rule, found.because, definitions, lang) if found.because else ""
    if not found.fired:
        return say("withheld", lang, because=because)
    if found.because is not None:
        return say("cut", lang, given=given, asked=points(found.asked or 0, wallet, definitions, lang), because=because)
    return say("fired", lang) if found.given is None else say("fired_points", lang, given=given)


def limited_wallet(rule: Rule, definitions: Definitions) -> str:
    """The wallet a policy's figures are in."""
    main = definitions.programme.main_wallet
    return next((actions.wallet_of(one) or main for one in rule.actions if actions.limited(one)), main)


def reason(rule: Rule, because: str, definitions: Definitions, lang: str) -> str:
    """Why a policy gave less or nothing."""
    word, _, name = because.partition(":")
    limits, stacked = rule.policy.limits, rule.policy.stacking
    if word == "limit" and limits is not None:
        return limit(name, getattr(limits, name), lang)
    if word == "budget" and name in definitions.programme.budgets:
        return budget(definitions.programme.budgets[name], definitions, lang)
    if word == "stacking" and stacked is not None:
        return say(f"because_{name}", lang, group=stacked.group)
    return say(f"because_{word}", lang)


def lacking(definitions: Definitions, gap: Missing, lang: str) -> str:
    """What is missing for a level: so much more, or the condition that must hold."""
    if gap.leaf is None:
        return ""
    variable = gap.leaf.variable
    if gap.lacking is None:
        return condition(gap.leaf, definitions, lang)
    more = value(variable, gap.lacking, definitions, lang)
    return say("missing", lang, more=more, label=variable.label(lang))
