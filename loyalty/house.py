"""A running house: its database, its compiled rulesets, its keys, and the work that is under way."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from loyalty.batcher import Batcher
from loyalty.rulebook import Rulebook
from loyalty.seals import Secrets
from models.database import Database

T = TypeVar("T")
POOL_MAX = 10
Chance = Callable[[int], bytes]  # So many random bytes.


@dataclass(slots=True)
class House:
    """What every verb is given. One a process; the time, settings and chance come in at the doors."""

    db: Database
    secrets: Secrets
    chance: Chance
    rulebook: Rulebook = field(default_factory=Rulebook)
    batchers: dict[str, Batcher] = field(default_factory=dict)
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    # How many may wait for busy members at the same time: half of the connections are for everybody else.
    patience: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(POOL_MAX // 2))

    @classmethod
    async def open(cls, url: str, secret: str, chance: Chance, *, pool_max: int = POOL_MAX) -> "House":
        """Open the database and derive the keys. Raises ValueError when the secret is too short."""
        secrets = Secrets.from_text(secret)
        patience = asyncio.Semaphore(max(1, pool_max // 2))
        return cls(await Database.open(url, pool_max=pool_max), secrets, chance, patience=patience)

    async def close(self) -> None:
        """Finish what is under way, then close the database."""
        while self.tasks:
            await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.db.close()

    def batcher(self, programme: str) -> Batcher:
        """The batcher of a programme: what arrives together shares one commit."""
        return self.batchers.setdefault(programme, Batcher(self, programme))

    async def unbroken(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a unit of work in a task of its own: a client that hangs up cannot break it in the middle."""
        return await asyncio.shield(self.start(work))

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run a unit of work in a task of its own, which `close` waits for."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task
