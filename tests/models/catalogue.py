"""What a database says of its own tables, in the words of our declarations."""

import re
from collections.abc import Iterable
from typing import Any

from models.database import Database
from models.sql import POSTGRES_TYPES, SQLITE_TYPES
from models.table import Table

Columns = list[tuple[str, str, bool]]
Indexes = dict[str, tuple[bool, tuple[str, ...], str]]  # name -> unique, columns, condition
ForeignKeys = set[tuple[tuple[str, ...], str, tuple[str, ...], str]]

POSTGRES_NAMES = {"timestamp with time zone": "timestamptz"}

POSTGRES_INDEXES = """
    SELECT c.relname AS name, i.indisunique AS is_unique, pg_get_expr(i.indpred, i.indrelid) AS condition,
           array_agg(a.attname::text ORDER BY k.place) AS names
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    CROSS JOIN LATERAL unnest(i.indkey::int[]) WITH ORDINALITY AS k(number, place)
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
    WHERE i.indrelid = $1::text::regclass GROUP BY 1, 2, 3
"""
POSTGRES_FOREIGN = """
    SELECT conname AS name, confrelid::regclass::text AS target, confupdtype::text || confdeltype::text AS actions,
           (SELECT array_agg(attname::text ORDER BY place) FROM unnest(conkey) WITH ORDINALITY AS k(number, place)
            JOIN pg_attribute ON attrelid = conrelid AND attnum = k.number) AS own,
           (SELECT array_agg(attname::text ORDER BY place) FROM unnest(confkey) WITH ORDINALITY AS k(number, place)
            JOIN pg_attribute ON attrelid = confrelid AND attnum = k.number) AS theirs
    FROM pg_constraint WHERE contype = 'f' AND conrelid = $1::text::regclass
"""


async def names(db: Database) -> set[str]:
    """The tables there are."""
    if db.dialect == "sqlite":
        rows = await db.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    else:
        rows = await db.rows(
            "SELECT relname AS name FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = $1", await _public(db)
        )
    return {row["name"] for row in rows}


async def columns(db: Database, table: str) -> Columns:
    """Name, type and whether it may be empty."""
    if db.dialect == "sqlite":
        rows = await db.rows("SELECT * FROM pragma_table_info($1)", table)
        return [(row["name"], row["type"], not row["notnull"]) for row in rows]
    rows = await db.rows(
        "SELECT attname::text AS name, format_type(atttypid, atttypmod) AS type, attnotnull AS needed "
        "FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 ORDER BY attnum",
        table,
    )
    return [(row["name"], POSTGRES_NAMES.get(row["type"], row["type"]), not row["needed"]) for row in rows]


def columns_declared(db: Database, table: Table) -> Columns:
    """The same, as declared."""
    types = SQLITE_TYPES if db.dialect == "sqlite" else POSTGRES_TYPES
    return [(column.name, types[column.kind], column.null) for column in table.columns]


async def indexes(db: Database, table: Table) -> Indexes:
    """Every index, those of keys included."""
    if db.dialect == "postgres":
        rows = await db.rows(POSTGRES_INDEXES, table.name)
        return {row["name"]: (row["is_unique"], tuple(row["names"]), plain(row["condition"] or "")) for row in rows}
    found: Indexes = {}
    for row in await db.rows("SELECT * FROM pragma_index_list($1)", table.name):
        parts = await db.rows("SELECT * FROM pragma_index_info($1) ORDER BY seqno", row["name"])
        own = tuple(part["name"] for part in parts)
        # SQLite numbers the indexes of its own making: their names are those of the constraints behind them.
        name = table.unique_name(own) if row["origin"] != "c" else row["name"]
        found[name] = (bool(row["unique"]), own, plain(await _condition(db, row["name"])))
    if table.key_name not in found:  # The key of a table by number is the table itself.
        found[table.key_name] = (True, table.key, "")
    return found


def indexes_declared(table: Table) -> Indexes:
    """The same, as declared."""
    found: Indexes = {table.key_name: (True, table.key, "")}
    found |= {each.name: (True, each.columns, plain(each.where or "")) for each in table.unique}
    return found | {each.name: (False, each.columns, plain(each.where or "")) for each in table.indexes}


async def checks(db: Database, table: str) -> dict[str, str]:
    """Every check by name, with what it says."""
    if db.dialect == "postgres":
        rows = await db.rows(
            "SELECT conname::text AS name, pg_get_expr(conbin, conrelid) AS says FROM pg_constraint "
            "WHERE contype = 'c' AND conrelid = $1::text::regclass",
            table,
        )
        return {row["name"]: plain(row["says"]) for row in rows}
    (found,) = await db.rows("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = $1", table)
    return {name: plain(says) for name, says in re.findall(r'CONSTRAINT "(\w+)" CHECK \((.*)\)', found["sql"])}


def checks_declared(db: Database, table: Table) -> dict[str, str]:
    """The same, as declared; a truth is a number on SQLite, so there it has a check of its own."""
    found = {check.name: plain(check.says) for check in table.checks}
    if db.dialect == "sqlite":
        truths = (column.name for column in table.columns if column.kind == "bool")
        found |= {f"{table.name}_{name}_type": plain(f"{name} IN (0, 1)") for name in truths}
    return found


async def foreign_keys(db: Database, table: str) -> ForeignKeys:
    """Columns, the table they name, its columns, and what happens to who is named."""
    if db.dialect == "postgres":
        rows = await db.rows(POSTGRES_FOREIGN, table)
        actions = {"rr": "RESTRICT"}
        return {
            (tuple(row["own"]), row["target"], tuple(row["theirs"]), actions.get(row["actions"], row["actions"]))
            for row in rows
        }
    grouped: dict[int, list[dict[str, Any]]] = {}
    for row in await db.rows("SELECT * FROM pragma_foreign_key_list($1) ORDER BY id, seq", table):
        grouped.setdefault(row["id"], []).append(row)
    return {_foreign(parts) for parts in grouped.values()}


def foreign_keys_declared(table: Table) -> ForeignKeys:
    """The same, as declared: all of them RESTRICT."""
    return {(each.columns, each.table, each.references, "RESTRICT") for each in table.foreign}


def plain(condition: str) -> str:
    """A condition without what either database adds to it: brackets, casts, quotes, its own way to say IN."""
    text = re.sub(r"::\w+(\[\])?", "", condition)
    text = re.sub(r"= ANY \(\(?ARRAY\[(.*?)\]\)?\)", r"IN (\1)", text)
    return re.sub(r'[()\s"]', "", text).lower()


def _foreign(parts: Iterable[dict[str, Any]]) -> tuple[tuple[str, ...], str, tuple[str, ...], str]:
    every = list(parts)
    actions = {every[0]["on_update"], every[0]["on_delete"]}
    own, theirs = (tuple(part[side] for part in every) for side in ("from", "to"))
    return own, every[0]["table"], theirs, "/".join(sorted(actions))


async def _condition(db: Database, index: str) -> str:
    rows = await db.rows("SELECT sql FROM sqlite_master WHERE type = 'index' AND name = $1", index)
    text = rows[0]["sql"] or "" if rows else ""
    return str(text.partition(" WHERE ")[2])


async def _public(db: Database) -> int:
    return int((await db.rows("SELECT 'public'::regnamespace::oid::bigint AS number"))[0]["number"])
