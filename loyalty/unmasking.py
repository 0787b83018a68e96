"""Personal values read as they are: by those who hold the scope, with a reason, never without a row of the audit.

The values are read in the transaction that writes the row: who could not be noted has read nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from loyalty import audit, privacy
from loyalty.access import Caller, require
from loyalty.house import House
from loyalty.refusals import Malformed, Refused
from loyalty.shapes import REASON_MAX, text
from models.codec import parse
from models.database import Connection
from models.members import Member, Personal, Traits
from models.sql import select
from models.table import table_of

SCOPE = "members:unmask"
FIELDS_MAX = 20


@dataclass(frozen=True, slots=True)
class Wish:
    """Whose values, which of them, and why. `request` is the sender's own name for it."""

    member_id: int
    fields: Sequence[str]
    reason: str
    request: str


async def unmask(
    house: House, caller: Caller, programme_id: int, wish: Wish, *, now: datetime | None = None
) -> dict[str, str]:
    """These values of a member, by name; what is not filled in is missing. Raises Forbidden, Malformed, NOT_FOUND."""
    require(caller, SCOPE)
    text(REASON_MAX, least=1)(wish.reason.strip(), "/reason")
    if not 0 < len(wish.fields) <= FIELDS_MAX:
        raise Malformed("TOO_MANY", "/fields", most=FIELDS_MAX)
    return await house.unbroken(_unmask(house, caller, programme_id, wish, now))


async def _unmask(house: House, caller: Caller, programme_id: int, wish: Wish, now: datetime | None) -> dict[str, str]:
    async with house.db.transaction() as tx:
        row = await _row(tx, programme_id, wish.member_id)
        values = await _attributes(tx, programme_id, wish.member_id)
        values |= privacy.unseal(house.secrets, row) if row is not None else {}
        found = {name: values[name] for name in wish.fields if name in values}
        at, shown = now or await tx.clock(), {"fields": sorted(set(wish.fields))}
        target = f"member {wish.member_id}"
        change = audit.Change("member.unmask", target, at, after=shown, note=wish.reason, request_id=wish.request)
        await audit.record(tx, programme_id, caller, change)
    return found


async def _attributes(tx: Connection, programme_id: int, member_id: int) -> dict[str, str]:
    """What is said of it, as text: personal attributes are masked elsewhere like the profile."""
    where = "programme_id = $1 AND member_id = $2"
    rows = await tx.read(Traits, select(table_of(Traits), where), programme_id, member_id)
    return {name: str(value) for row in rows for name, value in parse(row.attributes).items()}


async def _row(tx: Connection, programme_id: int, member_id: int) -> Personal | None:
    there = await tx.read(Member, select(table_of(Member), "programme_id = $1 AND id = $2"), programme_id, member_id)
    if not there or there[0].status in ("merged", "erased"):
        raise Refused("NOT_FOUND")
    where = "programme_id = $1 AND member_id = $2"
    rows = await tx.read(Personal, select(table_of(Personal), where), programme_id, member_id)
    return rows[0] if rows else None
