"""The log of many members folded again, and compared with the books: what `verify` calls for each batch of members."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final

from loyalty import thresholds
from loyalty.book import Book
from loyalty.house import House
from loyalty.intake import keys_of
from loyalty.replay import COMPARED, Difference, History, differences, replay
from loyalty.rulebook import Live
from loyalty.verify import Finding
from models.codec import instant_text
from models.database import Database
from models.events import Decision, Event
from models.limits import CounterMove
from models.members import Member
from models.sql import any_of
from models.table import table_of
from models.thresholds import Threshold

AT_ONCE: Final = 100  # Members whose whole history is in memory at a time.
FAULTS_MAX: Final = 5  # Of one member: whatever went wrong first drags the rest along.


@dataclass(frozen=True, slots=True)
class Replayer:
    """Replays members of a house's programmes."""

    house: House

    async def __call__(self, db: Database, programme_id: int, members: list[int]) -> list[Finding]:
        """Fold again what these members did; where the books say otherwise is a finding."""
        found: list[Finding] = []
        for start in range(0, len(members), AT_ONCE):
            some = members[start : start + AT_ONCE]
            rows: dict[type, dict[int, list[Any]]] = {}
            for kind in (*COMPARED, Event):
                rows[kind] = await _rows(db, kind, programme_id, some)
            lives = await self._lives(programme_id, [event for held in rows[Event].values() for event in held])
            shares = await thresholds.every(db, programme_id)
            for member_id in some:
                stands = {kind: held.get(member_id, []) for kind, held in rows.items()}
                found += self._compare(programme_id, member_id, stands, lives, shares)
        return found

    async def _lives(self, programme_id: int, events: Sequence[Event]) -> dict[int, Live]:
        revisions = sorted({event.revision for event in events})
        return {number: await self.house.rulebook.recall(self.house.db, programme_id, number) for number in revisions}

    def _compare(
        self,
        programme_id: int,
        member_id: int,
        stands: dict[type, list[Any]],
        lives: dict[int, Live],
        shares: list[Threshold],
    ) -> Iterator[Finding]:
        events: list[Event] = stands[Event]
        if not events:
            return
        book = Book(programme_id, lives[events[0].revision], keys_of(self.house, programme_id), events[0].received_at)
        book.load(shares)
        history = History(events, _by_event(stands[Decision]), _by_event(stands[CounterMove]))
        try:
            replay(book, history, lives.__getitem__)
        except (ArithmeticError, LookupError) as broken:  # The log does not fold: the books cannot be right.
            yield Finding("REPLAY_FAILED", member_id, type(broken).__name__, "–", str(broken))
            return
        for difference in differences(book, stands, member_id)[:FAULTS_MAX]:
            yield _finding(member_id, difference)


def _finding(member_id: int, difference: Difference) -> Finding:
    subject = f"{difference.table} {'/'.join(map(_said, difference.key))}"
    stands, again = difference.stands, difference.replayed
    if not (is_dataclass(stands) and is_dataclass(again)):
        return Finding("REPLAY", member_id, subject, *("–" if row is None else "1" for row in (again, stands)))
    names = [one.name for one in fields(stands) if getattr(stands, one.name) != getattr(again, one.name)]
    expected, found = (", ".join(f"{name}={_said(getattr(row, name))}" for name in names) for row in (again, stands))
    return Finding("REPLAY", member_id, subject, expected, found)


def _said(value: Any) -> str:
    return instant_text(value) if hasattr(value, "utcoffset") else str(value)


def _by_event(rows: Sequence[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in sorted(rows, key=lambda row: row.id):
        found.setdefault(row.event_id, []).append(row)
    return found


async def _rows(db: Database, kind: type[Any], programme_id: int, members: list[int]) -> dict[int, list[Any]]:
    table = table_of(kind)
    column = "id" if kind is Member else "member_id"
    sql = f"SELECT {table.select} FROM {table.name} WHERE programme_id = $1 AND {any_of(db.dialect, column, 2)}"
    found: dict[int, list[Any]] = {}
    for row in await db.read(kind, sql, programme_id, members):
        found.setdefault(getattr(row, column), []).append(row)
    return found
