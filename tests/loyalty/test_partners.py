"""What happens at a partner says so in the ledger: what was earned and burnt there, and what of it came back."""

from collections.abc import AsyncIterator

import pytest_asyncio

from loyalty.events import HoldCapture, Line, OrderCancelled, PointsRedeem
from models.database import Database
from tests.loyalty.brands import FILES_OF_BRANDS, HOUSE
from tests.loyalty.conftest import Shop, ref, shop_of


@pytest_asyncio.fixture
async def brands(db: Database) -> AsyncIterator[Shop]:
    """The shop of two partners."""
    made = await shop_of(db, FILES_OF_BRANDS)
    yield made
    await made.prove()


async def told(shop: Shop) -> list[tuple[str, str, int, str | None]]:
    """Every transfer of points between the programme and its members, with the partner it names."""
    rows = await shop.house.db.rows(
        "SELECT debit, credit, amount, partner FROM transfers WHERE wallet = 'points' "
        "AND (debit IN ('issued', 'redeemed') OR credit IN ('issued', 'redeemed')) ORDER BY position, id"
    )
    return [(row["debit"], row["credit"], row["amount"], row["partner"]) for row in rows]


async def test_what_is_earned_in_a_partners_shop_names_the_partner(brands: Shop) -> None:
    await brands.enrol("lin")
    await brands.one(brands.paid("lin", 10_000, "t1", shop="tea-till"), caller=HOUSE)
    await brands.one(brands.paid("lin", 20_000, "m1"), caller=HOUSE)

    assert await told(brands) == [("issued", "pending", 100, "tea-house"), ("issued", "pending", 200, None)]


async def test_what_comes_back_names_it_too_even_as_a_debt(brands: Shop) -> None:
    await brands.enrol("lin")
    await brands.one(brands.paid("lin", 10_000, "t1", shop="tea-till"), caller=HOUSE)
    brands.later(days=7)
    await brands.redeem("lin", "tea")

    await brands.one(OrderCancelled(brands.key(), "t1", brands.now, shop="tea-till"), caller=HOUSE)

    assert await told(brands) == [
        ("issued", "pending", 100, "tea-house"),
        ("available", "redeemed", 100, "tea-house"),
        ("owed", "issued", 100, "tea-house"),
    ]


async def test_points_burnt_on_a_partners_order_name_it_and_come_back_from_it(brands: Shop) -> None:
    await brands.enrol("lin")
    await brands.order("lin", 60_000, "m1")
    brands.later(days=7)
    wish = PointsRedeem(brands.key(), ref("lin"), "coupon-10", order_number="t1", shop="tea-till")
    held = PointsRedeem(brands.key(), ref("lin"), "coupon-10", order_number="t1", shop="tea-till", hold=True)
    await brands.one(wish, caller=HOUSE)
    hold_id = (await brands.one(held, caller=HOUSE)).hold_id
    assert hold_id is not None
    await brands.one(HoldCapture(brands.key(), ref("lin"), hold_id), caller=HOUSE)
    await brands.one(brands.paid("lin", 10_000, "t1", shop="tea-till"), caller=HOUSE)

    await brands.one(OrderCancelled(brands.key(), "t1", brands.now, shop="tea-till"), caller=HOUSE)

    burnt = [row for row in await told(brands) if "redeemed" in row[:2]]
    assert burnt == [
        ("available", "redeemed", 300, "tea-house"),
        ("held", "redeemed", 300, "tea-house"),
        ("redeemed", "available", 300, "tea-house"),
        ("redeemed", "available", 300, "tea-house"),
    ]


async def test_an_appliance_brings_the_other_brands_coupon(brands: Shop) -> None:
    fridge = (Line("fridge", 1, 300_000, category="appliance"),)
    await brands.order("lin", 300_000, "m1", lines=fridge)
    await brands.one(brands.paid("lin", 1_000, "t1", shop="tea-till", lines=fridge[:0]), caller=HOUSE)

    rows = await brands.house.db.rows("SELECT benefit, partner, state FROM entitlements WHERE partner IS NOT NULL")
    assert [(row["benefit"], row["partner"], row["state"]) for row in rows] == [("sofa-coupon", "sofa", "issued")]
