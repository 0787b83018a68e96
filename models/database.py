"""The database, whichever it is: opened by a URL, read beside its writers, written in transactions.

database = await Database.open("sqlite:///var/lib/perennial.db")
async with database.transaction() as connection:
    await connection.insert([wallet])
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from models.connection import Connection, Reader
from models.engines.postgres.client import PostgresClient
from models.engines.postgres.connection import PostgresConnection, PostgresReader
from models.engines.sqlite.client import SqliteClient
from models.engines.sqlite.connection import SqliteConnection, SqliteReader, SqliteSnapshot
from models.errors import DatabaseError
from models.migrating import Progress, migrate
from models.sql import Dialect, reads
from models.table import R

__all__ = ["Connection", "Database", "Reader"]

POOL_MAX = 10
POSTGRES_PORT = 5432
STATEMENT_LIMIT = "statement_timeout"  # In milliseconds, on either database; 5,000 where an address does not say.
NAME = "default"  # What Tortoise calls the connection.


class Database:
    """One database, usable from any task of the process that opened it."""

    def __init__(self, client: SqliteClient | PostgresClient) -> None:
        self.client = client  # Tortoise's own: models work with `using_db(database.client)`.
        self._reader: Reader = SqliteReader(client) if isinstance(client, SqliteClient) else PostgresReader(client)

    @classmethod
    async def open(cls, url: str, *, pool_max: int = POOL_MAX) -> "Database":
        """Open sqlite://path or postgres://user:password@host:port/name; options stand behind a question mark."""
        scheme = urlsplit(url).scheme
        if scheme not in _CLIENTS:
            raise ValueError(f"a database is sqlite://… or postgres://…, not {scheme or 'nothing'}://…")
        database = cls(_CLIENTS[scheme](url, pool_max))
        await database.client.create_connection(with_db=True)
        return database

    @property
    def dialect(self) -> Dialect:
        """Which of the two it is."""
        return self._reader.dialect

    async def close(self) -> None:
        """Close every connection."""
        await self.client.close()

    async def migrate(self, progress: Progress | None = None) -> list[str]:
        """Bring the tables to the present; the names of the migrations that were missing."""
        return await migrate(self.client, progress)

    @asynccontextmanager
    async def transaction(self, *, patient: bool = False) -> AsyncIterator[Connection]:
        """All or nothing. A patient one may hold long statements: it stays off the event loop and has no time limit."""
        async with self.client.transaction(patient=patient) as inside:
            connection = self._connection(inside)
            try:
                yield connection
            finally:
                connection.ended = True
            if connection.failed:
                # Whoever swallowed the error must not believe that the rest was written.
                raise DatabaseError("a statement of this transaction has failed: nothing is committed")

    @asynccontextmanager
    async def snapshot(self, *, patient: bool = False) -> AsyncIterator[Reader]:
        """Several reads of one moment: what is committed in between is not seen. A patient one has no time limit."""
        if isinstance(self.client, SqliteClient):
            async with self.client.file.snapshot() as connection:
                yield SqliteSnapshot(self.client, connection, patient=patient)
            return
        async with self.transaction(patient=patient) as inside:
            await inside.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield inside

    async def rows(self, sql: str, *args: Any) -> list[dict[str, Any]]:
        """The rows of one statement, each by column name; one that writes has a transaction of its own."""
        if not reads(sql):
            async with self.transaction() as connection:
                return await connection.rows(sql, *args)
        return await self._reader.rows(sql, *args)

    async def read(self, row: type[R], sql: str, *args: Any) -> list[R]:
        """The rows of one statement outside any transaction, as a table's dataclass."""
        return await self._reader.read(row, sql, *args)

    async def run(self, sql: str, *args: Any) -> int:
        """Run one statement in a transaction of its own; how many rows it changed."""
        async with self.transaction() as connection:
            return await connection.run(sql, *args)

    def _connection(self, inside: Any) -> Connection:
        if isinstance(self.client, PostgresClient):
            return PostgresConnection(inside, self.client)
        return SqliteConnection(inside)


def _sqlite(url: str, _pool_max: int) -> SqliteClient:
    parts = urlsplit(url)
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    if STATEMENT_LIMIT in options:
        options["statement_ms"] = int(options.pop(STATEMENT_LIMIT))
    return SqliteClient(unquote(parts.netloc + parts.path), connection_name=NAME, **options)


def _postgres(url: str, pool_max: int) -> PostgresClient:
    parts = urlsplit(url)
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    if "statement_cache_size" in options:  # 0 behind a pooler that hands a session from one client to the next.
        options["statement_cache_size"] = int(options["statement_cache_size"])
    if STATEMENT_LIMIT in options:
        options["server_settings"] = {STATEMENT_LIMIT: str(int(options.pop(STATEMENT_LIMIT)))}
    return PostgresClient(
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        host=parts.hostname,
        port=parts.port or POSTGRES_PORT,
        database=unquote(parts.path.lstrip("/")),
        maxsize=pool_max,
        connection_name=NAME,
        **options,
    )


_CLIENTS: dict[str, Callable[[str, int], SqliteClient | PostgresClient]] = {
    "sqlite": _sqlite,
    "postgres": _postgres,
    "postgresql": _postgres,
}
