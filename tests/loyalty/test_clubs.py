"""A coffee club's stars on review days: level stars that begin again, reward stars that go with the level."""

from typing import Any

from models.database import Database
from tests.loyalty.ladders import least, level, programme, story, told

STARS = {"title": {"en": "Level stars", "zh-CN": "升级星星"}, "unit": {"en": "stars", "zh-CN": "颗"}}


def club(**campaigns: Any) -> dict[str, Any]:
    """¥50 is a level star and a reward star; 4 level stars make jade, 12 gold."""
    files = programme(
        level("silver", review={"months": 3, "from": "joined", "aligned": "month"}),
        level("jade", least("balance_level", "4"), review={"months": 12, "from": "reached"}),
        level("gold", least("balance_level", "12"), review={"months": 12, "from": "reached"}),
        demotion={"to": "one_level"},
        files={f"campaigns/{name}": campaign for name, campaign in campaigns.items()},
    )
    files["programme"]["wallets"]["level"] = {**STARS, "expires": {"never": True}, "spendable": False}
    earn = files["earn/base"]
    rate = {"name": "earn_points_per_amount", "params": earn["actions"][0]["params"] | {"per": "50.00"}}
    level_rate = {"name": "earn_points_per_amount", "params": rate["params"] | {"wallet": "level"}}
    example = {
        "given": {"order_paid": "50.00"},
        "then": [{"earn": "points", "points": 1}, {"earn": "level", "points": 1}],
    }
    files["earn/base"] = {**earn, "actions": [rate, level_rate], "examples": [example, earn["examples"][1]]}
    return files


def expires(wallet: str) -> dict[str, Any]:
    return {"name": "expire_points", "params": {"wallet": wallet}}


async def test_3_level_stars_are_gone_after_three_months_and_silver_stays(db: Database) -> None:
    files = club(again=told("tier.reviewed", expires("level"), "same", tier_to="silver"))
    async with story(db, files, "2021-01-10") as at:
        await at.shop.enrol("lin")
        await at.shop.order("lin", 15_000)
        await at.tick("2021-03-31T23:59")
        assert (await at.shop.wallet("lin", "level"))["available"] == 3

        await at.tick("2021-04-01T00:00")

        assert (await at.shop.wallet("lin", "level"))["available"] == 0
        assert (await at.shop.wallet("lin"))["available"] == 3
        assert await at.tier("lin") == "silver"
        assert await at.moves("lin") == []


async def test_gold_demoted_to_jade_loses_15_reward_stars_that_very_day(db: Database) -> None:
    files = club(
        again=told("tier.reviewed", expires("level"), "same", tier_to="gold"),
        rewards=told("tier.changed", expires("points"), "down", tier_to="jade"),
    )
    async with story(db, files, "2021-01-10") as at:
        for name, amount in (("lin", 75_000), ("wang", 75_000)):
            await at.shop.enrol(name)
            await at.shop.order(name, amount)
        assert await at.tier("lin") == "gold"
        # The first review day finds gold kept, and the level stars begin again; the second finds none.
        await at.tick("2022-01-10T12:00")
        assert (await at.tier("lin"), (await at.shop.wallet("lin", "level"))["available"]) == ("gold", 0)
        await at.shop.order("wang", 60_000)
        assert (await at.shop.wallet("lin"))["available"] == 15

        await at.tick("2023-01-10T12:00")

        assert (await at.tier("lin"), await at.tier("wang")) == ("jade", "gold")
        assert (await at.shop.wallet("lin"))["available"] == 0
        assert (await at.shop.wallet("wang"))["available"] == 27
