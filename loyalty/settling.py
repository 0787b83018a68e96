"""What time does to points: holds lapse, lots mature, debts are paid, lots expire, each at the instant it fell due.

At one instant the order is lapse, mature, pay, expire; what policies make of it follows before the next instant. So the
books are the same whether the clock settles them or the next event does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import Any, Final

from loyalty import benefits, holds, points
from loyalty.points import Why, free
from loyalty.turn import Turn
from models.benefits import Entitlement
from models.points import Hold, Lot, Wallet
from models.table import changed

Follow = Callable[[Turn], None]


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that time does to rows of a kind: to each at its own instant, if at all."""

    kind: type[Any]
    at: Callable[[Any], datetime | None]


LAPSES: Final = Due(Hold, lambda hold: hold.lapses_at if hold.state == "held" else None)
MATURES: Final = Due(Lot, lambda lot: lot.available_at if free(lot) and not lot.matured else None)
EXPIRES: Final = Due(Lot, lambda lot: lot.expires_at if free(lot) else None)
ENDS: Final = Due(Entitlement, benefits.end_of)
DUES: Final = (LAPSES, MATURES, EXPIRES, ENDS)


class Agenda:
    """What falls due for a member and when: read in one pass, then kept by looking only at the rows that change."""

    def __init__(self, turn: Turn) -> None:
        self._book, self._holder = turn.book, turn.member_id
        self._mark = turn.book.mark()
        self._heaps: dict[Due, list[tuple[datetime, int]]] = {}
        for due in DUES:
            rows = turn.book.of(due.kind, turn.member_id)
            self._heaps[due] = [(at, row.id) for row in rows if (at := due.at(row)) is not None]
            heapify(self._heaps[due])

    def next(self) -> datetime | None:
        """The first instant at which something falls due."""
        self._look_again()
        return min((heap[0][0] for due, heap in self._heaps.items() if self._is_due(due, heap)), default=None)

    def take(self, due: Due, until: datetime) -> list[Any]:
        """What falls due in one way up to an instant, in order of key; it is off the agenda unless it changes."""
        self._look_again()
        heap, ids = self._heaps[due], set()
        while self._is_due(due, heap) and heap[0][0] <= until:
            ids.add(heappop(heap)[1])
        return [self._book.need(due.kind, self._holder, key) for key in sorted(ids)]

    def _is_due(self, due: Due, heap: list[tuple[datetime, int]]) -> bool:
        """Whether anything is left; rows that changed leave what is no more on top of the heap."""
        while heap:
            row = self._book.get(due.kind, self._holder, heap[0][1])
            if row is not None and due.at(row) == heap[0][0]:
                return True
            heappop(heap)
        return False

    def _look_again(self) -> None:
        for kind, holder, key in self._book.put_since(self._mark):
            for due in DUES:
                if due.kind is kind and holder == self._holder:
                    at = due.at(self._book.need(kind, holder, key))
                    if at is not None:
                        heappush(self._heaps[due], (at, key))
        self._mark = self._book.mark()


def settle(turn: Turn, until: datetime, follow: Follow) -> None:
    """Post everything that fell due up to and at `until`, in order of time."""
    agenda = Agenda(turn)
    while (due := agenda.next()) is not None and due <= until:
        then = turn.as_of(due)
        _settle_instant(then, agenda, due)
        follow(then)


def refresh_due(turn: Turn) -> None:
    """Bring each wallet's `due_at` up to date: the clock's worklist is the index on it."""
    first: dict[str, datetime] = {}
    for due in (LAPSES, MATURES, EXPIRES):
        for row in turn.book.of(due.kind, turn.member_id):
            at = due.at(row)
            if at is not None and (row.wallet not in first or at < first[row.wallet]):
                first[row.wallet] = at
    for wallet in turn.book.of(Wallet, turn.member_id):
        if first.get(wallet.wallet) != wallet.due_at:
            turn.book.put(changed(wallet, due_at=first.get(wallet.wallet)))


def _settle_instant(turn: Turn, agenda: Agenda, due: datetime) -> None:
    for row in agenda.take(LAPSES, due):
        holds.release(turn, row, state="lapsed")
    for lot in agenda.take(MATURES, due):
        _mature(turn, lot)
    for lot in agenda.take(EXPIRES, due):
        _expire(turn, lot)
    for row in agenda.take(ENDS, due):
        benefits.expire(turn, row)


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
