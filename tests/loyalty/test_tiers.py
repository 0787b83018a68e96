"""Standings: up at once, down at a review, back when the reason comes back."""

import copy
from datetime import timedelta
from typing import Any

from loyalty import reviews
from loyalty.clockwork import Clockwork
from loyalty.events import ClockReview, MemberRef
from tests.loyalty.conftest import START, Shop
from tests.loyalty.programme import FILES

SILVER = {
    "key": "silver",
    "title": {"en": "Silver", "zh-CN": "银卡"},
    "reach": {"name": "growth_365d", "operator": "greater_than_or_equal_to", "value": "500"},
}


def ladder(*levels: Any) -> dict[str, Any]:
    """The story's ladder with other levels."""
    return {**FILES["tiers/grade"], "levels": list(levels)}


async def publish_ladder(shop: Shop, *levels: Any) -> None:
    """Another ladder is in force; the story goes on a second later."""
    await shop.publish(tiers__grade=ladder(*levels))
    shop.now = (await shop.house.rulebook.programme(shop.house.db, "story")).newest.live_from + timedelta(seconds=1)


NORMAL, GOLD = FILES["tiers/grade"]["levels"]


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


async def test_a_level_put_below_moves_nobody_and_brings_nothing_again(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.order("lin", 100_000)
    await publish_ladder(shop, NORMAL, SILVER, GOLD)

    receipt = await shop.order("lin", 100)

    assert "tiers" not in receipt.changes
    assert await shop.tier("lin") == "gold"
    assert await shop.count("standings", "rank = 2") == 1
    assert await shop.count("standing_moves") == 2
    assert await shop.count("entitlements", "benefit = 'gold-pack'") == 1


async def test_one_level_down_is_the_one_below_on_the_ladder_in_force(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.order("lin", 100_000)
    await publish_ladder(shop, NORMAL, SILVER, GOLD)
    shop.now = max(shop.now, START + timedelta(days=400))

    await shop.review("lin")

    assert await shop.tier("lin") == "silver"


async def test_a_level_that_is_no_more_gives_way_to_the_highest_that_is_met(shop: Shop) -> None:
    await publish_ladder(shop, NORMAL, SILVER, GOLD)
    await shop.enrol("lin")
    await shop.order("lin", 60_000)
    assert await shop.tier("lin") == "silver"
    await publish_ladder(shop, NORMAL, GOLD)

    receipt = await shop.order("lin", 100)

    assert receipt.changes["tiers"] == [{"ladder": "grade", "from": "silver", "to": "normal"}]
    assert await shop.count("standing_moves", "reason = 'lapsed' AND tier_to = 'normal'") == 1


async def test_a_level_by_another_name_decides_at_once_and_is_no_news(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.order("lin", 100_000)
    platinum = {**GOLD, "key": "platinum"}
    condition = {"name": "member_tier", "operator": "at_least", "value": "platinum"}
    examples = [
        {"given": {"member_tier": "platinum"}, "then": [{"multiply": "points", "factor": "2"}]},
        {"given": {"member_tier": "normal"}, "then": []},
    ]
    earn_gold = {**FILES["earn/gold"], "conditions": condition, "examples": examples}
    pack = copy.deepcopy(FILES["campaigns/gold-pack"])
    pack["conditions"]["all"][0]["value"] = pack["examples"][0]["given"]["tier_to"] = "platinum"
    await shop.publish(tiers__grade=ladder(NORMAL, platinum), earn__gold=earn_gold, campaigns__gold_pack=pack)
    shop.now = (await shop.house.rulebook.programme(shop.house.db, "story")).newest.live_from + timedelta(seconds=1)

    receipt = await shop.order("lin", 10_000)

    assert receipt.changes["points"]["points"]["pending"] == 200
    assert await shop.tier("lin") == "platinum"
    assert await shop.count("entitlements", "benefit = 'gold-pack'") == 1


async def test_a_late_review_takes_nothing_from_whoever_has_bought_enough_since(shop: Shop) -> None:
    programme = copy.deepcopy(FILES["programme"])
    programme["metrics"]["growth_365d"]["over"] = {"days": 60}
    await shop.publish(programme=programme)
    shop.now = (await shop.house.rulebook.programme(shop.house.db, "story")).newest.live_from + timedelta(seconds=1)
    await shop.enrol("lin")
    await shop.enrol("wang")
    for name in ("lin", "wang"):
        await shop.order(name, 120_000)
    due = shop.later(days=95)
    shop.later(days=2)
    await shop.order("lin", 150_000)
    await shop.order("wang", 100)

    for name in ("lin", "wang"):
        member = MemberRef(id=await shop.member_id(name))
        assert (await shop.one(ClockReview(f"review:{name}", member, "grade", due))).late

    assert (await shop.tier("lin"), await shop.tier("wang")) == ("gold", "normal")
    assert await shop.count("entitlements", "benefit = 'gold-pack'") == 2


async def test_a_review_finds_whoever_meets_the_standard_of_a_newer_ladder(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.enrol("wang")
    await shop.order("lin", 60_000)
    await shop.order("wang", 40_000)
    await publish_ladder(shop, NORMAL, SILVER, GOLD)
    live = await shop.house.rulebook.programme(shop.house.db, "story")

    assert await reviews.review(Clockwork(shop.house, live, shop.now), "grade", shop.now)

    assert (await shop.tier("lin"), await shop.tier("wang")) == ("silver", "normal")
    assert await shop.count("events", "kind = 'clock.review'") == 1


RISEN = "tier_levels_risen_in_year"


def growth_gift() -> dict[str, Any]:
    """Two levels up within a year bring another gold pack."""
    pack: dict[str, Any] = copy.deepcopy(FILES["campaigns/gold-pack"])
    up = {"name": "tier_direction", "operator": "equal_to", "value": "up"}
    pack["conditions"] = {"all": [up, {"name": RISEN, "operator": "greater_than_or_equal_to", "value": 2}]}
    pack["examples"][0]["given"] = {"tier_direction": "up", RISEN: 2}
    pack["examples"][1]["given"] = {"tier_direction": "up", RISEN: 1}
    return pack


async def test_two_levels_within_twelve_months_bring_a_gift_and_in_more_they_do_not(shop: Shop) -> None:
    await shop.publish(tiers__grade=ladder(NORMAL, SILVER, GOLD), campaigns__gold_pack=growth_gift())
    shop.now = (await shop.house.rulebook.programme(shop.house.db, "story")).newest.live_from + timedelta(seconds=1)
    for name in ("lin", "wang"):
        await shop.enrol(name)
        await shop.order(name, 60_000)
    shop.later(days=300)
    await shop.order("lin", 60_000)
    assert await shop.count("entitlements", "benefit = 'gold-pack'") == 1

    shop.later(days=66)
    await shop.order("wang", 100_000)

    assert (await shop.tier("lin"), await shop.tier("wang")) == ("gold", "gold")
    assert await shop.count("entitlements", "benefit = 'gold-pack'") == 1
