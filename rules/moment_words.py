"""When the clock asks a policy, in plain words: the occasion, how long before it, and the time of day."""

from collections.abc import Callable, Mapping
from typing import Final

import locales
from rules import expiry_words, window_words, words
from rules.moments import (
    ANNIVERSARY,
    BENEFIT_ENDING,
    BIRTHDAY,
    FESTIVAL,
    INACTIVE,
    JOINED,
    MIDNIGHT,
    PERIOD,
    POINTS_ENDING,
    Idle,
    Moment,
)
from rules.parts import Span
from rules.policy import Policy
from rules.rule import Definitions
from rules.words import say


def asked(policy: Policy, definitions: Definitions, lang: str) -> list[str]:
    """When a policy is asked: the events it is on, or the moment of the clock."""
    if policy.moment is not None:
        return [moment(policy.moment, definitions, lang)]
    return [words.event(kind, definitions, lang) for kind in policy.on]


def moment(own: Moment, definitions: Definitions, lang: str) -> str:
    """One moment as a clause."""
    occasion = OCCASIONS[own.kind](own, definitions, lang)
    if own.kind == INACTIVE:
        text = occasion
    elif own.when.days_before:
        span = expiry_words.span(Span(days=own.when.days_before), lang)
        text = say("moment_before", lang, span=span, occasion=occasion)
    else:
        text = say("moment_on", lang, occasion=occasion)
    return text if own.when.at == MIDNIGHT else say("moment_at", lang, when=text, time=own.when.at)


def birthday(own: Moment, _definitions: Definitions, lang: str) -> str:
    """The birthday, or the first of its month."""
    return say("moment_birthday_month" if own.by_month else "moment_birthday", lang)


def anniversary(own: Moment, definitions: Definitions, lang: str) -> str:
    """The day of the year of a date, or the first of its month."""
    date = own.when.date or JOINED
    profile = definitions.programme.profile
    declared = profile.dates.get(date) if profile else None
    title = words.quoted(declared.title.say(lang), lang) if declared else say("moment_joined", lang)
    return say("moment_anniversary_month" if own.by_month else "moment_anniversary", lang, date=title)


def festival(own: Moment, _definitions: Definitions, lang: str) -> str:
    """The festival's name."""
    return locales.text(f"festival.{own.when.festival}", lang)


def inactive(own: Moment, _definitions: Definitions, lang: str) -> str:
    """So long without a purchase."""
    after = own.when.after or Idle(days=1)
    span = expiry_words.span(Span(days=after.days, months=after.months), lang)
    return say("moment_inactive", lang, span=span)


def points_ending(own: Moment, definitions: Definitions, lang: str) -> str:
    """The last day of points."""
    wallet = own.when.wallet or definitions.programme.main_wallet
    return say("moment_points_ending", lang, unit=words.kind_of_points(wallet, definitions, lang))


def benefit_ending(_own: Moment, _definitions: Definitions, lang: str) -> str:
    """The last day of a benefit."""
    return say("moment_benefit_ending", lang)


def period(own: Moment, _definitions: Definitions, lang: str) -> str:
    """A day of every period."""
    every, when = own.when.every or "month", own.when
    day = window_words.day_of_month(when.day or 1, lang)
    if every == "month":
        return say("moment_every_month", lang, day=day)
    if every == "year":
        return say("moment_every_year", lang, day=day, month=locales.text(f"month.{when.month or 1}", lang))
    if when.day in (None, 1) and when.month in (None, 1):
        return say(f"moment_every_{every}", lang)
    return say("moment_every_part", lang, day=day, month=when.month or 1, every=say(f"moment_each_{every}", lang))


OCCASIONS: Final[Mapping[str, Callable[[Moment, Definitions, str], str]]] = {
    BIRTHDAY: birthday,
    ANNIVERSARY: anniversary,
    FESTIVAL: festival,
    INACTIVE: inactive,
    POINTS_ENDING: points_ending,
    BENEFIT_ENDING: benefit_ending,
    PERIOD: period,
}
