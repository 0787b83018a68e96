"""Tortoise's SQLite client over our `File`: transactions begin IMMEDIATE and survive a cancelled caller."""

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any

from tortoise.backends.base.client import NestedTransactionContext, TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import SqliteClient as TortoiseSqliteClient
from tortoise.context import get_current_context
from tortoise.exceptions import TransactionManagementError

from models.codec import instant_text
from models.engines.sqlite.file import STATEMENT_MILLISECONDS, Answer, File

# Tortoise has registered a form that drops zero microseconds, and with them the order of texts.
sqlite3.register_adapter(datetime, instant_text)


class SqliteClient(TortoiseSqliteClient):
    """The client outside transactions: reads see what is committed, each write commits by itself."""

    def __init__(self, file_path: str, *, statement_ms: int = STATEMENT_MILLISECONDS, **options: Any) -> None:
        super().__init__(file_path, **options)
        self._statement_ms = statement_ms
        names = ("connection_name", "fetch_inserted")
        self._pragmas = {name: value for name, value in options.items() if name not in names}
        self._file: File | None = None

    @property
    def file(self) -> File:
        """The open file; the first use opens it."""
        if self._file is None:
            self._file = File(self.filename, self._pragmas, statement_ms=self._statement_ms)
            self._bound_loop = asyncio.get_running_loop()
        return self._file

    async def create_connection(self, with_db: bool) -> None:
        """Open the file."""
        _ = self.file

    async def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            file, self._file = self._file, None
            await file.close()

    def transaction(self, *, patient: bool = False) -> "SqliteTransactionContext":
        """One transaction, holding the write lock from its first moment; a patient one leaves the event loop free."""
        return SqliteTransactionContext(self, patient=patient)

    def _in_transaction(self) -> TransactionContext:
        return self.transaction()

    async def execute_insert(self, query: str, values: list[Any]) -> int:
        """Insert one row; the number SQLite gave it."""
        async with self.transaction() as inside:
            return await inside.execute_insert(query, values)

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        """Run a statement for each list of values, all or none."""
        async with self.transaction() as inside:
            await inside.execute_many(query, values)

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Sequence[dict[str, Any]]]:
        """Run a statement: how many rows it touched, and the rows it gave."""
        if _reads(query):
            return _counted(await self.file.read(_nul_safe(query), values or ()))
        async with self.transaction() as inside:
            return await inside.execute_query(query, values)

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        """Run a statement and give its rows."""
        return list((await self.execute_query(query, values))[1])

    async def execute_script(self, query: str) -> None:
        """Run several statements; each commits by itself unless the script says otherwise."""
        async with self.file.turn:
            await self.file.script(query)


class SqliteTransaction(SqliteClient, TransactionalDBClient):
    """The client inside a transaction, on the file's writer."""

    def __init__(self, parent: SqliteClient, *, patient: bool = False) -> None:
        self.capabilities = parent.capabilities
        self.connection_name = parent.connection_name
        self.fetch_inserted = parent.fetch_inserted
        self.filename = parent.filename
        self.log = parent.log
        self.patient = patient
        self._file = parent.file
        self._parent = parent
        self._finalized = False
        self._savepoint = ""

    @property
    def ended(self) -> bool:
        """Whether the transaction has been committed or rolled back already."""
        return self._finalized

    @property
    def file(self) -> File:
        """The file whose write lock this transaction holds: a task that outlives the transaction is told so."""
        if self._finalized or self._file is None:
            raise TransactionManagementError("the transaction has ended")
        return self._file

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(SqliteTransaction(self, patient=self.patient))

    async def execute_insert(self, query: str, values: list[Any]) -> int:
        """Insert one row; the number SQLite gave it."""
        await self.file.write(query, values, patient=self.patient)
        found = await self.file.read_back("SELECT last_insert_rowid()", ())
        return int(found.rows[0][0])

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        """Run a statement for each list of values."""
        await self.file.write_many(query, values, patient=self.patient)

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Sequence[dict[str, Any]]]:
        """Run a statement: how many rows it touched, and the rows it gave."""
        run = self.file.read_back if _reads(query) else self.file.write
        return _counted(await run(_nul_safe(query), values or (), patient=self.patient))

    async def execute_script(self, query: str) -> None:
        """Run several statements, one by one: SQLite's own scripts would first commit what is open."""
        for statement in _statements(query):
            await self.file.write(statement, (), patient=self.patient)

    async def begin(self) -> None:
        """Take the write lock."""
        await self.file.begin()

    async def commit(self) -> None:
        """Make it durable."""
        file = self.file
        self._finalized = True
        await file.commit()

    async def rollback(self) -> None:
        """Undo it."""
        file = self.file
        self._finalized = True
        file.rollback()

    async def savepoint(self) -> None:
        """Mark where a nested transaction begins."""
        self._savepoint = f"nested_{id(self)}"
        await self.file.write(f"SAVEPOINT {self._savepoint}", ())

    async def savepoint_rollback(self) -> None:
        """Undo back to the mark."""
        await self.file.write(f"ROLLBACK TO {self._savepoint}", ())
        await self.release_savepoint()

    async def release_savepoint(self) -> None:
        """Keep what came after the mark, as far as the outer transaction does."""
        file = self.file
        self._finalized = True
        await file.write(f"RELEASE {self._savepoint}", ())


class SqliteTransactionContext(TransactionContext):
    """`async with`: the file's turn is taken and given back, however the block ends."""

    client: SqliteTransaction

    def __init__(self, parent: SqliteClient, *, patient: bool) -> None:
        self._parent = parent
        self._patient = patient

    async def __aenter__(self) -> SqliteTransaction:
        self._file = self._parent.file
        await self._file.turn.acquire()
        try:
            self.client = SqliteTransaction(self._parent, patient=self._patient)
            await self.client.begin()
            self._context = get_current_context()
            if self._context is not None:
                self._token = self._context.connections.set(self.client.connection_name, self.client)
        except BaseException:
            self._file.rollback()
            self._file.turn.release()
            raise
        return self.client

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self.client.ended:
                return
            if error is None:
                await self.client.commit()
            else:
                await self.client.rollback()
        finally:
            if self._context is not None:
                self._context.connections.reset(self._token)
            self._file.turn.release()


def _reads(query: str) -> bool:
    return query.lstrip()[:6].upper() == "SELECT"


def _statements(script: str) -> Iterator[str]:
    """A trigger's own semicolons do not end it: SQLite knows where a statement is complete."""
    statement = ""
    for part in script.split(";"):
        statement += part + ";"
        if sqlite3.complete_statement(statement):
            if statement.strip(" \n\t;"):
                yield statement
            statement = ""


def _nul_safe(query: str) -> str:
    return query.replace("\x00", "'||CHAR(0)||'")


def _counted(answer: Answer) -> tuple[int, list[dict[str, Any]]]:
    rows = [dict(zip(answer.names, row, strict=True)) for row in answer.rows]
    return (len(rows) if rows else max(answer.changed, 0)), rows
