"""Points that turn into benefits by themselves: never more points than what was given for them."""

from typing import Any

from loyalty.events import PointsAdjust
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


async def test_a_conversion_gives_a_hundred_and_leaves_the_rest_for_the_next(db: Database) -> None:
    shop = await turned(db, 1)

    await shop.one(PointsAdjust("a", ref("lin"), "points", 20_000, "a seed"), caller=ADMIN)
    assert await shop.wallet("lin") == NOTHING | {"available": 19_900}
    assert await shop.count("entitlements") == 100

    await shop.one(PointsAdjust("b", ref("lin"), "points", 1, "one more"), caller=ADMIN)
    assert await shop.wallet("lin") == NOTHING | {"available": 19_801}
    assert await shop.count("entitlements") == 200
    await shop.prove()
