"""What PostgreSQL's planner knows of a new table: nothing, until somebody has it analysed."""

from collections import Counter
from contextlib import suppress

import asyncpg

from models.engines.postgres.errors import FAILURES

ROWS_ENOUGH = 1000
UNKNOWN = "SELECT relname FROM pg_class WHERE relname = ANY($1) AND reltuples < 0 AND pg_table_is_visible(oid)"


class Statistics:
    """Has each new table analysed at its first thousand rows.

    The server does so by itself, but only after a minute. Until then the planner takes any index of a programme for as
    good as the primary key, and every foreign key checked reads the whole programme: an import into a new database ran
    four times as slow after ten thousand orders, and slower with each.
    """

    def __init__(self) -> None:
        self._rows: Counter[str] = Counter()

    async def learn(self, inserted: Counter[str], connection: asyncpg.Connection) -> None:
        """So many rows have been committed: have the tables analysed that have enough now, unless somebody has."""
        due = [name for name, rows in inserted.items() if self._rows[name] < ROWS_ENOUGH <= self._rows[name] + rows]
        self._rows += inserted
        if not due:
            return
        with suppress(*FAILURES):  # Somebody else is at it, or the server has gone: it costs time, never rows.
            unknown = await connection.fetch(UNKNOWN, due)
            for (name,) in unknown:
                await connection.execute(f'ANALYZE "{name}"')
