"""What is said of members, over HTTP: who may say and who may read it, and what is wrong is told at its field."""

import json

import pytest

from loyalty.access import scopes_of
from loyalty.keys import Grant
from rules.files import read_folder
from tests.story.conftest import DEMO, named

UPDATE = """mutation ($input: MemberUpdateInput!) { memberUpdate(input: $input) {
  replayed receipt { state } userErrors { code message field }
  member { tags segments attributes consents { purpose given } handle } } }"""
READ = "query ($by: MemberRef!) { member(by: $by) { tags segments attributes consents { purpose given } handle } }"
ME = "{ me { tags segments attributes consents { purpose given } handle } }"
WORDS = {"en": "Friends", "zh-CN": "朋友"}


@pytest.fixture
def texts():
    found = {path: text for path, (text, _) in read_folder(DEMO).items()}
    programme = json.loads(found["programme"])
    skin = {"type": "string", "enum": ["dry", "oily"]}
    nick = {"type": "string", "maxLength": 40, "personal": True}
    programme["attributes"] = {"schema": {"type": "object", "properties": {"skin": skin, "nick": nick}}}
    programme["consents"] = ["marketing", "profiling"]
    del found["partners/coffee-house"]  # Which needs a consent of its own.
    buyers = {"name": "orders_count", "operator": "greater_than", "value": 0}
    return found | {
        "programme": json.dumps(programme),
        "segments/friends": json.dumps({"title": WORDS}),
        "segments/buyers": json.dumps({"title": WORDS, "condition": buyers}),
    }


async def says(shop, who, *, token="service", lang="en", **said):
    at = {"idempotencyKey": said.pop("key", None) or shop.key(), "occurredAt": shop.iso()}
    about = {"member": named(who)} if who else {}
    return await shop.do(UPDATE, {**at, **about, **said}, token=token, lang=lang)


async def test_a_service_says_what_it_knows_and_reads_it_back(shop, lin):
    answer = await says(
        shop,
        lin,
        addTags=["vip"],
        joinSegments=["friends"],
        attributes={"skin": "dry"},
        consents={"marketing": True, "profiling": False},
    )
    await shop.order(lin)

    assert answer.state == "ACCEPTED"
    found = (await shop.ask(READ, {"by": named(lin)}))["member"]
    handle = found.pop("handle")
    assert found == {
        "tags": ["vip"],
        "segments": ["buyers", "friends"],
        "attributes": {"skin": "dry"},
        "consents": [{"purpose": "marketing", "given": True}, {"purpose": "profiling", "given": False}],
    }
    assert len(handle) == 20


async def test_a_member_reads_and_gives_its_consents_but_not_what_the_house_says_of_it(shop, lin):
    await says(shop, lin, addTags=["vip"], attributes={"skin": "dry"})

    agreed = await says(shop, None, token=lin, consents={"marketing": True})
    tagged = await says(shop, None, token=lin, addTags=["diamond"])

    me = (await shop.ask(ME, token=lin))["me"]
    assert (agreed.state, tagged.code) == ("ACCEPTED", "FORBIDDEN")
    assert me == {
        "tags": None,
        "segments": None,
        "attributes": {"skin": "dry"},
        "consents": [{"purpose": "marketing", "given": True}, {"purpose": "profiling", "given": None}],
        "handle": None,
    }


async def test_the_same_key_is_answered_once_and_another_body_under_it_is_refused(shop, lin):
    first = await says(shop, lin, key="k-1", addTags=["vip"])
    again = await says(shop, lin, key="k-1", addTags=["vip"])
    other = await says(shop, lin, key="k-1", addTags=["staff"])

    assert (first.replayed, again.replayed, other.code) == (False, True, "IDEMPOTENCY_MISMATCH")
    assert (await shop.ask(READ, {"by": named(lin)}))["member"]["tags"] == ["vip"]


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"attributes": {"skin": "green"}}, "INVALID_ATTRIBUTE", ["input", "attributes", "skin"]),
        ({"attributes": {"hair_colour": 1}}, "ATTRIBUTE_UNKNOWN", ["input", "attributes", "hair_colour"]),
        ({"attributes": []}, "INVALID_PAYLOAD", ["input", "attributes"]),
        ({"joinSegments": ["friends", "buyers"]}, "SEGMENT_UNKNOWN", ["input", "joinSegments", "1"]),
        ({"consents": {"gossip": True}}, "CONSENT_UNKNOWN", ["input", "consents", "gossip"]),
        ({"consents": {"marketing": "yes"}}, "INVALID_CONSENT", ["input", "consents", "marketing"]),
        ({"addTags": [""]}, "INVALID_TEXT", ["input", "addTags", "0"]),
    ],
)
async def test_what_is_wrong_is_told_at_its_field_in_both_languages(shop, lin, said, code, field, lang):
    answer = await says(shop, lin, lang=lang, **said)

    assert (answer.code, answer.problem["field"]) == (code, field)
    assert answer.problem["message"]
    assert (await shop.ask(READ, {"by": named(lin)}))["member"]["tags"] == []


async def test_a_marketer_may_read_and_not_write(shop, lin):
    answer = await says(shop, lin, token="marketer", addTags=["vip"])

    assert answer.code == "FORBIDDEN"
    assert (await shop.ask(READ, {"by": named(lin)}, token="marketer"))["member"]["tags"] == []


async def test_a_personal_attribute_is_masked_for_others_and_read_on_the_record(shop, lin):
    await says(shop, lin, attributes={"skin": "dry", "nick": "Little Lin"})
    unmask = "mutation ($input: MemberUnmaskInput!) { memberUnmask(input: $input) { values { name value } } }"
    given = {"idempotencyKey": "u", "member": named(lin), "fields": ["nick"], "reason": "a name on a parcel"}
    await shop.let_in("officer", Grant("staff:officer", scopes_of(["privacy"])))

    seen = (await shop.ask(READ, {"by": named(lin)}))["member"]["attributes"]
    mine = (await shop.ask(ME, token=lin))["me"]["attributes"]
    read = await shop.do(unmask, given, token="officer")

    assert seen == {"nick": "***", "skin": "dry"}
    assert mine == {"nick": "Little Lin", "skin": "dry"}
    assert read.payload["values"] == [{"name": "nick", "value": "Little Lin"}]
    noted = await shop.house.db.rows("SELECT note FROM audit WHERE action = 'member.unmask'")
    assert noted == [{"note": "a name on a parcel"}]
