"""All that is kept of one member, as data: every table that names members, row by row, but for those named here.

It is read from one snapshot, a page at a time, so that it fits into memory however long somebody has been a member.
Numbers of ours are sealed, as they are everywhere outside.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from loyalty import audit, privacy
from loyalty.access import Caller, require
from loyalty.house import House
from loyalty.refusals import Refused
from models.codec import instant_text, parse
from models.database import Reader
from models.members import Member, Personal
from models.sql import select
from models.table import TABLES, Table, table_of

SCOPE: Final = "members:export"
PAGE: Final = 500
ROWS_MAX: Final = 20_000  # Of one answer; the command line writes any amount.

# Tables that name members and are not exported row by row, each with the reason.
LEFT_OUT: Final[Mapping[str, str]] = {
    "personal": "sealed; its values are exported as the profile",
    "identities": "keyed hashes; their kinds are exported as names",
    "codes": "keyed hashes; the codes themselves are exported with the entitlements",
    "claims": "senders' own keys, which say nothing of a member",
    "order_refs": "numbers of orders, which are exported with the orders",
    "pool_invitations": "keyed hashes of a pool's invitations; who came in is exported as the part in a pool",
}
OURS: Final = frozenset(
    {"programme_id", "member_id", "person_id", "position", "revision", "engine", "limit_id", "move_id"}
)
INNER: Final = frozenset({"id", "entries", "hold"})  # Of receipts: numbers of ours.
WHOSE: Final[Mapping[str, str]] = {"pool_members": "person_id"}  # Where a row names another holder than the person.
KINDS: Final[Mapping[str, str]] = {
    "event_id": "event",
    "caused_by": "event",
    "origin_event": "event",
    "order_id": "order",
    "transfer_id": "entry",
    "reverses": "entry",
    "lot_id": "lot",
    "entitlement_id": "entitlement",
    "hold_id": "hold",
}
OWN_KINDS: Final[Mapping[str, str]] = {
    "events": "event",
    "orders": "order",
    "transfers": "entry",
    "lots": "lot",
    "entitlements": "entitlement",
    "holds": "hold",
}

Part = tuple[str, Any]  # The section, and one row of it; or all of a section that is one thing.


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose data, and how it is told."""

    house: House
    programme_id: int
    member_id: int

    def seal(self, kind: str, number: int) -> str:
        """A number of ours, for the outside."""
        return self.house.secrets.seal(kind, self.programme_id, self.member_id, number)


async def note(house: House, caller: Caller, programme_id: int, member_id: int, at: datetime | None) -> None:
    """Write down who exports whose data; before the first row leaves. Raises Forbidden."""
    if caller.member_id != member_id or "member" not in caller.scopes:
        require(caller, SCOPE)
    async with house.db.transaction() as tx:
        change = audit.Change("member.export", f"member {member_id}", at or await tx.clock())
        await audit.record(tx, programme_id, caller, change)


async def parts(house: House, programme_id: int, member_id: int) -> AsyncIterator[Part]:
    """Everything, part by part: sections that are one thing first, then rows. NOT_FOUND where there is no member."""
    async with house.db.snapshot(patient=True) as reader:
        for holder in await _holders(reader, programme_id, member_id):
            subject = Subject(house, programme_id, holder)
            if holder == member_id:
                yield "member", _told(subject, table_of(Member), await _member(reader, programme_id, member_id))
                yield "profile", await _profile(subject, reader)
                yield "names", await _names(reader, programme_id, member_id)
            for table in exported():
                async for row in _rows(reader, table, programme_id, holder):
                    yield table.name, _told(subject, table, row)


def exported() -> list[Table]:
    """The tables that are exported row by row: all that name members, but for those that are left out."""
    return [own for name, own in sorted(TABLES.items()) if "member_id" in own.names and name not in LEFT_OUT]


async def whole(house: House, programme_id: int, member_id: int, most: int = ROWS_MAX) -> dict[str, Any]:
    """The same as one document; EXPORT_TOO_LARGE where that would be more than `most` rows."""
    found: dict[str, Any] = {own.name: [] for own in exported()}
    rows = 0
    async for section, told in parts(house, programme_id, member_id):
        if isinstance(found.get(section), list):
            found[section].append(told)
            rows += 1
        else:
            found[section] = told
        if rows > most:
            raise Refused("EXPORT_TOO_LARGE", most=most)
    return found


async def _holders(reader: Reader, programme_id: int, member_id: int) -> list[int]:
    """The member, and the accounts that have gone into it."""
    sql = "SELECT id FROM members WHERE programme_id = $1 AND (id = $2 OR merged_into = $2) ORDER BY id"
    found = [int(row["id"]) for row in await reader.rows(sql, programme_id, member_id)]
    if member_id not in found:
        raise Refused("NOT_FOUND")
    return [member_id, *(one for one in found if one != member_id)]


async def _member(reader: Reader, programme_id: int, member_id: int) -> Any:
    where = select(table_of(Member), "programme_id = $1 AND id = $2")
    return (await reader.read(Member, where, programme_id, member_id))[0]


async def _profile(subject: Subject, reader: Reader) -> dict[str, Any]:
    where = select(table_of(Personal), "programme_id = $1 AND member_id = $2")
    rows = await reader.read(Personal, where, subject.programme_id, subject.member_id)
    if not rows:
        return {"values": {}, "preferences": []}
    (row,) = rows
    return {
        "values": privacy.unseal(subject.house.secrets, row),
        "preferences": parse(row.preferences) if row.preferences else [],
    }


async def _names(reader: Reader, programme_id: int, member_id: int) -> list[str]:
    sql = "SELECT kind FROM identities WHERE programme_id = $1 AND member_id = $2 ORDER BY kind"
    return [row["kind"] for row in await reader.rows(sql, programme_id, member_id)]


async def _rows(reader: Reader, table: Table, programme_id: int, member_id: int) -> AsyncIterator[Any]:
    """All rows of one member, by key, a page at a time."""
    keys = [name for name in table.key if name not in ("programme_id", "member_id")]
    order, whose = ", ".join(f'"{name}"' for name in keys), WHOSE.get(table.name, "member_id")
    last: Sequence[Any] = ()
    while True:
        marks = ", ".join(f"${number}" for number in range(3, 3 + len(last)))
        after = f" AND ({order}) > ({marks})" if last else ""
        sql = (
            f"SELECT {table.select} FROM {table.name} WHERE programme_id = $1 AND {whose} = $2{after} "
            f"ORDER BY {order} LIMIT {PAGE}"
        )
        found = await reader.read(table.row, sql, programme_id, member_id, *last)
        for row in found:
            yield row
        if len(found) < PAGE:
            return
        last = [getattr(found[-1], name) for name in keys]


def _told(subject: Subject, table: Table, row: Any) -> dict[str, Any]:
    """A row as the outside reads it: numbers sealed, times as text, JSON as data."""
    told: dict[str, Any] = {}
    for column in table.columns:
        value = getattr(row, column.name)
        if column.name in OURS or value is None:
            continue
        if column.name == "id":
            if table.name in OWN_KINDS:
                told["id"] = subject.seal(OWN_KINDS[table.name], value)
        elif column.name in KINDS:
            told[column.name.removesuffix("_id")] = subject.seal(KINDS[column.name], value)
        else:
            told[column.name] = _outside(parse(value)) if column.kind == "json" else _plain(value)
    if table.name == "entitlements":
        told["code"] = subject.house.secrets.code_of(subject.programme_id, row.id)
    return told


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant_text(value)
    return value.isoformat() if isinstance(value, date) else value


def _outside(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _outside(held) for key, held in value.items() if key not in INNER}
    return [_outside(held) for held in value] if isinstance(value, list | tuple) else value
