"""What becomes of a standing if nothing more is bought: the fold itself, run ahead in memory and undone."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from loyalty import tiers, transitions
from loyalty.facts import Facts, Scene, lazy_facts
from loyalty.settling import settle
from loyalty.turn import Turn
from loyalty.views import Account
from models.tiers import Standing
from rules import calendar, explain
from rules.conditions import variables
from rules.ladders import TICK, standard_met
from rules.ruleset import Ruleset
from rules.tiers import Ladder, Level
from rules.transitions import instants, next_instant
from rules.ways import Way, ways

AHEAD: Final = timedelta(days=400)
LOOKS_MAX: Final = 13  # A year of monthly reviews, and one.


@dataclass(frozen=True, slots=True)
class Fall:
    """Where a standing goes, at which instant, and what would keep it; `next`: at the very next look."""

    level: Level
    at: datetime
    keeping: tuple[explain.Missing, ...]
    ways: tuple[Way, ...]  # How it could be kept, the cheapest first.
    next: bool


def fall(account: Account, key: str) -> Fall | None:
    """The first fall there will be without another purchase; None if there is none within a year, or nobody knows."""
    turn, ladder = account.turn, account.turn.ruleset.ladders[key]
    standing = turn.book.get(Standing, account.member.id, key)
    rank = ladder.rank(standing.tier) if standing else 0
    falls = ladder.demotion is not None or ladder.transition is not None
    if not rank or not falls or not knowable(turn.ruleset, key):
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
        now, mark = _ahead(turn, at), turn.book.mark()
        if key in turn.ruleset.day_ladders and ladder.transition is None and _holds(now, key):
            continue
        there = _looked_at(turn, key, ladder, at)
        if there < rank:
            turn.book.undo(mark)
            return Fall(ladder.levels[there], at, *_keeping(turn, key, ladder, at), next=number == 0)
    return None


def _holds(now: Turn, key: str) -> bool:
    """Whether a review of everybody, and nothing else, finds the level kept and no higher one met."""
    standing = now.book.need(Standing, now.member_id, key)
    if standing.due_at is not None and standing.due_at <= now.instant:
        return False
    facts = _facts(now)
    kept = now.ruleset.keeps[key][standing.rank](facts) if standing.rank else True
    return kept and standard_met(now.ruleset, key, facts) <= standing.rank


def _looked_at(turn: Turn, key: str, ladder: Ladder, at: datetime) -> int:
    """The rank after everything up to an instant fell due and was looked at."""
    now = _ahead(turn, at)
    _pass(now, key, at)
    if ladder.transition is not None and at in instants(ladder.transition, turn.ruleset.zone):
        transitions.change(now, key)
    if _everybody(ladder, at, turn):
        tiers.review(now, key)
    return ladder.rank(turn.book.need(Standing, turn.member_id, key).tier) or 0


def _keeping(turn: Turn, key: str, ladder: Ladder, at: datetime) -> tuple[tuple[explain.Missing, ...], tuple[Way, ...]]:
    """What is missing to keep the level just before it is looked at."""
    before, now = _ahead(turn, at - TICK), _ahead(turn, at)
    _pass(before, key, before.instant)
    rank = ladder.rank(turn.book.need(Standing, turn.member_id, key).tier) or 0
    facts = _facts(now)
    keep = turn.ruleset.definitions.standards[key].keep[rank]
    return explain.to_keep(turn.ruleset, key, rank, facts), ways(keep, facts)


def _pass(turn: Turn, key: str, until: datetime) -> None:
    """Let time pass: of a ladder that asks for days alone only what falls due of the standing itself matters."""
    if key not in turn.ruleset.day_ladders:
        settle(turn, until, _climb if key in turn.ruleset.balance_ladders else _nothing)
        return
    while (due := (row := turn.book.need(Standing, turn.member_id, key)).due_at) is not None and due <= until:
        tiers.fall_due(turn.as_of(due), row, due)


def _facts(turn: Turn) -> Facts:
    closing = calendar.is_day_start(turn.instant, turn.ruleset.zone)
    return lazy_facts(Scene(turn, "tier.changed", closing=closing))


def _climb(turn: Turn) -> None:
    tiers.evaluate(replace(turn, instant=turn.at, late=False), turn.ruleset.balance_ladders)


def _nothing(_turn: Turn) -> None:
    """No policy follows: what they would do is nobody's promise."""


def _looks(turn: Turn, key: str, ladder: Ladder) -> Iterator[datetime]:
    """The instants at which the standing will be looked at, as it is by then."""
    at, zone = turn.instant, turn.ruleset.zone
    every = ladder.review.every if ladder.review else None
    for _ in range(LOOKS_MAX):
        due = turn.book.need(Standing, turn.member_id, key).due_at
        together = calendar.next_period_start(every, at, zone) if every else None
        changes = next_instant(ladder.transition, at, zone)
        ahead = [one for one in (due, together, changes) if one is not None and one > at]
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
