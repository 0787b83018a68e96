"""What goes wrong at the door is answered by itself: nobody else's event fails of it, and nobody is left waiting."""

import asyncio
import dataclasses
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from loyalty import privacy
from loyalty.access import Caller
from loyalty.events import Arrival, MemberEnrolled, MemberRef, PointsAdjust, PointsRedeem, ProfileCompleted
from loyalty.publishing import publish
from loyalty.receipts import Receipt
from loyalty.rulebook import Rulebook
from models.database import Database
from models.errors import DatabaseError, Unavailable
from models.members import Personal
from tests.loyalty.conftest import ADMIN, POS, SECRETS, Shop, ref, shop_of
from tests.loyalty.programme import FILES, TITLE, documents


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


async def test_two_profiles_of_one_member_in_a_batch_keep_what_both_say(shop: Shop) -> None:
    def profile(**values: str) -> ProfileCompleted:
        return ProfileCompleted(shop.key(), ref("lin"), shop.now, values)

    lin = MemberEnrolled(shop.key(), (("external", "lin"),), shop.now, profile={"birthday": "1990-11-02"})
    await shop.send(lin, profile(name="Lin", city="Suzhou"), profile(email="lin@example.org", city=""))

    rows = await shop.house.db.read(Personal, "SELECT * FROM personal")
    assert [privacy.unseal(SECRETS, row) for row in rows] == [
        {"birthday": "1990-11-02", "name": "Lin", "email": "lin@example.org"}
    ]


async def test_what_a_refused_registration_said_is_nobodys_profile(shop: Shop) -> None:
    await shop.enrol("lin")
    taken = MemberEnrolled(shop.key(), (("external", "lin"),), shop.now, profile={"name": "somebody else"})
    told = ProfileCompleted(shop.key(), ref("lin"), shop.now, {"email": "lin@example.org"})

    answers = await shop.send(taken, told)

    assert [one.code for one in answers] == ["IDENTITY_TAKEN", None]
    rows = await shop.house.db.read(Personal, "SELECT * FROM personal")
    assert [privacy.unseal(SECRETS, row) for row in rows] == [{"email": "lin@example.org"}]


@pytest.mark.parametrize("together", [False, True], ids=["one by one", "together"])
async def test_whoever_buys_unasked_and_registers_becomes_a_member_by_registering(db: Database, together: bool) -> None:
    shop = await shop_of(db, documents(enrol__first_purchase=None))
    registration = MemberEnrolled(shop.key(), (("external", "wu"),), shop.now)
    events: list[Arrival] = [shop.paid("wu", 10_000, "A1"), registration, shop.paid("wu", 10_000, "A2")]

    answers = await shop.send(*events) if together else [await shop.one(event) for event in events]

    assert [(one.state, one.code) for one in answers] == [("accepted", None)] * 3
    assert (await shop.count("members"), await shop.count("identities")) == (1, 1)
    assert await shop.count("orders", "member_id > 0") == 2  # The first was nobody's, and is claimed by joining.
    assert (await shop.wallet("wu"))["pending"] == 200
    await shop.prove()


@pytest.mark.parametrize("together", [False, True], ids=["one by one", "together"])
async def test_whom_an_order_took_in_cannot_register_again(shop: Shop, together: bool) -> None:
    events: list[Arrival] = [shop.paid("wu", 10_000, "A1"), MemberEnrolled(shop.key(), (("external", "wu"),), shop.now)]

    answers = await shop.send(*events) if together else [await shop.one(event) for event in events]

    assert [(one.state, one.code) for one in answers] == [("accepted", None), ("refused", "IDENTITY_TAKEN")]
    assert (await shop.count("members"), (await shop.wallet("wu"))["pending"]) == (1, 100)


@pytest.mark.parametrize(
    ("kind", "value"),
    [("phone", "N/A"), ("phone", "无"), ("phone", "😀"), ("phone", "+"), ("card", "   "), ("card", "\u200b\u3000")],
)
async def test_what_tells_nobody_apart_is_no_identity(shop: Shop, kind: str, value: str) -> None:
    registration = MemberEnrolled(shop.key(), (("external", "lin"), (kind, value)), shop.now)
    order = replace(shop.paid(None, 10_000), member=MemberRef(kind=kind, value=value))

    answers = await shop.send(registration, order)

    assert [(one.state, one.code) for one in answers] == [("rejected", "INVALID_IDENTITY")] * 2
    assert [one.params["field"] for one in answers] == ["/identities/1/value", "/member/identity/value"]
    assert (await shop.count("members"), await shop.count("identities"), await shop.count("orders")) == (0, 0, 0)


async def test_one_number_in_any_spelling_is_one_person(shop: Shop) -> None:
    spellings = ("+86 １３８-００", "+8613800")
    answers = [await shop.one(MemberEnrolled(shop.key(), (("phone", one),), shop.now)) for one in spellings]

    assert [one.code for one in answers] == [None, "IDENTITY_TAKEN"]


async def test_what_is_published_for_later_says_nothing_at_the_door_yet(shop: Shop) -> None:
    await shop.enrol("lin")
    later = deepcopy(FILES["programme"])
    later |= {"event_types": {}, "shops": ["tmall"], "late_days": 10}
    files = documents(programme=later, earn__review=None)
    soon = datetime.now(UTC) + timedelta(days=30)  # Publishing goes by the database's clock.
    await publish(shop.house.db, shop.house.rulebook, ADMIN, "story", files, live_from=soon)
    old = shop.paid("lin", 10_000, "A1", occurred_at=shop.now - timedelta(days=399))

    now = await shop.behave("lin", "review.written", rating=5), await shop.one(old)
    shop.now = soon
    tmall = dataclasses.replace(POS, shops=("main", "tmall"))
    wrong = [await shop.behave("lin", "review.written", rating=5), await shop.order("lin", 10_000, "A2")]
    late = shop.paid("lin", 10_000, "A3", occurred_at=soon - timedelta(days=10, seconds=1), shop="tmall")
    edge = shop.paid("lin", 10_000, "A4", occurred_at=soon - timedelta(days=10), shop="tmall")
    then = await shop.send(late, edge, caller=tmall)

    assert [one.code for one in now] == [None, None]
    assert [one.code for one in wrong] == ["EVENT_TYPE_UNKNOWN", "SHOP_UNKNOWN"]
    assert [(one.code, one.params.get("most")) for one in then] == [("TOO_LATE", 10), (None, None)]
    assert await shop.count("orders") == 2


async def test_a_late_event_takes_from_a_budget_that_is_no_more(db: Database) -> None:
    budget = {"budgets": {"spring": {"title": TITLE, "points": "500"}}}
    examples = [
        {"given": {"order_paid": "30.00"}, "then": [{"earn": "points", "points": 30}]},
        {"given": {"order_paid": "0.99"}, "then": []},
    ]
    actions = FILES["earn/base"]["actions"][:1]
    base = FILES["earn/base"] | {"limits": {"budget": "spring"}, "actions": actions, "examples": examples}
    shop = await shop_of(db, documents(programme=FILES["programme"] | budget, earn__base=base))
    await shop.enrol("lin")
    await shop.publish()
    shop.now = datetime.now(UTC) + timedelta(days=1)

    answer = await shop.order("lin", 30_000, "A1", occurred_at=shop.now - timedelta(days=30))

    assert answer.ok
    assert await shop.count("counters", "name = 'budget:spring' AND \"left\" = 200") == 1
    await shop.prove()


async def test_a_member_may_redeem_whatever_the_programmes_shops_are_called(db: Database) -> None:
    programme = FILES["programme"] | {"shops": ["tmall", "jd"]}
    shop = await shop_of(db, documents(programme=programme))
    till = dataclasses.replace(POS, shops=("tmall",))
    await shop.one(MemberEnrolled(shop.key(), (("external", "lin"),), shop.now), caller=till)
    await shop.one(PointsAdjust(shop.key(), ref("lin"), "points", 900, "a start"), caller=ADMIN)
    member_id = await shop.member_id("lin")
    lin = Caller(f"member:{member_id}", "story", frozenset({"member"}), member_id=member_id)
    wish = PointsRedeem("k", MemberRef(id=member_id), "coupon-10")

    plain = await shop.one(wish, caller=lin)
    of_order = await shop.one(replace(wish, key="k2", order_number="A1", shop="jd"), caller=lin)
    elsewhere = await shop.one(replace(wish, key="k3", order_number="A1", shop="main"), caller=lin)
    foreign = await shop.one(replace(wish, key="k4", order_number="A1", shop="jd"), caller=till)

    assert [one.code for one in (plain, of_order, elsewhere, foreign)] == [None, None, "SHOP_UNKNOWN", "SHOP_UNKNOWN"]
    assert elsewhere.params["allowed"] == ["jd", "tmall"]
    assert (await shop.wallet("lin"))["available"] == 300
    await shop.prove()


async def test_numbers_of_orders_that_were_turned_away_are_not_kept(shop: Shop) -> None:
    await shop.enrol("lin")
    ahead = [shop.paid("lin", 100, f"A{number}", occurred_at=shop.now + timedelta(days=1)) for number in range(5)]
    back = shop.returned("B1", occurred_at=shop.now + timedelta(days=1))

    answers = await shop.send(*ahead, back, shop.paid("lin", 100, "C1"), shop.returned("D1"))

    assert [one.state for one in answers] == ["rejected"] * 6 + ["accepted", "waiting"]
    rows = await shop.house.db.rows("SELECT number, kind, state FROM order_refs ORDER BY number, kind")
    assert [tuple(row.values()) for row in rows] == [
        ("C1", "order", "paid"), ("D1", "order", "awaited"), ("D1", "return", "waiting"),
    ]  # fmt: skip

    shop.later(days=1)
    again = await shop.send(*(replace(order, occurred_at=shop.now) for order in ahead), shop.paid("lin", 100, "D1"))

    assert [one.state for one in again] == ["accepted"] * 6
