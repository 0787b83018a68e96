"""Spending, holding and putting right: each takes exactly what was there."""

from datetime import timedelta

import pytest

from loyalty.events import HoldCapture, HoldRelease, PointsAdjust
from loyalty.refusals import worded
from models.codec import parse
from models.database import Database
from tests.loyalty.conftest import ADMIN, START, Shop, ref, shop_of
from tests.loyalty.programme import FILES, documents

NOTHING = {"pending": 0, "available": 0, "held": 0, "owed": 0}


async def rich(shop: Shop, name: str, points: int) -> None:
    await shop.enrol(name)
    await shop.order(name, points * 100, f"rich-{name}")
    shop.later(days=7)
    await shop.settle(name)


async def test_a_refused_redemption_leaves_the_wallet_alone(shop: Shop) -> None:
    await rich(shop, "lin", 299)

    answer = await shop.redeem("lin")

    assert (answer.state, answer.code) == ("refused", "INSUFFICIENT_POINTS")
    assert answer.params["missing"] == 1
    assert (await shop.wallet("lin"))["available"] == 299
    assert await shop.count("entitlements") == 0


async def test_a_refusal_once_given_for_a_key_stays(shop: Shop) -> None:
    await rich(shop, "lin", 299)
    await shop.redeem("lin", key="once")
    await shop.order("lin", 100_000)
    shop.later(days=7)

    again = await shop.redeem("lin", key="once")

    assert (again.code, again.replayed) == ("INSUFFICIENT_POINTS", True)
    assert await shop.count("entitlements", "benefit = 'coupon-10'") == 0


async def test_points_buy_a_coupon_with_a_code(shop: Shop) -> None:
    await rich(shop, "lin", 300)

    receipt = await shop.redeem("lin")

    assert receipt.ok
    assert await shop.wallet("lin") == NOTHING
    assert await shop.count("entitlements", "state = 'issued' AND benefit = 'coupon-10' AND points = 300") == 1
    assert await shop.count("codes") == 1


async def test_spending_takes_what_expires_first(shop: Shop) -> None:
    await rich(shop, "lin", 200)
    shop.later(days=30)
    await shop.order("lin", 20_000, "second")
    shop.later(days=7)

    await shop.redeem("lin")

    left = await shop.house.db.rows(
        "SELECT remaining FROM lots WHERE wallet = 'points' ORDER BY earned_at",
    )
    assert [row["remaining"] for row in left] == [0, 100]


async def test_a_hold_is_captured_or_released_or_lapses(shop: Shop) -> None:
    await rich(shop, "lin", 900)
    first, second = await shop.redeem("lin", hold=True), await shop.redeem("lin", hold=True)
    third = await shop.redeem("lin", hold=True)
    assert await shop.wallet("lin") == NOTHING | {"held": 900}
    assert await shop.count("entitlements", "state = 'reserved'") == 3

    captured = await shop.one(HoldCapture("c", ref("lin"), first.hold_id or 0))
    released = await shop.one(HoldRelease("d", ref("lin"), second.hold_id or 0))
    assert captured.ok
    assert released.ok
    assert await shop.wallet("lin") == NOTHING | {"held": 300, "available": 300}

    shop.later(minutes=15)
    late = await shop.one(HoldCapture("e", ref("lin"), third.hold_id or 0))
    assert late.code == "HOLD_CLOSED"
    await shop.settle("lin")
    assert await shop.wallet("lin") == NOTHING | {"available": 600}
    assert await shop.count("entitlements", "state = 'issued'") == 1
    assert await shop.count("entitlements", "state = 'revoked'") == 2


async def test_what_is_held_does_not_expire_and_expires_at_once_when_released(shop: Shop) -> None:
    await rich(shop, "lin", 300)
    shop.now = START + timedelta(days=365, minutes=-5)
    held = await shop.redeem("lin", hold=True)
    shop.now = START + timedelta(days=365, minutes=5)
    await shop.settle("lin")
    assert (await shop.wallet("lin"))["held"] == 300

    await shop.one(HoldRelease("d", ref("lin"), held.hold_id or 0))

    assert await shop.wallet("lin") == NOTHING
    assert await shop.count("transfers", "credit = 'expired'") == 1


async def test_points_burnt_on_an_order_come_back_to_their_lots_with_it(shop: Shop) -> None:
    await rich(shop, "lin", 300)
    await shop.redeem("lin", order_number="B1")
    await shop.order("lin", 10_000, "B1")
    assert (await shop.wallet("lin"))["available"] == 0

    await shop.one(shop.returned("B1", amount=5_000))
    assert (await shop.wallet("lin"))["available"] == 150

    await shop.one(shop.returned("B1", "r2"))
    assert await shop.wallet("lin") == NOTHING | {"available": 300}
    lots = await shop.house.db.rows("SELECT remaining, spent FROM lots WHERE wallet = 'points' AND amount = 300")
    assert [(row["remaining"], row["spent"]) for row in lots] == [(300, 0)]


async def test_staff_put_a_balance_right_with_a_reason(shop: Shop) -> None:
    await shop.enrol("lin")

    given = await shop.one(PointsAdjust("a", ref("lin"), "points", 50, "sorry"), caller=ADMIN)
    taken = await shop.one(PointsAdjust("b", ref("lin"), "points", -20, "too much"), caller=ADMIN)

    assert given.ok
    assert taken.ok
    assert await shop.wallet("lin") == NOTHING | {"available": 30}
    assert await shop.count("transfers", "reason = 'adjusted'") == 2


async def test_a_benefit_that_is_not_for_points_is_refused(shop: Shop) -> None:
    await rich(shop, "lin", 300)

    assert (await shop.redeem("lin", "gold-pack")).code == "NOT_FOR_POINTS"
    assert (await shop.redeem("lin", "no-such")).code == "BENEFIT_UNKNOWN"
    nobody = await shop.redeem("nobody")
    assert (nobody.code, nobody.params) == ("MEMBER_UNKNOWN", {"field": "/member"})
    assert (await shop.wallet("lin"))["available"] == 300


async def test_a_value_that_is_no_step_is_told_the_steps(db: Database) -> None:
    steps = [
        {"value": "5.00", "points": "50"},
        {"value": "20.00", "points": "190"},
        {"value": "50.00", "points": "450"},
    ]
    voucher = {
        name: value for name, value in FILES["benefits/coupon-10"].items() if name not in ("value", "minimum_spend")
    }
    policy = FILES["redeem/coupon-10"] | {
        "actions": [{"name": "price_stepped", "params": {"benefit": "coupon-10", "steps": steps}}],
        "examples": [
            {
                "given": {"redeem_benefit": "coupon-10", "redeem_value": "5.00"},
                "then": [{"price": "coupon-10", "points": 50, "value": "5.00"}],
            },
            {"given": {"redeem_benefit": "gold-pack"}, "then": []},
        ],
    }
    shop = await shop_of(db, documents(benefits__coupon_10=voucher, redeem__coupon_10=policy))
    await rich(shop, "lin", 300)

    none, other, right = [await shop.redeem("lin", value=value) for value in (None, 700, 2_000)]

    for answer in (none, other):
        assert (answer.code, answer.params["field"], answer.params["allowed"]) == (
            "VALUE_UNKNOWN",
            "/value",
            [500, 2_000, 5_000],
        )
        assert worded(answer.code or "", answer.params, "en").endswith("Say which value: 5.00, 20.00 or 50.00.")
        assert worded(answer.code or "", answer.params, "zh-CN") == "未明确面值。请选择面值：5.00、20.00、50.00。"
    assert right.ok
    assert (await shop.wallet("lin"))["available"] == 110


async def test_a_fixed_price_has_no_values(shop: Shop) -> None:
    await rich(shop, "lin", 300)

    answer = await shop.redeem("lin", value=1_000)

    assert (answer.code, answer.params["allowed"]) == ("VALUE_UNKNOWN", [])
    assert (await shop.wallet("lin"))["available"] == 300


async def test_a_cap_on_times_is_kept_by_the_day(shop: Shop) -> None:
    await shop.enrol("lin")
    for _ in range(5):
        await shop.behave("lin", "review.written", rating=5)
    assert (await shop.wallet("lin"))["available"] == 60

    shop.later(days=1)
    await shop.behave("lin", "review.written", rating=5)

    assert (await shop.wallet("lin"))["available"] == 80


@pytest.mark.parametrize("waits", [False, True])
async def test_nothing_is_burnt_on_a_cancelled_order(shop: Shop, waits: bool) -> None:
    await shop.enrol("lin")
    await shop.one(PointsAdjust(shop.key(), ref("lin"), "points", 1_000, "a start"), ADMIN)
    if not waits:
        await shop.order("lin", 30_000, "A1")
    assert (await shop.one(shop.cancelled("A1"))).ok

    now = await shop.redeem("lin", order_number="A1")
    held = await shop.redeem("lin", order_number="A1", hold=True)
    other = await shop.redeem("lin", order_number="A2")

    assert [answer.code for answer in (now, held, other)] == ["ORDER_CANCELLED", "ORDER_CANCELLED", None]
    assert (await shop.wallet("lin"))["available"] == 700


async def test_a_cancellation_frees_what_was_held_for_the_order(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.one(PointsAdjust(shop.key(), ref("lin"), "points", 1_000, "a start"), ADMIN)
    await shop.order("lin", 30_000, "A1")
    held = await shop.redeem("lin", order_number="A1", hold=True)
    other = await shop.redeem("lin", order_number="A2", hold=True)

    await shop.one(shop.cancelled("A1"))
    captured = await shop.one(HoldCapture(shop.key(), ref("lin"), held.hold_id or 0))

    assert captured.code == "HOLD_CLOSED"
    assert await shop.wallet("lin") == {"pending": 0, "available": 700, "held": 300, "owed": 0}
    assert (await shop.one(HoldCapture(shop.key(), ref("lin"), other.hold_id or 0))).ok


async def test_what_is_held_for_somebody_elses_order_is_not_captured_once_that_is_cancelled(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.enrol("wang")
    await shop.one(PointsAdjust(shop.key(), ref("lin"), "points", 1_000, "a start"), ADMIN)
    held = await shop.redeem("lin", order_number="A1", hold=True)
    await shop.order("wang", 30_000, "A1")
    await shop.one(shop.cancelled("A1"))

    captured = await shop.one(HoldCapture(shop.key(), ref("lin"), held.hold_id or 0))

    assert captured.code == "ORDER_CANCELLED"
    assert (await shop.wallet("lin"))["held"] == 300


async def test_whoever_puts_a_balance_right_is_in_the_audit_with_how_much_and_why(shop: Shop) -> None:
    await shop.enrol("lin")
    wish = PointsAdjust("a", ref("lin"), "points", 500, "lost in the move")

    first = await shop.one(wish, caller=ADMIN)
    await shop.one(wish, caller=ADMIN)  # The same again is the same.
    await shop.one(PointsAdjust("b", ref("lin"), "points", -501, "too much"), caller=ADMIN)

    sql = "SELECT subject, target, after, note FROM audit WHERE action = 'points.adjust'"
    (row,) = await shop.house.db.rows(sql)
    assert (row["subject"], row["note"]) == ("staff:admin", "lost in the move")
    assert row["target"] == f"member {await shop.member_id('lin')}"
    assert parse(row["after"]) == {"event": first.event_id, "points": 500, "wallet": "points"}
