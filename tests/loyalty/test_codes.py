"""Codes: a till shows one, and it opens its own benefit once."""

from dataclasses import replace

from loyalty.access import Caller
from loyalty.events import CodeVerify
from tests.loyalty.conftest import POS, Shop
from tests.loyalty.test_points import rich

PARTNER = Caller("partner:tea", "story", frozenset({"partner", "partner:verify"}), partner="tea-house")


async def code_of(shop: Shop, name: str) -> str:
    await rich(shop, name, 300)
    receipt = await shop.redeem(name)
    return shop.house.secrets.code_of(1, receipt.changes["entitlements"][0]["id"])


async def test_a_code_is_looked_up_and_used_once(shop: Shop) -> None:
    code = await code_of(shop, "lin")

    looked = await shop.one(CodeVerify("a", code))
    used = await shop.one(CodeVerify("b", code.lower().replace("-", ""), use=True))
    again = await shop.one(CodeVerify("c", code, use=True))

    assert looked.changes["code"] == {"benefit": "coupon-10", "used": False}
    assert used.changes["code"] == {"benefit": "coupon-10", "used": True}
    assert again.code == "CODE_USED"
    assert await shop.count("entitlements", "state = 'used'") == 1


async def test_a_code_nobody_has_opens_nothing(shop: Shop) -> None:
    answer = await shop.one(CodeVerify("a", "AAAA-BBBB-CCCC-DDDD", use=True))

    assert answer.code == "CODE_UNKNOWN"


async def test_a_partner_does_not_find_the_codes_of_others(shop: Shop) -> None:
    code = await code_of(shop, "lin")

    answer = await shop.one(CodeVerify("a", code, use=True), caller=PARTNER)
    other = await shop.one(CodeVerify("a", code, use=True), caller=replace(POS, partner=None))

    assert answer.code == "CODE_UNKNOWN"
    assert other.ok


async def test_a_code_ends_with_its_coupon(shop: Shop) -> None:
    code = await code_of(shop, "lin")
    shop.later(days=30)

    answer = await shop.one(CodeVerify("a", code, use=True))

    assert answer.code == "CODE_EXPIRED"
    await shop.settle("lin")
    assert await shop.count("entitlements", "state = 'expired'") == 1
