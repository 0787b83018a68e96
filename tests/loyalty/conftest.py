"""A shop at its till: stories send events to `receive` and read the books with plain SQL."""

import itertools
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from secrets import token_bytes
from typing import Any

import pytest_asyncio

from loyalty.access import Caller, scopes_of
from loyalty.events import (
    Arrival,
    Behaviour,
    ClockDue,
    ClockReview,
    Line,
    MemberEnrolled,
    MemberRef,
    OrderCancelled,
    OrderPaid,
    OrderReturned,
    PointsRedeem,
    ReturnLine,
)
from loyalty.house import House
from loyalty.intake import keys_of, receive
from loyalty.publishing import create_programme, publish
from loyalty.receipts import Receipt
from loyalty.replay import replay_member
from loyalty.seals import Secrets
from loyalty.verify import verify
from models.database import Database
from tests.loyalty.programme import documents

SECRET = "a secret for tests that is long enough"
START = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # Noon in Shanghai, a Monday.
ADMIN = Caller("staff:admin", "story", scopes_of(["admin", "marketer", "staff"]) | {"clock"})
POS = Caller("client:pos", "story", scopes_of(["service"]) | {"clock"})


@dataclass
class Shop:
    """One programme, one till, and a clock that the story moves."""

    house: House
    now: datetime = START
    keys: Any = field(default_factory=lambda: itertools.count(1))

    def later(self, **span: float) -> datetime:
        """Move the clock on."""
        self.now += timedelta(**span)
        return self.now

    def key(self) -> str:
        """A fresh idempotency key."""
        return f"k{next(self.keys)}"

    async def send(self, *arrivals: Arrival, caller: Caller = POS) -> list[Receipt]:
        """Hand in a batch."""
        return await receive(self.house, caller, arrivals, now=self.now)

    async def one(self, arrival: Arrival, caller: Caller = POS) -> Receipt:
        """Hand in one."""
        return (await self.send(arrival, caller=caller))[0]

    async def enrol(self, name: str, **more: Any) -> Receipt:
        """A person registers."""
        return await self.one(MemberEnrolled(self.key(), (("external", name),), self.now, **more))

    async def order(self, name: str | None, total: int, number: str | None = None, **more: Any) -> Receipt:
        """A person, known or not, pays an order."""
        return await self.one(self.paid(name, total, number, **more))

    def paid(self, name: str | None, total: int, number: str | None = None, **more: Any) -> OrderPaid:
        """The event of an order, not yet sent."""
        key = more.pop("key", None) or self.key()
        at = more.pop("occurred_at", None) or self.now
        currency = more.pop("currency", "CNY")
        return OrderPaid(key, number or f"n{key}", who(name), at, currency, total, total, **more)

    def returned(self, number: str, return_number: str = "r1", **more: Any) -> OrderReturned:
        """The event of a return."""
        at = more.pop("occurred_at", None) or self.now
        key = more.pop("key", None) or self.key()
        return OrderReturned(key, number, return_number, at, **more)

    def cancelled(self, number: str, **more: Any) -> OrderCancelled:
        """The event of a cancellation."""
        return OrderCancelled(more.pop("key", None) or self.key(), number, more.pop("occurred_at", None) or self.now)

    async def redeem(self, name: str, benefit: str = "coupon-10", **more: Any) -> Receipt:
        """A person wants something for points."""
        return await self.one(PointsRedeem(more.pop("key", None) or self.key(), ref(name), benefit, **more))

    async def behave(self, name: str, kind: str, **payload: Any) -> Receipt:
        """A person does something of a declared type."""
        return await self.one(Behaviour(self.key(), kind, ref(name), self.now, payload))

    async def settle(self, name: str) -> Receipt:
        """The clock comes by."""
        member = await self.member_id(name)
        return await self.one(ClockDue(f"clock:due:{member}:{self.now}", MemberRef(id=member), self.now))

    async def review(self, name: str, ladder: str = "grade") -> Receipt:
        """A review falls due now."""
        member = await self.member_id(name)
        return await self.one(ClockReview(f"clock:review:{member}:{self.now}", MemberRef(id=member), ladder, self.now))

    async def member_id(self, name: str) -> int:
        """Whose name this is."""
        hashed = self.house.secrets.identity_hash(1, "external", name)
        rows = await self.house.db.rows("SELECT member_id FROM identities WHERE hash = $1", hashed)
        return int(rows[0]["member_id"])

    async def wallet(self, name: str, wallet: str = "points") -> dict[str, int]:
        """The wallet's row as it stands."""
        sql = "SELECT pending, available, held, owed FROM wallets WHERE member_id = $1 AND wallet = $2"
        rows = await self.house.db.rows(sql, await self.member_id(name), wallet)
        empty = {"pending": 0, "available": 0, "held": 0, "owed": 0}
        return {name: int(value) for name, value in rows[0].items()} if rows else empty

    async def tier(self, name: str, ladder: str = "grade") -> str:
        """Where the member stands."""
        sql = "SELECT tier FROM standings WHERE member_id = $1 AND ladder = $2"
        return str((await self.house.db.rows(sql, await self.member_id(name), ladder))[0]["tier"])

    async def count(self, table: str, where: str = "1 = 1") -> int:
        """How many rows a table has."""
        return int((await self.house.db.rows(f"SELECT count(*) AS n FROM {table} WHERE {where}"))[0]["n"])

    async def prove(self) -> None:
        """Whatever the story was: its log, folded again, gives the same books bit for bit, and they balance."""
        programme_id = 1
        revisions = {row["revision"] for row in await self.house.db.rows("SELECT DISTINCT revision FROM events")}
        lives = {at: await self.house.rulebook.recall(self.house.db, programme_id, at) for at in revisions}
        keys = keys_of(self.house, programme_id)
        for row in await self.house.db.rows("SELECT id FROM members ORDER BY id"):
            assert await replay_member(self.house.db, programme_id, row["id"], lives.__getitem__, keys) == []
        assert (await verify(self.house.db, programme_id)).findings == []

    async def publish(self, **changes: Any) -> None:
        """Publish the programme with some documents changed."""
        await publish(self.house.db, self.house.rulebook, ADMIN, "story", documents(**changes), note="a story")


def ref(name: str) -> MemberRef:
    """A member by the shop's own number."""
    return MemberRef(kind="external", value=name)


def who(name: str | None) -> MemberRef | None:
    """The same, or nobody."""
    return ref(name) if name else None


def lines(*amounts: int, quantity: int = 1) -> tuple[Line, ...]:
    """Order lines of these amounts."""
    return tuple(Line(f"sku-{index}", quantity, amount) for index, amount in enumerate(amounts))


def back(*quantities: tuple[int, int]) -> tuple[ReturnLine, ...]:
    """Lines that come back: (line, quantity)."""
    return tuple(ReturnLine(line, quantity) for line, quantity in quantities)


async def shop_of(db: Database, files: Mapping[str, str]) -> Shop:
    """A shop whose programme is in these files."""
    house = House(db, SECRETS, token_bytes)
    await create_programme(db, house.rulebook, ADMIN, "story", files)
    return Shop(house)


SECRETS = Secrets.from_text(SECRET)


@pytest_asyncio.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    """The story's shop."""
    made = await shop_of(db, documents())
    yield made
    await made.prove()
