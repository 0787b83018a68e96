"""The worker: takes jobs that are due, one lease at a time, and does them in the order they fell due.

A lease is one statement, so any number of workers may run. Killed anywhere, a worker's job is taken by another when the
lease has run out; the events it had sent are known by their keys, so nothing is skipped and nothing happens twice.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from jobs.timetable import SETTLE, Task, timetable
from loyalty.clockwork import Clockwork
from loyalty.house import House
from loyalty.importing import HEARTBEAT_MAX
from loyalty.rulebook import BEGINNING, Live, look
from models.control import Job
from models.errors import DatabaseError
from rules.moments import NEVER

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
REST = timedelta(seconds=5)  # A job that could not end because members were busy is left alone for so long.
LOOK_SECONDS = 1.0
SWEPT = 16  # Instants of one lease after which it is noted how far the job has come.

CLAIM = """
    UPDATE jobs SET holder = $1, lease_until = $2
    WHERE (programme_id, name) IN (
        SELECT j.programme_id, j.name FROM jobs j
        WHERE j.due_at <= $3 AND (j.lease_until IS NULL OR j.lease_until <= $3)
            AND NOT EXISTS (
                SELECT 1 FROM jobs o WHERE o.programme_id = j.programme_id AND o.lease_until > $3)
            AND NOT EXISTS (
                SELECT 1 FROM imports i
                WHERE i.programme_id = j.programme_id AND i.state = 'running' AND i.heartbeat_at > $4)
        ORDER BY j.due_at, j.name LIMIT 1)
    AND (lease_until IS NULL OR lease_until <= $3)
    RETURNING *
"""
KEEP = """
    UPDATE jobs SET lease_until = $4 WHERE programme_id = $1 AND name = $2 AND holder = $3 AND lease_until IS NOT NULL
"""
SOONER = "UPDATE jobs SET due_at = $3 WHERE programme_id = $1 AND name = $2 AND due_at > $3"
SO_FAR = "UPDATE jobs SET due_at = $4 WHERE programme_id = $1 AND name = $2 AND holder = $3 AND lease_until IS NOT NULL"
DONE = """
    UPDATE jobs SET due_at = $4, done_at = $5, note = $6, holder = NULL, lease_until = NULL
    WHERE programme_id = $1 AND name = $2 AND holder = $3
"""


Clock = Callable[[], Awaitable[datetime]]


def database_clock(house: House) -> Clock:
    """The clock all workers share: the database's."""

    async def clock() -> datetime:
        async with house.db.transaction() as connection:
            return await connection.clock()

    return clock


class LeaseLost(Exception):
    """Another worker has the job by now: whatever this one still wanted to do, the other does."""


@dataclass(slots=True)
class Worker:
    """One worker. Its name tells it from the others; the clock is handed in."""

    house: House
    name: str
    clock: Clock | None = None  # Whom a long job asks how late it is; None: time stands still while a tick runs.
    seen: dict[int, int] = field(default_factory=dict)  # Programme → the revision its jobs were written for.

    async def tick(self, now: datetime) -> int:
        """Do everything that is due at `now`; how many jobs that were."""
        await self._enter(now)
        done = 0
        while (job := await self._claim(now)) is not None:
            await self._do(job, now)
            done += 1
        return done

    async def run(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Look every second until cancelled. What goes wrong is told, and tried again when the lease has run out."""
        clock = self.clock or database_clock(self.house)
        while True:
            try:
                await self.tick(await clock())
            except LeaseLost:
                logger.info("lease lost: %s", self.name)
            except DatabaseError:
                logger.exception("the worker could not reach its database")
            except Exception:
                logger.exception("a job failed; it is tried again")
            await sleep(LOOK_SECONDS)

    async def _enter(self, now: datetime) -> None:
        """See to it that every programme's timetable is in the table."""
        await look(self.house.db, self.house.rulebook)
        for live in self.house.rulebook.all():
            if self.seen.get(live.programme_id) != live.revision:
                await self._write_in(live, now)
                self.seen[live.programme_id] = live.revision

    async def _write_in(self, live: Live, now: datetime) -> None:
        tasks = timetable(live)
        (row,) = await self.house.db.rows("SELECT created_at FROM programmes WHERE id = $1", live.programme_id)
        begun = row["created_at"]
        jobs = [
            Job(
                live.programme_id,
                task.name,
                _first(task, live, max(begun, task.since or BEGINNING)),
                None,
                None,
                None,
                "",
            )
            for task in tasks.values()
        ]
        async with self.house.db.transaction() as connection:
            await connection.insert(jobs, on_conflict="ignore")
            for job in await connection.read(Job, "SELECT * FROM jobs WHERE programme_id = $1", live.programme_id):
                if job.name not in tasks:
                    sql = "DELETE FROM jobs WHERE programme_id = $1 AND name = $2"
                    await connection.run(sql, live.programme_id, job.name)
                elif tasks[job.name].moves:
                    due = tasks[job.name].after(live, max(begun, job.done_at or BEGINNING))
                    await connection.run(SOONER, live.programme_id, job.name, due)

    async def _claim(self, now: datetime) -> Job | None:
        async with self.house.db.transaction() as connection:
            jobs = await connection.read(Job, CLAIM, self.name, now + LEASE, now, now - HEARTBEAT_MAX)
        return jobs[0] if jobs else None

    async def _do(self, job: Job, now: datetime) -> None:
        live = await self.house.rulebook.learn(self.house.db, job.programme_id)
        task = timetable(live).get(job.name)
        if task is None:
            await self._keep(job, now + REST)
            return
        due = job.due_at if task.judges else await self._until(live, now)
        clockwork = Clockwork(self.house, live, now, lambda: self._beat(job, now))
        ended, due = await self._sweep(clockwork, task, job) if task.moves else (await task.run(clockwork, due), due)
        if note := clockwork.note():
            logger.error("job %s of %s went on without: %s", job.name, live.name, note)
        if ended:
            # Settling goes on from where it had to stop for a job that judges by the books of its own instant.
            stopped = task.name == SETTLE and due < now
            await self._done(job, due if stopped else task.after(live, due), now, note)
        else:
            await self._keep(job, now + REST)

    async def _sweep(self, clockwork: Clockwork, task: Task, job: Job) -> tuple[bool, datetime]:
        """From one due instant to the next under one lease, as long as no other job judges before: how it ended, and
        at which of them.
        """
        live, now, due, swept = clockwork.live, clockwork.now, job.due_at, 0
        before = min(await self._judging(live, now, besides=job.name), default=NEVER)
        while (ended := await task.run(clockwork, due)) and (later := task.after(live, due)) <= now and later < before:
            due, swept = later, swept + 1
            if swept % SWEPT == 0:
                await self._beat(job, now)
                await self._pass(job, due)
        if not ended:
            await self._pass(job, due)
        return ended, due

    async def _pass(self, job: Job, due: datetime) -> None:
        """Everything before an instant is done."""
        if not await self.house.db.run(SO_FAR, job.programme_id, job.name, self.name, due):
            raise LeaseLost(job.name)

    async def _until(self, live: Live, now: datetime) -> datetime:
        """Now, or the due instant of a job that judges, and waits: it has to see the books of then."""
        return min(await self._judging(live, now), default=now)

    async def _judging(self, live: Live, now: datetime, besides: str = "") -> list[datetime]:
        """When the jobs that judge, and wait, fell due."""
        sql = "SELECT name, due_at FROM jobs WHERE programme_id = $1 AND due_at <= $2"
        judging = {name for name, task in timetable(live).items() if task.judges} - {besides}
        waiting = await self.house.db.rows(sql, live.programme_id, now)
        return [row["due_at"] for row in waiting if row["name"] in judging]

    async def _beat(self, job: Job, now: datetime) -> None:
        await self._keep(job, (await self.clock() if self.clock else now) + LEASE)

    async def _keep(self, job: Job, until: datetime) -> None:
        if not await self.house.db.run(KEEP, job.programme_id, job.name, self.name, until):
            raise LeaseLost(job.name)

    async def _done(self, job: Job, due: datetime, now: datetime, note: str = "") -> None:
        if not await self.house.db.run(DONE, job.programme_id, job.name, self.name, due, now, note):
            raise LeaseLost(job.name)


def _first(task: Task, live: Live, since: datetime) -> datetime:
    return since if task.at_once else task.after(live, since)
