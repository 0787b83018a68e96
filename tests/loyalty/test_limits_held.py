"""Limits of the intake, at their edge and past it: what is dropped, throttled, or turned away, and what stays whole."""

import asyncio
from typing import Any

import pytest

from loyalty.batcher import QUEUE_MAX
from loyalty.events import OrderPaid
from loyalty.refusals import Throttled
from models.codec import parse
from models.database import Database
from tests.loyalty.conftest import POS, Shop, shop_of
from tests.loyalty.programme import documents

ENDLESS: dict[str, Any] = {
    "title": {"en": "A point for every point", "zh-CN": "分生分"},
    "on": ["points.available"],
    "conditions": {"name": "balance_points", "operator": "greater_than", "value": 0},
    "actions": [{"name": "earn_points", "params": {"points": "1", "pending": {"days": 0}}}],
    "examples": [
        {"given": {"balance_points": 1}, "then": [{"earn": "points", "points": 1}]},
        {"given": {"balance_points": 0}, "then": []},
    ],
}


async def test_follow_ups_end_after_five_with_an_alert_and_never_the_event(db: Database) -> None:
    shop = await shop_of(db, documents(campaigns__endless=ENDLESS))
    await shop.enrol("lin")

    receipt = await shop.behave("lin", "review.written", rating=5)

    assert receipt.ok
    assert (await shop.wallet("lin"))["available"] == 20 + 5
    alerts = await db.rows("SELECT body FROM outbox WHERE kind = 'alert.follow_ups'")
    assert [parse(row["body"]) for row in alerts] == [{"dropped": ["points.available"], "most": 5}]
    await shop.prove()


async def test_what_an_event_settled_is_not_given_back_with_its_order(db: Database) -> None:
    """Once a month 100 points become a coupon: whether the clock or an order settles it, the use stays used."""
    monthly = {
        "title": {"en": "Converted", "zh-CN": "自动兑换"},
        "on": ["points.available"],
        "actions": [{"name": "convert_points", "params": {"points": "100", "benefit": "coupon-10"}}],
        "limits": {"times_per_member_per_month": 1},
        "examples": [
            {"given": {"balance_points": 100}, "then": [{"convert": "points", "points": 100, "issue": "coupon-10"}]},
            {"given": {"balance_points": 1}, "then": []},
        ],
    }
    shop = await shop_of(db, documents(campaigns__monthly=monthly))
    for name in ("clock", "order"):
        await shop.enrol(name)
        await shop.order(name, 10_000, f"{name}:first")
    shop.later(days=8)
    await shop.settle("clock")

    used = {}
    for name in ("clock", "order"):
        await shop.order(name, 5_000, f"{name}:second")
        await shop.one(shop.cancelled(f"{name}:second"))
        sql = "SELECT name, used FROM limits WHERE member_id = $1"
        used[name] = await db.rows(sql, await shop.member_id(name))

    assert used["clock"] == used["order"] == [{"name": "times_per_member_per_month", "used": 1}]
    await shop.prove()


async def test_what_arrives_together_is_answered_one_by_one(shop: Shop) -> None:
    await shop.enrol("lin")
    batcher = shop.house.batcher("story")
    orders = [shop.paid("lin", 10_000, f"A{number}") for number in range(50)]

    receipts = await asyncio.gather(*(batcher.submit(POS, order, shop.now) for order in orders))

    assert [receipt.state for receipt in receipts] == ["accepted"] * 50
    # The first of them lifts nobody to gold; the one that reaches ¥1,000 does, and those after it earn double.
    assert (await shop.wallet("lin"))["pending"] == 10 * 100 + 40 * 200
    assert len(await db_positions(shop)) == 51


async def db_positions(shop: Shop) -> set[int]:
    return {row["position"] for row in await shop.house.db.rows("SELECT position FROM events")}


async def test_the_queue_takes_two_thousand_and_throttles_the_next(shop: Shop) -> None:
    batcher = shop.house.batcher("story")
    waiting = [
        asyncio.create_task(
            batcher.submit(POS, OrderPaid(f"q{number}", f"Q{number}", None, shop.now, "CNY", 100, 100), shop.now)
        )
        for number in range(QUEUE_MAX)
    ]
    await asyncio.sleep(0)  # Everybody stands in the queue; nothing has been committed yet.

    with pytest.raises(Throttled) as throttled:
        await batcher.submit(POS, shop.paid(None, 100), shop.now)

    assert throttled.value.code == "THROTTLED"
    assert throttled.value.params["retry_after_ms"] > 0
    receipts = await asyncio.gather(*waiting)
    assert {receipt.state for receipt in receipts} == {"accepted"}
    assert await shop.count("orders") == QUEUE_MAX


async def test_a_member_that_is_gone_takes_nothing_more(shop: Shop) -> None:
    for name, status, code in (("lin", "merged", "MEMBER_MERGED"), ("wang", "erased", "MEMBER_ERASED")):
        await shop.enrol(name)
        await shop.house.db.run("UPDATE members SET status = $1 WHERE id = $2", status, await shop.member_id(name))

        answer = await shop.order(name, 10_000, f"of-{name}")

        assert (answer.state, answer.code) == ("refused", code)
        await shop.house.db.run("UPDATE members SET status = 'active' WHERE id = $1", await shop.member_id(name))
    assert await shop.count("orders") == 0


async def test_another_currency_is_turned_away_and_not_kept(shop: Shop) -> None:
    answer = await shop.one(OrderPaid("k", "A1", None, shop.now, "USD", 100, 100))

    assert answer.code == "CURRENCY_RATE_MISSING"
    assert await shop.count("claims") == 0
    assert await shop.count("orders") == 0


async def test_a_shop_the_caller_may_not_name_is_turned_away(shop: Shop) -> None:
    answer = await shop.one(OrderPaid("k", "A1", None, shop.now, "CNY", 100, 100, shop="other"))

    assert answer.code == "SHOP_UNKNOWN"
    assert await shop.count("order_refs") == 0


MONTHLY: dict[str, Any] = {
    "title": {"en": "Twenty for what became available", "zh-CN": "到账奖励"},
    "on": ["points.available"],
    "conditions": {"name": "balance_points", "operator": "greater_than", "value": 0},
    "actions": [{"name": "earn_points", "params": {"points": "20", "pending": {"days": 30}}}],
    "limits": {"points_per_member_per_month": 30},
    "examples": [
        {"given": {"balance_points": 1}, "then": [{"earn": "points", "points": 20}]},
        {"given": {"balance_points": 0}, "then": []},
    ],
}


async def test_what_fell_due_months_ago_counts_in_its_own_month(db: Database) -> None:
    shop = await shop_of(db, documents(campaigns__monthly=MONTHLY))
    await shop.enrol("lin")
    for number in range(2):
        await shop.order("lin", 10_000, f"A{number}")
        shop.later(days=1)
    shop.later(days=200)

    # Both orders matured in March, and what that brought matured in April, and again: each month has its cap.
    receipt = await shop.order("lin", 10_000, "now")

    assert receipt.ok
    limits = await db.rows("SELECT period, used FROM limits WHERE name LIKE 'points%' ORDER BY period")
    assert all(row["used"] <= 30 for row in limits)
    assert [row["period"] for row in limits][:2] == ["2026-03", "2026-04"]
    assert (limits[0]["used"], len(limits)) == (30, 7)
    await shop.prove()
