"""Changing the ladder of a live programme: from when on it counts for whom, and until when nobody falls by it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from rules import calendar
from rules.audience import Who, hundredths
from rules.tiers import Ladder, Stage, Transition


def begins(ladder: Ladder, key: str, tier: str, who: Who, zone: ZoneInfo) -> datetime | None:
    """From when on a change counts for whoever stands on a level; None: from its publication."""
    transition = ladder.transition
    if transition is None:
        return None
    found = next((stage for stage in transition.stages if _takes(stage, key, tier, who)), None)
    return calendar.day_start(found.start, zone) if found is not None else None


def held_until(ladder: Ladder, key: str, tier: str, who: Who, zone: ZoneInfo) -> datetime | None:
    """Until when nothing takes down whoever stands on a level: its stage has to have come, and the grace to be over."""
    transition = ladder.transition
    if transition is None:
        return None
    grace = calendar.day_start(transition.grace_until, zone) if transition.grace_until else None
    found = [at for at in (begins(ladder, key, tier, who, zone), grace) if at is not None]
    return max(found, default=None)


def instants(transition: Transition, zone: ZoneInfo) -> list[datetime]:
    """When something of a change falls due for some: the first instants of its days, in order."""
    days = {stage.start for stage in transition.stages}
    days |= {transition.grace_until} if transition.grace_until else set()
    return [calendar.day_start(day, zone) for day in sorted(days)]


def next_instant(transition: Transition | None, after: datetime, zone: ZoneInfo) -> datetime | None:
    """The first of them after an instant."""
    return next((at for at in instants(transition, zone) if at > after), None) if transition is not None else None


def _takes(stage: Stage, key: str, tier: str, who: Who) -> bool:
    drawn = who.bucket(f"ladder:{key}") < hundredths(stage.percent) if stage.percent is not None else True
    return drawn and (not stage.levels or tier in stage.levels)
