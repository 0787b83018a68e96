"""Random histories with returns and late orders: what decisions read of metrics is what a recount of the rows says."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from loyalty.events import Arrival, Behaviour, Line, MemberEnrolled, OrderPaid, ReturnLine
from loyalty.receipts import Receipt
from models.database import Database
from models.events import Event
from models.members import Member
from models.orders import Order, OrderLine
from tests.loyalty.conftest import Shop, ref, shop_of
from tests.loyalty.counted import COUNTED, METRICS, figures
from tests.loyalty.programme import documents
from tests.property.counting import counted
from tests.property.recount import LATE_MOST, LEFT_OUT, Past, recounted

START = datetime(2026, 11, 20, 3, tzinfo=UTC)
NAMES: Iterator[int] = count(1)
KINDS = ("order", "order", "order", "late", "run", "run", "back_line", "back_amount", "back_whole", "cancel")
GAPS = tuple(timedelta(hours=hours) for hours in (1, 5, 13, 24, 37, 24 * 6, 24 * 17, 24 * 31, 24 * 45))
STEPS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.sampled_from(GAPS), st.integers(0, 255), st.integers(0, 255)),
    min_size=4,
    max_size=12,
)
ROUNDS = max(6, settings().max_examples // 60)


@pytest.fixture
def shops() -> dict[str, Shop]:
    """The shop of this test: what is drawn shares one database."""
    return {}


@settings(max_examples=ROUNDS, phases=[Phase.explicit, Phase.generate])
@given(drawn=st.lists(STEPS, min_size=6, max_size=10))
async def test_metrics_equal_a_recount(db: Database, shops: dict[str, Shop], drawn: list[Any]) -> None:
    if not shops:
        shops["one"] = await shop_of(db, documents(**COUNTED))
    shop, people = shops["one"], [f"p{next(NAMES)}" for _ in drawn]
    shop.now = START
    enrolled = [MemberEnrolled(shop.key(), (("external", name),), shop.now) for name in people]
    await shop.send(*enrolled)
    orders: dict[str, list[OrderPaid]] = {name: [] for name in people}
    for place in range(max(map(len, drawn))):
        gaps = sorted(steps[place][1] for steps in drawn if place < len(steps))
        gap = gaps[len(gaps) // 3]
        shop.later(seconds=gap.total_seconds() + 60)
        sent = [
            (name, arrival)
            for name, steps in zip(people, drawn, strict=True)
            if place < len(steps) and (arrival := does(shop, name, orders[name], steps[place])) is not None
        ]
        receipts = await shop.send(*(arrival for _, arrival in sent))
        for (name, arrival), receipt in zip(sent, receipts, strict=True):
            if receipt.state == "accepted" and isinstance(arrival, OrderPaid | Behaviour):
                await same_figures(shop, name, arrival, receipt)
    counted("histories of metrics", len(drawn))
    await shop.prove()


def does(shop: Shop, name: str, orders: list[OrderPaid], step: tuple[str, timedelta, int, int]) -> Arrival | None:
    """What arrives by this step; None where there is nothing to return."""
    what, _, pick, size = step
    if what == "run":
        payload = {"km": Decimal(size) / 4 if size % 3 else size} | ({"place": f"at-{pick % 3}"} if pick % 4 else {})
        return Behaviour(shop.key(), "run.done", ref(name), shop.now, payload)
    if what in ("order", "late"):
        at = shop.now - (timedelta(hours=pick % 30 if size % 2 else pick) if what == "late" else timedelta(0))
        orders.append(bought(shop, name, max(at, START), pick, size))
        return orders[-1]
    if not orders:
        return None
    order = orders[pick % len(orders)]
    if what == "cancel":
        return shop.cancelled(order.number)
    number = f"r{shop.key()}"
    if what == "back_line":
        return shop.returned(order.number, number, lines=(ReturnLine(size % len(order.lines), 1 + size // 8 % 2),))
    return shop.returned(order.number, number, **({"amount": 1 + size * 20} if what == "back_amount" else {}))


def bought(shop: Shop, name: str, at: datetime, pick: int, size: int) -> OrderPaid:
    parts = tuple(
        Line(
            f"sku-{(pick + place) % 5}",
            1 + (size + place) % 3,
            (99, 1_000, 10_050, 33_333, 0)[(size + place * 7) % 5],
            ("acme", "", "other")[(pick + place) % 3],
            tags=(f"t{(size + place) % 4}",) if pick % 2 else (),
        )
        for place in range(1 + size % 3)
    )
    total = sum(part.amount for part in parts)
    places = {"channel": ("web", "app", "")[pick % 3], "store": ("s1", "", "s2")[size % 3]}
    return shop.paid(name, total, occurred_at=at, lines=parts, **places)


async def same_figures(shop: Shop, name: str, arrival: OrderPaid | Behaviour, receipt: Receipt) -> None:
    """What the decision read is what the rows say, which are as the decision found them but for its own outcome."""
    if isinstance(arrival, OrderPaid) and not arrival.total:
        return  # Nothing is decided on an order of nothing.
    read = await figures(shop, receipt.event_id, arrival.kind)
    said = recounted(await past(shop, name, arrival.occurred_at))
    assert {one: read[one] for one in said} == said
    assert said.keys() | LEFT_OUT == METRICS.keys()
    assert shop.now - arrival.occurred_at <= LATE_MOST
    counted("figures recounted", len(said))


async def past(shop: Shop, name: str, at: datetime) -> Past:
    """All rows there are of a member."""
    member, db = await shop.member_id(name), shop.house.db
    joined = (await db.read(Member, "SELECT * FROM members WHERE id = $1", member))[0].joined_at
    orders = await db.read(Order, "SELECT * FROM orders WHERE member_id = $1", member)
    rows = await db.read(OrderLine, "SELECT * FROM order_lines WHERE member_id = $1", member)
    events = await db.read(Event, "SELECT * FROM events WHERE member_id = $1", member)
    return Past(at, joined, tuple(orders), tuple(rows), tuple(events))
