"""How long lots live: the end they are given, what activity puts off, and what a policy makes of it.

A lot that dies of inactivity ends so long after it was earned, or after the last thing the member did of what
its wallet counts. An order that comes back wholly was nothing done. What a late event would have kept alive comes back.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from loyalty import facts, limits, lots, points, settling, terms
from loyalty.events import Arrival, OrderPaid
from loyalty.points import Why, free
from loyalty.turn import Turn
from models.events import Event
from models.orders import Order
from models.points import Lot, LotMove, Transfer, Wallet
from models.table import changed
from rules import calendar, ends
from rules.effects import ExpirePoints, MaturePoints, RedatePoints
from rules.ends import End
from rules.expiry import RESET_BY


def end_now(turn: Turn, wallet: str, earned_at: datetime) -> End:
    """The end that the wallet's rule gives now to points earned at an instant."""
    return ends.of(turn.programme.wallets[wallet].expires, earned_at, turn.ruleset.zone, lambda key: _tier(turn, key))


# Activity.


def felt(turn: Turn, arrival: Arrival) -> None:
    """Put off the end of what dies of inactivity: the member has done something."""
    if turn.member_id < 0 or (isinstance(arrival, OrderPaid) and arrival.total == 0):
        return
    for wallet in _kept_alive_by(turn, arrival.kind):
        _revive(turn, wallet)
        _put_off(turn, wallet)
        row = points.wallet_of(turn, wallet)
        if row.active_at is None or row.active_at < turn.instant:
            turn.book.put(changed(row, active_at=turn.instant))


def undone(turn: Turn, order: Order) -> None:
    """An order that came back wholly was nothing done: what it put off ends when it would have."""
    for wallet in _kept_alive_by(turn, OrderPaid.kind):
        row = turn.book.get(Wallet, turn.member_id, wallet)
        if row is None or row.active_at != order.occurred_at:
            continue
        before = _last_done(turn, wallet, order.occurred_at)
        if before == order.occurred_at:
            continue
        turn.book.put(changed(row, active_at=before))
        for lot in _open_idle(turn, wallet):
            if lot.idle and lot.expires_at == ends.put_off(lot.idle, order.occurred_at, turn.ruleset.zone):
                back = lots.put_off(turn, changed(lot, expires_at=lot.own_end))
                turn.book.put(changed(lot, expires_at=back))


def idle_days(turn: Turn, wallet: str) -> int:
    """How long, at most, a member may be inactive by the rule in force; nought where inactivity ends nothing."""
    declared = turn.programme.wallets.get(wallet)
    return ends.longest_idle(declared.expires) if declared else 0


def _kept_alive_by(turn: Turn, kind: str) -> Iterator[str]:
    """The wallets in which this kind of event counts as activity."""
    for wallet, declared in turn.programme.wallets.items():
        rule = ends.inactivity(declared.expires)
        if (rule is not None and kind in rule.reset_by) or (
            rule is None and kind in RESET_BY and _idle_of_old(turn, wallet)
        ):
            yield wallet


def _idle_of_old(turn: Turn, wallet: str) -> bool:
    """Whether something was earned under older rules, by which it lives on."""
    return wallet in terms.idle(turn.book.live) and any(_open_idle(turn, wallet))


def _open_idle(turn: Turn, wallet: str) -> Iterator[Lot]:
    own = turn.book.of(Lot, turn.member_id)
    return (lot for lot in own if lot.wallet == wallet and lot.idle is not None and lot.remaining > 0)


def _put_off(turn: Turn, wallet: str) -> None:
    for lot in _open_idle(turn, wallet):
        if lot.idle and lot.expires_at and turn.instant < lot.expires_at:  # What is held past its end is dead.
            end = max(lot.expires_at, ends.put_off(lot.idle, turn.instant, turn.ruleset.zone))
            turn.book.put(changed(lot, expires_at=end))


def _revive(turn: Turn, wallet: str) -> None:
    """What ended after the instant of a late event would not have: it comes back, if it would still be alive."""
    if not turn.late:
        return
    active_at = points.wallet_of(turn, wallet).active_at or turn.instant
    for lot in list(turn.book.of(Lot, turn.member_id)):
        if lot.wallet != wallet or not lot.idle or not lot.expires_at or not turn.instant < lot.expires_at <= turn.at:
            continue
        end = ends.put_off(lot.idle, turn.instant, turn.ruleset.zone)
        if turn.instant < active_at < end:
            end = ends.put_off(lot.idle, active_at, turn.ruleset.zone)
        if end > turn.at:
            _restore(turn, changed(lot, expires_at=end))


def _restore(turn: Turn, lot: Lot) -> None:
    back = min(_died(turn, lot), lot.expired - _answered_by_death(lot), points.room(turn, lot.wallet))
    turn.book.put(changed(lot, remaining=lot.remaining + back, expired=lot.expired - back))
    if back <= 0:
        return
    why = Why("restored", policy=lot.origin_policy, order_id=lot.order_id, lot_id=lot.id)
    account = "available" if lot.matured else "pending"
    entry = points.transfer(turn, lot.wallet, "expired", account, back, why)
    points.move(turn, entry, turn.book.need(Lot, turn.member_id, lot.id), remaining=back)
    if lot.matured:
        points.became_available(turn, lot.wallet)


def _answered_by_death(lot: Lot) -> int:
    """What goods that came back had brought and had expired by then: it does not come back."""
    taken = lot.amount - lot.remaining - lot.spent - lot.expired
    return lot.reversed - lot.claimed - taken


def _died(turn: Turn, lot: Lot) -> int:
    """How much of a lot time has ended, and not a policy."""
    by_time = {
        entry.id
        for entry in turn.book.of(Transfer, turn.member_id)
        if entry.lot_id == lot.id and entry.reason in ("expired", "restored")
    }
    moves = turn.book.of(LotMove, turn.member_id)
    return -sum(row.remaining for row in moves if row.lot_id == lot.id and row.transfer_id in by_time)


def _last_done(turn: Turn, wallet: str, until: datetime) -> datetime | None:
    """The last thing the member did up to an instant that still stands; older than any life it is of no account."""
    rule = ends.inactivity(turn.programme.wallets[wallet].expires)
    kinds = rule.reset_by if rule else RESET_BY
    done = [
        row.instant
        for row in turn.book.of(Event, turn.member_id)
        if row.kind in kinds and row.kind != OrderPaid.kind and row.state == "accepted"
    ]
    if OrderPaid.kind in kinds:
        orders = turn.book.of(Order, turn.member_id)
        done += [row.occurred_at for row in orders if row.total > 0 and not limits.all_back(row)]
    since = until - timedelta(days=idle_days(turn, wallet))
    return max((at for at in done if since <= at <= until), default=None)


def _tier(turn: Turn, ladder: str | None) -> str:
    return facts.tier(turn, ladder or turn.programme.ladder or "")


# What a policy makes of it.


def expire(turn: Turn, effect: ExpirePoints) -> bool:
    """End what is free, soonest to end first, but for what is kept."""
    lots.must_be_whole(turn, effect.wallet)
    found = [lot for lot in turn.book.of(Lot, turn.member_id) if lot.wallet == effect.wallet and free(lot) > 0]
    found.sort(key=lambda lot: (lot.expires_at or calendar.FOREVER, lot.earned_at, lot.id))
    gone = max(0, sum(free(lot) for lot in found) - effect.keep)
    parts = []
    for lot in found:
        part = min(free(lot), gone)
        parts += [(lot, part)] if part else []
        gone -= part
    for account, matured in (("available", True), ("pending", False)):
        _clear(turn, effect, [(lot, part) for lot, part in parts if lot.matured is matured], account)
    return bool(parts)


def redate(turn: Turn, effect: RedatePoints) -> bool:
    """Give each open lot the end that its wallet's rule gives it now."""
    lots.must_be_whole(turn, effect.wallet)
    found = [lot for lot in turn.book.of(Lot, turn.member_id) if lot.wallet == effect.wallet and lot.remaining > 0]
    for lot in found:
        end = end_now(turn, effect.wallet, lot.earned_at)
        own_end = end.expires_at if end.idle else None
        resting = lots.rests(turn, effect.wallet, end.expires_at, matured=lot.matured)
        dated = changed(lot, idle=end.idle, own_end=own_end, expires_at=end.expires_at, resting=resting)
        turn.book.put(changed(dated, expires_at=lots.put_off(turn, dated)))
    return bool(found)


def mature(turn: Turn, effect: MaturePoints) -> bool:
    """What waited for an event waits no more."""
    found = [
        lot
        for lot in turn.book.of(Lot, turn.member_id)
        if lot.wallet == effect.wallet and not lot.matured and lot.available_at is None and lot.remaining > 0
    ]
    for lot in found:
        settling.mature(turn, changed(lot, available_at=turn.instant))
    return bool(found)


def _clear(turn: Turn, effect: ExpirePoints, parts: list[tuple[Lot, int]], account: str) -> None:
    """One entry for all of them, or a few where one would be too large."""
    while parts:
        some, total = [], 0
        while parts and total + parts[0][1] <= points.ENTRY_MAX:
            some.append(parts.pop(0))
            total += some[-1][1]
        entry = points.transfer(turn, effect.wallet, account, "expired", total, Why("cleared", policy=effect.policy))
        for lot, part in some:
            ended = changed(lot, remaining=lot.remaining - part, expired=lot.expired + part)
            points.move(turn, entry, turn.book.put(ended), remaining=-part)
