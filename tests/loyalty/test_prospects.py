"""What is said to lie ahead comes true: the clock is let run, and does what was said, when it was said."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from loyalty import outlook, prospects, views
from loyalty.prospects import Fall
from loyalty.views import Account
from models.database import Database
from rules import tier_words
from rules.compile import compile_ruleset
from rules.faults import Faulty
from tests.loyalty.ladders import Story, least, level, programme, story
from tests.loyalty.test_candidates import RANGES, any_ladder, files, lived

# Histories in which somebody falls: by seed and kind of ladder.
DRAWN = ((100, 0), (100, 2), (100, 4), (100, 5), (300, 3), (600, 3))
AHEAD = timedelta(days=400)
LOOKED = timedelta(days=330)
BY_DAYS = (
    "spend_year",
    "spend_90d",
    "spend_last_quarter",
    "orders_60d",
    "earned_90d",
    "days_since_order",
    "orders_count",
)
STATUS: tuple[dict[str, Any], ...] = (
    {},
    {"status": {"months": 4}},
    {"status": {"end_of": {"period": "quarter", "after": 1}}},
    {"review": {"months": 3, "from": "reached"}},
)


async def accounts(at: Story) -> list[Account]:
    """Everybody's books as a reader sees them now."""
    house = at.shop.house
    live = await house.rulebook.programme(house.db, "story")
    ids = [row["id"] for row in await house.db.rows("SELECT id FROM members WHERE id > 0 ORDER BY id")]
    return list((await views.accounts(house.db, live, ids, at.shop.now)).values())


async def first_fall(at: Story, member: int, since: datetime, rank: int, ladder: Any) -> tuple[str, datetime] | None:
    """Where the member first stands lower than before, and since when: what is taken back at once is no fall."""
    sql = "SELECT tier_to, at FROM standing_moves WHERE member_id = $1 AND at > $2 ORDER BY id"
    last = {row["at"]: row["tier_to"] for row in await at.shop.house.db.rows(sql, member, since)}
    return next(((tier, then) for then, tier in last.items() if (ladder.rank(tier) or 0) < rank), None)


def drawn(chance: Random, number: int) -> dict[str, Any]:
    """A programme with any ladder that may be published: of days alone, or of anything a member has."""
    names = sorted(RANGES) if number % 2 else BY_DAYS
    while True:
        ladder = {**any_ladder(chance, names), **STATUS[number % len(STATUS)]}
        ladder.setdefault("demotion", {"to": "one_level"})
        try:
            compile_ruleset(found := files() | {"tiers/grade": ladder})
        except Faulty:
            continue
        return found


@pytest.mark.parametrize(("seed", "number"), DRAWN)
async def test_what_is_foretold_is_what_the_clock_does(db: Database, seed: int, number: int) -> None:
    chance = Random(seed + number)
    async with story(db, drawn(chance, number), "2023-09-01") as at:
        await lived(at, chance)
        since, told = at.shop.now, dict[int, tuple[int, Any, Fall | None]]()
        ruleset = at.shop.house.rulebook.all()[0].newest.ruleset
        for own in await accounts(at):
            ahead = outlook.outlook(own, "grade")
            rank = ahead.ladder.rank(ahead.level.key) or 0
            told[own.member.id] = (rank, ahead.ladder, prospects.fall(own, "grade"))

        at.shop.now = since + AHEAD
        await at.worker.tick(at.shop.now)

        fallen = sum(fall is not None for _, _, fall in told.values())
        for member, (rank, ladder, fall) in told.items():
            came = await first_fall(at, member, since, rank, ladder)
            if fall is not None:
                assert came == (fall.level.key, fall.at)
            elif prospects.knowable(ruleset, "grade"):
                assert came is None or came[1] > since + LOOKED  # Further ahead than is looked.
        assert fallen > 0


GOLD = (level("base"), level("silver", "500.00"), level("gold", "1000.00", keep=least("spend_year", "800.00")))


async def test_the_way_that_is_advised_keeps_the_level(db: Database) -> None:
    files = programme(*GOLD, review={"every": "year"}, demotion={"to": "one_level"})
    async with story(db, files, "2020-05-05") as at:
        for name in ("lin", "wang"):
            await at.shop.enrol(name)
            await at.shop.order(name, 100_000)
        at.go("2021-02-02")
        await at.shop.order("lin", 60_000)
        own = (await accounts(at))[0]
        fall = prospects.fall(own, "grade")
        assert fall is not None
        definitions = own.turn.ruleset.definitions
        said = [tier_words.holds(own_level(own), fall.ways, fall.at, definitions, lang) for lang in ("en", "zh-CN")]
        assert said == [
            "¥200 more (Spend) by 2021-12-31 keeps “gold”.",
            "2021-12-31前再增加200元（Spend），即可保住“gold”。",
        ]
        at.go("2021-12-31")

        await at.shop.order("lin", fall.ways[0][0].lacking or 0)
        await at.tick("2022-01-01")

        assert (await at.tier("lin"), await at.tier("wang")) == ("gold", "silver")


async def test_the_cheapest_way_is_said_first_and_each_with_all_it_takes(db: Database) -> None:
    both = {"all": [least("orders_60d", 4), least("spend_year", "300.00")]}
    files = programme(level("base"), level("gold", {"any": [both, least("spend_year", "1000.00")]}))
    async with story(db, files, "2021-01-05") as at:
        await at.shop.enrol("lin")
        await at.shop.order("lin", 80_000)
        own = (await accounts(at))[0]

        ahead = outlook.outlook(own, "grade")

        assert [[(gap.variable, gap.lacking) for gap in way] for way in ahead.ways] == [
            [("spend_year", 20_000)],
            [("orders_60d", 3)],
        ]
        assert ahead.by == at.at("2022-01-01T00:00")
        definitions = own.turn.ruleset.definitions
        assert ahead.next is not None
        said = [tier_words.climbs(ahead.next, ahead.ways, ahead.by, definitions, lang) for lang in ("en", "zh-CN")]
        assert said == [
            "¥200 more (Spend) or 3 orders more (Orders) until “gold”, by 2021-12-31.",
            "2021-12-31前再增加200元（Spend）或增加3单（Orders），即可升至“gold”。",
        ]


def own_level(own: Account) -> Any:
    """The level a member stands on."""
    return outlook.outlook(own, "grade").level
