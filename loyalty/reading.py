"""Rows of one programme, read into one book: by what they hang on, of some members or of none."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from loyalty.book import Book
from loyalty.rulebook import Live
from models.connection import Query, Reader
from models.events import Event
from models.limits import Counter
from models.orders import OrderRef
from models.sql import any_of, select
from models.table import table_of


@dataclass(frozen=True, slots=True)
class Loader:
    """Reads rows of one programme into one book."""

    tx: Reader
    book: Book
    live: Live

    async def take(self, *queries: Query) -> list[list[Any]]:
        """The rows of several tables, put into the book."""
        found = await self.tx.read_each(queries) if queries else []
        for rows in found:
            self.book.load(rows)
        return found

    def query(self, row: type[Any], where: str, *args: Any) -> Query:
        """Rows of a table in this programme."""
        return Query(row, f"programme_id = $1 AND {where}", (self.book.programme_id, *args))

    def query_of(self, row: type[Any], members: Collection[int], where: str = "", *args: Any) -> Query:
        """The same, of some members."""
        clause = self.any("member_id", 2) + (f" AND {where}" if where else "")
        return self.query(row, clause, sorted(members), *args)

    async def rows(self, row: type[Any], where: str, *args: Any) -> list[Any]:
        """Rows of a table in this programme, put into the book."""
        query = self.query(row, where, *args)
        found: list[Any] = await self.tx.read(row, select(table_of(row), query.where), *query.args)
        self.book.load(found)
        return found

    async def of_members(self, row: type[Any], members: Collection[int], where: str = "", *args: Any) -> list[Any]:
        """The same, of some members."""
        return (await self.take(self.query_of(row, members, where, *args)))[0]

    def any(self, column: str, number: int) -> str:
        """`column` is one of a list."""
        return any_of(self.tx.dialect, column, number)

    async def refs(self, numbers: Iterable[tuple[str, str]]) -> list[OrderRef]:
        """All references of these orders (shop, number), and the first receipts they stand for."""
        names = sorted(set(numbers))
        if not names:
            return []
        found = []
        for shop in sorted({shop for shop, _ in names}):
            own = [number for held_by, number in names if held_by == shop]
            found += await self.rows(OrderRef, f"shop = $2 AND {self.any('number', 3)}", shop, own)
        firsts = [ref for ref in found if ref.event_id is not None and ref.member_id is not None]
        if firsts:
            events = sorted({ref.event_id for ref in firsts})
            await self.of_members(Event, {ref.member_id for ref in firsts}, self.any("id", 3), events)
        return found

    async def waiting(self, numbers: Iterable[tuple[str, str]]) -> int:
        """What waits for these orders; how many."""
        names = sorted(set(numbers))
        found = []
        for shop in sorted({shop for shop, _ in names}):
            own = [number for held_by, number in names if held_by == shop]
            where = f"state = 'waiting' AND shop = $2 AND {self.any('order_number', 3)}"
            found += await self.rows(Event, where, shop, own)
        self.book.awaited.update((event.shop, event.order_number or "") for event in found)
        return len(found)

    async def counters(self, names: Collection[str], lock: str = "") -> None:
        """Shared counters, by name; read without a lock unless one is asked for."""
        if names:
            await self.rows(Counter, f"{self.any('name', 2)} ORDER BY name {lock}", sorted(names))
