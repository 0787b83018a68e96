"""Somebody bought before being a member: the order is claimed afterwards, and earns as when it was paid."""

import pytest

from tests.story import documents as says
from tests.story.conftest import named

PHONE = {"kind": "phone", "value": "138-0000-1111"}


@pytest.fixture
def texts(texts):
    """The demo, but nobody is taken in by buying."""
    return {path: text for path, text in texts.items() if not path.startswith("enrol/")}


async def claim(shop, token, **more):
    given = {"number": "order-x", "idempotencyKey": shop.key(), **more}
    return await shop.do(says.CLAIM, given, token=token)


async def test_a_member_claims_what_it_bought_by_the_phone_it_gave(shop, lin):
    await shop.order(None, number="order-x", member={"identity": PHONE})

    guessed = await claim(shop, lin)
    claimed = await claim(shop, lin, identity=PHONE)
    again = await claim(shop, lin, identity=PHONE)

    assert [one.code for one in (guessed, claimed, again)] == ["ORDER_NOT_YOURS", None, "ORDER_CLAIMED"]
    assert claimed.payload["member"]["id"] == (await shop.member(lin))["id"]
    assert await shop.pending(lin) == 300
    (entry, *_) = (await shop.member(lin))["points"]["entries"]["nodes"]
    assert entry["order"] == {"number": "order-x", "shop": "main"}
    await shop.give_back("order-x")
    assert await shop.pending(lin) == 0


async def test_a_service_claims_for_a_member_in_time_and_no_later(shop, lin):
    await shop.order(None, number="order-x")
    shop.clock.wait(days=31)

    late = await claim(shop, "service", member=named(lin))

    assert late.code == "CLAIM_TOO_LATE"
    assert "30 days" in late.problem["message"]
    assert await shop.pending(lin) == 0


async def test_joining_by_the_same_phone_claims_by_itself(shop):
    await shop.order(None, number="order-x", member={"identity": PHONE})
    shop.clock.wait(days=2)

    joined = await shop.enrol("wu", identities=[{"kind": "external", "value": "wu"}, PHONE])

    assert joined.state == "ACCEPTED"
    assert await shop.pending("wu") == 300
    assert (await claim(shop, "service", member=named("wu"))).code == "ORDER_CLAIMED"
