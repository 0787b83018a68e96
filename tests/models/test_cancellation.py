"""A caller who hangs up leaves the database as usable as before, and the work done whole or not at all."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from tortoise.context import TortoiseContext
from tortoise.transactions import in_transaction

from models.database import Database
from models.limits import Counter
from models.sql import Dialect
from tests.models.tortoise_config import config

CANCELLED = 36
PATIENCE = 10.0  # Seconds after which a database counts as wedged.

SLOW = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT max(i) AS most FROM n"
)


@pytest_asyncio.fixture
async def small(database_url: str) -> AsyncIterator[Database]:
    """A database with two connections: whoever loses them is soon found out."""
    database = await Database.open(database_url, pool_max=2)
    yield database
    await database.close()


async def test_36_cancelled_transactions_leave_it_usable(small: Database):
    async def work(number: int) -> None:
        async with small.transaction() as connection:
            await connection.insert([Counter(1, f"a{number}", 1, 1)])
            await connection.insert([Counter(1, f"b{number}", 1, 1)])

    await cancel_each_further_on(work)

    await one_more(small)
    rows = await small.rows("SELECT name FROM counters ORDER BY name")
    halves = [{row["name"][1:] for row in rows if row["name"][0] == half} for half in "ab"]
    assert halves[0] == halves[1]


async def test_36_cancelled_transactions_of_tortoise_leave_it_usable(database_url: str, dialect: Dialect):
    async with TortoiseContext() as context:
        await context.init(config=config(database_url, dialect))

        async def work(number: int) -> None:
            async with in_transaction() as outer:
                await outer.execute_query(f"INSERT INTO counters VALUES (1, 'a{number}', 1, 1)")
                async with in_transaction() as inner:
                    await inner.execute_query(f"INSERT INTO counters VALUES (1, 'b{number}', 1, 1)")

        await cancel_each_further_on(work)

        async with asyncio.timeout(PATIENCE):
            await work(CANCELLED)
        _, rows = await context.db().execute_query("SELECT count(*) AS many FROM counters WHERE name LIKE 'a%'")
        _, other = await context.db().execute_query("SELECT count(*) AS many FROM counters WHERE name LIKE 'b%'")
        assert dict(rows[0]) == dict(other[0])


async def test_cancelled_while_it_waits_for_its_turn(small: Database):
    async with AsyncExitStack() as open_ones:
        for _ in range(2 if small.dialect == "postgres" else 1):
            await open_ones.enter_async_context(small.transaction())
        waiting = [asyncio.create_task(one_more(small, f"waiting {number}")) for number in range(CANCELLED)]
        await asyncio.sleep(0)
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting)

    await one_more(small)
    assert await small.rows("SELECT name FROM counters") == [{"name": "one more"}]


async def test_cancelled_in_commit_it_is_committed(small: Database):
    leaving = asyncio.Event()

    async def work() -> None:
        async with small.transaction() as connection:
            await connection.insert([Counter(1, "kept", 1, 1)])
            leaving.set()

    task = asyncio.create_task(work())
    await leaving.wait()
    task.cancel()
    await asyncio.wait([task])

    assert task.cancelled()
    assert await small.rows("SELECT name FROM counters") == [{"name": "kept"}]
    await one_more(small)


async def test_cancelled_before_commit_it_is_undone(small: Database):
    written, never = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        async with small.transaction() as connection:
            await connection.insert([Counter(1, "undone", 1, 1)])
            written.set()
            await never.wait()

    task = asyncio.create_task(work())
    await written.wait()
    task.cancel()
    await asyncio.wait([task])

    assert task.cancelled()
    await one_more(small)
    assert await small.rows("SELECT name FROM counters") == [{"name": "one more"}]


async def outside(db: Database) -> None:
    await db.rows(SLOW)


async def in_a_transaction(db: Database) -> None:
    async with db.transaction() as connection:
        await connection.rows(SLOW)


async def in_a_patient_one(db: Database) -> None:
    async with db.transaction(patient=True) as connection:
        await connection.rows(SLOW)


async def in_a_snapshot(db: Database) -> None:
    async with db.snapshot() as moment:
        await moment.rows(SLOW)


@pytest.mark.parametrize(
    "read", [outside, in_a_transaction, in_a_patient_one, in_a_snapshot], ids=lambda read: read.__name__
)
async def test_a_long_read_can_be_cancelled(small: Database, read: Callable[[Database], Awaitable[None]]):
    for _ in range(4):
        task = asyncio.ensure_future(read(small))
        await small.rows("SELECT 1 AS one")
        task.cancel()
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait([task])
        assert task.cancelled()

    await one_more(small)


async def cancel_each_further_on(work: Callable[[int], Awaitable[None]]) -> None:
    """Start the work 36 times, and cancel it each time a few turns of the event loop later."""
    for number in range(CANCELLED):
        task = asyncio.ensure_future(work(number))
        for _ in range(number * 2):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled() or task.exception() is None


async def one_more(db: Database, name: str = "one more") -> None:
    """An ordinary transaction, which a wedged database would never begin."""
    async with asyncio.timeout(PATIENCE), db.transaction() as connection:
        await connection.insert([Counter(1, name, 1, 1)])
