"""What follows for other members, and what is too much for one event: events of their own, queued by their cause."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from loyalty import log, logbook
from loyalty.arrived import Arrived
from loyalty.book import Book, NeedsMore
from loyalty.events import (
    Consequence,
    Conversion,
    MemberAbsorbed,
    MemberRef,
    OrderClaimed,
    PointsConvert,
    PointsReceived,
    PoolDeparted,
    PoolEntered,
    PoolPaid,
    PoolReleased,
)
from loyalty.numbers import Numbers
from loyalty.receipts import Receipt
from loyalty.turn import Turn
from models.events import Event
from models.members import Member

# What is folded in the same batch if the member is there; the rest has a batch of its own, with all it needs.
AT_ONCE: Final = (PointsReceived, MemberAbsorbed, OrderClaimed, PoolEntered, PoolReleased, PoolDeparted, PoolPaid)
KINDS_AT_ONCE: Final = frozenset(kind.kind for kind in AT_ONCE)
Attempt = Callable[[Book, Arrived, Numbers], Receipt]


def queue(turn: Turn, one: Arrived, consequence: Consequence, number: int) -> None:
    """An event of another member, keyed by its cause; whoever has that member in the book folds it."""
    at = consequence.happened_at if isinstance(consequence, OrderClaimed) else turn.at
    told = Arrived(
        arrival=consequence,
        number=number,
        holder=consequence.member.id or 0,
        subject=one.subject,
        instant=at,
        occurred_at=at,
        received_at=turn.book.recorded_at,
        body=log.written(consequence)[0],
        body_hash="",
        caused_by=turn.event_id,
    )
    turn.book.queues |= isinstance(consequence, AT_ONCE)
    there = replace(turn, event_id=number, member_id=told.holder, instant=at)
    event = logbook.row_of(there, told, Receipt(consequence.key, "queued", number, told.holder))
    turn.book.put(replace(event, position=None))


def queued(book: Book) -> list[Event]:
    """What has been queued for members who are in the book, oldest first."""
    rows = [row for row in book.rows(Event) if row.state == "queued"]
    return sorted((row for row in rows if book.get(Member, row.member_id) is not None), key=lambda row: row.id)


def fold_queued(book: Book, numbers: Numbers, attempt: Attempt) -> None:
    """What is queued for members in the book, and what that queues in its turn; each is attempted once."""
    tried: set[int] = set()
    # What is left of conversions has a batch of its own: it is left because it is much.
    while ready := [one for one in queued(book) if one.id not in tried and one.kind in KINDS_AT_ONCE]:
        for event in ready:
            tried.add(event.id)
            attempt(book, arrived_of(book, event), numbers)


def send_back(turn: Turn, one: Arrived, numbers: Numbers) -> None:
    """Points that their receiver cannot have go back to whoever gave them; if that one cannot have them either, they
    expire: nothing stays on the way. What was for an account that was merged meanwhile goes on to its survivor.
    """
    arrival, holder = one.arrival, turn.book.get(Member, one.holder)
    if isinstance(arrival, PointsReceived | MemberAbsorbed) and holder is not None and holder.merged_into is not None:
        onward = replace(arrival, key=f"caused:{one.number}", member=MemberRef(id=holder.merged_into))
        queue(turn, one, onward, next(numbers.events))
        return
    if isinstance(arrival, PointsReceived):
        ref = MemberRef(id=arrival.giver or one.holder)
        lost = arrival.giver is None
        back = PointsReceived(f"caused:{one.number}", ref, arrival.wallet, arrival.portions, lost=lost)
        queue(turn, one, back, next(numbers.events))


def left_over(turn: Turn) -> list[PointsConvert]:
    """What conversions have left after all that may follow in one event is an event of its own."""
    left = [Conversion(one.policy, one.wallet, one.points, one.times, one.benefit or "") for one in turn.unfinished]
    return [PointsConvert(f"caused:{turn.event_id}", MemberRef(id=turn.member_id), tuple(left))] if left else []


def number_of(numbers: Numbers) -> int:
    """A number for an event that follows; who has none left tries the batch again with more."""
    number = next(numbers.events, None)
    if number is None:
        raise NeedsMore("numbers", "event")
    return number


def arrived_of(book: Book, event: Event) -> Arrived:
    """What was queued, ready to be folded: it takes its place in the log under its own number."""
    return Arrived(
        arrival=log.arrival_of(event),
        number=event.id,
        holder=event.member_id,
        subject=event.subject,
        instant=event.instant,
        occurred_at=event.occurred_at,
        received_at=book.recorded_at,
        body=event.body,
        body_hash="",
        caused_by=event.caused_by,
    )
