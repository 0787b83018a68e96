"""The catalogue: products by SKU as they are now, for whoever belongs to the house or is its member."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from loyalty import catalogue
from loyalty.refusals import Refused
from models.codec import parse
from schema.connections import PAGE, After, Connection, First, connect, page
from schema.money import Money, money
from schema.needs import field, says
from schema.reader import Info, Reader
from schema.scalars import JSON

NEEDS = "member or members:read or rules:read"


@strawberry.type(description="A product of the catalogue, as it is now.")
class Product:
    """Its last version."""

    sku: str = says("Its number in the shops.")
    title: str = says("What it is called.")
    brand: str = says("Its brand; empty where none is said.")
    category: str = says("Its category, as `programme.json` may name it.")
    tags: list[str] = says("Its tags.")
    attributes: JSON = says("What the programme declares of products, by name.")
    price: Money | None = says("What one costs, as the catalogue says.")
    warranty_months: int | None = says("How long it is guaranteed.")
    withdrawn: bool = says("Whether it is no longer sold.")
    since: datetime | None = says("From when it is so; null from the beginning.")


@strawberry.type
class ProductQuery:
    """What there is to buy."""

    @field(needs=NEEDS, description="Products that are sold now, in the order they came into the catalogue.")
    async def products(
        self,
        info: Info,
        first: First = PAGE,
        after: After = None,
        brand: Annotated[str, strawberry.argument(description="Only of this brand.")] = "",
        category: Annotated[str, strawberry.argument(description="Only of this category.")] = "",
    ) -> Connection[Product] | None:
        """A page by number."""
        reader, asked = info.context, page(first, after, keys=1)
        live = await reader.live()
        last = asked.after[0] if asked.after else 0
        rows = await catalogue.listed(
            reader.house.db, live.programme_id, brand=brand, category=category, after=last, limit=asked.limit
        )
        currency = (await reader.programme()).currency
        return connect(rows, asked, lambda row: (row.number,), lambda row: product_of(row, currency))  # type: ignore[no-any-return]

    @field(needs=NEEDS, description="A product by its SKU, withdrawn or not; NOT_FOUND where there is none.")
    async def product(
        self, info: Info, sku: Annotated[str, strawberry.argument(description="Its number in the shops.")]
    ) -> Product | None:
        """As it is now."""
        reader: Reader = info.context
        live = await reader.live()
        row = (await catalogue.versions(reader.house.db, live.programme_id, [sku])).get(sku)
        if row is None:
            raise Refused("NOT_FOUND")
        return product_of(row, (await reader.programme()).currency)


def product_of(row: Any, currency: str) -> Product:
    """A version as its reader sees it."""
    return Product(
        sku=row.sku,
        title=row.title,
        brand=row.brand,
        category=row.category,
        tags=parse(row.tags),
        attributes=JSON(parse(row.attributes)),
        price=None if row.price is None else money(row.price, currency),
        warranty_months=row.warranty_months,
        withdrawn=row.withdrawn,
        since=None if row.since == catalogue.BEGINNING else row.since,
    )
