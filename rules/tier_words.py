"""Standings in plain words: what actions do to them, how long levels last, and when one looks again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from rules import actions, calendar
from rules.effects import ExtendTier, MoveTier, ProtectTier
from rules.explain import Missing
from rules.ladders import TICK
from rules.rule import Definitions
from rules.tiers import Level, Stretch
from rules.ways import Way, buys
from rules.words import condition, quoted, say, value

TOLD_WAYS: Final = 2  # In a sentence; the others are named beside it.
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


def way(gaps: Way, definitions: Definitions, lang: str) -> str:
    """All that one way takes."""
    return say("and", lang).join(_gap(gap, definitions, lang) for gap in gaps)


def climbs(to: Level, found: Sequence[Way], by: datetime | None, definitions: Definitions, lang: str) -> str:
    """What is missing for a level, by the two cheapest ways, and the last day on which it counts."""
    said = say("or", lang).join(way(one, definitions, lang) for one in found[:TOLD_WAYS])
    title = quoted(to.title.say(lang), lang)
    if by is None:
        return say("climbs", lang, way=said, level=title)
    return say("climbs_by", lang, way=said, level=title, day=calendar.business_date(by - TICK, definitions.zone))


def holds(level: Level, found: Sequence[Way], at: datetime, definitions: Definitions, lang: str) -> str:
    """What would keep a level that is about to be lost, by the two cheapest ways, and the last day for it."""
    said = say("or", lang).join(way(one, definitions, lang) for one in found[:TOLD_WAYS])
    day = calendar.business_date(at - TICK, definitions.zone)
    return say("holds", lang, way=said[:1].upper() + said[1:], level=quoted(level.title.say(lang), lang), day=day)


def _gap(gap: Missing, definitions: Definitions, lang: str) -> str:
    """One figure of a way: so much more of it, or a condition that has to hold."""
    if buys(gap):
        return say("a_purchase", lang)
    if gap.leaf is None or gap.lacking is None:
        return condition(gap.leaf, definitions, lang) if gap.leaf is not None else ""
    more = value(definitions.catalogue.variables[gap.of or gap.variable], gap.lacking, definitions, lang)
    return say("more_share" if gap.of else "more", lang, more=more, label=gap.leaf.variable.label(lang))


def falls(level: Level, to: Level, at: datetime, zone: ZoneInfo, lang: str) -> str:
    """Where a standing goes if nothing more is bought, and the last day on which that can be turned."""
    day = calendar.business_date(at - TICK, zone)
    return say("falls", lang, level=quoted(level.title.say(lang), lang), to=quoted(to.title.say(lang), lang), day=day)
