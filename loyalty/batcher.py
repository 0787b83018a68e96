"""Group commit: arrivals that come together share one load and one commit. A batch of one is the special case."""

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from loyalty.access import Caller
from loyalty.events import Arrival
from loyalty.receipts import Receipt
from loyalty.refusals import Throttled

if TYPE_CHECKING:
    from loyalty.house import House

WAIT_SECONDS: Final = 0.003
BATCH_MAX: Final = 256
QUEUE_MAX: Final = 2_000
RETRY_MS: Final = 500


@dataclass(frozen=True, slots=True)
class Waiting:
    """One arrival in the queue, and whoever waits for its receipt."""

    caller: Caller
    arrival: Arrival
    now: datetime | None
    answer: asyncio.Future[Receipt]


class Batcher:
    """One queue a programme. The batch that is being committed gathers the next one meanwhile."""

    def __init__(self, house: "House", programme: str) -> None:
        self._house = house
        self._programme = programme
        self._queue: deque[Waiting] = deque()
        self._running: asyncio.Task[None] | None = None

    async def submit(self, caller: Caller, arrival: Arrival, now: datetime | None = None) -> Receipt:
        """Queue one arrival and wait for its receipt. Throttled when too many are waiting already."""
        if len(self._queue) >= QUEUE_MAX:
            raise Throttled(RETRY_MS)
        answer: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._queue.append(Waiting(caller, arrival, now, answer))
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
            self._house.tasks.add(self._running)
            self._running.add_done_callback(self._house.tasks.discard)
        return await answer

    async def _run(self) -> None:
        await asyncio.sleep(WAIT_SECONDS)
        while self._queue:
            batch = self._next()
            commit = asyncio.ensure_future(self._commit(batch))
            try:
                await asyncio.wait((commit,))  # Whatever became of it, the next batch is somebody else's.
            finally:
                _leave_nobody_waiting(batch, commit)

    def _next(self) -> list[Waiting]:
        """The longest run from the head that shares one clock: only tests hand in theirs."""
        batch = [self._queue.popleft()]
        while self._queue and len(batch) < BATCH_MAX and self._queue[0].now == batch[0].now:
            batch.append(self._queue.popleft())
        return batch

    async def _commit(self, batch: list[Waiting]) -> None:
        from loyalty.intake import receive_all

        pairs = [(one.caller, one.arrival) for one in batch]
        receipts = await receive_all(self._house, self._programme, pairs, now=batch[0].now)
        for one, receipt in zip(batch, receipts, strict=True):
            if not one.answer.done():
                one.answer.set_result(receipt)


def _leave_nobody_waiting(batch: list[Waiting], commit: asyncio.Future[None]) -> None:
    """Who has no receipt hears what went wrong; or that the loop is being closed."""
    failed = commit.exception() if commit.done() and not commit.cancelled() else None
    for one in batch:
        if one.answer.done():
            continue
        if failed is None:
            one.answer.cancel()
        else:
            one.answer.set_exception(failed)
