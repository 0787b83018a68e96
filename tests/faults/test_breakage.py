"""One bad event never fails strangers: what breaks in the fold, in the flush or on a lock is answered alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

import asyncpg
import pytest

from loyalty.events import Arrival, MemberEnrolled, PointsRedeem
from loyalty.receipts import Receipt
from models.database import Database
from models.sql import Dialect
from tests.faults.conftest import Crew
from tests.loyalty.conftest import POS, ref

MANY = 256
GOES_ON_SECONDS = 20  # Whoever is not busy is answered long before.
MARKED, POISONED, LOCKED = 40, 100, 200

FORBID = {
    "postgres": "ALTER TABLE orders ADD CONSTRAINT marked CHECK (number <> 'marked')",
    "sqlite": (
        "CREATE TRIGGER marked BEFORE INSERT ON orders WHEN NEW.number = 'marked' "
        "BEGIN SELECT RAISE(ABORT, 'marked'); END"
    ),
}
ALLOW = {"postgres": "ALTER TABLE orders DROP CONSTRAINT marked", "sqlite": "DROP TRIGGER marked"}
EMPTY = "UPDATE lots SET remaining = 0, spent = amount WHERE member_id = $1 AND wallet = 'points'"
REFILL = "UPDATE lots SET remaining = amount, spent = 0 WHERE member_id = $1 AND wallet = 'points'"


@asynccontextmanager
async def locked(url: str, member_id: int) -> AsyncIterator[None]:
    """Somebody else's transaction has the member, until the block ends."""
    connection = await asyncpg.connect(urlsplit(url).geturl())
    try:
        async with connection.transaction():
            await connection.execute("SELECT 1 FROM members WHERE id = $1 FOR NO KEY UPDATE", member_id)
            yield
    finally:
        await connection.close()


async def crowd(crew: Crew) -> list[str]:
    """256 members, in one batch."""
    names = [f"m{number}" for number in range(MANY)]
    shop = crew.shop
    await shop.send(*[MemberEnrolled(shop.key(), (("external", name),), shop.now) for name in names])
    return names


async def mixed(crew: Crew, names: list[str]) -> list[Arrival]:
    """An order of each; one breaks a law of its table, one member's lots are not what its wallet says."""
    shop = crew.shop
    batch: list[Arrival] = [
        shop.paid(name, 10_000, "marked" if n == MARKED else f"o{n}") for n, name in enumerate(names)
    ]
    batch[POISONED] = PointsRedeem(shop.key(), ref(names[POISONED]), "coupon-10")
    return batch


async def test_253_are_answered_while_one_breaks_a_law_one_raises_and_one_is_locked(
    crew: Crew, db: Database, dialect: Dialect, caplog: pytest.LogCaptureFixture
) -> None:
    names = await crowd(crew)
    shop = crew.shop
    await shop.order(names[POISONED], 30_000, "rich")
    shop.later(days=7)
    await shop.settle(names[POISONED])
    poisoned = await shop.member_id(names[POISONED])
    batch = await mixed(crew, names)
    await db.run(FORBID[dialect])
    await db.run(EMPTY, poisoned)

    if dialect == "postgres":
        async with locked(crew.url, await shop.member_id(names[LOCKED])):
            answers = await shop.send(*batch)
    else:
        answers = await shop.send(*batch)

    wrong = {n: answer.code for n, answer in enumerate(answers) if answer.state != "accepted"}
    busy = {LOCKED: "THROTTLED"} if dialect == "postgres" else {}
    assert wrong == {MARKED: "INTERNAL", POISONED: "INTERNAL"} | busy
    assert await shop.count("orders") == MANY - len(wrong) + 1
    for number in (MARKED, POISONED):
        assert answers[number].params["error_id"] in {getattr(line, "error_id", "") for line in caplog.records}
    assert await shop.count("claims", f"key = '{batch[MARKED].key}' OR key = '{batch[POISONED].key}'") == 0

    await db.run(ALLOW[dialect])
    await db.run(REFILL, poisoned)
    again = await shop.send(*batch)
    assert {answer.state for answer in again} == {"accepted"}
    assert [answer.replayed for answer in again] == [n not in wrong for n in range(MANY)]


async def test_the_twin_of_a_busy_event_has_its_answer(crew: Crew, dialect: Dialect) -> None:
    if dialect == "sqlite":
        pytest.skip("SQLite has no lock on a single member")
    shop = crew.shop
    await crew.enrol(["lin", "wang"])
    order = shop.paid("lin", 10_000, "A1")

    async with locked(crew.url, await shop.member_id("lin")):
        answers = await shop.send(order, shop.paid("wang", 10_000, "A2"), order)
    assert [answer.code for answer in answers] == ["THROTTLED", None, "THROTTLED"]

    first, twin = await shop.send(order, order)
    assert (first.state, first.replayed, twin.replayed) == ("accepted", False, True)
    assert await shop.count("orders") == 2


async def test_a_busy_member_whose_past_must_be_read_is_answered_too(
    following: Crew, db: Database, dialect: Dialect
) -> None:
    if dialect == "sqlite":
        pytest.skip("SQLite has no lock on a single member")
    shop = following.shop
    await following.enrol(["lin", "wang"])
    await shop.order("lin", 30_000, "A1")
    shop.later(days=1)
    await shop.order("lin", 30_000, "A2")
    shop.later(days=500)

    async with locked(following.url, await shop.member_id("lin")):
        orders = shop.paid("lin", 10_000, "A3"), shop.paid("wang", 10_000, "A4")
        sending = asyncio.create_task(shop.send(*orders))
        async with asyncio.timeout(GOES_ON_SECONDS):
            while not await shop.count("orders", "number = 'A4'"):
                continue  # The others go on without.
    answers = await sending

    assert [answer.state for answer in answers] == ["accepted", "accepted"]


async def test_nobody_waits_for_members_that_somebody_else_has(crew: Crew, dialect: Dialect) -> None:
    if dialect == "sqlite":
        pytest.skip("SQLite has no lock on a single member")
    shop, names = crew.shop, [f"b{number}" for number in range(6)]
    await crew.enrol([*names, "wang"])
    batcher = shop.house.batcher("story")

    def hand_in(name: str, number: str) -> asyncio.Task[Receipt]:
        return asyncio.create_task(batcher.submit(POS, shop.paid(name, 10_000, number), shop.now))

    async with AsyncExitStack() as held:
        for name in names:
            await held.enter_async_context(locked(crew.url, await shop.member_id(name)))
        busy = [hand_in(name, f"{name}-{number}") for name in names for number in (1, 2)]
        stranger = await hand_in("wang", "A1")
        behind = await hand_in("wang", "A2")  # The queue goes on.
        done = [one.done() for one in busy]
    answers = await asyncio.gather(*busy)

    assert (stranger.state, behind.state) == ("accepted", "accepted")
    assert done == [False] * 12
    # Whoever let go in time was served, in the order of sending.
    assert {answer.state for answer in answers} == {"accepted"}
    positions = await shop.house.db.rows("SELECT order_number, position FROM events WHERE order_number LIKE 'b%'")
    at = {row["order_number"]: row["position"] for row in positions}
    assert all(at[f"{name}-1"] < at[f"{name}-2"] for name in names)


async def test_whoever_stays_busy_is_told_and_others_were_not_kept_waiting(crew: Crew, dialect: Dialect) -> None:
    if dialect == "sqlite":
        pytest.skip("SQLite has no lock on a single member")
    shop = crew.shop
    await crew.enrol(["lin", "wang"])
    batcher = shop.house.batcher("story")

    async with locked(crew.url, await shop.member_id("lin")):
        busy = asyncio.create_task(batcher.submit(POS, shop.paid("lin", 10_000, "A1"), shop.now))
        stranger = await batcher.submit(POS, shop.paid("wang", 10_000, "A2"), shop.now)
        assert (stranger.state, busy.done()) == ("accepted", False)
        answer = await busy

    assert (answer.state, answer.code) == ("failed", "THROTTLED")
    assert await shop.count("orders") == 1
    assert await shop.count("order_refs", "number = 'A1'") == 0
