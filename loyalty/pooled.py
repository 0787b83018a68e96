"""Family pools as they are read: who is in one now."""

from models.database import Database
from models.pools import INVITATION, PoolMember
from models.table import table_of

__all__ = ("INVITATION", "members")


async def members(db: Database, programme_id: int, pool: int) -> list[PoolMember]:
    """Who is in a pool now, in the order they came."""
    own = table_of(PoolMember)
    sql = (
        f"SELECT {own.select} FROM {own.name} WHERE programme_id = $1 AND member_id = $2 AND left_at IS NULL "
        "ORDER BY joined_at, id"
    )
    return await db.read(PoolMember, sql, programme_id, pool)
