"""What a person decides about its data, over HTTP: consents with their proof, export, erasure, and reading unmasked."""

import json

import pytest
import pytest_asyncio

from loyalty.access import ROLES, scopes_of
from loyalty.keys import Grant
from models.table import TABLES
from rules.profiles import BUILT_IN
from tests.story import documents as says
from tests.story.conftest import named

RECEIPT = says.RECEIPT
CONSENTS = """consents { purpose title given channels { channel given } notice { key version text }
  proofs { at channel granted notice noticeVersion bySelf by } }"""
ME = f"{{ me {{ {CONSENTS} }} }}"
SET = f"mutation ($input: MemberConsentSetInput!) {{ consentSet(input: $input) {{ {RECEIPT} {says.ERRORS} }} }}"
ERASE = f"mutation ($input: MemberEraseInput!) {{ memberErase(input: $input) {{ {RECEIPT} {says.ERRORS} }} }}"
EXPORT = f"mutation ($input: MemberExportInput!) {{ memberExport(input: $input) {{ export {says.ERRORS} }} }}"
UNMASK = f"""mutation ($input: MemberUnmaskInput!) {{ memberUnmask(input: $input) {{
  values {{ name value }} {says.ERRORS} }} }}"""
PROFILE = """query ($by: MemberRef!) { member(by: $by) { profile { values { name value masked } } } }"""
WHO = {
    "name": "林晓雨",
    "birthday": "1990-11-05",
    "gender": "female",
    "phone": "138 0013 1234",
    "email": "lin@example.com",
    "address": "1 Nanjing Road",
}
NOTICE = {"key": "marketing", "version": "2026-11", "text": {"en": "We write to you.", "zh-CN": "我们会联系您。"}}


@pytest.fixture
def texts(texts):
    programme = json.loads(texts["programme"])
    title = {"en": "Marketing", "zh-CN": "营销"}
    programme["consents"] = ["marketing", "profiling", "partner_sharing"]
    programme["purposes"] = {"marketing": {"title": title, "channels": ["sms", "email"], "notice": NOTICE}}
    return texts | {"programme": json.dumps(programme)}


@pytest_asyncio.fixture
async def officer(shop):
    """Somebody who looks after data protection."""
    await shop.let_in("officer", Grant("staff:officer", scopes_of(["privacy"])))
    return "officer"


async def consent(shop, *, token, granted=True, who=None, shown=True, **more):
    given = {"idempotencyKey": shop.key(), "occurredAt": shop.iso(), "purpose": "marketing", "granted": granted}
    notice = {"notice": NOTICE["key"], "noticeVersion": NOTICE["version"]} if shown else {}
    return await shop.do(SET, given | notice | ({"member": named(who)} if who else {}) | more, token=token)


async def marketing(shop, name):
    return (await shop.ask(ME, token=name))["me"]["consents"][0]


async def test_a_member_consents_by_channel_to_the_notice_it_was_shown(shop, lin):
    answer = await consent(shop, token=lin, channel="email")

    assert answer.state == "ACCEPTED"
    held = await marketing(shop, lin)
    assert (held["title"], held["given"]) == ("Marketing", True)
    assert held["channels"] == [{"channel": "sms", "given": None}, {"channel": "email", "given": True}]
    assert held["notice"] == {"key": "marketing", "version": "2026-11", "text": "We write to you."}
    assert held["proofs"] == [
        {
            "at": shop.iso().replace("+00:00", "Z"),
            "channel": "email",
            "granted": True,
            "notice": "marketing",
            "noticeVersion": "2026-11",
            "bySelf": True,
            "by": None,
        }
    ]


async def test_one_channel_is_withdrawn_and_the_others_stay(shop, lin):
    await consent(shop, token="service", who=lin)
    shop.clock.wait(hours=1)

    await consent(shop, token=lin, granted=False, channel="sms", shown=False)

    held = await marketing(shop, lin)
    assert (held["given"], [one["given"] for one in held["channels"]]) == (True, [False, True])
    assert [(one["channel"], one["granted"], one["bySelf"]) for one in held["proofs"]] == [
        ("sms", False, True),
        (None, True, False),
    ]


async def test_withdrawing_everything_is_as_easy_as_giving_it(shop, lin):
    await consent(shop, token=lin, channel="email")

    await consent(shop, token=lin, granted=False, shown=False)

    held = await marketing(shop, lin)
    assert (held["given"], [one["given"] for one in held["channels"]]) == (False, [False, False])


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"notice": "marketing", "noticeVersion": "2019-01"}, "NOTICE_UNKNOWN"),
        ({"shown": False}, "NOTICE_UNKNOWN"),
        ({"channel": "pigeon"}, "CONSENT_CHANNEL_UNKNOWN"),
        ({"purpose": "gossip"}, "CONSENT_UNKNOWN"),
    ],
)
async def test_nobody_consents_to_what_was_not_shown(shop, lin, more, code):
    before = await shop.rows()

    answer = await consent(shop, token=lin, **more)

    assert answer.code == code
    assert await shop.rows() == before


async def test_a_late_answer_is_kept_and_changes_nothing_that_was_said_since(shop, lin):
    now = shop.iso()
    shop.clock.wait(hours=2)
    await consent(shop, token=lin, granted=False, shown=False)

    late = await consent(shop, token="service", who=lin, occurredAt=now)

    held = await marketing(shop, lin)
    assert (late.state, held["given"]) == ("ACCEPTED", False)
    assert [one["granted"] for one in held["proofs"]] == [False, True]


async def test_an_export_holds_every_row_of_every_table(shop, lin):
    await shop.do(says.PROFILE, {"idempotencyKey": "p", "occurredAt": shop.iso(), "profile": WHO}, token=lin)
    await consent(shop, token=lin)
    await shop.order(lin, total=100000)
    shop.clock.wait(days=8)
    await shop.redeem(lin)

    answer = await shop.do(EXPORT, {"idempotencyKey": "e"}, token=lin)

    told = answer.payload["export"]
    assert told["profile"]["values"] == WHO
    assert told["names"] == ["external"]
    for name, table in TABLES.items():
        if isinstance(told.get(name), list) and "member_id" in table.names:
            sql = f"SELECT COUNT(*) AS n FROM {name} WHERE member_id = (SELECT id FROM members)"
            assert len(told[name]) == (await shop.house.db.rows(sql))[0]["n"], name
    assert {one["state"] for one in told["entitlements"]} >= {"issued"}
    assert (len(told["orders"]), len(told["consent_moves"]), len(told["transfers"]) > 0) == (1, 1, True)
    audit = await shop.house.db.rows("SELECT action FROM audit WHERE action = 'member.export'")
    assert len(audit) == 1


async def test_nobody_exports_others_without_the_scope(shop, lin, officer):
    await shop.enrol("wu")

    refused = await shop.do(EXPORT, {"idempotencyKey": "1", "member": named("wu")}, token=lin)
    staff = await shop.do(EXPORT, {"idempotencyKey": "2", "member": named("wu")}, token="staff")
    let = await shop.do(EXPORT, {"idempotencyKey": "3", "member": named("wu")}, token=officer)

    assert (refused.code, staff.code) == ("NOT_FOUND", "FORBIDDEN")
    assert let.payload["export"]["member"]["status"] == "active"


async def test_a_member_is_gone_by_its_own_wish(shop, lin):
    await shop.order(lin, total=100000)

    answer = await shop.do(ERASE, {"idempotencyKey": "1"}, token=lin)

    assert answer.state == "ACCEPTED"
    again = (await shop.post("{ me { id } }", token=lin)).json()
    assert again["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    found = (await shop.post(PROFILE, {"by": named(lin)})).json()
    assert found["errors"][0]["extensions"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize("role", [role for role in ROLES if role not in ("member", "partner")])
async def test_no_role_reads_a_personal_value_but_on_the_record(shop, lin, role):
    await shop.let_in("reader", Grant("staff:reader", scopes_of([role])))
    await shop.do(says.PROFILE, {"idempotencyKey": "p", "occurredAt": shop.iso(), "profile": WHO}, token=lin)

    for field in BUILT_IN:
        given = {"idempotencyKey": field, "member": named(lin), "fields": [field], "reason": f"a parcel: {field}"}
        seen = (await shop.ask(PROFILE, {"by": named(lin)}, token="reader"))["member"]["profile"]["values"]
        answer = await shop.do(UNMASK, given, token="reader")

        assert WHO[field] not in str(seen)
        assert next(one for one in seen if one["name"] == field)["masked"]
        noted = f"SELECT subject FROM audit WHERE action = 'member.unmask' AND note = 'a parcel: {field}'"
        if "members:unmask" in ROLES[role]:
            assert answer.payload["values"] == [{"name": field, "value": WHO[field]}]
            assert await shop.house.db.rows(noted) == [{"subject": "staff:reader"}]
        else:
            assert (answer.code, await shop.house.db.rows(noted)) == ("FORBIDDEN", [])


async def test_a_partner_learns_nothing_of_a_profile(shop, lin):
    answer = (await shop.post(PROFILE, {"by": named(lin)}, token="partner")).json()

    assert (answer["data"]["member"], answer["errors"][0]["extensions"]["code"]) == (None, "FORBIDDEN")


async def test_whoever_gives_no_reason_reads_nothing(shop, lin, officer):
    await shop.do(says.PROFILE, {"idempotencyKey": "p", "occurredAt": shop.iso(), "profile": WHO}, token=lin)
    given = {"idempotencyKey": "u", "member": named(lin), "fields": ["phone"], "reason": "  "}

    answer = await shop.do(UNMASK, given, token=officer)

    assert (answer.code, answer.payload["values"]) == ("INVALID_TEXT", [])
    assert await shop.house.db.rows("SELECT id FROM audit WHERE action = 'member.unmask'") == []
