"""Standings: up at once, down at a review, back when the reason comes back."""

from tests.loyalty.conftest import Shop


async def test_growth_lifts_at_once_and_brings_the_pack(shop: Shop) -> None:
    await shop.enrol("lin")
    assert await shop.tier("lin") == "normal"

    receipt = await shop.order("lin", 100_000)

    assert receipt.changes["tiers"] == [{"ladder": "grade", "from": "normal", "to": "gold"}]
    assert await shop.tier("lin") == "gold"
    assert await shop.count("entitlements", "benefit = 'gold-pack' AND state = 'issued'") == 1


async def test_gold_earns_double_from_the_next_order_on(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.order("lin", 100_000)

    receipt = await shop.order("lin", 10_000)

    assert receipt.changes["points"]["points"] == {"pending": 200}


async def test_an_upgrade_goes_back_with_the_order_that_caused_it(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.order("lin", 100_000, "A1")

    await shop.one(shop.returned("A1"))

    assert await shop.tier("lin") == "normal"
    assert await shop.count("standing_moves", "tier_from = 'gold' AND reason = 'reversed'") == 1
    assert await shop.count("entitlements", "state = 'revoked'") == 1


async def test_a_review_takes_down_one_level_after_three_months_without_a_purchase(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.order("lin", 100_000)
    shop.later(days=365)
    await shop.review("lin")
    assert await shop.tier("lin") == "normal"


async def test_a_review_leaves_whoever_bought_lately(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.order("lin", 100_000)
    shop.later(days=366)
    await shop.order("lin", 1_000)
    await shop.review("lin")

    assert await shop.tier("lin") == "gold"
