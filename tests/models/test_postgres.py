"""What only PostgreSQL has: locks on rows, connections that are lost, a planner to be told, partitions."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from models import ddl
from models.database import Database
from models.errors import Retryable, Unavailable
from models.limits import Counter
from models.table import Row
from tests.conftest import SERVER
from tests.models import sample
from tests.models.sample import Note, note

PARTITIONS = 4


@pytest_asyncio.fixture
async def db(db: Database) -> Database:
    """With tables of the tests' own."""
    await sample.make(db)
    return db


@pytest_asyncio.fixture
async def partitioned(empty_database_url: str) -> AsyncIterator[Database]:
    """Every declared table, those of members split into four by member."""
    database = await Database.open(empty_database_url)
    for statement in ddl.schema("postgres", ddl.declared(), partitions=PARTITIONS):
        await database.run(statement)
    yield database
    await database.close()


async def test_a_row_lock_is_waited_for_no_longer_than_said(db: Database):
    await put(db, note(1))
    taking = "SELECT id FROM notes FOR NO KEY UPDATE"

    async with db.transaction() as holder, db.transaction() as other:
        await holder.rows(taking)
        await other.lock_timeout(1)
        with pytest.raises(Retryable) as caught:
            await other.rows(taking)
        other.failed = False

    assert caught.value.what == "lock"


async def test_two_who_wait_for_each_other_are_told_to_retry(db: Database):
    await put(db, note(1), note(2))
    both = asyncio.Barrier(2)

    async def take(first: int, second: int) -> str:
        try:
            async with db.transaction() as connection:
                await connection.run("UPDATE notes SET weight = 0 WHERE id = $1", first)
                await both.wait()
                await connection.run("UPDATE notes SET weight = 0 WHERE id = $1", second)
        except Retryable as error:
            return error.what
        return "done"

    assert sorted(await asyncio.gather(take(1, 2), take(2, 1))) == ["deadlock", "done"]


async def test_who_owns_the_programme_waits_for_those_who_share_it(db: Database):
    order: list[str] = []

    async def own() -> None:
        async with db.transaction() as connection:
            await connection.own_programme(1)
            order.append("owned")

    async with db.transaction() as one, db.transaction() as another:
        await one.share_programme(1)
        await another.share_programme(1)
        async with db.transaction() as stranger:
            await stranger.own_programme(2)
        owning = asyncio.create_task(own())
        await db.rows("SELECT 1 AS one")
        order.append("shared to the end")
    await owning

    assert order == ["shared to the end", "owned"]


async def test_a_lost_connection_is_said_to_be_unavailable_and_the_next_one_works(db: Database):
    with pytest.raises(Unavailable):
        await lose_the_connection(db, note(1))

    await put(db, note(2))
    assert await db.rows("SELECT id FROM notes") == [{"id": 2}]


async def test_connections_lost_while_nobody_used_them_are_replaced(db: Database, database_url: str):
    other = await Database.open(database_url, pool_max=2)
    await asyncio.gather(*[other.rows("SELECT 1 AS one") for _ in range(4)])

    await kill_all_but_ours(db)

    told = [await first_try(other) for _ in range(4)]
    assert told[-1] == "answered"
    assert set(told) <= {"answered", "unavailable"}
    await other.close()


async def test_a_statement_that_takes_too_long_is_given_up(db: Database):
    with pytest.raises(Unavailable, match="statement timeout"):
        await sleep_for_a_minute(db)

    assert await db.rows("SELECT 1 AS one") == [{"one": 1}]


@pytest.mark.parametrize("url", ["postgres://nobody@127.0.0.1:1/nothing", f"{SERVER}_that_is_not_there"])
async def test_a_server_that_does_not_answer_is_unavailable(url: str):
    with pytest.raises(Unavailable):
        await Database.open(url)


async def test_a_new_table_is_analysed_at_its_first_thousand_rows(db: Database):
    known = "SELECT reltuples >= 0 AS known FROM pg_class WHERE relname = 'counters'"

    await put(db, *[Counter(1, f"early {number}", 1, 1) for number in range(999)])
    before = await db.rows(known)
    await put(db, Counter(1, "the thousandth", 1, 1))

    assert (before, await db.rows(known)) == ([{"known": False}], [{"known": True}])


async def test_every_table_of_members_can_be_partitioned_by_member(partitioned: Database):
    tables = {table.name: table for table in ddl.declared()}

    for table in tables.values():
        async with partitioned.transaction() as connection:
            await sample.stand(connection, table, tables)

    for table in tables.values():
        assert await partitioned.read(table.row, f"SELECT * FROM {table.name}") == [table.row(**sample.lawful(table))]
    split = {table.name for table in tables.values() if table.partition}
    assert {"wallets", "transfers", "lots", "events", "members", "orders"} <= split
    assert {name: await parts(partitioned, name) for name in split} == dict.fromkeys(split, PARTITIONS)


async def put(db: Database, *rows: Row) -> None:
    """In a transaction of its own."""
    async with db.transaction() as connection:
        await connection.insert(rows)


async def lose_the_connection(db: Database, row: Note) -> None:
    """The server ends the session in the middle of a transaction."""
    async with db.transaction() as connection:
        await connection.insert([row])
        (own,) = await connection.rows("SELECT pg_backend_pid() AS pid")
        await db.rows("SELECT pg_terminate_backend($1)", own["pid"])
        await connection.insert([note(3)])


async def kill_all_but_ours(db: Database) -> None:
    """The server ends every other session on this database."""
    await db.rows(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


async def first_try(db: Database) -> str:
    """Ask once."""
    try:
        await db.rows("SELECT 1 AS one")
    except Unavailable:
        return "unavailable"
    return "answered"


async def sleep_for_a_minute(db: Database) -> None:
    """A statement beyond its time, which is cut short here to spare the test five seconds."""
    async with db.transaction() as connection:
        await connection.run("SET LOCAL statement_timeout = 10")
        await connection.rows("SELECT pg_sleep(60)")


async def parts(db: Database, table: str) -> int:
    """How many partitions a table has."""
    (found,) = await db.rows("SELECT count(*) AS many FROM pg_inherits WHERE inhparent = $1::text::regclass", table)
    return int(found["many"])
