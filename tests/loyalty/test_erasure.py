"""Erasing a person: nothing that says who it was is left anywhere, the books balance, and the log folds to the same."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from loyalty.access import Caller, scopes_of
from loyalty.events import (
    Behaviour,
    CodeVerify,
    ConsentSet,
    IdentityLink,
    MemberChanged,
    MemberErase,
    MemberRef,
    MembersMerge,
    PointsAdjust,
    PointsRedeem,
    ProfileChanged,
)
from loyalty.receipts import Receipt
from models.database import Database
from models.table import TABLES
from tests.loyalty.conftest import ADMIN, Shop, ref, shop_of
from tests.loyalty.programme import FILES, documents

CANARY = "林晓雨-canary"
PHONE = ("phone", "13800001111")
OF_PERSONS = ("personal", "traits", "trait_moves", "identities", "member_dates", "codes")
OFFICER = Caller("staff:officer", "story", scopes_of(["privacy"]))


def programme() -> dict[str, Any]:
    """The story's programme, with something personal in every place that can hold it."""
    text = {"type": "string"}
    made: dict[str, Any] = json.loads(json.dumps(FILES["programme"]))
    made["attributes"] = {
        "schema": {"type": "object", "properties": {"nick": text | {"personal": True}, "skin": text}},
    }
    made["event_types"]["review.written"]["schema"]["properties"]["words"] = text | {"personal": True}
    made["consents"] = ["marketing"]
    made["profile"] = {"dates": {"wedding": {"title": {"en": "Wedding day", "zh-CN": "结婚纪念日"}}}}
    return made


YOUNG = {
    "title": {"en": "Young", "zh-CN": "年轻"},
    "on": ["order.paid"],
    "conditions": {"all": [{"name": "member_age", "operator": "less_than", "value": 40}]},
    "actions": [{"name": "earn_points", "params": {"points": 5, "pending": {"days": 0}}}],
    "accepts": ["NO_END_DATE"],
    "examples": [
        {"given": {"member_age": 30}, "then": [{"earn": "points", "points": 5}]},
        {"given": {"member_age": 50}, "then": []},
    ],
}


@pytest_asyncio.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    made = await shop_of(db, documents(programme=programme(), campaigns__young=YOUNG))
    yield made
    await made.prove()


async def live(shop: Shop) -> int:
    """A life in the programme: points in every state, entitlements, traits, consents, and words of the person's own."""
    await shop.enrol("lin", profile={"name": CANARY, "birthday": "1996-03-04"})
    await shop.one(ProfileChanged(shop.key(), ref("lin"), shop.now, {"wedding": "2020-05-20", "note": CANARY}))
    said = {"nick": CANARY, "skin": "dry"}
    await shop.one(MemberChanged(shop.key(), ref("lin"), shop.now, said, ("vip",), consents={"marketing": True}))
    await shop.one(ConsentSet(shop.key(), ref("lin"), shop.now, "marketing", granted=False))
    await shop.one(Behaviour(shop.key(), "review.written", ref("lin"), shop.now, {"rating": 5, "words": CANARY}))
    await shop.order("lin", 500_000, "A1")
    shop.later(days=8)
    await shop.settle("lin")
    await shop.redeem("lin")
    await shop.one(PointsRedeem(shop.key(), ref("lin"), "coupon-10", hold=True))
    await shop.order("lin", 20_000, "A2")
    return await shop.member_id("lin")


@pytest_asyncio.fixture
async def closed_shop(db: Database) -> AsyncIterator[Shop]:
    """The same shop, where an order takes nobody in."""
    made = await shop_of(db, documents(programme=programme(), campaigns__young=YOUNG, enrol__first_purchase=None))
    yield made
    await made.prove()


async def strange_order(shop: Shop, number: str, name: tuple[str, str] = PHONE) -> None:
    """Somebody whom nobody knows pays under a name, and takes it back: nobody ever claims that order."""
    await shop.one(replace(shop.paid(None, 10_000, number), member=MemberRef(None, *name)))
    await shop.one(shop.cancelled(number))


async def live_twice_over(shop: Shop) -> list[int]:
    """Lin's account goes on in Wang's, and that in Zhao's: all are one person, who had also bought unknown."""
    await strange_order(shop, "S1")
    lin = await live(shop)
    await shop.one(IdentityLink(shop.key(), ref("lin"), PHONE))
    for name in ("wang", "zhao"):
        await shop.enrol(name, profile={"name": CANARY, "birthday": "1996-03-04"})
        said = {"nick": f"{CANARY} {name}", "skin": "dry"}
        await shop.one(MemberChanged(shop.key(), ref(name), shop.now, said, (name,), consents={"marketing": True}))
        await shop.one(Behaviour(shop.key(), "review.written", ref(name), shop.now, {"rating": 5, "words": CANARY}))
    members = [lin, *[await shop.member_id(name) for name in ("wang", "zhao")]]
    for gone, into in (("lin", "wang"), ("wang", "zhao")):
        await shop.order(gone, 300_000, f"M-{gone}")
        await shop.one(MembersMerge(shop.key(), ref(gone), ref(into), "one person"), ADMIN)
    await shop.order("zhao", 20_000, "Z1")
    return members


def hashes(shop: Shop) -> list[str]:
    """The keyed hashes of all names that the person had."""
    names = [PHONE, *(("external", name) for name in ("lin", "wang", "zhao"))]
    return [shop.house.secrets.identity_hash(1, *name) for name in names]


async def erase(shop: Shop, member: int, **more: Any) -> Receipt:
    return await shop.one(MemberErase(shop.key(), MemberRef(id=member), **more), OFFICER)


async def everything(shop: Shop) -> str:
    """Every row of every table, as text."""
    return "".join([str(await shop.house.db.rows(f"SELECT * FROM {name}")) for name in sorted(TABLES)])


async def test_nothing_says_any_more_who_it_was(shop: Shop) -> None:
    member = await live(shop)
    before = await everything(shop)

    answer = await erase(shop, member)

    assert (answer.state, answer.changes["erased"]) == ("accepted", True)
    after = await everything(shop)
    assert (CANARY in before, CANARY in after) == (True, False)
    for table in OF_PERSONS:
        assert await shop.count(table, f"member_id = {member}") == 0, table
    assert await shop.count("consent_moves", f"member_id = {member}") == 1


async def test_the_accounts_that_go_on_in_it_are_forgotten_with_it(shop: Shop) -> None:
    first = await live(shop)
    officer = replace(OFFICER, scopes=OFFICER.scopes | {"members:merge"})
    for gone, into in (("lin", "wang"), ("wang", "zhao")):
        await shop.enrol(into)
        at = await shop.member_id(into)
        merged = MembersMerge(shop.key(), MemberRef(id=await shop.member_id(gone)), MemberRef(id=at), "one person")
        assert (await shop.one(merged, officer)).state == "accepted"
    before = await everything(shop)

    answer = await erase(shop, first)

    assert (answer.state, answer.changes["erased"]) == ("accepted", True)
    after = await everything(shop)
    assert (CANARY in before, CANARY in after) == (True, False)
    for table in OF_PERSONS:
        assert await shop.count(table) == 0, table


async def test_the_accounts_that_went_into_it_are_forgotten_too(closed_shop: Shop) -> None:
    shop = closed_shop
    members = await live_twice_over(shop)
    before, looked_for = await everything(shop), [CANARY, *hashes(shop)]

    answer = await erase(shop, members[-1])

    assert (answer.state, answer.changes["erased"]) == ("accepted", True)
    after = await everything(shop)
    assert [one for one in looked_for if one not in before] == []
    assert [one for one in looked_for if one in after] == []
    for table in OF_PERSONS:
        assert await shop.count(table) == 0, table
    rows = await shop.house.db.rows("SELECT id, status FROM members ORDER BY id")
    assert [(row["id"], row["status"]) for row in rows] == [*zip(members, ("merged", "merged", "erased"), strict=True)]


async def test_asked_for_by_its_first_number_it_is_the_same_person(closed_shop: Shop) -> None:
    shop = closed_shop
    members = await live_twice_over(shop)

    answer = await erase(shop, members[0])

    assert (answer.state, answer.member_id) == ("accepted", members[-1])
    after = await everything(shop)
    assert [one for one in (CANARY, *hashes(shop)) if one in after] == []


async def test_merged_and_erased_in_one_batch_leaves_nothing(closed_shop: Shop) -> None:
    shop = closed_shop
    lin = await live(shop)
    await shop.enrol("wang", profile={"name": CANARY})
    wang = await shop.member_id("wang")
    both = Caller("staff:both", "story", ADMIN.scopes | OFFICER.scopes)
    merging = MembersMerge(shop.key(), MemberRef(id=lin), MemberRef(id=wang), "one person")

    answers = await shop.send(merging, MemberErase(shop.key(), MemberRef(id=wang)), caller=both)

    assert [one.state for one in answers] == ["accepted", "accepted"]
    assert CANARY not in await everything(shop)
    for table in OF_PERSONS:
        assert await shop.count(table) == 0, table


async def test_an_order_nobody_had_stays_and_leads_to_nobody(closed_shop: Shop) -> None:
    shop = closed_shop
    await strange_order(shop, "S1")
    await strange_order(shop, "S2", ("phone", "13900002222"))
    member = await live(shop)
    await shop.one(IdentityLink(shop.key(), ref("lin"), PHONE))
    sql = "SELECT number, named FROM order_refs WHERE kind = 'order' AND member_id < 0 ORDER BY number"
    before = await shop.house.db.rows(sql)

    await erase(shop, member)

    after = await shop.house.db.rows(sql)
    assert [row["named"] is None for row in before] == [False, False]
    assert [row["named"] for row in after] == [None, before[1]["named"]]
    assert await shop.count("orders", "member_id < 0") == 2


async def test_who_is_merged_and_not_erased_keeps_what_is_known(closed_shop: Shop) -> None:
    shop = closed_shop
    members = await live_twice_over(shop)
    await shop.enrol("qian", profile={"name": "钱"})
    other = await shop.member_id("qian")
    before = [await shop.count(table, f"member_id = {members[0]}") for table in OF_PERSONS]

    await erase(shop, other)

    assert [await shop.count(table, f"member_id = {members[0]}") for table in OF_PERSONS] == before
    assert await shop.count("identities") == 4
    assert CANARY in await everything(shop)


async def test_points_go_back_through_the_books(shop: Shop) -> None:
    member = await live(shop)
    held = await shop.house.db.rows("SELECT wallet, pending, available, held, owed FROM wallets ORDER BY wallet")

    await erase(shop, member)

    left = await shop.house.db.rows("SELECT wallet, pending, available, held, owed, due_at FROM wallets")
    assert {tuple(list(row.values())[1:]) for row in left} == {(0, 0, 0, 0, None)}
    gone = await shop.house.db.rows(
        "SELECT wallet, CAST(SUM(amount) AS BIGINT) AS amount FROM transfers "
        "WHERE reason = 'erased' GROUP BY wallet ORDER BY wallet"
    )
    assert [(row["wallet"], row["amount"]) for row in gone] == [
        (row["wallet"], row["pending"] + row["available"] + row["held"]) for row in held
    ]
    assert all(row["amount"] > 0 for row in gone)


async def test_a_debt_is_forgiven_by_a_transfer(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.order("lin", 100_000, "A1")
    shop.later(days=8)
    await shop.redeem("lin")
    await shop.one(shop.returned("A1"))
    owed = (await shop.wallet("lin"))["owed"]
    member = await shop.member_id("lin")

    await erase(shop, member)

    forgiven = await shop.house.db.rows(
        "SELECT amount FROM transfers WHERE reason = 'erased' AND debit = 'adjusted' AND credit = 'owed'"
    )
    assert (owed > 0, [row["amount"] for row in forgiven]) == (True, [owed])


async def test_what_was_open_is_revoked_and_its_code_opens_nothing(shop: Shop) -> None:
    member = await live(shop)
    rows = await shop.house.db.rows("SELECT id FROM entitlements WHERE state = 'issued' ORDER BY id")
    codes = [shop.house.secrets.code_of(1, row["id"]) for row in rows]

    await erase(shop, member)

    assert await shop.count("entitlements", "state IN ('issued', 'reserved')") == 0
    assert await shop.count("holds", "state = 'held'") == 0
    answers = [await shop.one(CodeVerify(shop.key(), code, use=True)) for code in codes]
    assert codes
    assert {one.code for one in answers} == {"CODE_UNKNOWN"}


async def test_what_it_does_later_is_a_strangers(shop: Shop) -> None:
    member = await live(shop)
    await erase(shop, member)

    later = await shop.order("lin", 30_000, "A3")

    assert (later.state, later.changes["enrolled"], later.member_id != member) == ("accepted", True, True)
    assert (await shop.wallet("lin"))["pending"] == 300
    assert await shop.count("orders", f"member_id = {member}") == 2


async def test_once_is_enough(shop: Shop) -> None:
    member = await live(shop)
    first = await erase(shop, member, note="asked for it by letter")
    before = await shop.count("transfers")

    again = await erase(shop, member)
    behind = await shop.one(PointsAdjust(shop.key(), MemberRef(id=member), "points", 5, "kind"), ADMIN)

    assert (first.changes["erased"], again.state, again.changes["erased"]) == (True, "accepted", False)
    assert behind.code == "MEMBER_ERASED"
    assert await shop.count("transfers") == before
    told = await shop.house.db.rows("SELECT subject, target, note FROM audit WHERE action = 'member.erase'")
    assert told == [{"subject": "staff:officer", "target": f"member {member}", "note": "asked for it by letter"}]
    assert await shop.count("outbox", "kind = 'member.erased'") == 1


async def test_staff_without_the_scope_erase_nobody(shop: Shop) -> None:
    member = await live(shop)
    staff = Caller("staff:wei", "story", scopes_of(["staff"]))

    answer = await shop.one(MemberErase(shop.key(), MemberRef(id=member)), staff)

    assert answer.code == "FORBIDDEN"
    assert await shop.count("personal") == 1


async def test_a_member_asks_for_it_itself(shop: Shop) -> None:
    member = await live(shop)
    own = Caller(f"member:{member}", "story", frozenset({"member"}), member_id=member)

    answer = await shop.one(MemberErase(shop.key(), MemberRef(id=member)), own)

    assert (answer.state, await shop.count("personal")) == ("accepted", 0)


@pytest.mark.parametrize("name", ["member_age", "member_birthday_in_days"])
async def test_no_decision_keeps_a_figure_that_gives_a_birthday_away(shop: Shop, name: str) -> None:
    await live(shop)

    rows = await shop.house.db.rows("SELECT read FROM decisions")

    kept = [json.loads(row["read"])["facts"].get(name) for row in rows]
    assert {value for value in kept if value is not None} <= {0}
