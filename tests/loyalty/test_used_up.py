"""What caps and budgets count is what was given: at the price that was taken, as far as there was room, and less what
came back of the lines that earned it.
"""

from typing import Any

from loyalty.events import HoldRelease, Line, PointsAdjust
from loyalty.points import BALANCE_MAX
from models.database import Database
from tests.loyalty.conftest import ADMIN, Shop, back, ref
from tests.loyalty.selling import benefit, earns, opened, programme, sells, text

SPRING = {"spring": {"title": text("Spring"), "points": "1000"}}
ONCE = {"limits": {"times_per_member": 1}}


async def left(shop: Shop, name: str) -> int:
    (row,) = await shop.house.db.rows('SELECT "left" FROM counters WHERE name = $1', name)
    return int(row["left"])


async def used(shop: Shop, policy: str) -> list[int]:
    return [row["used"] for row in await shop.house.db.rows("SELECT used FROM limits WHERE policy = $1", policy)]


async def two_prices(db: Database) -> Shop:
    """A thing that is sold at 500 as often as one likes, and once at 300."""
    dear = sells("price_fixed", [{"price": "cash", "points": 500}], benefit="cash", points=500)
    cheap = sells("price_fixed", [{"price": "cash", "points": 300}], benefit="cash", points=300)
    shop = await opened(
        db,
        benefits__cash=benefit(),
        redeem__dear={**dear, "limits": {"times_per_member": 2}},
        redeem__cheap=cheap | ONCE,
    )
    await shop.enrol("lin")
    await shop.one(PointsAdjust("a", ref("lin"), "points", 2_000, "a start"), caller=ADMIN)
    return shop


async def test_the_dearer_of_two_prices_keeps_its_times(db: Database) -> None:
    shop = await two_prices(db)

    answers = [await shop.redeem("lin", "cash") for _ in range(4)]

    assert [one.code for one in answers] == [None, None, None, "LIMIT_REACHED"]
    assert (await shop.wallet("lin"))["available"] == 2_000 - 300 - 500 - 500
    assert (await used(shop, "redeem/cheap"), await used(shop, "redeem/dear")) == ([1], [2])
    await shop.prove()


async def test_a_hold_that_is_given_up_gives_back_what_its_own_price_used(db: Database) -> None:
    shop = await two_prices(db)
    held = await shop.redeem("lin", "cash", hold=True)
    assert (await used(shop, "redeem/cheap"), await used(shop, "redeem/dear")) == ([1], [])
    await shop.redeem("lin", "cash")

    await shop.one(HoldRelease("r", ref("lin"), held.hold_id or 0))

    assert (await used(shop, "redeem/cheap"), await used(shop, "redeem/dear")) == ([0], [1])
    await shop.prove()


async def test_what_the_wallet_had_no_room_for_is_left_in_caps_and_budgets(db: Database) -> None:
    capped = {"points_per_member": 500, "points_per_member_per_month": 400, "points_in_all": 900, "budget": "spring"}
    every = ("earn_points_per_amount", {"points": "1", "per": "1.00", "base": "order_paid"})
    giving = earns({"order_paid": "150.00"}, 150, every, nothing={"order_paid": "0.00"}, limits=capped)
    shop = await opened(db, programme=programme(budgets=SPRING), earn__give=giving)
    await shop.enrol("lin")
    await shop.one(PointsAdjust("a", ref("lin"), "points", 1_000, "a start"), caller=ADMIN)
    member, held = await shop.member_id("lin"), BALANCE_MAX - 100
    await db.run("UPDATE wallets SET available = $2 WHERE member_id = $1 AND wallet = 'points'", member, held)
    await db.run("UPDATE lots SET amount = $2, remaining = $2 WHERE member_id = $1", member, held)

    receipt = await shop.order("lin", 15_000)

    assert [(one["asked"], one["given"]) for one in receipt.changes["limited"]] == [(150, 100)]
    assert await used(shop, "earn/give") == [100, 100]
    assert [await left(shop, name) for name in ("campaign:earn/give:points", "budget:spring")] == [800, 900]


def by_line(**more: Any) -> dict[str, Any]:
    """A point for each yuan of a line of cloth, and none for others."""
    made = earns(
        {"order_net": "10.00"},
        10,
        ("earn_points_per_amount", {"points": "1", "per": "1.00", "base": "line_amount"}),
        lines=[{"line_category": "cloth", "line_amount": "10.00"}],
        then=[{"earn": "points", "points": 10, "line": 0}],
        nothing={"order_net": "0.00"},
        scope="line",
        conditions={"name": "line_category", "operator": "equal_to", "value": "cloth"},
    )
    return {**made, **more}


def sold(category: str, amount: int) -> Line:
    return Line(category, 1, amount, category=category)


async def test_caps_come_back_with_the_lines_that_used_them(db: Database) -> None:
    limits = {"points_per_member": 900, "points_in_all": 900, "budget": "spring"}
    shop = await opened(db, programme=programme(budgets=SPRING), earn__lines=by_line(limits=limits))
    await shop.enrol("lin")
    names = ("campaign:earn/lines:points", "budget:spring")
    await shop.order("lin", 40_000, "n", lines=(sold("bread", 20_000), sold("cloth", 5_000), sold("cloth", 15_000)))
    seen = [(await used(shop, "earn/lines"), [await left(shop, name) for name in names])]

    for number, line in enumerate((0, 1, 2)):
        await shop.one(shop.returned("n", f"r{number}", lines=back((line, 1))))
        seen.append((await used(shop, "earn/lines"), [await left(shop, name) for name in names]))

    # Bread had earned nothing and gives nothing back; cloth gives back what it had earned.
    assert seen == [([200], [700, 800]), ([200], [700, 800]), ([150], [750, 850]), ([0], [900, 1_000])]
    assert (await shop.wallet("lin"))["available"] == 0
    await shop.prove()


async def test_a_cap_that_cut_the_lines_comes_back_to_the_last_point(db: Database) -> None:
    shop = await opened(db, earn__lines=by_line(limits={"points_per_member": 100}))
    await shop.enrol("lin")
    await shop.order("lin", 33_300, "n", lines=(sold("cloth", 11_100), sold("bread", 5_000), sold("cloth", 17_200)))
    assert await used(shop, "earn/lines") == [100]
    lots = [row["amount"] for row in await db.rows("SELECT amount FROM lots ORDER BY origin_line")]

    await shop.one(shop.returned("n", "r1", lines=back((0, 1))))
    assert await used(shop, "earn/lines") == [100 - lots[0]] == [lots[1]]

    await shop.one(shop.cancelled("n"))
    assert await used(shop, "earn/lines") == [0]
    await shop.prove()
