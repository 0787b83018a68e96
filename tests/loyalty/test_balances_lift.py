"""A ladder that asks for a balance: points that come of age or are put right lift a member by themselves, once."""

from typing import Any

from loyalty.events import PointsAdjust
from models.database import Database
from tests.loyalty.conftest import ADMIN, Shop, shop_of
from tests.loyalty.conftest import ref as member
from tests.loyalty.programme import FILES, documents

GRADE: dict[str, Any] = FILES["tiers/grade"] | {
    "levels": [
        FILES["tiers/grade"]["levels"][0],
        FILES["tiers/grade"]["levels"][1]
        | {"reach": {"name": "balance_points", "operator": "greater_than_or_equal_to", "value": "100"}},
    ]
}


async def opened(db: Database) -> Shop:
    shop = await shop_of(db, documents(tiers__grade=GRADE))
    await shop.enrol("lin")
    return shop


async def test_points_that_mature_lift_at_the_instant_they_do_whoever_settles_them(db: Database) -> None:
    shop = await opened(db)
    await shop.enrol("wang")
    for name in ("lin", "wang"):
        await shop.order(name, 10_000, name)
    assert [await shop.tier(name) for name in ("lin", "wang")] == ["normal", "normal"]
    shop.later(days=9)

    await shop.settle("lin")
    await shop.order("wang", 100)

    assert [await shop.tier(name) for name in ("lin", "wang")] == ["gold", "gold"]
    assert await shop.count("standing_moves", "tier_to = 'gold' AND reason = 'reached'") == 2
    assert await shop.count("entitlements", "benefit = 'gold-pack'") == 2
    await shop.prove()


async def test_an_adjustment_lifts_once(db: Database) -> None:
    shop = await opened(db)

    for key in ("a", "b"):
        await shop.one(PointsAdjust(key, member("lin"), "points", 100, "put right"), caller=ADMIN)

    assert await shop.tier("lin") == "gold"
    assert await shop.count("standing_moves", "tier_to = 'gold'") == 1
    await shop.prove()


async def test_a_ladder_that_reads_no_balance_is_not_looked_at(db: Database) -> None:
    shop = await shop_of(db, documents())
    await shop.enrol("lin")

    await shop.one(PointsAdjust("a", member("lin"), "growth", 5_000, "put right"), caller=ADMIN)

    assert await shop.tier("lin") == "normal"  # What is put right is not earned, and nothing else asks.
    await shop.prove()
