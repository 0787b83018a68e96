"""Benefits over HTTP: granted, claimed, set aside, used, taken back, delivered; and how each is to be had."""

import json

import pytest

from tests.story.conftest import named
from tests.story.documents import ERRORS

PIECE = f"""replayed {ERRORS} receipt {{ state }} entitlement {{
  id state benefit {{ key }} reservedUntil promisedAt fulfilledAt }}"""
STEPS = {
    step: f"mutation ($input: Benefit{step}Input!) {{ benefit{step}(input: $input) {{ {PIECE} }} }}"
    for step in ("Grant", "Claim", "Reserve", "Release", "Use", "Revoke", "Fulfil")
}
FIGURES = """query { benefitFigures { benefit title issued used usageRate promised fulfilled fulfilmentRate
  cost { amount } left lowStock } }"""
HOW = "query { me { benefits { benefit { key terms } availability { state reason how } } } }"
TILL = f"""query ($input: OrderPreviewInput!) {{ orderPreview(input: $input) {{
  entitlements {{ benefit {{ key }} }} standing {{ key percent }} {ERRORS} }} }}"""


def words(en, zh):
    return {"en": en, "zh-CN": zh}


def benefit(en, zh, **terms):
    return {"title": words(en, zh), "description": words(f"{en}.", f"{zh}。"), **terms}


OWN = {
    "tea": benefit("Tea", "茶", kind="gift", claim=True, stock=2, cost="8.00", supply={"lead_days": 3}),
    "salon": benefit(
        "Salon", "茶会", kind="event", claim=True, opening={"opens_at": "2030-01-01"}, tiers={"at_least": "normal"}
    ),
    "ten-off": benefit("Ten off", "立减10元", kind="amount_off", value="10.00", minimum_spend="100.00", claim=True),
    "joined": benefit("Joined", "入会", kind="percent_off", value="10", standing=True),
    "gold-only": benefit(
        "Gold only", "金卡专享", kind="percent_off", value="30", standing=True, tiers={"at_least": "gold"}
    ),
    "word": benefit("Word", "口令", kind="gift", promo_codes=[{"code": "HELLO"}]),
}


@pytest.fixture
def texts(texts):
    return {**texts, **{f"benefits/{key}": json.dumps(one) for key, one in OWN.items()}}


async def step(shop, name, token="service", lang="en", **given):
    key = given.pop("key", None) or shop.key()
    return await shop.do(STEPS[name], {"idempotencyKey": key, **given}, token=token, lang=lang)


def piece(answer):
    return answer.payload["entitlement"]


async def test_a_member_takes_what_is_free_and_a_till_uses_it(shop):
    await shop.enrol("lin")

    taken = await step(shop, "Claim", "lin", benefit="tea", key="once")
    again = await step(shop, "Claim", "lin", benefit="tea", key="once")
    own = piece(taken)["id"]
    aside = await step(shop, "Reserve", "lin", entitlement=own, minutes=30)
    used = await step(shop, "Use", entitlement=own, orderNumber="A-1")
    twice = await step(shop, "Use", entitlement=own, orderNumber="A-1")

    assert (piece(taken)["state"], piece(taken)["benefit"]["key"]) == ("ISSUED", "tea")
    assert again.replayed
    assert piece(aside)["state"] == "RESERVED"
    assert piece(aside)["reservedUntil"] is not None
    assert piece(used)["state"] == "USED"
    assert twice.code == "ENTITLEMENT_CLOSED"
    assert piece(twice) is None


async def test_staff_gives_and_takes_back_and_says_what_was_delivered(shop):
    await shop.enrol("lin")

    given = await step(shop, "Grant", "staff", member=named("lin"), benefit="tea", reason="a broken pot", count=2)
    none = await step(shop, "Grant", "staff", member=named("lin"), benefit="tea", reason="one more")
    made = await step(shop, "Fulfil", "staff", entitlement=piece(given)["id"], note="parcel 7")
    back = await step(shop, "Revoke", "staff", entitlement=piece(given)["id"], reason="a mistake")

    assert given.state == "ACCEPTED"
    assert piece(given)["promisedAt"] is not None
    assert none.code == "OUT_OF_STOCK"
    assert piece(made)["fulfilledAt"] is not None
    assert piece(back)["state"] == "REVOKED"


async def test_nobody_does_with_a_piece_what_is_not_theirs_to_do(shop):
    await shop.enrol("lin")
    await shop.enrol("mei")
    own = piece(await step(shop, "Claim", "lin", benefit="tea"))["id"]

    assert (await step(shop, "Grant", "lin", member=named("lin"), benefit="tea", reason="me")).code == "FORBIDDEN"
    assert (await step(shop, "Use", "lin", entitlement=own)).code == "FORBIDDEN"
    assert (await step(shop, "Reserve", "mei", entitlement=own)).code == "NOT_FOUND"
    assert (await step(shop, "Claim", "lin", benefit="tea", promoCode="HELLO")).code == "ONE_OF_TWO"
    assert (await step(shop, "Claim", "lin", promoCode="hello")).state == "ACCEPTED"


async def test_every_benefit_says_whether_and_how_it_is_to_be_had(shop):
    await shop.enrol("lin")

    said = {
        one["benefit"]["key"]: (one["availability"]["state"], one["availability"]["how"])
        for one in (await shop.ask(HOW, token="lin"))["me"]["benefits"]
    }
    chinese = {one["benefit"]["key"]: one for one in (await shop.ask(HOW, token="lin", lang="zh-CN"))["me"]["benefits"]}

    assert said["tea"] == ("AVAILABLE", ["Take it: it is free."])
    assert said["joined"] == ("STANDING", ["It is yours as long as you meet its terms."])
    assert said["gold-only"][0] == "LOCKED"
    assert said["word"] == ("NOT_FOR_POINTS", ["Enter its promo code."])
    assert said["coupon-10"][1] == ["Redeem points for it."]
    assert said["welcome-coupon"][1][0].startswith("You get it by: ")
    assert all(how for _, how in said.values())
    assert chinese["salon"]["availability"]["reason"] == "2030-01-01 00:00开放。"
    assert chinese["ten-off"]["benefit"]["terms"] == ["满100元可用", "可免费领取"]


async def test_the_till_hears_what_could_be_used_on_an_order(shop):
    await shop.enrol("lin")
    await step(shop, "Claim", "lin", benefit="ten-off")
    await step(shop, "Claim", "lin", benefit="tea")

    async def could(total):
        told = (await shop.ask(TILL, {"input": {"total": total, "member": named("lin")}}))["orderPreview"]
        assert told["userErrors"] == []
        return sorted(one["benefit"]["key"] for one in told["entitlements"]), told["standing"]

    joined = [{"key": "joined", "percent": "10"}]
    assert await could("99.99") == (["welcome-coupon"], joined)
    assert await could("100.00") == (["ten-off", "welcome-coupon"], joined)


async def test_figures_are_for_who_runs_the_programme(shop):
    await shop.enrol("lin")
    own = piece(await step(shop, "Claim", "lin", benefit="tea"))["id"]
    await step(shop, "Use", entitlement=own)

    told = {one["benefit"]: one for one in (await shop.ask(FIGURES, token="marketer"))["benefitFigures"]}
    refused = (await shop.post(FIGURES, token="lin")).json()

    assert told["tea"] == {
        "benefit": "tea", "title": "Tea", "issued": 1, "used": 1, "usageRate": "1.0000", "promised": 1, "fulfilled": 0,
        "fulfilmentRate": "0.0000", "cost": {"amount": "0.00"}, "left": 1, "lowStock": False,
    }  # fmt: skip
    assert [one["extensions"]["code"] for one in refused["errors"]] == ["FORBIDDEN"]
