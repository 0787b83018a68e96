"""The catalogue of products, by version: what a SKU was at an instant stays what it was."""

from dataclasses import dataclass
from datetime import datetime

from models.codec import Json
from models.table import Index, table


@table(
    "products",
    key=("programme_id", "sku", "number"),
    unique=(("programme_id", "sku", "since"),),
    append_only=True,
    indexes=(Index("products_number", ("programme_id", "number")),),
    checks=("price >= 0", "warranty_months >= 0"),
)
@dataclass(frozen=True, slots=True)
class Product:
    """What a SKU is from an instant on, until its next version. The first one holds from the beginning."""

    programme_id: int
    sku: str
    since: datetime
    number: int  # Rises with every version: the order in which they are listed.
    title: str
    brand: str
    category: str
    tags: Json  # [tag, …], sorted.
    attributes: Json  # {name: value}, by the programme's JSON Schema.
    price: int | None  # In minor units.
    warranty_months: int | None
    withdrawn: bool
    recorded_at: datetime
    source: str  # Who said so: an import by its file's hash.
