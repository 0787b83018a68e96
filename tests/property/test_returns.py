"""What comes back: an order wholly returned never was, and the events of one order end alike in any order."""

from collections import Counter as Counted
from datetime import timedelta
from itertools import permutations
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from loyalty.events import ClockDue, OrderCancelled, OrderPaid, OrderReturned, ReturnLine
from models.benefits import Entitlement
from models.days import MemberDay
from models.limits import Counter, Limit
from models.members import Member
from models.orders import Order, OrderLine
from models.points import Lot, Transfer
from models.tiers import Standing
from tests.property import laws
from tests.property.counting import counted
from tests.property.histories import ALL, HOUR, Person, Step, histories
from tests.property.pure import Till, till
from tests.property.test_book import lived

SIZES = st.integers(0, 255)


def left(shop: Till, member_id: int, *, debts: bool = True) -> dict[str, Any]:
    """What a member has and is, and what all share: all that an order may change, and its return must change back."""
    book = shop.book
    return {
        "balances": laws.balances(book, member_id),
        "tiers": {row.ladder: dated(row) for row in book.of(Standing, member_id)},
        "limits": {(row.policy, row.name, row.period): row.used for row in book.of(Limit, member_id) if row.used},
        "counters": {row.name: row.left for row in book.rows(Counter)},
        "orders": book.need(Member, member_id).orders,
        "days": {
            row.day: (row.orders, row.spend, row.points)
            for row in book.of(MemberDay, member_id)
            if (row.orders, row.spend, row.points) != (0, 0, 0)
        },
        "ends": sorted(
            (row.wallet, row.earned_at, row.remaining, str(row.expires_at))
            for row in book.of(Lot, member_id)
            if row.remaining > 0
        ),
        "gifts": sorted(row.benefit for row in book.of(Entitlement, member_id) if row.state == "issued"),
    }


@given(histories(ALL, 10), SIZES, SIZES, st.integers(1, 4))
def test_an_order_wholly_returned_at_once_never_was(history: list[Step], pick: int, size: int, parts: int) -> None:
    shop = till()
    person = lived(shop, history)
    member_id = person.ref.id or 0
    without = shop.copy()

    person.now += HOUR
    order = person.does(Step("lined", timedelta(0), pick, size))
    assert isinstance(order, OrderPaid)
    assume(net_of(order))  # One worth nothing stands until it is cancelled.
    shop.send(order, person.now)
    for back in in_parts(person, order, parts):
        answer = shop.send(back, person.now)
        assert (answer.state, answer.code) in {("accepted", None), ("refused", "RETURN_EXCEEDS")}
    without.send(ClockDue(person.key(), person.ref, person.now), person.now)

    laws.prove(shop.book, member_id)
    assert left(shop, member_id) == left(without, member_id)


def dated(row: Standing) -> tuple[Any, ...]:
    """A standing with its dates; when it was looked at is of no account."""
    return (row.tier, row.since, row.ends_at, row.protected_at, row.promises, row.rises, row.review_at, row.demoted_at)


def net_of(order: OrderPaid) -> int:
    """What the goods cost."""
    return order.total - order.tax - order.shipping


def in_parts(person: Person, order: OrderPaid, parts: int) -> list[OrderReturned]:
    """The whole order comes back: some of it by line and amount, then the rest."""
    amount = net_of(order) // 5
    ways: list[dict[str, Any]] = [{"lines": (ReturnLine(0, 1),)}, {"amount": amount}, {"amount": amount // 2}]
    whole = len(order.lines) == 1 and order.lines[0].quantity == 1
    some = [way for way in ways[: parts - 1] if amount and not (whole and "lines" in way)]
    return [OrderReturned(person.key(), order.number, person.key(), person.now, **way) for way in [*some, {}]]


@given(histories(ALL, 8), histories(ALL, 8), SIZES, SIZES)
def test_whatever_came_between_every_credit_is_answered_for(
    before: list[Step], between: list[Step], pick: int, size: int
) -> None:
    shop = till()
    person = lived(shop, before)
    order = person.does(Step("lined", timedelta(0), pick, size))
    assert isinstance(order, OrderPaid)
    made = shop.send(order, person.now)
    for step in between:
        arrival = person.does(step)
        if arrival is not None:
            person.heard(shop.send(arrival, person.now))

    shop.send(OrderCancelled(person.key(), order.number, person.now), person.now)

    laws.prove(shop.book, person.ref.id or 0)
    taken: Counted[int] = Counted()
    for entry in shop.book.of(Transfer, person.ref.id or 0):
        taken[entry.lot_id or 0] += entry.amount if entry.reason == "returned" else 0
    for lot in shop.book.of(Lot, person.ref.id or 0):
        if lot.order_id == made.order_id and lot.order_id is not None:
            assert lot.reversed == lot.amount
            # Taken back from it, from others, or owed; what had expired is not taken again.
            assert lot.amount - lot.expired <= taken[lot.id] <= lot.amount


@settings(max_examples=settings().max_examples // 6)  # Each is six sequences, or twenty-four.
@given(histories(ALL, 6), SIZES, SIZES, st.booleans())
def test_the_events_of_one_order_end_alike_in_any_order(
    history: list[Step], pick: int, size: int, cancels: bool
) -> None:
    shop = till()
    person = lived(shop, history)
    member_id = person.ref.id or 0
    events = of_one_order(person, pick, size, cancels)

    ends = []
    for sequence in permutations(events):
        copy = shop.copy()
        for number, arrival in enumerate(sequence):
            copy.send(arrival, person.now + (10 + number) * HOUR)
        last = person.now + 20 * HOUR
        copy.send(ClockDue("last", person.ref, last), last)
        laws.prove(copy.book, member_id)
        # From when a standing counts hangs on when the order came: where it stands does not.
        tiers = {"tiers": {row.ladder: row.tier for row in copy.book.of(Standing, member_id)}}
        ends.append(left(copy, member_id) | tiers | {"order": order_state(copy, events[0].number)})
        counted("orders of events")

    assert all(end == ends[0] for end in ends)


def of_one_order(person: Person, pick: int, size: int, cancels: bool) -> list[Any]:
    """Paid, a return by line, one by amount, and perhaps called off: each an hour after the other."""
    order = person.does(Step("lined", timedelta(0), pick, size))
    assert isinstance(order, OrderPaid)
    net = net_of(order)
    at = [person.now + number * HOUR for number in range(4)]
    first = OrderReturned(person.key(), order.number, "r1", at[1], lines=(ReturnLine(0, 1),))
    more = (net - order.lines[0].amount) // 2
    second = OrderReturned(person.key(), order.number, "r2", at[2], amount=max(more, 0))
    last = [OrderCancelled(person.key(), order.number, at[3])] if cancels else []
    return [order, first, second, *last]


def order_state(shop: Till, number: str) -> tuple[Any, ...]:
    """What has become of the order and its lines."""
    (order,) = [row for row in shop.book.rows(Order) if row.number == number]
    lines = [row for row in shop.book.rows(OrderLine) if row.order_id == order.id]
    return (
        order.state,
        order.returned,
        sorted((row.line, row.returned_quantity, row.returned_amount) for row in lines),
    )
