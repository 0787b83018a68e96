"""What becomes of a standing if nothing more is bought: the fold itself, run ahead in memory and undone."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from loyalty import tiers
from loyalty.facts import Scene, lazy_facts
from loyalty.settling import settle
from loyalty.turn import Turn
from loyalty.views import Account
from models.tiers import Standing
from rules import calendar, explain
from rules.conditions import variables
from rules.ladders import TICK
from rules.ruleset import Ruleset
from rules.tiers import Ladder, Level

AHEAD: Final = timedelta(days=400)
LOOKS_MAX: Final = 13  # A year of monthly reviews, and one.


@dataclass(frozen=True, slots=True)
class Fall:
    """Where a standing goes, at which instant, and what would keep it; `next`: at the very next look."""

    level: Level
    at: datetime
    keeping: tuple[explain.Missing, ...]
    next: bool


def fall(account: Account, key: str) -> Fall | None:
    """The first fall there will be without another purchase; None if there is none within a year, or nobody knows."""
    turn, ladder = account.turn, account.turn.ruleset.ladders[key]
    standing = turn.book.get(Standing, account.member.id, key)
    rank = ladder.rank(standing.tier) if standing else 0
    if not rank or ladder.demotion is None or not knowable(turn.ruleset, key):
        return None
    mark = turn.book.mark()
    try:
        return _first_fall(turn, key, ladder, rank)
    finally:
        turn.book.undo(mark)


def knowable(ruleset: Ruleset, key: str) -> bool:
    """Whether a standing hangs on the member alone: a place among the best hangs on others."""
    asked = ruleset.definitions.standards[key].conditions
    return not any(variable.of for condition in asked for variable in variables(condition).values())


def _first_fall(turn: Turn, key: str, ladder: Ladder, rank: int) -> Fall | None:
    for number, at in enumerate(_looks(turn, key, ladder)):
        before = _ahead(turn, at - TICK)
        settle(before, before.instant, lambda _turn: None)
        now = _ahead(turn, at)
        stood = turn.book.need(Standing, turn.member_id, key)
        facts = lazy_facts(Scene(now, "tier.changed", closing=calendar.is_day_start(at, turn.ruleset.zone)))
        keeping = explain.to_keep(turn.ruleset, key, ladder.rank(stood.tier) or 0, facts)
        settle(now, at, lambda _turn: None)
        tiers.review(now, key) if _everybody(ladder, at, turn) else None
        there = ladder.rank(turn.book.need(Standing, turn.member_id, key).tier) or 0
        if there < rank:
            return Fall(ladder.levels[there], at, keeping, next=number == 0)
    return None


def _looks(turn: Turn, key: str, ladder: Ladder) -> Iterator[datetime]:
    """The instants at which the standing will be looked at, as it is by then."""
    at, zone = turn.instant, turn.ruleset.zone
    every = ladder.review.every if ladder.review else None
    for _ in range(LOOKS_MAX):
        due = turn.book.need(Standing, turn.member_id, key).due_at
        together = calendar.next_period_start(every, at, zone) if every else None
        ahead = [one for one in (due, together) if one is not None and one > at]
        if not ahead or min(ahead) > turn.instant + AHEAD:
            return
        at = min(ahead)
        yield at


def _everybody(ladder: Ladder, at: datetime, turn: Turn) -> bool:
    every, zone = ladder.review.every if ladder.review else None, turn.ruleset.zone
    return every is not None and calendar.next_period_start(every, at - TICK, zone) == at


def _ahead(turn: Turn, at: datetime) -> Turn:
    """The reader's turn at an instant to come, with nothing that it says kept."""
    return replace(turn, instant=at, at=at, notes={}, queued=[], moved=[], fresh=set())
