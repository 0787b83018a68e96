"""A family pool: a holder like a member, joined by invitation, fed and spent by those who are in it."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from loyalty.access import Caller, scopes_of
from loyalty.events import (
    MemberErase,
    MemberFreeze,
    MemberRef,
    MembersMerge,
    OrderPaid,
    PointsAdjust,
    PointsRedeem,
    PointsTransfer,
    PoolClose,
    PoolContribute,
    PoolCreate,
    PoolInvite,
    PoolJoin,
    PoolLeave,
    WalletFreeze,
)
from loyalty.intake import take_queued
from loyalty.receipts import Receipt
from models.database import Database
from tests.loyalty.conftest import ADMIN, Shop, ref, shop_of
from tests.loyalty.programme import FILES, documents
from tests.loyalty.test_points import NOTHING, rich

POOL = {"members_most": 3}


def pooled(transfers: Any = None, **terms: Any) -> dict[str, str]:
    """The programme with family pools on these terms."""
    programme = json.loads(json.dumps(FILES["programme"]))
    programme["pools"] = POOL | terms
    if transfers:
        programme["wallets"]["points"]["transfers"] = transfers
    return documents(programme=programme)


async def home(db: Database, transfers: Any = None, **terms: Any) -> Shop:
    """Lin has 2,000 points, Wang 500, Zhao none; nobody is in a pool."""
    shop = await shop_of(db, pooled(transfers, **terms))
    await rich(shop, "lin", 2000)
    await rich(shop, "wang", 500)
    await shop.enrol("zhao")
    return shop


@pytest_asyncio.fixture
async def family(db: Database) -> AsyncIterator[Shop]:
    """Lin's pool, in which Wang is."""
    shop = await home(db)
    await together(shop)
    yield shop
    await shop.prove()


async def asks(shop: Shop, name: str, kind: type[Any], **more: Any) -> Receipt:
    """Somebody asks something of the pool, by herself."""
    member = await shop.member_id(name)
    caller = Caller(f"member:{member}", "story", frozenset({"member"}), member_id=member)
    return await shop.one(kind(shop.key(), MemberRef(id=member), **more), caller=caller)


async def invited(shop: Shop, owner: str = "lin") -> str:
    """A fresh code."""
    receipt = await asks(shop, owner, PoolInvite)
    return shop.house.secrets.code_of(1, receipt.changes["invitation"]["id"])


async def joins(shop: Shop, name: str, code: str) -> Receipt:
    """Somebody hands a code in."""
    return await asks(shop, name, PoolJoin, to=MemberRef(kind="pool", value=code))


async def together(shop: Shop) -> None:
    """Lin opens a pool and Wang joins it."""
    assert (await asks(shop, "lin", PoolCreate)).state == "accepted"
    assert (await joins(shop, "wang", await invited(shop))).state == "accepted"


async def pool(shop: Shop) -> dict[str, Any]:
    """The pool's balance, its state and who is in it."""
    rows = await shop.house.db.rows("SELECT id, status FROM members WHERE status IN ('pool', 'closed')")
    held = await shop.house.db.rows("SELECT available FROM wallets WHERE member_id = $1", rows[0]["id"])
    inside = await shop.house.db.rows("SELECT person_id, role FROM pool_members WHERE left_at IS NULL ORDER BY id")
    names = {await shop.member_id(name): name for name in ("lin", "wang", "zhao")}
    return {
        "status": rows[0]["status"],
        "points": held[0]["available"] if held else 0,
        "members": [(names[row["person_id"]], row["role"]) for row in inside],
    }


async def pool_of(shop: Shop, name: str) -> int | None:
    """The pool somebody's own row names."""
    sql = "SELECT pool_id FROM members WHERE id = $1"
    found: int | None = (await shop.house.db.rows(sql, await shop.member_id(name)))[0]["pool_id"]
    return found


async def test_a_pool_is_made_and_joined_by_invitation(family: Shop) -> None:
    found = await pool(family)

    assert found == {"status": "pool", "points": 0, "members": [("lin", "owner"), ("wang", "member")]}
    assert await pool_of(family, "lin") == await pool_of(family, "wang") is not None
    assert await pool_of(family, "zhao") is None


async def test_an_invitation_is_for_one_and_for_its_days(family: Shop) -> None:
    used = await invited(family)
    await asks(family, "wang", PoolLeave)
    await joins(family, "wang", used)

    again = await joins(family, "zhao", used)
    code = await invited(family)
    family.later(days=7)
    late = await joins(family, "zhao", code)
    nobodys = await joins(family, "zhao", "AAAA-BBBB-CCCC-DDDD")

    assert [one.code for one in (again, late, nobodys)] == ["INVITATION_UNKNOWN"] * 3
    assert await pool_of(family, "zhao") is None


async def test_two_who_hand_in_one_code_at_once_do_not_both_come_in(family: Shop) -> None:
    await family.enrol("chen")
    to = MemberRef(kind="pool", value=await invited(family))

    receipts = await family.send(*(PoolJoin(family.key(), ref(name), to) for name in ("zhao", "chen")))

    assert [one.code for one in receipts] == [None, "INVITATION_UNKNOWN"]
    assert (await pool(family))["members"][-1] == ("zhao", "member")


async def test_a_code_may_be_written_as_people_write(family: Shop) -> None:
    code = await invited(family)

    receipt = await joins(family, "zhao", code.lower().replace("-", " "))

    assert receipt.state == "accepted"
    assert (await pool(family))["members"][-1] == ("zhao", "member")


async def test_a_name_that_is_no_pools_opens_nothing(family: Shop) -> None:
    theirs = await asks(family, "zhao", PoolJoin, to=ref("lin"))

    assert theirs.code == "INVITATION_UNKNOWN"


async def test_a_pool_has_so_many_members_and_one_is_in_one(family: Shop) -> None:
    await family.enrol("chen")
    await joins(family, "zhao", await invited(family))

    full = await joins(family, "chen", await invited(family))
    second = await asks(family, "wang", PoolCreate)
    another = await joins(family, "wang", await invited(family))

    assert [(full.code, full.params), second.code, another.code] == [
        ("POOL_FULL", {"most": 3}),
        "POOL_ALREADY",
        "POOL_ALREADY",
    ]
    assert await family.count("members", "status = 'pool'") == 1


async def test_only_the_owner_invites_and_closes(family: Shop) -> None:
    refused = [await asks(family, "wang", kind) for kind in (PoolInvite, PoolClose)]
    nobody = [await asks(family, "zhao", kind) for kind in (PoolInvite, PoolClose, PoolLeave)]

    assert [one.code for one in refused] == ["POOL_NOT_ALLOWED"] * 2
    assert [one.code for one in nobody] == ["POOL_NONE"] * 3
    assert (await pool(family))["status"] == "pool"


async def test_where_the_programme_has_none_nobody_opens_one(shop: Shop) -> None:
    await shop.enrol("lin")

    receipt = await asks(shop, "lin", PoolCreate)

    assert receipt.code == "POOL_NONE"
    assert await shop.count("members", "status = 'pool'") == 0


async def test_points_put_in_keep_their_life_and_their_origin(family: Shop) -> None:
    receipt = await asks(family, "lin", PoolContribute, points=300)

    assert receipt.state == "accepted"
    assert await family.wallet("lin") == NOTHING | {"available": 1700}
    assert (await pool(family))["points"] == 300
    lives = "SELECT DISTINCT expires_at, earned_at, origin_event FROM lots"
    sql = f"{lives} WHERE wallet = 'points' AND member_id IN ($1, $2)"
    inside = await pool_of(family, "lin")
    assert len(await family.house.db.rows(sql, await family.member_id("lin"), inside)) == 1
    assert await family.count("pool_members", "contributed = 300") == 1


async def test_nobody_puts_in_what_is_not_there(family: Shop) -> None:
    too_much = await asks(family, "wang", PoolContribute, points=501)
    outside = await asks(family, "zhao", PoolContribute, points=1)

    assert [too_much.code, outside.code] == ["INSUFFICIENT_POINTS", "POOL_NONE"]
    assert (await pool(family))["points"] == 0


async def buys(shop: Shop, name: str, **more: Any) -> Receipt:
    """Somebody buys a coupon for the pool's points."""
    return await asks(shop, name, PointsRedeem, benefit="coupon-10", from_pool=True, **more)


async def test_the_pool_pays_and_the_member_has_the_benefit(family: Shop) -> None:
    await asks(family, "lin", PoolContribute, points=800)

    receipt = await buys(family, "wang")

    assert receipt.state == "accepted"
    assert (await pool(family))["points"] == 500
    assert await family.wallet("wang") == NOTHING | {"available": 500}
    rows = await family.house.db.rows("SELECT member_id FROM entitlements WHERE benefit = 'coupon-10'")
    assert [row["member_id"] for row in rows] == [await family.member_id("wang")]


async def test_the_pool_pays_no_more_than_it_has(family: Shop) -> None:
    await asks(family, "lin", PoolContribute, points=299)

    poor = await buys(family, "wang")
    held = await buys(family, "wang", hold=True)
    outside = await buys(family, "zhao")

    assert (poor.code, poor.params["missing"]) == ("INSUFFICIENT_POINTS", 1)
    assert [held.code, outside.code] == ["POOL_NOT_ALLOWED", "POOL_NONE"]
    assert (await pool(family))["points"] == 299
    assert await family.count("entitlements", "benefit = 'coupon-10'") == 0


async def test_what_has_ended_pays_nothing_though_nobody_has_settled_it(family: Shop) -> None:
    await asks(family, "lin", PoolContribute, points=300)
    family.later(days=400)

    receipt = await buys(family, "wang")

    assert (receipt.code, receipt.params["missing"]) == ("INSUFFICIENT_POINTS", 300)
    assert (await pool(family))["points"] == 300  # The clock has not come by.


async def test_two_in_one_batch_do_not_spend_the_same_points(family: Shop) -> None:
    await asks(family, "lin", PoolContribute, points=599)
    wishes = [PointsRedeem(family.key(), ref(name), "coupon-10", from_pool=True) for name in ("lin", "wang")]

    receipts = await family.send(*wishes)

    assert [receipt.code for receipt in receipts] == [None, "INSUFFICIENT_POINTS"]
    assert (await pool(family))["points"] == 299


async def test_what_the_pool_paid_on_an_order_comes_back_to_its_lots(family: Shop) -> None:
    await asks(family, "lin", PoolContribute, points=1500)
    await buys(family, "wang", order_number="n1")
    await family.order("wang", 10000, "n1")

    await family.one(family.cancelled("n1"))
    taken = await take_queued(family.house, "story", now=family.now)

    assert taken == 1
    assert (await pool(family))["points"] == 1500
    assert await family.wallet("wang") == NOTHING | {"available": 500}
    inside = await pool_of(family, "lin")
    rows = await family.house.db.rows("SELECT remaining, spent FROM lots WHERE member_id = $1", inside)
    assert rows == [{"remaining": 1500, "spent": 0}]


async def test_who_may_spend_and_how_much_is_the_programmes_to_say(db: Database) -> None:
    shop = await home(db, spend="owner", spend_per_month=500)
    await together(shop)
    await asks(shop, "lin", PoolContribute, points=2000)

    wang, lin, again = await buys(shop, "wang"), await buys(shop, "lin"), await buys(shop, "lin")

    assert [wang.code, lin.code, again.code] == ["POOL_NOT_ALLOWED", None, "POOL_LIMIT_REACHED"]
    assert (again.params["most"], again.params["left"]) == (500, 200)
    assert (await pool(shop))["points"] == 1700
    await shop.prove()


async def test_a_share_of_what_is_earned_goes_in_by_itself(db: Database) -> None:
    shop = await home(db, share_percent="25")
    await together(shop)

    await shop.order("wang", 40100)
    waiting = (await pool(shop))["points"]
    shop.later(days=8)
    await shop.settle("wang")
    await take_queued(shop.house, "story", now=shop.now)

    assert waiting == 0
    assert (await pool(shop))["points"] == 100
    assert await shop.wallet("wang") == NOTHING | {"available": 801}
    await shop.prove()


@pytest.mark.parametrize(("on_leave", "back", "left"), [("stay", 0, 400), ("share", 200, 200)])
async def test_who_leaves_has_what_the_programme_says(db: Database, on_leave: str, back: int, left: int) -> None:
    shop = await home(db, on_leave=on_leave)
    await together(shop)
    await asks(shop, "lin", PoolContribute, points=350)
    await asks(shop, "wang", PoolContribute, points=350)
    await buys(shop, "lin")

    receipt = await asks(shop, "wang", PoolLeave)

    assert receipt.state == "accepted"
    assert await shop.wallet("wang") == NOTHING | {"available": 150 + back}
    assert (await pool(shop)) == {"status": "pool", "points": left, "members": [("lin", "owner")]}
    assert await pool_of(shop, "wang") is None
    await shop.prove()


async def test_the_owner_leaves_last_and_takes_the_rest(family: Shop) -> None:
    await asks(family, "lin", PoolContribute, points=300)

    first = await asks(family, "lin", PoolLeave)
    await asks(family, "wang", PoolLeave)
    last = await asks(family, "lin", PoolLeave)

    assert [first.code, last.code] == ["POOL_OWNER_STAYS", None]
    assert await family.wallet("lin") == NOTHING | {"available": 2000}
    assert (await pool(family)) == {"status": "closed", "points": 0, "members": []}


@pytest.mark.parametrize(("on_close", "lin", "wang"), [("owner", 2300, 200), ("share", 2000, 500)])
async def test_what_is_left_when_a_pool_closes_goes_where_the_programme_says(
    db: Database, on_close: str, lin: int, wang: int
) -> None:
    shop = await home(db, on_close=on_close)
    await together(shop)
    await asks(shop, "lin", PoolContribute, points=500)
    await asks(shop, "wang", PoolContribute, points=300)

    receipt = await asks(shop, "lin", PoolClose)
    await take_queued(shop.house, "story", now=shop.now)

    assert receipt.state == "accepted"
    assert ((await shop.wallet("lin"))["available"], (await shop.wallet("wang"))["available"]) == (lin, wang)
    assert (await pool(shop)) == {"status": "closed", "points": 0, "members": []}
    assert [await pool_of(shop, name) for name in ("lin", "wang")] == [None, None]
    await shop.prove()


async def freeze(shop: Shop, name: str) -> None:
    """Staff freezes somebody's points."""
    frozen = WalletFreeze(shop.key(), ref(name), "points", "fraud")
    assert (await shop.one(frozen, caller=ADMIN)).state == "accepted"


async def test_who_may_not_spend_does_not_spend_the_pools_points_either(family: Shop) -> None:
    await asks(family, "lin", PoolContribute, points=300)
    await freeze(family, "wang")

    wang, lin = await buys(family, "wang"), await buys(family, "lin")

    assert [wang.code, lin.code] == ["WALLET_FROZEN", None]
    assert (await pool(family))["points"] == 0


async def test_an_order_of_a_frozen_wallet_counts_and_the_pool_has_no_share_of_it(db: Database) -> None:
    shop = await home(db, share_percent="25")
    await together(shop)
    await freeze(shop, "wang")

    order = await shop.order("wang", 40000)
    shop.later(days=8)
    settled = await shop.settle("wang")
    await take_queued(shop.house, "story", now=shop.now)

    assert [order.state, settled.state] == ["accepted", "accepted"]
    assert (await pool(shop))["points"] == 0
    await shop.prove()


async def test_who_is_erased_is_in_no_pool_and_its_part_stays(family: Shop) -> None:
    await asks(family, "wang", PoolContribute, points=200)

    erased = await family.one(MemberErase(family.key(), ref("lin")), caller=ADMIN)
    await take_queued(family.house, "story", now=family.now)

    assert erased.state == "accepted", erased
    rows = await family.house.db.rows("SELECT person_id, role FROM pool_members WHERE left_at IS NULL")
    assert rows == [{"person_id": await family.member_id("wang"), "role": "owner"}]
    assert await family.count("wallets", "available = 200 AND member_id IN (SELECT pool_id FROM members)") == 1


async def test_a_closed_pool_takes_nothing_more(family: Shop) -> None:
    code = await invited(family)
    await asks(family, "lin", PoolClose)

    late = await joins(family, "zhao", code)

    assert late.code == "INVITATION_UNKNOWN"
    assert (await pool(family))["members"] == []


async def test_transfers_may_be_kept_within_the_pool(db: Database) -> None:
    shop = await home(db, transfers={"to": "same_pool"})
    await together(shop)

    inside = await asks(shop, "lin", PointsTransfer, to=ref("wang"), wallet="points", points=10)
    outside = await asks(shop, "lin", PointsTransfer, to=ref("zhao"), wallet="points", points=10)

    assert [inside.code, outside.code] == [None, "TRANSFER_ONLY_IN_POOL"]
    assert await shop.wallet("zhao") == NOTHING
    await shop.prove()


async def test_a_pool_is_nobody_one_gives_points_to(family: Shop) -> None:
    inside = MemberRef(id=await pool_of(family, "lin"))

    given = await family.one(PointsTransfer("a", ref("lin"), inside, "points", 10), caller=ADMIN)
    bought = await family.one(PointsRedeem("b", inside, "coupon-10"))

    assert given.code == "MEMBER_UNKNOWN"
    assert bought.code is not None
    assert (await pool(family))["points"] == 0


@pytest.mark.parametrize("status", ["pool", "closed"])
async def test_a_pool_is_nobody_whose_account_could_be_changed(family: Shop, status: str) -> None:
    number = await pool_of(family, "lin")
    inside, zhao = MemberRef(id=number), await family.member_id("zhao")
    if status == "closed":
        await asks(family, "lin", PoolClose)
    officer = Caller("staff:officer", "story", scopes_of(["privacy"]))

    answers = [
        await family.one(MembersMerge("a", ref("zhao"), inside, "a mistake"), caller=ADMIN),
        await family.one(MembersMerge("b", inside, ref("zhao"), "a mistake"), caller=ADMIN),
        await family.one(PointsAdjust("c", inside, "points", 5, "a mistake"), caller=ADMIN),
        await family.one(MemberFreeze("d", inside, "fraud"), caller=ADMIN),
        await family.one(MemberErase("e", inside), caller=officer),
        await family.one(OrderPaid("f", "n-pool", inside, family.now, "CNY", 1000, 1000)),
    ]

    assert {answer.code for answer in answers} == {"MEMBER_UNKNOWN"}
    assert await family.count("members", f"id = {number} AND status = '{status}'") == 1
    assert await family.count("members", f"id = {zhao} AND status = 'active'") == 1


async def test_what_the_pool_paid_comes_back_to_it_though_the_account_goes_on_in_others(db: Database) -> None:
    shop = await home(db)
    await together(shop)
    await shop.enrol("qian")
    inside = await pool_of(shop, "lin")
    await asks(shop, "lin", PoolContribute, points=1000)
    await shop.order("wang", 30_000, "n-1")
    await asks(shop, "wang", PointsRedeem, benefit="coupon-10", from_pool=True, order_number="n-1")
    for gone, into in (("wang", "zhao"), ("zhao", "qian")):
        await shop.one(MembersMerge(shop.key(), ref(gone), ref(into), "one person"), caller=ADMIN)
    assert await shop.wallet("qian") == NOTHING | {"pending": 300, "available": 500}

    cancelled = await shop.one(shop.cancelled("n-1"))

    assert cancelled.state == "accepted"
    assert await shop.wallet("qian") == NOTHING | {"available": 500}
    while await take_queued(shop.house, "story", now=shop.now):
        pass
    assert await shop.count("wallets", f"member_id = {inside} AND available = 1000") == 1
    await shop.prove()
