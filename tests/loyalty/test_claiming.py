"""An order nobody had is claimed once, in time, by whoever can say whose it was; it earns as when it was paid."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest_asyncio

from loyalty.access import Caller
from loyalty.events import IdentityLink, MemberEnrolled, MemberRef, OrderClaim
from loyalty.receipts import Receipt
from models.database import Database
from tests.loyalty.conftest import Shop, back, lines, ref, shop_of
from tests.loyalty.programme import documents
from tests.loyalty.test_points import NOTHING

PHONE = ("phone", "13800001111")


@pytest_asyncio.fixture
async def open_shop(db: Database) -> Any:
    """A shop that takes nobody in by an order."""
    made = await shop_of(db, documents(enrol__first_purchase=None))
    yield made
    await made.prove()


async def bought(shop: Shop, number: str, total: int = 30000, **more: Any) -> Receipt:
    """Somebody whom nobody knows pays, under a phone number."""
    return await shop.one(replace(shop.paid(None, total, number, **more), member=MemberRef(None, *PHONE)))


async def claim(shop: Shop, name: str, number: str, **more: Any) -> Receipt:
    more = {"vouched": True} | more
    return await shop.one(OrderClaim(shop.key(), ref(name), number, **more))


async def by_itself(shop: Shop, name: str, number: str, identity: tuple[str, str] | None = None) -> Receipt:
    """A member claims with a token of its own."""
    member = await shop.member_id(name)
    caller = Caller(f"member:{member}", "story", frozenset({"member"}), member_id=member)
    return await shop.one(OrderClaim(shop.key(), MemberRef(id=member), number, identity=identity), caller=caller)


async def test_a_claimed_order_earns_as_it_would_have_when_it_was_paid(open_shop: Shop) -> None:
    shop = open_shop
    await bought(shop, "n-1")
    paid_at = shop.now
    shop.later(days=3)
    await shop.enrol("lin")

    claimed = await claim(shop, "lin", "n-1")

    assert claimed.changes["claims"] == {"number": "n-1", "shop": "main"}
    assert await shop.wallet("lin") == NOTHING | {"pending": 300}
    (lot,) = await shop.house.db.rows("SELECT earned_at, available_at FROM lots WHERE wallet = 'points'")
    assert lot["earned_at"] == paid_at
    shop.now = paid_at
    shop.later(days=7)
    await shop.settle("lin")
    assert await shop.wallet("lin") == NOTHING | {"available": 300}
    (row,) = await shop.house.db.rows("SELECT orders FROM members")
    assert row == {"orders": 1}


async def test_the_programme_counts_a_claimed_order_once(open_shop: Shop) -> None:
    shop = open_shop
    await bought(shop, "n-1")
    await shop.enrol("lin")
    await claim(shop, "lin", "n-1")

    sql = "SELECT SUM(orders) AS orders, SUM(spend) AS spend FROM day_deltas"
    (row,) = await shop.house.db.rows(sql)

    assert (int(row["orders"]), int(row["spend"])) == (1, 30000)
    assert await shop.count("orders", "state = 'claimed' AND member_id < 0") == 1


async def test_a_return_of_a_claimed_order_takes_back_what_it_earned(open_shop: Shop) -> None:
    shop = open_shop
    await bought(shop, "n-1", lines=lines(10000, 20000))
    await shop.enrol("lin")
    await claim(shop, "lin", "n-1")

    part = await shop.one(shop.returned("n-1", "r-1", lines=back((0, 1))))
    after_part = await shop.wallet("lin")
    await shop.one(shop.cancelled("n-1"))

    assert part.member_id == await shop.member_id("lin")
    assert after_part == NOTHING | {"pending": 200}
    assert await shop.wallet("lin") == NOTHING


async def test_what_had_come_back_before_the_claim_is_not_earned(open_shop: Shop) -> None:
    shop = open_shop
    await bought(shop, "n-1", lines=lines(10000, 20000))
    await shop.one(shop.returned("n-1", "r-1", lines=back((0, 1))))
    await shop.enrol("lin")

    await claim(shop, "lin", "n-1")
    again = await shop.one(shop.returned("n-1", "r-1", lines=back((0, 1))))
    rest = await shop.one(shop.returned("n-1", "r-2"))

    assert (again.replayed, rest.state) == (True, "accepted")
    assert await shop.wallet("lin") == NOTHING


async def test_twice_is_refused_whoever_asks(open_shop: Shop) -> None:
    shop = open_shop
    await bought(shop, "n-1")
    await shop.enrol("lin")
    await shop.enrol("wang")

    answers = await asyncio.gather(claim(shop, "lin", "n-1"), claim(shop, "wang", "n-1"))
    again = await claim(shop, "lin", "n-1")

    assert sorted(one.code or one.state for one in answers) == ["ORDER_CLAIMED", "accepted"]
    assert again.code == "ORDER_CLAIMED"
    both = [await shop.wallet(name) for name in ("lin", "wang")]
    assert sorted(both, key=lambda one: one["pending"]) == [NOTHING, NOTHING | {"pending": 300}]


async def test_a_member_has_to_say_whose_name_the_order_was_under(open_shop: Shop) -> None:
    shop = open_shop
    await bought(shop, "n-1")
    await shop.enrol("lin")

    unproven = await by_itself(shop, "lin", "n-1")
    wrong = await by_itself(shop, "lin", "n-1", ("phone", "13900002222"))
    nothing = await by_itself(shop, "lin", "n-2", PHONE)
    right = await by_itself(shop, "lin", "n-1", ("phone", "138-0000-1111"))

    assert [one.code for one in (unproven, wrong, nothing)] == ["ORDER_NOT_YOURS"] * 3
    assert right.state == "accepted"
    assert await shop.wallet("lin") == NOTHING | {"pending": 300}
    assert await shop.count("order_refs", "number = 'n-2'") == 0


async def test_nobody_vouches_for_itself(open_shop: Shop) -> None:
    shop = open_shop
    await bought(shop, "n-1")
    await shop.enrol("lin")
    member = await shop.member_id("lin")
    caller = Caller(f"member:{member}", "story", frozenset({"member"}), member_id=member)

    forged = await shop.one(OrderClaim("c", MemberRef(id=member), "n-1", vouched=True), caller=caller)

    assert forged.code == "FORBIDDEN"
    assert await shop.wallet("lin") == NOTHING


async def test_what_is_too_old_or_called_off_or_not_there_is_not_claimed(open_shop: Shop) -> None:
    shop = open_shop
    await bought(shop, "n-old")
    shop.later(days=31)
    await bought(shop, "n-off")
    await shop.one(shop.cancelled("n-off"))
    await shop.enrol("lin")

    answers = [await claim(shop, "lin", number) for number in ("n-old", "n-off", "n-none")]

    assert [one.code for one in answers] == ["CLAIM_TOO_LATE", "ORDER_CANCELLED", "ORDER_NOT_THERE"]
    assert await shop.wallet("lin") == NOTHING


async def test_whoever_joins_by_a_name_has_the_orders_that_waited_under_it(open_shop: Shop) -> None:
    shop = open_shop
    await bought(shop, "n-old", 99900)
    shop.later(days=31)
    await bought(shop, "n-1", 10000)
    shop.later(days=2)
    await bought(shop, "n-2", 20000)
    shop.later(days=2)

    joined = await shop.one(MemberEnrolled("e", (("external", "lin"), PHONE), shop.now))

    assert joined.state == "accepted"
    assert await shop.wallet("lin") == NOTHING | {"pending": 300}
    assert await shop.count("events", "kind = 'order.claimed' AND state = 'accepted'") == 2
    assert (await claim(shop, "lin", "n-1")).code == "ORDER_CLAIMED"


async def test_whoever_is_linked_to_a_name_has_the_orders_that_waited_under_it(open_shop: Shop) -> None:
    shop = open_shop
    await bought(shop, "n-1", 10000)
    await shop.enrol("lin")

    await shop.one(IdentityLink("l", ref("lin"), PHONE))

    assert await shop.wallet("lin") == NOTHING | {"pending": 100}


async def test_a_first_purchase_that_takes_somebody_in_brings_what_waited(shop: Shop) -> None:
    free = await bought(shop, "n-free", 0)
    joined = await shop.one(replace(shop.paid(None, 10000, "n-1"), member=MemberRef(None, *PHONE)))

    assert (free.member_id or 0) < 0 < (joined.member_id or 0)
    assert await shop.count("events", "kind = 'order.claimed' AND state = 'accepted'") == 1
    assert await shop.count("orders", f"member_id = {joined.member_id}") == 2
