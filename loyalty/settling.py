"""What time does: holds lapse, lots mature, debts are paid, lots expire, standings rise, end and are reviewed.

Each at the instant it fell due, at one instant in this order; what policies make of it follows before the next instant.
So the books are the same whether the clock settles them or the next event does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush
from typing import Any, Final

from loyalty import benefits, holds, lots, points, tiers
from loyalty.book import SHAPES, Book, Key
from loyalty.points import Why, free
from loyalty.turn import Turn
from models.benefits import Entitlement
from models.points import Hold, Lot, Wallet
from models.table import changed
from models.tiers import Standing

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
STANDS: Final = Due(Standing, lambda standing: standing.due_at)
DUES: Final = (LAPSES, MATURES, EXPIRES, ENDS, STANDS)
OF_WALLET: Final = (LAPSES, MATURES, EXPIRES)
OF_KIND: Final = {kind: tuple(due for due in DUES if due.kind is kind) for kind in {due.kind for due in DUES}}


class Agenda:
    """What falls due for a member and when: read in one pass, then kept by looking only at the rows that change.

    It is kept beside the book from event to event, and begun anew after an undo. What falls due is parted by wallet.
    """

    def __init__(self, book: Book, holder: int) -> None:
        self._book, self._holder = book, holder
        self._mark, self.undone = book.mark(), book.undone
        self._heaps: dict[tuple[Due, str], list[tuple[datetime, Key]]] = {}
        self._taken: list[tuple[Due, Key]] = []
        for due in DUES:
            key = SHAPES[due.kind].key
            for row in book.of(due.kind, holder):
                self._note(due, row, key(row))

    @classmethod
    def of(cls, book: Book, holder: int) -> "Agenda":
        """The member's agenda as it stands."""
        found = book.agendas.get(holder)
        if not isinstance(found, cls) or found.undone != book.undone:
            found = book.agendas[holder] = cls(book, holder)
        return found

    def next(self) -> datetime | None:
        """The first instant at which something falls due."""
        self._look_again()
        return min((heap[0][0] for (due, _), heap in self._heaps.items() if self._is_due(due, heap)), default=None)

    def first(self, wallet: str) -> datetime | None:
        """The first instant at which something of a wallet falls due."""
        self._look_again()
        heaps = ((due, self._heaps.get((due, wallet), [])) for due in OF_WALLET)
        return min((heap[0][0] for due, heap in heaps if self._is_due(due, heap)), default=None)

    def take(self, due: Due, until: datetime) -> list[Any]:
        """What falls due in one way up to an instant, in order of key; it is off the agenda unless it changes."""
        self._look_again()
        ids = set()
        for (of, _), heap in self._heaps.items():
            while of is due and self._is_due(due, heap) and heap[0][0] <= until:
                ids.add(heappop(heap)[1])
        self._taken += [(due, key) for key in ids]
        return [self._book.need(due.kind, self._holder, key) for key in sorted(ids)]

    def begin(self) -> None:
        """What was taken and did not change is due again."""
        taken, self._taken = self._taken, []
        for due, key in taken:
            self._note(due, self._book.need(due.kind, self._holder, key), key)

    def _note(self, due: Due, row: Any, key: Key) -> None:
        at = due.at(row)
        if at is not None:
            heappush(self._heaps.setdefault((due, getattr(row, "wallet", "")), []), (at, key))

    def _is_due(self, due: Due, heap: list[tuple[datetime, Key]]) -> bool:
        """Whether anything is left; rows that changed leave what is no more on top of the heap."""
        while heap:
            row = self._book.get(due.kind, self._holder, heap[0][1])
            if row is not None and due.at(row) == heap[0][0]:
                return True
            heappop(heap)
        return False

    def _look_again(self) -> None:
        for kind, holder, key in self._book.put_since(self._mark):
            if holder == self._holder:
                for due in OF_KIND.get(kind, ()):
                    self._note(due, self._book.need(kind, holder, key), key)
        self._mark = self._book.mark()


def settle(turn: Turn, until: datetime, follow: Follow) -> None:
    """Post everything that fell due up to and at `until`, in order of time."""
    agenda = Agenda.of(turn.book, turn.member_id)
    agenda.begin()
    while (due := agenda.next()) is not None and due <= until:
        then = turn.as_of(due)
        _settle_instant(then, agenda, due)
        follow(then)


def refresh_due(turn: Turn) -> None:
    """Bring each wallet's `due_at` up to date: the clock's worklist is the index on it."""
    agenda = Agenda.of(turn.book, turn.member_id)
    for wallet in turn.book.of(Wallet, turn.member_id):
        due_at = agenda.first(wallet.wallet)
        if due_at != wallet.due_at:
            turn.book.put(changed(wallet, due_at=due_at))


def _settle_instant(turn: Turn, agenda: Agenda, due: datetime) -> None:
    for row in agenda.take(LAPSES, due):
        holds.release(turn, row, state="lapsed")
    for lot in agenda.take(MATURES, due):
        mature(turn, lot)
    for lot in agenda.take(EXPIRES, due):
        _expire(turn, lot)
    for row in agenda.take(ENDS, due):
        benefits.expire(turn, row)
    for row in agenda.take(STANDS, due):
        tiers.fall_due(turn, row, due)


def mature(turn: Turn, lot: Lot) -> None:
    """What a lot holds can be spent from now on."""
    resting = lots.rests(turn, lot.wallet, lot.expires_at, matured=True)
    turn.book.put(changed(lot, matured=True, resting=resting))
    why = Why("matured", policy=lot.origin_policy, order_id=lot.order_id, lot_id=lot.id)
    points.transfer(turn, lot.wallet, "pending", "available", lot.remaining, why)
    points.became_available(turn, lot.wallet)


def _expire(turn: Turn, lot: Lot) -> None:
    gone = free(lot)
    lot = turn.book.put(changed(lot, remaining=lot.remaining - gone, expired=lot.expired + gone))
    why = Why("expired", policy=lot.origin_policy, order_id=lot.order_id, lot_id=lot.id)
    account = "available" if lot.matured else "pending"
    points.move(turn, points.transfer(turn, lot.wallet, account, "expired", gone, why), lot, remaining=-gone)
