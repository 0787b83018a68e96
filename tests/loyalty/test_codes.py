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

    row = (await shop.house.db.rows("SELECT id FROM entitlements WHERE benefit = 'coupon-10'"))[0]["id"]
    assert looked.changes["code"] == {"benefit": "coupon-10", "used": False, "id": row}
    assert used.changes["code"] == {"benefit": "coupon-10", "used": True, "id": row}
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


async def test_a_partner_learns_nothing_of_the_owner_of_a_foreign_code(shop: Shop) -> None:
    code = await code_of(shop, "lin")
    told = {}
    for status in ("active", "frozen", "merged", "erased"):
        await shop.house.db.run("UPDATE members SET status = $1", status)
        foreign = await shop.one(CodeVerify(f"{status}-foreign", code), caller=PARTNER)
        wrong = await shop.one(CodeVerify(f"{status}-wrong", "AAAA-BBBB-CCCC-DDDD"), caller=PARTNER)
        own = await shop.one(CodeVerify(f"{status}-own", code))
        told[status] = (foreign.code, wrong.code, own.code)
    await shop.house.db.run("UPDATE members SET status = 'active'")

    assert told == {
        "active": ("CODE_UNKNOWN", "CODE_UNKNOWN", None),
        "frozen": ("CODE_UNKNOWN", "CODE_UNKNOWN", "MEMBER_FROZEN"),
        "merged": ("CODE_UNKNOWN", "CODE_UNKNOWN", "MEMBER_MERGED"),
        "erased": ("CODE_UNKNOWN", "CODE_UNKNOWN", "MEMBER_ERASED"),
    }


async def test_a_code_that_was_only_looked_at_is_replayed_with_what_fell_due_then(shop: Shop) -> None:
    code = await code_of(shop, "lin")
    await shop.order("lin", 50_000)
    shop.later(days=8)

    looked = await shop.one(CodeVerify("a", code))

    assert looked.ok
    assert (await shop.wallet("lin"))["available"] == 500  # Settled on the way; the shop's fixture folds it again.
    assert await shop.count("entitlements", "state = 'used'") == 0


async def test_a_code_ends_with_its_coupon(shop: Shop) -> None:
    code = await code_of(shop, "lin")
    shop.later(days=30)

    answer = await shop.one(CodeVerify("a", code, use=True))

    assert answer.code == "CODE_EXPIRED"
    await shop.settle("lin")
    assert await shop.count("entitlements", "state = 'expired'") == 1


async def test_a_till_of_the_house_verifies_any_code_and_needs_its_own_scope(shop: Shop) -> None:
    code = await code_of(shop, "lin")
    unscoped = replace(POS, scopes=POS.scopes - {"codes:verify"} | {"partner:verify"})

    refused = await shop.one(CodeVerify("a", code), caller=unscoped)
    found = await shop.one(CodeVerify("b", code), caller=POS)

    assert (refused.code, refused.params) == ("FORBIDDEN", {"needs": "codes:verify"})
    assert found.changes["code"]["benefit"] == "coupon-10"
