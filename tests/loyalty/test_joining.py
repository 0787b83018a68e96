"""Whoever buys, or uses a product, becomes a member where a policy says so; all others stay nobody."""

from typing import Any

from models.database import Database
from tests.loyalty.conftest import Shop, shop_of
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
