"""Whether a member may have a benefit now: it is for whom it is for, and open to whom it is open."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from loyalty.facts import Scene, lazy_facts
from loyalty.refusals import Refused
from loyalty.turn import Turn
from rules import early
from rules.benefits import Benefit


def must(turn: Turn, kind: str, arrival: Any, key: str, benefit: Benefit) -> None:
    """Refused where the benefit is not for this member, or not now."""
    facts = lazy_facts(Scene(turn, kind, arrival))
    if not may(turn, key, facts):
        raise Refused("NOT_ELIGIBLE", benefit=key, title=dict(benefit.title.by_language()))
    begins, ends = window(turn, key, benefit, facts)
    if begins is not None and turn.instant < begins:
        raise Refused("NOT_OPEN_YET", benefit=key, opens_at=local(turn, begins))
    if ends is not None and turn.instant >= ends:
        raise Refused("NO_LONGER_OPEN", benefit=key, closed_at=local(turn, ends))


def may(turn: Turn, key: str, facts: Mapping[str, Any]) -> bool:
    """Whether the member is one of those it is for."""
    available = turn.ruleset.available.get(key)
    return available is None or available(facts)


def window(turn: Turn, key: str, benefit: Benefit, facts: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
    """From when, and until when, it is open to this member; None where it always is."""
    opening, zone = benefit.opening, turn.ruleset.zone
    if opening is None:
        return None, None
    groups: tuple[Callable[[Mapping[str, Any]], bool], ...] = turn.ruleset.early.get(key, ())
    begins = early.opens(opening, zone, lambda index: groups[index](facts))
    return begins, early.closes(opening, zone) if opening.closes_at is not None else None


def local(turn: Turn, at: datetime) -> str:
    """An instant as the programme's wall says it."""
    return at.astimezone(turn.ruleset.zone).strftime("%Y-%m-%d %H:%M")
