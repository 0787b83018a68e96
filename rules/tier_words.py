"""Standings in plain words: what actions do to them, how long levels last, and when one looks again."""

from datetime import datetime
from zoneinfo import ZoneInfo

from rules import actions, calendar
from rules.effects import ExtendTier, MoveTier, ProtectTier
from rules.ladders import TICK
from rules.rule import Definitions
from rules.tiers import Level, Stretch
from rules.words import quoted, say

SPANS = ("days", "months", "years")


def ladder(key: str, definitions: Definitions, lang: str) -> str:
    """What a ladder is called."""
    return quoted(definitions.standards[key].ladder.title.say(lang), lang)


def level(key: str, tier: str, definitions: Definitions, lang: str) -> str:
    """What a level is called; its key, if the ladder has lost it."""
    levels = definitions.standards[key].ladder.levels
    return quoted(next((one.title.say(lang) for one in levels if one.key == tier), tier), lang)


def stretch(own: Stretch, lang: str) -> str:
    """A stretch of time."""
    name, count = next((name, count) for name in SPANS if (count := getattr(own, name)))
    return say(f"span_{name}{'_one' if count == 1 else ''}", lang, count=count)


def move(params: actions.MoveTier, definitions: Definitions, lang: str) -> str:
    """A move, as a policy says it."""
    return moved(MoveTier("", definitions.ladder_of(params), params.to), definitions, lang)


def protect(params: actions.ProtectTier, definitions: Definitions, lang: str) -> str:
    """A protection, as a policy says it."""
    own = ladder(definitions.ladder_of(params), definitions, lang)
    return say("protect_tier", lang, ladder=own, span=stretch(params.span, lang))


def extend(params: actions.ExtendTier, definitions: Definitions, lang: str) -> str:
    """An end put off, as a policy says it."""
    own = ladder(definitions.ladder_of(params), definitions, lang)
    return say("extend_tier", lang, ladder=own, span=stretch(params.span, lang))


def moved(effect: MoveTier, definitions: Definitions, lang: str) -> str:
    """A member put on a level."""
    own = ladder(effect.ladder, definitions, lang)
    return say("move_tier", lang, ladder=own, level=level(effect.ladder, effect.tier, definitions, lang))


def protected(effect: ProtectTier, definitions: Definitions, lang: str) -> str:
    """A member whom nothing takes down for a while."""
    return say("protect_tier", lang, ladder=ladder(effect.ladder, definitions, lang), span=stretch(effect.span, lang))


def extended(effect: ExtendTier, definitions: Definitions, lang: str) -> str:
    """The end of a standing put off."""
    return say("extend_tier", lang, ladder=ladder(effect.ladder, definitions, lang), span=stretch(effect.span, lang))


def falls(level: Level, to: Level, at: datetime, zone: ZoneInfo, lang: str) -> str:
    """Where a standing goes if nothing more is bought, and the last day on which that can be turned."""
    day = calendar.business_date(at - TICK, zone)
    return say("falls", lang, level=quoted(level.title.say(lang), lang), to=quoted(to.title.say(lang), lang), day=day)
