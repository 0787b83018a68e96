"""Levels that are paid for, and who stays away: all of it data of a programme."""

from typing import Any

from models.database import Database
from tests.loyalty.ladders import Story, least, level, programme, story, words

PAID = {
    "title": words("Membership paid", "付费会员"),
    "schema": {"type": "object", "properties": {}, "additionalProperties": False},
}


def plus(**ladder: Any) -> dict[str, Any]:
    """Silver is bought with spend, plus is paid for, twelve months at a time."""
    paid = level("plus", least("paid_months", 1), status={"months": 12})
    made = programme(level("base"), level("silver", "500.00"), paid, demotion={"to": "met"}, **ladder)
    made["programme"]["event_types"]["membership.paid"] = PAID
    made["programme"]["metrics"]["paid_months"] = {
        "title": words("Paid"),
        "count": "events",
        "type": "membership.paid",
        "over": {"months": 12},
    }
    return made


async def pays(at: Story, name: str, day: str) -> None:
    at.go(day)
    await at.shop.behave(name, "membership.paid")


async def test_a_paid_level_is_there_at_once_and_falls_at_its_end_to_what_is_met(db: Database) -> None:
    async with story(db, plus(), "2021-03-01") as at:
        for name in ("lin", "wang"):
            await at.shop.enrol(name)
            await pays(at, name, "2021-03-01")
        assert (await at.tier("lin"), await at.ends("lin")) == ("plus", "2022-03-01T12:00")
        at.go("2022-02-02")
        await at.shop.order("wang", 60_000)

        await at.tick("2022-03-01T11:59")
        assert (await at.tier("lin"), await at.tier("wang")) == ("plus", "plus")
        await at.tick("2022-03-01T12:00")

        assert (await at.tier("lin"), await at.tier("wang")) == ("base", "silver")
        assert (await at.moves("lin"))[-1] == ("base", "ended", "2022-03-01T12:00")


async def test_whoever_pays_again_before_the_end_goes_on_from_it(db: Database) -> None:
    async with story(db, plus(), "2021-03-01") as at:
        await at.shop.enrol("lin")
        await pays(at, "lin", "2021-03-01")
        await pays(at, "lin", "2022-02-20")

        await at.tick("2022-03-05")

        assert (await at.tier("lin"), await at.ends("lin")) == ("plus", "2023-03-01T12:00")
        assert len(await at.moves("lin")) == 1


async def test_three_months_without_a_purchase_land_softly_one_level_down_after_a_grace(db: Database) -> None:
    stays_away = {"name": "days_since_order", "operator": "greater_than_or_equal_to", "value": 90}
    bought = {"name": "days_since_order", "operator": "less_than", "value": 60}
    levels = (level("base"), level("silver", "500.00", keep=bought), level("gold", "1000.00", keep=bought))
    demotion = {"to": "one_level", "when": stays_away, "at_most": {"times": 1, "months": 2}}
    made = programme(*levels, review={"every": "month"}, demotion=demotion)
    made["programme"]["metrics"]["spend_year"]["over"] = {"days": 30}
    async with story(db, made, "2021-01-10") as at:
        await at.shop.enrol("lin")
        await at.shop.order("lin", 100_000)

        await at.tick("2021-04-01")  # The level was not kept in March, the ninety days are a grace.
        assert await at.tier("lin") == "gold"
        for month in ("05", "06", "07"):
            await at.tick(f"2021-{month}-01")

        assert [(tier, day[:7]) for tier, _, day in await at.moves("lin")] == [
            ("gold", "2021-01"),
            ("silver", "2021-05"),
            ("base", "2021-07"),
        ]
