"""Points from one member to another: two events, one transaction, nothing made and nothing lost on the way."""

import pytest

from loyalty import log
from loyalty.arrived import Arrived
from loyalty.book import Book
from loyalty.events import MemberRef, PointsReceived, PointsTransfer
from loyalty.flush import flush
from loyalty.fold import fold
from loyalty.handlers import HANDLERS
from loyalty.intake import keys_of, take_queued
from loyalty.load import load
from loyalty.numbers import Numbers
from loyalty.points import BALANCE_MAX
from loyalty.reading import Loader
from loyalty.verify import verify
from loyalty.wanted import Wanted
from models.members import Member
from tests.loyalty.conftest import ADMIN, Shop, ref
from tests.loyalty.test_points import NOTHING, rich


async def test_points_move_with_the_life_they_have_left(shop: Shop) -> None:
    await rich(shop, "lin", 300)
    await shop.enrol("wang")

    receipt = await shop.one(PointsTransfer("t", ref("lin"), ref("wang"), "points", 120), caller=ADMIN)

    assert receipt.changes["points"] == {"points": {"available": -120}}
    assert await shop.wallet("lin") == NOTHING | {"available": 180}
    assert await shop.wallet("wang") == NOTHING | {"available": 120}
    lots = await shop.house.db.rows("SELECT amount, expires_at FROM lots WHERE wallet = 'points' ORDER BY amount")
    assert lots[0]["expires_at"] == lots[1]["expires_at"]
    transit = await shop.house.db.rows(
        "SELECT sum(CASE WHEN credit = 'transit' THEN amount ELSE 0 END) AS put, "
        "sum(CASE WHEN debit = 'transit' THEN amount ELSE 0 END) AS taken FROM transfers"
    )
    assert (int(transit[0]["put"]), int(transit[0]["taken"])) == (120, 120)
    assert await shop.count("events", "kind = 'points.received' AND state = 'accepted' AND caused_by IS NOT NULL") == 1


async def test_what_is_not_there_or_has_no_receiver_does_not_move(shop: Shop) -> None:
    await rich(shop, "lin", 100)
    await shop.enrol("wang")

    too_much = await shop.one(PointsTransfer("a", ref("lin"), ref("wang"), "points", 101), caller=ADMIN)
    nobody = await shop.one(PointsTransfer("b", ref("lin"), ref("zhao"), "points", 10), caller=ADMIN)
    oneself = await shop.one(PointsTransfer("c", ref("lin"), ref("lin"), "points", 10), caller=ADMIN)

    assert [answer.code for answer in (too_much, nobody, oneself)] == [
        "INSUFFICIENT_POINTS",
        "MEMBER_UNKNOWN",
        "NOT_TO_ONESELF",
    ]
    assert await shop.wallet("lin") == NOTHING | {"available": 100}
    assert await shop.count("events", "kind = 'points.received'") == 0


async def test_what_cannot_be_spent_cannot_be_passed_on_either(shop: Shop) -> None:
    await rich(shop, "lin", 100)
    await shop.enrol("wang")

    answer = await shop.one(PointsTransfer("a", ref("lin"), ref("wang"), "growth", 100), caller=ADMIN)

    assert (answer.code, answer.params["wallet"]) == ("WALLET_NOT_SPENDABLE", "growth")
    assert await shop.wallet("lin", "growth") == NOTHING | {"available": 100}
    assert await shop.wallet("wang", "growth") == NOTHING


async def test_the_log_of_a_transfer_names_the_receiver_by_id(shop: Shop) -> None:
    await rich(shop, "lin", 100)
    await shop.enrol("wang")
    await shop.one(PointsTransfer("t", ref("lin"), ref("wang"), "points", 10), caller=ADMIN)

    rows = await shop.house.db.rows("SELECT body FROM events WHERE kind = 'points.transfer'")

    assert "wang" not in rows[0]["body"]
    assert f'"to":{{"id":{await shop.member_id("wang")}}}' in rows[0]["body"]


async def give_to_one_who_is_not_in_the_batch(shop: Shop, giver: str, receiver: str, points: int) -> None:
    """The giver's side alone: what another member is brought by somebody else's batch."""
    live = await shop.house.rulebook.programme(shop.house.db, "story")
    wish = PointsTransfer("t", MemberRef(), MemberRef(id=await shop.member_id(receiver)), "points", points)
    async with shop.house.db.transaction() as tx:
        book = Book(live.programme_id, live, keys_of(shop.house, live.programme_id), shop.now)
        loader = Loader(tx, book, live)
        number, for_other = await tx.draw("event", 2)
        body = log.addressed(log.written(wish)[0], wish.to.id or 0)
        times = (shop.now, shop.now, shop.now)
        one = Arrived(wish, number, await shop.member_id(giver), "client:pos", *times, body, "")
        await loader.rows(Member, "id = $2", one.holder)
        await load(loader, [one], Wanted([one.holder], whole=True))
        (receipt,) = fold(book, [one], Numbers(iter(await tx.draw("position", 1)), iter([for_other])))
        await flush(tx, book, number)
    assert receipt.ok


async def test_what_was_queued_for_a_member_is_taken_by_the_worker_once(shop: Shop) -> None:
    await rich(shop, "lin", 100)
    await shop.enrol("wang")
    await give_to_one_who_is_not_in_the_batch(shop, "lin", "wang", 10)
    assert await shop.count("events", "state = 'queued'") == 1
    assert await shop.wallet("wang") == NOTHING

    taken = [await take_queued(shop.house, "story", now=shop.now) for _ in range(2)]

    assert taken == [1, 0]
    assert await shop.wallet("lin") == NOTHING | {"available": 90}
    assert await shop.wallet("wang") == NOTHING | {"available": 10}
    assert await shop.count("events", "state = 'queued'") == 0


async def test_what_was_queued_and_cannot_be_folded_is_no_progress(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await rich(shop, "lin", 100)
    await shop.enrol("wang")
    await give_to_one_who_is_not_in_the_batch(shop, "lin", "wang", 10)

    with monkeypatch.context() as broken:
        broken.setitem(HANDLERS, PointsReceived, lambda *_: 1 // 0)
        taken = await take_queued(shop.house, "story", now=shop.now)  # Else the worker would try for ever.

    assert taken == 0
    assert await shop.wallet("wang") == NOTHING
    assert await take_queued(shop.house, "story", now=shop.now) == 1
    assert await shop.wallet("wang") == NOTHING | {"available": 10}


async def test_points_received_in_a_batch_can_be_passed_on_in_it(shop: Shop) -> None:
    await rich(shop, "lin", 100)
    for name in ("wang", "zhao"):
        await shop.enrol(name)

    receipts = await shop.send(
        PointsTransfer("a", ref("lin"), ref("wang"), "points", 60),
        PointsTransfer("b", ref("wang"), ref("zhao"), "points", 50),
        PointsTransfer("c", ref("wang"), ref("zhao"), "points", 11),
        caller=ADMIN,
    )

    assert [receipt.code for receipt in receipts] == [None, None, "INSUFFICIENT_POINTS"]
    left = {name: (await shop.wallet(name))["available"] for name in ("lin", "wang", "zhao")}
    assert left == {"lin": 40, "wang": 10, "zhao": 50}


async def status(shop: Shop, name: str, status: str) -> None:
    await shop.house.db.run("UPDATE members SET status = $1 WHERE id = $2", status, await shop.member_id(name))


async def test_a_receiver_who_was_frozen_meanwhile_has_the_points(shop: Shop) -> None:
    await rich(shop, "lin", 100)
    await shop.enrol("wang")
    await give_to_one_who_is_not_in_the_batch(shop, "lin", "wang", 10)
    await status(shop, "wang", "frozen")

    taken = await take_queued(shop.house, "story", now=shop.now)

    assert taken == 1
    assert await shop.wallet("wang") == NOTHING | {"available": 10}
    await status(shop, "wang", "active")


@pytest.mark.parametrize(("gone", "code"), [("erased", "MEMBER_ERASED"), ("merged", "MEMBER_MERGED")])
async def test_what_a_receiver_who_is_gone_cannot_have_comes_back_with_its_life(
    shop: Shop, gone: str, code: str
) -> None:
    await rich(shop, "lin", 100)
    await shop.enrol("wang")
    await give_to_one_who_is_not_in_the_batch(shop, "lin", "wang", 10)
    await status(shop, "wang", gone)

    taken = [await take_queued(shop.house, "story", now=shop.now) for _ in range(3)]

    assert taken == [1, 1, 0]
    assert await shop.wallet("lin") == NOTHING | {"available": 100}
    assert await shop.wallet("wang") == NOTHING
    events = await shop.house.db.rows(
        "SELECT state, receipt FROM events WHERE kind = 'points.received' ORDER BY position"
    )
    assert [row["state"] for row in events] == ["refused", "accepted"]
    assert code in events[0]["receipt"]
    ends = "SELECT DISTINCT expires_at FROM lots WHERE wallet = 'points' AND remaining > 0"
    assert len(await shop.house.db.rows(ends)) == 1
    await status(shop, "wang", "active")


async def points_are_nobodys(shop: Shop) -> None:
    """Ten of Lin's have expired on the way, and that is told once."""
    taken = [await take_queued(shop.house, "story", now=shop.now) for _ in range(4)]

    assert taken == [1, 1, 1, 0]
    assert await shop.wallet("wang") == NOTHING
    rows = await shop.house.db.rows("SELECT member_id, debit, credit, amount FROM transfers WHERE debit = 'transit'")
    lost = {"member_id": await shop.member_id("lin"), "debit": "transit", "credit": "expired", "amount": 10}
    assert rows == [lost]
    assert await shop.count("transfers", "reason = 'undeliverable'") == 1
    states = await shop.house.db.rows("SELECT state FROM events WHERE kind = 'points.received' ORDER BY position")
    assert [row["state"] for row in states] == ["refused", "refused", "accepted"]


@pytest.mark.parametrize("gone", ["erased", "merged"])
async def test_points_expire_where_giver_and_receiver_are_gone(shop: Shop, gone: str) -> None:
    await rich(shop, "lin", 100)
    await shop.enrol("wang")
    await give_to_one_who_is_not_in_the_batch(shop, "lin", "wang", 10)
    for name in ("lin", "wang"):
        await status(shop, name, gone)

    await points_are_nobodys(shop)

    assert (await verify(shop.house.db, 1)).findings == []
    assert await shop.wallet("lin") == NOTHING | {"available": 90}
    for name in ("lin", "wang"):
        await status(shop, name, "active")


async def test_points_expire_where_the_receiver_is_gone_and_the_giver_has_no_room(shop: Shop) -> None:
    await rich(shop, "lin", 100)
    await shop.enrol("wang")
    await give_to_one_who_is_not_in_the_batch(shop, "lin", "wang", 10)
    await status(shop, "wang", "erased")
    lin = await shop.member_id("lin")
    await full(shop, lin, BALANCE_MAX - 90)

    await points_are_nobodys(shop)

    await full(shop, lin, 90 - BALANCE_MAX)
    assert (await verify(shop.house.db, 1)).findings == []
    assert await shop.wallet("lin") == NOTHING | {"available": 90}
    await status(shop, "wang", "active")


async def full(shop: Shop, member: int, more: int) -> None:
    """Fill a wallet by hand: by the door it would take for ever."""
    sql = "UPDATE wallets SET available = available + $2 WHERE member_id = $1 AND wallet = 'points'"
    await shop.house.db.run(sql, member, more)


class Killed(BaseException):
    """The process ends here."""


def killed(*_: object) -> None:
    raise Killed


async def test_a_worker_that_is_killed_in_between_leaves_what_was_queued_to_the_next(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rich(shop, "lin", 100)
    await shop.enrol("wang")
    await give_to_one_who_is_not_in_the_batch(shop, "lin", "wang", 10)

    with monkeypatch.context() as broken:
        broken.setitem(HANDLERS, PointsReceived, killed)
        with pytest.raises(Killed):
            await take_queued(shop.house, "story", now=shop.now)
    assert await shop.count("events", "state = 'queued'") == 1
    taken = [await take_queued(shop.house, "story", now=shop.now) for _ in range(2)]

    assert taken == [1, 0]
    assert await shop.wallet("wang") == NOTHING | {"available": 10}
