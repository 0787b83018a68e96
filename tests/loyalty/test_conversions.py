"""Points that turn into benefits by themselves: never more points than what was given for them."""

from typing import Any

from loyalty.events import PointsAdjust
from loyalty.intake import take_queued
from models.database import Database
from tests.loyalty.conftest import ADMIN, Shop, ref, shop_of
from tests.loyalty.programme import FILES, documents
from tests.loyalty.test_points import NOTHING


def turning(points: int, **more: Any) -> dict[str, Any]:
    """A policy that turns so many points into a coupon, by itself."""
    return {
        "title": {"en": f"{points} become a coupon", "zh-CN": f"{points} 分自动兑换"},
        "on": ["points.available"],
        "actions": [{"name": "convert_points", "params": {"points": str(points), "benefit": "coupon-10"}}],
        "examples": [
            {
                "given": {"balance_points": str(points)},
                "then": [{"convert": "points", "points": points, "issue": "coupon-10"}],
            },
            {"given": {"balance_points": "0"}, "then": []},
        ],
        **more,
    }


ONCE: dict[str, Any] = {
    "title": {"en": "Twenty for what became available", "zh-CN": "到账奖励"},
    "on": ["points.available"],
    "actions": [{"name": "earn_points", "params": {"points": "20", "pending": {"days": 30}}}],
    "conditions": {"name": "balance_points", "operator": "greater_than", "value": 0},
    "examples": [
        {"given": {"balance_points": 1}, "then": [{"earn": "points", "points": 20}]},
        {"given": {"balance_points": 0}, "then": []},
    ],
}


async def turned(db: Database, points: int, *, stock: int | None = None, **changes: Any) -> Shop:
    """A shop that turns points into coupons, and Lin."""
    coupon = FILES["benefits/coupon-10"] | ({"stock": stock} if stock else {})
    shop = await shop_of(
        db, documents(benefits__coupon_10=coupon, campaigns__turn=turning(points), redeem__coupon_10=None, **changes)
    )
    await shop.enrol("lin")
    return shop


async def test_two_conversions_of_one_wallet_take_what_is_there_once(db: Database) -> None:
    shop = await turned(db, 100, campaigns__turn_too=turning(100, limits={"times_per_member": 1}))
    await shop.order("lin", 15_000)
    shop.later(days=8)

    clock = await shop.settle("lin")
    order = await shop.order("lin", 5_000)

    assert (clock.state, order.state) == ("accepted", "accepted")
    assert await shop.wallet("lin") == NOTHING | {"pending": 50, "available": 50}
    assert await shop.count("entitlements", "benefit = 'coupon-10' AND points = 100") == 1
    assert await shop.count("limits", "policy = 'campaigns/turn-too'") == 0  # It came to nothing: its one time is left.
    await shop.prove()


async def test_a_conversion_spends_only_for_what_was_given(db: Database) -> None:
    shop = await turned(db, 100, stock=1)

    receipt = await shop.one(PointsAdjust("a", ref("lin"), "points", 350, "a seed"), caller=ADMIN)

    assert await shop.wallet("lin") == NOTHING | {"available": 250}
    assert await shop.count("entitlements") == 1
    assert await shop.count("transfers", "reason = 'converted' AND amount = 100") == 1
    assert await shop.count("entitlements", "transfer_id IS NOT NULL") == 1
    missing = {"benefit": "coupon-10", "policy": "campaigns/turn", "code": "OUT_OF_STOCK", "times": 2}
    assert receipt.changes["not_given"] == [missing]
    await shop.prove()


async def test_a_conversion_of_nothing_takes_nothing(db: Database) -> None:
    shop = await turned(db, 100, stock=1)
    await shop.one(PointsAdjust("a", ref("lin"), "points", 100, "a seed"), caller=ADMIN)

    await shop.one(PointsAdjust("b", ref("lin"), "points", 100, "another"), caller=ADMIN)

    assert await shop.wallet("lin") == NOTHING | {"available": 100}
    assert await shop.count("transfers", "reason = 'converted'") == 1
    await shop.prove()


async def test_two_hundred_and_fifty_pieces_are_given_at_once(db: Database) -> None:
    shop = await turned(db, 100)

    await shop.one(PointsAdjust("a", ref("lin"), "points", 25_099, "a seed"), caller=ADMIN)

    assert await shop.wallet("lin") == NOTHING | {"available": 99}
    assert await shop.count("entitlements", "points = 100") == 250
    assert await shop.count("transfers", "reason = 'converted' AND amount = 25000") == 1
    await shop.prove()


async def test_a_conversion_of_two_thousand_five_hundred_goes_on_by_itself(db: Database) -> None:
    shop = await turned(db, 1, campaigns__welcome=ONCE)

    receipt = await shop.one(PointsAdjust("a", ref("lin"), "points", 2_500, "a seed"), caller=ADMIN)

    assert receipt.ok
    assert await shop.wallet("lin") == NOTHING | {"pending": 20}  # What is given for points that come is given once.
    assert await shop.count("entitlements", "points = 1") == 2_500
    rows = await db.rows("SELECT amount FROM transfers WHERE reason = 'converted' ORDER BY id")
    assert [row["amount"] for row in rows] == [1_000, 1_000, 500]
    assert await shop.count("events", "kind = 'points.convert'") == 0
    await shop.prove()


async def test_what_is_too_much_for_one_event_follows_in_the_next(db: Database) -> None:
    shop = await turned(db, 1)

    await shop.one(PointsAdjust("a", ref("lin"), "points", 9_000, "a seed"), caller=ADMIN)
    assert await shop.wallet("lin") == NOTHING | {"available": 5_000}
    taken = [await take_queued(shop.house, "story", now=shop.now) for _ in range(3)]

    assert taken == [1, 1, 0]
    assert await shop.wallet("lin") == NOTHING
    assert await shop.count("entitlements") == 9_000
    assert await shop.count("events", "kind = 'points.convert' AND state = 'accepted'") == 2
    await shop.prove()


async def test_what_is_left_of_a_conversion_takes_no_points_that_were_spent_meanwhile(db: Database) -> None:
    shop = await turned(db, 1)
    await shop.one(PointsAdjust("a", ref("lin"), "points", 4_500, "a seed"), caller=ADMIN)
    await shop.one(PointsAdjust("b", ref("lin"), "points", -300, "put right"), caller=ADMIN)

    taken = [await take_queued(shop.house, "story", now=shop.now) for _ in range(2)]

    assert taken == [1, 0]
    assert await shop.wallet("lin") == NOTHING
    assert await shop.count("entitlements") == 4_200
    await shop.prove()


async def test_where_the_stock_ends_a_conversion_ends_too_and_says_how_much_is_missing(db: Database) -> None:
    shop = await turned(db, 1, stock=1_001)

    receipt = await shop.one(PointsAdjust("a", ref("lin"), "points", 2_500, "a seed"), caller=ADMIN)

    missing = {"benefit": "coupon-10", "policy": "campaigns/turn", "code": "OUT_OF_STOCK", "times": 1_499}
    assert receipt.changes["not_given"] == [missing]
    assert await shop.wallet("lin") == NOTHING | {"available": 1_499}
    assert await shop.count("events", "kind = 'points.convert'") == 0
    await shop.prove()
