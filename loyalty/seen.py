"""What orders have named so far: stores, channels, products … as options for whoever writes a policy.

Looked up in a sample of the newest members' orders: an editor needs what is common, soon, not everything at last.
"""

from collections import Counter
from collections.abc import Mapping

from models.database import Database

ROWS_MAX = 2_000
OPTIONS_MAX = 100
SEVERAL = 2  # What one order alone named may be a code of somebody's own: such a column shows what several have.
OWN = frozenset({"coupon"})
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "orders": ("channel", "store", "payment", "currency", "coupon"),
    "order_lines": ("sku", "brand", "category"),
}
# Which column a variable takes its values from.
SEEN: Mapping[str, str] = {
    "order_channel": "channel",
    "order_store": "store",
    "order_payment": "payment",
    "order_currency": "currency",
    "order_coupon": "coupon",
    "line_sku": "sku",
    "line_brand": "brand",
    "line_category": "category",
    "order_skus": "sku",
    "order_brands": "brand",
    "order_categories": "category",
}


async def options(db: Database, programme_id: int) -> dict[str, list[str]]:
    """Values by variable, the most frequent first."""
    found = {column: values for table in COLUMNS for column, values in (await _values(db, programme_id, table)).items()}
    return {name: found[column] for name, column in SEEN.items() if found[column]}


async def _values(db: Database, programme_id: int, table: str) -> dict[str, list[str]]:
    columns = COLUMNS[table]
    sql = (
        f"SELECT {', '.join(columns)} FROM {table} WHERE programme_id = $1 "
        f"ORDER BY member_id DESC, id DESC LIMIT {ROWS_MAX}"
    )
    rows = await db.rows(sql, programme_id)
    return {column: _common(column, Counter(str(row[column]) for row in rows if row[column])) for column in columns}


def _common(column: str, counted: Counter[str]) -> list[str]:
    least = SEVERAL if column in OWN else 1
    ranked = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return [value for value, times in ranked[:OPTIONS_MAX] if times >= least]
