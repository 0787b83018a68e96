"""Percentiles on the books: where a declared share of the members begins, asked of all of them in one statement.

A threshold is kept with the instant it was computed as of and its position in the fold. An event reads the last one
that lies before it in both: so replay reads the same, and a late event what held at its instant.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from loyalty.access import Caller
from loyalty.audit import Change, record
from loyalty.book import NOBODY
from loyalty.publishing import owning
from loyalty.rulebook import Live
from loyalty.turn import Turn
from models.database import Connection, Database, Reader
from models.sql import Dialect, clock
from models.thresholds import Threshold
from rules import calendar, metric_windows
from rules.facts import Variable
from rules.metrics import Metric
from rules.percentiles import PARTS_OF_ONE, variable_of
from rules.ruleset import Ruleset

TOP: Final = """
    WITH figures AS (
        SELECT d.member_id, SUM({figure}) AS figure
        FROM member_days d JOIN members m ON m.programme_id = d.programme_id AND m.id = d.member_id
        WHERE d.programme_id = $1 AND d.day BETWEEN $2 AND $3 AND m.status = 'active'
        GROUP BY d.member_id HAVING SUM({figure}) > 0
    ), ranked AS (
        SELECT figure AS value, ROW_NUMBER() OVER (ORDER BY figure DESC) AS place, COUNT(*) OVER () AS members
        FROM figures
    )
    SELECT value, members FROM ranked WHERE place = (members * $4 + {round_up}) / {whole}
"""
NAMED: Final[Mapping[Dialect, str]] = {
    "sqlite": "COALESCE((SELECT value FROM json_each(d.{column}) WHERE key = $5), 0)",
    "postgres": "COALESCE(CAST(CAST(d.{column} AS json) ->> CAST($5 AS text) AS bigint), 0)",
}


@dataclass(frozen=True, slots=True)
class Share:
    """One percentile as a version declares it: what a threshold of it is kept under, and what is ranked by."""

    key: str
    name: str
    parts: int
    metric: Metric


def share_of(ruleset: Ruleset, key: str) -> Share:
    """A declared percentile."""
    declared = ruleset.programme.percentiles[key]
    variable = ruleset.definitions.catalogue.variables[variable_of(key)]
    return Share(key, variable.threshold, declared.parts, ruleset.programme.metrics[declared.of])


# Reading.


def last(turn: Turn, variable: Variable) -> Threshold | None:
    """The threshold an event at this position and instant reads; None where none had been computed for anybody."""
    own = (row for row in turn.book.of(Threshold, NOBODY) if row.name == variable.threshold)
    # A reader stands behind everything, and has no position.
    before = (row for row in own if row.at <= turn.instant and (not turn.position or row.position < turn.position))
    found = max(before, key=lambda row: (row.at, row.position), default=None)
    return found if found is not None and found.members else None


def named(live: Live) -> list[str]:
    """The thresholds that some version's policies, ladders or benefits ask for."""
    return sorted({one.threshold for edition in live.editions for one in _asked(edition.ruleset)})


def _asked(ruleset: Ruleset) -> list[Variable]:
    if not ruleset.programme.percentiles:
        return []
    read = {*ruleset.ladder_needs.variables, *ruleset.benefit_needs.variables}
    for kind in ruleset.kinds:
        read |= ruleset.needs(kind).variables
    variables = ruleset.definitions.catalogue.variables
    return [variables[name] for name in map(variable_of, ruleset.programme.percentiles) if name in read]


async def every(db: Database | Reader, programme_id: int) -> list[Threshold]:
    """All of a programme's: for replay, whose versions are of any time."""
    return await db.read(Threshold, "SELECT * FROM thresholds WHERE programme_id = $1", programme_id)


# Computing.


def now(dialect: Dialect) -> str:
    """Asks the database for its time, the one clock that everybody shares."""
    return f"SELECT {clock(dialect)} AS read_at"


async def compute(db: Database, live: Live, caller: Caller, key: str, at: datetime) -> Threshold:
    """Compute a percentile as of an instant, and keep it; what was computed as of that instant already stands.

    The figures are read beside the intake, with as much time as they take. Only the row is written under the
    programme's own lock: every batch stands wholly before it or after it.
    """
    share = share_of(live.at(at).ruleset, key)
    value, members = await _figures(db, live, share, at)

    async def write(connection: Connection) -> Threshold:
        sql = "SELECT * FROM thresholds WHERE programme_id = $1 AND name = $2 AND at = $3"
        if there := await connection.read(Threshold, sql, live.programme_id, share.name, at):
            return there[0]
        (position,) = await connection.draw("position", 1)
        row = Threshold(live.programme_id, share.name, position, at, value, members)
        await connection.insert([row])
        after = {"as_of": at.isoformat(), "value": value, "members": members}
        change = Change("percentile.compute", f"percentile {key}", await connection.clock(), after=after)
        await record(connection, live.programme_id, caller, change)
        return row

    return await owning(db, live.programme_id, write)


async def _figures(db: Database, live: Live, share: Share, at: datetime) -> tuple[int, int]:
    """Where the share begins, and of how many members."""
    column, name = _column(share.metric, live.at(at).ruleset.programme.main_wallet)
    figure = f"d.{column}" if name is None else NAMED[db.dialect].format(column=column)
    sql = TOP.format(figure=figure, round_up=PARTS_OF_ONE - 1, whole=PARTS_OF_ONE)
    zone = live.at(at).ruleset.zone
    # At the first instant of a period the window is the one that has just ended, as it is for a review.
    days = metric_windows.days_of(
        share.metric, calendar.business_date(at, zone), closing=calendar.is_day_start(at, zone)
    )
    if days is None:
        raise LookupError(f"{share.key} is ranked by a figure whose window is each member's own")
    args: list[Any] = [live.programme_id, *days, share.parts] + ([] if name is None else [name])
    async with db.snapshot(patient=True) as reader:
        rows = await reader.rows(sql, *args)
    return (int(rows[0]["value"]), int(rows[0]["members"])) if rows else (0, 0)


def _column(metric: Metric, main: str) -> tuple[str, str | None]:
    """The column of a member's day that holds the figure, and under which name, where it holds several."""
    if metric.count == "orders":
        return "orders", None
    if metric.sum == "spend":
        return "spend", None
    if metric.sum == "earned":
        return "earned", metric.wallet or main
    return "events", metric.type or ""
