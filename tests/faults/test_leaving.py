"""Clients that hang up in mid-work, processes that are killed: nothing half-written or lost, every key settles."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from itertools import cycle
from secrets import token_bytes
from typing import Any

import pytest
import pytest_asyncio

from loyalty.events import Arrival
from loyalty.house import House
from loyalty.intake import receive
from loyalty.receipts import Receipt
from tests.faults.conftest import Crew, Worker
from tests.faults.workers import BATCH, SECRET, definite, orders_of, till

CLIENTS = 48
CYCLES = 24
PATIENCE = 20.0  # Seconds after which a database counts as wedged.


@pytest_asyncio.fixture
async def small(crew: Crew) -> AsyncIterator[House]:
    """A house with two connections: whoever loses them is soon found out."""
    house = await House.open(crew.url, SECRET, token_bytes, pool_max=2)
    await house.rulebook.programme(house.db, "story")
    yield house
    await house.close()


async def test_clients_that_hang_up_leave_whole_events_and_a_usable_house(crew: Crew, small: House) -> None:
    await crew.enrol([f"m{number}" for number in range(BATCH)])
    orders = [order for number in range(CLIENTS // BATCH) for order in orders_of(0, number)]
    caller = till("pos")

    async def ask(number: int, order: Arrival) -> Receipt:
        if number % 2:
            return await small.batcher("story").submit(caller, order)
        return (await receive(small, caller, [order]))[0]

    for number, order in enumerate(orders):
        task = asyncio.ensure_future(ask(number, order))
        for _ in range(number):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled() or task.result().state == "accepted"

    async with asyncio.timeout(PATIENCE):
        answers = [await definite(small, caller, order) for order in orders]
    assert {answer.state for answer in answers} == {"accepted"}
    assert await crew.shop.count("orders") == CLIENTS
    assert await crew.shop.count("claims", "subject = 'client:pos' AND key LIKE '0.%'") == CLIENTS


@pytest.mark.parametrize("grouped", [False, True], ids=["alone", "grouped"])
async def test_what_a_client_began_is_finished_without_it(crew: Crew, small: House, grouped: bool) -> None:
    await crew.enrol(["m0"])
    order = orders_of(2, 1)[0]
    batcher = small.batcher("story")
    asking = batcher.submit(till("pos"), order) if grouped else receive(small, till("pos"), [order])
    client = asyncio.ensure_future(asking)
    begun: list[asyncio.Task[Any]] = []
    for _ in range(CLIENTS):  # Turns of the loop; it takes two or three.
        if not begun:
            await asyncio.sleep(0)
            begun = list(small.tasks)

    client.cancel()
    await asyncio.wait(begun)

    assert client.cancelled()
    assert await crew.shop.count("orders") == 1


async def test_the_queue_goes_on_after_whoever_filled_it_has_gone(crew: Crew, small: House) -> None:
    await crew.enrol([f"m{number}" for number in range(BATCH)])
    caller, orders = till("pos"), orders_of(1, 1)
    waiting = [asyncio.ensure_future(small.batcher("story").submit(caller, order)) for order in orders]
    await asyncio.sleep(0)
    for task in waiting[::2]:
        task.cancel()

    async with asyncio.timeout(PATIENCE):
        stayed = await asyncio.gather(*waiting[1::2])
        gone = [await definite(small, caller, order) for order in orders[::2]]

    assert {answer.state for answer in (*stayed, *gone)} == {"accepted"}
    assert await crew.shop.count("orders") == len(orders)


async def test_who_waits_for_a_batch_that_fails_hears_why(small: House) -> None:
    asked = [small.batcher("nowhere").submit(till("pos"), order) for order in orders_of(1, 1)]

    async with asyncio.timeout(PATIENCE):
        answers = await asyncio.gather(*asked, return_exceptions=True)

    assert {getattr(answer, "code", answer) for answer in answers} == {"NOT_FOUND"}


async def test_what_was_acknowledged_outlives_a_kill_and_what_was_not_settles(crew: Crew) -> None:
    await crew.enrol([f"m{number}" for number in range(BATCH)])
    acknowledged: dict[str, int] = {}
    doubtful: list[tuple[int, int]] = []
    moments = cycle(range(9))

    async with crew.at("until_killed", [{"name": "mortal"}], run="forks") as (parent,):
        for life in range(CYCLES):
            doubtful += await one_life(crew, parent, life, next(moments), acknowledged)

    db = crew.shop.house.db
    rows = await db.rows("SELECT key, event_id FROM claims WHERE subject = 'client:mortal'")
    kept = {row["key"]: row["event_id"] for row in rows}
    assert {key: kept.get(key) for key in acknowledged} == acknowledged
    assert len(acknowledged) >= CYCLES * BATCH // 2
    assert doubtful
    happened = 0
    for life, number in doubtful:
        orders = orders_of(life, number)
        answers = await receive(crew.shop.house, till("mortal"), orders)
        assert {answer.state for answer in answers} == {"accepted"}
        assert len({answer.replayed for answer in answers}) == 1  # The whole batch, or nothing of it.
        happened += answers[0].replayed
    total = len(acknowledged) + len(doubtful) * BATCH
    assert await crew.shop.count("orders") == total
    assert await crew.shop.count("transfers", "credit = 'pending' AND amount = 100") == total


async def one_life(
    crew: Crew, parent: Worker, life: int, moment: int, acknowledged: dict[str, int]
) -> list[tuple[int, int]]:
    """A process writes until it is killed, in the middle of one of its first batches; what it left in doubt."""
    await parent.go(str(life))
    pid = int((await parent.heard()).split()[1])
    sent: set[int] = set()
    while (line := await parent.heard()) != "gone":
        word, number, *keys = line.split()
        if word == "sending":
            sent.add(int(number))
            if int(number) == 2 + life % 3:
                for _ in range(moment):  # A little later each time: at another step of the batch.
                    await crew.shop.house.db.rows("SELECT 1 AS one")
                os.kill(pid, signal.SIGKILL)
        else:
            sent.discard(int(number))
            acknowledged |= {key: int(event) for key, event in (one.split("=") for one in keys)}
    return [(life, number) for number in sent]
