"""One SQLite file as one process uses it: a writer, a reader, and threads for whatever takes long.

Short statements run on the event loop's own thread. A hop to another thread costs 13 µs on an idle loop, but a thread
has to win back the interpreter lock for every row it steps through, and on a busy loop that has been measured at
hundreds of milliseconds a statement. So only what may take long leaves the loop: a commit (it waits for the disk), a
read that has used up its allowance, and a transaction opened as patient.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from threading import Event
from typing import Any, NamedTuple, TypeVar

from models.engines.unbroken import unbroken
from models.errors import ConstraintBroken, DatabaseError, Retryable, Unavailable, broken

T = TypeVar("T")

PAUSE_FIRST, PAUSE_MOST = 0.001, 0.025  # Between two tries; SQLite's own busy handler is as patient.
SET_UP_TRIES = 200  # Five seconds, as for any other lock.
STEPS_BETWEEN = 1_000_000  # How often a statement in a thread asks whether it is still wanted.
STEPS_SHORT = 100_000  # Instructions of SQLite's machine, about 3 ms: a read beyond them goes on in a thread.
READERS = 2
STATEMENTS_CACHED = 512
STATEMENT_MILLISECONDS = 5_000  # How long a statement may run, as on PostgreSQL; a patient one has no limit.

DEFAULTS: dict[str, int | str] = {
    "busy_timeout": 5000,  # Milliseconds that a writer waits for another process's transaction.
    "foreign_keys": "ON",
    "journal_mode": "WAL",
    "journal_size_limit": 67_108_864,
    "synchronous": "FULL",
}


# A number beyond 64 bits and half a character are refused on the way in, by errors of Python's own.
FAILURES = (sqlite3.Error, OverflowError, UnicodeError)


class Answer(NamedTuple):
    """What a statement gave: the names of its columns, its rows, and how many rows it changed."""

    names: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    changed: int


class File:
    """A SQLite file, open. The writer belongs to whoever holds `turn`."""

    def __init__(self, path: str, pragmas: dict[str, int | str], *, statement_ms: int = STATEMENT_MILLISECONDS) -> None:
        self.path = path
        self.statement_seconds = statement_ms / 1000
        self.pragmas = DEFAULTS | pragmas
        self.busy_seconds = int(self.pragmas["busy_timeout"]) / 1000
        self.turn = asyncio.Lock()
        self.writer = self._connect()
        self.near = self._connect(read_only=True)
        for connection in (self.writer, self.near):
            # On the loop's thread nothing waits inside SQLite: `begin` waits off the loop's back, reads go to a thread.
            connection.execute("PRAGMA busy_timeout = 0")
        self._far: list[sqlite3.Connection] = []
        self._far_free = asyncio.Semaphore(READERS)
        self._threads = ThreadPoolExecutor(max_workers=READERS + 1, thread_name_prefix="sqlite")

    async def close(self) -> None:
        """Close every connection; the last one out folds the write-ahead log into the file."""
        async with self.turn:
            for _ in range(READERS):
                await self._far_free.acquire()
            for connection in (*self._far, self.near, self.writer):
                connection.close()
        self._threads.shutdown(wait=False)

    async def begin(self) -> None:
        """Take the file's one write lock, waiting while another process has it."""
        loop = asyncio.get_running_loop()
        deadline, pause = loop.time() + self.busy_seconds, PAUSE_FIRST
        while True:
            try:
                self.writer.execute("BEGIN IMMEDIATE")
            except sqlite3.Error as error:
                if not _is_busy(error) or loop.time() > deadline:
                    raise named(error) from error
            else:
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, PAUSE_MOST)

    async def commit(self) -> None:
        """Make it durable, or undo it. The loop does not wait for the disk; a cancelled caller does."""
        self._must_be_open()
        try:
            await unbroken(self._thread(self.writer.commit))
        except sqlite3.Error as error:
            self.rollback()
            raise named(error) from error
        except asyncio.CancelledError:
            self.rollback()  # Nothing to undo when the commit succeeded, and nothing left open when it did not.
            raise

    def rollback(self) -> None:
        """Undo what is open, if anything is: some errors have undone it already."""
        if self.writer.in_transaction:
            self.writer.execute("ROLLBACK")

    async def write(self, sql: str, args: Sequence[Any], *, patient: bool = False) -> Answer:
        """Run one statement on the writer."""
        return await self._run(lambda: _answer(self.writer, sql, args), patient=patient)

    async def write_many(self, sql: str, rows: Iterable[Sequence[Any]], *, patient: bool = False) -> int:
        """Run one statement on the writer for each of `rows`; how many rows it changed."""
        return await self._run(lambda: self.writer.executemany(sql, rows).rowcount, patient=patient)

    async def script(self, sql: str) -> None:
        """Run several statements outside any transaction; the caller holds `turn`."""
        try:
            await unbroken(self._thread(lambda: self.writer.executescript(sql)))
        except sqlite3.Error as error:
            self.rollback()
            raise named(error) from error

    async def read_back(self, sql: str, args: Sequence[Any], *, patient: bool = False) -> Answer:
        """Read inside the open transaction: what it wrote itself is there."""
        self._must_be_open()
        if not patient:
            answer = self._short(self.writer, sql, args)
            if answer is not None:
                return answer
        self._must_be_open()
        try:
            return await self._beside(self.writer, lambda: _answer(self.writer, sql, args), patient=patient)
        except FAILURES as error:
            raise named(error) from error

    async def read(self, sql: str, args: Sequence[Any]) -> Answer:
        """Read what is committed, never waiting for a writer."""
        answer = self._short(self.near, sql, args)
        if answer is not None:
            return answer
        async with self._reader() as connection:
            try:
                return await self._beside(connection, lambda: _answer(connection, sql, args))
            except FAILURES as error:
                raise named(error) from error

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[sqlite3.Connection]:
        """A connection that sees the file as it is at its first read, until the end; no writer waits for it."""
        async with self._reader() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")

    async def read_on(
        self, connection: sqlite3.Connection, sql: str, args: Sequence[Any], *, patient: bool = False
    ) -> Answer:
        """Read on a snapshot's connection."""
        answer = self._short(connection, sql, args)
        if answer is not None:
            return answer
        try:
            return await self._beside(connection, lambda: _answer(connection, sql, args), patient=patient)
        except FAILURES as error:
            raise named(error) from error

    def _connect(self, *, read_only: bool = False) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                self.path,
                timeout=self.busy_seconds,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=STATEMENTS_CACHED,
            )
            self._set_up(connection)
            if read_only:
                connection.execute("PRAGMA query_only = ON")
        except sqlite3.Error as error:
            raise named(error) from error
        return connection

    def _set_up(self, connection: sqlite3.Connection) -> None:
        for name, value in self.pragmas.items():
            for left in range(SET_UP_TRIES, -1, -1):
                try:
                    connection.execute(f"PRAGMA {name} = {value}")
                    break
                except sqlite3.Error as error:
                    # Two processes that make a file at once both set its journal mode, which SQLite does not wait for.
                    if not left or not _is_busy(error):
                        raise
                    time.sleep(PAUSE_MOST)

    def _short(self, connection: sqlite3.Connection, sql: str, args: Sequence[Any]) -> Answer | None:
        """Read on the loop's thread, within the allowance; None when it is used up."""
        connection.set_progress_handler(_stop, STEPS_SHORT)
        try:
            return _answer(connection, sql, args)
        except FAILURES as error:
            if _is_stopped(error) or _is_busy(error):
                return None
            raise named(error) from error
        finally:
            connection.set_progress_handler(None, 0)

    async def _run(self, work: Callable[[], T], *, patient: bool) -> T:
        self._must_be_open()
        try:
            return await self._beside(self.writer, work, patient=True) if patient else self._in_time(work)
        except FAILURES as error:
            raise named(error) from error

    def _in_time(self, work: Callable[[], T]) -> T:
        """Write on the loop's thread, for as long as a statement may take."""
        self.writer.set_progress_handler(self._timer(), STEPS_BETWEEN)
        try:
            return work()
        finally:
            self.writer.set_progress_handler(None, 0)

    def _timer(self) -> Callable[[], bool]:
        """Says when a statement that begins now has had its time."""
        deadline = time.monotonic() + self.statement_seconds
        return lambda: time.monotonic() > deadline

    def _must_be_open(self) -> None:
        if not self.writer.in_transaction:
            # A full disk undoes the whole transaction: what came after it must not commit by itself.
            raise Unavailable("the transaction is no longer open")

    @asynccontextmanager
    async def _reader(self) -> AsyncIterator[sqlite3.Connection]:
        async with self._far_free:
            connection = self._far.pop() if self._far else self._connect(read_only=True)
            try:
                yield connection
            finally:
                self._far.append(connection)

    async def _beside(self, connection: sqlite3.Connection, work: Callable[[], T], *, patient: bool = False) -> T:
        """Run statements in a thread, a patient one for as long as it takes. Whoever is cancelled has them stopped, and
        waits until the thread has let go.
        """
        stop, late = Event(), self._timer()
        wanted = stop.is_set if patient else lambda: stop.is_set() or late()
        connection.set_progress_handler(wanted, STEPS_BETWEEN)
        future = self._thread(work)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            stop.set()
            with suppress(*FAILURES):
                await unbroken(future)
            raise
        finally:
            connection.set_progress_handler(None, 0)

    def _thread(self, work: Callable[[], T]) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._threads, work)


def named(error: Exception) -> DatabaseError:
    """Our own word for what SQLite complains of."""
    if isinstance(error, sqlite3.IntegrityError):
        return ConstraintBroken(broken(error))
    if _is_busy(error):
        return Retryable("busy", str(error))
    if _code(error) in _GONE:
        return Unavailable(str(error))
    return DatabaseError(str(error))


_GONE = {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_INTERRUPT,  # A statement took too long.
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_READONLY,
}


def _answer(connection: sqlite3.Connection, sql: str, args: Sequence[Any]) -> Answer:
    cursor = connection.execute(sql, args)
    rows = cursor.fetchall()
    names = tuple(column[0] for column in cursor.description or ())
    return Answer(names, rows, cursor.rowcount)


def _stop() -> int:
    return 1


def _code(error: Exception) -> int:
    # The low byte is the kind of error; the rest says which of its sorts.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _is_busy(error: Exception) -> bool:
    return _code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def _is_stopped(error: Exception) -> bool:
    return _code(error) == sqlite3.SQLITE_INTERRUPT
