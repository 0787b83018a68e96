"""What comes before its order waits for it under a stand-in: folded right after it, or closed when its days end."""

from dataclasses import replace
from datetime import timedelta

from loyalty import log, logbook, outbox, receipts
from loyalty.arrived import Arrived
from loyalty.book import NOBODY, Book
from loyalty.consequences import Attempt
from loyalty.events import ClockClose, OrderCancelled, OrderPaid, OrderReturned
from loyalty.logbook import stand_in
from loyalty.numbers import Numbers
from loyalty.receipts import Receipt
from loyalty.turn import Turn
from models.events import Event
from models.orders import OrderRef


def waiting_for(book: Book, shop: str, number: str) -> list[Event]:
    """The events that wait for this order, oldest first."""
    if (shop, number) not in book.awaited:
        return []
    rows = [
        row for row in book.rows(Event) if row.state == "waiting" and (row.shop, row.order_number) == (shop, number)
    ]
    return sorted(rows, key=lambda row: (row.occurred_at, row.id))


def wait(turn: Turn, one: Arrived) -> Receipt:
    """Set the event aside until its order comes, for the programme's days."""
    arrival = one.arrival
    if not isinstance(arrival, OrderReturned | OrderCancelled):
        raise TypeError(f"{arrival.kind} cannot wait for an order")
    turn.member_id = stand_in(one.body_hash)
    until = one.received_at + timedelta(days=turn.programme.wait_days)
    receipt = Receipt(arrival.key, "waiting", turn.event_id, turn.member_id, changes={"waits_until": until.isoformat()})
    event = logbook.row_of(turn, one, receipt)
    turn.book.put(replace(event, position=None, due_at=until))
    turn.book.awaited.add((arrival.shop, arrival.number))
    kind, part = ("return", arrival.return_number) if isinstance(arrival, OrderReturned) else ("cancel", "")
    taken = (turn.member_id, None, turn.event_id, one.body_hash)
    turn.book.put(OrderRef(turn.book.programme_id, arrival.shop, arrival.number, kind, part, "waiting", *taken))
    return receipt


def fold_waiting(
    book: Book, about: OrderPaid | OrderReturned | OrderCancelled | ClockClose, numbers: Numbers, attempt: Attempt
) -> int:
    """Fold what waited for an order that is there by now; how many. What meets a defect goes on waiting."""
    ref = book.get(OrderRef, NOBODY, (about.shop, about.number, "order", ""))
    if ref is None or ref.order_id is None:
        return 0
    folded = 0
    for event in waiting_for(book, about.shop, about.number):
        again = Arrived(
            arrival=log.arrival_of(event),
            number=next(numbers.events),
            holder=ref.member_id or 0,
            subject=event.subject,
            instant=event.instant,
            occurred_at=event.occurred_at,
            received_at=book.recorded_at,
            body=event.body,
            body_hash=_hash_of(book, event),
            caused_by=event.id,
        )
        receipt = attempt(book, again, numbers)
        if receipt.state == "failed":
            book.awaited.discard((about.shop, about.number))  # Once a batch: the numbers for it have been drawn.
        else:
            _conclude(book, event, receipt)
            folded += 1
    return folded


def _hash_of(book: Book, event: Event) -> str:
    return _refs_of(book, event)[0].body_hash


def _refs_of(book: Book, event: Event) -> list[OrderRef]:
    return [ref for ref in book.rows(OrderRef) if ref.event_id == event.id and ref.kind != "order"]


def close(book: Book, arrival: ClockClose, numbers: Numbers, attempt: Attempt) -> Receipt:
    """An order that never came: what waited for it is closed, and its sender told."""
    closed = fold_waiting(book, arrival, numbers, attempt)
    ref = book.get(OrderRef, NOBODY, (arrival.shop, arrival.number, "order", ""))
    for event in waiting_for(book, arrival.shop, arrival.number) if ref is None or ref.order_id is None else ():
        if event.due_at is not None and event.due_at <= arrival.due_at:
            book.begin(event.id)
            _conclude(book, event, Receipt(event.key, "refused", event.id, event.member_id, code="ORDER_UNKNOWN"))
            closed += 1
    return Receipt(arrival.key, "accepted", changes={"closed": closed})


def _conclude(book: Book, event: Event, receipt: Receipt) -> None:
    """What became of a waiting event: beside its receipt, and told to the outside. One that came to nothing has no
    number: the same may come again, or be put right.
    """
    state = "accepted" if receipt.state == "accepted" else "refused"
    book.put(replace(event, state=state, due_at=None, outcome=receipts.written(receipt)))
    if state == "refused":
        for ref in _refs_of(book, event):
            book.put(replace(ref, state="awaited", member_id=None, event_id=None, body_hash=""))
    turn = Turn(book, event.id, event.kind, event.member_id, 0, event.instant, event.instant, late=False)
    outbox.put(turn, "event.outcome", {"event": event.id, "key": event.key, "subject": event.subject, "state": state})
