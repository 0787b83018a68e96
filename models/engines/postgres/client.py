"""Tortoise's asyncpg client: transactions survive a cancelled caller, and errors say whether to try again."""

from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from decimal import Decimal
from types import TracebackType
from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import NestedTransactionContext, TransactionContext
from tortoise.context import get_current_context
from tortoise.exceptions import DBConnectionError, TransactionManagementError

from models.engines.postgres.errors import FAILURES, named
from models.engines.postgres.statistics import Statistics
from models.engines.unbroken import unbroken
from models.errors import Unavailable

ACQUIRE_SECONDS = 5.0
STATEMENTS_CACHED = 512

SETTINGS = {
    "application_name": "perennial",
    "idle_in_transaction_session_timeout": "60000",
    "jit": "off",  # It compiles for longer than our statements run.
    "lock_timeout": "2000",
    # Our statements look rows up by key: one plan serves all arguments, and takes longer to make than to run.
    "plan_cache_mode": "force_generic_plan",
    "statement_timeout": "5000",
    "timezone": "UTC",
}
# Statements that go through much are worth a plan of their own, and time.
PATIENT = "; ".join(
    f"SET LOCAL {name}"
    for name in (
        "idle_in_transaction_session_timeout = 0",
        "lock_timeout = 0",
        "plan_cache_mode = auto",
        "statement_timeout = 0",
    )
)


class _Honest:
    """Errors of the driver leave in our own words."""

    async def _translate_exceptions(
        self, func: Callable[..., Coroutine[Any, Any, Any]], *args: Any, **kwargs: Any
    ) -> Any:
        try:
            return await func(self, *args, **kwargs)
        except FAILURES as error:
            raise named(error) from error


class PostgresClient(_Honest, AsyncpgDBClient):
    """The client outside transactions: each statement takes a connection from the pool and gives it back."""

    def __init__(self, **options: Any) -> None:
        options["server_settings"] = SETTINGS | (options.get("server_settings") or {})
        options.setdefault("statement_cache_size", STATEMENTS_CACHED)
        options.setdefault("max_cached_statement_lifetime", 0)  # Ours are few and always the same: they stay prepared.
        super().__init__(**options)
        self.statistics = Statistics()
        self.event_numbers: range = range(0)  # What is left of this process's block.

    async def create_connection(self, with_db: bool) -> None:
        """Open the pool."""
        try:
            await super().create_connection(with_db)
        except FAILURES as error:
            raise named(error) from error
        except DBConnectionError as error:
            raise Unavailable(str(error)) from error

    async def create_pool(self, **options: Any) -> asyncpg.Pool:
        """The pool. Nothing of ours outlives its transaction in a session, so nothing has to be reset after it."""
        return await asyncpg.create_pool(None, init=_prepare, reset=_leave, **options)

    async def acquire(self) -> asyncpg.Connection:
        """A connection of one's own, from a pool that opens at its first use."""
        try:
            pool = self._pool or await self._open()
            return await pool.acquire(timeout=ACQUIRE_SECONDS)
        except FAILURES as error:
            raise named(error) from error

    async def release(self, connection: asyncpg.Connection) -> None:
        """Give a connection back, to its very end."""
        if self._pool is not None:
            await unbroken(self._pool.release(connection))

    async def _open(self) -> asyncpg.Pool:
        async with self._pool_init_lock:
            if self._pool is None:
                await self.create_connection(with_db=True)
        return self._pool

    def transaction(self, *, patient: bool = False) -> "PostgresTransactionContext":
        """One transaction on a connection of its own; a patient one may wait and run for as long as it needs."""
        return PostgresTransactionContext(self, patient=patient)

    def _in_transaction(self) -> TransactionContext:
        return self.transaction()


class PostgresTransaction(_Honest, TransactionWrapper):
    """The client inside a transaction, on one connection."""

    def __init__(self, parent: "PostgresClient | PostgresTransaction", connection: asyncpg.Connection) -> None:
        super().__init__(parent)
        self.fetch_inserted = parent.fetch_inserted
        self._connection = connection
        self.inserted: Counter[str] = Counter()  # Rows by table, for the planner to hear of.

    async def _translate_exceptions(
        self, func: Callable[..., Coroutine[Any, Any, Any]], *args: Any, **kwargs: Any
    ) -> Any:
        if self._finalized:
            raise TransactionManagementError("the transaction has ended")
        return await super()._translate_exceptions(func, *args, **kwargs)

    @property
    def raw(self) -> asyncpg.Connection:
        """The driver's connection."""
        return self._connection

    @property
    def ended(self) -> bool:
        """Whether the transaction has been committed or rolled back already."""
        return self._finalized

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(PostgresTransaction(self, self._connection))


class PostgresTransactionContext(TransactionContext):
    """`async with`: the connection is taken from the pool and given back, however the block ends."""

    client: PostgresTransaction

    def __init__(self, parent: PostgresClient, *, patient: bool) -> None:
        self._parent = parent
        self._patient = patient

    async def __aenter__(self) -> PostgresTransaction:
        connection = await self._parent.acquire()
        self.client = PostgresTransaction(self._parent, connection)
        try:
            await unbroken(self._begin())
        except BaseException as error:
            await unbroken(self._end(error))
            raise
        self._context = get_current_context()
        if self._context is not None:
            self._token = self._context.connections.set(self.client.connection_name, self.client)
        return self.client

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await unbroken(self._end(error))
        finally:
            if self._context is not None:
                self._context.connections.reset(self._token)

    async def _begin(self) -> None:
        await self.client.begin()
        if self._patient:
            await self.client.raw.execute(PATIENT)

    async def _end(self, error: BaseException | None) -> None:
        try:
            if self.client.ended:
                return
            if error is None:
                await self._commit()
                await self._parent.statistics.learn(self.client.inserted, self.client.raw)
            else:
                await self._roll_back()
        finally:
            await self._parent.release(self.client.raw)

    async def _commit(self) -> None:
        try:
            await self.client.commit()
        except FAILURES as failure:
            raise named(failure) from failure

    async def _roll_back(self) -> None:
        # What the block failed of is what the caller hears; a connection that cannot roll back is closed.
        try:
            await self.client.rollback()
        except FAILURES:
            with suppress(asyncpg.InterfaceError):  # The pool has let go of a lost connection already.
                self.client.raw.terminate()


async def _prepare(connection: asyncpg.Connection) -> None:
    # sum(bigint) is a numeric there and a whole number on SQLite: here it is one on both.
    await connection.set_type_codec("numeric", schema="pg_catalog", encoder=str, decoder=_number, format="text")


async def _leave(connection: asyncpg.Connection) -> None:
    """Nothing to reset: settings are LOCAL, locks end with their transaction, and nobody listens."""


def _number(text: str) -> int | Decimal:
    return Decimal(text) if "." in text else int(text)
