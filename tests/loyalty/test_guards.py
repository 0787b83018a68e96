"""Guards against fraud: caps on how often one redeems, odd patterns told to whoever watches, and a wallet frozen."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from models.database import Database
from tests.loyalty.conftest import Shop, shop_of
from tests.loyalty.programme import FILES, documents
from tests.loyalty.test_points import NOTHING, rich


def words(text: str) -> dict[str, str]:
    """The same in both languages."""
    return {"en": text, "zh-CN": text}


def guard(variable: str, most: Any, then: dict[str, Any], *actions: dict[str, Any], over: Any) -> dict[str, Any]:
    """A policy that acts where a figure is above what is usual."""
    return {
        "title": words(f"Guard of {variable}"),
        "on": ["points.redeem"],
        "conditions": {"all": [{"name": variable, "operator": "greater_than", "value": most}]},
        "actions": list(actions),
        "examples": [{"given": {variable: over}, "then": [then]}, {"given": {variable: 0}, "then": []}],
    }


ALERT = {"name": "raise_alert", "params": {"severity": "warning", "text": words("Many redemptions")}}
FREEZE: dict[str, Any] = {"name": "freeze_wallet", "params": {}}
GUARDS = {
    "campaigns__often": guard("redemptions_24h", 1, {"alert": "warning"}, ALERT, over=2),
    "campaigns__much": guard("points_redeemed_30d", 800, {"freeze": "points"}, FREEZE, over=801),
}


@pytest_asyncio.fixture
async def guarded(db: Database) -> AsyncIterator[Shop]:
    """Lin has 5,000 points, in a shop that looks twice at a third redemption a day and at more than 800 points."""
    made = await shop_of(db, documents(**GUARDS))
    await rich(made, "lin", 5000)
    yield made
    await made.prove()


async def alerts(shop: Shop) -> int:
    """How many have been put out."""
    return await shop.count("outbox", "kind = 'alert.policy'")


async def test_a_third_redemption_within_a_day_is_told(guarded: Shop) -> None:
    told = []
    for _ in range(3):
        assert (await guarded.redeem("lin")).state == "accepted"
        told.append(await alerts(guarded))

    assert told == [0, 0, 1]


async def test_a_day_later_the_count_begins_anew(guarded: Shop) -> None:
    for _ in range(2):
        await guarded.redeem("lin")
    guarded.later(hours=24)

    await guarded.redeem("lin")

    assert await alerts(guarded) == 0


async def test_much_at_once_freezes_the_wallet_and_what_was_asked_for_is_given(guarded: Shop) -> None:
    receipts = [await guarded.redeem("lin") for _ in range(5)]

    assert [one.code for one in receipts] == [None, None, None, None, "WALLET_FROZEN"]
    assert receipts[3].changes["frozen"] == [{"wallet": "points", "policy": "campaigns/much"}]
    assert await guarded.wallet("lin") == NOTHING | {"available": 3800}
    assert await guarded.count("wallets", "wallet = 'points' AND frozen_for = 'policy'") == 1


async def test_a_frozen_wallet_goes_on_earning(guarded: Shop) -> None:
    for _ in range(4):
        await guarded.redeem("lin")

    receipt = await guarded.order("lin", 10_000)

    assert receipt.changes["points"]["points"] == {"pending": 200}  # Lin is gold.


async def test_points_that_were_redeemed_long_ago_do_not_count(guarded: Shop) -> None:
    for _ in range(3):
        await guarded.redeem("lin")
    guarded.later(days=31)

    receipt = await guarded.redeem("lin")

    assert receipt.state == "accepted"
    assert "frozen" not in receipt.changes


async def test_what_others_redeem_is_not_this_members(guarded: Shop) -> None:
    await rich(guarded, "wang", 5000)
    for _ in range(4):
        await guarded.redeem("wang")

    receipt = await guarded.redeem("lin")

    assert receipt.state == "accepted"
    assert await guarded.count("wallets", "frozen_at IS NOT NULL") == 1


async def test_a_member_redeems_so_often_a_day(db: Database) -> None:
    programme = json.loads(json.dumps(FILES["programme"])) | {"redemptions_per_day": 2}
    shop = await shop_of(db, documents(programme=programme))
    await rich(shop, "lin", 5000)

    today = [(await shop.redeem("lin")).code for _ in range(3)]
    shop.later(days=1)
    tomorrow = await shop.redeem("lin")

    assert today == [None, None, "REDEMPTIONS_REACHED"]
    assert tomorrow.state == "accepted"
    assert await shop.wallet("lin") == NOTHING | {"available": 4100}
    await shop.prove()
