"""What happens at a partner says so in the ledger: what was earned and burnt there, and what of it came back."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest_asyncio

from loyalty.access import Caller
from loyalty.events import CodeUndo, CodeVerify, HoldCapture, Line, MemberRef, OrderCancelled, PointsRedeem
from models.database import Database
from tests.loyalty.brands import CHANGES, FILES_OF_BRANDS, HOUSE, TEA
from tests.loyalty.conftest import Shop, ref, shop_of
from tests.loyalty.programme import documents


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


TILL = Caller(
    "partner:tea", "story", frozenset({"partner", "partner:verify"}), partner="tea-house", shops=("tea-till",)
)


async def code_of_tea(shop: Shop, name: str = "lin") -> str:
    """Somebody has a code for a tea."""
    await shop.order(name, 10_000, f"rich-{name}")
    shop.later(days=7)
    given = (await shop.redeem(name, "tea")).changes["entitlements"][0]["id"]
    return shop.house.secrets.code_of(1, given)


async def used(shop: Shop, code: str, **more: Any) -> CodeUndo:
    """The event that takes back the use that this makes."""
    receipt = await shop.one(CodeVerify(shop.key(), code, use=True, **more), caller=TILL)
    assert receipt.ok
    assert receipt.event_id is not None
    return CodeUndo(shop.key(), MemberRef(id=receipt.member_id), receipt.event_id)


async def test_a_use_taken_back_leaves_the_piece_as_it_was(brands: Shop) -> None:
    code = await code_of_tea(brands)
    back = await used(brands, code)

    assert (await brands.one(back, caller=TILL)).ok

    (row,) = await brands.house.db.rows("SELECT state, used_at, uses FROM entitlements WHERE benefit = 'tea'")
    assert dict(row) == {"state": "issued", "used_at": None, "uses": 0}
    assert (await brands.one(replace(back, key="again"), caller=TILL)).code == "REDEMPTION_UNDONE"


async def test_a_use_taken_back_after_the_pieces_end_leaves_it_expired(db: Database) -> None:
    brands = await shop_of(db, documents(**(CHANGES | {"partners__tea_house": TEA | {"cancel_window": {"days": 60}}})))
    code = await code_of_tea(brands)
    brands.later(days=29)
    back = await used(brands, code)
    brands.later(days=10)

    assert (await brands.one(back, caller=TILL)).ok

    (row,) = await brands.house.db.rows("SELECT state FROM entitlements WHERE benefit = 'tea'")
    assert row["state"] == "expired"
    await brands.prove()


async def test_one_of_several_uses_is_taken_back_with_its_part(db: Database) -> None:
    several = CHANGES["benefits__tea"] | {"uses": 3, "sub_limits": {"hot": 2}}
    brands = await shop_of(db, documents(**(CHANGES | {"benefits__tea": several})))
    code = await code_of_tea(brands)
    back = await used(brands, code, part="hot")
    await used(brands, code, part="hot")

    await brands.one(back, caller=TILL)

    (row,) = await brands.house.db.rows("SELECT state, uses, parts FROM entitlements WHERE benefit = 'tea'")
    assert (row["state"], row["uses"], row["parts"]) == ("issued", 1, '{"hot":1}')
    await brands.prove()


async def test_a_use_of_anothers_code_is_not_there_to_be_taken_back(brands: Shop) -> None:
    back = await used(brands, await code_of_tea(brands))
    sofa = replace(TILL, subject="partner:sofa", partner="sofa", shops=("sofa-till",))

    answers = [await brands.one(back, caller=sofa), await brands.one(replace(back, key="k", event_id=1), caller=TILL)]

    assert [answer.code for answer in answers] == ["NOT_FOUND", "NOT_FOUND"]
    (row,) = await brands.house.db.rows("SELECT state FROM entitlements WHERE benefit = 'tea'")
    assert row["state"] == "used"
