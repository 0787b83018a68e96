"""A monthly review of everybody, at the size of a large programme: the members are made by the database in a few
statements, through the real tables, and the job of the timetable goes over them as the worker would let it.

Two members in five stand above the lowest level; of them a quarter have bought nothing for ninety days and fall, a
tenth of all. Nobody else is handed to the fold: that the database finds them is measured too, by itself.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_bytes
from typing import Final

from benchmarks import shop
from benchmarks.shop import ADMIN, DEMO, PROGRAMME, PROGRAMME_ID, SECRET, database, dialects
from benchmarks.table import Table
from jobs.timetable import timetable
from loyalty import candidates
from loyalty.clockwork import Clockwork
from loyalty.house import House
from loyalty.publishing import create_programme
from models.sql import Dialect
from rules.files import read_folder

MEMBERS: Final = 20_000
FIRST: Final = 1_000  # Before the first member's id.
FOUNDED: Final = datetime(2025, 1, 1, tzinfo=UTC)
DUE: Final = datetime(2026, 9, 30, 16, 0, tzinfo=UTC)  # The first of October, in Shanghai.
TODAY: Final = (DUE + timedelta(hours=8)).toordinal()
NAMES: Final[dict[Dialect, str]] = {"postgres": "PostgreSQL", "sqlite": "SQLite"}

SERIES: Final[dict[Dialect, str]] = {
    "postgres": "WITH g AS (SELECT n::bigint AS n FROM generate_series(1, $1::bigint) AS s(n))",
    "sqlite": "WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < $1)",
}
DATES: Final[dict[Dialect, str]] = {
    "postgres": "DATE '0001-01-01' + CAST({ordinal} - 1 AS integer)",
    "sqlite": "date('0001-01-01', ({ordinal} - 1) || ' days')",
}
# Two in five are active: their last order is up to 119 days ago; the others' longer, up to 400.
SINCE: Final = "(CASE WHEN n % 5 < 2 THEN n * 7 % 120 ELSE 120 + n * 7 % 280 END)"
LEVEL: Final = "(CASE WHEN n % 5 = 0 THEN {gold} WHEN n % 5 = 1 THEN {silver} ELSE {normal} END)"
TIER: Final = LEVEL.format(gold="'gold'", silver="'silver'", normal="'normal'")
RANK: Final = LEVEL.format(gold=2, silver=1, normal=0)
GROWTH: Final = LEVEL.format(gold=2_600, silver=700, normal=60)  # A day with an order.
MEMBER: Final = f"{PROGRAMME_ID}, n + {FIRST}"

MADE: Final = (
    """INSERT INTO members (programme_id, id, event_id, status, joined_at, clock, locale, profile_complete, orders)
    {series} SELECT {member}, n, 'active', $2, $3, 'zh-CN', TRUE, 2 FROM g""",
    """INSERT INTO wallets (programme_id, member_id, id, wallet, pending, available, held, owed)
    {series} SELECT {member}, n * 4096, 'points', 0, 500, 0, 0 FROM g""",
    """INSERT INTO standings (programme_id, member_id, id, ladder, tier, rank, since, move_id, reviewed_at)
    {series} SELECT {member}, n * 4096, 'grade', {tier}, {rank}, $2, n * 4096, $3 FROM g""",
    """INSERT INTO standings (programme_id, member_id, id, ladder, tier, rank, since, move_id, reviewed_at)
    {series} SELECT {member}, n * 4096 + 1, 'layer', 'base', 0, $2, n * 4096 + 1, $3 FROM g""",
    """INSERT INTO member_days (programme_id, member_id, id, day, orders, spend, points, first_order, earned, events)
    {series}, days AS (
        SELECT n, {today} - {since} - 30 * back.step AS ordinal FROM g CROSS JOIN
            (SELECT 0 AS step UNION ALL SELECT 1 UNION ALL SELECT 2) back
        WHERE back.step < 2 OR n % 5 < 2
    )
    SELECT {member}, ordinal, {day}, 1, 20000, {growth}, FALSE, '{{"growth":' || {growth} || ',"points":200}}', '{{}}'
    FROM days""",
)


@dataclass
class Reviewed:
    """How long it took, by part."""

    title: str
    members: int
    candidates: int
    fell: int
    looking: float
    whole: float

    def lines(self) -> Iterator[str]:
        """The table."""
        yield f"  {self.title:<42} {'seconds':>10} {'members a second':>18}"
        for name, seconds, count in (
            ("the database names the candidates", self.looking, self.members),
            ("the whole review", self.whole, self.members),
            ("  of it the fold, by candidate", self.whole - self.looking, self.candidates),
        ):
            yield f"    {name:<40} {seconds:>10.1f} {count / max(seconds, 1e-9):>18,.0f}"
        yield f"    {self.members:,} members, {self.candidates:,} candidates, {self.fell:,} fell"


async def run(*, quick: bool) -> list[Table]:
    """A table a database."""
    members = shop.many(MEMBERS // 10 if quick else MEMBERS)
    return [await _measured(dialect, members) for dialect in await dialects()]


async def _measured(dialect: Dialect, members: int) -> Reviewed:
    async with database(dialect) as url:
        house = await House.open(url, SECRET, token_bytes)
        try:
            await house.db.migrate()
            texts = {path: text for path, (text, _) in read_folder(DEMO).items()}
            await create_programme(house.db, house.rulebook, ADMIN, PROGRAMME, texts, now=FOUNDED)
            await _populate(house, members)
            return await _review(house, members, f"a review of everybody, {NAMES[dialect]}")
        finally:
            await house.close()


async def _populate(house: House, members: int) -> None:
    dialect = house.db.dialect
    before = DUE - timedelta(days=31)
    async with house.db.transaction(patient=True) as connection:
        for template in MADE:
            sql = template.format(
                series=SERIES[dialect],
                member=MEMBER,
                tier=TIER,
                rank=RANK,
                today=TODAY,
                since=SINCE,
                growth=GROWTH,
                day=DATES[dialect].format(ordinal="ordinal"),
            )
            await connection.run(sql, members, *((FOUNDED, before) if "$2" in sql else ()))
    await house.db.client.execute_script("ANALYZE")


async def _review(house: House, members: int, title: str) -> Reviewed:
    live = await house.rulebook.programme(house.db, PROGRAMME)
    began = time.perf_counter()
    named = await _candidates(house)
    looking = time.perf_counter() - began
    clockwork = Clockwork(house, live, DUE + timedelta(minutes=5))
    job = timetable(live)["review.grade"]
    began = time.perf_counter()
    if not await job.run(clockwork, DUE) or clockwork.defects:
        raise RuntimeError(f"the review did not end: {clockwork.note()}")
    whole = time.perf_counter() - began
    (row,) = await house.db.rows("SELECT COUNT(*) AS n FROM standing_moves WHERE reason = 'review'")
    if not int(row["n"]) == named == sum(1 for n in range(1, members + 1) if n % 5 < 2 and n * 7 % 120 >= 90):
        raise RuntimeError(f"{row['n']} members fell of {named} candidates")
    return Reviewed(title, members, named, int(row["n"]), looking, whole)


async def _candidates(house: House) -> int:
    """How many a review would hand to the fold."""
    live = await house.rulebook.programme(house.db, PROGRAMME)
    asked = candidates.question(live, "grade", DUE, house.db.dialect, [])
    last, found = 0, 0
    async with house.db.snapshot(patient=True) as reader:
        while rows := await reader.rows(asked.sql, *asked.args(PROGRAMME_ID, last)):
            found += sum(bool(row["moves"]) for row in rows)
            last = int(rows[-1]["member_id"])
    return found
