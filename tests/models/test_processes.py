"""Several processes on one database: nothing is lost, nothing is had twice."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from models.database import Database
from models.limits import Counter
from tests.models.lineage import MIGRATIONS
from tests.models.workers import DRAWS, TAKES

ROOT = Path(__file__).parents[2]


async def test_three_processes_take_and_nothing_is_lost(db: Database, database_url: str):
    async with db.transaction() as connection:
        await connection.insert([Counter(1, "seats", 1000, 1000)])

    await together("take", database_url, 3)

    assert await db.rows('SELECT "left" FROM counters') == [{"left": 1000 - 3 * TAKES}]


async def test_a_number_is_drawn_once(db: Database, database_url: str):
    said = await together("draw", database_url, 3)

    for name in ("event", "position"):
        lines = [line.split()[1:] for text in said for line in text.splitlines() if line.startswith(name)]
        drawn = [int(number) for line in lines for number in line]
        assert len(drawn) == 3 * sum(range(1, DRAWS + 1))
        assert len(set(drawn)) == len(drawn)


async def test_a_position_drawn_later_is_higher(db: Database, database_url: str):
    async with db.transaction() as connection:
        before = await connection.draw("position", 5)

    await together("draw", database_url, 1)

    async with db.transaction() as connection:
        after = await connection.draw("position", 5)
    assert after == sorted(after)
    assert after[0] - before[-1] > sum(range(1, DRAWS + 1))


async def test_two_processes_migrate_at_once_and_one_of_them_does_it(empty_database_url: str):
    said = await together("migrate", empty_database_url, 2)

    assert sorted(said) == ["\n", " ".join(MIGRATIONS) + "\n"]


async def together(task: str, url: str, processes: int) -> list[str]:
    """Have a task done by several processes at once; what each of them said."""
    return await asyncio.gather(*[finish(await start(task, url)) for _ in range(processes)])


async def start(task: str, url: str) -> Process:
    """A process at its task."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.models.workers", task, url, cwd=ROOT, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )


async def finish(process: Process) -> str:
    """What it said, once it has ended well."""
    said, complaint = await process.communicate()
    assert process.returncode == 0, complaint.decode()
    return said.decode()
