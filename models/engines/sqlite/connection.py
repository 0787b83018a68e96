"""Rows to and from SQLite. It keeps instants, days and truths as texts and numbers: here they are turned, by column."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import cache
from itertools import islice
from operator import attrgetter, itemgetter
from typing import Any, ClassVar

import orjson

from models import sql as sql_text
from models.codec import day, day_text, instant, instant_text
from models.connection import Connection, OnConflict, Reader, Sequenced
from models.engines.sqlite.client import SqliteClient, SqliteTransaction
from models.engines.sqlite.file import Answer
from models.errors import FOREIGN_KEY, ConstraintBroken, DatabaseError
from models.sql import Dialect
from models.table import SPOKEN, Kind, R, Row, Table, table_of

Turn = Callable[[Any], Any]
Turns = tuple[tuple[int, Turn], ...]  # Which columns are turned, and how.

ENCODE: dict[Kind, Turn] = {"datetime": instant_text, "date": day_text, "bool": int}
DECODE: dict[Kind, Turn] = {"datetime": instant, "date": day, "bool": bool}
ARGUMENTS: dict[type, Turn] = {datetime: instant_text, date: day_text, bool: int}

CHUNKS = (64, 8, 1)  # Rows of one INSERT … VALUES: few shapes, so that the statements stay prepared.


class SqliteReader(Reader):
    """Reads of what is committed."""

    dialect: ClassVar[Dialect] = "sqlite"

    def __init__(self, client: SqliteClient) -> None:
        self._client = client

    async def rows(self, sql: str, *args: Any) -> list[dict[str, Any]]:
        answer = await self._answer(sql, args)
        values = _turned(answer.rows, _decoding_by_name(answer.names))
        return [dict(zip(answer.names, row, strict=True)) for row in values]

    async def read(self, row: type[R], sql: str, *args: Any) -> list[R]:
        answer = await self._answer(sql, args)
        table = table_of(row)
        in_order = answer.rows if answer.names == table.names else _ordered(table, answer)
        if not in_order:
            return []
        columns = list(zip(*in_order, strict=True))
        _turn(columns, _decoding(table))
        return list(map(table.build, *columns))

    async def _answer(self, sql: str, args: Sequence[Any]) -> Answer:
        return await self._client.file.read(sql_text.numbered(sql), _arguments(args))


class SqliteSnapshot(SqliteReader):
    """Reads of one moment."""

    def __init__(self, client: SqliteClient, connection: sqlite3.Connection, *, patient: bool = False) -> None:
        super().__init__(client)
        self._connection = connection
        self._patient = patient

    async def _answer(self, sql: str, args: Sequence[Any]) -> Answer:
        text = sql_text.numbered(sql)
        return await self._client.file.read_on(self._connection, text, _arguments(args), patient=self._patient)


class SqliteConnection(SqliteReader, Connection):
    """One transaction on the file's writer."""

    def __init__(self, client: SqliteTransaction) -> None:
        Connection.__init__(self)
        self._client: SqliteTransaction = client

    async def run(self, sql: str, *args: Any) -> int:
        return max((await self._write(sql_text.numbered(sql), _arguments(args))).changed, 0)

    async def insert(
        self, rows: Sequence[Row], *, on_conflict: OnConflict = "raise", returning: tuple[str, ...] = ()
    ) -> list[dict[str, Any]]:
        if not rows:
            return []
        table = table_of(type(rows[0]))
        values = _turned(list(map(table.values, rows)), _encoding(table, table.names))
        try:
            if not returning:
                await self._write_many(sql_text.insert(table, "sqlite", on_conflict == "ignore", ()), values)
                return []
            return await self._insert_returning(table, values, on_conflict, returning)
        except ConstraintBroken as error:
            if error.name == FOREIGN_KEY:
                raise ConstraintBroken(await self._missing(table, values)) from error
            raise

    async def update(self, rows: Sequence[Row], columns: tuple[str, ...] | None = None) -> int:
        if not rows:
            return 0
        table = table_of(type(rows[0]))
        names = columns or sql_text.beside_key(table)
        values = list(map(_values_of(names + table.key), rows))
        encoded = _turned(values, _encoding(table, names + table.key))
        return await self._write_many(sql_text.update(table, "sqlite", names), encoded)

    async def clock(self) -> datetime:
        return datetime.now(UTC)

    async def draw(self, name: Sequenced, n: int) -> list[int]:
        sql = "UPDATE sequences SET value = value + ?2 WHERE name = ?1 RETURNING value"
        answer = await self._write(sql, (name, n))
        last: int = answer.rows[0][0]
        return list(range(last - n + 1, last + 1))

    async def stand(self, n: int) -> tuple[datetime, list[int]]:
        return await self.clock(), await self.draw("position", n)

    async def share_programme(self, programme_id: int, *, lock_ms: int | None = None) -> None:
        """Nothing to do: the one writer has the whole file."""

    async def own_programme(self, programme_id: int) -> None:
        """Nothing to do: the one writer has the whole file."""

    async def lock_timeout(self, milliseconds: int) -> None:
        """Nothing to do: no row is locked by itself."""

    async def _answer(self, sql: str, args: Sequence[Any]) -> Answer:
        text = sql_text.numbered(sql)
        if not sql_text.reads(sql):
            return await self._write(text, _arguments(args))
        with self.watched():
            return await self._client.file.read_back(text, _arguments(args), patient=self._client.patient)

    async def _write(self, sql: str, args: Sequence[Any]) -> Answer:
        with self.watched():
            return await self._client.file.write(sql, args, patient=self._client.patient)

    async def _write_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        with self.watched():
            return await self._client.file.write_many(sql, rows, patient=self._client.patient)

    async def _insert_returning(
        self, table: Table, values: list[tuple[Any, ...]], on_conflict: OnConflict, returning: tuple[str, ...]
    ) -> list[dict[str, Any]]:
        new: list[tuple[Any, ...]] = []
        for chunk in _chunks(values):
            sql = sql_text.insert(table, "sqlite", on_conflict == "ignore", returning, len(chunk))
            answer = await self._write(sql, [value for row in chunk for value in row])
            new += answer.rows
        return [dict(zip(returning, row, strict=True)) for row in _turned(new, _decoding_by_name(returning))]

    async def _missing(self, table: Table, values: list[tuple[Any, ...]]) -> str:
        """Which foreign key has no row to name: SQLite says only that one has not."""
        for foreign in table.foreign:
            pick = itemgetter(*(table.names.index(name) for name in foreign.columns))
            keys = {key if isinstance(key, tuple) else (key,) for key in map(pick, values)}
            match = " AND ".join(f"{sql_text.quoted(name)} = ?" for name in foreign.references)
            sql = f"SELECT 1 FROM {sql_text.quoted(foreign.table)} WHERE {match}"
            for key in keys:
                if None not in key and not (await self._client.file.read_back(sql, key)).rows:
                    return table.foreign_name(foreign)
        return FOREIGN_KEY


def _arguments(args: Sequence[Any]) -> Sequence[Any]:
    return [_argument(value) for value in args]


def _argument(value: Any) -> Any:
    if isinstance(value, float):
        raise DatabaseError(f"no column holds {value!r}")
    if isinstance(value, list | tuple):
        return orjson.dumps([_argument(each) for each in value]).decode()
    turn = ARGUMENTS.get(type(value))
    return turn(value) if turn else value


@cache
def _encoding(table: Table, names: tuple[str, ...]) -> Turns:
    kinds = (table.column(name).kind for name in names)
    return tuple((place, ENCODE[kind]) for place, kind in enumerate(kinds) if kind in ENCODE)


@cache
def _decoding(table: Table) -> Turns:
    return tuple((place, DECODE[column.kind]) for place, column in enumerate(table.columns) if column.kind in DECODE)


@cache
def _decoding_by_name(names: tuple[str, ...]) -> Turns:
    kinds = (SPOKEN.get(name, "datetime" if name.endswith("_at") else "str") for name in names)
    return tuple((place, DECODE[kind]) for place, kind in enumerate(kinds) if kind in DECODE)


@cache
def _values_of(names: tuple[str, ...]) -> Callable[[Row], tuple[Any, ...]]:
    return attrgetter(*names)


def _ordered(table: Table, answer: Answer) -> list[tuple[Any, ...]]:
    missing = set(table.names) - set(answer.names)
    if missing:
        raise DatabaseError(f"a row of {table.name} needs {', '.join(sorted(missing))}")
    return list(map(itemgetter(*(answer.names.index(name) for name in table.names)), answer.rows))


def _turned(rows: list[tuple[Any, ...]], turns: Turns) -> list[tuple[Any, ...]]:
    if not rows or not turns:
        return rows
    columns = list(zip(*rows, strict=True))
    _turn(columns, turns)
    return list(zip(*columns, strict=True))


def _turn(columns: list[tuple[Any, ...]], turns: Turns) -> None:
    for place, turn in turns:
        columns[place] = tuple([None if value is None else turn(value) for value in columns[place]])


def _chunks(values: list[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    left = iter(values)
    count = len(values)
    for size in CHUNKS:
        while count >= size:
            yield list(islice(left, size))
            count -= size
