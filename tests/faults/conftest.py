"""A shop with several processes at work in it. They begin together, when the test says so."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from secrets import token_bytes
from typing import Any

import pytest_asyncio

from loyalty.events import PointsAdjust
from loyalty.house import House
from loyalty.publishing import create_programme
from models.database import Database
from models.sql import Dialect
from tests.faults.programme import campaigning, claimed, files, sought
from tests.faults.workers import ADMIN
from tests.loyalty.conftest import SECRETS, Shop, ref
from tests.property.programme import rich_documents

ROOT = Path(__file__).parents[2]


@dataclass
class Worker:
    """One process at its task."""

    process: Process

    async def heard(self) -> str:
        """Its next line."""
        assert self.process.stdout is not None
        line = (await self.process.stdout.readline()).decode().rstrip("\n")
        if not line:
            assert self.process.stderr is not None
            raise AssertionError((await self.process.stderr.read()).decode()[-4_000:])
        return line

    async def go(self, word: str = "go") -> None:
        """Tell it to begin, or to go on."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n".encode())
        await self.process.stdin.drain()

    async def told(self) -> list[dict[str, Any]]:
        """What became of its work, when it has ended; lines on the way are passed over."""
        while not (line := await self.heard()).startswith("["):
            pass
        found: list[dict[str, Any]] = json.loads(line)
        assert await self.process.wait() == 0
        return found


@dataclass
class Crew:
    """The shop of a test, and the processes that can be set to work in it."""

    shop: Shop
    url: str
    processes: int

    @asynccontextmanager
    async def at(self, task: str, args: Sequence[dict[str, Any]], run: str = "one") -> AsyncIterator[list[Worker]]:
        """A process for each set of arguments, every one of them ready; none outlives the block."""
        workers = [await self._start(run, task, one) for one in args]
        try:
            if run == "one":
                for worker in workers:
                    assert (await worker.heard()).startswith("ready")
            yield workers
        finally:
            for worker in workers:
                if worker.process.returncode is None:
                    worker.process.kill()
                    await worker.process.wait()

    async def all(self, task: str, **args: Any) -> list[list[dict[str, Any]]]:
        """Have a task done by all processes at the same time; the answers of each."""
        named = [{**args, "name": f"{task}{number}", "turn": number % 3} for number in range(self.processes)]
        async with self.at(task, named) as workers:
            for worker in workers:
                await worker.go()
            return list(await asyncio.gather(*[worker.told() for worker in workers]))

    async def _start(self, run: str, task: str, args: dict[str, Any]) -> Worker:
        command = (sys.executable, "-m", "tests.faults.workers", run, task, self.url, json.dumps(args))
        pipes = {"stdin": PIPE, "stdout": PIPE, "stderr": PIPE, "limit": 2**24}
        return Worker(await asyncio.create_subprocess_exec(*command, cwd=ROOT, **pipes))  # type: ignore[arg-type]

    async def enrol(self, names: Sequence[str], points: Sequence[int] = ()) -> None:
        """Members, with points to spend."""
        for name in names:
            await self.shop.enrol(name)
        gifts = [
            PointsAdjust(self.shop.key(), ref(name), "points", many, "a start")
            for name, many in zip(names, points, strict=False)
            if many
        ]
        await self.shop.send(*gifts, caller=ADMIN)


async def open_crew(db: Database, url: str, dialect: Dialect, documents: dict[str, str]) -> Crew:
    """A shop of these documents, whose clock is the database's."""
    house = House(db, SECRETS, token_bytes)
    await create_programme(db, house.rulebook, ADMIN, "story", documents)
    async with db.transaction() as connection:
        now = await connection.clock()
    return Crew(Shop(house, now), url, 4 if dialect == "postgres" else 2)


def crew_of(documents: Callable[[], dict[str, str]]) -> Any:
    """A fixture: processes in a shop of these documents; whatever they did, the books prove."""

    @pytest_asyncio.fixture
    async def opened(db: Database, database_url: str, dialect: Dialect) -> AsyncIterator[Crew]:
        made = await open_crew(db, database_url, dialect, documents())
        yield made
        await made.shop.prove()

    return opened


# Processes in a shop without shared counters.
crew = crew_of(files)
# Processes in a shop where much follows from what falls due.
following = crew_of(rich_documents)
# Processes in a shop with a budget and a stock that all members share.
sharing = crew_of(partial(files, shared=True))
# Processes in a shop whose benefits are free to take, and never enough for everybody.
claiming = crew_of(claimed)
# Processes in a shop whose campaigns are capped for all members together, with a part kept for gold.
campaign = crew_of(campaigning)
# Processes in a shop with a gathering and a draw that cannot serve everybody.
seeking = crew_of(sought)
