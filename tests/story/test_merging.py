"""One person, two accounts: staff merge them, and everybody finds everything in the one that stays."""

import pytest

from loyalty import privacy
from models.members import Personal
from tests.story import documents as says
from tests.story.conftest import named


async def merge(shop, gone, into, *, token="staff", **more):
    given = {"from": named(gone), "into": named(into), "reason": "one person, two phones", "idempotencyKey": "m"}
    return await shop.do(says.MERGE, given | more, token=token)


async def seen(shop, by, token="service"):
    return (await shop.ask(says.MEMBER, {"by": by}, token=token))["member"]


async def test_the_account_that_stays_has_everything(shop, lin):
    await shop.enrol("wu", profile={"name": "Wu"})
    await shop.order(lin, total=100000, number="n-1")
    old = await shop.member(lin)

    merged = await merge(shop, lin, "wu")

    assert merged.state == "ACCEPTED"
    me = await shop.member("wu")
    assert merged.payload["member"]["id"] == me["id"]
    assert (me["points"]["balance"], me["points"]["pending"]) == (400, 1000)
    assert (me["tier"]["key"], old["tier"]["key"]) == ("silver", "silver")
    history = me["standings"][0]["history"]["nodes"]
    assert [(one["tierTo"], one["reason"]) for one in history] == [("silver", "MERGED"), ("normal", "ENROLLED")]
    assert [one["benefit"]["key"] for one in me["entitlements"]["nodes"]].count("silver-pack") == 1
    assert len(me["identities"]) == 2
    entries = me["points"]["entries"]["nodes"]
    assert "Merged accounts" in {one["reason"] for one in entries}
    assert me["mergedFrom"] == [{"id": old["id"], "at": "2026-11-03T02:00:00Z", "reason": None}]


async def test_the_old_id_answers_as_the_account_that_stays(shop, lin):
    await shop.enrol("wu")
    old = (await shop.member(lin))["id"]
    await merge(shop, lin, "wu")

    found = await seen(shop, {"id": old})

    assert found["id"] == (await shop.member("wu"))["id"]
    assert found["mergedFrom"][0]["id"] == old
    assert found["mergedFrom"][0]["reason"] == "one person, two phones"
    own = await shop.post(says.ME, token=lin)
    assert own.json()["errors"][0]["extensions"]["code"] == "MEMBER_MERGED"


async def test_a_return_of_the_old_accounts_order_takes_the_points_back(shop, lin):
    await shop.enrol("wu")
    await shop.order(lin, number="n-1")
    await merge(shop, lin, "wu")

    answer = await shop.give_back("n-1")

    assert answer.state == "ACCEPTED"
    assert (await shop.pending("wu"), await shop.balance("wu")) == (0, 400)


async def test_what_is_known_of_the_person_goes_along(shop):
    await shop.enrol("lin", profile={"name": "Lin", "birthday": "1990-11-05"})
    await shop.enrol("wu", profile={"name": "Wu"})
    await merge(shop, "lin", "wu")

    rows = await shop.house.db.read(Personal, "SELECT * FROM personal ORDER BY birthday_md NULLS FIRST")

    assert [row.birthday_md for row in rows] == [None, 1105]
    assert (rows[0].key, rows[0].sealed) == ("", "")
    assert privacy.unseal(shop.house.secrets, rows[1]) == {"name": "Wu", "birthday": "1990-11-05"}


async def test_it_is_for_good_and_both_have_to_be_there(shop, lin):
    await shop.enrol("wu")

    itself = await merge(shop, lin, lin)
    unsaid = await merge(shop, lin, "wu", reason="", idempotencyKey="r")
    await merge(shop, lin, "wu", idempotencyKey="n")
    again = await merge(shop, lin, "wu", idempotencyKey="o")

    assert [one.code for one in (itself, unsaid, again)] == ["SAME_MEMBER", "INVALID_TEXT", "SAME_MEMBER"]


@pytest.mark.parametrize("token", ["service", "marketer", "lin"])
async def test_nobody_but_staff_merges(shop, lin, token):
    await shop.enrol("wu")

    answer = await merge(shop, lin, "wu", token=token)

    assert answer.code == "FORBIDDEN"
    assert (await shop.member(lin))["status"] == "ACTIVE"
