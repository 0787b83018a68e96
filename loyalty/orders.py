"""Orders on the book: recorded, returned in part or whole, cancelled.

A return follows the entries its order made, not today's rules: the promise was made that day.
"""

from collections.abc import Sequence

from loyalty import benefits, days, holds, limits, points, tiers, traits
from loyalty.book import NOBODY
from loyalty.events import Line, OrderCancelled, OrderPaid, OrderReturned, ReturnLine
from loyalty.facts import order_net
from loyalty.redeemed import burnt_on
from loyalty.refusals import Refused, every_language
from loyalty.turn import Turn
from models.benefits import Entitlement
from models.codec import canonical
from models.members import Member
from models.orders import Order, OrderLine, OrderRef, Return
from models.points import Hold, Lot, Transfer
from models.table import changed

Returned = dict[int, tuple[int, int]]  # Line → how many came back, and what they are worth, net.


def ref_of(turn: Turn, shop: str, number: str, kind: str = "order", part: str = "") -> OrderRef | None:
    """The row that says who has taken an order's number, or the number of its return."""
    return turn.book.get(OrderRef, NOBODY, (shop, number, kind, part))


def must_stand(turn: Turn, named: str) -> None:
    """Nothing is burnt on an order that was cancelled, even if it has not come yet; `named` as by `burnt_on`."""
    shop, number = named.split("/", 1)
    ref = ref_of(turn, shop, number, "cancel")
    if ref is not None and ref.event_id is not None:
        raise Refused("ORDER_CANCELLED", number=number)


def record(turn: Turn, arrival: OrderPaid, body_hash: str, named: str | None = None) -> Order:
    """Write the order and its lines, and count it. `named` is whom it named, where that is nobody yet."""
    order = turn.book.put(
        Order(
            programme_id=turn.book.programme_id,
            member_id=turn.member_id,
            id=turn.book.new_id(Order),
            event_id=turn.event_id,
            shop=arrival.shop,
            number=arrival.number,
            state="paid",
            occurred_at=turn.instant,
            business_date=turn.day(turn.instant),
            currency=arrival.currency,
            total=arrival.total,
            paid=arrival.paid,
            discount=arrival.discount,
            tax=arrival.tax,
            shipping=arrival.shipping,
            net=order_net(arrival),
            returned=0,
            returned_unlined=0,
            channel=arrival.channel,
            store=arrival.store,
            payment=arrival.payment,
            coupon=arrival.coupon,
            version=turn.version,
        )
    )
    for index, line in enumerate(arrival.lines):
        turn.book.put(_line(turn, order, index, line))
    ref = OrderRef(
        order.programme_id,
        order.shop,
        order.number,
        "order",
        "",
        "paid",
        order.member_id,
        order.id,
        turn.event_id,
        body_hash,
        named if turn.member_id < 0 else None,
    )
    turn.book.put(ref)
    turn.order_id = order.id
    _count(turn, order)
    return order


def find(turn: Turn, arrival: OrderReturned | OrderCancelled) -> Order:
    """The order that came back; it is this turn's holder's."""
    ref = ref_of(turn, arrival.shop, arrival.number)
    if ref is None or ref.order_id is None or ref.member_id is None:
        raise LookupError(f"order {arrival.number} is not there yet")  # It waits: the fold sees to that before.
    return turn.book.need(Order, turn.member_id, ref.order_id)


def give_back(turn: Turn, order: Order, arrival: OrderReturned | OrderCancelled, body_hash: str) -> Order:
    """Take an order back, in part or whole: points, caps, gifts and tiers follow what it had brought."""
    came = _what_came_back(turn, order, arrival)
    before, order = order, _write_return(turn, order, arrival, came, body_hash)
    turn.order_id = order.id
    turn.channel = order.channel
    _count_return(turn, order, before)
    if turn.member_id < 0:  # An order without a member is figures only.
        return order
    lines = lines_of(turn, order)
    answered = {lot.id: lot.reversed for lot in turn.book.of(Lot, turn.member_id) if lot.order_id == order.id}
    for lot_id in answered:
        lot = turn.book.need(Lot, turn.member_id, lot_id)  # By now: a debt of the one before may be in it.
        points.take_back(turn, lot, _due_back(lot, order, before, lines))
    _give_back_burnt(turn, order, before)
    limits.give_back(turn, order, before=before, reversed_before=answered)
    if limits.all_back(order):
        benefits.give_again(turn, order)
        tiers.revoke_gifts(turn, order)
        traits.take_back(turn, order)
    if order.state == "cancelled":
        _release_held(turn, order)
    return order


def _line(turn: Turn, order: Order, index: int, line: Line) -> OrderLine:
    return OrderLine(
        programme_id=order.programme_id,
        member_id=order.member_id,
        id=turn.book.new_id(OrderLine),
        order_id=order.id,
        line=index,
        sku=line.sku,
        brand=line.brand,
        category=line.category,
        tags=canonical(sorted(line.tags)),
        quantity=line.quantity,
        amount=line.amount,
        returned_quantity=0,
        returned_amount=0,
        attributes=canonical(line.attributes) if line.attributes else None,
    )


def _count(turn: Turn, order: Order) -> None:
    counts = 1 if order.net > 0 else 0  # A zero order is recorded; it is no purchase.
    if not turn.counted:
        days.figure(turn, order.business_date, orders=counts, spend=order.net)
    if turn.member_id > 0:
        member = turn.member
        first = True if counts and not member.orders else None
        days.bought(turn, order.business_date, orders=counts, spend=order.net, first=first)
        turn.book.put(changed(member, orders=member.orders + counts))


def _count_return(turn: Turn, order: Order, before: Order) -> None:
    amount = order.returned - before.returned
    whole = order.returned == order.net > before.returned
    if not turn.counted:
        days.figure(turn, turn.day(turn.instant), refunds=amount)
    if turn.member_id < 0:
        return
    days.bought(turn, order.business_date, orders=-1 if whole else 0, spend=-amount)
    if whole:
        member: Member = turn.member
        turn.book.put(changed(member, orders=member.orders - 1))
        days.first_gone(turn, order.business_date)


def lines_of(turn: Turn, order: Order) -> dict[int, OrderLine]:
    """The order's lines by index."""
    return {row.line: row for row in turn.book.of(OrderLine, order.member_id) if row.order_id == order.id}


def _what_came_back(turn: Turn, order: Order, arrival: OrderReturned | OrderCancelled) -> Returned | int:
    """The lines and what they are worth, or, where the order has no lines or none are named, an amount."""
    left = order.net - order.returned
    lines = lines_of(turn, order)
    if isinstance(arrival, OrderReturned) and arrival.lines:
        return _named_lines(order, lines, arrival.lines)
    if isinstance(arrival, OrderReturned) and arrival.amount is not None:
        if arrival.amount > left or order.state == "cancelled":
            raise exceeds("amount" if left else "none", left, "/amount")
        return arrival.amount
    if order.state == "cancelled" or (limits.all_back(order) and isinstance(arrival, OrderReturned)):
        raise exceeds("none", 0)
    return {
        row.line: (row.quantity - row.returned_quantity, row.amount - row.returned_amount) for row in lines.values()
    } or left


def exceeds(why: str, most: int, field: str = "", **more: int) -> Refused:
    """More comes back than there is: of what, and how much of it may still come."""
    detail = every_language(f"return.{why}", most=most, **more)
    at = {"field": field} if field else {}
    return Refused("RETURN_EXCEEDS", most=most, unit="amount" if why == "none" else why, detail=detail, **at, **more)


def _named_lines(order: Order, lines: dict[int, OrderLine], named: Sequence[ReturnLine]) -> Returned:
    """Pieces of a line may be named one by one: together they are what comes back of it."""
    pieces: dict[int, int] = {}
    for part in named:
        pieces[part.line] = pieces.get(part.line, 0) + part.quantity
    came = {}
    for index, quantity in pieces.items():
        line = lines.get(index)
        at = next(at for at, part in enumerate(named) if part.line == index)
        if line is None:
            raise exceeds("line", 0, f"/lines/{at}/line", line=index)
        left = line.quantity - line.returned_quantity
        if quantity > left or order.state == "cancelled":
            raise exceeds("quantity", left, f"/lines/{at}/quantity", line=index)
        if order.net and order.returned == order.net and line.amount > line.returned_amount:
            raise exceeds("none", 0)  # Its money has come back without naming it.
        upto = line.amount * (line.returned_quantity + quantity) // line.quantity
        came[index] = (quantity, upto - line.returned_amount)
    return came


def _write_return(
    turn: Turn, order: Order, arrival: OrderReturned | OrderCancelled, came: Returned | int, body_hash: str
) -> Order:
    rows = lines_of(turn, order)
    if isinstance(came, dict):
        for index, (quantity, amount) in came.items():
            row = rows[index]
            rows[index] = turn.book.put(
                changed(
                    row,
                    returned_quantity=row.returned_quantity + quantity,
                    returned_amount=row.returned_amount + amount,
                )
            )
    else:
        order = changed(order, returned_unlined=order.returned_unlined + came)
    cancelled = isinstance(arrival, OrderCancelled)
    returned = order.net if cancelled else _returned_net(order, rows)
    state = "cancelled" if cancelled else order.state
    if not order.net and state == "paid" and _nothing_left(rows):
        state = "returned"
    number = arrival.return_number if isinstance(arrival, OrderReturned) else ""
    turn.book.put(
        Return(
            programme_id=order.programme_id,
            member_id=order.member_id,
            id=turn.book.new_id(Return),
            order_id=order.id,
            event_id=turn.event_id,
            number=number,
            occurred_at=turn.instant,
            amount=returned - order.returned,
            lines=canonical([[line, *part] for line, part in came.items()] if isinstance(came, dict) else []),
        )
    )
    kind = "cancel" if cancelled else "return"
    order = turn.book.put(changed(order, returned=returned, state=state))
    holder = (order.member_id, order.id, turn.event_id, body_hash)
    turn.book.put(OrderRef(order.programme_id, order.shop, order.number, kind, number, "known", *holder))
    return order


def _nothing_left(rows: dict[int, OrderLine]) -> bool:
    return all(row.returned_quantity == row.quantity for row in rows.values())


def _returned_net(order: Order, rows: dict[int, OrderLine]) -> int:
    """How much of the order's net has come back: lines count by their share of all lines, the last takes the rest."""
    if rows and _nothing_left(rows):
        return order.net
    whole = sum(row.amount for row in rows.values())
    back = sum(row.returned_amount for row in rows.values())
    return min(order.net, order.returned_unlined + (order.net * back // whole if whole else 0))


def _due_back(lot: Lot, order: Order, before: Order, lines: dict[int, OrderLine]) -> int:
    """What a lot has still to answer for: its line's part, or its share of the order."""
    if limits.all_back(order):
        return lot.amount - lot.reversed
    if not order.net:
        return 0
    line = lines.get(lot.origin_line) if lot.origin_line is not None else None
    if line is None:
        return limits.share(lot.amount, order, before)
    upto = lot.amount * line.returned_amount // line.amount if line.amount else 0
    upto += lot.amount * order.returned_unlined // order.net
    return max(0, min(upto, lot.amount) - lot.reversed)


def _give_back_burnt(turn: Turn, order: Order, before: Order) -> None:
    """Points burnt on the order come back, to the lots they came from, in proportion."""
    spent = [
        row
        for row in list(turn.book.of(Transfer, turn.member_id))
        if row.burnt_on == burnt_on(order.shop, order.number) and row.credit == "redeemed"
    ]
    for entry in spent:
        back = min(limits.share(entry.amount, order, before), entry.amount - points.given_back(turn, entry))
        if back > 0:
            points.give_back(turn, entry, back)
        if limits.all_back(order):
            _revoke_bought(turn, entry)


def _release_held(turn: Turn, order: Order) -> None:
    """Points held for the order are free again."""
    for held in turn.book.of(Hold, turn.member_id):
        if held.state == "held" and held.burnt_on == burnt_on(order.shop, order.number):
            holds.release(turn, held)


def _revoke_bought(turn: Turn, entry: Transfer) -> None:
    for row in list(turn.book.of(Entitlement, turn.member_id)):
        if row.transfer_id == entry.id:
            if row.money and row.state != "revoked":
                turn.note("money_back", {"benefit": row.benefit, "id": row.id, "money": row.money})
            benefits.revoke(turn, row, "returned")
