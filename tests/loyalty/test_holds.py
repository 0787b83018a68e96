"""A hold sets aside all that a redemption takes: points, stock, the member's share, the policy's times."""

from typing import Any

from loyalty.events import CodeVerify, HoldCapture, HoldRelease
from loyalty.views import accounts
from models.database import Database
from tests.loyalty.conftest import Shop, ref, shop_of
from tests.loyalty.programme import FILES, documents
from tests.loyalty.test_points import NOTHING, rich

ONCE = FILES["redeem/coupon-10"] | {"limits": {"times_per_member": 1}}


async def scarce(db: Database, *, sold: Any = None, **coupon: Any) -> Shop:
    """A shop with a coupon of which there is not much, and two members who could pay."""
    changes = {"redeem__coupon_10": sold} if sold else {}
    shop = await shop_of(db, documents(benefits__coupon_10=FILES["benefits/coupon-10"] | coupon, **changes))
    for name in ("lin", "wang"):
        await rich(shop, name, 900)
    return shop


async def coupons(shop: Shop) -> list[tuple[str, int | None, bool]]:
    """State, payment and end of all coupons, oldest first."""
    sql = "SELECT state, transfer_id, expires_at FROM entitlements WHERE benefit = 'coupon-10' ORDER BY id"
    rows = await shop.house.db.rows(sql)
    return [(row["state"], row["transfer_id"] is not None, row["expires_at"] is not None) for row in rows]


async def left(shop: Shop) -> int:
    return int((await shop.house.db.rows("SELECT \"left\" FROM counters WHERE name = 'stock:coupon-10'"))[0]["left"])


async def test_a_hold_takes_the_last_piece_and_capture_hands_it_over(db: Database) -> None:
    shop = await scarce(db, stock=1)

    first = await shop.redeem("lin", hold=True)
    second = await shop.redeem("wang", hold=True)

    assert (first.state, second.code, await left(shop)) == ("accepted", "OUT_OF_STOCK", 0)
    assert await coupons(shop) == [("reserved", False, True)]
    assert await shop.count("codes") == 0  # Nobody can use what is not bought yet.
    assert await shop.wallet("wang") == NOTHING | {"available": 900}

    captured = await shop.one(HoldCapture("c", ref("lin"), first.hold_id or 0))

    assert captured.ok
    assert await coupons(shop) == [("issued", True, True)]
    code = shop.house.secrets.code_of(1, captured.changes["entitlements"][0]["id"])
    assert (await shop.one(CodeVerify("v", code, use=True))).ok
    assert await left(shop) == 0
    await shop.prove()


async def test_a_hold_takes_the_share_of_a_member(db: Database) -> None:
    shop = await scarce(db, per_member=1)

    first, second = await shop.redeem("lin", hold=True), await shop.redeem("lin", hold=True)
    released = await shop.one(HoldRelease("r", ref("lin"), first.hold_id or 0))
    third = await shop.redeem("lin")

    assert (first.state, second.code) == ("accepted", "LIMIT_REACHED")
    assert (released.state, third.state) == ("accepted", "accepted")
    assert await coupons(shop) == [("revoked", False, True), ("issued", True, True)]
    assert await shop.wallet("lin") == NOTHING | {"available": 600}
    await shop.prove()


async def test_a_hold_that_lapses_gives_stock_back_months_later_too(db: Database) -> None:
    shop = await scarce(db, stock=1)
    await shop.redeem("lin", hold=True)
    shop.later(days=70)
    live = await shop.house.rulebook.programme(db, "story")
    lin = await shop.member_id("lin")
    account = (await accounts(db, live, [lin], shop.now))[lin]
    assert account.wallet("points").available == 900  # A read settles in memory, and moves nothing.
    assert (await left(shop), await coupons(shop)) == (0, [("reserved", False, True)])

    await shop.settle("lin")
    bought = await shop.redeem("wang")

    assert bought.ok
    assert await coupons(shop) == [("revoked", False, True), ("issued", True, True)]
    assert await left(shop) == 0
    await shop.prove()


async def test_a_lapsed_hold_gives_its_times_back(db: Database) -> None:
    shop = await scarce(db, sold=ONCE)
    held = await shop.redeem("lin", hold=True)
    meanwhile = await shop.redeem("lin")
    shop.later(minutes=15)
    await shop.settle("lin")

    after = await shop.redeem("lin")
    once_more = await shop.redeem("lin")

    assert (held.state, meanwhile.code) == ("accepted", "LIMIT_REACHED")
    assert (after.state, once_more.code, once_more.params["most"]) == ("accepted", "LIMIT_REACHED", 1)
    assert await shop.wallet("lin") == NOTHING | {"available": 600}
    await shop.prove()


async def test_times_come_back_to_the_month_they_were_used_in(db: Database) -> None:
    monthly = FILES["redeem/coupon-10"] | {"limits": {"times_per_member_per_month": 1}}
    shop = await scarce(db, sold=monthly)
    await shop.redeem("lin", hold=True)
    shop.later(days=70)

    after = await shop.redeem("lin")

    assert after.ok
    rows = await db.rows("SELECT period, used FROM limits WHERE policy = 'redeem/coupon-10' ORDER BY period")
    assert [(row["period"], row["used"]) for row in rows] == [("2026-03", 0), ("2026-05", 1)]
    await shop.prove()
