"""Actions and whole policies in plain words: what is given, of what, how it is rounded and how long it lasts."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from rules import actions, exact
from rules.policy import Expiry, Life, Pending, Span
from rules.rule import Definitions, Rule
from rules.words import condition, counted, event, joined, limits, money, quoted, say, stacking, window


def policy(rule: Rule, definitions: Definitions, lang: str) -> str:
    """A policy as one sentence: when, if, then, and within what."""
    own = rule.policy
    when = [joined((event(kind, definitions, lang) for kind in own.on), lang), *window(own.valid, lang)]
    done = say("semicolon", lang).join(action(params, rule, definitions, lang) for params in rule.actions)
    if rule.condition is None:
        sentence = say("policy", lang, when=joined(when, lang), actions=done)
    else:
        code = "policy_if_line" if rule.by_line else "policy_if"
        asked = condition(rule.condition, definitions, lang)
        sentence = say(code, lang, when=joined(when, lang), condition=asked, actions=done)
    within = [*limits(own.limits, definitions, lang), *stacking(own.stacking, lang)]
    if own.priority:
        within.append(say("priority", lang, priority=own.priority))
    return say("within", lang, sentence=sentence, limits=say("semicolon", lang).join(within)) if within else sentence


def action(params: actions.Params, rule: Rule, definitions: Definitions, lang: str) -> str:
    """One action as a clause."""
    text = WORDS[type(params)](params, definitions, lang)
    if rule.by_line and rule.condition is None:
        text = say("each_line", lang, action=text)
    if isinstance(params, actions.Earning):
        dates = [pending(params.pending, lang), expiry(params.expires, lang)]
        text = joined([text, *(one for one in dates if one)], lang)
    return text


def wallet(params: Any, definitions: Definitions) -> str:
    """The wallet an action means."""
    return params.wallet or definitions.programme.main_wallet


def earn_points(params: actions.EarnPoints, definitions: Definitions, lang: str) -> str:
    """A fixed number."""
    return say("earn_points", lang, points=counted(params.points, wallet(params, definitions), definitions, lang))


def rate(params: actions.EarnPerAmount, definitions: Definitions, lang: str) -> dict[str, str]:
    """The parts of a rate."""
    minor = Fraction(params.per) * 10**definitions.catalogue.currency_scale
    # Money has no fraction of a minor unit; a rate may: then the figure is written as the document has it.
    per = money(int(minor), definitions, lang) if minor.denominator == 1 else exact.plain(params.per)
    return {
        "points": counted(params.points, wallet(params, definitions), definitions, lang),
        "per": per,
        "base": say(f"base.{params.base}", lang),
    }


def earn_per_amount(params: actions.EarnPerAmount, definitions: Definitions, lang: str) -> str:
    """A rate, its base and its rounding."""
    rounding = say(f"rounding.{params.rounding}", lang)
    return say("earn_per_amount", lang, rounding=rounding, **rate(params, definitions, lang))


def multiply(params: actions.Multiply, definitions: Definitions, lang: str) -> str:
    """A factor."""
    unit = definitions.programme.wallets[wallet(params, definitions)].unit.say(lang)
    return say("multiply", lang, unit=unit, factor=exact.plain(params.factor))


def convert(params: actions.Convert, definitions: Definitions, lang: str) -> str:
    """An automatic exchange."""
    points = counted(params.points, wallet(params, definitions), definitions, lang)
    if params.benefit is None:
        return say("convert", lang, points=points)
    return say("convert_benefit", lang, points=points, benefit=benefit(params.benefit, definitions, lang))


def price_fixed(params: actions.PriceFixed, definitions: Definitions, lang: str) -> str:
    """A price."""
    points = counted(params.points, wallet(params, definitions), definitions, lang)
    return say("price", lang, points=points, benefit=benefit(params.benefit, definitions, lang))


def price_stepped(params: actions.PriceStepped, definitions: Definitions, lang: str) -> str:
    """A price by steps."""
    scale, own = definitions.catalogue.currency_scale, wallet(params, definitions)
    steps = [
        say(
            "step",
            lang,
            value=money(exact.floor(Fraction(step.value) * 10**scale), definitions, lang),
            points=counted(step.points, own, definitions, lang),
        )
        for step in params.steps
    ]
    return say("price_steps", lang, steps=joined(steps, lang), benefit=benefit(params.benefit, definitions, lang))


def benefit(key: str, definitions: Definitions, lang: str) -> str:
    """What a benefit is called; the key, where two are called the same."""
    title = definitions.benefits[key].title.say(lang)
    same = sum(one.title.say(lang) == title for one in definitions.benefits.values())
    return quoted(title, lang) if same == 1 else f"{quoted(title, lang)} ({key})"


def issue(params: actions.Issue, definitions: Definitions, lang: str) -> str:
    """A benefit, so many times."""
    return say("issue", lang, count=params.count, benefit=benefit(params.benefit, definitions, lang))


def refuse(params: actions.Refusal, definitions: Definitions, lang: str) -> str:
    """A no with its reason."""
    return say("refuse", lang, text=quoted(params.text.say(lang), lang))


def enrol(params: actions.Enrolment, definitions: Definitions, lang: str) -> str:
    """A new member."""
    return say("enrol", lang)


def message(params: actions.Message, definitions: Definitions, lang: str) -> str:
    """A message and what is put into it."""
    text = say("message", lang, template=params.template)
    more = [f"{name} = {quoted(one, lang)}" for name, one in sorted(params.params.items())]
    return joined([text, *more], lang)


WORDS: Mapping[type[actions.Params], Callable[[Any, Definitions, str], str]] = {
    actions.EarnPoints: earn_points,
    actions.EarnPerAmount: earn_per_amount,
    actions.Multiply: multiply,
    actions.Convert: convert,
    actions.PriceFixed: price_fixed,
    actions.PriceStepped: price_stepped,
    actions.Issue: issue,
    actions.Refusal: refuse,
    actions.Enrolment: enrol,
    actions.Message: message,
}


def pending(own: Pending | None, lang: str) -> str:
    """How long points wait, where the policy says so itself."""
    if own is None:
        return ""
    if own.open:
        return say("pending_open", lang)
    return say("pending_none", lang) if own.days == 0 else say("pending_days", lang, days=own.days)


def expiry(own: Expiry | None, lang: str) -> str:
    """How long points live, where the policy says so itself."""
    if own is None:
        return ""
    if own.after is not None:
        return say("expires_after", lang, span=span(own.after, lang))
    if own.first_of_month_after is not None:
        return say("expires_month", lang, months=own.first_of_month_after)
    return say("expires_never", lang)


def span(own: Span | Life, lang: str) -> str:
    """A stretch of time."""
    name, count = next((name, count) for name, count in own.model_dump(exclude_none=True).items())
    return say(f"span_{name}{'_one' if count == 1 else ''}", lang, count=count)
