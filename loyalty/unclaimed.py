"""Orders that nobody had: which of them wait under the names of somebody who joins, and what a claim is made of."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Final

from loyalty.book import NOBODY
from loyalty.enrolment import Named
from loyalty.events import MemberRef, OrderCancelled, OrderClaimed, OrderReturned
from loyalty.turn import Turn
from models.codec import parse
from models.events import Event
from models.members import Identity
from models.orders import OrderRef

CLAIMS_MAX: Final = 50  # Orders that one event claims; what there is more of is claimed one by one.


def named(name: Named | Identity) -> str:
    """How an order without a member keeps whom it named."""
    return f"{name.kind}:{name.hash}"


def claim_for(turn: Turn, names: Iterable[Named]) -> None:
    """Queue a claim for each order that waits under these names, for whoever is known by them from now on."""
    own = {named(name) for name in names}
    found = [ref for ref in turn.book.of(OrderRef, NOBODY) if ref.kind == "order" and ref.named in own]
    waiting = [(ref, event) for ref in found if (event := first_of(turn, ref)) is not None and is_in_time(turn, event)]
    for number, (ref, event) in enumerate(waiting[:CLAIMS_MAX]):
        if not is_cancelled(turn, ref):
            turn.queued.append(claimed(turn, ref, event, number))


def first_of(turn: Turn, ref: OrderRef) -> Event | None:
    """The event that recorded an order which is nobody's still; None for every other order."""
    if ref.member_id is None or ref.member_id > 0 or ref.event_id is None or ref.order_id is None:
        return None
    return turn.book.get(Event, ref.member_id, ref.event_id)


def is_in_time(turn: Turn, event: Event) -> bool:
    """Whether an order was paid within the days that the programme gives for claiming it."""
    return event.instant >= turn.at - timedelta(days=turn.programme.claim_days)


def is_cancelled(turn: Turn, ref: OrderRef) -> bool:
    """Whether the order was called off."""
    row = turn.book.get(OrderRef, NOBODY, (ref.shop, ref.number, "cancel", ""))
    return row is not None and row.state == "known"


def claimed(turn: Turn, ref: OrderRef, event: Event, number: int = 0) -> OrderClaimed:
    """The event by which the order is the turn's member's, with all that was recorded of it."""
    return OrderClaimed(
        key=f"caused:{turn.event_id}:{number}",
        member=MemberRef(id=turn.member_id),
        number=ref.number,
        shop=ref.shop,
        happened_at=event.instant,
        order=parse(event.body),
        returns=tuple(_returns(turn, ref)),
    )


def _returns(turn: Turn, ref: OrderRef) -> Iterator[dict[str, object]]:
    kinds = {OrderReturned.kind: "return", OrderCancelled.kind: "cancel"}
    same = [
        row
        for row in turn.book.of(OrderRef, NOBODY)
        if (row.shop, row.number) == (ref.shop, ref.number) and row.kind in kinds.values() and row.state == "known"
    ]
    for row in same:
        event = turn.book.get(Event, row.member_id or 0, row.event_id) if row.event_id is not None else None
        if event is not None:
            yield parse(event.body)
