"""Everything that happened to a member, newest first: its log, with what each event decided. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from models.codec import parse
from models.database import Database
from models.events import Decision, Event
from models.sql import any_of
from models.table import table_of

NEWEST: Final = 2**63 - 1
REASONS: Final = ("reason", "note")  # Of a body: what whoever did it said about it.


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of a member, and the policies that fired on it, in the order they did."""

    row: Event
    policies: Sequence[str]

    @property
    def said(self) -> str | None:
        """What whoever did it gave as the reason."""
        body: Mapping[str, Any] = parse(self.row.body)
        return next((str(body[name]) for name in REASONS if body.get(name)), None)

    @property
    def refused_by(self) -> str | None:
        """The policy that said no."""
        told = parse(self.row.receipt).get("changes", {}).get("refused_by") or [None]
        first = told[0] if isinstance(told, list) else told
        return first["policy"] if first else None


async def read(db: Database, programme_id: int, member_id: int, before: int | None, limit: int) -> list[Happened]:
    """A page of what happened, newest first, below a position; two statements however long the page."""
    sql = (
        f"SELECT {table_of(Event).select} FROM events WHERE programme_id = $1 AND member_id = $2 "
        "AND position < $3 AND state = 'accepted' ORDER BY position DESC LIMIT $4"
    )
    rows = await db.read(Event, sql, programme_id, member_id, NEWEST if before is None else before, limit)
    decided = (
        f"SELECT {table_of(Decision).select} FROM decisions WHERE programme_id = $1 AND member_id = $2 "
        f"AND {any_of(db.dialect, 'event_id', 3)} ORDER BY id"
    )
    ids = [row.id for row in rows]
    decisions = await db.read(Decision, decided, programme_id, member_id, ids) if ids else []
    fired: dict[int, dict[str, None]] = {}
    for decision in decisions:
        for outcome in parse(decision.outcome):
            if outcome.get("fired"):
                fired.setdefault(decision.event_id, {})[outcome["policy"]] = None
    return [Happened(row, tuple(fired.get(row.id, ()))) for row in rows]
