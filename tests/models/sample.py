"""Tables of the tests' own, with every kind of column, and a lawful row for any declared table."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from tortoise import fields
from tortoise.models import Model

from models import ddl
from models.codec import Json
from models.connection import Connection
from models.database import Database
from models.table import Foreign, Index, Kind, Table, Unique, table, table_of

AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


@table("holders", key=("programme_id", "id"), partition="id", unique=(("programme_id", "name"),))
@dataclass(frozen=True, slots=True)
class Holder:
    """One who holds notes."""

    programme_id: int
    id: int
    name: str


@table(
    "notes",
    key=("programme_id", "holder_id", "id"),
    partition="holder_id",
    unique=(Unique(("programme_id", "holder_id", "word"), name="notes_word_open", where="answered_at IS NULL"),),
    indexes=(Index("notes_due", ("programme_id", "written_at"), where="answered_at IS NULL"),),
    checks=("weight >= 0", "weight <= most"),
    foreign=(Foreign(("programme_id", "holder_id"), "holders", ("programme_id", "id")),),
)
@dataclass(frozen=True, slots=True)
class Note:
    """One of every kind of value."""

    programme_id: int
    holder_id: int
    id: int
    word: str
    weight: int
    most: int
    is_open: bool
    written_at: datetime
    answered_at: datetime | None
    written_on: date
    seal_bytes: bytes
    facts: Json
    aside: str | None


@table("marks", key=("id", "programme_id"), append_only=True, once=("stamped_at",))
@dataclass(frozen=True, slots=True)
class Mark:
    """Never changed; stamped once."""

    id: int
    programme_id: int
    word: str
    stamped_at: datetime | None


class Word(Model):
    """A model of Tortoise's own, on our engines."""

    id = fields.IntField(primary_key=True)
    text = fields.CharField(max_length=64, unique=True)
    said_at = fields.DatetimeField()

    class Meta:
        table = "words"


def note(number: int, **other: Any) -> Note:
    """A lawful note of holder 1."""
    values: dict[str, Any] = {
        "programme_id": 1, "holder_id": 1, "id": number, "word": f"word {number}", "weight": number, "most": 1000,
        "is_open": number % 2 == 0, "written_at": AT, "answered_at": None, "written_on": date(2026, 11, 21),
        "seal_bytes": b"\x00\xff", "facts": Json('{"a":0.10,"b":"常青"}'), "aside": None,
    }  # fmt: skip
    return Note(**values | other)


async def make(db: Database) -> None:
    """The tests' own tables, with holder 1."""
    for row in (Holder, Note, Mark):
        for statement in ddl.create(table_of(row), db.dialect):
            await db.run(statement)
    async with db.transaction() as connection:
        await connection.insert([Holder(1, 1, "Lin")])


PLAIN: Mapping[Kind, Any] = {
    "int": 1, "str": "x", "bool": True, "datetime": AT, "date": date(2026, 11, 21), "bytes": b"x", "json": Json("{}"),
}  # fmt: skip
# Where 1 in every column of numbers breaks a law of the table.
LAWFUL: Mapping[str, Mapping[str, Any]] = {
    "lots": {"amount": 10, "held": 0, "spent": 0, "expired": 0, "reversed": 0, "claimed": 0},
    "transfers": {"debit": "issued", "credit": "pending"},
}


def lawful(declared: Table, number: int = 1) -> dict[str, Any]:
    """A row that keeps every law of its table, as one holder's `number`th; what it names is number 1 of its table."""
    values = {column.name: PLAIN[column.kind] for column in declared.columns}
    for check in declared.checks:
        if options := re.search(r'^"?(\w+)"? IN \(\'(\w+)\'', check.says):
            values[options[1]] = options[2]
    values |= LAWFUL.get(declared.name, {})
    if number != 1:
        last = declared.key[-1]
        values[last] = number if declared.column(last).kind == "int" else f"x{number}"
    return values


def apart(declared: Table, number: int) -> dict[str, Any]:
    """A lawful row that agrees with the first in nothing unique."""
    values = lawful(declared, number)
    for unique in declared.unique:
        last = unique.columns[-1]
        of_kind = {"int": number, "datetime": datetime(2000 + number, 1, 1, tzinfo=UTC)}
        values[last] = of_kind.get(declared.column(last).kind, f"x{number}")
    return values


async def stand(connection: Connection, declared: Table, tables: Mapping[str, Table]) -> None:
    """Insert the first row of a table, and before it the rows it names."""
    for foreign in declared.foreign:
        await stand(connection, tables[foreign.table], tables)
    await connection.insert([declared.row(**lawful(declared))], on_conflict="ignore")
