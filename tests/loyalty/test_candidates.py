"""Whom the database names as candidates of a review: everybody the fold would move, on any ladder there could be."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from loyalty import candidates, thresholds
from loyalty.events import ClockReview, MemberRef
from loyalty.foreseeing import levels_after
from loyalty.rulebook import BEGINNING, Edition, Live
from models.database import Database
from rules.compile import compile_ruleset
from tests.loyalty.ladders import Story, level, programme, story, words

LADDERS = 120
MEMBERS = 24
LEVELS = ("base", "a", "b", "c")
RANGES: dict[str, tuple[int, int]] = {
    "spend_year": (0, 3_000),
    "spend_90d": (0, 1_500),
    "spend_last_quarter": (0, 1_500),
    "orders_60d": (0, 4),
    "orders_ever": (0, 9),
    "earned_90d": (0, 1_500),
    "stars_year": (0, 300),
    "opens_30d": (0, 3),
    "days_since_order": (0, 420),
    "orders_count": (0, 9),
    "balance_points": (0, 3_000),
    # What SQL does not know.
    "months_running": (0, 3),
    "largest_ever": (0, 800),
    "member_days_joined": (0, 700),
}
MONEY = ("spend_year", "spend_90d", "spend_last_quarter", "largest_ever")
OPERATORS = (
    "greater_than",
    "greater_than_or_equal_to",
    "less_than",
    "less_than_or_equal_to",
    "equal_to",
    "not_equal_to",
    "between",
)


def asked(chance: Random, names: Sequence[str], depth: int = 2) -> dict[str, Any]:
    """A condition, of any shape, over anything."""
    if depth and chance.random() < 0.5:
        form = chance.choice(("all", "any", "not"))
        if form == "not":
            return {"not": asked(chance, names, depth - 1)}
        return {form: [asked(chance, names, depth - 1) for _ in range(chance.randint(1, 3))]}
    if len(names) == len(RANGES) and chance.random() < 0.1:
        return {"name": "in_spend_top", "operator": chance.choice(("is_true", "is_false"))}
    name = chance.choice(names)
    operator = chance.choice(OPERATORS[:4] if chance.random() < 0.7 else OPERATORS)
    low, high = sorted(chance.randint(*RANGES[name]) for _ in range(2))
    value: Any = [low, high] if operator == "between" else low
    if name in MONEY:
        value = [f"{low}.00", f"{high}.00"] if operator == "between" else f"{low}.00"
    return {"name": name, "operator": operator, "value": value}


def any_ladder(chance: Random, names: Sequence[str] = tuple(RANGES)) -> dict[str, Any]:
    """A ladder with the same levels, and any standards."""
    levels = [level("base"), *(level(key, asked(chance, names)) for key in LEVELS[1:])]
    levels[1:] = [own | ({"keep": asked(chance, names)} if chance.random() < 0.4 else {}) for own in levels[1:]]
    demotion: dict[str, Any] = {"to": chance.choice(("met", "one_level", "lowest"))}
    demotion |= {"when": asked(chance, names)} if chance.random() < 0.3 else {}
    return {
        "title": words("Grade"),
        "levels": levels,
        "upgrade": chance.choice(("at_once", "at_reviews")),
        "review": {"every": "month"},
        **({"demotion": demotion} if chance.random() < 0.9 else {}),
    }


def figure(**form: Any) -> dict[str, Any]:
    return {"title": words("Figure"), **form}


def files() -> dict[str, Any]:
    """The programme the members have lived in, with a figure of every kind."""
    made = programme(
        level("base"),
        level("a", "300.00"),
        level("b", "900.00"),
        level("c", "1800.00"),
        files={"campaigns/safe": SAFE},
    )
    made["programme"]["metrics"] |= {
        "spend_90d": figure(sum="spend", over={"days": 90}),
        "spend_last_quarter": figure(sum="spend", over={"calendar": "quarter", "back": 1}),
        "orders_ever": figure(count="orders", over={"ever": True}),
        "earned_90d": figure(sum="earned", over={"days": 90}),
        "stars_year": figure(sum="earned", wallet="stars", over={"calendar": "year"}),
        "opens_30d": figure(count="events", type="app.opened", over={"days": 30}),
        "months_running": figure(streak={"of": "orders", "period": "month"}),
        "largest_ever": figure(max="spend", over={"ever": True}),
    }
    stars = {"title": words("Stars"), "unit": words("stars"), "expires": {"never": True}}
    made["programme"]["wallets"]["stars"] = stars
    made["programme"]["percentiles"] = {"spend_top": {"title": words("Best"), "of": "spend_year", "top": "30"}}
    base = made["earn/base"]
    params = base["actions"][0]["params"] | {"wallet": "stars", "per": "10.00"}
    examples = [
        {"given": {"order_paid": "10.00"}, "then": [{"earn": "stars", "points": 1}]},
        {"given": {"order_paid": "0.50"}, "then": []},
    ]
    made["earn/stars"] = base | {"actions": [base["actions"][0] | {"params": params}], "examples": examples}
    return made


SAFE = {
    "title": words("Safe"),
    "on": ["app.opened"],
    "actions": [{"name": "protect_tier", "params": {"ladder": "grade", "for": {"days": 45}}}],
    "conditions": {"name": "orders_count", "operator": "greater_than", "value": 0},
    "examples": [
        {"given": {"orders_count": 1}, "then": [{"protect_tier": "grade", "for": {"days": 45}}]},
        {"given": {"orders_count": 0}, "then": []},
    ],
}


async def lived(at: Story, chance: Random) -> None:
    """Members who joined, bought, opened the app and brought things back, each in a way of its own."""
    days = sorted(chance.randrange(600) for _ in range(MEMBERS * 6))
    begun = datetime(2024, 3, 1, 4, tzinfo=UTC)
    for number in range(MEMBERS):
        at.shop.now = begun - timedelta(days=chance.randrange(200))
        await at.shop.enrol(f"m{number}")
    for number, day in enumerate(days):
        at.shop.now = begun + timedelta(days=day, minutes=number)
        name = f"m{min(chance.randrange(MEMBERS), chance.randrange(MEMBERS))}"
        match chance.randrange(8):
            case 0:
                await at.shop.behave(name, "app.opened")
            case 1:
                await at.shop.order(name, chance.randrange(100, 60_000), f"B{number}")
                await at.shop.one(at.shop.returned(f"B{number}"))
            case _:
                await at.shop.order(name, chance.randrange(100, 60_000))
    await at.worker.tick(at.shop.now)


async def test_whoever_a_review_would_move_is_a_candidate(db: Database) -> None:
    chance = Random(20)
    async with story(db, files(), "2023-09-01") as at:
        await lived(at, chance)
        (row,) = await db.rows("SELECT id FROM programmes")
        ids = [one["id"] for one in await db.rows("SELECT id FROM members WHERE id > 0 ORDER BY id")]
        shares = await thresholds.every(db, row["id"])
        published = at.shop.house.rulebook.all()[0]
        dues = (at.at("2025-11-01T00:00"), at.at("2026-01-01T00:00"), at.at("2025-10-17T09:30"))
        seen = dict.fromkeys(("moved", "left alone", "candidates in vain"), 0)
        for number in range(LADDERS):
            draft = compile_ruleset(files() | {"tiers/grade": any_ladder(chance)})
            live = Live(published.programme_id, published.name, 2, (Edition(2, BEGINNING, draft),), frozenset())
            due = dues[number % len(dues)]

            named = await candidates_of(db, live, due, shares)
            after = await levels_after(at.shop.house, live, "grade", ids, partial(review, due), max(due, at.shop.now))

            moved = {member for member, (before, then) in after.items() if before != then}
            assert moved <= named
            seen["moved"] += len(moved)
            seen["left alone"] += len(ids) - len(named)
            seen["candidates in vain"] += len(named - moved)

        assert seen["moved"] > 300
        assert seen["left alone"] > seen["candidates in vain"]


async def candidates_of(db: Database, live: Live, due: datetime, shares: list[Any]) -> set[int]:
    """The candidates, three standings a page."""
    asked_of = candidates.question(live, "grade", due, db.dialect, shares, page=3)
    last, named = 0, set[int]()
    while rows := await db.rows(asked_of.sql, *asked_of.args(live.programme_id, last)):
        named |= {int(row["member_id"]) for row in rows if row["moves"]}
        last = int(rows[-1]["member_id"])
    return named


def review(due: datetime, member: int) -> ClockReview:
    """Its review."""
    return ClockReview(f"clock:{member}", MemberRef(id=member), "grade", due)
