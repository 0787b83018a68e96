"""Listens at the database: which statements are sent, in their order, and not with what."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from models.engines.postgres.connection import PostgresConnection
from models.engines.sqlite.connection import SqliteConnection, SqliteReader

HEARD = ("rows", "read", "read_each", "run", "insert", "update", "write")
CLASSES = (SqliteReader, SqliteConnection, PostgresConnection)


@contextmanager
def listening() -> Iterator[list[str]]:
    """What is asked of the database meanwhile; everything goes on as it would."""
    said: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        for kind in CLASSES:
            for name in HEARD:
                if name in vars(kind):
                    patch.setattr(kind, name, heard(vars(kind)[name], said))
        yield said


def heard(method: Any, said: list[str]) -> Any:
    """A method that says what it is asked before it does it."""

    async def asked(self: Any, *args: Any, **more: Any) -> Any:
        said.append(f"{method.__name__} {spelled(args)}")
        return await method(self, *args, **more)

    return asked


def spelled(args: tuple[Any, ...]) -> str:
    """The statement, or the rows by their kind: what is asked, without the values."""
    first = args[1] if len(args) > 1 and isinstance(args[0], type) else args[0]
    if isinstance(first, str):
        return first
    return ", ".join(getattr(one, "where", type(one).__name__) for one in first)
