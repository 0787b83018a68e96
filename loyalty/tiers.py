"""Standings on the book: up when a standard is met, down at reviews and ends, back when a return undoes the reason."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from loyalty import benefits, limits, standings
from loyalty.facts import Facts, Scene, lazy_facts
from loyalty.standings import Change, Promise, Rise, promised, promises, put, rises_of, with_rises
from loyalty.turn import Turn
from models.benefits import Entitlement
from models.orders import Order
from models.table import changed
from models.tiers import Standing, StandingMove
from rules import calendar
from rules.ladders import fallen, may_demote, standard_met, stays
from rules.tiers import Delayed, Ladder

__all__ = ["Change", "begin", "evaluate", "fall_due", "refit", "review", "revoke_gifts", "take_back", "wanting"]


def begin(turn: Turn) -> None:
    """Everybody starts on the lowest level of every ladder."""
    for key, ladder in turn.ruleset.ladders.items():
        if turn.book.get(Standing, turn.member_id, key) is None:
            standings.move(turn, key, ladder, 0, "enrolled")


def wanting(turn: Turn) -> frozenset[str]:
    """The ladders on which a standing that ends is not kept by now: what keeps it again renews it."""
    now, found = replace(turn, instant=turn.at, late=False), []
    for key, ladder in now.ruleset.ladders.items():
        standing = now.book.get(Standing, now.member_id, key)
        rank = ladder.rank(standing.tier) if standing else None
        if rank and standing is not None and standing.ends_at is not None:
            found += [] if stays(now.ruleset, key, rank, _facts(now)) else [key]
    return frozenset(found)


def evaluate(turn: Turn, among: Collection[str] | None = None) -> list[Change]:
    """Raise the member wherever a higher standard is met now, or let it wait; renew what is kept again. `among` names
    the ladders to look at, where not all of them.
    """
    changes = refit(turn)
    for key, ladder in turn.ruleset.ladders.items():
        if among is not None and key not in among:
            continue
        standing = standings.find(turn, key, ladder)
        rank = standard_met(turn.ruleset, key, _facts(turn))
        if rank > standing.rank:
            changes += _rise(turn, key, ladder, standing, rank)
        _renew(turn, key, ladder)
    return changes


def refit(turn: Turn) -> list[Change]:
    """Fit standings to the ladders in force: where the level a member stood on is no more, the highest that is met
    takes its place; where levels end or are reviewed by now, so does the standing.

    A level of the same rank is no news: nothing follows from it.
    """
    changes = []
    for key, ladder in turn.ruleset.ladders.items():
        standing = turn.book.get(Standing, turn.member_id, key)
        if standing is None:
            continue
        if ladder.rank(standing.tier) is None:
            rank = max(standard_met(turn.ruleset, key, _facts(turn)), _held(turn, key, ladder, standing))
            change = standings.move(turn, key, ladder, rank, "lapsed")
            changes += [change] if rank != standing.rank else []
        _refit_terms(turn, key, ladder)
    return changes


def _held(turn: Turn, key: str, ladder: Ladder, standing: Standing) -> int:
    """While a change of the ladder lets nobody fall, a level that is no more gives way to the one at its height."""
    if standings.safe_until(turn, key, ladder, standing) <= turn.at:
        return 0
    return min(standing.rank, len(ladder.levels) - 1)


def review(turn: Turn, key: str) -> list[Change]:
    """Look at one ladder again: up to what is met, or down as far as the ladder's demotion goes."""
    ladder = turn.ruleset.ladders.get(key)
    if ladder is None:
        return []
    standing = standings.find(turn, key, ladder)
    if standing.since > turn.instant:  # Something newer has been decided; a late review does not reopen it.
        return []
    own = ladder.rank(standing.tier) is not None and ladder.own_review_of(standing.rank) is not None
    if own or standing.reviewed_at == turn.instant:  # It has a review of its own, or has just ended.
        return []
    return _look_again(turn, key, ladder, ended=False)


def fall_due(turn: Turn, standing: Standing, due: datetime) -> None:
    """What time does to a standing at an instant: a rise that has waited, an end, a review of the member's own."""
    key, ladder = standing.ladder, turn.ruleset.ladders.get(standing.ladder)
    if ladder is None:  # The ladder is no more: nothing on it falls due.
        put(turn, promised(changed(standing, review_at=None, rises=None), "ends", []))
        return
    if ladder.rank(standing.tier) is None:
        turn.moved += refit(turn)
        return
    standing = standings.find(turn, key, ladder)
    ripe = [one for one in rises_of(standing) if one.at <= due]
    if ripe:
        turn.moved += _risen(turn, key, ladder, ripe)
    standing = standings.find(turn, key, ladder)
    end = standings.end_due(standing)
    ended, own = end is not None and end <= due, standing.review_at is not None and standing.review_at <= due
    if not ended and not own:
        return
    if ended and ladder.status_of(standing.rank) is None and not own:
        put(turn, promised(standing, "ends", []))  # By now the level has no end.
        return
    turn.moved += _look_again(turn, key, ladder, ended=ended)
    standing = standings.find(turn, key, ladder)
    if standing.review_at is not None and standing.review_at <= turn.at:
        put(turn, changed(standing, review_at=standings.review_from(turn, ladder, standing.rank, standing.since)))


def take_back(turn: Turn, order: Order) -> list[Change]:
    """Undo at once what this order brought on ladders, if the standard is not met without it: an upgrade, if nothing
    came since; a rise that waits; an end that it put off.
    """
    changes = []
    for key, ladder in turn.ruleset.ladders.items():
        standing = turn.book.get(Standing, turn.member_id, key)
        if standing is None or ladder.rank(standing.tier) is None:
            continue
        _drop_unmet(turn, key, ladder, order)
        rise = _rise_of(turn, key, order)
        if rise is None:
            continue
        standing = standings.find(turn, key, ladder)
        rank = max(standard_met(turn.ruleset, key, _facts(turn)), ladder.rank(rise.tier_from or "") or 0)
        if rank < standing.rank:
            changes.append(standings.move(turn, key, ladder, rank, "reversed", reverses=rise.id))
            if ladder.levels[rank].key == rise.tier_from and rise.former is not None:
                standings.restored(turn, key, rise.former)
                _drop_unmet(turn, key, ladder, order)
    if changes and not any(_stands(turn, key, order) for key in turn.ruleset.ladders):
        _revoke_pack(turn, order)
    return changes


def revoke_gifts(turn: Turn, order: Order) -> None:
    """What the order brought and is still unused goes with it."""
    for row in turn.book.of(Entitlement, turn.member_id):
        if row.order_id == order.id and not row.points:
            benefits.revoke(turn, row, "returned")


# Up.


def _rise(turn: Turn, key: str, ladder: Ladder, standing: Standing, rank: int) -> list[Change]:
    """A higher standard is met: the level at once, or after its time."""
    if ladder.upgrade == "at_once":
        return [standings.move(turn, key, ladder, rank, "reached")]
    if isinstance(ladder.upgrade, Delayed):
        waiting = rises_of(standing)
        if all((ladder.rank(one.tier) or 0) < rank for one in waiting):
            at = calendar.later(turn.at, ladder.upgrade.after, turn.ruleset.zone)
            put(turn, with_rises(standing, [*waiting, Rise(ladder.levels[rank].key, turn.at, at)]))
    return []


def _risen(turn: Turn, key: str, ladder: Ladder, ripe: Iterable[Rise]) -> list[Change]:
    """Rises that have waited their time: to the highest of those whose standard is still met."""
    standing, ripe = standings.find(turn, key, ladder), list(ripe)
    put(turn, with_rises(standing, [one for one in rises_of(standing) if one not in ripe]))
    ranks = [rank for one in ripe if (rank := _still_met(turn, key, ladder, one)) > standing.rank]
    return [standings.move(turn, key, ladder, max(ranks), "reached")] if ranks else []


def _still_met(turn: Turn, key: str, ladder: Ladder, rise: Rise) -> int:
    """The rank of a rise whose standard is met now, or was with what has not come back since; else 0."""
    rank = ladder.rank(rise.tier) or 0
    for instant in (turn.instant, rise.since):
        then = replace(turn, instant=instant, late=False)
        if rank and standard_met(turn.ruleset, key, _facts(then)) >= rank:
            return rank
    return 0


def _renew(turn: Turn, key: str, ladder: Ladder) -> None:
    """A level that is kept again, and was not before this event, lasts as if it were reached now."""
    standing = standings.find(turn, key, ladder)
    until = standings.end_from_now(turn, ladder, standing.rank) if key in turn.wanting else None
    if until is None or standing.ends_at is None or until <= standing.ends_at:
        return
    if stays(turn.ruleset, key, standing.rank, _facts(turn)):
        put(turn, promised(standing, "ends", [*promises(standing, "ends"), Promise(until, turn.at)]))


# Again, and down.


def _look_again(turn: Turn, key: str, ladder: Ladder, *, ended: bool) -> list[Change]:
    """A review, or the end of a standing: higher, kept, or as far down as may be; and what came of it is told."""
    standing = put(turn, changed(standings.find(turn, key, ladder), reviewed_at=turn.instant))
    facts = _facts(turn, closing=calendar.is_day_start(turn.instant, turn.ruleset.zone))
    met = standard_met(turn.ruleset, key, facts)
    changes: list[Change] = []
    if met > standing.rank:
        changes = _lifted(turn, key, ladder, standing, met)
    elif not stays(turn.ruleset, key, standing.rank, facts) and (ended or standing.ends_at is None):
        return _fallen(turn, key, ladder, facts, ended=ended)
    if ended and not changes:
        _last(turn, key, ladder)
    to = changes[0].tier_to if changes else standing.tier
    return [*changes, Change(key, standing.tier, to, up=bool(changes), kind="tier.reviewed")]


def _lifted(turn: Turn, key: str, ladder: Ladder, standing: Standing, rank: int) -> list[Change]:
    if ladder.upgrade == "at_reviews":
        return [standings.move(turn, key, ladder, rank, "reached")]
    return _rise(turn, key, ladder, standing, rank)


def _fallen(turn: Turn, key: str, ladder: Ladder, facts: Facts, *, ended: bool) -> list[Change]:
    """Down, if that may be; who may not fall at an end stays: for another term, or until it may be."""
    standing = standings.find(turn, key, ladder)
    free = standings.free_from(turn, key, ladder, standing)
    down = standing.rank
    if free <= turn.instant and may_demote(turn.ruleset, key, facts):
        down = max(fallen(turn.ruleset, key, standing.rank, facts), _kept(turn, key, ladder))
    if down < standing.rank:
        change = standings.move(turn, key, ladder, down, "ended" if ended else "review", closing=True)
        return [change, replace(change, kind="tier.reviewed")]
    if ended and free > turn.instant:
        put(turn, promised(standing, "ends", [Promise(max(free, turn.at))]))
    elif ended:
        _last(turn, key, ladder)
    return [Change(key, standing.tier, standing.tier, up=False, kind="tier.reviewed")]


def _last(turn: Turn, key: str, ladder: Ladder) -> None:
    """A standing that has ended and stays begins another term."""
    standing = standings.find(turn, key, ladder)
    end = standings.end_from_now(turn, ladder, standing.rank, closing=True)
    put(turn, promised(standing, "ends", [Promise(end)] if end else []))


def _kept(turn: Turn, key: str, ladder: Ladder) -> int:
    """What a late review leaves alone: the level that is met by now, with what came after the review's instant."""
    if not turn.late:
        return 0
    now = replace(turn, instant=turn.at, late=False)
    there = now.ruleset.ladders.get(key)
    return ladder.rank(there.levels[standard_met(now.ruleset, key, _facts(now))].key) or 0 if there else 0


# Back.


def _drop_unmet(turn: Turn, key: str, ladder: Ladder, order: Order) -> None:
    """After a return: rises that wait, and ends put off, stand only where their standard does without it."""
    standing = standings.find(turn, key, ladder)
    waiting = rises_of(standing)
    met = [one for one in waiting if _still_met(turn, key, ladder, one)]
    ends, protects = promises(standing, "ends"), promises(standing, "protects")
    gone = order.id if limits.all_back(order) else None
    kept = [one for one in ends if _hangs_well(turn, key, standing.rank, one, gone)]
    held = [one for one in protects if one.order is None or one.order != gone]
    if (met, kept, held) != (waiting, ends, protects):
        put(turn, promised(promised(with_rises(standing, met), "ends", kept), "protects", held))


def _hangs_well(turn: Turn, key: str, rank: int, promise: Promise, gone: int | None) -> bool:
    """Whether what a promise hangs on is still there: an order that has not gone, a standard that was kept then."""
    if promise.order is not None and promise.order == gone:
        return False
    if promise.since is None:
        return True
    return stays(turn.ruleset, key, rank, _facts(replace(turn, instant=promise.since, late=False)))


def _rise_of(turn: Turn, key: str, order: Order) -> StandingMove | None:
    """Where the order began to lift the member, if its own returns are all that was decided since."""
    standing = turn.book.get(Standing, turn.member_id, key)
    last = turn.book.get(StandingMove, turn.member_id, standing.move_id) if standing else None
    if last is None or last.order_id != order.id or last.reason not in ("reached", "policy", "reversed"):
        return None
    rises = [row for row in turn.book.of(StandingMove, turn.member_id) if row.ladder == key and _by(row, order)]
    return min(rises, key=lambda row: (row.position, row.id), default=None)


def _stands(turn: Turn, key: str, order: Order) -> bool:
    standing = turn.book.get(Standing, turn.member_id, key)
    last = turn.book.get(StandingMove, turn.member_id, standing.move_id) if standing else None
    return last is not None and _by(last, order)


def _by(move: StandingMove, order: Order) -> bool:
    """Whether an order led to a move: by what it counts for, or, until all of it is back, by a policy."""
    led = move.reason == "reached" or (move.reason == "policy" and limits.all_back(order))
    return move.order_id == order.id and led


def _revoke_pack(turn: Turn, order: Order) -> None:
    """What the upgrade itself had brought, as far as it is unused."""
    for row in turn.book.of(Entitlement, turn.member_id):
        policy = turn.ruleset.policies.get(row.policy or "")
        if row.order_id == order.id and policy is not None and "tier.changed" in policy.on:
            benefits.revoke(turn, row, "returned")


# Ladders that changed.


def _refit_terms(turn: Turn, key: str, ladder: Ladder) -> None:
    """The ends and reviews that the ladder says by now: what was promised stays, what is no more is dropped."""
    standing = standings.find(turn, key, ladder)
    fitted, status = standing, ladder.status_of(standing.rank)
    if status is None and standing.ends_at is not None:
        fitted = promised(fitted, "ends", [])
    elif status is not None and standing.ends_at is None:
        end = standings.end_counted(turn, ladder, standing)
        fitted = promised(fitted, "ends", [Promise(end)] if end else [])
    own = ladder.own_review_of(standing.rank)
    if (own is None) is not (standing.review_at is None):
        fitted = changed(fitted, review_at=standings.review_from(turn, ladder, standing.rank, standing.since))
    waiting = rises_of(standing) if isinstance(ladder.upgrade, Delayed) else []
    fitted = with_rises(fitted, [one for one in waiting if ladder.rank(one.tier) is not None])
    if fitted != standing:
        put(turn, fitted)


def _facts(turn: Turn, *, closing: bool = False) -> Facts:
    return lazy_facts(Scene(turn, "tier.changed", closing=closing))
