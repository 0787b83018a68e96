"""A partner sees its own benefits and nothing else; a member sees itself and nobody else. A canary tells."""

import json

import pytest

from loyalty.access import scopes_of
from loyalty.keys import Grant
from tests.story import documents as says
from tests.story.conftest import named

CANARY = "13800138000"
QUERIES = {
    "me": "query { me { id } }",
    "member": says.MEMBER,
    "programme": "query { programme { key title benefits { key } wallets { key } } }",
    "benefits": "query { benefits { key partner } }",
    "partner": says.PARTNER,
    "ruleset": "query { ruleset { number policies { path document } } }",
    "catalogue": "query { ruleCatalog { events } }",
    "preview": 'query { orderPreview(input: { total: "1.00" }) { earns userErrors { code } } }',
}

UNKNOWN = "This code is not known. Check how it was typed: it has to be a code of this programme."


@pytest.fixture
async def coffee(shop):
    """A member with a phone, who has a coffee of the partner's to fetch."""
    phone = {"kind": "phone", "value": CANARY}
    await shop.enrol("lin", identities=[{"kind": "external", "value": "lin"}, phone], profile={"name": CANARY})
    shop.clock.wait(days=1)
    await shop.order("lin", total=120000, number=CANARY)
    shop.clock.wait(days=7)
    return (await shop.redeem("lin", "free-coffee")).receipt["entitlements"][0]


async def test_a_partner_sees_its_own_benefits_and_their_use(shop, coffee):
    view = (await shop.ask(says.PARTNER, token="partner"))["partnerView"]

    (own,) = view["benefits"]
    assert (view["key"], own["key"], view["shops"]) == ("coffee-house", "free-coffee", ["coffee-house"])
    assert (own["issued"], own["used"], own["expired"]) == (1, 0, 0)


async def test_a_partner_uses_a_code_once(shop, coffee):
    shown = coffee["code"].lower().replace("-", "")

    looked = await shop.ask(says.ELIGIBLE, {"shown": {"code": shown}}, token="partner")
    used = await verify(shop, shown)
    again = await verify(shop, shown)

    assert (looked["partnerEligibility"]["entitled"], looked["partnerEligibility"]["memberId"]) == (True, None)
    assert (used.payload["redeemed"], used.payload["redemption"]["benefit"]["key"]) == (True, "free-coffee")
    assert (again.payload["redeemed"], again.code) == (False, "CODE_USED")
    (own,) = (await shop.ask(says.PARTNER, token="partner"))["partnerView"]["benefits"]
    assert (own["issued"], own["used"]) == (0, 1)


async def test_codes_of_others_are_as_unknown_as_wrong_ones(shop, coffee):
    await shop.order("lin", total=120000)
    shop.clock.wait(days=7)
    ours = (await shop.redeem("lin", "coupon-10")).receipt["entitlements"][0]["code"]

    answers = [await verify(shop, code) for code in (ours, "AAAA-BBBB-CCCC-DDDD")]

    assert [(one.payload["redeemed"], one.code, one.problem["message"]) for one in answers] == [
        (False, "CODE_UNKNOWN", UNKNOWN)
    ] * 2


async def test_another_partner_sees_none_of_it(shop, coffee):
    await shop.let_in("rival", Grant("partner:tea-house", scopes_of(["partner"]), partner="tea-house"))

    view = (await shop.ask(says.PARTNER, token="rival"))["partnerView"]
    answer = await verify(shop, coffee["code"], token="rival")

    assert (view["key"], view["benefits"], view["shops"]) == ("tea-house", [], [])
    assert answer.code == "CODE_UNKNOWN"


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.parametrize("token", ["partner", "wu"])
async def test_nothing_of_a_member_leaks_to_partners_or_other_members(shop, coffee, name, token):
    await shop.enrol("wu")
    lin = await shop.member("lin")

    answer = (await shop.post(QUERIES[name], {"by": named("lin")}, token=token)).text

    hidden = [
        CANARY,
        lin["id"],
        coffee["id"],
        coffee["code"],
        *(one["id"] for one in lin["points"]["entries"]["nodes"]),
    ]
    assert [secret for secret in hidden if secret in answer] == []
    if token == "partner":
        assert "coupon-10" not in answer


@pytest.mark.parametrize("token", ["partner", "wu"])
async def test_ids_of_somebody_else_open_nothing(shop, coffee, token):
    await shop.enrol("wu")
    lin = await shop.member("lin")
    event = (await shop.order("lin")).receipt["id"]

    for one in (lin["id"], coffee["id"], lin["points"]["entries"]["nodes"][0]["id"], event):
        node = (await shop.post("query ($id: ID!) { node(id: $id) { id } }", {"id": one}, token=token)).json()
        found = (await shop.post("query ($id: ID!) { event(id: $id) { id } }", {"id": one}, token=token)).json()
        assert (node["data"]["node"], found["data"]["event"]) == (None, None)


async def test_the_canary_is_in_no_log_and_no_table_in_the_clear(shop, coffee, capfd, caplog):
    await shop.post(says.MEMBER, {"by": {"identity": {"kind": "phone", "value": CANARY}}})
    await shop.post(f'query {{ member(by: {{ identity: {{ kind: "phone", value: "{CANARY}" }} }}) {{ nothing }} }}')
    told = "".join(capfd.readouterr()) + caplog.text

    assert CANARY not in told
    # The shop chose to number an order like that: orders are not personal, and it stands there alone.
    for table in ("members", "identities", "personal", "events", "entitlements", "decisions"):
        rows = json.dumps([list(map(str, row.values())) for row in await shop.house.db.rows(f"SELECT * FROM {table}")])
        assert rows.count(CANARY) == (2 if table == "events" else 0)


async def verify(shop, code, *, token="partner"):
    """Redeem a code at the partner's till."""
    return await shop.do(says.REDEEM_CODE, {"idempotencyKey": shop.key(), "code": code}, token=token)
