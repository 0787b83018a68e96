"""What an order leaves behind on disk: bytes by table, indexes included, as the tables grow by some thousand orders."""

from typing import Final

from benchmarks.shop import BATCH, Shop, dialects, opened, some
from benchmarks.table import Shares, Table
from models.sql import Dialect

ORDERS: Final = 16 * BATCH
FEW: Final = 4 * BATCH
SIZES: Final[dict[Dialect, str]] = {
    "postgres": "SELECT relname AS name, pg_total_relation_size(relid) AS size FROM pg_stat_user_tables",
    "sqlite": (
        "SELECT s.tbl_name AS name, SUM(d.pgsize) AS size FROM dbstat d JOIN sqlite_master s ON s.name = d.name "
        "GROUP BY s.tbl_name"
    ),
}
NAMES: Final[dict[Dialect, str]] = {"postgres": "PostgreSQL", "sqlite": "SQLite"}


async def run(*, quick: bool) -> list[Table]:
    """A table a database."""
    return [await _measured(dialect, some(FEW if quick else ORDERS)) for dialect in await dialects()]


async def _measured(dialect: Dialect, orders: int) -> Shares:
    async with opened(dialect, members=1_000, orders=4 * BATCH) as shop:
        before = await _sizes(shop)
        for start in range(0, orders, BATCH):
            await shop.take(shop.orders(min(BATCH, orders - start)))
        after = await _sizes(shop)
    grown = ((name, (size - before.get(name, 0)) / orders) for name, size in after.items())
    title = f"an order of two lines, {NAMES[dialect]}"
    return Shares(title, "bytes", [(name, size) for name, size in grown if size > 0])


async def _sizes(shop: Shop) -> dict[str, int]:
    rows = await shop.house.db.rows(SIZES[shop.house.db.dialect])
    return {row["name"]: int(row["size"]) for row in rows}
