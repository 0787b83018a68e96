"""Whom the clock asks is asked once, in order of time: whoever works, whenever, and however often it is killed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
import pytest_asyncio

from jobs.worker import LEASE, Worker
from loyalty import callings
from loyalty.access import Caller, scopes_of
from loyalty.events import Arrival, MemberEnrolled, MemberRef, OrderPaid
from loyalty.intake import receive
from loyalty.publishing import create_programme
from models.control import Import
from models.database import Database
from tests.loyalty.conftest import ADMIN, START, Shop, shop_of
from tests.loyalty.moments import asked
from tests.loyalty.programme import FILES, documents

DAY = timedelta(days=1)
PEOPLE = ("lin", "wang", "zhao", "chen", "liu")
TOLD = {
    "entitlements": "SELECT member_id, benefit, policy, issued_at, expires_at, state",
    "lots": "SELECT member_id, wallet, origin_policy, amount, earned_at, expires_at, available_at",
    "events": "SELECT member_id, kind, instant, state",
}


class Killed(Exception):
    """What happens to a process."""


@pytest_asyncio.fixture
async def monthly(db: Database) -> AsyncIterator[Shop]:
    """Five members who get a coupon on the first of every month, and a worker that takes two at a time."""
    shop = await shop_of(db, documents(campaigns__box=asked("period", every="month")))
    await db.run("UPDATE programmes SET created_at = $1", START)
    for name in PEOPLE:
        await shop.enrol(name)
    yield shop
    await shop.prove()


async def boxes(shop: Shop) -> list[int]:
    """How many coupons each member has."""
    rows = await shop.house.db.rows("SELECT COUNT(*) AS n FROM entitlements GROUP BY member_id")
    return [int(row["n"]) for row in rows]


@pytest.mark.parametrize("killed_at", [1, 2, 3, 4, 5, 6])
async def test_killed_between_batches_nobody_is_left_out_or_asked_twice(monthly, monkeypatch, killed_at):
    monkeypatch.setattr(callings, "BATCH", 2)
    beats, now = 0, START + 70 * DAY

    async def die(self: Worker, job: Any, instant: datetime) -> None:
        nonlocal beats
        beats += job.name == "schedule"
        if beats == killed_at:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Worker, "_beat", die)
        with pytest.raises(Killed):
            await Worker(monthly.house, "dying").tick(now)
    await Worker(monthly.house, "heir").tick(now + LEASE + DAY)

    assert await boxes(monthly) == [2] * len(PEOPLE)
    keys = [row["key"] for row in await monthly.house.db.rows("SELECT key FROM events WHERE kind = 'clock.period'")]
    assert len(keys) == len(set(keys)) == 2 * len(PEOPLE)


async def test_killed_when_all_is_flushed_and_nothing_noted_it_asks_nobody_twice(monthly, monkeypatch):
    now, done = START + 40 * DAY, Worker._done

    async def die(self: Worker, job: Any, *said: Any) -> None:
        if job.name == "schedule":
            raise Killed
        await done(self, job, *said)

    with monkeypatch.context() as patch:
        patch.setattr(Worker, "_done", die)
        with pytest.raises(Killed):
            await Worker(monthly.house, "dying").tick(now)
    asked_once = await boxes(monthly)
    await Worker(monthly.house, "heir").tick(now + LEASE + DAY)

    assert asked_once == await boxes(monthly) == [1] * len(PEOPLE)


async def test_two_workers_at_once_ask_everybody_once(monthly, monkeypatch):
    monkeypatch.setattr(callings, "BATCH", 2)
    crew = [Worker(monthly.house, name) for name in ("one", "two")]
    now = START + 100 * DAY

    while sum(await asyncio.gather(*(one.tick(now) for one in crew))):
        pass

    assert await boxes(monthly) == [3] * len(PEOPLE)
    assert await monthly.count("events", "kind = 'clock.period'") == 3 * len(PEOPLE)


async def test_a_page_of_members_is_followed_by_the_next(monthly, monkeypatch):
    monkeypatch.setattr(callings, "PAGE", 2)
    monkeypatch.setattr(callings, "BATCH", 2)

    await Worker(monthly.house, "one").tick(START + 40 * DAY)

    assert await boxes(monthly) == [1] * len(PEOPLE)


async def test_moments_come_in_order_of_time_and_after_the_reviews_of_their_instant(monthly):
    await monthly.order("lin", 200_000)

    await Worker(monthly.house, "one").tick(START + 400 * DAY)

    rows = await monthly.house.db.rows("SELECT kind, instant FROM events WHERE kind LIKE 'clock.%' ORDER BY position")
    assert [row["instant"] for row in rows] == sorted(row["instant"] for row in rows)
    kinds = [row["kind"] for row in rows]
    demoted = kinds.index("clock.review")
    assert rows[demoted + 1]["instant"] == rows[demoted]["instant"]
    assert kinds[demoted + 1] == "clock.period"


async def test_a_moment_that_is_nobodys_costs_no_event(db: Database):
    shop = await shop_of(db, documents(campaigns__cake=asked("birthday")))
    await db.run("UPDATE programmes SET created_at = $1", START)
    await shop.enrol("lin", profile={"birthday": "1990-01-01"})

    await Worker(shop.house, "one").tick(START + 200 * DAY)

    assert await shop.count("events", "kind LIKE 'clock.%'") == 0


# Watched all the time, or caught up with: the same books.

GOLD: dict[str, Any] = {
    "audience": {"tiers": {"at_least": "gold"}},
    "examples": [
        {"given": {"tier_grade": "gold"}, "then": [{"issue": "coupon-10"}]},
        {"given": {"tier_grade": "normal"}, "then": []},
    ],
}
GIFT = ("earn_points", {"points": 50})
GIVES: dict[str, Any] = {"examples": [{"given": {}, "then": [{"earn": "points", "points": 50}]},
                      {"on": "order.paid", "given": {}, "then": []}]}  # fmt: skip
KEPT: dict[str, Any] = {key: own for key, own in FILES["tiers/grade"].items() if key not in ("review", "demotion")}
MANY: dict[str, Any] = {
    "tiers__grade": KEPT,
    "campaigns__cake": asked("birthday", of="month", days_before=2),
    "campaigns__years": asked("anniversary", GIFT, at="09:00", **GIVES),
    "campaigns__back": asked("inactive", at="18:30", after={"days": 20}),
    "campaigns__box": asked("period", every="month", **GOLD),
    "campaigns__week": asked("period", GIFT, every="week", limits={"times_per_member_per_month": 2}, **GIVES),
}


async def told(db: Database, programme: str) -> list[tuple[str, ...]]:
    """What a programme's clock made of it, by member, without numbers that differ from one to the next."""
    whose = "(SELECT id FROM programmes WHERE name = $1)"
    rows = await db.rows(f"SELECT id FROM members WHERE programme_id = {whose} ORDER BY id", programme)
    place, found = {row["id"]: number for number, row in enumerate(rows)}, list[tuple[str, ...]]()
    for table, select in TOLD.items():
        where = "AND kind LIKE 'clock.%' AND kind <> 'clock.due'" if table == "events" else ""
        for row in await db.rows(f"{select} FROM {table} WHERE programme_id = {whose} {where}", programme):
            found.append((table, str(place[row.pop("member_id")]), *map(str, row.values())))
    return sorted(found)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
async def test_a_clock_caught_up_with_makes_the_books_of_one_watched_all_the_time(db: Database, monkeypatch, seed):
    """Members join and buy at any time; one programme's clock looks every hour of a deed, the other's now and then."""
    monkeypatch.setattr(callings, "BATCH", 3)
    chance, shop = Random(seed), await shop_of(db, documents(**MANY))
    twin = Caller("staff:admin", "twin", ADMIN.scopes)
    await create_programme(db, shop.house.rulebook, twin, "twin", documents(**MANY), now=START)
    await db.run("UPDATE programmes SET created_at = $1", START)
    async with db.transaction() as connection:
        await connection.insert([Import(2, "x", "orders", "running", START, START + 9_000 * DAY, 0, 0, 0)])
    watching, late = Worker(shop.house, "watching"), Worker(shop.house, "late")
    names = [f"p{number}" for number in range(6)]
    now, joined = START, list[str]()
    for number in range(60):
        now += timedelta(hours=chance.randrange(1, 300), minutes=chance.randrange(60))
        await watching.tick(now)
        who = names[len(joined)] if len(joined) < len(names) and chance.random() < 0.5 else None
        name = who or chance.choice(joined or names[:1])
        born, total = f"1990-{chance.randrange(1, 13):02d}-15", chance.randrange(1, 90_000)
        event: Arrival = MemberEnrolled(f"e{name}", (("external", name),), now, profile={"birthday": born})
        if name in joined:
            ref = MemberRef(kind="external", value=name)
            event = OrderPaid(f"o{number}", f"o{number}", ref, now, "CNY", total, total)
        for programme in ("story", "twin"):
            till = Caller("client:pos", programme, scopes_of(["service"]))
            (receipt,) = await receive(shop.house, till, [event], now=now)
            assert receipt.state == "accepted"
        joined += [] if name in joined else [name]
        if chance.random() < 0.15:
            await caught_up(db, late, now, chance, monkeypatch)
    await watching.tick(now + DAY)
    await caught_up(db, late, now + DAY, chance, monkeypatch)
    await late.tick(now + DAY + timedelta(days=LEASE.days, seconds=LEASE.seconds * 2))

    assert await told(db, "story") == await told(db, "twin")
    assert len([row for row in await told(db, "twin") if row[0] == "entitlements"]) > 10
    await shop.prove()


async def caught_up(db: Database, late: Worker, now: datetime, chance: Random, monkeypatch: Any) -> None:
    """The other programme's worker comes by, and may be killed at any batch."""
    await db.run("UPDATE imports SET programme_id = 1")
    beats, killed_at, beat = 0, chance.randrange(1, 12), Worker._beat

    async def die(self: Worker, job: Any, instant: datetime) -> None:
        nonlocal beats
        beats += 1
        if beats == killed_at:
            raise Killed
        await beat(self, job, instant)

    with monkeypatch.context() as patch:
        patch.setattr(Worker, "_beat", die)
        try:
            await late.tick(now)
        except Killed:
            await db.run("UPDATE jobs SET lease_until = NULL, holder = NULL")  # Its lease has run out.
    await late.tick(now)
    await db.run("UPDATE imports SET programme_id = 2")
