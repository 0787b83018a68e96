"""What time does to points: holds lapse, lots mature, debts are paid, lots expire, each at the instant it fell due.

At one instant the order is lapse, mature, pay, expire; what policies make of it follows before the next instant. So the
books are the same whether the clock settles them or the next event does.
"""

from collections.abc import Callable
from datetime import datetime

from loyalty import benefits, holds, points
from loyalty.points import Why, free
from loyalty.turn import Turn
from models.points import Hold, Lot, Wallet
from models.table import changed

Follow = Callable[[Turn], None]


def settle(turn: Turn, until: datetime, follow: Follow) -> None:
    """Post everything that fell due up to and at `until`, in order of time."""
    while (due := next_due(turn)) is not None and due <= until:
        then = turn.as_of(due)
        _settle_instant(then, due)
        follow(then)


def next_due(turn: Turn, wallet: str | None = None) -> datetime | None:
    """The first instant at which something of this member's, or of one wallet of it, matures, expires or lapses."""
    dues = [due for lot in turn.book.of(Lot, turn.member_id) if wallet in (None, lot.wallet) for due in _dues(lot)]
    dues += [row.lapses_at for row in open_holds(turn) if wallet in (None, row.wallet)]
    if wallet is None and (end := benefits.next_end(turn)) is not None:
        dues.append(end)
    return min(dues, default=None)


def open_holds(turn: Turn) -> list[Hold]:
    """Holds that are neither captured nor released."""
    return [row for row in turn.book.of(Hold, turn.member_id) if row.state == "held"]


def refresh_due(turn: Turn) -> None:
    """Bring each wallet's `due_at` up to date: the clock's worklist is the index on it."""
    for wallet in turn.book.of(Wallet, turn.member_id):
        due = next_due(turn, wallet.wallet)
        if due != wallet.due_at:
            turn.book.put(changed(wallet, due_at=due))


def _dues(lot: Lot) -> list[datetime]:
    if not free(lot):
        return []
    maturity = None if lot.matured else lot.available_at
    return [due for due in (maturity, lot.expires_at) if due is not None]


def _settle_instant(turn: Turn, due: datetime) -> None:
    for row in open_holds(turn):
        if row.lapses_at <= due:
            holds.release(turn, row, state="lapsed")
    for lot in turn.book.of(Lot, turn.member_id):
        if free(lot) and not lot.matured and lot.available_at is not None and lot.available_at <= due:
            _mature(turn, lot)
    for lot in turn.book.of(Lot, turn.member_id):
        if free(lot) and lot.expires_at is not None and lot.expires_at <= due:
            _expire(turn, lot)
    benefits.expire(turn, due)


def _mature(turn: Turn, lot: Lot) -> None:
    turn.book.put(changed(lot, matured=True))
    why = Why("matured", policy=lot.origin_policy, order_id=lot.order_id, lot_id=lot.id)
    points.transfer(turn, lot.wallet, "pending", "available", lot.remaining, why)
    points.became_available(turn, lot.wallet)


def _expire(turn: Turn, lot: Lot) -> None:
    gone = free(lot)
    lot = turn.book.put(changed(lot, remaining=lot.remaining - gone, expired=lot.expired + gone))
    why = Why("expired", policy=lot.origin_policy, order_id=lot.order_id, lot_id=lot.id)
    account = "available" if lot.matured else "pending"
    points.move(turn, points.transfer(turn, lot.wallet, account, "expired", gone, why), lot, remaining=-gone)
