"""A database that may lose what was acknowledged is told from one that keeps it."""

from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from models.database import Database
from models.durability import WANTED, Weakness, weaknesses, weaknesses_of
from models.sql import Dialect

SAFE: dict[Dialect, dict[str, str]] = {
    "postgres": {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"},
    "sqlite": {"journal_mode": "wal", "synchronous": "2"},
}


async def careless(url: str, dialect: Dialect) -> str:
    """The address of the same database with its carefulness turned down."""
    if dialect == "sqlite":
        return f"{url}?synchronous=NORMAL"
    connection = await asyncpg.connect(urlsplit(url).geturl())
    try:
        await connection.execute(f'ALTER DATABASE "{urlsplit(url).path[1:]}" SET synchronous_commit = off')
    finally:
        await connection.close()
    return url


async def test_a_database_as_we_open_it_keeps_what_it_acknowledged(db: Database):
    assert await weaknesses(db) == []


async def test_one_whose_commits_do_not_wait_for_the_disk_is_found_out(database_url: str, dialect: Dialect):
    db = await Database.open(await careless(database_url, dialect))
    try:
        found = await weaknesses(db)
    finally:
        await db.close()

    off = {
        "sqlite": Weakness("synchronous", "1", "2, 3"),
        "postgres": Weakness("synchronous_commit", "off", "local, on, remote_apply, remote_write"),
    }
    assert found == [off[dialect]]


@pytest.mark.parametrize(
    ("dialect", "setting", "value"),
    [
        ("postgres", "fsync", "off"),
        ("postgres", "full_page_writes", "off"),
        ("postgres", "synchronous_commit", "off"),
        ("sqlite", "synchronous", "0"),
        ("sqlite", "synchronous", "1"),
        ("sqlite", "journal_mode", "off"),
        ("sqlite", "journal_mode", "memory"),
    ],
)
def test_each_setting_counts_by_itself(dialect: Any, setting: str, value: str):
    found = weaknesses_of(dialect, SAFE[dialect] | {setting: value})

    assert [(one.setting, one.value) for one in found] == [(setting, value)]
    assert weaknesses_of(dialect, SAFE[dialect]) == []
    assert WANTED[dialect].keys() == SAFE[dialect].keys()
