"""The fold: one event after another, by position, on the book in memory. It awaits nothing.

So live traffic, preview, explanation and replay are one function, with and without a flush. A refused event is undone
alone; so is one that meets a defect.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from loyalty import benefits, freezing, lives, logbook, receipts, successors, tiers
from loyalty.arrived import Arrived
from loyalty.book import NOBODY, Book
from loyalty.consequences import Attempt, fold_queued, left_over, number_of, queue, send_back
from loyalty.events import (
    CLOCKS,
    CONSEQUENCES,
    FACTS,
    POOL_REQUESTS,
    ClockClose,
    ClockMoment,
    CodeUndo,
    CodeVerify,
    MemberAbsorbed,
    MemberEnrolled,
    MemberErase,
    OrderCancelled,
    OrderPaid,
    OrderReturned,
    PointsReceived,
    PoolCreate,
)
from loyalty.freezing import WHILE_FROZEN
from loyalty.handlers import HANDLERS, MAY_BE_STRANGERS, MAY_JOIN, Waits, wants_in
from loyalty.logbook import stand_in
from loyalty.numbers import Numbers
from loyalty.receipts import Receipt
from loyalty.refusals import Malformed, Refused, every_language
from loyalty.settling import refresh_due, settle
from loyalty.steps import follow, follow_up
from loyalty.turn import Turn
from loyalty.waiting import close, fold_waiting, wait, waiting_for
from models.events import Event
from models.members import Member
from models.orders import OrderRef
from models.points import Wallet

NEWCOMERS: Final = (MemberEnrolled, PoolCreate)  # Who makes its own holder.
POOLS: Final = (*CLOCKS, *CONSEQUENCES, *POOL_REQUESTS)  # What a family pool takes part in: it is nobody.
UNSAID: Final[Mapping[type, str]] = {
    CodeVerify: "CODE_UNKNOWN",
    CodeUndo: "NOT_FOUND",
    OrderCancelled: "ORDER_UNKNOWN",
}
GONE: Final[Mapping[str, str]] = {"merged": "MEMBER_MERGED", "erased": "MEMBER_ERASED"}


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
        for consequence in [*turn.queued, *left_over(turn)]:
            queue(turn, one, consequence, number_of(numbers))
        return logbook.logged(turn, one, answer)
    except Waits:
        book.undo(mark)
        return wait(turn, one)
    except Malformed as refusal:
        book.undo(mark)
        return Receipt(one.arrival.key, "rejected", code=refusal.code, params=refusal.params)
    except Refused as refusal:
        book.undo(mark)
        book.begin(one.number)
        answer = logbook.logged(turn, one, logbook.refused(turn, one, refusal))
        send_back(turn, one, numbers)
        return answer


def fold(book: Book, arrived: Sequence[Arrived], numbers: Numbers, attempt: Attempt = fold_one) -> list[Receipt]:
    """Fold a batch in its order; one receipt each. What had waited for an order is folded right after it."""
    answers = []
    for one in arrived:
        if isinstance(one.arrival, ClockClose):
            answers.append(close(book, one.arrival, numbers, attempt))
            continue
        answers.append(attempt(book, one, numbers))
        if book.queues:
            fold_queued(book, numbers, attempt)
        came = answers[-1].state == "accepted" and not answers[-1].replayed
        if isinstance(one.arrival, OrderReturned | OrderCancelled) or (isinstance(one.arrival, OrderPaid) and came):
            fold_waiting(book, one.arrival, numbers, attempt)  # After a return too: a defect may have left something.
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
    joins = member is None and turn.member_id > 0 and isinstance(arrival, MAY_JOIN) and wants_in(turn, one)
    if member is None and turn.member_id > 0 and isinstance(arrival, OrderPaid) and not joins:
        turn.member_id = stand_in(one.body_hash)
    elif (
        member is None
        and not joins
        and not isinstance(arrival, MAY_BE_STRANGERS)
        and not isinstance(arrival, NEWCOMERS)
    ):
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
        freezing.as_decided(turn)
        refresh_due(turn)
    return found


def _admit(turn: Turn, member: Member, one: Arrived) -> None:
    """A member that is gone takes nothing more; everybody else is brought up to the event's instant first."""
    if isinstance(one.arrival, CodeVerify):
        benefits.find(turn, one.arrival.code)  # A code of others tells nothing of its owner either.
    if member.status == "erased" and isinstance(one.arrival, MemberErase):
        return  # Once is enough, and nothing of such a member falls due.
    if member.status in GONE:
        raise Refused(_unsaid(one, GONE[member.status]))
    if turn.is_pool and not isinstance(one.arrival, POOLS):
        raise Refused("MEMBER_UNKNOWN", field="/member")
    if member.status == "frozen" and not isinstance(one.arrival, WHILE_FROZEN):
        raise Refused(_unsaid(one, "MEMBER_FROZEN"))
    settle(turn, turn.instant, follow_up)
    if not turn.late and not turn.is_pool:  # A level may be no more since the last event.
        turn.moved += tiers.refit(turn)
        follow(turn)
    if (not isinstance(one.arrival, CLOCKS) or isinstance(one.arrival, ClockMoment)) and not turn.is_pool:
        turn.wanting = tiers.wanting(turn)
    if turn.at > member.clock:
        turn.book.put(replace(turn.member, clock=turn.at))


def _unsaid(one: Arrived, code: str) -> str:
    """How it stands with a member is nothing for partners: to them it is as if there were none."""
    return code if one.partner is None else UNSAID.get(type(one.arrival), "MEMBER_UNKNOWN")


def _with_order_holder(book: Book, one: Arrived) -> Arrived:
    """A return or cancellation is its order's holder's; the order may have come earlier in this very batch."""
    if not isinstance(one.arrival, OrderReturned | OrderCancelled):
        return one
    ref = book.get(OrderRef, NOBODY, (one.arrival.shop, one.arrival.number, "order", ""))
    return replace(one, holder=successors.of(book, ref.member_id)) if ref and ref.member_id else one


def _open(book: Book, one: Arrived, position: int) -> Turn:
    """When the event counts, and whether it comes late for its member."""
    member = book.get(Member, one.holder)
    clock = member.clock if member else one.instant
    timed = isinstance(one.arrival, (*FACTS, *CLOCKS, *CONSEQUENCES)) and not isinstance(one.arrival, MemberAbsorbed)
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


def instant_of(arrival: Any, received_at: datetime) -> datetime:
    """When an arrival counts: a fact when it happened, but not after it came in; a request now; the clock when due."""
    if isinstance(arrival, CLOCKS):
        return arrival.due_at
    occurred_at: datetime | None = getattr(arrival, "occurred_at", None)
    return min(occurred_at, received_at) if occurred_at else received_at
