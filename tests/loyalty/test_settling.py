"""What time does to points, each at its own instant: the dead pay nothing, and many lots take no more passes."""

import dataclasses
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from loyalty.book import Book
from loyalty.events import HoldRelease, PointsAdjust
from models.points import Lot
from tests.loyalty.conftest import ADMIN, POS, START, Shop, ref

NOTHING = {"pending": 0, "available": 0, "held": 0, "owed": 0}
IMPORT = dataclasses.replace(POS, scopes=POS.scopes | {"events:import"})


async def in_debt(shop: Shop, name: str, points: int) -> None:
    """Somebody who has spent the points of an order that was cancelled."""
    await shop.order(name, points * 100, f"debt-{name}")
    shop.later(days=8)
    assert (await shop.redeem(name)).ok
    await shop.one(shop.cancelled(f"debt-{name}"))
    assert await shop.wallet(name) == NOTHING | {"owed": points}


async def test_points_that_have_died_before_they_come_pay_no_debt(shop: Shop) -> None:
    await shop.enrol("lin")
    shop.later(days=800)
    await in_debt(shop, "lin", 300)

    late = shop.paid("lin", 20_000, "old", occurred_at=START + timedelta(days=1))
    receipt = await shop.one(late, IMPORT)

    assert (receipt.state, receipt.late) == ("accepted", True)
    assert await shop.wallet("lin") == NOTHING | {"owed": 300}
    assert await shop.count("transfers", "reason = 'debt_paid'") == 0
    assert await shop.count("transfers", "reason = 'expired' AND amount = 200") == 1


async def test_late_points_that_are_still_alive_pay_the_debt(shop: Shop) -> None:
    await shop.enrol("lin")
    shop.later(days=800)
    await in_debt(shop, "lin", 300)

    late = shop.paid("lin", 20_000, "late", occurred_at=shop.now - timedelta(days=300))
    await shop.one(late)

    assert await shop.wallet("lin") == NOTHING | {"owed": 100}
    assert await shop.count("transfers", "reason = 'debt_paid' AND amount = 200") == 1


async def test_points_that_died_while_they_were_held_pay_no_debt(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.one(PointsAdjust(shop.key(), ref("lin"), "points", 300, "a start"), ADMIN)
    shop.later(days=350)
    await shop.order("lin", 30_000, "A1")
    shop.now = START + timedelta(days=365, minutes=-5)
    held = await shop.redeem("lin", hold=True)
    assert (await shop.redeem("lin")).ok
    await shop.one(shop.cancelled("A1"))
    assert await shop.wallet("lin") == NOTHING | {"held": 300, "owed": 300}

    shop.later(minutes=10)
    await shop.one(HoldRelease(shop.key(), ref("lin"), held.hold_id or 0))

    assert await shop.wallet("lin") == NOTHING | {"owed": 300}
    assert await shop.count("transfers", "reason = 'expired' AND amount = 300") == 1


async def test_many_instants_are_settled_in_as_many_passes_as_few(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    passes: Counter[str] = Counter()
    whole = Book.of

    def counted(book: Book, kind: type[Any], holder: int) -> Any:
        passes[who] += kind is Lot
        return whole(book, kind, holder)

    monkeypatch.setattr(Book, "of", counted)
    many = {"few": 3, "many": 120}
    for name, orders in many.items():
        who = "before"
        await shop.enrol(name)
        paid = [shop.paid(name, 100, occurred_at=minute(number)) for number in range(orders)]
        shop.now = minute(orders)
        await shop.send(*paid)
    shop.now = START + timedelta(days=400)

    for who, orders in many.items():
        await shop.settle(who)
        assert await shop.wallet(who) == NOTHING
        assert await shop.wallet(who, "growth") == NOTHING | {"available": orders}

    assert await shop.count("transfers", "reason IN ('matured', 'expired')") == 2 * (3 + 120)
    assert passes["few"] == passes["many"]


def minute(number: int) -> datetime:
    """So many minutes after the story's start: each order has an instant of its own."""
    return START + timedelta(minutes=number)
