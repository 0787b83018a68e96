"""The statements that are made, not written: set-based inserts and updates of declared tables, once per shape.

SQL by hand is written with `$1, $2 …` for both databases; what only one of them understands is spelt here.
"""

import re
from functools import cache
from typing import Literal

from models.table import Kind, Table

Dialect = Literal["sqlite", "postgres"]

POSTGRES_TYPES: dict[Kind, str] = {
    "int": "bigint",
    "str": "text",
    "bool": "boolean",
    "datetime": "timestamptz",
    "date": "date",
    "bytes": "bytea",
    "json": "text",  # Text, because jsonb reorders keys and forgets how numbers were written.
}
SQLITE_TYPES: dict[Kind, str] = {
    "int": "INTEGER",
    "str": "TEXT",
    "bool": "INTEGER",
    "datetime": "TEXT",
    "date": "TEXT",
    "bytes": "BLOB",
    "json": "TEXT",
}

EVENT_BLOCK = 64  # Event numbers a process takes at once; what it has not used when it ends is never used.

_PLACEHOLDER = re.compile(r"\$(\d+)")


@cache
def numbered(sql: str) -> str:
    """The statement with SQLite's placeholders: `$1` becomes `?1`."""
    return _PLACEHOLDER.sub(r"?\1", sql)


_WRITES = re.compile(r"\b(INSERT|UPDATE|DELETE)\b", re.IGNORECASE)


@cache
def reads(sql: str) -> bool:
    """Whether a statement only reads; `SELECT … FOR UPDATE` does."""
    start = sql.lstrip()[:6].upper()
    return start == "SELECT" or (start.startswith("WITH") and not _WRITES.search(sql))


def any_of(dialect: Dialect, column: str, number: int) -> str:
    """`column` is one of the list given as argument `number`."""
    if dialect == "postgres":
        return f"{column} = ANY(${number})"
    return f"{column} IN (SELECT value FROM json_each(${number}))"


def lock(dialect: Dialect, clause: str) -> str:
    """`FOR UPDATE …` where rows are locked one by one; nothing on SQLite, whose one writer has them all."""
    return clause if dialect == "postgres" else ""


def clock(dialect: Dialect) -> str:
    """The database's time as an expression: one statement may read it beside a row."""
    return "clock_timestamp()" if dialect == "postgres" else "strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now')"


@cache
def select(table: Table, where: str) -> str:
    """A table's rows."""
    return f"SELECT {table.select} FROM {quoted(table.name)} WHERE {where}"


@cache
def select_each(queries: tuple[tuple[Table, str, int], ...]) -> str:
    """Rows of several tables as one row of arrays; each query comes with the number of its arguments."""
    arrays, before = [], 0
    for table, where, arguments in queries:
        arrays.append(f"ARRAY(SELECT found FROM {quoted(table.name)} AS found WHERE {_shifted(where, before)})")
        before += arguments
    return f"SELECT {', '.join(arrays)}"


def _shifted(sql: str, by: int) -> str:
    """The same with its arguments `by` places further on."""
    return _PLACEHOLDER.sub(lambda found: f"${int(found[1]) + by}", sql)


@cache
def insert(table: Table, dialect: Dialect, ignore: bool, returning: tuple[str, ...], rows: int = 1) -> str:
    """Insert many rows: from one array a column on PostgreSQL, from `rows` times VALUES on SQLite."""
    into = f"INSERT INTO {quoted(table.name)} ({listed(table.names)})"
    tail = " ON CONFLICT DO NOTHING" if ignore else ""
    tail += f" RETURNING {listed(returning)}" if returning else ""
    if dialect == "postgres":
        return f"{into} SELECT * FROM {_arrays(table, table.names)}{tail}"
    values = "(" + ", ".join("?" * len(table.names)) + ")"
    return f"{into} VALUES {', '.join([values] * rows)}{tail}"


@cache
def update(table: Table, dialect: Dialect, columns: tuple[str, ...]) -> str:
    """Set `columns` of the rows with these primary keys."""
    where = quoted(table.name)
    if dialect == "sqlite":
        sets = ", ".join(f"{quoted(name)} = ?" for name in columns)
        keys = " AND ".join(f"{quoted(name)} = ?" for name in table.key)
        return f"UPDATE {where} SET {sets} WHERE {keys}"
    sets = ", ".join(f"{quoted(name)} = new.{quoted(name)}" for name in columns)
    keys = " AND ".join(f"old.{quoted(name)} = new.{quoted(name)}" for name in table.key)
    source = _arrays(table, (*columns, *table.key))
    return f"UPDATE {where} AS old SET {sets} FROM {source} WHERE {keys}"


@cache
def write_each(writes: tuple[tuple[Table, bool], ...]) -> str:
    """PostgreSQL's inserts (true) and updates of several tables in one statement: its end is when keys are checked."""
    parts: list[str] = []
    before = 0
    for table, new in writes:
        names = table.names if new else beside_key(table) + table.key
        sql = insert(table, "postgres", False, ()) if new else update(table, "postgres", beside_key(table))
        parts.append(f"w{len(parts)} AS ({_shifted(sql, before)})")
        before += len(names)
    return f"WITH {', '.join(parts)} SELECT 1"


@cache
def beside_key(table: Table) -> tuple[str, ...]:
    """The columns that are no part of the key."""
    return tuple(name for name in table.names if name not in table.key)


def _arrays(table: Table, names: tuple[str, ...]) -> str:
    types = (POSTGRES_TYPES[table.column(name).kind] for name in names)
    arrays = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(types, 1))
    return f"unnest({arrays}) AS new({listed(names)})"


def quoted(name: str) -> str:
    """A name as the databases take it: `left`, `key` and `position` are names of ours and words of theirs."""
    return f'"{name}"'


def listed(names: tuple[str, ...]) -> str:
    """Names, quoted, with commas between."""
    return ", ".join(map(quoted, names))
