"""Publishing under load: every event is decided by the version that was live at its instant, and none is lost."""

import asyncio
from bisect import bisect_right

from tests.faults.conftest import Crew, Worker

VERSIONS = 8


async def test_no_event_is_decided_by_a_version_older_than_its_instant(crew: Crew) -> None:
    await crew.enrol([f"m{number}" for number in range(16)])
    sellers = [{"name": f"seller{number}"} for number in range(crew.processes - 1 or 1)]

    async with crew.at("sell_on", sellers) as selling, crew.at("publishing", [{"versions": VERSIONS}]) as (publisher,):
        for worker in (*selling, publisher):
            await worker.go()
        for version in range(2, VERSIONS + 2):
            assert await publisher.heard() == "published"
            for seller in selling:
                await decided_by(seller, version)
            await publisher.go()
        for seller in selling:
            await seller.go("stop")
        answers = [answer for told in await asyncio.gather(*[seller.told() for seller in selling]) for answer in told]

    assert {answer["state"] for answer in answers} == {"accepted"}
    assert await crew.shop.count("orders") == len(answers) == len({answer["event_id"] for answer in answers})
    db = crew.shop.house.db
    versions = await db.rows("SELECT number, live_from FROM versions ORDER BY live_from, number")
    entries = await db.rows(
        "SELECT t.version, t.amount, t.wallet, e.instant AS occurred_at FROM transfers t JOIN events e "
        "ON e.programme_id = t.programme_id AND e.member_id = t.member_id AND e.id = t.event_id "
        "WHERE t.debit = 'issued'"
    )
    starts = [row["live_from"] for row in versions]
    assert len(versions) == VERSIONS + 1
    for row in entries:
        assert row["version"] == versions[bisect_right(starts, row["occurred_at"]) - 1]["number"]
        assert row["amount"] == 100 * row["version"]
    assert {row["version"] for row in entries} >= set(range(2, VERSIONS + 2))


async def decided_by(seller: Worker, version: int) -> None:
    """Wait until a whole batch of this seller has been decided by a version, at its rate of 100 points each."""
    while int((await seller.heard()).removeprefix("sent ")) < 100 * version:
        pass
