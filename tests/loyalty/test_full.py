"""What a wallet holds ends at 2^53 − 1: facts bring it as much as there is room for, requests for more are refused."""

import pytest

from loyalty.events import PointsAdjust, PointsTransfer
from loyalty.points import BALANCE_MAX
from loyalty.receipts import Receipt
from models.database import Database
from tests.loyalty.conftest import ADMIN, Shop, ref, shop_of
from tests.loyalty.programme import FILES, documents
from tests.loyalty.test_points import NOTHING

ROOM = 100
AT_ONCE = {"earn__base": FILES["earn/base"] | {"actions": [
    {"name": "earn_points_per_amount",
     "params": {"points": "1", "per": "1.00", "base": "order_paid", "rounding": "floor_order", "pending": {"days": 0}}},
], "examples": [
    {"given": {"order_paid": "300.00"}, "then": [{"earn": "points", "points": 300}]},
    {"given": {"order_paid": "0.99"}, "then": []},
]}, "earn__gold": None}  # fmt: skip


@pytest.fixture
async def full(db: Database) -> Shop:
    """A shop with a member, Lin, whose wallet has room for a hundred points: by the door it would take for ever."""
    shop = await shop_of(db, documents(**AT_ONCE))
    await shop.enrol("lin")
    await adjust(shop, "lin", 1_000)
    member, held = await shop.member_id("lin"), BALANCE_MAX - ROOM
    await db.run("UPDATE wallets SET available = $2 WHERE member_id = $1 AND wallet = 'points'", member, held)
    await db.run("UPDATE lots SET amount = $2, remaining = $2 WHERE member_id = $1", member, held)
    return shop


async def adjust(shop: Shop, name: str, points: int) -> Receipt:
    return await shop.one(PointsAdjust(shop.key(), ref(name), "points", points, "a story"), caller=ADMIN)


async def test_the_last_point_there_is_room_for_can_be_had_and_the_next_cannot(full):
    at = await adjust(full, "lin", ROOM)
    past = await adjust(full, "lin", 1)

    assert at.ok
    assert (past.state, past.code) == ("refused", "BALANCE_FULL")
    assert past.params == {"points": 1, "room": 0, "most": 2**53 - 1}
    assert (await full.wallet("lin"))["available"] == 2**53 - 1


async def test_an_order_earns_what_there_is_room_for_and_the_receipt_says_so(full):
    cut = await full.order("lin", 15_000, "A1")
    nothing = await full.order("lin", 15_000, "A2")

    limited = {"policy": "earn/base", "wallet": "points", "asked": 150, "because": "balance"}
    assert cut.changes["limited"] == [limited | {"given": ROOM}]
    assert nothing.changes["limited"] == [limited | {"given": 0}]
    assert (cut.ok, nothing.ok) == (True, True)
    assert (await full.wallet("lin"))["available"] == 2**53 - 1
    assert await full.count("orders") == 2
    assert await full.count("transfers", "reason = 'earned'") == 1


async def test_an_order_that_just_fits_is_not_cut(full):
    receipt = await full.order("lin", ROOM * 100, "A1")

    assert "limited" not in receipt.changes
    assert (await full.wallet("lin"))["available"] == 2**53 - 1


async def test_points_given_back_stop_where_the_wallet_is_full(full):
    await full.redeem("lin", order_number="A1")
    await adjust(full, "lin", ROOM)
    await adjust(full, "lin", 250)  # Of the 300 that were spent, 50 can come back.
    await full.order("lin", 0, "A1")

    receipt = await full.one(full.cancelled("A1"))

    assert receipt.ok
    assert [(one["asked"], one["given"]) for one in receipt.changes["limited"]] == [(300, 50)]
    assert (await full.wallet("lin"))["available"] == 2**53 - 1


async def test_nobody_is_given_more_points_than_there_is_room_for(full):
    await full.enrol("wang")
    await adjust(full, "wang", 500)

    past = await full.one(PointsTransfer("a", ref("wang"), ref("lin"), "points", ROOM + 1), caller=ADMIN)
    at = await full.one(PointsTransfer("b", ref("wang"), ref("lin"), "points", ROOM), caller=ADMIN)

    assert (past.code, past.params["room"]) == ("BALANCE_FULL", ROOM)
    assert at.ok
    assert await full.wallet("wang") == NOTHING | {"available": 400}
    assert (await full.wallet("lin"))["available"] == 2**53 - 1
    assert await full.count("events", "kind = 'points.received'") == 1
