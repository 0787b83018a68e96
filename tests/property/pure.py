"""A book with nothing under it: events are folded as the door hands them in, and no database catches a slip."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from typing import Any

from loyalty import counters, log
from loyalty.arrived import Arrived
from loyalty.book import IDS_PER_EVENT, NOBODY, Book, Keys
from loyalty.events import Arrival, MemberEnrolled, MemberRef, OrderCancelled, OrderReturned, PointsAdjust
from loyalty.fold import fold, instant_of
from loyalty.numbers import Numbers
from loyalty.receipts import Receipt
from loyalty.rulebook import Live
from models.events import Event
from models.limits import Counter
from models.orders import OrderRef
from tests.property.histories import Person, enrolled
from tests.property.programme import rich_live

START = datetime(2025, 1, 6, 4, 0, tzinfo=UTC)  # Noon in Shanghai, a Monday.
KEYS = Keys(code_of=lambda number: f"code-{number}", code_hash=lambda code: f"hash-{code}")
COPIED = 1_000_000  # The first number of a copy: nothing that happened before has it.
STRANGER = -1  # Who holds what has no member.
GIFT = {"points": 400, "stars": 35, "miles": 20}
Rows = dict[tuple[type, int, Any], Any]


@dataclass
class Till:
    """One book, and the numbers its events get."""

    book: Book
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    positions: Iterator[int] = field(default_factory=lambda: count(1))

    def send(self, arrival: Arrival, now: datetime) -> Receipt:
        """Fold one arrival that comes now."""
        self.book.recorded_at = now
        return fold(self.book, [self.arrived(arrival, now)], Numbers(self.positions, self.numbers))[0]

    def arrived(self, arrival: Arrival, now: datetime) -> Arrived:
        """The arrival as the door hands it in."""
        number = next(self.numbers)
        body, whole = log.written(arrival)
        hashed = sha256(whole.encode()).hexdigest()
        return Arrived(
            arrival=arrival,
            number=number,
            holder=self._holder(arrival, number),
            subject="client:pos",
            instant=instant_of(arrival, now),
            occurred_at=getattr(arrival, "occurred_at", now),
            received_at=now,
            body=body,
            body_hash=hashed,
        )

    def joins(self, now: datetime = START, prefix: str = "", gift: Mapping[str, int] = GIFT) -> Person:
        """Somebody becomes a member, with something to spend."""
        person = Person(MemberRef(), now, prefix)
        receipt = self.send(enrolled(person), now)
        person.ref = MemberRef(id=receipt.member_id)
        for wallet, points in gift.items():
            self.send(PointsAdjust(person.key(), person.ref, wallet, points, "a start"), now)
        return person

    def copy(self) -> "Till":
        """Another till with the same book, so that two ways can be gone from here."""
        book = Book(self.book.programme_id, self.book.live, KEYS, self.book.recorded_at)
        book.load(list(rows(self.book).values()))
        book.awaited = set(self.book.awaited)
        return Till(book, count(COPIED), count(COPIED))

    def _holder(self, arrival: Arrival, number: int) -> int:
        if isinstance(arrival, MemberEnrolled):
            return number * IDS_PER_EVENT
        if isinstance(arrival, OrderReturned | OrderCancelled):
            ref = self.book.get(OrderRef, NOBODY, (arrival.shop, arrival.number, "order", ""))
            return ref.member_id if ref and ref.member_id else STRANGER
        ref_to = getattr(arrival, "member", None)
        return ref_to.id if ref_to and ref_to.id is not None else STRANGER


def till(live: Live | None = None) -> Till:
    """A till with a fresh book, its counters full."""
    current = live or rich_live()
    book = Book(current.programme_id, current, KEYS, START)
    full = counters.wanted(current.newest.ruleset)
    book.load([Counter(current.programme_id, name, total, total) for name, total in full.items()])
    return Till(book)


def rows(book: Book, *but: type) -> Rows:
    """Every row of the book by its place, save those of some kinds."""
    return {
        (kind, holder, key): row
        for kind, shelves in book._rows.items()
        if kind not in but
        for holder, shelf in shelves.items()
        for key, row in shelf.items()
    }


def log_of(book: Book, member_id: int) -> list[Event]:
    """A member's events, in the order they were folded."""
    return sorted(
        (row for row in book.of(Event, member_id) if row.position is not None), key=lambda row: row.position or 0
    )
