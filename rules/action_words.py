"""Actions and whole policies in plain words: what is given, of what, how it is rounded and how long it lasts."""

from collections.abc import Callable, Mapping
from typing import Any

from rules import actions, choosing, earning_words, moment_words, pricing_words, tier_words
from rules.audience_words import audience
from rules.earning_words import wallet
from rules.expiry_words import expiry, pending
from rules.pricing_words import benefit
from rules.rule import Definitions, Rule
from rules.window_words import window
from rules.words import condition, counted, joined, kind_of_points, limits, quoted, say, stacking


def policy(rule: Rule, definitions: Definitions, lang: str, *, inside: bool = True) -> str:
    """A policy as one sentence: when, if, then, and within what; `inside` also how it stands among the others."""
    own = rule.policy
    when = [
        joined(moment_words.asked(own, definitions, lang), lang),
        *window(own.valid, lang),
        *audience(rule, definitions, lang),
    ]
    done = say("semicolon", lang).join(action(params, rule, definitions, lang) for params in rule.actions)
    if rule.asked is None:
        sentence = say("policy", lang, when=joined(when, lang), actions=done)
    else:
        code = "policy_if_line" if rule.by_line else "policy_if"
        asked = condition(rule.asked, definitions, lang)
        sentence = say(code, lang, when=joined(when, lang), condition=asked, actions=done)
    within = [*limits(own.limits, definitions, lang), *(stacking(own.stacking, lang) if inside else [])]
    if own.priority and inside:
        within.append(say("priority", lang, priority=own.priority))
    return say("within", lang, sentence=sentence, limits=say("semicolon", lang).join(within)) if within else sentence


def action(params: actions.Params, rule: Rule, definitions: Definitions, lang: str) -> str:
    """One action as a clause."""
    text = WORDS[type(params)](params, definitions, lang)
    if rule.by_line and rule.asked is None:
        text = say("each_line", lang, action=text)
    if isinstance(params, actions.Earning):
        dates = [pending(params.pending, lang), expiry(params.expires, definitions, lang)]
        text = joined([text, *(one for one in dates if one)], lang)
    return text


def tag(params: actions.AddTag | actions.RemoveTag, definitions: Definitions, lang: str) -> str:
    """A tag put on or taken off."""
    return say(params.name, lang, tag=quoted(params.tag, lang))


def segment(params: actions.JoinSegment | actions.LeaveSegment, definitions: Definitions, lang: str) -> str:
    """Into a segment, or out of it."""
    title = definitions.segments[params.segment].title.say(lang)
    return say(params.name, lang, segment=f"{quoted(title, lang)} ({params.segment})")


def freeze(params: actions.FreezeWallet, definitions: Definitions, lang: str) -> str:
    """A wallet by its title."""
    own = definitions.programme
    return say("freeze_wallet", lang, wallet=own.wallets[params.wallet or own.main_wallet].title.say(lang))


def alert(params: actions.RaiseAlert, definitions: Definitions, lang: str) -> str:
    """An alert with its words."""
    severity = say(f"severity.{params.severity}", lang)
    return say("raise_alert", lang, severity=severity, text=quoted(params.text.say(lang), lang))


def convert(params: actions.Convert, definitions: Definitions, lang: str) -> str:
    """An automatic exchange."""
    points = counted(params.points, wallet(params, definitions), definitions, lang)
    if params.benefit is None:
        return say("convert", lang, points=points)
    return say("convert_benefit", lang, points=points, benefit=benefit(params.benefit, definitions, lang))


def expire(params: actions.Expire, definitions: Definitions, lang: str) -> str:
    """What is free ends, but for what is kept."""
    unit = kind_of_points(wallet(params, definitions), definitions, lang)
    if not params.keep:
        return say("expire", lang, unit=unit)
    return say(
        "expire_keep", lang, unit=unit, points=counted(params.keep, wallet(params, definitions), definitions, lang)
    )


def of_wallet(params: actions.Redate | actions.Mature, definitions: Definitions, lang: str) -> str:
    """What happens to the lots of a wallet."""
    return say(params.name, lang, unit=kind_of_points(wallet(params, definitions), definitions, lang))


def issue(params: actions.Issue, definitions: Definitions, lang: str) -> str:
    """A benefit, so many times."""
    return say("issue", lang, count=params.count, benefit=benefit(params.benefit, definitions, lang))


def revoke(params: actions.Revoke, definitions: Definitions, lang: str) -> str:
    """A benefit taken back."""
    name = benefit(params.benefit, definitions, lang)
    return (
        say("revoke_all", lang, benefit=name)
        if params.all
        else say("revoke", lang, count=params.count or 1, benefit=name)
    )


def upgrade(params: actions.Upgrade, definitions: Definitions, lang: str) -> str:
    """A better one for a good one."""
    return say(
        "upgrade", lang, old=benefit(params.benefit, definitions, lang), new=benefit(params.to, definitions, lang)
    )


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
    **earning_words.WORDS,
    **pricing_words.WORDS,
    actions.Convert: convert,
    actions.Expire: expire,
    actions.Redate: of_wallet,
    actions.Mature: of_wallet,
    actions.Issue: issue,
    actions.IssueByChoice: choosing.words,
    actions.Revoke: revoke,
    actions.Upgrade: upgrade,
    actions.Refusal: refuse,
    actions.Enrolment: enrol,
    actions.Message: message,
    actions.MoveTier: tier_words.move,
    actions.ProtectTier: tier_words.protect,
    actions.ExtendTier: tier_words.extend,
    actions.AddTag: tag,
    actions.RemoveTag: tag,
    actions.JoinSegment: segment,
    actions.LeaveSegment: segment,
    actions.RaiseAlert: alert,
    actions.FreezeWallet: freeze,
}
