"""A member is known by a name in each channel, and has one balance by all of them."""

import pytest

from tests.story import documents as says
from tests.story.conftest import named

WECHAT = {"kind": "wechat", "value": "open-id-1"}


async def test_a_member_is_found_by_its_new_name_and_has_one_balance(shop, lin):
    linked = await shop.do(says.LINK, {"member": named(lin), "identity": WECHAT, "idempotencyKey": "1"})
    await shop.order(None, member={"identity": WECHAT})

    found = (await shop.ask(says.MEMBER, {"by": {"identity": WECHAT}}))["member"]

    assert linked.state == "ACCEPTED"
    assert found["id"] == (await shop.member(lin))["id"]
    assert found["points"]["pending"] == 300
    assert found["identities"] == [
        {"kind": "external", "since": "2026-11-02T02:00:00Z"},
        {"kind": "wechat", "since": "2026-11-03T02:00:00Z"},
    ]
    assert "open-id-1" not in str(found)


async def test_a_name_of_somebody_else_is_refused_with_the_way_out(shop, lin):
    await shop.enrol("wu", identities=[{"kind": "external", "value": "wu"}, WECHAT])

    answer = await shop.do(says.LINK, {"member": named(lin), "identity": WECHAT, "idempotencyKey": "1"})

    assert answer.code == "IDENTITY_TAKEN"
    assert "merge the accounts (membersMerge)" in answer.problem["message"]
    assert [one["kind"] for one in (await shop.member(lin))["identities"]] == ["external"]


async def test_the_only_name_stays(shop, lin):
    given = {"member": named(lin), "identity": {"kind": "external", "value": lin}}

    last = await shop.do(says.UNLINK, {**given, "idempotencyKey": "1"})
    await shop.do(says.LINK, {"member": named(lin), "identity": WECHAT, "idempotencyKey": "2"})
    gone = await shop.do(says.UNLINK, {**given, "idempotencyKey": "3"})

    assert (last.code, gone.state) == ("IDENTITY_LAST", "ACCEPTED")
    assert [one["kind"] for one in (await shop.member(lin))["identities"]] == ["wechat"]


@pytest.mark.parametrize("token", ["marketer", "lin"])
async def test_members_and_marketers_link_nobody(shop, lin, token):
    answer = await shop.do(says.LINK, {"member": named(lin), "identity": WECHAT, "idempotencyKey": "1"}, token=token)

    assert answer.code == "FORBIDDEN"
