"""What can be said inside a transaction, the same on both databases."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal

from models import sql
from models.errors import DatabaseError
from models.sql import Dialect
from models.table import R, Row, table_of

OnConflict = Literal["raise", "ignore"]
Sequenced = Literal["event", "position"]


@dataclass(frozen=True, slots=True)
class Query:
    """Rows of one table: what stands after WHERE, and its arguments."""

    row: type[Any]
    where: str
    args: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Write:
    """Rows of one table to be written: new ones, or such as are there and have changed."""

    rows: Sequence[Any]
    new: bool


class Reader(ABC):
    """Whatever can be asked."""

    dialect: ClassVar[Dialect]

    @abstractmethod
    async def rows(self, sql: str, *args: Any) -> list[dict[str, Any]]:
        """The rows of a statement, each by column name. What a column means follows from its name (`models.table`)."""

    @abstractmethod
    async def read(self, row: type[R], sql: str, *args: Any) -> list[R]:
        """The rows of a statement that selects a table's columns, in any order, as that table's dataclass."""

    async def read_each(self, queries: Sequence[Query]) -> list[list[Any]]:
        """The rows of each query, all in one round trip where a round trip costs anything."""
        return [
            await self.read(query.row, sql.select(table_of(query.row), query.where), *query.args) for query in queries
        ]


class Connection(Reader):
    """One open transaction. Once a statement has failed, nothing more runs in it, and nothing of it commits."""

    def __init__(self) -> None:
        self.failed = False
        self.ended = False

    @abstractmethod
    async def run(self, sql: str, *args: Any) -> int:
        """Run one statement; how many rows it changed."""

    @abstractmethod
    async def insert(
        self, rows: Sequence[Row], *, on_conflict: OnConflict = "raise", returning: tuple[str, ...] = ()
    ) -> list[dict[str, Any]]:
        """Insert rows of one table in one statement; with `ignore`, `returning` tells which of them are new."""

    @abstractmethod
    async def update(self, rows: Sequence[Row], columns: tuple[str, ...] | None = None) -> int:
        """Write rows of one table by primary key, all their other columns or those named; how many were there."""

    async def write(self, writes: Sequence[Write]) -> None:
        """Write rows of several tables, in this order, or in one round trip where a round trip costs anything."""
        for each in writes:
            await (self.insert(each.rows) if each.new else self.update(each.rows))

    @abstractmethod
    async def clock(self) -> datetime:
        """The database's time, now: not when the transaction began."""

    @abstractmethod
    async def draw(self, name: Sequenced, n: int) -> list[int]:
        """`n` numbers nobody has had or will have, rising.

        Positions are drawn at this moment: who draws later, in whatever process, draws higher. Event numbers are only
        unique: a process draws them in blocks.
        """

    @abstractmethod
    async def stand(self, n: int) -> tuple[datetime, list[int]]:
        """The clock and `n` positions in one: when and where in the fold somebody stands who now has every lock."""

    @abstractmethod
    async def share_programme(self, programme_id: int, *, lock_ms: int | None = None) -> None:
        """Hold the programme's revision still until the end, beside others who do. Read it in the next statement.

        `lock_ms` is how long this lock, and any row's, may be waited for.
        """

    @abstractmethod
    async def own_programme(self, programme_id: int) -> None:
        """Have the programme to oneself until the end: to publish, pause, roll back. Waits 2 s, then Retryable."""

    @abstractmethod
    async def lock_timeout(self, milliseconds: int) -> None:
        """How long a row lock may be waited for, from here to the end."""

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Remember a failure, as PostgreSQL does by itself and SQLite does not."""
        if self.ended:
            # A task that outlived its transaction would go on outside it, or inside somebody else's.
            raise DatabaseError("the transaction has ended")
        if self.failed:
            raise DatabaseError("the transaction has failed: nothing more runs in it")
        try:
            yield
        except BaseException:
            self.failed = True
            raise
