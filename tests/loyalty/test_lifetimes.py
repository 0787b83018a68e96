"""How points wait and end by the calendar, as programmes have published it, and what policies make of it."""

from typing import Any

from loyalty.events import PointsAdjust
from loyalty.publishing import publish
from models.database import Database
from tests.loyalty.conftest import ADMIN, Shop, ref
from tests.loyalty.lives import DOWN, FIVE, NEVER, QUIET, balance, does, ends, living, morning, noon, programme, rate
from tests.loyalty.programme import FILES, documents

SEVENTH = {"expires": {"first_of_month_after": 7}}
GROWING = rate("1", "1.00", wallet="growth")
STARS = {"scale": 1, "shown": 0, "expires": {"end_of": {"period": "month", "after": 12}}}


async def earned(db: Database, points: dict[str, Any], day: str, amount: int = 10_000, **changes: Any) -> Shop:
    """Lin has bought something that day."""
    shop = await living(db, points, noon(day), **changes)
    await shop.enrol("lin")
    await shop.order("lin", amount)
    return shop


def in_stars(per: str) -> dict[str, Any]:
    """A star for so much, in a wallet that keeps tenths; nothing is sold."""
    return {"earn__base": rate("1", per, "1.0"), "redeem__coupon_10": None}


# Stars that are gone on the first of the seventh month after.


async def test_a_hundred_stars_of_mid_december_are_gone_on_the_first_of_july(db: Database) -> None:
    shop = await earned(db, SEVENTH, "2020-12-15")

    assert await ends(shop, "lin") == [(100, morning("2021-07-01"))]
    shop.now = noon("2021-06-30")
    assert await balance(shop, "lin") == 100
    shop.now = morning("2021-07-01")
    assert await balance(shop, "lin") == 0
    await shop.prove()


async def test_stars_of_one_month_are_gone_on_one_day(db: Database) -> None:
    shop = await earned(db, SEVENTH, "2021-01-01")
    shop.now = noon("2021-01-31")
    await shop.order("lin", 5_000)

    assert await ends(shop, "lin") == [(100, morning("2021-08-01")), (50, morning("2021-08-01"))]
    await shop.prove()


async def test_the_oldest_stars_are_used_first(db: Database) -> None:
    hundred = FILES["redeem/coupon-10"] | {
        "actions": [{"name": "price_fixed", "params": {"benefit": "coupon-10", "points": "100"}}],
        "examples": [
            {"given": {"redeem_benefit": "coupon-10"}, "then": [{"price": "coupon-10", "points": 100}]},
            {"given": {"redeem_benefit": "gold-pack"}, "then": []},
        ],
    }
    shop = await earned(db, SEVENTH, "2021-01-10", 6_000, redeem__coupon_10=hundred)
    shop.now = noon("2021-03-10")
    await shop.order("lin", 6_000)

    shop.now = noon("2021-04-10")
    await shop.redeem("lin")
    assert await ends(shop, "lin") == [(20, morning("2021-10-01"))]

    shop.now = noon("2021-08-01")
    assert await balance(shop, "lin") == 20
    assert await shop.count("transfers", "reason = 'expired'") == 0
    shop.now = noon("2021-10-01")
    assert await balance(shop, "lin") == 0
    assert await shop.count("transfers", "reason = 'expired' AND amount = 20") == 1
    await shop.prove()


# Stars of which fractions are kept, good through the same month of the next year.


async def test_fractions_of_stars_are_held_and_whole_ones_shown(db: Database) -> None:
    shop = await earned(db, STARS, "2021-03-05", 3_000, **in_stars("50.00"))
    await shop.order("lin", 3_000)
    assert await balance(shop, "lin") == 12  # 1.2 held, 1 shown.

    await shop.order("lin", 4_000)
    assert await balance(shop, "lin") == 20
    await shop.prove()


async def test_a_gift_card_earns_a_star_for_forty(db: Database) -> None:
    shop = await earned(db, STARS, "2021-03-05", 8_000, **in_stars("40.00"))

    assert await balance(shop, "lin") == 20
    await shop.prove()


async def test_a_reward_star_is_good_through_the_month_a_year_on(db: Database) -> None:
    shop = await earned(db, STARS, "2021-03-05", **in_stars("1.00"))
    assert [end for _, end in await ends(shop, "lin")] == [morning("2022-04-01")]
    shop.now = noon("2022-03-31")
    assert await balance(shop, "lin") == 1_000
    shop.now = morning("2022-04-01")
    assert await balance(shop, "lin") == 0

    shop.now = noon("2023-02-10")
    await shop.order("lin", 10_000)
    shop.now = noon("2024-02-29")
    assert await balance(shop, "lin") == 1_000
    shop.now = morning("2024-03-01")
    assert await balance(shop, "lin") == 0
    await shop.prove()


async def test_who_falls_loses_all_reward_stars_that_day(db: Database) -> None:
    ends_all = does("tier.changed", "expire_points", {}, {"expire": "points"}, DOWN)
    shop = await earned(db, {"expires": NEVER}, "2026-01-10", 150_000, campaigns__fall=ends_all, earn__growth=GROWING)
    assert await shop.tier("lin") == "gold"

    shop.now = noon("2027-02-01")
    await shop.review("lin")

    assert await shop.tier("lin") == "normal"
    assert await shop.wallet("lin") == {"pending": 0, "available": 0, "held": 0, "owed": 0}
    assert await shop.count("transfers", "reason = 'cleared' AND amount = 1500 AND policy = 'campaigns/fall'") == 1
    await shop.prove()


async def test_whole_stars_are_earned_and_the_rest_is_kept_for_the_next(db: Database) -> None:
    carrying = rate("1", "50.00", rounding="carry")
    shop = await earned(db, {"expires": NEVER}, "2026-01-10", 3_000, earn__base=carrying)
    assert await balance(shop, "lin") == 0

    await shop.order("lin", 3_000, "second")
    assert await balance(shop, "lin") == 1
    await shop.order("lin", 4_000, "third")
    assert await balance(shop, "lin") == 2

    await shop.one(shop.returned("third"))
    assert await balance(shop, "lin") == 1
    await shop.order("lin", 4_000)
    assert await balance(shop, "lin") == 2
    await shop.prove()


async def test_what_is_kept_is_right_again_after_a_return_in_between(db: Database) -> None:
    carrying = rate("1", "50.00", rounding="carry")
    shop = await living(db, {"expires": NEVER}, noon("2026-01-10"), earn__base=carrying)
    await shop.enrol("lin")
    await shop.order("lin", 3_000, "first")
    await shop.order("lin", 3_000, "second")

    await shop.one(shop.returned("first"))  # ¥30 stand, for which a point was given: ¥20 too much.
    assert await balance(shop, "lin") == 1
    await shop.order("lin", 6_999)
    assert await balance(shop, "lin") == 1
    await shop.order("lin", 1)

    assert await balance(shop, "lin") == 2  # ¥100 stand.
    await shop.prove()


# Points that wait for the first of a month, and turn into coupons then.


async def kohl(db: Database, amount: int, day: str = "2022-08-10") -> Shop:
    wallet = {"scale": 2, "pending": {"first_of_month_after": 1}, "expires": {"after": {"years": 1}}}
    coupon = FILES["benefits/coupon-10"] | {"value": "5.00"}
    turn = {
        "title": {"en": "Every 5 become a coupon", "zh-CN": "每满5自动兑换"},
        "on": ["points.available"],
        "actions": [{"name": "convert_points", "params": {"points": "5", "benefit": "coupon-10"}}],
        "examples": [
            {
                "given": {"balance_points": "9.50"},
                "then": [{"convert": "points", "points": "5.00", "issue": "coupon-10"}],
            },
            {"given": {"balance_points": "4.99"}, "then": []},
        ],
    }
    changes = {"benefits__coupon_10": coupon, "campaigns__turn": turn, "redeem__coupon_10": None}
    return await earned(db, wallet, day, amount, earn__base=rate("1", "20.00", "1.00"), **changes)


async def test_the_balance_converts_on_the_first_and_the_rest_stays(db: Database) -> None:
    shop = await kohl(db, 19_000)
    shop.now = noon("2022-08-31")
    assert await balance(shop, "lin") == 0

    shop.now = morning("2022-09-01")
    assert await balance(shop, "lin") == 450
    assert await shop.count("entitlements", "state = 'issued'") == 1

    shop.now = noon("2022-09-12")
    await shop.order("lin", 3_000)
    shop.now = morning("2022-10-01")
    assert await balance(shop, "lin") == 100
    assert await shop.count("entitlements") == 2

    # The coupon of 1 October is gone on the 31st.
    shop.now = noon("2022-10-30")
    await shop.settle("lin")
    assert await shop.count("entitlements", "state = 'issued'") == 1
    shop.now = noon("2022-10-31")
    await shop.settle("lin")
    assert await shop.count("entitlements", "state = 'issued'") == 0
    await shop.prove()


async def test_what_is_less_than_a_coupon_is_carried(db: Database) -> None:
    shop = await kohl(db, 9_980)

    shop.now = morning("2022-09-01")

    assert await balance(shop, "lin") == 499
    assert await shop.count("entitlements") == 0
    await shop.prove()


async def test_a_wait_of_months_ends_at_the_same_hour(db: Database) -> None:
    shop = await earned(db, {"pending": {"months": 1}, "expires": NEVER}, "2026-01-31")

    shop.now = noon("2026-02-28")
    shop.later(minutes=-1)
    assert await balance(shop, "lin") == 0
    shop.later(minutes=1)
    assert await balance(shop, "lin") == 100
    await shop.prove()


async def anew(shop: Shop, points: dict[str, Any], day: str, **changes: Any) -> None:
    """Other rules from a day on."""
    files = documents(programme=programme(points), earn__base=rate("1", "1.00"), **QUIET, **changes)
    await publish(shop.house.db, shop.house.rulebook, ADMIN, "story", files, live_from=morning(day))


# Beans: what is given back keeps its own end.


async def beans(db: Database, used_days_before_end: int) -> Shop:
    """Lin has used beans with so many days left on an order."""
    shop = await earned(db, {"expires": {"after": {"days": 180}}}, "2026-01-01", 30_000)
    shop.now = noon("2026-06-30")
    shop.later(days=-used_days_before_end)
    await shop.order("lin", 1_00, "bought")
    await shop.redeem("lin", order_number="bought")
    return shop


async def test_beans_come_back_with_the_days_they_had_left(db: Database) -> None:
    shop = await beans(db, 10)

    shop.later(days=2)
    await shop.one(shop.returned("bought"))

    assert await ends(shop, "lin") == [(300, noon("2026-06-30"))]
    assert await balance(shop, "lin") == 300
    shop.later(days=8)
    assert await balance(shop, "lin") == 0
    await shop.prove()


async def test_beans_past_their_end_do_not_come_back(db: Database) -> None:
    shop = await beans(db, 1)

    shop.later(days=3)
    await shop.one(shop.returned("bought"))

    assert await balance(shop, "lin") == 0
    await shop.prove()


async def test_points_to_the_end_of_the_next_year(db: Database) -> None:
    shop = await earned(db, {"expires": {"end_of": {"period": "year", "after": 1}}}, "2014-05-05")

    shop.now = noon("2015-12-31")
    assert await balance(shop, "lin") == 100
    shop.now = morning("2016-01-01")
    assert await balance(shop, "lin") == 0
    await shop.prove()


async def test_what_was_granted_before_the_rules_changed_keeps_its_end(db: Database) -> None:
    shop = await earned(db, {"expires": {"end_of": {"period": "year", "after": 1}}}, "2026-12-31")
    await anew(shop, {"expires": {"after": {"days": 180}}}, "2027-01-01")
    shop.now = noon("2027-01-01")
    await shop.order("lin", 5_000)

    assert await ends(shop, "lin") == [(100, morning("2028-01-01")), (50, noon("2027-06-30"))]
    await shop.prove()


# Other ways to end.


async def test_points_of_a_season_end_with_it_and_are_not_earned_later(db: Database) -> None:
    shop = await earned(db, {"expires": {"on": "2026-12-31"}}, "2026-05-05")
    shop.now = noon("2026-12-31")
    assert await balance(shop, "lin") == 100

    shop.now = morning("2027-01-01")
    assert await balance(shop, "lin") == 0
    late = await shop.order("lin", 5_000)

    assert (late.state, await balance(shop, "lin")) == ("accepted", 0)
    assert await shop.count("lots", "wallet = 'points'") == 1
    await shop.prove()


async def test_the_tier_when_they_are_earned_says_how_long_points_live(db: Database) -> None:
    rule = {"by_tier": {"levels": {"gold": NEVER}, "otherwise": {"yearly": {"month": 3, "day": 31, "after": 2}}}}
    shop = await earned(db, {"expires": rule}, "2026-02-10", 150_000, earn__growth=GROWING)
    assert await shop.tier("lin") == "gold"
    await shop.order("lin", 5_000)

    assert await ends(shop, "lin") == [(1_500, morning("2027-04-01")), (50, None)]
    await shop.prove()


async def test_a_policy_gives_what_is_there_a_new_end(db: Database) -> None:
    rule = {"by_tier": {"levels": {"gold": NEVER}, "otherwise": {"after": {"days": 90}}}}
    again = does("review.written", "redate_points", {}, {"redate": "points"}, FIVE)
    shop = await earned(db, {"expires": rule}, "2026-02-10", 90_000, campaigns__redate=again, earn__growth=GROWING)
    shop.later(days=10)
    await shop.order("lin", 20_000)
    assert [end is None for _, end in await ends(shop, "lin")] == [False, False]

    await shop.behave("lin", "review.written", rating=1)
    assert [end is None for _, end in await ends(shop, "lin")] == [False, False]
    await shop.behave("lin", "review.written", rating=5)

    assert await ends(shop, "lin") == [(900, None), (200, None)]
    await shop.prove()


async def test_a_new_end_that_is_past_ends_points_at_once(db: Database) -> None:
    again = does("review.written", "redate_points", {}, {"redate": "points"}, FIVE)
    shop = await earned(db, {"expires": NEVER}, "2027-02-10", campaigns__redate=again)
    await anew(shop, {"expires": {"after": {"days": 20}}}, "2027-03-01", campaigns__redate=again)
    shop.now = noon("2027-03-10")
    assert await balance(shop, "lin") == 100

    await shop.behave("lin", "review.written", rating=5)

    assert await shop.wallet("lin") == {"pending": 0, "available": 0, "held": 0, "owed": 0}
    assert await shop.count("transfers", "reason = 'expired' AND amount = 100") == 1
    await shop.prove()


async def test_what_waits_for_an_event_is_set_free_by_it(db: Database) -> None:
    free = does("review.written", "mature_points", {}, {"mature": "points"}, FIVE)
    shop = await earned(db, {"pending": {"open": True}, "expires": NEVER}, "2026-02-10", campaigns__free=free)
    shop.later(days=300)
    assert await balance(shop, "lin") == 0

    await shop.behave("lin", "review.written", rating=5)

    assert await shop.wallet("lin") == {"pending": 0, "available": 100, "held": 0, "owed": 0}
    assert await shop.count("transfers", "reason = 'matured'") == 1
    await shop.prove()


async def test_a_policy_ends_points_but_for_some_that_live_longest(db: Database) -> None:
    cut = does("review.written", "expire_points", {"keep": "70"}, {"expire": "points", "keep": 70}, FIVE)
    shop = await earned(db, {"expires": {"after": {"days": 90}}}, "2026-02-10", campaigns__cut=cut)
    shop.later(days=5)
    await shop.order("lin", 5_000, "second")
    await shop.redeem("lin")  # Not enough for it.
    assert await balance(shop, "lin") == 150

    await shop.behave("lin", "review.written", rating=5)

    assert [points for points, _ in await ends(shop, "lin")] == [20, 50]
    assert await shop.count("transfers", "reason = 'cleared' AND amount = 80") == 1
    await shop.one(shop.returned("second"))
    assert await balance(shop, "lin") == 20
    await shop.prove()


async def test_a_policy_ends_what_only_counts(db: Database) -> None:
    cut = does("review.written", "expire_points", {"wallet": "growth"}, {"expire": "growth"}, FIVE)
    shop = await earned(db, {"expires": NEVER}, "2026-02-10", campaigns__cut=cut, earn__growth=GROWING)
    await shop.order("lin", 5_000)
    assert await shop.count("lots", "resting AND wallet = 'growth'") == 2

    await shop.behave("lin", "review.written", rating=5)

    assert (await shop.wallet("lin", "growth"))["available"] == 0
    assert (await shop.wallet("lin"))["available"] == 150
    await shop.prove()


async def test_staff_may_take_what_only_counts(db: Database) -> None:
    shop = await earned(db, {"expires": NEVER}, "2026-02-10", earn__growth=GROWING)

    answer = await shop.one(PointsAdjust("a", ref("lin"), "growth", -60, "counted twice"), caller=ADMIN)

    assert (answer.state, await shop.wallet("lin", "growth")) == (
        "accepted",
        {"pending": 0, "available": 40, "held": 0, "owed": 0},
    )
    await shop.prove()
