"""What can go wrong below: a driver's own errors never leave this floor, these do."""

import re
import sqlite3
from typing import Literal

import asyncpg
from tortoise.exceptions import IntegrityError, OperationalError

from models.table import table_named

What = Literal["busy", "deadlock", "guard", "lock", "serialization"]


class DatabaseError(OperationalError):
    """A statement failed, and trying again will not help: a defect of ours."""


class Retryable(DatabaseError):
    """Others were in the way: the same transaction, begun anew, may succeed."""

    def __init__(self, what: What, detail: str = "") -> None:
        super().__init__(f"{what}: {detail}" if detail else what)
        self.what: What = what
        self.detail = detail  # For a guard: the counter's name.


class Unavailable(DatabaseError):
    """The database is gone, full or too slow. What was being committed may or may not have been."""


class ConstraintBroken(DatabaseError, IntegrityError):
    """A row breaks a law of its table; `name` is the law's, the same on both databases."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


_CHECK = re.compile(r"CHECK constraint failed: (?P<name>.+)")
_UNIQUE = re.compile(r"UNIQUE constraint failed: (?P<columns>.+)")
_NULL = re.compile(r"NOT NULL constraint failed: (?P<table>\w+)\.(?P<column>\w+)")
_TYPE = re.compile(r"cannot store \w+ value in \w+ column (?P<table>\w+)\.(?P<column>\w+)")

FOREIGN_KEY = "foreign_key"  # SQLite does not say which one; Connection.insert finds out.


def broken(error: sqlite3.IntegrityError | asyncpg.IntegrityConstraintViolationError) -> str:
    """The name of the constraint an error is about, from either driver."""
    if isinstance(error, sqlite3.IntegrityError):
        return _broken_sqlite(str(error))
    if error.constraint_name:
        return str(error.constraint_name)
    return f"{error.table_name}_{error.column_name}_not_null"


def _broken_sqlite(message: str) -> str:
    if found := _CHECK.fullmatch(message):
        return found["name"]
    if found := _UNIQUE.fullmatch(message):
        table, columns = _columns(found["columns"])
        return _unique_name(table, columns)
    if found := _NULL.fullmatch(message):
        return f"{found['table']}_{found['column']}_not_null"
    if found := _TYPE.fullmatch(message):
        return f"{found['table']}_{found['column']}_type"
    if message == "FOREIGN KEY constraint failed":
        return FOREIGN_KEY
    return message  # A trigger of ours: its message is the name.


def _columns(text: str) -> tuple[str, tuple[str, ...]]:
    pairs = [part.split(".", 1) for part in text.split(", ")]
    return pairs[0][0], tuple(column for _, column in pairs)


def _unique_name(table: str, columns: tuple[str, ...]) -> str:
    """SQLite names the columns of a broken unique constraint; the declaration knows what they are called together."""
    declared = table_named(table)
    if declared is None:
        return "_".join((table, *columns, "key"))
    return declared.unique_name(columns)
