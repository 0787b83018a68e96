"""Draws: tickets by every way there is, prizes never beyond their number, outcomes that anybody can check."""

import pytest
import pytest_asyncio

from loyalty import closings
from loyalty.clockwork import Clockwork
from models.codec import parse
from rules import lots
from tests.loyalty.conftest import shop_of
from tests.loyalty.occasions import EDITION, PRIZE, WHEEL, enter, left, states, tick, words
from tests.loyalty.programme import documents

WON = {
    "title": words("Winning earns", "中奖得分"),
    "on": ["draw.won"],
    "conditions": {"name": "draw_prize", "operator": "equal_to", "value": "bag"},
    "actions": [{"name": "earn_points", "params": {"points": "5", "pending": {"days": 0}}}],
    "examples": [
        {"given": {"draw_prize": "bag"}, "then": [{"earn": "points", "points": 5}]},
        {"given": {"draw_prize": "coupon-10"}, "then": []},
    ],
}
NAMES = ("lin", "mei", "wei", "bao", "xia")


async def opened(db, **draws):
    made = {f"draws__{key}": one for key, one in draws.items()}
    shop = await shop_of(db, documents(benefits__bag=PRIZE, earn__won=WON, **made))
    for name in NAMES:
        await shop.enrol(name)
    return shop


@pytest_asyncio.fixture
async def shop(db):
    made = await opened(db, wheel=WHEEL, edition=EDITION)
    yield made
    await made.prove()


async def held(shop):
    rows = await shop.house.db.rows("SELECT member_id, prize FROM tickets WHERE state = 'won' ORDER BY member_id")
    given = await shop.house.db.rows("SELECT member_id, benefit FROM entitlements ORDER BY member_id")
    assert [(row["member_id"], row["prize"]) for row in rows] == [(row["member_id"], row["benefit"]) for row in given]
    return len(rows)


async def test_a_prize_that_is_certain_is_won_at_once_as_long_as_there_is_one(shop):
    first, second, third = [await enter(shop, name, "wheel") for name in ("lin", "mei", "wei")]

    assert [one.changes["tickets"][-1]["state"] for one in (first, second, third)] == ["won", "won", "lost"]
    assert await held(shop) == 2
    assert await left(shop, "prize:wheel/bag") == 0
    assert [(await shop.wallet(name))["available"] for name in ("lin", "wei")] == [5, 0]
    assert await shop.count("outbox", "kind = 'draw.won'") == 2


async def test_one_ticket_a_day_and_one_win_a_member(shop):
    first = await enter(shop, "lin", "wheel")
    again = await enter(shop, "lin", "wheel")
    shop.later(days=1)
    tomorrow = await enter(shop, "lin", "wheel")

    assert first.changes["tickets"][-1]["state"] == "won"
    assert again.code == "NO_TICKET_NOW"
    assert tomorrow.changes["tickets"][-1]["state"] == "lost"
    assert await left(shop, "prize:wheel/bag") == 1


async def test_what_is_published_of_the_seed_stands_in_the_receipt_of_every_ticket(shop):
    one, other = await enter(shop, "lin", "edition"), await enter(shop, "mei", "edition")
    seed = shop.house.secrets.draw_of(1, "edition", "seed", 0)

    said = {receipt.changes["tickets"][0]["commitment"] for receipt in (one, other)}

    assert said == {lots.commitment(seed)}
    assert shop.house.secrets.draw_of(1, "wheel", "seed", 0) != seed
    assert await shop.count("draws") == 0


async def test_tickets_for_points_come_after_the_free_one_and_only_if_wanted(shop):
    for _ in range(3):
        await shop.behave("lin", "review.written", rating=5)

    free = await enter(shop, "lin", "edition", for_points=True)
    none = await enter(shop, "lin", "edition")
    bought = await enter(shop, "lin", "edition", for_points=True)
    poor = await enter(shop, "lin", "edition", for_points=True)

    assert [free.state, bought.state] == ["accepted", "accepted"]
    assert (none.code, poor.code) == ("NO_TICKET_NOW", "INSUFFICIENT_POINTS")
    rows = await shop.house.db.rows("SELECT source, points FROM tickets ORDER BY id")
    assert [tuple(row.values()) for row in rows] == [("free", 0), ("points", 50)]
    assert (await shop.wallet("lin"))["available"] == 10


async def test_at_the_close_every_ticket_is_judged_once_and_the_seed_is_shown(shop):
    for name in NAMES:
        await enter(shop, name, "edition")

    await tick(shop, days=5)
    before = await states(shop, "tickets")
    await tick(shop, days=3)
    after = await states(shop, "tickets")
    await tick(shop, days=1)

    assert before == ["open"] * 5
    assert sorted(after) == ["lost", "lost", "lost", "won", "won"]
    assert await states(shop, "tickets") == after
    assert await held(shop) == 2
    assert await shop.count("events", "kind = 'clock.draw'") == 5
    (drawn,) = await shop.house.db.rows("SELECT * FROM draws WHERE draw = 'edition'")
    assert lots.commitment(drawn["seed"]) == drawn["commitment"]
    assert drawn["tickets"] == 5


async def test_the_proof_of_a_draw_that_is_closed_holds_and_names_nobody(shop):
    for name in NAMES:
        await enter(shop, name, "edition")
        await enter(shop, name, "wheel")
    live = shop.house.rulebook.known(1, 1)
    early = await closings.proof(shop.house, live, "edition", live.newest.ruleset.draws["edition"])

    await tick(shop, days=8)

    assert early is None
    for key in ("edition", "wheel"):
        proof = await closings.proof(shop.house, live, key, live.newest.ruleset.draws[key])
        assert proof is not None
        assert lots.faults(proof) == []
        assert len(proof["tickets"]) == 5
        assert sum(one["prize"] == "bag" for one in proof["tickets"]) == 2
        ids = {str(await shop.member_id(name)) for name in NAMES}
        assert not any(one["entrant"] in ids for one in proof["tickets"])


async def test_what_is_published_after_the_close_changes_neither_prizes_nor_proof(shop):
    for name in NAMES:
        await enter(shop, name, "edition")
    await tick(shop, days=8)
    fewer = EDITION | {"prizes": [EDITION["prizes"][0] | {"count": 1}]}
    await shop.publish(benefits__bag=PRIZE, earn__won=WON, draws__wheel=WHEEL, draws__edition=fewer)
    live = await shop.house.rulebook.learn(shop.house.db, 1)

    own, _ = closings.declared(live)["edition"]
    proof = await closings.proof(shop.house, live, "edition", own)

    assert proof is not None
    assert [prize.count for prize in live.newest.ruleset.draws["edition"].prizes] == [1]
    assert [prize["count"] for prize in proof["prizes"]] == [2]
    assert lots.faults(proof) == []


async def test_a_draw_that_was_kept_before_a_crash_is_told_as_it_was_kept(shop):
    for name in NAMES:
        await enter(shop, name, "edition")
    shop.later(days=8)
    live = await shop.house.rulebook.learn(shop.house.db, 1)
    own, closed = closings.closing(live, shop.now)["edition"]
    kept = await closings.draw(shop.house, live, "edition", own, closed)  # And here the worker is killed.

    again = await closings.draw(shop.house, live, "edition", own, closed)
    await tick(shop)

    assert again == kept
    won = {row["id"] for row in await shop.house.db.rows("SELECT id FROM tickets WHERE state = 'won'")}
    assert won == {ticket for _, ticket, _ in parse(kept.winners)}


class Killed(Exception):
    """The worker is no more."""


async def test_a_worker_that_died_among_the_outcomes_goes_on_where_it_was(shop, monkeypatch):
    monkeypatch.setattr(closings, "BATCH", 2)
    for name in NAMES:
        await enter(shop, name, "edition")
    shop.later(days=8)
    live, beats = await shop.house.rulebook.learn(shop.house.db, 1), iter([None, Killed()])

    async def beat():
        if (end := next(beats)) is not None:
            raise end

    with pytest.raises(Killed):
        await closings.attend_to(Clockwork(shop.house, live, shop.now, beat), shop.now)
    there = await states(shop, "tickets")
    await tick(shop)
    await tick(shop)

    assert there.count("open") == 3
    assert sorted(await states(shop, "tickets")) == ["lost", "lost", "lost", "won", "won"]
    assert await shop.count("events", "kind = 'clock.draw'") == 5
    assert await held(shop) == 2


async def test_after_the_close_nobody_enters(shop):
    shop.later(days=7)

    assert (await enter(shop, "lin", "edition")).code == "ENTRY_CLOSED"
    assert (await enter(shop, "lin", "nothing")).code == "DRAW_UNKNOWN"
    assert await shop.count("tickets") == 0


async def test_an_order_brings_a_ticket_and_its_return_takes_it_back(db):
    shop = await opened(db, edition=EDITION | {"tickets": {"per_order": {"minimum": "100.00"}}})
    await shop.order("lin", 10_000, "big")
    await shop.order("lin", 9_999, "small")
    await shop.order("mei", 20_000, "kept")

    await shop.one(shop.returned("big"))
    await tick(shop, days=8)

    assert await states(shop, "tickets") == ["void", "won"]
    (drawn,) = await shop.house.db.rows("SELECT tickets FROM draws")
    assert drawn["tickets"] == 1
    await shop.prove()


async def test_a_return_after_the_close_leaves_the_draw_as_it_was(db):
    shop = await opened(db, edition=EDITION | {"tickets": {"per_order": {}}})
    await shop.order("lin", 10_000, "big")
    shop.later(days=7)

    await shop.one(shop.returned("big"))
    await tick(shop, days=1)

    assert await states(shop, "tickets") == ["won"]
    await shop.prove()


async def test_a_prize_won_at_once_with_an_order_stays_when_the_order_goes_back(db):
    shop = await opened(db, wheel=WHEEL | {"tickets": {"per_order": {}}})
    await shop.order("lin", 10_000, "big")

    await shop.one(shop.returned("big"))

    assert await states(shop, "tickets") == ["won"]
    assert await left(shop, "prize:wheel/bag") == 1
    await shop.prove()
