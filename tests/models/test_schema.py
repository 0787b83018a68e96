"""What was migrated is what was declared: every column, key, index, check and foreign key, on both databases."""

import itertools
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from typing import Any

import pytest
import pytest_asyncio

from models import ddl
from models.database import Database
from models.errors import FOREIGN_KEY, ConstraintBroken
from models.table import Check, Foreign, Table, Unique
from tests.conftest import copied
from tests.models import catalogue, sample

TABLES = {table.name: table for table in ddl.declared()}
AGAIN = "declarations and migrations differ: write the next migration"

# What a law refuses leaves no trace: the tests of this file share one database.
pytestmark = pytest.mark.asyncio(loop_scope="module")

every_table = pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
append_only = pytest.mark.parametrize(
    "table", [table for table in TABLES.values() if table.append_only], ids=lambda table: table.name
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def db(template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Database]:
    """One database for all."""
    async with copied(template, tmp_path_factory.mktemp("schema")) as url:
        database = await Database.open(url)
        yield database
        await database.close()


def every(kind: str) -> Any:
    """Every law of one kind, with its table."""
    cases = [(table, law) for table in TABLES.values() for law in getattr(table, kind)]
    ids = [f"{table.name}-{getattr(law, 'name', '') or law.columns[-1]}" for table, law in cases]
    return pytest.mark.parametrize(("table", "law"), cases, ids=ids)


async def test_columns_are_as_declared(db: Database):
    found = {name: await catalogue.columns(db, name) for name in TABLES}

    assert found == {name: catalogue.columns_declared(db, table) for name, table in TABLES.items()}, AGAIN


async def test_keys_and_indexes_are_as_declared(db: Database):
    found = {name: await catalogue.indexes(db, table) for name, table in TABLES.items()}

    assert found == {name: catalogue.indexes_declared(table) for name, table in TABLES.items()}, AGAIN


async def test_checks_are_as_declared(db: Database):
    found = {name: await catalogue.checks(db, name) for name in TABLES}

    assert found == {name: catalogue.checks_declared(db, table) for name, table in TABLES.items()}, AGAIN


async def test_foreign_keys_are_as_declared(db: Database):
    found = {name: await catalogue.foreign_keys(db, name) for name in TABLES}

    assert found == {name: catalogue.foreign_keys_declared(table) for name, table in TABLES.items()}, AGAIN


async def test_there_is_no_table_that_nobody_declared(db: Database):
    assert await catalogue.names(db) - {"sequences", "tortoise_migrations"} == set(TABLES), AGAIN


@every_table
async def test_a_lawful_row_comes_back_as_it_went(db: Database, table: Table):
    await stand(db, table)

    assert await db.read(table.row, f"SELECT * FROM {table.name}") == [table.row(**sample.lawful(table))]


@every_table
async def test_a_primary_key_is_had_once(db: Database, table: Table):
    await stand(db, table)
    other = sample.apart(table, 2) | {name: sample.lawful(table)[name] for name in table.key}

    assert await refusal(db, table, other) == table.key_name


@every("unique")
async def test_what_is_unique_is_had_once(db: Database, table: Table, law: Unique):
    await stand(db, table)
    other = sample.apart(table, 2) | {name: sample.lawful(table)[name] for name in law.columns}

    assert await refusal(db, table, other) == law.name


@every("checks")
async def test_no_row_breaks_a_check(db: Database, table: Table, law: Check):
    await stand(db, table)
    names = {check.name for check in table.checks}

    refusals = [await refusal(db, table, values) for values in breakers(table, law)]

    # Of several checks that a row breaks, a database names one.
    assert refusals
    assert set(refusals) <= names


@every("foreign")
async def test_a_row_that_names_nobody_is_refused(db: Database, table: Table, law: Foreign):
    await stand(db, table)
    last = law.columns[-1]
    other = sample.apart(table, 2) | {last: 77 if table.column(last).kind == "int" else "nobody"}

    assert await refusal(db, table, other) == table.foreign_name(law)


@every("foreign")
async def test_what_is_named_stays(db: Database, table: Table, law: Foreign):
    await stand(db, table)
    naming = {each.foreign_name(one) for each in TABLES.values() for one in each.foreign if one.table == law.table}

    with pytest.raises(ConstraintBroken) as caught:
        await db.run(f"DELETE FROM {law.table}")

    assert caught.value.name in naming | {FOREIGN_KEY, f"{law.table}_append_only"}


@append_only
@pytest.mark.parametrize("statement", ["DELETE FROM {0}", "UPDATE {0} SET {1} = {1}", "TRUNCATE {0} CASCADE"])
async def test_what_is_append_only_is_neither_changed_nor_deleted(db: Database, table: Table, statement: str):
    await stand(db, table)
    if statement.startswith("TRUNCATE") and db.dialect == "sqlite":
        return  # SQLite has no such statement.

    with pytest.raises(ConstraintBroken) as caught:
        await db.run(statement.format(table.name, table.key[-1]))

    assert caught.value.name.endswith("_append_only")
    assert (await db.rows(f"SELECT count(*) AS many FROM {table.name}")) == [{"many": 1}]


async def stand(db: Database, table: Table) -> None:
    """The first row of a table, and what it names."""
    async with db.transaction() as connection:
        await sample.stand(connection, table, TABLES)


async def refusal(db: Database, table: Table, values: dict[str, Any]) -> str:
    """The name of the law that refuses a row; nothing when it is taken."""
    try:
        async with db.transaction() as connection:
            await connection.insert([table.row(**values)])
    except ConstraintBroken as error:
        return error.name
    return ""


def breakers(table: Table, law: Check) -> list[dict[str, Any]]:
    """Rows that break a check: of every column it speaks of, values at and past the edges."""
    spoken = [name for name in table.names if re.search(rf"\b{name}\b", law.says)]
    edges = [(-1, 0, 1, 1_000_000) if table.column(name).kind == "int" else ("pending", "?") for name in spoken]
    rows = [dict(zip(spoken, values, strict=True)) for values in itertools.product(*edges)]
    return [sample.apart(table, 2) | row for row in rows if not holds(law, row)]


def holds(law: Check, row: dict[str, Any]) -> bool:
    """What the check says of a row."""
    given = ", ".join(f'? AS "{name}"' for name in row)
    with closing(sqlite3.connect(":memory:")) as nowhere:
        (answer,) = nowhere.execute(f"SELECT {law.says} FROM (SELECT {given})", list(row.values())).fetchone()
    return bool(answer)
