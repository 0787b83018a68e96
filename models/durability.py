"""Whether what is acknowledged is on disk: the settings of a database on which that hangs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from models.database import Database
from models.sql import Dialect

ON: Final = frozenset({"on"})
# By setting, its values under which a commit that was answered survives a loss of power.
WANTED: Final[Mapping[Dialect, Mapping[str, frozenset[str]]]] = {
    "postgres": {
        "fsync": ON,
        "full_page_writes": ON,
        "synchronous_commit": frozenset({"on", "local", "remote_write", "remote_apply"}),
    },
    "sqlite": {
        "journal_mode": frozenset({"wal", "delete", "truncate", "persist"}),
        "synchronous": frozenset({"2", "3"}),  # FULL and EXTRA.
    },
}


@dataclass(frozen=True, slots=True)
class Weakness:
    """A setting under which an answer may come before what it promises is safe."""

    setting: str
    value: str
    wanted: str


def weaknesses_of(dialect: Dialect, found: Mapping[str, str]) -> list[Weakness]:
    """What of these settings does not keep what was acknowledged."""
    return [
        Weakness(name, found[name], ", ".join(sorted(wanted)))
        for name, wanted in WANTED[dialect].items()
        if found[name] not in wanted
    ]


async def weaknesses(db: Database) -> list[Weakness]:
    """What of the database's own settings does not, as its connections see them now."""
    found = {name: await _setting(db, name) for name in WANTED[db.dialect]}
    return weaknesses_of(db.dialect, found)


async def _setting(db: Database, name: str) -> str:
    if db.dialect == "sqlite":
        (row,) = await db.rows(f"PRAGMA {name}")
        return str(row[name]).lower()
    (row,) = await db.rows("SELECT current_setting($1) AS found", name)
    return str(row["found"])
