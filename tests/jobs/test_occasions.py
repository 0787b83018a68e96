"""The job of gatherings and draws, done by a worker: lines move up, draws close, and then there is peace."""

from datetime import timedelta

import pytest_asyncio

from jobs.worker import Worker
from loyalty import closings
from loyalty.clockwork import Clockwork
from tests.loyalty.conftest import START, shop_of
from tests.loyalty.occasions import EDITION, PRIZE, SALON, WHEEL, cancel, enter, left, sign_up, states
from tests.loyalty.programme import documents

NAMES = ("lin", "mei", "wei", "bao", "xia")


@pytest_asyncio.fixture
async def shop(db):
    made = await shop_of(
        db, documents(benefits__bag=PRIZE, gatherings__salon=SALON, draws__edition=EDITION, draws__wheel=WHEEL)
    )
    await made.house.db.run("UPDATE programmes SET created_at = $1", START)
    for name in NAMES:
        await made.enrol(name)
    yield made
    await made.prove()


async def unsettled(shop, now):
    live = await shop.house.rulebook.learn(shop.house.db, 1)
    return sorted(await closings.unsettled(Clockwork(shop.house, live, now), now))


async def test_a_worker_lets_the_line_in_ends_gatherings_and_closes_draws_once(shop):
    for name in NAMES:
        await enter(shop, name, "edition")
        await enter(shop, name, "wheel")
    for name in ("lin", "mei", "wei"):
        await sign_up(shop, name)
    await cancel(shop, "lin")
    worker, closed = Worker(shop.house, "one"), START + timedelta(days=8)

    await worker.tick(START + timedelta(minutes=1))
    seated, open_still = await states(shop), await unsettled(shop, START + timedelta(minutes=1))
    await worker.tick(closed)
    events = await shop.count("events")
    await worker.tick(closed + timedelta(minutes=1))

    assert (seated, open_still) == (["cancelled", "signed_up", "signed_up"], [])
    assert await states(shop) == ["cancelled", "missed", "missed"]
    assert await left(shop, "prize:edition/bag") == await left(shop, "prize:wheel/bag") == 0
    assert await shop.count("tickets", "state = 'won'") == 4
    assert await shop.count("tickets", "state = 'open'") == 0
    assert await shop.count("draws") == 2
    assert await shop.count("events") == events
    (job,) = await shop.house.db.rows("SELECT done_at, holder, note FROM jobs WHERE name = 'occasions'")
    assert (job["done_at"], job["holder"], job["note"]) == (closed + timedelta(minutes=1), None, "")


async def test_a_draw_is_asked_about_until_its_last_ticket_is_judged_and_then_no_more(shop):
    await enter(shop, "lin", "edition")
    now = START + timedelta(days=8)
    live = await shop.house.rulebook.learn(shop.house.db, 1)
    own, at = closings.closing(live, now)["edition"]

    before = await unsettled(shop, now)
    await closings.draw(shop.house, live, "edition", own, at)  # And here the worker is killed.
    between = await unsettled(shop, now)
    await Worker(shop.house, "heir").tick(now)

    assert (before, between) == (["edition", "wheel"], ["edition", "wheel"])
    assert await unsettled(shop, now) == []
    assert await states(shop, "tickets") == ["won"]
