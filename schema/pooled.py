"""What a member sees of its family pool: how much, how many, and what is its own part; never who."""

from datetime import datetime

import strawberry

from loyalty import pooled
from loyalty.points import shown as balance_of
from schema.money import shown
from schema.needs import says
from schema.reader import Reader
from schema.scalars import Points


@strawberry.type(description="The family pool a member is in. Of the others only their number is told.")
class Pool:
    """A holder like a member, with a wallet of its own."""

    balance: Points = says("What can be spent from it.")
    members: int = says("How many are in it.")
    mine: Points = says("How many points this member has put in so far.")
    owner: bool = says("Whether this member owns it.")
    joined_at: datetime = says("Since when this member is in it.")


async def pool_of(reader: Reader, member_id: int, pool_id: int | None) -> Pool | None:
    """The pool of a member, settled to the moment of reading."""
    found = await reader.account.load(pool_id) if pool_id is not None else None
    if found is None or pool_id is None:
        return None
    programme = found.turn.programme
    wallet = (programme.pools.wallet if programme.pools else None) or programme.main_wallet
    scale = programme.wallets[wallet].scale
    rows = await pooled.members(reader.house.db, found.member.programme_id, pool_id)
    mine = next((row for row in rows if row.person_id == member_id), None)
    if mine is None:
        return None
    return Pool(
        balance=shown(balance_of(found.wallet(wallet)), scale),
        members=len(rows),
        mine=shown(mine.contributed, scale),
        owner=mine.role == "owner",
        joined_at=mine.joined_at,
    )
