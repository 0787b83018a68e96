"""Rows on their way from one account to another: written by name into the log, and read back as rows of the other.

They keep their own numbers, so that whatever names them finds them again under whoever has them now.
"""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import date, datetime
from typing import Any, Final

from models import codec
from models.table import table_of

OWN: Final = frozenset({"programme_id", "member_id"})
READ: Final = {"datetime": codec.instant, "date": codec.day}
Said = dict[str, Any]


def said(row: Any) -> Said:
    """A row by the names of its columns, without its holder and what is not there."""
    values = ((one.name, getattr(row, one.name)) for one in fields(row) if one.name not in OWN)
    return {name: _written(value) for name, value in values if value is not None}


def read(kind: type[Any], values: Mapping[str, Any], **more: Any) -> Any:
    """The row again, with its new holder and what else is other there. What nobody had thought of then is not there."""
    columns = {column.name: column.kind for column in table_of(kind).columns}
    found = {name: READ.get(columns[name], _same)(value) for name, value in values.items() if name in columns}
    missing = {name: None for name in columns if name not in found and name not in more and name not in _defaults(kind)}
    return kind(**(missing | found | more))


def _defaults(kind: type[Any]) -> frozenset[str]:
    return frozenset(one.name for one in fields(kind) if one.default is not MISSING)


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return codec.instant_text(value)
    return codec.day_text(value) if isinstance(value, date) else value


def _same(value: Any) -> Any:
    return value
