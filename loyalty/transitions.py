"""A changed ladder, member by member: everybody to where its standards put them, and back again if it is taken back.

Neither way brings or takes anything else: no policy follows, so that taking back leaves nothing behind. What a member
reached by itself meanwhile stays.
"""

from dataclasses import replace

from loyalty import standings, tiers
from loyalty.facts import Scene, lazy_facts
from loyalty.turn import Turn
from models.tiers import Standing, StandingMove
from rules import transitions
from rules.ladders import highest_below, standard_met, stays
from rules.tiers import Ladder

CHANGED = ("changed", "lapsed")  # Why a change of the ladder moves somebody.
EARNED = ("reached", "policy")


def change(turn: Turn, key: str) -> None:
    """Put a member where the ladder in force says, once its stage has come; down only once the grace is over."""
    now = replace(turn, instant=turn.at, late=False)
    ladder = now.ruleset.ladders.get(key)
    if ladder is None:
        return
    tiers.refit(now)
    standing = standings.find(now, key, ladder)
    transition = ladder.transition
    if transition is not None and transition.takes_back is not None:
        _take_back(now, key, ladder, transition.takes_back)
        return
    begins = transitions.begins(ladder, key, standing.tier, now.who, now.ruleset.zone)
    if begins is None or begins <= now.instant:
        _fit(now, key, ladder, standing)


def _fit(turn: Turn, key: str, ladder: Ladder, standing: Standing) -> None:
    facts = lazy_facts(Scene(turn, "tier.changed"))
    met = standard_met(turn.ruleset, key, facts)
    if met > standing.rank:
        standings.move(turn, key, ladder, met, "changed")
    elif not stays(turn.ruleset, key, standing.rank, facts) and _may_fall(turn, key, ladder, standing):
        standings.move(turn, key, ladder, highest_below(turn.ruleset, key, standing.rank, facts), "changed")


def _may_fall(turn: Turn, key: str, ladder: Ladder, standing: Standing) -> bool:
    """An end that was promised stays, and so does a protection."""
    return standing.ends_at is None and standings.safe_until(turn, key, ladder, standing) <= turn.instant


def _take_back(turn: Turn, key: str, ladder: Ladder, since: int) -> None:
    """Back to where the member stood before the first move by a version from `since` on; never below what is met."""
    own = [row for row in turn.book.of(StandingMove, turn.member_id) if row.ladder == key]
    last = max((_place(row) for row in own if row.reason == "restored"), default=(0, 0))
    moves = [row for row in own if row.reason in CHANGED and row.version >= since and _place(row) > last]
    if not moves:
        return
    first = min(moves, key=_place)
    former = ladder.rank(first.tier_from or "") or 0
    earned = max((_earned(ladder, row) for row in own if _place(row) > _place(first)), default=0)
    facts = lazy_facts(Scene(turn, "tier.changed"))
    rank = max(former, earned, standard_met(turn.ruleset, key, facts))
    if rank != standings.find(turn, key, ladder).rank:
        standings.move(turn, key, ladder, rank, "restored", reverses=first.id)
        if rank == former and first.former is not None:
            standings.restored(turn, key, first.former)


def _place(row: StandingMove) -> tuple[int, int]:
    return (row.position, row.id)


def _earned(ladder: Ladder, row: StandingMove) -> int:
    """The rank that a member reached by itself, or was given; 0 for any other move."""
    rank, before = ladder.rank(row.tier_to) or 0, ladder.rank(row.tier_from or "") or 0
    return rank if row.reason in EARNED and rank > before else 0
