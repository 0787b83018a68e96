"""Prices on the books: baskets, once an order, money beside points, rates, sums of steps; and what a return undoes."""

from typing import Any

from loyalty.events import HoldCapture, HoldRelease, PointsAdjust
from loyalty.outlook import availability, load_counters
from loyalty.views import accounts
from models.database import Database
from tests.loyalty.conftest import ADMIN, Shop, back, lines, ref
from tests.loyalty.selling import benefit, earns, opened, sells

CASH = {"benefit": "cash", "points": 500, "minimum_basket": "10.00", "one_per_order": True}
SOLD = [{"price": "cash", "points": 500}]


async def with_points(db: Database, points: int, **changes: object) -> Shop:
    shop = await opened(db, **changes)
    await shop.enrol("lin")
    await shop.one(PointsAdjust(shop.key(), ref("lin"), "points", points, "a start"), caller=ADMIN)
    return shop


async def cash(db: Database, points: int) -> Shop:
    price = sells("price_fixed", SOLD, {"redeem_basket": "10.00"}, **CASH)
    return await with_points(db, points, redeem__cash=price, benefits__cash=benefit())


async def available(shop: Shop) -> int:
    return (await shop.wallet("lin"))["available"]


async def test_cash_needs_a_basket_of_ten(db: Database) -> None:
    shop = await cash(db, 1_000)

    none = await shop.redeem("lin", "cash")
    small = await shop.redeem("lin", "cash", basket=999)
    untouched = await available(shop)
    sold = await shop.redeem("lin", "cash", basket=1_000)

    assert [(one.code, one.params.get("least")) for one in (none, small)] == [("BASKET_TOO_SMALL", "10.00")] * 2
    assert (untouched, sold.ok, await available(shop)) == (1_000, True, 500)
    await shop.prove()


async def test_what_it_costs_is_shown_with_the_basket_it_asks_for(db: Database) -> None:
    shop = await cash(db, 500)
    live = await shop.house.rulebook.programme(db, "story")
    lin = await shop.member_id("lin")
    account = (await accounts(db, live, [lin], shop.now))[lin]
    await load_counters(db, account)

    found = availability(account, "cash", account.turn.ruleset.benefits["cash"])

    assert (found.state, [(one.points, one.basket) for one in found.prices]) == ("AVAILABLE", [(500, 1_000)])


async def test_one_redemption_an_order_until_it_is_given_back(db: Database) -> None:
    shop = await cash(db, 1_000)
    asked: dict[str, Any] = {"basket": 2_000, "order_number": "n"}

    first = await shop.redeem("lin", "cash", **asked)
    second = await shop.redeem("lin", "cash", **asked)
    other = await shop.redeem("lin", "cash", basket=2_000, order_number="m", hold=True)
    held = await shop.redeem("lin", "cash", basket=2_000, order_number="m")

    assert (first.ok, second.code, other.ok, held.code) == (True, "ORDER_HAS_REDEMPTION", True, "ORDER_HAS_REDEMPTION")
    await shop.one(HoldRelease("r", ref("lin"), other.hold_id or 0))
    again = await shop.redeem("lin", "cash", basket=2_000, order_number="m")
    assert (again.ok, await available(shop)) == (True, 0)
    await shop.prove()


async def test_a_return_frees_the_order_for_another_redemption(db: Database) -> None:
    shop = await cash(db, 500)
    await shop.redeem("lin", "cash", basket=2_000, order_number="n")
    await shop.order("lin", 2_000, "n", lines=lines(2_000))
    await shop.one(shop.returned("n", lines=back((0, 1))))

    again = await shop.redeem("lin", "cash", basket=2_000, order_number="n")

    assert (again.ok, await available(shop)) == (True, 0)
    await shop.prove()


async def test_only_the_highest_tier_buys_the_dearest_reward(db: Database) -> None:
    gold = {"name": "member_tier", "operator": "at_least", "value": "gold"}
    shown = [{"price": "rouge", "points": 2500}]
    price = sells("price_fixed", shown, {"member_tier": "gold"}, benefit="rouge", points=2500)
    reward = benefit(value="100.00", available_to=gold)
    growth = ("earn_points_per_amount", {"points": 1, "per": "1.00", "wallet": "growth"})
    climbs = earns(
        {"order_paid": "1.00"}, 1, growth, then=[{"earn": "growth", "points": 1}], nothing={"order_paid": "0.00"}
    )
    shop = await with_points(db, 2_500, redeem__rouge=price, benefits__rouge=reward, earn__growth=climbs)

    refused = await shop.redeem("lin", "rouge")
    untouched = await available(shop)
    await shop.order("lin", 100_000)
    sold = await shop.redeem("lin", "rouge")

    assert (refused.code, untouched) == ("NOT_ELIGIBLE", 2_500)
    assert (sold.ok, await available(shop)) == (True, 0)
    await shop.prove()


async def test_nine_stars_a_drink_twice(db: Database) -> None:
    drink = sells("price_fixed", [{"price": "drink", "points": 9}], benefit="drink", points=9)
    shop = await with_points(db, 20, redeem__drink=drink, benefits__drink=benefit("gift"))

    answers = [await shop.redeem("lin", "drink") for _ in range(3)]

    assert [one.code for one in answers] == [None, None, "INSUFFICIENT_POINTS"]
    assert await available(shop) == 2
    await shop.prove()


async def test_a_balance_of_99_buys_nothing_for_100(db: Database) -> None:
    item = sells("price_fixed", [{"price": "item", "points": 100}], benefit="item", points=100)
    shop = await with_points(db, 99, redeem__item=item, benefits__item=benefit("gift"))

    assert (await shop.redeem("lin", "item")).code == "INSUFFICIENT_POINTS"
    assert await available(shop) == 99
    assert await shop.count("entitlements") == 0
    await shop.prove()


async def test_steps_combine_to_any_sum_and_the_cheapest(db: Database) -> None:
    steps = [{"points": 500, "value": "10.00"}, {"points": 2000, "value": "50.00"}]
    shown = [{"price": "voucher", "points": one["points"], "value": one["value"], "upto": "500.00"} for one in steps]
    asked: dict[str, Any] = {"benefit": "voucher", "steps": steps, "combine": True, "most": "500.00"}
    shop = await with_points(
        db, 10_000, redeem__voucher=sells("price_stepped", shown, **asked), benefits__voucher=benefit()
    )

    wrong = await shop.redeem("lin", "voucher", value=1_500)
    unsaid = await shop.redeem("lin", "voucher")
    seventy = await shop.redeem("lin", "voucher", value=7_000)
    for_points = await shop.redeem("lin", "voucher", points=2_499)
    much = await shop.redeem("lin", "voucher", value=7_000, points=2_999)

    assert (wrong.code, unsaid.code, unsaid.params["most"]) == ("VALUE_OUT_OF_RANGE", "VALUE_OUT_OF_RANGE", "500.00")
    assert much.code == "VALUE_OUT_OF_RANGE"
    assert (seventy.ok, for_points.ok) == (True, True)
    rows = await db.rows("SELECT value, points FROM entitlements WHERE benefit = 'voucher' ORDER BY id")
    assert [(row["value"], row["points"]) for row in rows] == [(7_000, 3_000), (5_000, 2_000)]
    assert await available(shop) == 5_000
    await shop.prove()


async def test_a_rate_sells_any_value_or_what_points_buy(db: Database) -> None:
    asked: dict[str, Any] = {
        "benefit": "credit", "points": 100, "per": "1.00", "least": "5.00", "most": "100.00",
        "steps": [{"from": "50.00", "points": 150}],
    }  # fmt: skip
    shown = [{"price": "credit", "points": 500, "value": "5.00", "upto": "100.00"}]
    shop = await with_points(db, 30_000, redeem__credit=sells("price_rate", shown, **asked), benefits__credit=benefit())

    low = await shop.redeem("lin", "credit", value=499)
    high = await shop.redeem("lin", "credit", value=10_001)
    few = await shop.redeem("lin", "credit", points=499)
    exact = await shop.redeem("lin", "credit", value=6_001)
    bought = await shop.redeem("lin", "credit", points=12_501)

    assert [one.code for one in (low, high, few)] == ["VALUE_OUT_OF_RANGE"] * 3
    assert few.params["field"] == "/points"
    assert (exact.ok, bought.ok) == (True, True)
    rows = await db.rows("SELECT value, points FROM entitlements ORDER BY id")
    assert [(row["value"], row["points"]) for row in rows] == [(6_001, 6_502), (10_000, 12_500)]
    await shop.prove()


async def test_points_and_money_and_what_a_return_gives_back(db: Database) -> None:
    price = sells(
        "price_fixed", [{"price": "bag", "points": 400, "money": "99.00"}], benefit="bag", points=400, money="99.00"
    )
    shop = await with_points(db, 900, redeem__bag=price, benefits__bag=benefit("gift", code=True))

    wrong = await shop.redeem("lin", "bag", points=300)
    await shop.redeem("lin", "bag", order_number="n")
    held = await shop.redeem("lin", "bag", hold=True)
    await shop.one(HoldCapture("c", ref("lin"), held.hold_id or 0))
    rows = await db.rows("SELECT state, money FROM entitlements ORDER BY id")
    await shop.order("lin", 9_900, "n", lines=lines(9_900))
    returned = await shop.one(shop.returned("n", lines=back((0, 1))))

    assert (wrong.code, wrong.params["allowed"]) == ("POINTS_DIFFER", [400])
    assert [(row["state"], row["money"]) for row in rows] == [("used", 9_900), ("issued", 9_900)]
    assert [(one["benefit"], one["money"]) for one in returned.changes["money_back"]] == [("bag", 9_900)]
    assert await available(shop) == 900 - 400
    await shop.prove()
