"""An order that nobody had becomes a member's: it earns as it would have when it was paid, and comes back like any.

The order is recorded anew under the member, by an event of its own; the row nobody had stays where it was, and says so.
"""

from dataclasses import replace

from loyalty import days, draws, limits, lives, log, orders, steps, tiers, unclaimed
from loyalty.arrived import Arrived
from loyalty.book import NOBODY
from loyalty.events import OrderClaim, OrderClaimed, OrderPaid, OrderReturned
from loyalty.facts import Scene
from loyalty.refusals import Refused
from loyalty.turn import Turn
from models.members import Identity
from models.orders import Order
from models.table import changed


def claim(turn: Turn, one: Arrived, arrival: OrderClaim) -> None:
    """Claim an order by its number, and by the name it was under or the word of a service; once, and in time."""
    ref = orders.ref_of(turn, arrival.shop, arrival.number)
    if ref is None:  # In replay: what was claimed is an event of its own.
        return
    if ref.member_id is not None and ref.member_id > 0 and (arrival.vouched or ref.member_id == turn.member_id):
        raise Refused("ORDER_CLAIMED", number=arrival.number)
    event = unclaimed.first_of(turn, ref)
    if event is None or not (arrival.vouched or _proven(turn, one, ref.named)):
        # Whether there is such an order is nobody's business who cannot say whose it was.
        raise Refused("ORDER_NOT_YOURS" if not arrival.vouched else "ORDER_NOT_THERE", number=arrival.number)
    if unclaimed.is_cancelled(turn, ref):
        raise Refused("ORDER_CANCELLED", number=arrival.number)
    if not unclaimed.is_in_time(turn, event):
        raise Refused("CLAIM_TOO_LATE", number=arrival.number, most=turn.programme.claim_days)
    turn.queued.append(unclaimed.claimed(turn, ref, event))
    turn.notes["claims"] = {"number": arrival.number, "shop": arrival.shop}


def _proven(turn: Turn, one: Arrived, named: str | None) -> bool:
    """Whether the member is known by the name the order was under, or can say it."""
    own = {f"{row.kind}:{row.hash}" for row in turn.book.of(Identity, NOBODY) if row.member_id == turn.member_id}
    return named is not None and (named in own or named in {unclaimed.named(name) for name in one.names})


def claimed(turn: Turn, one: Arrived, arrival: OrderClaimed) -> None:
    """Record the order as the member's, let it earn as of when it was paid, and take back what has come back since."""
    ref = orders.ref_of(turn, arrival.shop, arrival.number)
    if ref is not None and ref.member_id is not None and ref.member_id > 0:
        raise Refused("ORDER_CLAIMED", number=arrival.number)
    paid: OrderPaid = log.read(OrderPaid.kind, arrival.order, arrival.key, turn.member_id)
    turn.counted = True  # In the programme's figures, since it was recorded.
    if ref is not None and ref.member_id is not None and ref.order_id is not None:
        old = turn.book.get(Order, ref.member_id, ref.order_id)
        if old is not None:
            turn.book.put(changed(old, state="claimed"))
    orders.record(turn, paid, ref.body_hash if ref is not None else "")
    lives.felt(turn, paid)
    days.happened(turn, turn.day(turn.instant), paid.kind)
    if paid.total > 0:
        steps.take(Scene(turn, paid.kind, paid))
    steps.follow(turn)
    steps.climb(turn)
    draws.of_order(turn, paid)
    for body in arrival.returns:
        _back(turn, log.read(OrderReturned.kind, body, arrival.key, turn.member_id))


def _back(turn: Turn, back: OrderReturned) -> None:
    known = orders.ref_of(turn, back.shop, back.number, "return", back.return_number)
    hashed = known.body_hash if known is not None else ""
    order = orders.give_back(turn, orders.find(turn, back), back, hashed)
    if limits.all_back(order):
        lives.undone(turn, order)
    tiers.take_back(replace(turn, instant=turn.at, late=False), order)
