"""What `explain` found out, in words: each posting with its arithmetic, each policy with why it counted or not."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from rules import actions, audience_words, effects, tier_words, window_words
from rules.action_words import action
from rules.arithmetic import working
from rules.decide import Outcome, Verdict
from rules.explain import Missing, Story, Traced, deciding, near
from rules.figures import Figures
from rules.pricing_words import benefit
from rules.rule import Definitions, Rule
from rules.ruleset import Ruleset
from rules.words import budget, condition, joined, kind_of_points, limit, money, points, quoted, say, value

Facts = Mapping[str, Any]


def posting(
    ruleset: Ruleset, effect: effects.Effect, facts: Facts, lines: Sequence[Facts], verdict: Verdict, lang: str
) -> str:
    """One effect with the policy it comes from and how its figure came about."""
    title = ruleset.policies[effect.policy].title.say(lang)
    if isinstance(effect, effects.EarnPoints):
        text = earned(ruleset, effect, facts, lines, verdict, lang)
    else:
        text = EFFECTS[type(effect)](effect, ruleset.definitions, lang)
    return say("posting", lang, title=title, text=text)


def earned(
    ruleset: Ruleset, effect: effects.EarnPoints, facts: Facts, lines: Sequence[Facts], verdict: Verdict, lang: str
) -> str:
    """Rate × base, factor × what amounts earned, or a fixed number; and the cap that cut it."""
    definitions, rule = ruleset.definitions, ruleset.rules[effect.policy]
    found = working(verdict, effect)
    if found is None:
        return say("posting_fixed", lang, total=points(effect.points, effect.wallet, definitions, lang))
    told = Figures(definitions, found, facts, lines, lang)
    text = told.on_top() if found.source is not None else told.with_rest(told.by_amount())
    if found.points == effect.points:
        return text
    outcome = next((one for one in verdict.outcomes if one.policy == effect.policy), None)
    because = reason(rule, outcome.because, definitions, lang) if outcome and outcome.because else told.cap()
    asked = points(found.points, effect.wallet, definitions, lang)
    return say("posting_cut", lang, text=text, asked=asked, because=because)


def converted(effect: effects.ConvertPoints, definitions: Definitions, lang: str) -> str:
    """An automatic exchange, so many times."""
    each = points(effect.points, effect.wallet, definitions, lang)
    if effect.benefit is None:
        return say("posting_convert", lang, times=effect.times, points=each)
    given = benefit(effect.benefit, definitions, lang)
    return say("posting_convert_benefit", lang, times=effect.times, points=each, benefit=given)


def expired(effect: effects.ExpirePoints, definitions: Definitions, lang: str) -> str:
    """What is free in a wallet ended."""
    unit = kind_of_points(effect.wallet, definitions, lang)
    if not effect.keep:
        return say("expire", lang, unit=unit)
    return say("expire_keep", lang, unit=unit, points=points(effect.keep, effect.wallet, definitions, lang))


def relieved(effect: effects.RedatePoints | effects.MaturePoints, definitions: Definitions, lang: str) -> str:
    """What happened to the lots of a wallet."""
    code = "redate_points" if isinstance(effect, effects.RedatePoints) else "mature_points"
    return say(code, lang, unit=kind_of_points(effect.wallet, definitions, lang))


def issued(effect: effects.IssueBenefit, definitions: Definitions, lang: str) -> str:
    """A benefit given."""
    return say("issue", lang, count=effect.count, benefit=benefit(effect.benefit, definitions, lang))


def priced(effect: effects.PriceRedemption, definitions: Definitions, lang: str) -> str:
    """A price that stood."""
    cost = points(effect.points, effect.wallet or definitions.programme.main_wallet, definitions, lang)
    if effect.money is not None:
        cost = say("cost_money", lang, points=cost, money=money(effect.money, definitions, lang))
    name = benefit(effect.benefit, definitions, lang)
    if effect.value is None:
        return say("price", lang, points=cost, benefit=name)
    step = say("step", lang, value=money(effect.value, definitions, lang), points=cost)
    if effect.upto is not None:
        step = say("clause", lang).join((step, say("price_most", lang, most=money(effect.upto, definitions, lang))))
    return say("price_steps", lang, benefit=name, steps=step)


def revoked(effect: effects.RevokeBenefit, definitions: Definitions, lang: str) -> str:
    """A benefit taken back."""
    name = benefit(effect.benefit, definitions, lang)
    if effect.count is None:
        return say("revoke_all", lang, benefit=name)
    return say("revoke", lang, count=effect.count, benefit=name)


def upgraded(effect: effects.UpgradeBenefit, definitions: Definitions, lang: str) -> str:
    """A better one for a good one."""
    return say(
        "upgrade", lang, old=benefit(effect.benefit, definitions, lang), new=benefit(effect.to, definitions, lang)
    )


def refused(effect: effects.Refuse, definitions: Definitions, lang: str) -> str:
    """A no."""
    return say("refuse", lang, text=quoted(effect.text[lang], lang))


def trait(effect: effects.SetTrait, definitions: Definitions, lang: str) -> str:
    """A tag or a segment, given or taken."""
    if effect.what == "tags":
        return say("add_tag" if effect.there else "remove_tag", lang, tag=quoted(effect.name, lang))
    code = "join_segment" if effect.there else "leave_segment"
    own = definitions.segments.get(effect.name)
    title = quoted(own.title.say(lang), lang) if own else ""
    return say(code, lang, segment=f"{title} ({effect.name})")


def frozen(effect: effects.FreezeWallet, definitions: Definitions, lang: str) -> str:
    """A wallet by its title."""
    return say("freeze_wallet", lang, wallet=definitions.programme.wallets[effect.wallet].title.say(lang))


def alerted(effect: effects.RaiseAlert, definitions: Definitions, lang: str) -> str:
    """An alert with its words."""
    severity = say(f"severity.{effect.severity}", lang)
    return say("raise_alert", lang, severity=severity, text=quoted(effect.text[lang], lang))


EFFECTS: Mapping[type, Callable[[Any, Definitions, str], str]] = {
    effects.ConvertPoints: converted,
    effects.ExpirePoints: expired,
    effects.RedatePoints: relieved,
    effects.MaturePoints: relieved,
    effects.IssueBenefit: issued,
    effects.RevokeBenefit: revoked,
    effects.UpgradeBenefit: upgraded,
    effects.PriceRedemption: priced,
    effects.Refuse: refused,
    effects.Enrol: lambda effect, definitions, lang: say("enrol", lang),
    effects.MoveTier: tier_words.moved,
    effects.ProtectTier: tier_words.protected,
    effects.ExtendTier: tier_words.extended,
    effects.SendMessage: lambda effect, definitions, lang: say("message", lang, template=effect.template),
    effects.SetTrait: trait,
    effects.RaiseAlert: alerted,
    effects.FreezeWallet: frozen,
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
    unmet = [of_audience(ruleset, told.policy, one, lang) for one in deciding(told.traced)]
    return first + unmet + nearly(ruleset, told, lang)


def nearly(ruleset: Ruleset, told: Story, lang: str) -> list[str]:
    """What little more would have been enough, and for what."""
    gap, rule, definitions = near(told.traced), ruleset.rules[told.policy], ruleset.definitions
    if gap is None or gap.leaf is None:
        return []
    variable = gap.leaf.variable
    gives = joined((action(params, rule, definitions, lang) for params in rule.actions), lang)
    more = value(variable, gap.lacking, definitions, lang)
    return [say("near", lang, more=more, label=variable.label(lang), gives=gives)]


def of_audience(ruleset: Ruleset, policy: str, traced: Traced, lang: str) -> str:
    """One condition that stood in the way; one of the audience says that it is."""
    text = leaf(ruleset.definitions, traced, lang)
    ours = traced.leaf in audience_words.leaves(ruleset.rules[policy].audience)
    return say("of_audience", lang, text=text) if ours else text


def leaf(definitions: Definitions, traced: Traced, lang: str) -> str:
    """One condition with the value found; of lines, how many met it."""
    if traced.lines is not None:
        met, lines = traced.found
        counted = say("found_lines" if lines else "found_no_lines", lang, met=met, lines=lines)
        code = "found" if traced.met else "wanted"
        return say(code, lang, condition=condition(traced.lines, definitions, lang), found=counted)
    if traced.leaf is None:
        return ""
    found = value(traced.leaf.variable, traced.found, definitions, lang)
    return say(
        "found" if traced.met else "wanted", lang, condition=condition(traced.leaf, definitions, lang), found=found
    )


def tree(definitions: Definitions, traced: Traced, lang: str, indent: int = 0) -> Iterable[str]:
    """The whole walk, a line a node."""
    mark = say("mark_met" if traced.met else "mark_unmet", lang)
    text = leaf(definitions, traced, lang) or say(f"group_{traced.kind}", lang)
    yield f"{'  ' * indent}{mark} {text}"
    for number, part in enumerate(traced.parts, 1):
        if traced.lines is not None:
            yield f"{'  ' * (indent + 1)}{say('line_number', lang, number=number)}"
        yield from tree(definitions, part, lang, indent + (2 if traced.lines is not None else 1))


def outcome(ruleset: Ruleset, found: Outcome, lang: str) -> str:
    """What became of a policy whose conditions held."""
    rule, definitions = ruleset.rules[found.policy], ruleset.definitions
    wallet = limited_wallet(rule, definitions)
    given = points(found.given or 0, wallet, definitions, lang)
    because = reason(rule, found.because, definitions, lang) if found.because else ""
    if not found.fired:
        asked = points(found.asked or 0, wallet, definitions, lang)
        return say("withheld_points" if found.asked else "withheld", lang, because=because, asked=asked)
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
    part, _, found = name.partition(":")
    if word == "window" and rule.policy.valid is not None and found:
        return window_words.unmet(rule.policy.valid, part, found, lang)
    if word == "audience" and rule.policy.audience is not None:
        return audience_words.unmet(rule.policy.audience, part, found, lang)
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
    more = value(definitions.catalogue.variables[gap.of or gap.variable], gap.lacking, definitions, lang)
    return say("missing_share" if gap.of else "missing", lang, more=more, label=variable.label(lang))
