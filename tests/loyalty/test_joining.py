"""Whoever buys, or uses a product, becomes a member where a policy says so; all others stay nobody."""

import asyncio
from secrets import token_bytes
from typing import Any

import pytest

from loyalty.events import Arrival
from loyalty.house import House
from loyalty.intake import receive
from loyalty.previewing import preview
from models.codec import parse
from models.database import Database
from tests.loyalty.conftest import POS, SECRETS, Shop, back, lines, shop_of
from tests.loyalty.programme import FILES, documents
from tests.loyalty.test_points import NOTHING

BY_REVIEW: dict[str, Any] = {
    "title": {"en": "Join with the first review", "zh-CN": "首评入会"},
    "on": ["member.enrol_wanted"],
    "conditions": {"name": "wanted_by", "operator": "equal_to", "value": "review.written"},
    "actions": [{"name": "enrol", "params": {}}],
    "examples": [
        {"given": {"wanted_by": "review.written"}, "then": [{"enrol": True}]},
        {"given": {"wanted_by": "order.paid"}, "then": []},
    ],
}


async def reviewing(db: Database) -> Shop:
    return await shop_of(db, documents(enrol__first_purchase=None, enrol__first_review=BY_REVIEW))


async def test_whoever_does_what_a_policy_names_is_a_member_and_earns_for_it(db: Database) -> None:
    shop = await reviewing(db)

    joined = await shop.behave("lin", "review.written", rating=5)
    again = await shop.behave("lin", "review.written", rating=5)

    assert joined.changes["enrolled"] is True
    assert again.member_id == joined.member_id
    assert await shop.wallet("lin") == NOTHING | {"available": 40}
    assert await shop.count("members") == 1
    await shop.prove()


async def test_whoever_does_something_else_is_nobody_still(db: Database) -> None:
    shop = await reviewing(db)

    bought = await shop.order("lin", 10000)

    assert (bought.state, (bought.member_id or 0) < 0) == ("accepted", True)
    assert (await shop.count("members"), await shop.count("identities")) == (0, 0)
    await shop.prove()


async def test_without_such_a_policy_nobody_is_taken_in_by_what_they_do(db: Database) -> None:
    shop = await shop_of(db, documents(enrol__first_purchase=FILES["enrol/first-purchase"]))

    refused = await shop.behave("lin", "review.written", rating=5)

    assert refused.code == "MEMBER_UNKNOWN"
    assert (await shop.count("members"), await shop.count("identities")) == (0, 0)
    await shop.prove()


async def test_joining_by_using_a_product_brings_the_orders_that_waited(db: Database) -> None:
    shop = await reviewing(db)
    await shop.order("lin", 10000)
    shop.later(days=2)

    await shop.behave("lin", "review.written", rating=5)

    assert await shop.wallet("lin") == NOTHING | {"available": 20, "pending": 100}
    await shop.prove()


def by_waiting(name: str, least: Any, below: Any) -> dict[str, Any]:
    """Whoever has as much of it waiting joins."""
    return {
        "title": {"en": "Join by what was bought", "zh-CN": "累计消费入会"},
        "on": ["member.enrol_wanted"],
        "conditions": {"name": name, "operator": "greater_than_or_equal_to", "value": least},
        "actions": [{"name": "enrol", "params": {}}],
        "examples": [{"given": {name: least}, "then": [{"enrol": True}]}, {"given": {name: below}, "then": []}],
    }


BY_SPEND = by_waiting("waiting_spend", "500.00", "499.99")


async def spending(db: Database, policy: dict[str, Any] = BY_SPEND) -> Shop:
    return await shop_of(db, documents(enrol__first_purchase=None, enrol__spend=policy))


async def read_of(shop: Shop) -> list[dict[str, Any]]:
    """What was read where somebody was taken in."""
    rows = await shop.house.db.rows("SELECT \"read\" FROM decisions WHERE kind = 'member.enrol_wanted' ORDER BY id")
    return [parse(row["read"])["facts"] for row in rows]


async def test_whoever_has_spent_enough_is_a_member_and_has_the_earlier_orders(db: Database) -> None:
    shop = await spending(db)
    waited = [await shop.order("lin", total) for total in (20_000, 29_900)]
    shop.later(days=2)

    joined = await shop.order("lin", 100)

    assert [(one.member_id or 0) < 0 for one in waited] == [True, True]
    assert joined.changes["enrolled"] is True
    assert await shop.wallet("lin") == NOTHING | {"pending": 500}
    assert (await shop.count("members"), await shop.count("orders", "member_id > 0")) == (1, 3)
    assert await shop.count("orders", "state = 'claimed'") == 2
    assert await read_of(shop) == [{"waiting_spend": 50_000}]
    await shop.prove()


async def test_a_cent_less_is_not_enough_and_orders_of_others_are_not_counted(db: Database) -> None:
    shop = await spending(db)
    await shop.order("wang", 49_999)
    await shop.order("lin", 20_000)

    last = await shop.order("lin", 29_999)

    assert (last.member_id or 0) < 0
    assert (await shop.count("members"), await shop.count("identities"), await read_of(shop)) == (0, 0, [])
    await shop.prove()


async def test_what_came_back_or_was_called_off_or_is_too_old_is_not_counted(db: Database) -> None:
    shop = await spending(db)
    await shop.order("lin", 49_900, "old")
    shop.later(days=31)
    await shop.order("lin", 30_000, "part", lines=lines(10_000, 20_000))
    await shop.one(shop.returned("part", lines=back((0, 1))))
    await shop.order("lin", 29_900, "off")
    await shop.one(shop.cancelled("off"))
    await shop.order("lin", 10_000, "whole")
    await shop.one(shop.returned("whole", "r2"))

    under = await shop.order("lin", 29_999)
    joined = await shop.order("lin", 1)

    assert ((under.member_id or 0) < 0, joined.changes["enrolled"]) == (True, True)
    assert await read_of(shop) == [{"waiting_spend": 50_000}]
    assert await shop.count("orders", "member_id > 0 AND number = 'old'") == 0
    await shop.prove()


async def test_a_late_order_counts_with_what_was_paid_after_it_within_the_days(db: Database) -> None:
    shop = await spending(db)
    long_ago = shop.now
    shop.later(days=20)
    between = shop.now
    shop.later(days=20)
    await shop.order("lin", 30_000)

    far = await shop.order("lin", 30_000, occurred_at=long_ago)
    near = await shop.order("lin", 20_000, occurred_at=between)

    assert ((far.member_id or 0) < 0, near.changes["enrolled"]) == (True, True)
    assert await read_of(shop) == [{"waiting_spend": 80_000}]
    (member,) = await shop.house.db.rows("SELECT joined_at FROM members")
    assert member["joined_at"] == between
    await shop.prove()


async def test_two_orders_of_one_batch_see_each_other_and_a_return_between_them(db: Database) -> None:
    shop = await spending(db)
    lin = [shop.paid("lin", 30_000, "A1"), shop.paid("lin", 20_000, "A2")]
    wu: list[Arrival] = [shop.paid("wu", 30_000, "B1"), shop.returned("B1"), shop.paid("wu", 20_000, "B2")]

    answers = await shop.send(*lin, *wu)

    assert [(one.state, (one.member_id or 0) > 0) for one in answers] == [
        ("accepted", joined) for joined in (False, True, False, False, False)
    ]
    assert await shop.wallet("lin") == NOTHING | {"pending": 500}
    assert (await shop.count("members"), await shop.count("identities")) == (1, 1)
    await shop.prove()


async def test_orders_that_two_processes_take_at_once_are_counted_together(db: Database) -> None:
    shop = await spending(db)
    houses = [House(db, SECRETS, token_bytes) for _ in range(2)]
    for house in houses:
        await house.rulebook.programme(db, POS.programme)
    names = [f"lin-{number}" for number in range(6)]

    await asyncio.gather(
        *(receive(house, POS, [shop.paid(name, 25_000)], now=shop.now) for name in names for house in houses)
    )

    assert [await shop.wallet(name) for name in names] == [NOTHING | {"pending": 500}] * 6
    assert (await shop.count("members"), await shop.count("orders", "member_id > 0")) == (6, 12)
    await shop.prove()


async def test_the_third_order_takes_in_where_orders_are_counted(db: Database) -> None:
    shop = await spending(db, by_waiting("waiting_orders", 3, 2))
    free = await shop.order("lin", 0)
    first, second = [await shop.order("lin", 1_000) for _ in range(2)]

    third = await shop.order("lin", 1_000)

    assert [(one.member_id or 0) > 0 for one in (free, first, second, third)] == [False, False, False, True]
    assert await read_of(shop) == [{"waiting_orders": 3}]
    await shop.prove()


async def test_by_what_is_done_the_orders_count_that_waited(db: Database) -> None:
    bought = {"name": "waiting_spend", "operator": "greater_than_or_equal_to", "value": "250.00"}
    asked = BY_REVIEW | {"conditions": {"all": [BY_REVIEW["conditions"], bought]}}
    asked["examples"] = [
        {"given": {"wanted_by": "review.written", "waiting_spend": "250.00"}, "then": [{"enrol": True}]},
        {"given": {"wanted_by": "review.written", "waiting_spend": "249.99"}, "then": []},
    ]
    shop = await spending(db, asked)
    await shop.order("wang", 24_999)
    await shop.order("lin", 25_000)

    refused = await shop.behave("wang", "review.written", rating=5)
    joined = await shop.behave("lin", "review.written", rating=5)

    assert (refused.code, joined.changes["enrolled"]) == ("MEMBER_UNKNOWN", True)
    assert await shop.wallet("lin") == NOTHING | {"available": 20, "pending": 250}
    await shop.prove()


@pytest.mark.parametrize(("total", "joins"), [(29_999, False), (30_000, True)])
async def test_a_preview_counts_what_waits_and_writes_nothing(db: Database, total: int, joins: bool) -> None:
    shop = await spending(db)
    await shop.order("lin", 10_000)
    await shop.order("lin", 10_000)

    seen = await preview(shop.house, POS, shop.paid("lin", total), now=shop.now)

    assert bool(seen.receipt.changes.get("enrolled")) is joins
    assert (await shop.count("members"), await shop.count("orders", "state = 'claimed'")) == (0, 0)
