"""The worker does what falls due, in its order, once: whoever does it, whenever, and however often it is killed."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobs.worker import LEASE, REST, LeaseLost, Worker, database_clock
from loyalty import clockwork
from loyalty.access import Caller, scopes_of
from loyalty.events import MemberRef, OrderPaid
from loyalty.intake import receive
from loyalty.publishing import create_programme
from models.control import Import
from tests.loyalty.conftest import START, Shop
from tests.loyalty.programme import FILES, documents

# The first review for which the order of 2 March 2026 lies more than 365 days back: 1 April 2027 in Shanghai.
DEMOTED_AT = datetime(2027, 3, 31, 16, 0, tzinfo=UTC)


def worker(shop: Shop, name: str = "one") -> Worker:
    return Worker(shop.house, name)


async def found(shop: Shop) -> None:
    """The programme is as old as the story, so that its first reviews are the story's."""
    await shop.house.db.run("UPDATE programmes SET created_at = $1", START)


async def jobs(shop: Shop) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in await shop.house.db.rows("SELECT * FROM jobs")}


async def told(shop: Shop, programme: str = "story") -> list[tuple[Any, ...]]:
    """What the books of a programme tell, without numbers that differ from one to the next."""
    where = "programme_id = (SELECT id FROM programmes WHERE name = $1)"
    transfers = f"SELECT reason, wallet, amount, effective_at FROM transfers WHERE {where}"
    moves = f"SELECT reason, ladder, tier_to, at FROM standing_moves WHERE {where}"
    steps = f"SELECT reason, state_to, entitlement_id * 0 AS none, at FROM entitlement_moves WHERE {where}"
    rows = [await shop.house.db.rows(sql, programme) for sql in (transfers, moves, steps)]
    return sorted(tuple(map(str, row.values())) for part in rows for row in part)


async def test_what_matured_is_posted_at_the_instant_it_fell_due(shop):
    await found(shop)
    await shop.order("lin", 10_000)
    due = shop.now + timedelta(days=7)

    await worker(shop).tick(due - timedelta(seconds=1))
    before = await shop.wallet("lin")
    await worker(shop).tick(due + timedelta(hours=5))

    assert (before["pending"], before["available"]) == (100, 0)
    wallet = await shop.wallet("lin")
    assert (wallet["pending"], wallet["available"]) == (0, 100)
    (row,) = await shop.house.db.rows("SELECT effective_at FROM transfers WHERE reason = 'matured'")
    assert row["effective_at"] == due


async def test_whoever_has_nothing_due_is_left_in_peace(shop):
    await found(shop)
    await shop.enrol("lin")

    await worker(shop).tick(START + timedelta(days=3))

    assert await shop.count("events", "kind LIKE 'clock.%'") == 0


async def test_a_tick_after_everything_is_done_does_nothing(shop):
    await found(shop)
    await shop.order("lin", 10_000)
    now = START + timedelta(days=400)
    await worker(shop).tick(now)
    events = await shop.count("events")

    assert await worker(shop, "two").tick(now) == 0
    assert await shop.count("events") == events


async def test_a_review_takes_down_whose_year_is_over(shop):
    await found(shop)
    await shop.order("lin", 200_000)
    assert await shop.tier("lin") == "gold"

    await worker(shop).tick(DEMOTED_AT - timedelta(seconds=1))
    kept = await shop.tier("lin")
    await worker(shop).tick(DEMOTED_AT)

    assert (kept, await shop.tier("lin")) == ("gold", "normal")
    (move,) = await shop.house.db.rows("SELECT at FROM standing_moves WHERE reason = 'review'")
    assert move["at"] == DEMOTED_AT


async def test_a_review_that_was_missed_sees_the_books_of_its_own_day(shop):
    await found(shop)
    await shop.order("lin", 200_000)

    await worker(shop).tick(datetime(2027, 8, 5, tzinfo=UTC))

    rows = await shop.house.db.rows("SELECT kind, instant FROM events WHERE kind LIKE 'clock.%' ORDER BY position")
    assert [row["instant"] for row in rows] == sorted(row["instant"] for row in rows)
    (move,) = await shop.house.db.rows("SELECT at FROM standing_moves WHERE reason = 'review'")
    assert move["at"] == DEMOTED_AT


async def test_a_clock_watched_and_one_caught_up_with_make_the_same_books(shop):
    """Two programmes with the same orders: one is looked after every third day, the other once at the end."""
    await found(shop)
    admin = Caller("staff:admin", "twin", scopes_of(["admin"]))
    await create_programme(shop.house.db, shop.house.rulebook, admin, "twin", documents(), now=START)
    orders = [(0, "lin", 200_000), (3, "wang", 30_000), (39, "wang", 90_000), (99, "lin", 1_000), (132, "wang", 500)]

    async def both(day: int, name: str, total: int) -> None:
        at = START + timedelta(days=day)
        for programme in ("story", "twin"):
            till = Caller("client:pos", programme, scopes_of(["service"]))
            who = MemberRef(kind="external", value=name)
            order = OrderPaid(f"{day}{name}", f"{day}{name}", who, at, "CNY", total, total)
            await receive(shop.house, till, [order], now=at)

    watched = worker(shop)
    waiting = {day: (name, total) for day, name, total in orders}
    stopped = Import(2, "x", "orders", "running", START, START + timedelta(days=9_000), 0, 0, 0)
    async with shop.house.db.transaction() as connection:
        await connection.insert([stopped])
    for day in range(0, 430, 3):
        if day in waiting:
            await both(day, *waiting[day])
        await watched.tick(START + timedelta(days=day, hours=1))
    await shop.house.db.run("DELETE FROM imports")
    await watched.tick(START + timedelta(days=429, hours=2))

    assert await told(shop, "story") == await told(shop, "twin")
    assert len(await told(shop, "story")) > 15


@pytest.mark.parametrize("killed_at", [1, 2, 3, 4, 5, 9, 20, 23])
async def test_a_worker_killed_anywhere_neither_skips_nor_repeats(shop, monkeypatch, killed_at):
    monkeypatch.setattr(clockwork, "BATCH", 1)
    await found(shop)
    for name in ("lin", "wang", "zhao"):
        await shop.order(name, 150_000)
    now = DEMOTED_AT + timedelta(hours=1)
    beats = 0

    class Killed(Exception):
        pass

    async def die(self: Worker, job: Any, instant: datetime) -> None:
        nonlocal beats
        beats += 1
        if beats == killed_at:
            raise Killed

    dying = worker(shop, "dying")
    with monkeypatch.context() as patch:
        patch.setattr(Worker, "_beat", die)
        with pytest.raises(Killed):
            await dying.tick(now)

    assert await worker(shop, "heir").tick(now) == 0
    await worker(shop, "heir").tick(now + LEASE + timedelta(seconds=1))

    assert await shop.count("transfers", "reason = 'matured'") == 3
    assert await shop.count("standing_moves", "reason = 'review'") == 3
    rows = await shop.house.db.rows("SELECT key FROM events WHERE kind LIKE 'clock.%'")
    keys = [row["key"] for row in rows]
    assert len(keys) == len(set(keys))
    assert {name: row["holder"] for name, row in (await jobs(shop)).items()} == dict.fromkeys(await jobs(shop))


async def test_a_job_that_is_held_is_nobody_elses_until_the_lease_runs_out(shop):
    await found(shop)
    first, second = worker(shop, "first"), worker(shop, "second")
    now = START + timedelta(days=1)
    await first._enter(now)
    job = await first._claim(now)
    assert job is not None

    assert await second._claim(now + LEASE - timedelta(seconds=1)) is None
    taken = await second._claim(now + LEASE)

    assert taken is not None
    assert (taken.name, taken.holder) == (job.name, "second")
    with pytest.raises(LeaseLost):
        await first._done(job, now, now)


async def test_jobs_of_a_programme_run_in_the_order_they_fell_due(shop):
    await found(shop)
    one = worker(shop)
    now = START + timedelta(days=45)
    await one._enter(now)
    done = []
    while (job := await one._claim(now)) is not None:
        done.append((job.due_at, job.name))
        await one._do(job, now)

    assert done == sorted(done)
    assert [name for _, name in done if name.startswith("review")] == ["review.grade"]


async def test_an_import_under_way_holds_the_clock_until_it_falls_silent(shop):
    await found(shop)
    await shop.order("lin", 10_000)
    now = START + timedelta(days=8)
    async with shop.house.db.transaction() as connection:
        await connection.insert([Import(1, "x", "orders", "running", now, now, 0, 0, 0)])

    assert await worker(shop).tick(now + timedelta(minutes=4)) == 0
    assert (await shop.wallet("lin"))["available"] == 0
    assert await worker(shop).tick(now + timedelta(minutes=6)) > 0

    assert (await shop.wallet("lin"))["available"] == 100


async def test_who_is_busy_stays_on_the_list(shop, dialect):
    if dialect == "sqlite":
        pytest.skip("SQLite has one writer: nobody's member is busy while another batch runs")
    await found(shop)
    await shop.order("lin", 200_000)
    await shop.order("wang", 200_000)
    lin = await shop.member_id("lin")
    now = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)

    async with shop.house.db.transaction(patient=True) as elsewhere:
        await elsewhere.rows("SELECT id FROM members WHERE id = $1 FOR NO KEY UPDATE", lin)
        await worker(shop).tick(now)
        meanwhile = [(await shop.wallet(name))["available"] for name in ("lin", "wang")]
        undone = (await jobs(shop))["review.grade"]["done_at"]
    await worker(shop).tick(now + REST)

    assert (meanwhile, undone) == ([0, 2_000], None)
    assert (await jobs(shop))["review.grade"]["done_at"] is not None
    assert (await shop.wallet("lin"))["available"] == 2_000


async def test_what_waits_too_long_is_given_up(shop):
    await found(shop)
    early = await shop.one(shop.returned("A1", "r1"))

    await worker(shop).tick(START + timedelta(days=31))

    (row,) = await shop.house.db.rows("SELECT state, outcome FROM events WHERE id = $1", early.event_id)
    assert row["state"] == "refused"
    assert "ORDER_UNKNOWN" in row["outcome"]


async def test_a_days_figures_are_folded_and_stay_the_same(shop):
    await found(shop)
    for total in (10_000, 20_000, 40_000):
        await shop.order("lin", total)
        await shop.order("wang", total)
    names = ("orders", "spend", "refunds", "joined", "earned", "redeemed", "expired")
    sums = ", ".join(f"SUM({name}) AS {name}" for name in names)
    sql = f"SELECT day, channel, tier, {sums} FROM day_deltas GROUP BY day, channel, tier ORDER BY day, channel, tier"
    before = await shop.house.db.rows(sql)
    rows = await shop.count("day_deltas")

    await worker(shop).tick(START + timedelta(days=1))

    assert await shop.house.db.rows(sql) == before
    assert await shop.count("day_deltas") == len(before) < rows


async def test_a_ladder_that_is_published_later_is_reviewed_from_then_on(shop):
    await found(shop)
    await worker(shop).tick(START + timedelta(days=1))
    layer = {"tiers__layer": FILES["tiers/grade"] | {"review": {"every": "year"}}}
    await shop.publish(**layer)
    live = await shop.house.rulebook.programme(shop.house.db, "story")

    await worker(shop).tick(START + timedelta(days=2))

    due = (await jobs(shop))["review.layer"]["due_at"]
    assert due > live.newest.live_from
    assert (due.month, due.day, due.hour) == (12, 31, 16)


async def test_the_loop_goes_on_after_a_job_that_failed(shop, monkeypatch):
    await found(shop)
    await shop.order("lin", 10_000)
    now = START + timedelta(days=8)
    rounds = 0

    class Enough(Exception):
        pass

    async def clock() -> datetime:
        return now + rounds * (LEASE + REST)

    async def sleep(_seconds: float) -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 3:
            raise Enough

    async def fail(self: Worker, live: Any, instant: datetime) -> datetime:
        if rounds == 0:
            raise RuntimeError("planted")
        return await until(self, live, instant)

    until = Worker._until
    monkeypatch.setattr(Worker, "_until", fail)
    looping = Worker(shop.house, "looping", clock)

    with pytest.raises(Enough):
        await looping.run(sleep)

    assert (await shop.wallet("lin"))["available"] == 100


async def test_workers_share_the_databases_clock(shop):
    clock = database_clock(shop.house)

    assert await clock() <= await clock()
    assert (await clock()).utcoffset() == timedelta(0)


async def test_keys_are_kept_for_400_days_and_the_order_number_for_ever(shop):
    await found(shop)
    order = shop.paid("lin", 10_000, "A1", key="once")
    await shop.one(order)

    await worker(shop).tick(START + timedelta(days=400))
    kept = await shop.count("claims", "key = 'once'")
    await worker(shop).tick(START + timedelta(days=402))

    assert (kept, await shop.count("claims", "key = 'once'")) == (1, 0)
    again = await shop.one(order)
    assert again.replayed
    assert await shop.count("orders") == 1


async def test_workers_at_the_same_time_do_everything_once(shop, monkeypatch):
    monkeypatch.setattr(clockwork, "BATCH", 2)
    await found(shop)
    for name in ("lin", "wang", "zhao", "chen", "liu"):
        await shop.order(name, 150_000)
    now = DEMOTED_AT + timedelta(hours=1)
    crew = [worker(shop, name) for name in ("one", "two", "three")]

    while sum(await asyncio.gather(*(one.tick(now) for one in crew))):
        pass

    assert await shop.count("transfers", "reason = 'matured'") == 5
    assert await shop.count("standing_moves", "reason = 'review'") == 5
    rows = await shop.house.db.rows("SELECT key FROM events WHERE kind LIKE 'clock.%'")
    assert len(rows) == len({row["key"] for row in rows})


BROKEN = "UPDATE wallets SET pending = 0 WHERE member_id = $1 AND wallet = 'points'"


async def test_a_member_whose_books_are_broken_holds_up_nobody_and_is_reported(shop, caplog):
    await found(shop)
    for name in ("bad", "good"):
        await shop.order(name, 10_000)
    bad = await shop.member_id("bad")
    await shop.house.db.run(BROKEN, bad)

    async with asyncio.timeout(60):
        await worker(shop).tick(START + timedelta(days=8))
        settled = await jobs(shop)
        await worker(shop).tick(START + timedelta(days=70))

    assert await shop.wallet("good") == {"pending": 0, "available": 100, "held": 0, "owed": 0}
    assert (await shop.wallet("bad"))["available"] == 0
    assert settled["settle"]["note"].startswith(f"clock:settle:{bad}:")
    assert settled["settle"]["note"].rsplit(" ", 1)[1] in {getattr(line, "error_id", "") for line in caplog.records}
    assert await shop.count("claims", f"key LIKE 'clock:settle:{bad}:%'") == 0
    # May's review, and the days since, were not kept waiting.
    assert (await jobs(shop))["review.grade"]["due_at"] == datetime(2026, 5, 31, 16, 0, tzinfo=UTC)

    await shop.house.db.run("UPDATE wallets SET pending = 100 WHERE member_id = $1 AND wallet = 'points'", bad)
    await worker(shop).tick(START + timedelta(days=71))

    assert (await shop.wallet("bad"))["available"] == 100
    assert (await jobs(shop))["settle"]["note"] == ""
