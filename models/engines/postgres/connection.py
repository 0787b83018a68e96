"""Rows to and from PostgreSQL: the driver speaks Python's types, so a set of rows is one array a column."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from operator import attrgetter, itemgetter
from types import NoneType
from typing import Any, ClassVar

import asyncpg

from models import sql as sql_text
from models.codec import utc
from models.connection import Connection, OnConflict, Query, Reader, Sequenced, Write
from models.engines.postgres.client import PostgresClient, PostgresTransaction
from models.engines.postgres.errors import FAILURES, named
from models.errors import DatabaseError
from models.sql import Dialect
from models.table import R, Row, Table, table_of

WHOLE = frozenset({int, NoneType})
PROGRAMME_LOCK = 1  # The class of our advisory locks; the programme's number is the other half.
OWN_MILLISECONDS = 2000


class PostgresReader(Reader):
    """Reads of what is committed, on any connection of the pool."""

    dialect: ClassVar[Dialect] = "postgres"

    def __init__(self, client: PostgresClient) -> None:
        self._parent = client

    async def rows(self, sql: str, *args: Any) -> list[dict[str, Any]]:
        return [_row(record) for record in await self._fetch(sql, args)]

    async def read(self, row: type[R], sql: str, *args: Any) -> list[R]:
        return _built(row, await self._fetch(sql, args))

    async def read_each(self, queries: Sequence[Query]) -> list[list[Any]]:
        asked = tuple((table_of(query.row), query.where, len(query.args)) for query in queries)
        args = [value for query in queries for value in query.args]
        found = (await self._fetch(sql_text.select_each(asked), args))[0]
        return [_built(query.row, records) for query, records in zip(queries, found, strict=True)]

    async def _fetch(self, sql: str, args: Sequence[Any]) -> Sequence[asyncpg.Record]:
        connection = await self._parent.acquire()
        try:
            records: Sequence[asyncpg.Record] = await connection.fetch(sql, *_arguments(args))
        except FAILURES as error:
            raise named(error) from error
        else:
            return records
        finally:
            await self._parent.release(connection)


class PostgresConnection(PostgresReader, Connection):
    """One transaction on one connection."""

    def __init__(self, client: PostgresTransaction, parent: PostgresClient) -> None:
        Connection.__init__(self)
        self._client = client
        self._parent = parent

    async def run(self, sql: str, *args: Any) -> int:
        status = await self._execute(sql, _arguments(args))
        return _count(status)

    async def insert(
        self, rows: Sequence[Row], *, on_conflict: OnConflict = "raise", returning: tuple[str, ...] = ()
    ) -> list[dict[str, Any]]:
        if not rows:
            return []
        table = table_of(type(rows[0]))
        arrays = _arrays(table, table.names, map(table.values, rows))
        sql = sql_text.insert(table, "postgres", on_conflict == "ignore", returning)
        if not returning:
            await self._execute(sql, arrays)
            found = []
        else:
            found = [_row(record) for record in await self._fetch(sql, arrays)]
        self._client.inserted[table.name] += len(rows)
        return found

    async def update(self, rows: Sequence[Row], columns: tuple[str, ...] | None = None) -> int:
        if not rows:
            return 0
        table = table_of(type(rows[0]))
        names = columns or sql_text.beside_key(table)
        values = map(_values_of(names + table.key), rows)
        status = await self._execute(
            sql_text.update(table, "postgres", names), _arrays(table, names + table.key, values)
        )
        return _count(status)

    async def write(self, writes: Sequence[Write]) -> None:
        made = [(table_of(type(each.rows[0])), each) for each in writes if each.rows]
        arguments: list[Any] = []
        for table, each in made:
            names = table.names if each.new else sql_text.beside_key(table) + table.key
            arguments += _arrays(table, names, map(_values_of(names), each.rows))
            if each.new:
                self._client.inserted[table.name] += len(each.rows)
        if made:
            await self._execute(sql_text.write_each(tuple((table, each.new) for table, each in made)), arguments)

    async def clock(self) -> datetime:
        found: datetime = (await self._fetch("SELECT clock_timestamp()", ()))[0][0]
        return found

    async def draw(self, name: Sequenced, n: int) -> list[int]:
        if name == "event":
            return await self._event_numbers(n)
        records = await self._fetch("SELECT nextval('position_sequence') FROM generate_series(1, $1)", (n,))
        return [record[0] for record in records]

    async def stand(self, n: int) -> tuple[datetime, list[int]]:
        sql = "SELECT clock_timestamp(), nextval('position_sequence') FROM generate_series(1, $1)"
        records = await self._fetch(sql, (n,))
        return records[0][0], [record[1] for record in records]

    async def share_programme(self, programme_id: int, *, lock_ms: int | None = None) -> None:
        limit = f"SET LOCAL lock_timeout = {int(lock_ms)}; " if lock_ms is not None else ""
        await self._execute(f"{limit}SELECT pg_advisory_xact_lock_shared({PROGRAMME_LOCK}, {int(programme_id)})", ())

    async def own_programme(self, programme_id: int) -> None:
        await self.lock_timeout(OWN_MILLISECONDS)
        await self._fetch("SELECT pg_advisory_xact_lock($1, $2)", (PROGRAMME_LOCK, programme_id))

    async def lock_timeout(self, milliseconds: int) -> None:
        await self._execute(f"SET LOCAL lock_timeout = {int(milliseconds)}", ())

    async def _event_numbers(self, n: int) -> list[int]:
        """From the process's own block, and from new blocks when that is used up; a block is never given back."""
        drawn: list[int] = []
        while len(drawn) < n:
            block = self._parent.event_numbers
            if not block:
                first = (await self._fetch("SELECT nextval('event_sequence')", ()))[0][0]
                block = range(first, first + sql_text.EVENT_BLOCK)
            taken = block[: n - len(drawn)]
            self._parent.event_numbers = block[len(taken) :]
            drawn += taken
        return drawn

    async def _fetch(self, sql: str, args: Sequence[Any]) -> Sequence[asyncpg.Record]:
        with self.watched():
            try:
                records: Sequence[asyncpg.Record] = await self._client.raw.fetch(sql, *_arguments(args))
            except FAILURES as error:
                raise named(error) from error
        return records

    async def _execute(self, sql: str, args: Sequence[Any]) -> str:
        with self.watched():
            try:
                status: str = await self._client.raw.execute(sql, *args)
            except FAILURES as error:
                raise named(error) from error
        return status


def _built(row: type[R], records: Sequence[asyncpg.Record]) -> list[R]:
    if not records:
        return []
    table = table_of(row)
    names = tuple(records[0].keys())
    in_order = records if names == table.names else _ordered(table, names, records)
    columns = list(zip(*in_order, strict=True))
    for place in _instants(table, table.names):
        columns[place] = tuple(map(_aware, columns[place]))
    return list(map(table.build, *columns))


def _row(record: asyncpg.Record) -> dict[str, Any]:
    return {name: _aware(value) if type(value) is datetime else value for name, value in record.items()}


def _aware(value: datetime | None) -> datetime | None:
    # The driver takes the first and the last instant there are for infinities, and gives those back without a zone.
    return value if value is None or value.tzinfo is not None else value.replace(tzinfo=UTC)


def _arguments(args: Sequence[Any]) -> Sequence[Any]:
    for value in args:
        if isinstance(value, datetime):
            utc(value)  # The driver would take a time without a zone for local time.
        elif isinstance(value, float):
            raise DatabaseError(f"no column holds {value!r}")  # The driver would cut the fraction off in silence.
    return args


def _arrays(table: Table, names: tuple[str, ...], rows: Any) -> list[Any]:
    arrays: list[Any] = list(zip(*rows, strict=True))
    for place in _numbers(table, names):
        if not WHOLE.issuperset(map(type, arrays[place])):
            raise DatabaseError(f"{table.name}.{names[place]} holds whole numbers")
    for place in _instants(table, names):
        arrays[place] = [None if value is None else utc(value) for value in arrays[place]]
    return arrays


@cache
def _numbers(table: Table, names: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(place for place, name in enumerate(names) if table.column(name).kind == "int")


@cache
def _instants(table: Table, names: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(place for place, name in enumerate(names) if table.column(name).kind == "datetime")


@cache
def _values_of(names: tuple[str, ...]) -> Callable[[Row], tuple[Any, ...]]:
    return attrgetter(*names)


def _ordered(table: Table, names: tuple[str, ...], records: Sequence[asyncpg.Record]) -> list[tuple[Any, ...]]:
    missing = set(table.names) - set(names)
    if missing:
        raise DatabaseError(f"a row of {table.name} needs {', '.join(sorted(missing))}")
    return list(map(itemgetter(*(names.index(name) for name in table.names)), records))


def _count(status: str) -> int:
    last = status.rpartition(" ")[2]
    return int(last) if last.isdigit() else 0
