"""The catalogue of products: read as of an instant, and lent to order lines that name a SKU and say no more.

What a line takes from the catalogue is written into the event before it is folded, and stays there: the log says what
the order was, whatever the catalogue says later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from loyalty import log
from loyalty.arrived import Arrived
from loyalty.events import Line, OrderPaid
from loyalty.reading import Loader
from models.codec import parse
from models.connection import Reader
from models.database import Database
from models.products import Product
from models.sql import any_of
from models.table import table_of

BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)  # From when the first version of a SKU holds.
FILLED: Final = ("brand", "category")


async def filled(loader: Loader, arrived: Mapping[int, Arrived]) -> dict[int, Arrived]:
    """Orders with what the catalogue says of their lines, as of when they were; where the programme has one."""
    asking = {index: one for index, one in arrived.items() if _asks(loader, one)}
    skus = sorted(
        {line.sku for one in asking.values() if isinstance(one.arrival, OrderPaid) for line in one.arrival.lines}
    )
    if not skus:
        return dict(arrived)
    where = f"programme_id = $1 AND {any_of(loader.tx.dialect, 'sku', 2)}"
    rows = await loader.tx.read(Product, _select(where), loader.book.programme_id, skus)
    return dict(arrived) | {index: _with(one, rows) for index, one in asking.items()}


async def versions(reader: Reader | Database, programme_id: int, skus: Sequence[str]) -> dict[str, Product]:
    """The last version of each of these SKUs."""
    where = f"programme_id = $1 AND {any_of(reader.dialect, 'sku', 2)}"
    rows = await reader.read(Product, _select(where), programme_id, sorted(set(skus)))
    return {row.sku: row for row in sorted(rows, key=lambda row: row.since)}


async def listed(
    db: Database, programme_id: int, *, brand: str, category: str, after: int, limit: int
) -> list[Product]:
    """A page of what there is now: the last version of each SKU that has not been withdrawn, by number."""
    last = "SELECT MAX(since) FROM products l WHERE l.programme_id = p.programme_id AND l.sku = p.sku"
    own = table_of(Product)
    sql = (
        f"SELECT {own.select_from('p')} FROM products p WHERE p.programme_id = $1 AND NOT p.withdrawn "
        f"AND p.since = ({last}) AND ($2 = '' OR p.brand = $2) AND ($3 = '' OR p.category = $3) "
        "AND p.number > $4 ORDER BY p.number LIMIT $5"
    )
    return await db.read(Product, sql, programme_id, brand, category, after, limit)


def as_of(rows: Sequence[Product], sku: str, at: datetime) -> Product | None:
    """What a SKU was at an instant."""
    then = [row for row in rows if row.sku == sku and row.since <= at]
    return max(then, key=lambda row: row.since, default=None)


def _asks(loader: Loader, one: Arrived) -> bool:
    return isinstance(one.arrival, OrderPaid) and loader.live.at(one.instant).ruleset.programme.products is not None


def _with(one: Arrived, rows: Sequence[Product]) -> Arrived:
    if not isinstance(one.arrival, OrderPaid):
        return one
    lines = tuple(_lent(line, as_of(rows, line.sku, one.instant)) for line in one.arrival.lines)
    arrival = replace(one.arrival, lines=lines)
    return replace(one, arrival=arrival, body=log.written(arrival)[0])


def _lent(line: Line, product: Product | None) -> Line:
    """A line with what it did not say itself."""
    if product is None:
        return line
    more = {name: getattr(product, name) for name in FILLED if not getattr(line, name)}
    tags = line.tags or tuple(parse(product.tags))
    return replace(line, **more, tags=tags, attributes=parse(product.attributes) or None)


def _select(where: str) -> str:
    own = table_of(Product)
    return f"SELECT {own.select} FROM {own.name} WHERE {where}"
