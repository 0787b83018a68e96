"""The fold: one event after another, by position, on the book in memory. It awaits nothing.

So live traffic, preview, explanation and replay are one function, with and without a flush. A refused event is undone
alone; so is one that meets a defect.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from loyalty import benefits, lives, log, logbook, outbox, receipts, tiers
from loyalty.book import NOBODY, Book, NeedsMore
from loyalty.events import (
    CLOCKS,
    CONSEQUENCES,
    FACTS,
    ClockClose,
    CodeVerify,
    Consequence,
    Conversion,
    MemberRef,
    OrderCancelled,
    OrderPaid,
    OrderReturned,
    PointsConvert,
    PointsReceived,
)
from loyalty.handlers import HANDLERS, MAY_BE_STRANGERS, Arrived, Waits, wants_in
from loyalty.logbook import stand_in
from loyalty.receipts import Receipt
from loyalty.refusals import Malformed, Refused, every_language
from loyalty.settling import refresh_due, settle
from loyalty.steps import follow, follow_up
from loyalty.turn import Turn
from models.events import Event
from models.members import Member
from models.orders import OrderRef
from models.points import Wallet

GONE: Final[Mapping[str, str]] = {"merged": "MEMBER_MERGED", "erased": "MEMBER_ERASED"}


@dataclass(slots=True)
class Numbers:
    """What the door hands in: positions in the fold, and numbers for events that follow from others."""

    positions: Iterator[int]
    events: Iterator[int]


Attempt = Callable[[Book, Arrived, Numbers], Receipt]


def fold_one(book: Book, one: Arrived, numbers: Numbers) -> Receipt:
    """Fold one event, and write it into the log with its receipt."""
    if (known := _answered_before(book, one)) is not None:
        return known
    one = _with_order_holder(book, one)
    mark = book.mark()
    book.begin(one.number)
    turn = _open(book, one, next(numbers.positions))
    try:
        answer = logbook.accepted(turn, one, _fold(turn, one))
        for consequence in [*turn.queued, *_left_over(turn)]:
            _queue(turn, one, consequence, _number(numbers))
        return logbook.logged(turn, one, answer)
    except Waits:
        book.undo(mark)
        return _wait(turn, one)
    except Malformed as refusal:
        book.undo(mark)
        return Receipt(one.arrival.key, "rejected", code=refusal.code, params=refusal.params)
    except Refused as refusal:
        book.undo(mark)
        book.begin(one.number)
        answer = logbook.logged(turn, one, logbook.refused(turn, one, refusal))
        _send_back(turn, one, numbers)
        return answer


def fold(book: Book, arrived: Sequence[Arrived], numbers: Numbers, attempt: Attempt = fold_one) -> list[Receipt]:
    """Fold a batch in its order; one receipt each. What had waited for an order is folded right after it."""
    answers = []
    for one in arrived:
        if isinstance(one.arrival, ClockClose):
            answers.append(_close(book, one.arrival, numbers, attempt))
            continue
        answers.append(attempt(book, one, numbers))
        if book.queues:
            _fold_queued(book, numbers, attempt)
        came = answers[-1].state == "accepted" and not answers[-1].replayed
        if isinstance(one.arrival, OrderReturned | OrderCancelled) or (isinstance(one.arrival, OrderPaid) and came):
            _fold_waiting(book, one.arrival, numbers, attempt)  # After a return too: a defect may have left something.
    return answers


def _fold(turn: Turn, one: Arrived) -> Mapping[str, Wallet]:
    """Settle what is due, do what the event says, and settle what that made due. The wallets as the event found them:
    what time did before is not the event's doing, unless the event is the clock's.
    """
    arrival = one.arrival
    found = logbook.balances(turn.book, turn.member_id)
    if isinstance(arrival, PointsReceived) and arrival.lost:  # They are booked on a member that may be gone.
        HANDLERS[PointsReceived](turn, one, arrival)
        return found
    member = turn.book.get(Member, turn.member_id)
    if isinstance(arrival, OrderPaid) and _cancelled_before(turn, one):
        raise Refused("PAID_AFTER_CANCELLATION", number=arrival.number)
    if member is None and turn.member_id > 0 and isinstance(arrival, OrderPaid) and not wants_in(turn, one):
        turn.member_id = stand_in(one.body_hash)
    elif member is None and not isinstance(arrival, MAY_BE_STRANGERS) and arrival.kind != "member.enrolled":
        raise Refused("CODE_UNKNOWN") if arrival.kind == "code.verify" else Refused("MEMBER_UNKNOWN", field="/member")
    if member is not None:
        _admit(turn, member, one)
        found = found if isinstance(arrival, CLOCKS) else logbook.balances(turn.book, turn.member_id)
        lives.felt(turn, arrival)
    HANDLERS[type(arrival)](turn, one, arrival)
    if turn.member_id > 0:
        if member is None:  # Whoever has just joined has done something too.
            lives.felt(turn, arrival)
        settle(turn, turn.at, follow_up)
        refresh_due(turn)
    return found


def _admit(turn: Turn, member: Member, one: Arrived) -> None:
    """A member that is gone takes nothing more; everybody else is brought up to the event's instant first."""
    if isinstance(one.arrival, CodeVerify):
        benefits.find(turn, one.arrival.code)  # A code of others tells nothing of its owner either.
    if member.status in GONE:
        raise Refused(GONE[member.status])
    if member.status == "frozen" and not isinstance(one.arrival, (*FACTS, *CLOCKS, *CONSEQUENCES)):
        raise Refused("MEMBER_FROZEN")
    settle(turn, turn.instant, follow_up)
    if not turn.late:  # A level may be no more since the last event.
        turn.moved += tiers.refit(turn)
        follow(turn)
    if not isinstance(one.arrival, CLOCKS):
        turn.wanting = tiers.wanting(turn)
    if turn.at > member.clock:
        turn.book.put(replace(turn.member, clock=turn.at))


def _with_order_holder(book: Book, one: Arrived) -> Arrived:
    """A return or cancellation is its order's holder's; the order may have come earlier in this very batch."""
    if not isinstance(one.arrival, OrderReturned | OrderCancelled):
        return one
    ref = book.get(OrderRef, NOBODY, (one.arrival.shop, one.arrival.number, "order", ""))
    return replace(one, holder=ref.member_id) if ref and ref.member_id else one


def _open(book: Book, one: Arrived, position: int) -> Turn:
    """When the event counts, and whether it comes late for its member."""
    member = book.get(Member, one.holder)
    clock = member.clock if member else one.instant
    timed = isinstance(one.arrival, (*FACTS, *CLOCKS, *CONSEQUENCES))
    instant = one.instant if timed else max(one.instant, clock)
    return Turn(
        book=book,
        event_id=one.number,
        kind=one.arrival.kind,
        member_id=one.holder,
        position=position,
        instant=instant,
        at=max(instant, clock),
        late=instant < clock,
        partner=one.partner,
        channel=getattr(one.arrival, "channel", ""),
    )


# What was answered before, under another key.


def _answered_before(book: Book, one: Arrived) -> Receipt | None:
    """The business reference guards for ever: the same body has its first receipt, another body is a conflict."""
    arrival = one.arrival
    if isinstance(arrival, OrderPaid):
        ref = book.get(OrderRef, NOBODY, (arrival.shop, arrival.number, "order", ""))
    elif isinstance(arrival, OrderReturned):
        ref = book.get(OrderRef, NOBODY, (arrival.shop, arrival.number, "return", arrival.return_number))
    elif isinstance(arrival, OrderCancelled):
        ref = book.get(OrderRef, NOBODY, (arrival.shop, arrival.number, "cancel", ""))
    else:
        return None
    if ref is None or ref.event_id is None or ref.event_id == one.caused_by:
        return None
    if ref.body_hash != one.body_hash:
        return Receipt(arrival.key, "rejected", code="CONFLICT", params=_taken(arrival))
    first = book.need(Event, ref.member_id or 0, ref.event_id)
    return receipts.read(arrival.key, first.receipt)


def _taken(arrival: OrderPaid | OrderReturned | OrderCancelled) -> dict[str, Any]:
    """Which number stands for something else already, and where it was said."""
    if isinstance(arrival, OrderReturned):
        field, names = "/return_number", {"number": arrival.number, "return_number": arrival.return_number}
    else:
        field, names = "/number", {"number": arrival.number}
    return {"field": field, **names, "reference": every_language(f"reference.{arrival.kind}", **names)}


def _cancelled_before(turn: Turn, one: Arrived) -> bool:
    """Whether a cancellation that waits is older than the payment: then it was not this payment's."""
    waiting = waiting_for(turn.book, one.arrival.shop, one.arrival.number) if isinstance(one.arrival, OrderPaid) else []
    return any(event.kind == OrderCancelled.kind and event.occurred_at < one.occurred_at for event in waiting)


# What follows for other members.


def _queue(turn: Turn, one: Arrived, consequence: Consequence, number: int) -> None:
    """An event of another member, keyed by its cause; whoever has that member in the book folds it."""
    told = Arrived(
        arrival=consequence,
        number=number,
        holder=consequence.member.id or 0,
        subject=one.subject,
        instant=turn.at,
        occurred_at=turn.at,
        received_at=turn.book.recorded_at,
        body=log.written(consequence)[0],
        body_hash="",
        caused_by=turn.event_id,
    )
    turn.book.queues |= isinstance(consequence, PointsReceived)
    there = replace(turn, event_id=number, member_id=told.holder, instant=turn.at)
    event = logbook.row_of(there, told, Receipt(consequence.key, "queued", number, told.holder))
    turn.book.put(replace(event, position=None))


def queued(book: Book) -> list[Event]:
    """What has been queued for members who are in the book, oldest first."""
    rows = [row for row in book.rows(Event) if row.state == "queued"]
    return sorted((row for row in rows if book.get(Member, row.member_id) is not None), key=lambda row: row.id)


def _fold_queued(book: Book, numbers: Numbers, attempt: Attempt) -> None:
    """What is queued for members in the book, and what that queues in its turn; each is attempted once."""
    tried: set[int] = set()
    # What is left of conversions has a batch of its own: it is left because it is much.
    while ready := [one for one in queued(book) if one.id not in tried and one.kind == PointsReceived.kind]:
        for event in ready:
            tried.add(event.id)
            attempt(book, arrived_of(book, event), numbers)


def _send_back(turn: Turn, one: Arrived, numbers: Numbers) -> None:
    """Points that their receiver cannot have go back to whoever gave them; if that one cannot have them either, they
    expire: nothing stays on the way.
    """
    arrival = one.arrival
    if isinstance(arrival, PointsReceived):
        ref = MemberRef(id=arrival.giver or one.holder)
        lost = arrival.giver is None
        back = PointsReceived(f"caused:{one.number}", ref, arrival.wallet, arrival.portions, lost=lost)
        _queue(turn, one, back, next(numbers.events))


def _left_over(turn: Turn) -> list[PointsConvert]:
    """What conversions have left after all that may follow in one event is an event of its own."""
    left = [Conversion(one.policy, one.wallet, one.points, one.times, one.benefit or "") for one in turn.unfinished]
    return [PointsConvert(f"caused:{turn.event_id}", MemberRef(id=turn.member_id), tuple(left))] if left else []


def _number(numbers: Numbers) -> int:
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


# Waiting for an order, and what comes of it.


def waiting_for(book: Book, shop: str, number: str) -> list[Event]:
    """The events that wait for this order, oldest first."""
    if (shop, number) not in book.awaited:
        return []
    rows = [
        row for row in book.rows(Event) if row.state == "waiting" and (row.shop, row.order_number) == (shop, number)
    ]
    return sorted(rows, key=lambda row: (row.occurred_at, row.id))


def _wait(turn: Turn, one: Arrived) -> Receipt:
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


def _fold_waiting(
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


def _close(book: Book, arrival: ClockClose, numbers: Numbers, attempt: Attempt) -> Receipt:
    """An order that never came: what waited for it is closed, and its sender told."""
    closed = _fold_waiting(book, arrival, numbers, attempt)
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


def instant_of(arrival: Any, received_at: datetime) -> datetime:
    """When an arrival counts: a fact when it happened, but not after it came in; a request now; the clock when due."""
    if isinstance(arrival, CLOCKS):
        return arrival.due_at
    occurred_at: datetime | None = getattr(arrival, "occurred_at", None)
    return min(occurred_at, received_at) if occurred_at else received_at
