"""What PostgreSQL's planner knows of a new table: nothing, until somebody has it analysed."""

from collections import Counter
from contextlib import suppress

import asyncpg

from models.engines.postgres.errors import FAILURES

ROWS_ENOUGH = 1000
OUTGROWN = "SELECT relname FROM pg_class WHERE relname = ANY($1) AND reltuples < $2 AND pg_table_is_visible(oid)"


class Statistics:
    """Has a growing table analysed at its first thousand rows, and whenever it has doubled since.

    The server does so by itself, but only after a minute. Until then the planner takes any index of a programme for as
    good as the primary key, and every foreign key checked reads the whole programme: an import into a new database ran
    four times as slow after ten thousand orders, and slower with each.
    """

    def __init__(self) -> None:
        self._rows: Counter[str] = Counter()

    async def learn(self, inserted: Counter[str], connection: asyncpg.Connection) -> None:
        """So many rows have been committed: have those tables analysed that have outgrown what is known of them."""
        due: dict[int, list[str]] = {}
        for name, rows in inserted.items():
            before = self._rows[name]
            self._rows[name] = before + rows
            if mark := _passed(before, before + rows):
                due.setdefault(mark, []).append(name)
        for mark, names in due.items():
            with suppress(*FAILURES):  # Somebody else is at it, or the server has gone: it costs time, never rows.
                for (name,) in await connection.fetch(OUTGROWN, names, mark):
                    await connection.execute(f'ANALYZE "{name}"')


def _passed(before: int, after: int) -> int:
    """The last of 1000, 2000, 4000 … rows that was passed; 0 when none was."""
    mark = ROWS_ENOUGH
    while mark * 2 <= after:
        mark *= 2
    return mark if before < mark <= after else 0
