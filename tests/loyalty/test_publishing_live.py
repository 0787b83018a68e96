"""A policy that is published decides the next order; what happened before stays decided as it was."""

from datetime import timedelta
from typing import Any

from loyalty.publishing import pause
from loyalty.rulebook import Rulebook
from tests.loyalty.conftest import ADMIN, Shop
from tests.loyalty.programme import FILES


def doubled() -> dict[str, Any]:
    base: dict[str, Any] = FILES["earn/base"]
    action: dict[str, Any] = base["actions"][0]
    params: dict[str, Any] = {**action["params"], "points": "2"}
    examples = [
        {"given": {"order_paid": "300.00"}, "then": [{"earn": "points", "points": 600}]},
        {"given": {"order_paid": "0.40"}, "then": []},
    ]
    return {**base, "actions": [{**action, "params": params}], "examples": examples}


async def test_the_next_order_is_decided_by_what_was_published(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.order("lin", 10_000)
    await shop.publish(earn__base=doubled())
    live = await shop.house.rulebook.programme(shop.house.db, "story")
    shop.now = live.newest.live_from + timedelta(seconds=1)

    receipt = await shop.order("lin", 10_000)

    assert receipt.changes["points"]["points"]["pending"] == 200


async def test_a_process_that_has_not_heard_of_it_compiles_it_before_it_decides(shop: Shop) -> None:
    await shop.enrol("lin")
    known = shop.house.rulebook
    await shop.publish(earn__base=doubled())
    shop.house.rulebook = Rulebook()
    shop.now = (await known.programme(shop.house.db, "story")).newest.live_from + timedelta(seconds=1)

    receipt = await shop.order("lin", 10_000)

    assert receipt.changes["points"]["points"]["pending"] == 200


async def test_a_paused_policy_does_not_fire(shop: Shop) -> None:
    await shop.enrol("lin")
    await pause(shop.house.db, shop.house.rulebook, ADMIN, "story", "earn/base", note="a mistake")

    receipt = await shop.order("lin", 10_000)

    assert receipt.ok
    assert await shop.count("transfers") == 0
