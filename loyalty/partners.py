"""What a partner brand may know of its own co-branded benefits: how many, never whose."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from models.database import Database

COUNTED: Final = """
SELECT benefit, CASE
    WHEN state = 'used' THEN 'used'
    WHEN state IN ('issued', 'reserved') AND (expires_at IS NULL OR expires_at > $3) THEN 'issued'
    ELSE 'expired'
  END AS fate, COUNT(*) AS pieces
FROM entitlements WHERE programme_id = $1 AND partner = $2
  AND (transfer_id IS NOT NULL OR points = 0 OR state = 'reserved')
GROUP BY 1, 2
"""


async def usage(db: Database, programme_id: int, partner: str, now: datetime) -> Mapping[tuple[str, str], int]:
    """How many of each of its benefits are out, used, or over, by benefit and fate."""
    rows = await db.rows(COUNTED, programme_id, partner, now)
    return {(row["benefit"], row["fate"]): int(row["pieces"]) for row in rows}
