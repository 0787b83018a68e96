"""What waits for its order: folded when it comes, closed when its days are over."""

from datetime import timedelta

from loyalty.events import ClockClose
from models.codec import parse
from tests.loyalty.conftest import Shop, back, lines


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
