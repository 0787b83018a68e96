"""What only SQLite has: one writer, threads for what takes long, a file that can be full."""

import asyncio

import pytest
import pytest_asyncio

from models.database import Database
from models.engines.sqlite.client import SqliteClient
from models.engines.sqlite.file import File
from models.errors import ConstraintBroken, Unavailable
from models.limits import Counter
from tests.models import sample
from tests.models.sample import note
from tests.models.test_processes import finish, start

COUNT = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) SELECT max(i) AS most FROM n"


@pytest_asyncio.fixture
async def db(db: Database) -> Database:
    """With tables of the tests' own."""
    await sample.make(db)
    return db


async def test_a_commit_is_durable_and_waits_for_other_writers(db: Database):
    pragmas = {name: (await db.rows(f"PRAGMA {name}"))[0][name] for name in ("journal_mode", "synchronous")}

    assert pragmas == {"journal_mode": "wal", "synchronous": 2}
    assert file_of(db).busy_seconds == 5


async def test_readers_see_what_was_committed_while_a_writer_is_at_it(db: Database):
    async with db.transaction() as connection:
        await connection.insert([note(1)])
        from_outside = await db.rows("SELECT count(*) AS many FROM notes")
        long_from_outside = await db.rows(f"SELECT most, (SELECT count(*) FROM notes) AS many FROM ({COUNT})", 300_000)
        from_inside = await connection.rows("SELECT count(*) AS many FROM notes")

    assert from_outside == [{"many": 0}]
    assert long_from_outside == [{"most": 300_000, "many": 0}]
    assert from_inside == [{"many": 1}]


@pytest.mark.parametrize("patient", [False, True], ids=["short", "patient"])
async def test_a_read_beyond_its_allowance_goes_on_in_a_thread(db: Database, patient: bool):
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count_turns())
    async with db.transaction(patient=patient) as connection:
        await connection.insert([note(1)])
        found = await connection.rows(f"SELECT most, (SELECT count(*) FROM notes) AS many FROM ({COUNT})", 300_000)
    counting.cancel()

    assert found == [{"most": 300_000, "many": 1}]
    assert turns > 2


async def test_a_full_disk_undoes_the_whole_transaction(db: Database):
    file_of(db).writer.execute("PRAGMA max_page_count = 1")  # As many pages as there are.

    with pytest.raises(Unavailable, match="full"):
        await fill(db)

    assert await db.rows("SELECT count(*) AS many FROM notes") == [{"many": 0}]
    file_of(db).writer.execute("PRAGMA max_page_count = 1000000")
    await fill(db)
    assert await db.rows("SELECT count(*) AS many FROM notes") == [{"many": 1}]


async def test_a_value_of_the_wrong_kind_is_refused_by_the_table(db: Database):
    with pytest.raises(ConstraintBroken, match="notes_weight_type"):
        await db.run("INSERT INTO notes SELECT 1, 1, 1, 'x', 1.5, 2, 1, 'x', NULL, 'x', x'00', '{}', NULL")


async def test_a_writer_waits_for_the_other_processes_transaction(db: Database, database_url: str):
    async with db.transaction() as connection:
        await connection.insert([Counter(1, "seats", 1000, 1000)])
    holder = await start("hold", database_url)
    assert holder.stdin is not None
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"holding\n"

    impatient = await finish(await start("try_to_take", f"{database_url}?busy_timeout=1"))
    patient = asyncio.create_task(db.run('UPDATE counters SET "left" = "left" - 1'))
    holder.stdin.write(b"\n")

    assert impatient == "busy\n"
    assert await patient == 1
    assert await holder.wait() == 0
    assert await db.rows('SELECT "left" FROM counters') == [{"left": 998}]


def file_of(db: Database) -> File:
    """The open file."""
    assert isinstance(db.client, SqliteClient)
    return db.client.file


async def fill(db: Database) -> None:
    """A row that needs pages of its own."""
    async with db.transaction() as connection:
        await connection.insert([note(1, aside="x" * 1_000_000)])
