"""Rows go in and come out as they are, many at a time, the same on both databases."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
import pytest_asyncio

from models.codec import Json
from models.connection import Connection
from models.database import Database
from models.errors import ConstraintBroken, DatabaseError, Retryable, Unavailable
from models.sql import any_of
from models.table import Row, changed, table_of
from tests.models import sample
from tests.models.sample import AT, Holder, Mark, Note, note


@pytest_asyncio.fixture
async def db(db: Database) -> Database:
    """With tables of the tests' own."""
    await sample.make(db)
    return db


async def test_every_kind_of_value_comes_back_as_it_went(db: Database):
    rows = [
        note(1, aside="常青 🌲", written_at=datetime(1, 1, 1, tzinfo=UTC), seal_bytes=b""),
        note(2, answered_at=datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC), written_on=date(1, 1, 1)),
        note(3, weight=0, most=2**63 - 1, aside="", facts=Json('{"b":1.50,"a":"é"}')),
    ]

    await insert(db, rows)

    assert await db.read(Note, "SELECT * FROM notes ORDER BY id") == rows


async def test_a_time_of_another_zone_is_the_same_instant(db: Database):
    nine_in_shanghai = datetime(2026, 11, 21, 9, 0, tzinfo=timezone(timedelta(hours=8)))

    await insert(db, [note(1, written_at=nine_in_shanghai)])

    (read,) = await db.read(Note, "SELECT * FROM notes WHERE written_at = $1", nine_in_shanghai)
    assert read.written_at.isoformat() == "2026-11-21T01:00:00+00:00"


async def test_a_time_without_a_zone_is_refused(db: Database):
    naive = datetime(2026, 11, 21, 9, 0)  # noqa: DTZ001 - the very thing

    with pytest.raises(ValueError, match="without a zone"):
        await insert(db, [note(1, written_at=naive)])
    with pytest.raises(ValueError, match="without a zone"):
        await db.rows("SELECT id FROM notes WHERE written_at = $1", naive)


async def test_instants_sort_as_instants(db: Database):
    await insert(
        db, [note(1, written_at=AT + timedelta(microseconds=1)), note(2), note(3, written_at=AT.replace(hour=8))]
    )

    found = await db.rows("SELECT id FROM notes WHERE written_at >= $1 ORDER BY written_at DESC", AT)

    assert found == [{"id": 1}, {"id": 2}]


async def test_columns_are_told_by_name_in_any_order(db: Database):
    await insert(db, [note(1)])
    names = ", ".join(reversed(table_of(Note).names))

    assert await db.read(Note, f"SELECT {names}, 1 AS more FROM notes") == [note(1)]
    assert await db.read(Note, f"SELECT {table_of(Note).select_from('n')} FROM notes n") == [note(1)]
    with pytest.raises(DatabaseError, match="needs weight"):
        await db.read(Note, f"SELECT {names.replace(', weight', '')} FROM notes")


async def test_a_row_of_any_statement_is_read_by_its_names(db: Database):
    await insert(db, [note(1), note(2)])

    (found,) = await db.rows(
        "SELECT max(written_at) AS written_at, min(written_at) AS first_at, max(written_on) AS written_on, "
        "count(*) AS many, sum(weight) AS weight, max(answered_at) AS answered_at FROM notes"
    )

    assert found == {
        "written_at": AT, "first_at": AT, "written_on": date(2026, 11, 21), "many": 2, "weight": 3, "answered_at": None,
    }  # fmt: skip
    assert type(found["weight"]) is int


async def test_arguments_are_lists_too(db: Database):
    await insert(db, [note(number, written_at=AT + timedelta(days=number)) for number in range(1, 6)])

    by_id = await db.rows(
        f"SELECT id FROM notes WHERE {any_of(db.dialect, 'id', 2)} AND id < $1 ORDER BY id", 5, [5, 2, 4]
    )
    by_word = await db.rows(f"SELECT id FROM notes WHERE {any_of(db.dialect, 'word', 1)}", ["word 3", "o'hara", '"'])
    by_none = await db.rows(f"SELECT id FROM notes WHERE {any_of(db.dialect, 'id', 1)}", [])

    assert (by_id, by_word, by_none) == ([{"id": 2}, {"id": 4}], [{"id": 3}], [])


async def test_those_already_there_are_left_alone(db: Database):
    await insert(db, [note(1), note(2)])

    async with db.transaction() as connection:
        new = await connection.insert(
            [note(number, aside="again") for number in (2, 3, 1, 4)],
            on_conflict="ignore",
            returning=("id", "written_at", "is_open"),
        )

    assert sorted(new, key=lambda row: row["id"]) == [
        {"id": 3, "written_at": AT, "is_open": False},
        {"id": 4, "written_at": AT, "is_open": True},
    ]
    assert await db.rows("SELECT id FROM notes WHERE aside = 'again' ORDER BY id") == [{"id": 3}, {"id": 4}]


async def test_a_thousand_rows_are_one_statement(db: Database):
    rows = [note(number, most=2000) for number in range(1, 1001)]

    async with db.transaction() as connection:
        returned = await connection.insert(rows, returning=("id",))
        updated = await connection.update([changed(row, weight=row.weight + 1, answered_at=AT) for row in rows])

    assert [row["id"] for row in returned] == list(range(1, 1001))
    assert updated == 1000
    assert await db.rows("SELECT sum(weight) AS weight FROM notes WHERE answered_at IS NOT NULL") == [
        {"weight": 501_500}
    ]


async def test_an_update_writes_the_columns_it_is_told(db: Database):
    await insert(db, [note(1), note(2)])

    async with db.transaction() as connection:
        there = await connection.update([note(2, weight=9, aside="no"), note(7, weight=9)], ("weight", "is_open"))

    assert there == 1
    assert await db.read(Note, "SELECT * FROM notes ORDER BY id") == [note(1), note(2, weight=9)]


async def test_nothing_to_write_is_nothing_done(db: Database):
    async with db.transaction() as connection:
        assert await connection.insert([]) == []
        assert await connection.update([]) == 0


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (note(1, id=2), "notes_pkey"),
        (note(3, word="word 2"), "notes_word_open"),
        (note(3, weight=-1), "notes_weight_at_least_0"),
        (note(3, weight=2, most=1), "notes_weight_at_most_most"),
        (note(3, holder_id=9), "notes_holder_id_fkey"),
        (note(3, word=None), "notes_word_not_null"),
        (Holder(1, 2, "Lin"), "holders_programme_id_name_key"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_broken_law_has_one_name(db: Database, row: Note | Holder, name: str):
    await insert(db, [note(2)])

    with pytest.raises(ConstraintBroken) as caught:
        await insert(db, [row])

    assert caught.value.name == name


async def test_a_partial_law_holds_where_it_says(db: Database):
    await insert(db, [note(1, answered_at=AT), note(2, word="word 1"), note(3, word="word 1", answered_at=AT)])

    assert await db.rows("SELECT count(*) AS many FROM notes WHERE word = 'word 1'") == [{"many": 3}]


async def test_what_is_stamped_once_is_not_stamped_again(db: Database):
    await insert(db, [Mark(1, 1, "a", None)])

    async with db.transaction() as connection:
        assert await connection.update([Mark(1, 1, "b", AT)], ("stamped_at",)) == 1

    for row, columns in ((Mark(1, 1, "a", None), ("stamped_at",)), (Mark(1, 1, "b", AT), ("word",))):
        with pytest.raises(ConstraintBroken) as caught:
            await update(db, row, columns)
        assert caught.value.name == "marks_append_only"
    assert await db.read(Mark, "SELECT * FROM marks") == [Mark(1, 1, "a", AT)]


async def test_a_block_that_raises_leaves_nothing(db: Database):
    with pytest.raises(LookupError):
        await insert_and_raise(db, note(1))

    assert await db.rows("SELECT id FROM notes") == []


async def test_after_a_failed_statement_nothing_more_runs(db: Database):
    with pytest.raises(DatabaseError, match="nothing more runs"):
        await in_one(db, fail, lambda connection: connection.insert([note(1)]))

    assert await db.rows("SELECT id FROM notes") == []


async def test_a_swallowed_failure_does_not_commit(db: Database):
    with pytest.raises(DatabaseError, match="nothing is committed"):
        await in_one(db, lambda connection: connection.insert([note(1)]), fail)

    assert await db.rows("SELECT id FROM notes") == []


@pytest.mark.parametrize(
    "wrong",
    [{"weight": 2**63}, {"weight": 1.5}, {"word": "\ud800"}],
    ids=["beyond 64 bits", "a fraction", "half a character"],
)
async def test_what_no_column_holds_is_a_defect(db: Database, wrong: dict[str, Any]):
    with pytest.raises(DatabaseError):
        await insert(db, [note(1, **wrong)])

    assert await db.rows("SELECT count(*) AS many FROM notes") == [{"many": 0}]


async def test_a_fraction_is_no_argument(db: Database):
    await insert(db, [note(1)])

    with pytest.raises(DatabaseError, match=r"no column holds 0\.5"):
        await db.run("UPDATE notes SET weight = weight + $1", 0.5)

    assert await db.read(Note, "SELECT * FROM notes") == [note(1)]


async def test_bad_sql_is_a_defect_not_a_retry(db: Database):
    with pytest.raises(DatabaseError) as caught:
        await db.rows("SELECT nothing FROM nowhere")

    assert not isinstance(caught.value, Retryable | Unavailable | ConstraintBroken)


async def test_a_transaction_that_has_ended_takes_nothing_more(db: Database):
    async with db.transaction() as connection:
        await connection.insert([note(1)])

    with pytest.raises(DatabaseError, match="has ended"):
        await connection.run("DELETE FROM notes")
    with pytest.raises(DatabaseError, match="has ended"):
        await connection.rows("SELECT id FROM notes")
    with pytest.raises(DatabaseError, match="has ended"):
        await connection.insert([note(2)])
    assert await db.rows("SELECT id FROM notes") == [{"id": 1}]


async def test_a_statement_may_both_write_and_tell(db: Database):
    await insert(db, [note(1), note(2)])

    async with db.transaction() as connection:
        told = await connection.rows("UPDATE notes SET answered_at = $1 WHERE id = 2 RETURNING id, answered_at", AT)

    assert told == [{"id": 2, "answered_at": AT}]
    assert await db.rows("DELETE FROM notes WHERE id = $1 RETURNING word", 1) == [{"word": "word 1"}]
    assert await db.run("DELETE FROM notes WHERE id > $1", 0) == 1


async def test_a_snapshot_sees_one_moment(db: Database):
    count = "SELECT count(*) AS many FROM notes"
    await insert(db, [note(1)])

    async with db.snapshot() as moment:
        before = await moment.rows(count)
        await insert(db, [note(2)])
        after, rows = await moment.rows(count), await moment.read(Note, "SELECT * FROM notes")

    assert (before, after, rows) == ([{"many": 1}], [{"many": 1}], [note(1)])
    assert await db.rows(count) == [{"many": 2}]


async def test_nobody_writes_in_a_snapshot(db: Database):
    with pytest.raises(DatabaseError):
        await write_in_a_snapshot(db)

    assert await db.rows("SELECT count(*) AS many FROM notes") == [{"many": 0}]


async def test_the_clock_goes_on_within_a_transaction(db: Database):
    async with db.transaction() as connection:
        first, then = await connection.clock(), await connection.clock()

    assert first.tzinfo is UTC
    assert first <= then
    assert then - datetime.now(UTC) < timedelta(minutes=1)


async def insert(db: Database, rows: Sequence[Row]) -> None:
    """In a transaction of its own."""
    async with db.transaction() as connection:
        await connection.insert(rows)


async def update(db: Database, row: Mark, columns: tuple[str, ...]) -> None:
    """In a transaction of its own."""
    async with db.transaction() as connection:
        await connection.update([row], columns)


async def in_one(db: Database, *steps: Callable[[Connection], Awaitable[object]]) -> None:
    """Several steps in one transaction."""
    async with db.transaction() as connection:
        for step in steps:
            await step(connection)


async def write_in_a_snapshot(db: Database) -> None:
    """What a reader may not do."""
    async with db.snapshot() as moment:
        await moment.rows("INSERT INTO holders VALUES (1, 2, 'Wu') RETURNING id")


async def insert_and_raise(db: Database, row: Note) -> None:
    """What a defect in the middle of a transaction looks like."""
    async with db.transaction() as connection:
        await connection.insert([row])
        raise LookupError


async def fail(connection: Connection) -> None:
    """A statement that fails, and a caller who does not mind."""
    with pytest.raises(ConstraintBroken):
        await connection.insert([note(1, weight=-1)])


COUNT = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) SELECT max(i) AS most FROM n"
WRITE = f"UPDATE notes SET weight = 0 * ({COUNT}) WHERE id = 1"
SOON, NEVER = 1_000, 1_000_000_000  # Rows to count: at once, and not before the limit.
LATER = 2_000_000  # Well past a limit of 50 ms, and soon enough for a test.
LIMIT_MS = 50


@pytest_asyncio.fixture
async def hasty(db: Database, database_url: str) -> AsyncIterator[Database]:
    """The same database, opened with a short limit for a statement."""
    async with db.transaction() as connection:
        await connection.insert([note(1)])
    opened = await Database.open(f"{database_url}?statement_timeout={LIMIT_MS}")
    yield opened
    await opened.close()


async def test_a_statement_within_its_time_is_answered(hasty: Database):
    async with hasty.transaction() as connection:
        inside = await connection.rows(COUNT, SOON)
        changed_rows = await connection.run(WRITE, SOON)

    assert inside == await hasty.rows(COUNT, SOON) == [{"most": SOON}]
    assert changed_rows == 1


async def test_a_read_beyond_its_time_is_given_up(hasty: Database):
    with pytest.raises(Unavailable):
        await hasty.rows(COUNT, NEVER)
    with pytest.raises(Unavailable):
        async with hasty.transaction() as connection:
            await connection.rows(COUNT, NEVER)
    with pytest.raises(Unavailable):
        async with hasty.snapshot() as reader:
            await reader.rows(COUNT, NEVER)

    assert await hasty.rows(COUNT, SOON) == [{"most": SOON}]  # Nothing is held: the next one is answered.


async def test_a_write_beyond_its_time_takes_its_transaction_with_it(hasty: Database):
    (before,) = await hasty.rows("SELECT weight FROM notes WHERE id = 1")

    with pytest.raises(Unavailable):
        await write_two(hasty)

    assert await hasty.rows("SELECT id, weight FROM notes") == [{"id": 1, **before}]
    assert await hasty.run(WRITE, SOON) == 1


async def test_what_is_patient_has_no_limit(hasty: Database):
    async with hasty.transaction(patient=True) as connection:
        read = await connection.rows(COUNT, LATER)
        written = await connection.run(WRITE, LATER)
    async with hasty.snapshot(patient=True) as reader:
        seen = await reader.rows(COUNT, LATER)

    assert (read, seen, written) == ([{"most": LATER}], [{"most": LATER}], 1)


async def write_two(db: Database) -> None:
    """A row, and then a statement that takes too long."""
    async with db.transaction() as connection:
        await connection.insert([note(2)])
        await connection.run(WRITE, NEVER)
