"""What goes wrong at the door is answered by itself: nobody else's event fails of it, and nobody is left waiting."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from loyalty.events import MemberEnrolled, ProfileCompleted
from loyalty.receipts import Receipt
from loyalty.rulebook import Rulebook
from models.errors import DatabaseError, Unavailable
from tests.loyalty.conftest import POS, Shop, ref


@pytest.mark.parametrize("birthday", ["31/12", "2026-02-30", "20261102", "2026-W45-1", "1990-1-2", "٢٠٢٦-٠١-٠١"])
async def test_a_birthday_that_is_no_day_is_turned_away_and_strangers_go_on(shop: Shop, birthday: str) -> None:
    await shop.enrol("wu")
    born = {"birthday": birthday}
    registration = MemberEnrolled(shop.key(), (("external", "lin"),), shop.now, profile=born)
    profile = ProfileCompleted(shop.key(), ref("wu"), shop.now, born)

    bad, order, worse = await shop.send(registration, shop.paid("wu", 10_000, "A1"), profile)

    for answer in (bad, worse):
        assert (answer.state, answer.code) == ("rejected", "INVALID_DATE")
        assert answer.params["field"] == "/profile/birthday"
    assert order.ok
    assert (await shop.wallet("wu"))["pending"] == 100
    assert (await shop.count("members"), await shop.count("personal"), await shop.count("orders")) == (1, 0, 1)
    assert await shop.count("claims", f"key IN ('{registration.key}', '{profile.key}')") == 0


async def test_an_empty_birthday_takes_it_away(shop: Shop) -> None:
    await shop.enrol("lin", profile={"birthday": "1990-11-02"})
    assert await shop.count("personal", "birthday_md = 1102") == 1

    answer = await shop.one(ProfileCompleted(shop.key(), ref("lin"), shop.now, {"birthday": ""}))

    assert answer.ok
    assert await shop.count("personal", "birthday_md IS NULL") == 1


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (DatabaseError("gone wrong"), "INTERNAL"),
        (LookupError("a defect of ours"), "INTERNAL"),
        (Unavailable("gone for a moment"), "UNAVAILABLE"),
    ],
    ids=["database", "defect", "unavailable"],
)
async def test_when_a_revision_cannot_be_learned_everybody_is_told_and_the_queue_goes_on(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, failure: Exception, code: str
) -> None:
    async def fails(*_: object) -> None:
        raise failure

    await shop.enrol("lin")
    shop.house.rulebook = Rulebook()
    await shop.house.rulebook.programme(shop.house.db, "story")
    shop.house.rulebook._lives.clear()
    batcher = shop.house.batcher("story")
    orders = [shop.paid("lin", 10_000, f"A{number}") for number in range(3)]
    clocks = [shop.now, shop.now, shop.now + timedelta(seconds=1)]  # The third is a batch of its own.

    with monkeypatch.context() as broken:
        broken.setattr(shop.house.rulebook, "learn", fails)
        async with asyncio.timeout(5):
            told = await asyncio.gather(*map(batcher.submit, [POS] * 3, orders, clocks))

    assert [(one.state, one.code) for one in told] == [("failed", code)] * 3
    assert await shop.count("orders") == 0
    again = await asyncio.gather(*map(batcher.submit, [POS] * 3, orders, clocks))
    assert [(one.state, one.replayed) for one in again] == [("accepted", False)] * 3
    assert (await shop.wallet("lin"))["pending"] == 300


async def test_what_escapes_a_whole_batch_is_answered_and_the_next_batch_is_served(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fails(*_: object) -> None:
        raise LookupError("a defect of ours")

    await shop.enrol("lin")
    batcher, programme = shop.house.batcher("story"), shop.house.rulebook.programme
    calls: Iterator[Any] = iter([fails, programme, programme])

    async def once(*args: Any) -> Any:
        return await next(calls)(*args)

    monkeypatch.setattr(shop.house.rulebook, "programme", once)
    later = shop.now + timedelta(seconds=1)

    async with asyncio.timeout(5):
        first, behind = await asyncio.gather(
            batcher.submit(POS, shop.paid("lin", 10_000, "A1"), shop.now),
            batcher.submit(POS, shop.paid("lin", 10_000, "A2"), later),
        )

    assert (first.state, first.code, behind.state) == ("failed", "INTERNAL", "accepted")
    assert first.params["error_id"] in {getattr(line, "error_id", "") for line in caplog.records}
    assert await shop.count("orders") == 1


async def test_a_defect_while_claiming_fails_the_one_event_it_is_about(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from loyalty.resolve import Resolver

    await shop.enrol("lin")
    names = Resolver.names

    def fails(self: Resolver, arrival: object) -> object:
        if getattr(arrival, "number", "") == "A2":
            raise LookupError("a defect of ours")
        return names(self, arrival)  # type: ignore[arg-type]

    monkeypatch.setattr(Resolver, "names", fails)

    answers: list[Receipt] = await shop.send(*(shop.paid("lin", 10_000, f"A{number}") for number in range(5)))

    assert [one.code for one in answers] == [None, None, "INTERNAL", None, None]
    assert (await shop.wallet("lin"))["pending"] == 400
    assert await shop.count("order_refs", "number = 'A2'") == 0
