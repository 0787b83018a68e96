"""The intake as one writes it first: a transaction an event, ordinary Tortoise models, rows locked as they are read.

The same rows in the same tables: claim, event, order number, order, lines, transfers, lots, wallets, member, member
day, decision. It is spared what is hard: no policy is evaluated (a point per yuan is written into the code), nothing
matures, no tier is looked at, and no second thought is given to errors.
"""

import dataclasses
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from tortoise import fields
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.context import TortoiseContext
from tortoise.models import Model
from tortoise.transactions import in_transaction

from benchmarks.shop import PROGRAMME_ID, TILL, Shop
from loyalty.book import IDS_PER_EVENT
from loyalty.events import OrderPaid
from loyalty.log import written
from models.codec import canonical, figures
from models.days import MemberDay
from models.events import Claim, Decision, Event
from models.members import Identity, Member
from models.orders import Order, OrderLine, OrderRef
from models.points import Lot, Transfer, Wallet
from models.sql import Dialect
from models.table import Column, table_of

KINDS: Final[dict[str, Any]] = {
    "int": fields.BigIntField,
    "str": fields.TextField,
    "bool": fields.BooleanField,
    "datetime": fields.DatetimeField,
    "date": fields.DateField,
    "json": fields.TextField,
}
POSITION: Final[dict[Dialect, str]] = {
    "postgres": "SELECT nextval('position_sequence') AS value",
    "sqlite": "UPDATE sequences SET value = value + 1 WHERE name = 'position' RETURNING value",
}
YEAR, WEEK = timedelta(days=365), timedelta(days=7)


def model(row: type[Any]) -> Any:
    """The model of a declared table; Tortoise is told one column of its key, and queries name the others."""
    table = table_of(row)
    meta = type("Meta", (), {"table": table.name, "app": "naive"})
    silent = {
        field.name: field.default for field in dataclasses.fields(row) if field.default is not dataclasses.MISSING
    }
    given = {name: {"default": value} for name, value in silent.items()}
    columns = {
        column.name: _field(column, table.key[-1], given.get(column.name, {}))
        for column in table.columns
        if column.name != table.key[-1]
    }
    own = _field(table.column(table.key[-1]), table.key[-1], {})
    body = {"__module__": __name__, "Meta": meta, table.key[-1]: own, **columns}
    return type(f"Naive{row.__name__}", (Model,), body)


def _field(column: Column, key: str, silent: dict[str, Any]) -> Any:
    if column.name != key:
        return KINDS[column.kind](null=column.null, **silent)
    if column.kind == "int":
        return fields.BigIntField(primary_key=True, generated=False)
    return fields.CharField(max_length=200, primary_key=True)


Claims, Events, Decisions = model(Claim), model(Event), model(Decision)
Identities, Members = model(Identity), model(Member)
Refs, Orders, Lines = model(OrderRef), model(Order), model(OrderLine)
Wallets, Transfers, Lots = model(Wallet), model(Transfer), model(Lot)
Days = model(MemberDay)


class Naive:
    """A till that does all of this for each order."""

    def __init__(self, shop: Shop, numbers: list[int]) -> None:
        self.shop = shop
        self.numbers = iter(numbers)

    async def take(self, order: OrderPaid) -> None:
        """One order, one transaction."""
        now = order.occurred_at
        number = next(self.numbers)
        body, whole = written(order)
        secrets = self.shop.house.secrets
        body_hash = secrets.body_hash(whole)
        async with in_transaction() as connection:
            assert order.member is not None
            value = secrets.identity_hash(PROGRAMME_ID, "external", order.member.value or "")
            identity = await Identities.get(programme_id=PROGRAMME_ID, kind="external", hash=value)
            member = await _member(identity.member_id)
            await Claims.create(
                programme_id=PROGRAMME_ID, subject=TILL.subject, key=order.key, body_hash=body_hash,
                member_id=member.id, event_id=number, claimed_at=now,
            )  # fmt: skip
            await Record(self.shop, connection, order, member, number, now).write(body, body_hash)


class Record:
    """What is written for one order."""

    def __init__(
        self, shop: Shop, connection: BaseDBAsyncClient, order: OrderPaid, member: Any, number: int, now: datetime
    ) -> None:
        self.shop, self.connection, self.order, self.member, self.now = shop, connection, order, member, now
        self.number = number
        self.ids = itertools.count(number * IDS_PER_EVENT)
        self.own = {"programme_id": PROGRAMME_ID, "member_id": member.id}
        self.day = now.astimezone(shop.zone).date()

    async def write(self, body: str, body_hash: str) -> None:
        """All rows, table by table."""
        order, now = self.order, self.now
        rows = await self.connection.execute_query_dict(POSITION[self.shop.house.db.dialect])
        self.position = int(rows[0]["value"])
        points = order.paid // 100
        receipt = canonical({"state": "accepted", "event_id": self.number, "changes": {"points": points}})
        await Events.create(
            **self.own, id=self.number, kind="order.paid", subject=TILL.subject, key=order.key, shop=order.shop,
            order_number=order.number, occurred_at=now, received_at=now, instant=now, position=self.position,
            state="accepted", revision=1, body=body, receipt=receipt,
        )  # fmt: skip
        order_id = next(self.ids)
        await Refs.create(
            **self.own, shop=order.shop, number=order.number, kind="order", part="", state="paid", order_id=order_id,
            event_id=self.number, body_hash=body_hash,
        )  # fmt: skip
        await self.write_order(order_id)
        for wallet in ("points", "growth"):
            await self.credit(wallet, points, order_id)
        await self.count(points)
        outcome = canonical([{"policy": "earn/base", "fired": True, "asked": points, "given": points}])
        await Decisions.create(
            **self.own, id=next(self.ids), event_id=self.number, step=0, kind="order.paid", at=now, version=1,
            revision=1, engine=1, read=canonical({"facts": {}, "counted": {}}), outcome=outcome,
        )  # fmt: skip

    async def write_order(self, order_id: int) -> None:
        """The order, and its lines in one statement."""
        order = self.order
        await Orders.create(
            **self.own, id=order_id, event_id=self.number, shop=order.shop, number=order.number, state="paid",
            occurred_at=self.now, business_date=self.day, currency=order.currency, total=order.total, paid=order.paid,
            discount=0, tax=0, shipping=0, net=order.total, returned=0, returned_unlined=0, channel=order.channel,
            store=order.store, payment=order.payment, coupon="", version=1,
        )  # fmt: skip
        lines = [
            Lines(
                **self.own,
                id=next(self.ids),
                order_id=order_id,
                line=index,
                sku=line.sku,
                brand=line.brand,
                category=line.category,
                tags="[]",
                quantity=line.quantity,
                amount=line.amount,
                returned_quantity=0,
                returned_amount=0,
            )
            for index, line in enumerate(order.lines)
        ]
        await Lines.bulk_create(lines)

    async def credit(self, name: str, points: int, order_id: int) -> None:
        """A transfer, its lot, and the wallet."""
        matured = name == "growth"
        account = "available" if matured else "pending"
        wallet = await Wallets.select_for_update().get_or_none(**self.own, wallet=name)
        if wallet is None:
            empty = {"pending": 0, "available": 0, "held": 0, "owed": 0, "due_at": None}
            wallet = await Wallets.create(**self.own, id=next(self.ids), wallet=name, **empty)
        transfer = next(self.ids)
        await Transfers.create(
            **self.own, id=transfer, event_id=self.number, position=self.position, wallet=name, debit="issued",
            credit=account, amount=points, effective_at=self.now, business_date=self.day, recorded_at=self.now,
            reason="earned", policy="earn/base", version=1, order_id=order_id,
        )  # fmt: skip
        await Lots.create(
            **self.own, id=next(self.ids), transfer_id=transfer, wallet=name, amount=points, remaining=points, held=0,
            spent=0, expired=0, reversed=0, claimed=0, matured=matured, earned_at=self.now,
            available_at=self.now if matured else self.now + WEEK, expires_at=None if matured else self.now + YEAR,
            origin_event=self.number, origin_policy="earn/base", order_id=order_id,
        )  # fmt: skip
        due = wallet.due_at or (None if matured else self.now + WEEK)
        changed = {account: getattr(wallet, account) + points, "due_at": due}
        await Wallets.filter(**self.own, id=wallet.id).update(**changed)

    async def count(self, points: int) -> None:
        """The member, and the member's day."""
        orders = self.member.orders + 1
        await Members.filter(programme_id=PROGRAMME_ID, id=self.member.id).update(orders=orders, clock=self.now)
        day = await Days.get_or_none(**self.own, id=self.day.toordinal())
        if day is None:
            day = await Days.create(
                **self.own, id=self.day.toordinal(), day=self.day, orders=0, spend=0, points=0,
                first_order=self.member.orders == 0, earned="{}", events="{}",
            )  # fmt: skip
        earned = {name: figures(day.earned).get(name, 0) + points for name in ("points", "growth")}
        happened = figures(day.events)
        happened["order.paid"] = happened.get("order.paid", 0) + 1
        changed = {
            "orders": day.orders + 1, "spend": day.spend + self.order.total, "points": day.points + points,
            "earned": canonical(earned), "events": canonical(happened),
        }  # fmt: skip
        await Days.filter(**self.own, id=day.id).update(**changed)


async def _member(member_id: int) -> Any:
    return await Members.select_for_update().get(programme_id=PROGRAMME_ID, id=member_id)


@asynccontextmanager
async def opened(shop: Shop, most: int) -> AsyncIterator[Naive]:
    """The naive till of a shop, good for so many orders, on our own engines: those are not what is compared."""
    async with shop.house.db.transaction() as connection:
        numbers = await connection.draw("event", most)
    async with TortoiseContext() as context:
        await context.init(config=_config(shop.url, shop.house.db.dialect))
        yield Naive(shop, numbers)


def _config(url: str, dialect: Dialect) -> dict[str, Any]:
    parts = urlsplit(url)
    credentials: dict[str, Any] = {"file_path": parts.path}
    if dialect == "postgres":
        credentials = {
            "host": parts.hostname, "port": parts.port or 5432, "user": parts.username, "password": parts.password,
            "database": parts.path[1:],
        }  # fmt: skip
    engine = {"engine": f"models.engines.{dialect}", "credentials": credentials}
    return {
        "connections": {dialect: engine},  # By a name of its own: Tortoise keeps statements by it.
        "apps": {"naive": {"models": ["benchmarks.naive"], "default_connection": dialect}},
    }
