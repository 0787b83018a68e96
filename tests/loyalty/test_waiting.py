"""What waits for its order: folded when it comes, closed when its days are over."""

from datetime import timedelta
from typing import Any

import pytest

from loyalty import orders
from loyalty.events import ClockClose, PointsAdjust
from models.codec import parse
from tests.loyalty.conftest import ADMIN, Shop, back, lines, ref

NOTHING = {"pending": 0, "available": 0, "held": 0, "owed": 0}


def broken(*_: Any) -> None:
    """A defect of ours."""
    raise RuntimeError("a defect")


async def test_an_order_that_never_comes_closes_what_waited_for_it(shop: Shop) -> None:
    early = await shop.one(shop.returned("A1", "r1"))
    shop.later(days=29)
    await shop.one(ClockClose("close:1", "main", "A1", shop.now))
    assert await shop.count("events", "state = 'waiting'") == 1

    shop.later(days=1)
    await shop.one(ClockClose("close:2", "main", "A1", shop.now))

    rows = await shop.house.db.rows("SELECT state, outcome FROM events WHERE id = $1", early.event_id)
    assert rows[0]["state"] == "refused"
    assert parse(rows[0]["outcome"])["code"] == "ORDER_UNKNOWN"
    assert await shop.count("outbox", "kind = 'event.outcome'") == 1


async def test_a_return_of_more_than_was_bought_is_refused_when_the_order_comes(shop: Shop) -> None:
    early = await shop.one(shop.returned("A1", "r1", lines=back((0, 2))))
    assert early.state == "waiting"

    await shop.order("lin", 10_000, "A1", lines=lines(10_000))

    assert (await shop.wallet("lin"))["pending"] == 100
    rows = await shop.house.db.rows("SELECT state, outcome FROM events WHERE id = $1", early.event_id)
    assert (rows[0]["state"], parse(rows[0]["outcome"])["code"]) == ("refused", "RETURN_EXCEEDS")


async def test_a_cancellation_that_comes_first_cancels_the_order_when_it_comes(shop: Shop) -> None:
    paid = shop.paid("lin", 30_000, "A1")
    cancelled = shop.cancelled("A1", occurred_at=shop.now + timedelta(seconds=1))
    shop.later(minutes=1)
    assert (await shop.one(cancelled)).state == "waiting"

    await shop.one(paid)

    assert (await shop.wallet("lin"))["pending"] == 0
    assert await shop.count("orders", "state = 'cancelled'") == 1


async def test_order_and_return_in_one_batch_see_each_other(shop: Shop) -> None:
    order = shop.paid("lin", 30_000, "A1")
    shop.later(minutes=1)

    first, second = await shop.send(shop.returned("A1"), order)

    assert (first.state, second.state) == ("accepted", "accepted")
    assert (await shop.wallet("lin"))["pending"] == 0


async def test_a_return_that_was_closed_counts_when_it_is_sent_again_after_its_order_came(shop: Shop) -> None:
    await shop.enrol("lin")
    early = shop.returned("A1", "r1")
    await shop.one(early)
    shop.later(days=30)
    await shop.one(ClockClose("close:1", "main", "A1", shop.now))

    await shop.order("lin", 30_000, "A1")
    assert (await shop.wallet("lin"))["pending"] == 300
    again = await shop.one(shop.returned("A1", "r1", occurred_at=early.occurred_at))

    assert (again.state, again.replayed) == ("accepted", False)
    assert await shop.wallet("lin") == NOTHING


async def test_a_return_that_was_closed_may_wait_again(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.one(shop.returned("A1", "r1"))
    shop.later(days=30)
    await shop.one(ClockClose("close:1", "main", "A1", shop.now))

    again = await shop.one(shop.returned("A1", "r1"))
    await shop.order("lin", 30_000, "A1")

    assert (again.state, again.replayed) == ("waiting", False)
    assert await shop.wallet("lin") == NOTHING
    assert await shop.count("events", "state = 'waiting'") == 0


async def test_a_waiting_return_that_was_refused_can_be_put_right_under_its_number(shop: Shop) -> None:
    await shop.enrol("lin")
    assert (await shop.one(shop.returned("A1", "r1", amount=40_000))).state == "waiting"
    await shop.order("lin", 30_000, "A1")

    right = await shop.one(shop.returned("A1", "r1", amount=10_000))
    other = await shop.one(shop.returned("A1", "r1", amount=20_000))

    assert (right.state, other.code) == ("accepted", "CONFLICT")
    assert (await shop.wallet("lin"))["pending"] == 200


@pytest.mark.parametrize("comes", ["the clock", "the return again", "another return"])
async def test_what_met_a_defect_goes_on_waiting_for_whatever_comes_next(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, comes: str
) -> None:
    await shop.enrol("lin")
    early = shop.returned("A1", "r1", amount=10_000)
    await shop.one(early)
    with monkeypatch.context() as patch:
        patch.setattr(orders, "give_back", broken)
        assert (await shop.order("lin", 30_000, "A1")).state == "accepted"
    assert await shop.count("events", "state = 'waiting'") == 1
    assert await shop.count("outbox", "kind = 'event.outcome'") == 0

    left = {"the clock": 200, "the return again": 200, "another return": 150}[comes]
    shop.later(days=30)
    if comes == "the clock":
        await shop.one(ClockClose("close:1", "main", "A1", shop.now))
    elif comes == "the return again":
        await shop.one(shop.returned("A1", "r1", amount=10_000, occurred_at=early.occurred_at))
    else:
        await shop.one(shop.returned("A1", "r2", amount=5_000))

    await shop.settle("lin")
    assert (await shop.wallet("lin"))["available"] == left
    assert await shop.count("events", "state = 'waiting'") == 0
    assert await shop.count("outbox", "kind = 'event.outcome'") == 1


@pytest.mark.parametrize("way", ["one by one", "in one batch", "the cancellation first"])
async def test_points_burnt_on_an_order_come_back_however_its_cancellation_comes(shop: Shop, way: str) -> None:
    await shop.enrol("lin")
    await shop.one(PointsAdjust(shop.key(), ref("lin"), "points", 1_000, "a start"), ADMIN)
    await shop.redeem("lin", order_number="A1")
    assert (await shop.wallet("lin"))["available"] == 700
    shop.later(minutes=1)
    paid = shop.paid("lin", 30_000, "A1")
    cancelled = shop.cancelled("A1", occurred_at=shop.now + timedelta(seconds=1))
    shop.later(minutes=1)

    if way == "in one batch":
        await shop.send(paid, cancelled)
    else:
        for arrival in (paid, cancelled) if way == "one by one" else (cancelled, paid):
            await shop.one(arrival)

    assert await shop.wallet("lin") == NOTHING | {"available": 1_000}
    assert await shop.count("transfers", "reason = 'given_back' AND amount = 300") == 1


async def test_a_return_that_waited_takes_only_its_part_of_the_points_burnt(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.one(PointsAdjust(shop.key(), ref("lin"), "points", 1_000, "a start"), ADMIN)
    await shop.redeem("lin", order_number="A1")
    await shop.one(shop.returned("A1", "r1", amount=10_000))

    await shop.order("lin", 30_000, "A1")

    assert await shop.wallet("lin") == NOTHING | {"available": 800, "pending": 200}
