"""At the till: lines, categories, times and what is left, as policies ask of them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from loyalty.events import Line
from loyalty.explaining import Explanation, explain
from models.codec import parse
from tests.loyalty.conftest import Shop, back, shop_of
from tests.loyalty.counted import COUNTED, asks, text
from tests.loyalty.programme import FILES


def rewards(condition: dict[str, Any], given: dict[str, Any], *, on: str = "order.paid", **more: Any) -> dict[str, Any]:
    """A policy that gives 50 points at once where the condition holds."""
    return {
        "title": text("Reward"),
        "on": [on],
        "conditions": condition,
        "actions": [{"name": "earn_points", "params": {"points": "50", "pending": {"days": 0}, "wallet": "growth"}}],
        "examples": [{"given": given, "then": [{"earn": "growth", "points": 50}], **more}, {"given": {}, "then": []}],
    }


PROGRAMME = {name: value for name, value in FILES["programme"].items() if name not in {"ladder", "metrics"}}


async def open_shop(db: Any, policy: dict[str, Any], **changes: Any) -> Shop:
    """A shop with one benefit, this policy and no other, but for what the story adds."""
    files = {"programme": PROGRAMME, "benefits/coupon-10": FILES["benefits/coupon-10"], "earn/reward": policy} | changes
    shop = await shop_of(db, {path: json.dumps(one, ensure_ascii=False) for path, one in files.items()})
    await shop.enrol("lin")
    return shop


async def growth(shop: Shop) -> int:
    return (await shop.wallet("lin", "growth"))["available"]


async def explained(shop: Shop) -> Explanation:
    """The first entry of the growth wallet, explained."""
    rows = await shop.house.db.rows("SELECT MIN(id) AS id FROM transfers WHERE wallet = 'growth'")
    live = await shop.house.rulebook.programme(shop.house.db, "story")
    return await explain(shop.house, live, str(rows[0]["id"]), "zh-CN")


SERUM = {"any_line": {"all": [asks("line_sku", "equal_to", "serum"), asks("line_quantity", "greater_than", 1)]}}


async def test_one_and_the_same_line_has_to_meet_it_all(db):
    given = {"line_sku": "serum", "line_quantity": 2}
    shop = await open_shop(db, rewards(SERUM, {}, lines=[given]))

    await shop.order("lin", 300, lines=(Line("serum", 1, 100), Line("soap", 2, 200)))
    assert await growth(shop) == 0
    await shop.order("lin", 300, lines=(Line("soap", 1, 100), Line("serum", 2, 200)), number="o2")
    assert await growth(shop) == 50
    told = await explained(shop)
    assert [line.strip() for line in told.lines if "第" in line] == ["第1行：", "第2行："]
    assert any(line.endswith("（实际：2行中有1行）") for line in told.lines)
    await shop.one(shop.returned("o2", lines=back((0, 1), (1, 2))))

    assert await growth(shop) == 0
    await shop.prove()


CATEGORIES = {
    "drinks": {"title": text("Drinks")},
    "tea": {"title": text("Tea"), "parent": "drinks"},
    "green-tea": {"title": text("Green tea"), "parent": "tea"},
    "cups": {"title": text("Cups")},
}


async def test_a_category_counts_for_those_it_lies_within(db):
    condition = {"all": [
        asks("order_category_paths", "contains", "drinks"),
        {"any_line": asks("line_category_path", "contains_all", ["tea", "drinks"])},
    ]}  # fmt: skip
    line = {"line_category_path": ["drinks", "tea"]}
    policy = rewards(condition, {"order_category_paths": ["drinks"]}, lines=[line])
    shop = await open_shop(db, policy, programme=PROGRAMME | {"categories": CATEGORIES})

    await shop.order("lin", 100, lines=(Line("c", 1, 100, category="cups"), Line("x", 1, 0, category="unheard of")))
    assert await growth(shop) == 0
    await shop.order("lin", 100, lines=(Line("t", 1, 100, category="green-tea"),))

    assert await growth(shop) == 50
    await shop.prove()


async def test_goods_are_what_they_cost_before_the_discount(db):
    shop = await open_shop(db, rewards(asks("order_goods", "equal_to", "120.00"), {"order_goods": "120.00"}))

    await shop.order("lin", 11500, discount=2000, tax=500, shipping=1000)

    assert await growth(shop) == 50
    await shop.prove()


@pytest.mark.parametrize(("hour", "points"), [(14, 50), (19, 50), (20, 0), (13, 0)])
async def test_the_night_runs_over_midnight(db, hour, points):
    night = asks("time_of_day", "between", ["22:00", "03:59"])
    shop = await open_shop(db, rewards(night, {"time_of_day": "23:00"}))
    shop.now = datetime(2026, 3, 2, hour, tzinfo=UTC)  # 22:00, 3:00, 4:00 and 21:00 in Shanghai.

    await shop.order("lin", 100)

    assert await growth(shop) == points
    await shop.prove()


async def test_how_long_ago_decides_to_the_second_and_is_kept(db):
    condition = {"all": [
        asks("member_joined_ago", "less_than", "48h"), asks("day_of_month", "less_than", 10),
        asks("quarter", "equal_to", 1),
    ]}  # fmt: skip
    shop = await open_shop(db, rewards(condition, {"member_joined_ago": "47h59m", "day_of_month": 3, "quarter": 1}))
    joined = shop.now
    shop.now = joined + timedelta(hours=48, seconds=-1)
    receipt = await shop.order("lin", 100)
    shop.now = joined + timedelta(hours=48)
    await shop.order("lin", 100)

    assert await growth(shop) == 50
    rows = await shop.house.db.rows("SELECT read FROM decisions WHERE event_id = $1", receipt.event_id)
    assert parse(rows[0]["read"])["facts"] == {"member_joined_ago": "1d23h59m59s"}
    told = await explained(shop)
    assert any("1天23小时59分钟59秒" in line for line in told.lines)
    assert [one["recomputed_the_same"] for one in told.data["decisions"]] == [True]
    await shop.prove()


async def test_an_events_money_times_and_lengths_are_typed(db):
    condition = {"all": [
        asks("payload_fee", "greater_than_or_equal_to", "9.90"), asks("payload_at", "before", "08:00"),
        asks("payload_took", "less_than", "1h30m"), asks("payload_begun_ago", "less_than", "2d"),
        asks("payload_bought_ago", "greater_than_or_equal_to", "1d"),
    ]}  # fmt: skip
    given = {
        "payload_fee": "9.90", "payload_at": "07:59", "payload_took": "89m", "payload_begun_ago": "1d",
        "payload_bought_ago": "36h",
    }  # fmt: skip
    programme = PROGRAMME | {"event_types": COUNTED["programme"]["event_types"]}
    shop = await open_shop(db, rewards(condition, given, on="run.done"), programme=programme)
    told = {"fee": "9.90", "at": "07:59", "took": "1h29m", "begun": "2026-03-01T12:00:00+08:00", "bought": "2026-03-01"}

    await shop.behave("lin", "run.done", **told)
    assert await growth(shop) == 50
    for changed in ({"fee": "9.89"}, {"at": "08:00"}, {"took": "90m"}, {"begun": "2026-02-28T12:00:00+08:00"}):
        await shop.behave("lin", "run.done", **told | changed)
    await shop.behave("lin", "run.done", **told | {"bought": "2026-03-02"})

    assert await growth(shop) == 50
    await shop.prove()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("fee", "9.999"), ("fee", "-1.00"), ("fee", "1e3"), ("fee", "9,90"), ("at", "24:00"), ("at", "8:00"),
        ("took", "an hour"), ("took", ""), ("begun", "2026-03-01T12:00:00"), ("begun", "today"), ("bought", "20260301"),
    ],
)  # fmt: skip
async def test_a_payload_that_is_not_as_its_format_says_is_turned_away(db, field, value):
    programme = PROGRAMME | {"event_types": COUNTED["programme"]["event_types"]}
    condition = asks("payload_km", "is_set")
    shop = await open_shop(db, rewards(condition, {"payload_km": 1}, on="run.done"), programme=programme)

    answer = await shop.behave("lin", "run.done", **{"km": 1, field: value})

    assert (answer.state, answer.code, answer.params["field"]) == ("rejected", "INVALID_PAYLOAD", f"/payload/{field}")
    assert answer.params["detail"]["en"] != answer.params["detail"]["zh-CN"]
    assert await growth(shop) == 0


LIMITED = {**FILES["benefits/coupon-10"], "stock": 3}
BUDGET = {"budgets": {"spring": {"title": text("Spring"), "points": "120"}}}


async def test_what_is_left_of_a_budget_is_read_and_replayed(db):
    low = asks("budget_spring", "less_than", 50)
    giving = rewards(asks("order_paid", "greater_than", "0.00"), {"order_paid": "1.00"}) | {
        "limits": {"budget": "spring"}
    }
    giving["actions"] = [{"name": "earn_points", "params": {"points": "50", "pending": {"days": 0}}}]
    giving["examples"][0]["then"] = [{"earn": "points", "points": 50}]
    shop = await open_shop(
        db, rewards(low, {"budget_spring": 10}), programme=PROGRAMME | BUDGET, **{"earn/give": giving}
    )

    for expected in (0, 0, 50, 100):  # 120, 70, 20 and nothing left when each was decided.
        await shop.order("lin", 100)
        assert await growth(shop) == expected

    assert (await shop.wallet("lin"))["available"] == 120
    await shop.prove()


async def test_stock_is_read_even_where_nothing_comes_of_it(db):
    few = {"all": [asks("stock_coupon_10", "less_than", 3), asks("stock_coupon_10", "is_set")]}
    shop = await open_shop(db, rewards(few, {"stock_coupon_10": 2}), **{"benefits/coupon-10": LIMITED})
    await shop.order("lin", 100)
    assert await growth(shop) == 0
    assert await shop.count("decisions", "kind = 'order.paid'") == 1  # It saw three left: replay has to see them too.
    await shop.prove()


async def test_stock_without_end_is_not_known(db):
    shop = await open_shop(
        db,
        rewards(asks("stock_coupon_10", "is_not_set"), {"stock_coupon_10": None})
        | {
            "examples": [
                {"given": {"stock_coupon_10": None}, "then": [{"earn": "growth", "points": 50}]},
                {"given": {"stock_coupon_10": 1}, "then": []},
            ]
        },
    )
    await shop.order("lin", 100)

    assert await growth(shop) == 50
    await shop.prove()
