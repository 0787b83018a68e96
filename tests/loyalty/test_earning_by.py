"""Earning by steps, tables and units, as real programmes publish it; and what a return takes back of it, line by line
where lines earned.
"""

from typing import Any

from loyalty.events import Behaviour, Line, PointsAdjust
from models.database import Database
from tests.loyalty.conftest import ADMIN, Shop, back, lines, ref
from tests.loyalty.selling import benefit, earns, opened, programme, text

BY_STEP = ("earn_points_by_steps", {"of": "order_net", "mode": "repeat", "steps": [{"from": "50.00", "points": 10}]})
RATES = {"bronze": 1, "silver": 2, "gold": 3, "platinum": 5}
BY_TIER = ("earn_points_by_table", {"by": "member_tier", "table": RATES, "per": "1.00", "base": "order_net"})


async def available(shop: Shop, name: str = "lin") -> int:
    return (await shop.wallet(name))["available"]


async def given(shop: Shop, name: str, points: int) -> None:
    await shop.one(PointsAdjust(shop.key(), ref(name), "points", points, "a start"), caller=ADMIN)


async def test_ten_for_every_full_fifty_of_one_order(db: Database) -> None:
    shop = await opened(db, earn__event=earns({"order_net": "120.00"}, 20, BY_STEP, nothing={"order_net": "49.99"}))
    await shop.enrol("lin")
    earned = []

    for total in (4_999, 5_000, 12_000, 3_000, 3_000):
        before = await available(shop)
        await shop.order("lin", total)
        earned.append(await available(shop) - before)

    assert earned == [0, 10, 20, 0, 0]
    await shop.prove()


async def test_steps_are_not_climbed_down_and_the_last_return_takes_the_rest(db: Database) -> None:
    shop = await opened(db, earn__event=earns({"order_net": "120.00"}, 20, BY_STEP, nothing={"order_net": "49.99"}))
    await shop.enrol("lin")
    await shop.order("lin", 12_000, "n", lines=lines(8_000, 4_000))

    await shop.one(shop.returned("n", "r1", lines=back((0, 1))))
    after_one = await available(shop)
    await shop.one(shop.returned("n", "r2", lines=back((1, 1))))

    assert (after_one, await available(shop)) == (7, 0)  # 20 less 13⅓ rounded down.
    await shop.prove()


async def test_the_base_leaves_discount_tax_and_shipping_out(db: Database) -> None:
    five = ("earn_points_per_amount", {"points": "5", "per": "1.00", "base": "order_net"})
    shop = await opened(db, earn__five=earns({"order_net": "80.00"}, 400, five, nothing={"order_net": "0.00"}))
    await shop.enrol("lin")

    await shop.order("lin", 9_100, discount=2_000, tax=600, shipping=500, lines=lines(8_000))

    assert await available(shop) == 400  # Of $100 less a $20 coupon; in cents, $4.00.
    await shop.prove()


def by_card() -> dict[str, Any]:
    """Card status by what was bought on the card; points by status; a reward for every thousand."""
    levels = [{"key": "bronze", "title": text("Bronze")}] + [
        {
            "key": key,
            "title": text(key),
            "reach": {"name": "growth_365d", "operator": "greater_than_or_equal_to", "value": least},
        }
        for key, least in (("silver", 1), ("gold", 500), ("platinum", 1_200))
    ]
    ladder = {"title": text("Star"), "levels": levels}
    star = earns({"member_tier": "gold", "order_net": "200.00"}, 600, BY_TIER, nothing={"member_tier": "gold"})
    convert = ("convert_points", {"points": 1000, "benefit": "star-money"})
    reward = earns(
        {"balance_points": 1050},
        0,
        convert,
        on="points.available",
        then=[{"convert": "points", "points": 1000, "issue": "star-money"}],
        nothing={"balance_points": 999},
    )
    money = benefit("amount_off", valid={"days": 30})
    return {"tiers__grade": ladder, "earn__star": star, "earn__reward": reward, "benefits__star_money": money}


async def climbed(db: Database, tier: str) -> Shop:
    """A member on a level that was reached by buying."""
    least = {"silver": 1, "gold": 500, "platinum": 1_200}[tier]
    bought = ("earn_points_per_amount", {"points": 1, "per": "1.00", "base": "order_net", "wallet": "growth"})
    before = earns(
        {"order_net": "1.00", "order_channel": "card"},
        1,
        bought,
        then=[{"earn": "growth", "points": 1}],
        nothing={"order_net": "1.00"},
        conditions={"name": "order_channel", "operator": "equal_to", "value": "card"},
    )
    shop = await opened(db, **by_card(), earn__card=before)
    await shop.enrol("lin")
    await shop.order("lin", least * 100, channel="card")
    assert await shop.tier("lin") == tier
    left = await available(shop)
    if left:
        await given(shop, "lin", -left)
    return shop


async def test_a_rate_by_tier_and_a_reward_for_every_thousand(db: Database) -> None:
    shop = await climbed(db, "gold")
    await shop.order("lin", 20_000)
    assert (await available(shop), await shop.count("entitlements", "benefit = 'star-money'")) == (600, 0)
    await shop.prove()


async def test_the_thousandth_point_becomes_money_at_once(db: Database) -> None:
    shop = await climbed(db, "platinum")
    before = await shop.count("entitlements", "benefit = 'star-money'")
    await shop.order("lin", 20_000)
    assert await available(shop) == 0
    assert await shop.count("entitlements", "benefit = 'star-money'") == before + 1
    await shop.prove()


async def test_what_is_over_a_thousand_stays(db: Database) -> None:
    shop = await climbed(db, "silver")
    await given(shop, "lin", 900)
    await shop.order("lin", 7_500)
    assert (await available(shop), await shop.count("entitlements", "benefit = 'star-money'")) == (50, 1)
    await shop.prove()


async def test_a_gift_card_earns_nothing_and_its_line_takes_nothing_back(db: Database) -> None:
    table = {"by": "line_category", "table": {"gift-card": 0}, "otherwise": 2, "per": "1.00", "base": "line_net"}
    card = {"line_category": "gift-card", "line_amount": "50.00"}
    cloth = {"line_category": "cloth", "line_amount": "50.00"}
    shop = await opened(
        db,
        earn__lines=earns(
            {"order_net": "100.00"},
            100,
            ("earn_points_by_table", table),
            lines=[card, cloth],
            then=[{"earn": "points", "points": 100, "line": 1}],
            nothing={"order_net": "0.00"},
        ),
    )
    await shop.enrol("lin")
    await shop.order("lin", 5_000, lines=(Line("card", 1, 5_000, category="gift-card"),))
    assert await available(shop) == 0

    goods = (Line("card", 1, 5_000, category="gift-card"), Line("coat", 2, 5_000, category="cloth"))
    await shop.order("lin", 10_000, "mixed", lines=goods)
    whole = await available(shop)
    await shop.one(shop.returned("mixed", "r1", lines=back((0, 1))))
    without_card = await available(shop)
    await shop.one(shop.returned("mixed", "r2", lines=back((1, 1))))

    assert (whole, without_card, await available(shop)) == (100, 100, 50)
    await shop.prove()


async def test_two_for_a_dollar_by_card_and_one_by_others(db: Database) -> None:
    table = {"by": "order_payment", "table": {"card": 2}, "otherwise": 1, "per": "1.00"}
    cases = earns(
        {"order_payment": "card", "order_paid": "12.00"},
        24,
        ("earn_points_by_table", table),
        nothing={"order_paid": "0.00"},
    )
    shop = await opened(db, earn__tender=cases)
    for name, payment in (("lin", "card"), ("wang", "credit")):
        await shop.enrol(name)
        await shop.order(name, 1_200, payment=payment)

    assert (await available(shop, "lin"), await available(shop, "wang")) == (24, 12)
    await shop.prove()


async def test_a_reward_for_every_125_stars(db: Database) -> None:
    convert = ("convert_points", {"points": 125, "benefit": "drink"})
    reward = earns(
        {"balance_points": 250},
        0,
        convert,
        on="points.available",
        then=[{"convert": "points", "points": 125, "times": 2, "issue": "drink"}],
        nothing={"balance_points": 124},
    )
    shop = await opened(db, earn__reward=reward, benefits__drink=benefit("gift"))
    for name, stars in (("lin", 465), ("wang", 542)):
        await shop.enrol(name)
        await given(shop, name, stars)

    assert (await available(shop, "lin"), await available(shop, "wang")) == (90, 42)
    assert await shop.count("entitlements", "benefit = 'drink'") == 3 + 4
    await shop.prove()


async def test_miles_by_distance_and_fare_with_a_cap(db: Database) -> None:
    flight = {
        "title": text("Flight"),
        "schema": {
            "type": "object",
            "properties": {"km": {"type": "integer", "minimum": 0}, "fare": {"type": "string", "enum": ["Y", "J"]}},
            "required": ["km", "fare"],
            "additionalProperties": False,
        },
    }
    miles = {"by": "payload_fare", "table": {"Y": "0.5", "J": "1.5"}, "per": 1, "base": "payload_km", "cap": 9_000}
    twice = earns(
        {"payload_fare": "J"},
        0,
        ("multiply_points", {"factor": "2"}),
        on="flight.flown",
        then=[{"multiply": "points", "factor": "2"}],
        nothing={"payload_fare": "Y"},
        conditions={"name": "payload_fare", "operator": "equal_to", "value": "J"},
    )
    shop = await opened(
        db,
        programme=programme(event_types={"flight.flown": flight}),
        earn__review=None,
        earn__miles=earns(
            {"payload_km": 1_001, "payload_fare": "Y"},
            500,
            ("earn_points_by_table", miles),
            on="flight.flown",
            nothing={"payload_km": 1_001},
        ),
        earn__twice=twice,
    )
    await shop.enrol("lin")
    earned = []
    for km, fare in ((1_001, "Y"), (1_001, "J"), (8_000, "J")):
        before = await available(shop)
        await shop.one(Behaviour(shop.key(), "flight.flown", ref("lin"), shop.now, {"km": km, "fare": fare}))
        earned.append(await available(shop) - before)

    # 500.5 and twice 1,501.5 are rounded once; what the cap cut off is not doubled either.
    assert earned == [500, 3_003, 18_000]
    await shop.prove()
