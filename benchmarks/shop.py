"""The shop that is measured: the demo programme in a database of its own, its members, and the orders they pay."""

import itertools
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from secrets import token_bytes
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import asyncpg

from loyalty.access import Caller, scopes_of
from loyalty.events import Line, MemberEnrolled, MemberRef, OrderPaid
from loyalty.house import House
from loyalty.intake import receive
from loyalty.publishing import create_programme
from models.sql import Dialect
from rules.files import read_folder

SERVER: Final = os.environ.get("LOYALTY_TEST_DATABASE_URL") or "postgres://postgres@127.0.0.1:5432/postgres"
DEMO: Final = Path(__file__).parent.parent / "rules" / "programmes" / "demo"
PROGRAMME: Final = "bench"
PROGRAMME_ID: Final = 1
SECRET: Final = "only for measuring, never for members"
OPENED: Final = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
ADMIN: Final = Caller("staff:bench", PROGRAMME, scopes_of(["admin"]))
TILL: Final = Caller("client:bench", PROGRAMME, scopes_of(["service"]) | {"clock"})
BATCH: Final = 256
BETWEEN: Final = timedelta(seconds=20)  # From one order to the next.

_SHRUNK: dict[str, int] = {}


def shrink() -> None:
    """From here on every shop has but a few members and orders: to see that all is run, not to learn from."""
    _SHRUNK.update(members=20, orders=40)


def some(orders: int) -> int:
    """So many orders, or the few of a small shop."""
    return min(orders, _SHRUNK.get("orders", orders))


def grow(members: int) -> None:
    """From here on a programme that may be of any size has so many members."""
    _SHRUNK.setdefault("many", members)


def many(members: int) -> int:
    """So many members; as many as were asked for, or the few of a small shop."""
    return _SHRUNK.get("members") or _SHRUNK.get("many") or members


@dataclass
class Shop:
    """A house with one programme, its members, and an endless row of orders by them."""

    house: House
    url: str
    members: int
    now: datetime
    between: timedelta
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    chance: Random = field(default_factory=lambda: Random(7))

    def order(self) -> OrderPaid:
        """The next order: two lines, by anybody."""
        self.now += self.between
        number = next(self.numbers)
        total = self.chance.randrange(2_000, 60_000)
        first = total // 3
        lines = (
            Line(f"sku-{number % 97}", 1, first, brand="house", category="tea"),
            Line(f"sku-{number % 89}", 2, total - first, brand="guest", category="cups"),
        )
        who = MemberRef(kind="external", value=f"m{self.chance.randrange(self.members)}")
        return OrderPaid(
            key=f"k{number}",
            number=f"n{number}",
            member=who,
            occurred_at=self.now,
            currency="CNY",
            total=total,
            paid=total,
            lines=lines,
            channel="store",
            store=f"s{number % 12}",
            payment="card",
        )

    def orders(self, count: int) -> list[OrderPaid]:
        """So many of them."""
        return [self.order() for _ in range(count)]

    async def take(self, orders: list[OrderPaid]) -> None:
        """Hand in one batch. Whatever is not accepted is not a measurement."""
        receipts = await receive(self.house, TILL, orders, now=self.now)
        if wrong := [receipt for receipt in receipts if receipt.state != "accepted"]:
            raise RuntimeError(f"{len(wrong)} of {len(orders)} orders were not taken: {wrong[0]}")

    async def enrol(self) -> None:
        """Everybody registers."""
        for start in range(0, self.members, BATCH):
            few = range(start, min(start + BATCH, self.members))
            await receive(self.house, TILL, [_newcomer(number, self.now) for number in few], now=self.now)

    @property
    def zone(self) -> ZoneInfo:
        """Where its days begin."""
        return self.house.rulebook.all()[0].newest.ruleset.zone

    async def analyse(self) -> None:
        """Tell the planner what is there, as the server would by itself after a minute."""
        await self.house.db.client.execute_script("ANALYZE")


def _newcomer(number: int, now: datetime) -> MemberEnrolled:
    return MemberEnrolled(f"e{number}", (("external", f"m{number}"),), now)


@asynccontextmanager
async def opened(
    dialect: Dialect, *, members: int, orders: int, now: datetime = OPENED, between: timedelta = BETWEEN
) -> AsyncIterator[Shop]:
    """A shop in a new database, its members enrolled, some orders behind them; the database is dropped in the end."""
    members, orders = min(members, _SHRUNK.get("members", members)), some(orders)
    async with database(dialect) as url:
        house = await House.open(url, SECRET, token_bytes)
        try:
            await house.db.migrate()
            texts = {path: text for path, (text, _) in read_folder(DEMO).items()}
            await create_programme(house.db, house.rulebook, ADMIN, PROGRAMME, texts, now=now)
            shop = Shop(house, url, members, now, between)
            await shop.enrol()
            for start in range(0, orders, BATCH):
                await shop.take(shop.orders(min(BATCH, orders - start)))
            await shop.analyse()
            yield shop
        finally:
            await house.close()


@asynccontextmanager
async def database(dialect: Dialect) -> AsyncIterator[str]:
    """The URL of an empty database of one's own."""
    if dialect == "sqlite":
        with TemporaryDirectory(prefix="perennial-bench-") as folder:
            yield f"sqlite://{folder}/bench.db"
        return
    name = f"perennial_bench_{os.getpid()}_{next(_DATABASES)}"
    await on_server(f'CREATE DATABASE "{name}"')
    try:
        yield urlsplit(SERVER)._replace(path=f"/{name}").geturl()
    finally:
        await on_server(f'DROP DATABASE "{name}" WITH (FORCE)')


_DATABASES = itertools.count(1)


async def on_server(statement: str) -> None:
    """Run one statement beside the databases that are measured."""
    connection = await asyncpg.connect(SERVER)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def dialects() -> list[Dialect]:
    """SQLite always; PostgreSQL where its server answers."""
    try:
        await on_server("SELECT 1")
    except (OSError, asyncpg.PostgresError):
        return ["sqlite"]
    return ["sqlite", "postgres"]
