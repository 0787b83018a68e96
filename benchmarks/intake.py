"""Orders through `receive` in batches of 1, 32 and 256, against a transaction an order with ordinary models.

All contenders take turns at one shop, so they meet the same members with the same past.
"""

import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from benchmarks import naive
from benchmarks.shop import Shop, dialects, opened, some
from benchmarks.table import Rounds, Table
from loyalty.events import OrderPaid
from models.sql import Dialect

SIZES: Final = (1, 32, 256)
ROUNDS: Final = 9
SINGLES: Final = 40  # Orders a round, where each has a transaction of its own.
MANY: Final = 256
WARM: Final = 2  # Rounds that are not counted.

Till = Callable[[list[OrderPaid]], Awaitable[None]]


async def run(*, quick: bool) -> list[Table]:
    """A table a database."""
    rounds = 2 if quick else ROUNDS
    return [await _measured(dialect, rounds) for dialect in await dialects()]


async def _measured(dialect: Dialect, rounds: int) -> Rounds:
    title = f"an order through receive, {'PostgreSQL' if dialect == 'postgres' else 'SQLite'}"
    found = Rounds(title, "µs an order", per_second=True)
    async with (
        opened(dialect, members=1_000, orders=1_024) as shop,
        naive.opened(shop, (rounds + WARM) * SINGLES) as till,
    ):
        ways: dict[str, tuple[int, Till]] = {"a transaction each, models": (some(SINGLES), partial(_each, till))}
        for size in SIZES:
            ways[f"batches of {size}"] = (some(SINGLES if size == 1 else MANY), partial(_batches, shop, size))
        for turn in range(rounds + WARM):
            for name, (count, way) in ways.items():
                cost = await _timed(way, shop.orders(count))
                if turn >= WARM:
                    found.add(name, cost)
    return found


async def _timed(way: Till, orders: list[OrderPaid]) -> float:
    started = time.perf_counter()
    await way(orders)
    return (time.perf_counter() - started) / len(orders) * 1e6


async def _each(till: naive.Naive, orders: list[OrderPaid]) -> None:
    for order in orders:
        await till.take(order)


async def _batches(shop: Shop, size: int, orders: list[OrderPaid]) -> None:
    for start in range(0, len(orders), size):
        await shop.take(orders[start : start + size])
