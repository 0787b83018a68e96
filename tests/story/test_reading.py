"""Reading at any instant equals settling first; and reading moves nothing."""

from datetime import timedelta

import pytest

from loyalty.access import CLOCK, Caller
from loyalty.events import ClockDue, MemberRef
from loyalty.intake import receive

WORKER = Caller("clock", "demo", CLOCK)
WALLET = """query { me { wallets { key balance available pending held owed expiring(days: 400) { points on } }
  entitlements(first: 50) { nodes { id state } } } }"""


@pytest.mark.parametrize("days", [0, 6, 7, 8, 30, 91, 364, 365, 366, 372, 380])
async def test_reading_equals_settling_first(shop, lin, days):
    await shop.order(lin, total=120000, number="A")
    shop.clock.wait(days=5)
    await shop.order(lin, total=45000, number="B")
    shop.clock.wait(days=2)
    await shop.redeem(lin)
    await shop.redeem(lin, "voucher", value="5.00", hold=True)
    await shop.give_back("A", amount="300.00")
    shop.clock.wait(days=days)
    before = await shop.rows()

    read = await shop.ask(WALLET, token=lin)
    assert await shop.rows() == before
    await settle(shop, lin)

    assert await shop.ask(WALLET, token=lin) == read


async def test_a_hold_that_has_lapsed_is_read_as_lapsed(shop, lin):
    await shop.order(lin, total=120000)
    shop.clock.wait(days=7)
    await shop.redeem(lin, hold=True)
    shop.clock.wait(minutes=15)

    read = await shop.ask(WALLET, token=lin)
    await settle(shop, lin)

    assert read["me"]["wallets"][0]["held"] == 0
    assert await shop.ask(WALLET, token=lin) == read


async def settle(shop, name):
    """What the clock would do about this member by now."""
    hashed = shop.house.secrets.identity_hash(shop.live.programme_id, "external", name)
    (row,) = await shop.house.db.rows("SELECT member_id FROM identities WHERE hash = $1", hashed)
    now = shop.clock.now
    due = ClockDue(f"clock:due:{row['member_id']}:{now}", MemberRef(id=row["member_id"]), now)
    (receipt,) = await receive(shop.house, WORKER, [due], now=now + timedelta(seconds=0))
    assert receipt.state == "accepted"
