"""Group commit: arrivals that come together share one load and one commit. A batch of one is the special case."""

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from loyalty.access import Caller
from loyalty.events import Arrival
from loyalty.receipts import Receipt
from loyalty.refusals import Refused, Throttled
from models.errors import Unavailable

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
        self._apart: set[asyncio.Future[Receipt]] = set()  # They wait for busy members, and hold up nobody else.
        self._running: asyncio.Task[None] | None = None

    async def submit(self, caller: Caller, arrival: Arrival, now: datetime | None = None) -> Receipt:
        """Queue one arrival and wait for its receipt. Throttled when too many are waiting already."""
        if len(self._queue) + len(self._apart) >= QUEUE_MAX:
            raise Throttled(RETRY_MS)
        answer: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._queue.append(Waiting(caller, arrival, now, answer))
        if self._running is None or self._running.done():
            self._running = self._house.start(self._run())
        return await answer

    async def _run(self) -> None:
        try:
            await asyncio.sleep(WAIT_SECONDS)
            while self._queue:
                batch = self._next()
                commit = asyncio.ensure_future(self._commit(batch))
                try:
                    await asyncio.wait((commit,))  # Whatever became of it, the next batch is somebody else's.
                finally:
                    self._leave_nobody_waiting(batch, commit)
        finally:
            for one in self._queue:  # The loop is being closed: there is nobody to come for these.
                one.answer.cancel()
            self._queue.clear()

    def _next(self) -> list[Waiting]:
        """The longest run from the head that shares one clock: only tests hand in theirs."""
        batch = [self._queue.popleft()]
        while self._queue and len(batch) < BATCH_MAX and self._queue[0].now == batch[0].now:
            batch.append(self._queue.popleft())
        return batch

    async def _commit(self, batch: list[Waiting]) -> None:
        from loyalty.intake import hand_in

        pairs = [(one.caller, one.arrival) for one in batch]
        answers = await hand_in(self._house, self._programme, pairs, now=batch[0].now)
        for one, answer in zip(batch, answers, strict=True):
            if not isinstance(answer, Receipt):
                self._apart.add(one.answer)
                answer.add_done_callback(partial(self._pass_on, one.answer))
            elif not one.answer.done():
                one.answer.set_result(answer)

    def _pass_on(self, answer: asyncio.Future[Receipt], found: asyncio.Future[Receipt]) -> None:
        self._apart.discard(answer)
        if found.cancelled():
            answer.cancel()
        elif not answer.done():
            answer.set_result(found.result())

    def _leave_nobody_waiting(self, batch: list[Waiting], commit: asyncio.Future[None]) -> None:
        """Who has no receipt is told what went wrong; or that the loop is being closed."""
        failed = commit.exception() if commit.done() and not commit.cancelled() else None
        for one in batch:
            if one.answer.done() or one.answer in self._apart:
                continue
            if failed is None:
                one.answer.cancel()
            elif isinstance(failed, Refused):  # There is no such programme: that is the caller's affair.
                one.answer.set_exception(failed)
            else:
                one.answer.set_result(self._failed(one.arrival, failed))

    def _failed(self, arrival: Arrival, failed: BaseException) -> Receipt:
        from loyalty.intake import internal, unavailable

        if isinstance(failed, Unavailable):
            return unavailable(arrival.key, failed)
        return internal(arrival, self._house.chance(8).hex(), failed)
