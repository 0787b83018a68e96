"""What only counts rests: a member's many orders leave its lots where they are until something wants all of them."""

from typing import Any

import pytest

from loyalty.book import Book
from models.database import Database
from models.points import Lot
from tests.loyalty.conftest import Shop
from tests.loyalty.lives import NEVER, living, noon, rate


async def many(db: Database, number: int) -> Shop:
    """Lin has bought so often, for growth alone."""
    shop = await living(db, {"expires": NEVER}, noon("2026-02-10"), earn__base=rate("1", "1.00", wallet="growth"))
    await shop.enrol("lin")
    for place in range(number):
        await shop.order("lin", 1_000, f"order-{place}")
    return shop


async def test_what_rests_is_counted_and_comes_back_with_its_order(db: Database) -> None:
    shop = await many(db, 5)
    assert await shop.count("lots", "resting") == 5

    await shop.one(shop.returned("order-2"))

    assert await shop.wallet("lin", "growth") == {"pending": 0, "available": 40, "held": 0, "owed": 0}
    assert await shop.count("lots", "resting AND remaining = 0") == 1
    await shop.prove()


async def test_an_order_reads_no_lot_that_rests(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = await many(db, 5)
    read: list[Lot] = []
    load = Book.load

    def counted(self: Book, rows: list[Any]) -> None:
        read.extend(row for row in rows if isinstance(row, Lot))
        load(self, rows)

    monkeypatch.setattr(Book, "load", counted)
    await shop.order("lin", 1_000)

    assert read == []
    monkeypatch.undo()
    await shop.prove()
