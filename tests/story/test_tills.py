"""A partner's till: a code once, purchases of its own, each taken back in its window; of members what they allow."""

from datetime import timedelta

import pytest

from loyalty.access import scopes_of
from loyalty.keys import Grant
from tests.story import documents as says

CONSENT = """mutation ($input: MemberUpdateInput!) { memberUpdate(input: $input) {
  receipt { state } userErrors { code } } }"""


async def consents(shop, name, *, given=True):
    at = {"idempotencyKey": shop.key(), "occurredAt": shop.iso()}
    answer = await shop.do(CONSENT, {**at, "consents": {"partner_sharing": given}}, token=name)
    assert answer.state == "ACCEPTED", answer


async def pass_of(shop, name, partner="coffee-house"):
    return (await shop.ask(says.PASS, {"partner": partner}, token=name))["me"]["partnerPass"]


async def coffee(shop, name="lin"):
    """Somebody has a code for a coffee."""
    await shop.order(name, total=120000)
    shop.clock.wait(days=7)
    return (await shop.redeem(name, "free-coffee")).receipt["entitlements"][0]["code"]


async def redeem(shop, code, **more):
    return await shop.do(says.REDEEM_CODE, {"idempotencyKey": shop.key(), "code": code, **more}, token="partner")


async def undo(shop, redemption, token="partner"):
    given = {"idempotencyKey": shop.key(), "redemption": redemption}
    return await shop.do(says.UNDO_CODE, given, token=token)


async def buys(shop, shown, number="c1", total="100.00", token="partner", **more):
    given = {"idempotencyKey": shop.key(), "number": number, "member": shown, "occurredAt": shop.iso()}
    paid = {**given, "currency": "CNY", "total": total, **{name.strip("_"): value for name, value in more.items()}}
    return await shop.do(says.PURCHASE, paid, token=token)


async def call_off(shop, number="c1", token="partner", **more):
    given = {"idempotencyKey": shop.key(), "number": number, "occurredAt": shop.iso(), **more}
    return await shop.do(says.CALL_OFF, given, token=token)


async def test_a_purchase_at_a_partner_earns_and_tells_the_partner_nothing_of_it(shop, lin):
    await consents(shop, lin)

    answer = await buys(shop, {"memberPass": await pass_of(shop, lin)})

    purchase = answer.payload["purchase"]
    assert (purchase["number"], purchase["shop"], purchase["state"]) == ("c1", "coffee-house", "recorded")
    assert purchase["memberId"]
    assert await shop.pending(lin) == 100


async def test_a_member_has_another_id_for_every_partner(shop, lin):
    await consents(shop, lin)
    rival = Grant("partner:tea-house", scopes_of(["partner"]), ("store",), partner="tea-house")
    await shop.let_in("rival", rival)
    told = (await buys(shop, {"memberPass": await pass_of(shop, lin)})).payload["purchase"]["memberId"]

    again = await buys(shop, {"memberId": told}, "c2")
    other = await buys(shop, {"memberId": told}, "c3", token="rival")
    own = (await shop.member(lin))["id"]

    assert again.payload["purchase"]["memberId"] == told
    assert told != own
    assert other.code == "MEMBER_UNKNOWN"
    assert (await shop.ask(says.ELIGIBLE, {"shown": {"memberId": own}}, token="partner"))[
        "partnerEligibility"
    ] == NOBODY


AGO = timedelta(days=1)
NOBODY = {"entitled": False, "until": None, "usesLeft": 0, "memberId": None, "benefit": None}


@pytest.mark.parametrize("why", ["never asked", "withdrawn", "another partner's", "over", "made up"])
async def test_whoever_does_not_consent_is_as_unknown_as_nobody(shop, lin, why):
    await coffee(shop)
    shown = await pass_of(shop, lin)
    if why != "never asked":
        await consents(shop, lin)
    if why == "withdrawn":
        await consents(shop, lin, given=False)
    if why == "another partner's":
        shown = await pass_of(shop, lin, "coffee-house")
        rival = Grant("partner:tea-house", scopes_of(["partner"]), ("coffee-house",), partner="tea-house")
        await shop.let_in("partner", rival)
    if why == "over":
        shop.clock.wait(minutes=15)
    if why == "made up":
        shown = f"{shown}x"
    before = await shop.pending(lin)

    bought = await buys(shop, {"memberPass": shown})
    looked = (await shop.ask(says.ELIGIBLE, {"shown": {"memberPass": shown}}, token="partner"))["partnerEligibility"]

    assert (bought.code, bought.payload["purchase"]) == ("MEMBER_UNKNOWN", None)
    assert looked == NOBODY
    assert await shop.pending(lin) == before


async def test_a_pass_says_who_is_entitled_and_until_when(shop, lin):
    await coffee(shop)
    await consents(shop, lin)
    shown = {"memberPass": await pass_of(shop, lin)}

    found = (await shop.ask(says.ELIGIBLE, {"shown": shown}, token="partner"))["partnerEligibility"]
    wrong = await shop.ask(says.ELIGIBLE, {"shown": shown, "benefit": "voucher"}, token="partner")

    assert (found["entitled"], found["benefit"]["key"], found["usesLeft"]) == (True, "free-coffee", 1)
    assert found["until"] is not None
    assert found["memberId"] is not None
    assert wrong["partnerEligibility"] == NOBODY


async def test_a_pass_opens_nothing_of_the_member_itself(shop, lin):
    shown = await pass_of(shop, lin)

    answer = await shop.post("{ me { id } }", token=shown)

    assert answer.status_code == 401
    assert await pass_of(shop, lin, "nobody") is None


async def test_a_redeemed_code_is_told_without_its_owner_until_the_owner_consents(shop, lin):
    code = await coffee(shop)
    await consents(shop, lin, given=False)
    used = await redeem(shop, code)

    assert (used.payload["redeemed"], used.payload["redemption"]["memberId"]) == (True, None)


async def test_the_same_key_has_the_first_answer_and_uses_nothing_twice(shop, lin):
    code = await coffee(shop)
    given = {"idempotencyKey": "till-1", "code": code}

    first = await shop.do(says.REDEEM_CODE, given, token="partner")
    again = await shop.do(says.REDEEM_CODE, given, token="partner")

    assert (first.replayed, again.replayed) == (False, True)
    assert first.payload["redemption"] == again.payload["redemption"]


async def test_a_use_is_taken_back_once_within_the_window_and_the_code_is_good_again(shop, lin):
    code = await coffee(shop)
    used = (await redeem(shop, code)).payload["redemption"]
    shop.clock.wait(days=7)

    back = await undo(shop, used["id"])
    again = await undo(shop, used["id"])

    assert (back.payload["redemption"]["takenBack"], back.payload["redemption"]["usesLeft"]) == (True, 1)
    assert again.code == "REDEMPTION_UNDONE"
    assert (await redeem(shop, code)).payload["redeemed"] is True


async def test_after_the_window_nothing_is_taken_back(shop, lin):
    await consents(shop, lin)
    code = await coffee(shop)
    used = (await redeem(shop, code)).payload["redemption"]
    await buys(shop, {"memberPass": await pass_of(shop, lin)})
    shop.clock.wait(days=7, seconds=1)

    answers = [await undo(shop, used["id"]), await call_off(shop, occurredAt=shop.iso(shop.clock.now - AGO))]

    assert [answer.code for answer in answers] == ["CANCEL_WINDOW_OVER"] * 2


async def test_a_cancelled_purchase_takes_back_what_it_earned(shop, lin):
    await consents(shop, lin)
    await buys(shop, {"memberPass": await pass_of(shop, lin)})

    answer = await call_off(shop)

    assert answer.payload["purchase"]["state"] == "cancelled"
    assert await shop.pending(lin) == 0


async def test_a_redemption_is_its_own_partners_and_nobody_elses(shop, lin):
    used = (await redeem(shop, await coffee(shop))).payload["redemption"]
    await shop.let_in("rival", Grant("partner:tea-house", scopes_of(["partner"]), partner="tea-house"))
    ask = "query ($id: ID!) { node(id: $id) { __typename id } }"

    own = await shop.ask(ask, {"id": used["id"]}, token="partner")
    other = await shop.ask(ask, {"id": used["id"]}, token="rival")
    taken = await undo(shop, used["id"], token="rival")

    assert own["node"] == {"__typename": "PartnerRedemption", "id": used["id"]}
    assert other["node"] is None
    assert (taken.code, taken.problem["field"]) == ("NOT_FOUND", ["input", "redemption"])


async def test_a_partner_reports_for_its_own_shops_alone(shop, lin):
    await consents(shop, lin)

    answer = await buys(shop, {"memberPass": await pass_of(shop, lin)}, shop_="main")

    assert answer.code == "SHOP_UNKNOWN"


@pytest.mark.parametrize("status", ["frozen", "erased", "merged"])
async def test_how_it_stands_with_a_member_is_not_for_partners(shop, lin, status):
    await consents(shop, lin)
    code, shown = await coffee(shop), await pass_of(shop, lin)
    await shop.house.db.run("UPDATE members SET status = $1", status)

    bought, used = await buys(shop, {"memberPass": shown}), await redeem(shop, code)
    looked = await shop.ask(says.ELIGIBLE, {"shown": {"code": code}}, token="partner")
    await shop.house.db.run("UPDATE members SET status = 'active'")

    assert (bought.code, used.code, looked["partnerEligibility"]) == ("MEMBER_UNKNOWN", "CODE_UNKNOWN", NOBODY)


async def test_its_usage_by_day(shop, lin):
    await consents(shop, lin)
    code = await coffee(shop)
    used = (await redeem(shop, code)).payload["redemption"]
    await undo(shop, used["id"])
    await buys(shop, {"memberPass": await pass_of(shop, lin)})
    today = shop.clock.now.date().isoformat()

    (day,) = (await shop.ask(says.USAGE, {"first": today, "last": today}, token="partner"))["partnerUsage"]
    long = (await shop.post(says.USAGE, {"first": "2026-01-01", "last": today}, token="partner")).json()

    assert (day["issued"], day["used"], day["takenBack"], day["purchases"]) == (1, 1, 1, 1)
    assert (day["earned"], day["burnt"]) == ("100", "800")
    assert long["errors"][0]["extensions"]["code"] == "INVALID_PERIOD"


async def test_codes_are_not_guessed_by_looking_at_them(shop, lin):
    code = await coffee(shop)
    for number in range(50):
        looked = await shop.ask(says.ELIGIBLE, {"shown": {"code": f"AAAA-BBBB-CCCC-{number:04}"}}, token="partner")
        assert looked["partnerEligibility"] == NOBODY

    barred = (await shop.post(says.ELIGIBLE, {"shown": {"code": code}}, token="partner")).json()
    shop.clock.wait(minutes=16)
    later = (await shop.ask(says.ELIGIBLE, {"shown": {"code": code}}, token="partner"))["partnerEligibility"]

    assert barred["data"]["partnerEligibility"] is None
    assert barred["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert later["entitled"] is True
