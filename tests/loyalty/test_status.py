"""How long a standing lasts: dates as three published programmes have them, to the day."""

from models.database import Database
from tests.loyalty.ladders import YEAR_AFTER, least, level, programme, story

NEW_YORK = "America/New_York"
BEAUTY = programme(
    level("insider"),
    level("vib", "350.00"),
    level("rouge", "1000.00"),
    zone=NEW_YORK,
    currency="USD",
    status=YEAR_AFTER,
    demotion={"to": "met"},
)
STORE = programme(
    level("bronze"),
    level("silver", "1.00"),
    level("gold", "500.00"),
    level("platinum", "1200.00"),
    zone=NEW_YORK,
    currency="USD",
    upgrade={"after": {"days": 7}},
    status=YEAR_AFTER,
    review={"every": "year"},
    demotion={"to": "met"},
)


async def test_vib_reached_in_january_2022_lasts_through_2023(db: Database) -> None:
    async with story(db, BEAUTY, "2022-01-10") as told:
        await told.shop.enrol("lin")
        await told.shop.order("lin", 35_000, **USD)

        assert await told.ends("lin") == "2024-01-01T00:00"

        await told.tick("2023-12-31T23:59")
        assert await told.tier("lin") == "vib"
        await told.tick("2024-01-01T00:00")
        assert await told.moves("lin") == [
            ("vib", "reached", "2022-01-10T12:00"),
            ("insider", "ended", "2024-01-01T00:00"),
        ]


async def test_one_cent_makes_vib_and_one_makes_rouge(db: Database) -> None:
    async with story(db, BEAUTY, "2019-03-01") as told:
        await told.shop.enrol("lin")
        for amount, tier in ((34_999, "insider"), (1, "vib"), (64_999, "vib"), (1, "rouge")):
            await told.shop.order("lin", amount, **USD)
            assert await told.tier("lin") == tier


async def test_vib_of_2018_with_200_in_2019_is_an_insider_on_the_first_of_january(db: Database) -> None:
    async with story(db, BEAUTY, "2018-08-20") as told:
        for name in ("lin", "wang"):
            await told.shop.enrol(name)
            await told.shop.order(name, 40_000, **USD)
        await told.tick("2019-06-01")
        await told.shop.order("lin", 20_000, **USD)
        await told.shop.order("wang", 35_000, **USD)

        assert (await told.ends("lin"), await told.ends("wang")) == ("2020-01-01T00:00", "2021-01-01T00:00")
        await told.tick("2019-12-31T23:59")
        assert await told.tier("lin") == "vib"

        await told.tick("2020-01-01T00:00")
        assert (await told.tier("lin"), await told.tier("wang")) == ("insider", "vib")
        assert await told.ends("lin") is None


async def test_the_next_order_finds_what_no_clock_had_done(db: Database) -> None:
    async with story(db, BEAUTY, "2018-08-20") as told:
        await told.shop.enrol("lin")
        await told.shop.order("lin", 40_000, **USD)
        told.go("2020-03-01")

        await told.shop.order("lin", 100, **USD)

        assert await told.moves("lin") == [
            ("vib", "reached", "2018-08-20T12:00"),
            ("insider", "ended", "2020-01-01T00:00"),
        ]


async def test_rouge_falls_to_what_the_closing_year_meets_and_has_that_for_the_next(db: Database) -> None:
    async with story(db, BEAUTY, "2018-08-20") as told:
        await told.shop.enrol("lin")
        await told.shop.order("lin", 100_000, **USD)
        await told.tick("2019-11-11")
        await told.shop.order("lin", 50_000, **USD)

        await told.tick("2020-01-01T00:00")

        assert await told.tier("lin") == "vib"
        assert await told.ends("lin") == "2021-01-01T00:00"


async def test_a_standing_is_renewed_when_it_is_met_again_and_not_by_whatever_comes(db: Database) -> None:
    rolling = programme(
        level("base"), level("gold", least("orders_60d", 2)), status={"months": 12}, demotion={"to": "met"}
    )
    async with story(db, rolling, "2020-01-01") as told:
        await told.shop.enrol("lin")
        for _ in range(2):
            await told.shop.order("lin", 1_000)
        assert await told.ends("lin") == "2021-01-01T12:00"

        told.go("2020-01-20")
        await told.shop.behave("lin", "app.opened")
        await told.shop.order("lin", 1_000)
        assert await told.ends("lin") == "2021-01-01T12:00"

        told.go("2020-09-01")
        await told.shop.order("lin", 1_000)
        assert await told.ends("lin") == "2021-01-01T12:00"
        await told.shop.order("lin", 1_000, "A9")
        assert await told.ends("lin") == "2021-09-01T12:00"

        await told.shop.one(told.shop.returned("A9"))
        assert await told.ends("lin") == "2021-01-01T12:00"
        assert await told.tier("lin") == "gold"


async def test_card_status_by_net_purchases_in_the_year(db: Database) -> None:
    async with story(db, STORE, "2025-02-01") as told:
        for name, amount in (("silver", 49_999), ("gold", 50_000), ("still-gold", 119_999), ("platinum", 120_000)):
            await told.shop.enrol(name)
            await told.shop.order(name, amount, **USD)
            assert await told.tier(name) == "bronze"

        await told.tick("2025-02-08T11:59")
        assert [await told.tier(name) for name in ("silver", "platinum")] == ["bronze", "bronze"]
        await told.tick("2025-02-08T12:00")

        tiers = [await told.tier(name) for name in ("silver", "gold", "still-gold", "platinum")]
        assert tiers == ["silver", "gold", "gold", "platinum"]


async def test_60_returned_of_1250_leaves_no_platinum_on_the_eighth_of_may(db: Database) -> None:
    async with story(db, STORE, "2025-03-03") as told:
        await told.shop.enrol("lin")
        await told.shop.order("lin", 115_000, **USD)
        await told.tick("2025-03-10")
        assert await told.tier("lin") == "gold"
        await told.tick("2025-05-01")
        await told.shop.order("lin", 10_000, "M1", **USD)
        waits = await told.standing("lin")
        assert waits["due_at"] == "2025-05-08T12:00"
        assert "platinum" in waits["rises"]

        await told.tick("2025-05-05")
        await told.shop.one(told.shop.returned("M1", amount=6_000))

        assert (await told.standing("lin"))["rises"] is None
        await told.tick("2025-05-09")
        assert await told.tier("lin") == "gold"
        assert [move[0] for move in await told.moves("lin")] == ["gold"]


async def test_gold_reached_on_the_tenth_of_march_lasts_through_2026(db: Database) -> None:
    async with story(db, STORE, "2025-03-03") as told:
        await told.shop.enrol("lin")
        await told.shop.order("lin", 50_000, **USD)
        await told.tick("2025-03-10")

        assert (await told.tier("lin"), await told.ends("lin")) == ("gold", "2027-01-01T00:00")
        await told.tick("2026-01-01")
        assert await told.tier("lin") == "gold"
        await told.tick("2027-01-01")
        assert await told.tier("lin") == "bronze"


async def test_a_year_s_spend_reached_in_its_last_days_still_lifts_in_the_next(db: Database) -> None:
    async with story(db, STORE, "2025-12-28") as told:
        for name in ("lin", "wang"):
            await told.shop.enrol(name)
            await told.shop.order(name, 60_000, f"D-{name}", **USD)
        await told.tick("2026-01-02")
        await told.shop.one(told.shop.returned("D-wang", amount=20_000))

        await told.tick("2026-01-04")

        assert await told.moves("lin") == [("gold", "reached", "2026-01-04T12:00")]
        assert await told.ends("lin") == "2028-01-01T00:00"
        assert await told.moves("wang") == []


async def test_each_level_met_on_the_way_comes_on_its_own_day(db: Database) -> None:
    async with story(db, STORE, "2025-03-01") as told:
        await told.shop.enrol("lin")
        await told.shop.order("lin", 60_000, **USD)
        told.go("2025-03-04")
        await told.shop.order("lin", 70_000, **USD)

        told.go("2025-03-20")
        await told.shop.order("lin", 100, **USD)

        assert await told.moves("lin") == [
            ("gold", "reached", "2025-03-08T12:00"),
            ("platinum", "reached", "2025-03-11T12:00"),
        ]


async def test_what_comes_back_after_a_rise_fell_due_takes_nothing(db: Database) -> None:
    async with story(db, STORE, "2025-03-01") as told:
        await told.shop.enrol("lin")
        await told.shop.order("lin", 60_000, "L1", **USD)
        told.go("2025-03-09")

        await told.shop.one(told.shop.returned("L1"))

        assert await told.tier("lin") == "gold"
        await told.tick("2027-01-01")
        assert await told.tier("lin") == "bronze"


USD = {"currency": "USD"}
