"""Orders that nobody had: which of them wait under the names of somebody who joins, and what a claim is made of."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Final

from loyalty.arrived import Arrived
from loyalty.book import NOBODY
from loyalty.enrolment import Named
from loyalty.events import MemberRef, OrderCancelled, OrderClaimed, OrderPaid, OrderReturned
from loyalty.facts import order_net
from loyalty.turn import Turn
from models.codec import parse
from models.events import Event
from models.members import Identity
from models.orders import Order, OrderRef
from rules.facts import WAITING, WANTED

CLAIMS_MAX: Final = 50  # Orders that one event claims; what there is more of is claimed one by one.


def named(name: Named | Identity) -> str:
    """How an order without a member keeps whom it named."""
    return f"{name.kind}:{name.hash}"


def claim_for(turn: Turn, names: Iterable[Named]) -> None:
    """Queue a claim for each order that waits under these names, for whoever is known by them from now on."""
    waiting = [(ref, event) for ref, event in _under(turn, names) if is_in_time(turn, event)]
    for number, (ref, event) in enumerate(waiting[:CLAIMS_MAX]):
        if not is_cancelled(turn, ref):
            turn.queued.append(claimed(turn, ref, event, number))


def weighed(turn: Turn, one: Arrived) -> Mapping[str, int]:
    """What an enrol policy asks of the orders that wait under these names, with this one where it is an order: what
    was paid net and has not come back, in minor units, and how many orders that is. In replay it is what was kept.
    """
    asked = turn.ruleset.needs(WANTED).variables.intersection(WAITING) - turn.book.recall().keys()
    if not asked:
        return {}
    spent = [order.net - order.returned for order in _near(turn, one.names)]
    spent += [order_net(one.arrival)] if isinstance(one.arrival, OrderPaid) else []
    bought = [amount for amount in spent if amount > 0]  # A zero order is no purchase.
    found = {"waiting_spend": sum(bought), "waiting_orders": len(bought)}
    return {name: found[name] for name in sorted(asked)}


def _near(turn: Turn, names: Iterable[Named]) -> Iterator[Order]:
    """The orders that wait and were paid within the days for claiming, before this instant or (it is late) after it."""
    most = timedelta(days=turn.programme.claim_days)
    for ref, event in _under(turn, names):
        if abs(event.instant - turn.at) <= most:
            yield turn.book.need(Order, event.member_id, ref.order_id or 0)


def _under(turn: Turn, names: Iterable[Named]) -> list[tuple[OrderRef, Event]]:
    own = {named(name) for name in names}
    found = [ref for ref in turn.book.of(OrderRef, NOBODY) if ref.kind == "order" and ref.named in own]
    return [(ref, event) for ref in found if (event := first_of(turn, ref)) is not None]


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
