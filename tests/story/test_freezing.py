"""Staff freeze an account or a wallet: it earns, cannot be spent, and says so."""

import pytest
import pytest_asyncio

from tests.story import documents as says
from tests.story.conftest import named


@pytest_asyncio.fixture
async def rich(shop, lin):
    """Lin, with enough for a voucher."""
    await shop.do(
        says.ADJUST, {"member": named(lin), "points": 800, "reason": "a start", "idempotencyKey": "a"}, token="staff"
    )
    return lin


async def test_a_frozen_member_earns_and_is_told_why_it_cannot_spend(shop, rich):
    given = {"member": named(rich), "reason": "FRAUD", "note": "many accounts, one phone", "idempotencyKey": "1"}
    frozen = await shop.do(says.FREEZE, given, token="staff")

    refused = await shop.redeem(rich, value="5.00", benefit="voucher")
    earned = await shop.order(rich)

    assert (frozen.state, earned.state) == ("ACCEPTED", "ACCEPTED")
    assert refused.code == "MEMBER_FROZEN"
    assert refused.problem["message"].startswith("This account is frozen for now. Earning goes on;")
    me = await shop.member(rich)
    assert (me["status"], me["frozen"], me["points"]["balance"]) == ("FROZEN", {"at": AT, "reason": None}, 1000)
    seen = (await shop.ask(says.MEMBER, {"by": named(rich)}))["member"]
    assert seen["frozen"] == {"at": AT, "reason": "FRAUD"}


async def test_a_member_is_let_spend_again(shop, rich):
    given = {"member": named(rich), "idempotencyKey": "1"}
    await shop.do(says.FREEZE, given | {"reason": "OWN_WISH"}, token="staff")

    freed = await shop.do(says.UNFREEZE, given | {"idempotencyKey": "2"}, token="staff")

    assert freed.state == "ACCEPTED"
    me = await shop.member(rich)
    assert (me["status"], me["frozen"]) == ("ACTIVE", None)
    assert (await shop.redeem(rich, value="5.00", benefit="voucher")).state == "ACCEPTED"


async def test_nothing_of_a_frozen_wallet_can_be_had_and_the_catalogue_says_so(shop, rich):
    given = {"member": named(rich), "reason": "POLICY", "idempotencyKey": "1"}

    await shop.do(says.WALLET_FREEZE, given, token="staff")

    me = await shop.member(rich)
    assert (me["status"], me["points"]["frozen"]) == ("ACTIVE", {"at": AT, "reason": None})
    states = {one["benefit"]["key"]: one["availability"] for one in me["benefits"]}
    assert (states["voucher"]["state"], states["voucher"]["reason"]) == ("LOCKED", "The wallet is frozen for now.")
    refused = await shop.redeem(rich, value="5.00", benefit="voucher")
    assert (refused.code, await shop.balance(rich)) == ("WALLET_FROZEN", 1000)
    assert "“Points”" in refused.problem["message"]

    await shop.do(says.WALLET_UNFREEZE, {"member": named(rich), "idempotencyKey": "2"}, token="staff")

    assert (await shop.redeem(rich, value="5.00", benefit="voucher")).state == "ACCEPTED"


@pytest.mark.parametrize("token", ["service", "marketer", "lin"])
async def test_nobody_but_staff_freezes(shop, rich, token):
    given = {"member": named(rich), "reason": "FRAUD", "idempotencyKey": "1"}

    answer = await shop.do(says.FREEZE, given, token=token)

    assert answer.code == "FORBIDDEN"
    assert (await shop.member(rich))["status"] == "ACTIVE"


AT = "2026-11-03T02:00:00Z"
