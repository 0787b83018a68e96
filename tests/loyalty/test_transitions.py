"""Changing the ladder of a live programme: in stages, with a grace, and back again with nothing lost."""

import json
from datetime import date, timedelta
from typing import Any

from loyalty import outlook, prospects, views
from loyalty.events import ClockChange, MemberRef
from loyalty.publishing import publish
from models.database import Database
from tests.loyalty.conftest import ADMIN
from tests.loyalty.ladders import Story, least, level, programme, story, told, words


def levels(silver: str, gold: str) -> Any:
    """By all that was ever spent: what day it is makes no difference."""
    return (level("base"), level("silver", least("spend_ever", silver)), level("gold", least("spend_ever", gold)))


OLD, DEARER, CHEAPER = levels("500.00", "1000.00"), levels("800.00", "1500.00"), levels("100.00", "400.00")
REVIEWED: dict[str, Any] = {"review": {"every": "month"}, "demotion": {"to": "one_level"}}
MESSAGE = {"name": "send_message", "params": {"template": "told"}}
TOLD = {f"campaigns/{way}": told("tier.changed", MESSAGE, way) for way in ("up", "down")}


def files(levels: Any, **ladder: Any) -> dict[str, Any]:
    made = programme(*levels, **ladder, files=TOLD)
    made["programme"]["metrics"]["spend_ever"] = {"title": words("Spend"), "sum": "spend", "over": {"ever": True}}
    return made


async def change(at: Story, levels: Any, **ladder: Any) -> int:
    """Publish another ladder; the story goes on a second after it. The number of the version."""
    house = at.shop.house
    texts = {path: json.dumps(one) for path, one in files(levels, **ladder).items()}
    edition = await publish(house.db, house.rulebook, ADMIN, "story", texts)
    at.shop.now = edition.live_from + timedelta(seconds=1)
    return edition.number


async def members(at: Story, **spent: int) -> None:
    """Members who bought for so much, a few days before anything is changed."""
    at.go(after(await begins(at), -2))
    for name, amount in spent.items():
        await at.shop.enrol(name)
        await at.shop.order(name, amount)


async def begins(at: Story) -> str:
    """Today, by the clock that publishing reads."""
    row, *_ = await at.shop.house.db.rows("SELECT published_at FROM versions ORDER BY number")
    return f"{row['published_at'].astimezone(at.zone):%Y-%m-%d}"


def after(day: str, days: int) -> str:
    """So many days later."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


async def tiers(at: Story, *names: str) -> list[str]:
    return [await at.tier(name) for name in names]


async def test_nobody_falls_by_a_dearer_ladder_before_the_grace_is_over(db: Database) -> None:
    async with story(db, files(OLD, **REVIEWED)) as at:
        await members(at, lin=60_000, wang=90_000, zhao=120_000)
        today = await begins(at)
        end = after(today, 20)
        await change(at, DEARER, **REVIEWED, transition={"grace_until": end})
        await at.worker.tick(at.shop.now)
        assert await tiers(at, "lin", "wang", "zhao") == ["silver", "silver", "gold"]
        live = await at.shop.house.rulebook.programme(db, "story")
        member = await at.shop.member_id("lin")
        own = (await views.accounts(db, live, [member], at.shop.now))[member]
        assert outlook.outlook(own, "grade").protected_until == at.at(f"{end}T00:00")
        fall = prospects.fall(own, "grade")
        assert fall is not None
        assert (fall.level.key, fall.at) == ("base", at.at(f"{end}T00:00"))

        await at.tick(f"{end}T00:00")

        assert await tiers(at, "lin", "wang", "zhao") == ["base", "silver", "silver"]
        assert (await at.moves("lin"))[-1] == ("base", "changed", f"{end}T00:00")
        assert await at.shop.count("outbox", "kind = 'message'") == 3  # Of what they bought, and of nothing else.


async def test_a_change_comes_to_one_level_after_another(db: Database) -> None:
    async with story(db, files(OLD)) as at:
        await members(at, lin=60_000, zhao=120_000)
        today = await begins(at)
        stages = [{"from": after(today, 2), "levels": ["gold"]}, {"from": after(today, 5)}]
        await change(at, DEARER, transition={"stages": stages})

        await at.worker.tick(at.shop.now)
        assert await tiers(at, "lin", "zhao") == ["silver", "gold"]
        await at.tick(f"{after(today, 2)}T00:00")
        assert await tiers(at, "lin", "zhao") == ["silver", "silver"]
        await at.tick(f"{after(today, 5)}T00:00")
        assert await tiers(at, "lin", "zhao") == ["base", "silver"]


async def test_a_share_of_the_members_comes_first(db: Database) -> None:
    names = [f"m{number}" for number in range(12)]
    async with story(db, files(OLD)) as at:
        await members(at, **dict.fromkeys(names, 60_000))
        today = await begins(at)
        stages = [{"from": after(today, 2), "percent": 50}, {"from": after(today, 4)}]
        await change(at, CHEAPER, transition={"stages": stages})

        await at.tick(f"{after(today, 2)}T00:00")
        first = (await tiers(at, *names)).count("gold")
        assert 0 < first < len(names)
        assert await at.shop.count("events", "kind = 'clock.change'") == first
        await at.tick(f"{after(today, 4)}T00:00")
        assert await tiers(at, *names) == ["gold"] * len(names)


async def test_a_change_taken_back_leaves_what_was_earned_meanwhile(db: Database) -> None:
    async with story(db, files(OLD)) as at:
        await members(at, lin=60_000, wang=90_000, zhao=120_000, sun=20_000)
        await at.worker.tick(at.shop.now)
        before = {name: await at.standing(name) for name in ("lin", "sun")}
        number = await change(at, DEARER, transition={})
        await at.worker.tick(at.shop.now)
        assert await tiers(at, "lin", "wang", "zhao", "sun") == ["base", "silver", "silver", "base"]
        await at.shop.order("lin", 100_000)
        assert await at.tier("lin") == "gold"

        await change(at, OLD, transition={"takes_back": number})
        await at.worker.tick(at.shop.now)

        assert await tiers(at, "lin", "wang", "zhao", "sun") == ["gold", "silver", "gold", "base"]
        assert [(tier, why) for tier, why, _ in await at.moves("zhao")] == [
            ("gold", "reached"),
            ("silver", "changed"),
            ("gold", "restored"),
        ]
        assert (await at.standing("zhao"))["since"] == before["lin"]["since"]
        assert (await at.standing("sun"))["tier"] == before["sun"]["tier"]
        events = await at.shop.count("events", "kind = 'clock.change'")
        await at.tick(after(await begins(at), 40))
        assert await at.shop.count("events", "kind = 'clock.change'") == events


async def test_a_level_that_is_gone_comes_back_with_those_who_stood_on_it(db: Database) -> None:
    without = (level("base"), level("gold", "1000.00"))
    async with story(db, files(OLD)) as at:
        await members(at, lin=60_000, zhao=120_000)
        number = await change(at, without, transition={})
        await at.worker.tick(at.shop.now)
        assert await tiers(at, "lin", "zhao") == ["base", "gold"]

        await change(at, OLD, transition={"takes_back": number})
        await at.worker.tick(at.shop.now)

        assert await tiers(at, "lin", "zhao") == ["silver", "gold"]


async def test_what_was_reached_by_the_easier_ladder_stays_when_it_is_taken_back(db: Database) -> None:
    async with story(db, files(OLD)) as at:
        await members(at, lin=20_000, wang=20_000)
        number = await change(at, CHEAPER, transition={})
        await at.worker.tick(at.shop.now)
        assert await tiers(at, "lin", "wang") == ["silver", "silver"]
        await at.shop.order("lin", 30_000)

        await change(at, OLD, transition={"takes_back": number})
        await at.worker.tick(at.shop.now)

        assert await tiers(at, "lin", "wang") == ["gold", "base"]


async def test_an_event_that_comes_before_its_stage_moves_nobody(db: Database) -> None:
    async with story(db, files(OLD)) as at:
        await members(at, lin=60_000)
        await change(at, CHEAPER, transition={"stages": [{"from": after(await begins(at), 9)}]})
        member = MemberRef(id=await at.shop.member_id("lin"))

        await at.shop.one(ClockChange("clock:early", member, "grade", at.shop.now))

        assert await at.tier("lin") == "silver"
