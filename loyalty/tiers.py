"""Standings on the book: up at once when a standard is met, down at reviews, back when a return undoes the reason."""

from dataclasses import dataclass, replace

from loyalty import benefits
from loyalty.facts import Scene, lazy_facts
from loyalty.turn import Turn
from models.benefits import Entitlement
from models.orders import Order
from models.table import changed
from models.tiers import Standing, StandingMove
from rules.ladders import may_demote, standard_met
from rules.policy import Ladder


@dataclass(frozen=True, slots=True)
class Change:
    """A move from tier to tier, for the policies that listen to it."""

    ladder: str
    tier_from: str
    tier_to: str
    up: bool


def begin(turn: Turn) -> None:
    """Everybody starts on the lowest level of every ladder."""
    for key, ladder in turn.ruleset.ladders.items():
        if turn.book.get(Standing, turn.member_id, key) is None:
            _move(turn, key, ladder, 0, "enrolled")


def evaluate(turn: Turn) -> list[Change]:
    """Raise the member wherever a higher standard is met now."""
    changes = refit(turn)
    for key, ladder in turn.ruleset.ladders.items():
        standing = _standing(turn, key, ladder)
        rank = _met(turn, key)
        if rank > standing.rank:
            changes.append(_move(turn, key, ladder, rank, "reached"))
    return changes


def refit(turn: Turn) -> list[Change]:
    """Where the level a member stood on is no more, the highest that is met takes its place.

    One of the same rank is no news: nothing follows from it.
    """
    changes = []
    for key, ladder in turn.ruleset.ladders.items():
        standing = turn.book.get(Standing, turn.member_id, key)
        if standing is not None and ladder.rank(standing.tier) is None:
            rank = _met(turn, key)
            change = _move(turn, key, ladder, rank, "lapsed")
            changes += [change] if rank != standing.rank else []
    return changes


def review(turn: Turn, key: str) -> list[Change]:
    """Look at one ladder again: up to what is met, or down as far as the ladder's demotion goes."""
    ladder = turn.ruleset.ladders.get(key)
    if ladder is None:
        return []
    standing = _standing(turn, key, ladder)
    if standing.since > turn.instant:  # Something newer has been decided; a late review does not reopen it.
        return []
    turn.book.put(changed(standing, reviewed_at=turn.instant))
    rank = _met(turn, key)
    if rank > standing.rank:
        return [_move(turn, key, ladder, rank, "reached")]
    if rank < standing.rank and may_demote(turn.ruleset, key, lazy_facts(Scene(turn, "tier.changed"))):
        to_met = ladder.demotion is not None and ladder.demotion.to == "met"
        down = max(rank if to_met else standing.rank - 1, _kept(turn, key, ladder))
        return [_move(turn, key, ladder, down, "review")] if down < standing.rank else []
    return []


def _kept(turn: Turn, key: str, ladder: Ladder) -> int:
    """What a late review leaves alone: the level that is met by now, with what came after the review's instant."""
    if not turn.late:
        return 0
    now = replace(turn, instant=turn.at, late=False)
    there = now.ruleset.ladders.get(key)
    return ladder.rank(there.levels[_met(now, key)].key) or 0 if there else 0


def _met(turn: Turn, key: str) -> int:
    return standard_met(turn.ruleset, key, lazy_facts(Scene(turn, "tier.changed")))


def take_back(turn: Turn, order: Order) -> list[Change]:
    """Undo at once an upgrade that this order caused, if its standard is not met without it and nothing came since."""
    changes = []
    for key, ladder in turn.ruleset.ladders.items():
        rise = _rise(turn, key, order)
        if rise is None:
            continue
        standing = _standing(turn, key, ladder)
        rank = max(_met(turn, key), ladder.rank(rise.tier_from or "") or 0)
        if rank < standing.rank:
            changes.append(_move(turn, key, ladder, rank, "reversed", reverses=rise.id))
    if changes and not any(_stands(turn, key, order) for key in turn.ruleset.ladders):
        _revoke_pack(turn, order)
    return changes


def _rise(turn: Turn, key: str, order: Order) -> StandingMove | None:
    """Where the order began to lift the member, if its own returns are all that was decided since."""
    standing = turn.book.get(Standing, turn.member_id, key)
    last = turn.book.get(StandingMove, turn.member_id, standing.move_id) if standing else None
    if last is None or last.order_id != order.id or last.reason not in ("reached", "reversed"):
        return None
    rises = [row for row in turn.book.of(StandingMove, turn.member_id) if row.ladder == key and _by(row, order)]
    return min(rises, key=lambda row: (row.position, row.id), default=None)


def _stands(turn: Turn, key: str, order: Order) -> bool:
    standing = turn.book.get(Standing, turn.member_id, key)
    last = turn.book.get(StandingMove, turn.member_id, standing.move_id) if standing else None
    return last is not None and _by(last, order)


def _by(move: StandingMove, order: Order) -> bool:
    return move.order_id == order.id and move.reason == "reached"


def _revoke_pack(turn: Turn, order: Order) -> None:
    """What the upgrade itself had brought, as far as it is unused."""
    for row in turn.book.of(Entitlement, turn.member_id):
        policy = turn.ruleset.policies.get(row.policy or "")
        if row.order_id == order.id and policy is not None and "tier.changed" in policy.on:
            benefits.revoke(turn, row, "returned")


def revoke_gifts(turn: Turn, order: Order) -> None:
    """What the order brought and is still unused goes with it."""
    for row in turn.book.of(Entitlement, turn.member_id):
        if row.order_id == order.id and not row.points:
            benefits.revoke(turn, row, "returned")


def _standing(turn: Turn, key: str, ladder: Ladder) -> Standing:
    """Where the member stands on the ladder in force: levels that come or go shift ranks, and move nobody."""
    found = turn.book.get(Standing, turn.member_id, key)
    if found is None:  # The ladder is younger than the member.
        _move(turn, key, ladder, 0, "enrolled")
        return turn.book.need(Standing, turn.member_id, key)
    rank = ladder.rank(found.tier)
    return found if rank in (None, found.rank) else turn.book.put(changed(found, rank=rank))


def _move(turn: Turn, key: str, ladder: Ladder, rank: int, reason: str, *, reverses: int | None = None) -> Change:
    before = turn.book.get(Standing, turn.member_id, key)
    level = ladder.levels[rank]
    step = turn.book.put(
        StandingMove(
            programme_id=turn.book.programme_id,
            member_id=turn.member_id,
            id=turn.book.new_id(StandingMove),
            event_id=turn.event_id,
            position=turn.position,
            ladder=key,
            tier_from=before.tier if before else None,
            tier_to=level.key,
            at=turn.at,
            reason=reason,
            version=turn.version,
            order_id=turn.order_id,
            reverses=reverses,
        )
    )
    turn.book.put(
        Standing(
            programme_id=turn.book.programme_id,
            member_id=turn.member_id,
            id=before.id if before else turn.book.new_id(Standing),
            ladder=key,
            tier=level.key,
            rank=rank,
            since=turn.at,
            move_id=step.id,
            reviewed_at=before.reviewed_at if before else None,
        )
    )
    change = Change(key, before.tier if before else level.key, level.key, up=before is not None and rank > before.rank)
    if before is not None:
        turn.note("tiers", {"ladder": key, "from": change.tier_from, "to": change.tier_to})
    return change
