"""Metrics at the till: filtered, told apart, streaks and windows of every kind, net of what comes back."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from loyalty import reach
from loyalty.events import Behaviour, Line
from loyalty.outlook import outlook
from loyalty.views import accounts
from models.database import Database
from models.events import Event
from models.orders import Order, OrderLine
from models.points import Lot
from rules.compile import compile_ruleset
from rules.documents import parse
from tests.loyalty.conftest import Shop, back, lines, ref, shop_of
from tests.loyalty.counted import BIG, COUNTED, METRICS, asks, figures, text
from tests.loyalty.programme import FILES, documents

DAY = timedelta(days=1)


@pytest_asyncio.fixture
async def counted(db: Database) -> AsyncIterator[Shop]:
    made = await shop_of(db, documents(**COUNTED))
    made.now = datetime(2026, 3, 2, 4, tzinfo=UTC)  # Noon in Shanghai, a Monday.
    await made.enrol("lin")
    yield made
    await made.prove()


def goods(*parts: tuple[str, str, int, int]) -> tuple[Line, ...]:
    """Lines by SKU, brand, pieces and amount."""
    return tuple(
        Line(sku, pieces, amount, brand, f"cat-{sku}", (f"tag-{brand}",)) for sku, brand, pieces, amount in parts
    )


async def buys(shop: Shop, *parts: tuple[str, str, int, int], **more: Any) -> dict[str, Any]:
    """Lin buys these goods; what the decision on it read."""
    total = sum(part[-1] for part in parts)
    receipt = await shop.order("lin", total, lines=goods(*parts), **more)
    assert receipt.state == "accepted", receipt
    return await figures(shop, receipt.event_id)


async def runs(shop: Shop, **payload: Any) -> dict[str, Any]:
    receipt = await shop.behave("lin", "run.done", **payload)
    assert receipt.state == "accepted", receipt
    return await figures(shop, receipt.event_id, "run.done")


async def test_lines_are_counted_measured_and_told_apart(counted):
    await buys(counted, ("a", "acme", 2, 6000), ("b", "other", 1, 5000), channel="web", store="s1")
    counted.later(days=1)

    read = await buys(counted, ("a", "acme", 1, 3000), ("c", "", 5, 900), channel="app", store="s2")

    assert (read["lines_ever"], read["acme_lines"], read["units_30d"], read["acme_units"]) == (4, 2, 9, 3)
    assert (read["skus"], read["brands"], read["tags"], read["stores"], read["channels_60d"]) == (3, 2, 3, 2, 2)
    assert read["acme_amount"] == 6000  # Of the web alone.
    assert read["categories_big"] == 2  # c cost ¥9.
    assert (read["largest"], read["smallest_45d"], read["most_of_one"]) == (11000, 3900, 5)
    assert (read["big_orders_60d"], read["acme_orders"], read["web_spend_40d"]) == (1, 2, 11000)


async def test_a_line_that_came_back_is_as_if_it_never_was(counted):
    await buys(counted, ("a", "acme", 2, 6000), ("b", "other", 1, 5000), number="o1", channel="web")
    await counted.one(counted.returned("o1", lines=back((0, 2))))
    counted.later(days=1)

    read = await buys(counted, ("c", "other", 1, 1500))

    assert (read["lines_ever"], read["acme_lines"], read["acme_units"], read["acme_amount"]) == (2, 0, 0, 0)
    assert (read["acme_orders"], read["skus"], read["brands"]) == (0, 2, 1)
    assert (read["big_orders_60d"], read["largest"], read["orders_ever"]) == (0, 5000, 2)
    assert read["web_spend_40d"] == 5000


async def test_pieces_and_amounts_that_came_back_are_taken_off(counted):
    await buys(counted, ("a", "acme", 3, 6000), ("b", "other", 1, 4000), number="o1", channel="web")
    await counted.one(counted.returned("o1", "r1", lines=back((0, 1))))  # ¥20.
    await counted.one(counted.returned("o1", "r2", amount=2000))  # A fifth of ¥100: of every line.
    counted.later(days=1)

    read = await buys(counted, ("z", "z", 1, 100))

    assert (read["acme_units"], read["acme_lines"]) == (2, 1)
    assert read["acme_amount"] == 6000 - 2000 - 1200
    assert read["largest"] == 10000 - 2000 - 2000


async def test_a_purchase_wholly_returned_counts_nowhere(counted):
    await buys(counted, ("a", "acme", 2, 20000), number="o1", channel="web", store="s1")
    await counted.one(counted.returned("o1"))
    counted.later(days=1)

    read = await buys(counted, ("b", "other", 1, 1000), channel="app", store="s2")

    assert (read["orders_ever"], read["lines_ever"], read["acme_orders"], read["big_months"]) == (1, 1, 0, 0)
    assert (read["stores"], read["channels_60d"], read["largest"], read["best_day"]) == (1, 1, 1000, None)
    assert (read["months_ever"], read["days_ever"], read["big_running"]) == (1, 1, 0)


async def test_a_cancelled_order_counts_nowhere_either(counted):
    await buys(counted, ("a", "acme", 2, 20000), number="o1")
    await counted.one(counted.cancelled("o1"))

    read = await buys(counted, ("b", "other", 1, 1000))

    assert (read["orders_ever"], read["lines_ever"], read["skus"], read["largest"]) == (1, 1, 1, 1000)


async def test_events_are_measured_filtered_and_told_apart(counted):
    await runs(counted, km=10, fee="12.50", place="park")
    counted.later(days=1)
    await runs(counted, km=Decimal("9.5"), fee="0.50", place="park")
    counted.later(days=1)

    read = await runs(counted, km=Decimal("21.1"), place="river")

    assert (read["km_ever"], read["km_longest"], read["paid_for_runs"]) == (Decimal("40.6"), Decimal("21.1"), 1300)
    assert (read["long_runs"], read["places"], read["runs_30d"], read["runs_running"]) == (2, 2, 3, 3)
    assert read["run_months"] == 1


async def test_the_events_of_one_batch_see_one_another(counted):
    sent = [
        Behaviour(counted.key(), "run.done", ref("lin"), counted.later(seconds=1), {"km": 5, "place": place})
        for place in ("park", "river", "hill")
    ]
    counted.later(minutes=1)

    receipts = await counted.send(*sent)

    read = [await figures(counted, receipt.event_id, "run.done") for receipt in receipts]
    assert [one["km_ever"] for one in read] == [5, 10, 15]
    assert [one["places"] for one in read] == [1, 2, 3]


async def test_orders_of_one_batch_see_one_another(counted):
    sent = [counted.paid("lin", 10000 * (number + 1), lines=lines(10000 * (number + 1))) for number in range(3)]

    receipts = await counted.send(*sent)

    read = [await figures(counted, receipt.event_id) for receipt in receipts]
    assert [one["largest"] for one in read] == [10000, 20000, 30000]
    assert [one["lines_ever"] for one in read] == [1, 2, 3]
    assert [one["spend_joined"] for one in read] == [10000, 30000, 60000]


async def test_a_late_order_sees_its_own_window(counted):
    at = counted.now + DAY
    await buys(counted, ("a", "acme", 1, 30000))
    counted.later(days=70)
    await buys(counted, ("b", "other", 1, 50000))

    read = await buys(counted, ("c", "acme", 1, 1000), occurred_at=at)

    assert (read["orders_ever"], read["lines_ever"], read["skus"], read["largest"]) == (2, 2, 2, 30000)
    assert (read["acme_orders"], read["big_orders_60d"], read["months_ever"]) == (2, 1, 1)


async def test_windows_open_and_close_by_the_calendar_of_the_programme(counted):
    counted.now = datetime(2026, 12, 31, 15, 59, tzinfo=UTC)  # A minute before midnight in Shanghai.
    await buys(counted, ("a", "acme", 1, 10000))
    counted.later(minutes=1)
    first = await buys(counted, ("a", "acme", 1, 100))
    assert (first["spend_half"], first["spend_last_month"], first["spend_3_quarters"]) == (100, 10000, 10100)

    counted.now = datetime(2027, 2, 28, 4, tzinfo=UTC)
    second = await buys(counted, ("a", "acme", 1, 1))
    assert second["orders_2m"] == 3  # From 29 December on: the turn of the year is in.
    assert second["spend_last_month"] == 100

    counted.now = datetime(2027, 3, 1, 4, tzinfo=UTC)
    third = await buys(counted, ("a", "acme", 1, 1))
    assert third["orders_2m"] == 2  # From 2 January on: it is out.


async def test_a_streak_of_months_stands_while_the_running_one_may_still_come(counted):
    read = []
    for month in (3, 4, 5):
        counted.now = datetime(2026, month, 10, 4, tzinfo=UTC)
        read.append(await buys(counted, ("a", "acme", 1, 20000)))
    assert [(one["months_running"], one["big_running"]) for one in read] == [(1, 1), (2, 2), (3, 3)]
    counted.now = datetime(2026, 6, 10, 4, tzinfo=UTC)
    waiting = await runs(counted, km=1)
    assert waiting["months_running"] == 3
    counted.now = datetime(2026, 7, 1, 4, tzinfo=UTC)
    broken = await runs(counted, km=1)
    assert (broken["months_running"], broken["months_ever"]) == (0, 3)


async def test_since_the_last_change_of_tier_counts_what_came_after_it(counted):
    before = await buys(counted, ("a", "acme", 1, 120000))  # ¥1,200: gold.
    assert (before["spend_tier"], before["orders_tier"]) == (120000, 1)
    assert await counted.tier("lin") == "gold"
    counted.later(days=1)

    after = await buys(counted, ("a", "acme", 1, 5000))
    counted.later(days=1)
    more = await buys(counted, ("a", "acme", 1, 7000))

    assert (after["spend_tier"], after["orders_tier"], after["earned_tier"]) == (5000, 1, 0)
    assert (more["spend_tier"], more["orders_tier"], more["earned_tier"]) == (12000, 2, 100)  # ¥50, doubled.


async def test_a_year_of_ones_own_begins_with_joining(counted):
    joined = counted.now  # 2 March 2026.
    counted.now = joined + 300 * DAY
    await buys(counted, ("a", "acme", 1, 30000), number="A1")
    counted.now = joined + 364 * DAY
    last = await buys(counted, ("a", "acme", 1, 5000))
    counted.now = joined + 365 * DAY
    first = await buys(counted, ("a", "acme", 1, 7000))

    assert (last["spend_own_year"], last["big_own_year_before"]) == (35000, 0)
    assert (first["spend_own_year"], first["big_own_year_before"]) == (7000, 1)

    await counted.one(counted.returned("A1"))
    back_then = await buys(counted, ("a", "acme", 1, 100))

    assert (back_then["spend_own_year"], back_then["big_own_year_before"]) == (7100, 0)


async def test_a_year_of_a_tier_begins_with_the_change(counted):
    await buys(counted, ("a", "acme", 1, 120000))  # ¥1,200: gold.
    since = counted.now
    counted.now = since + 364 * DAY
    within = await buys(counted, ("a", "acme", 1, 5000))
    counted.now = since + 365 * DAY
    anew = await buys(counted, ("a", "acme", 1, 7000))

    assert (within["spend_tier_year"], anew["spend_tier_year"]) == (5000, 7000)


async def test_the_largest_of_nothing_is_not_known(counted):
    read = await runs(counted, place="park")

    assert (read["largest"], read["km_longest"], read["best_day"]) == (None, None, None)
    assert (read["km_ever"], read["lines_ever"], read["skus"]) == (0, 0, 0)


async def test_a_metric_declared_today_knows_yesterday(shop):
    await shop.enrol("lin")
    await shop.order("lin", 8000, lines=(Line("a", 2, 8000, "acme"),))
    await shop.publish(**COUNTED)
    shop.now = (await shop.house.rulebook.programme(shop.house.db, "story")).newest.live_from + DAY

    receipt = await shop.order("lin", 1000, lines=(Line("b", 1, 1000),))

    read = await figures(shop, receipt.event_id)
    assert (read["acme_units"], read["skus"], read["largest"]) == (2, 2, 8000)


async def test_rows_are_read_only_where_a_live_rule_looks_at_them(counted):
    plain, rich = await counted.house.rulebook.programme(counted.house.db, "story"), {}
    today = counted.now.date()

    for kind in ("order.paid", "points.redeem", "run.done"):
        found = reach.first_days(plain, {kind}, today)
        rich[kind] = sorted(row.__name__ for row, first in found.items() if first != reach.NOTHING)

    assert rich["points.redeem"] == ["MemberDay"]  # What a ladder asks for: its growth in a year.
    assert rich["order.paid"] == rich["run.done"] == ["Event", "Lot", "MemberDay", "Order", "OrderLine"]


async def test_a_window_is_loaded_no_further_back_than_it_reaches(db):
    long_ago = {"big_60d": {"title": text("Big"), "count": "orders", "over": {"days": 60}, "where": BIG}}
    programme = COUNTED["programme"] | {"metrics": COUNTED["programme"]["metrics"] | long_ago}
    policy = COUNTED["earn__counted"] | {
        "conditions": asks("big_60d", "greater_than", 0),
        "examples": [{"given": {"big_60d": 1}, "then": [{"send": "counted"}]}, {"given": {}, "then": []}],
    }
    shop = await shop_of(db, documents(**COUNTED | {"programme": programme, "earn__counted": policy}))

    found = reach.first_days(await shop.house.rulebook.programme(db, "story"), {"order.paid"}, date(2026, 3, 2))

    assert found[Order] == found[OrderLine] == date(2026, 1, 2).toordinal()
    assert found[Event] == found[Lot] == reach.NOTHING


async def test_what_falls_due_long_ago_looks_further_back_than_the_event_that_settles_it(db):
    asked = asks("units_30d", "greater_than_or_equal_to", 2)
    told = {
        "title": text("Ready"),
        "on": ["points.available"],
        "conditions": asked,
        "actions": [{"name": "send_message", "params": {"template": "ready"}}],
        "examples": [{"given": {"units_30d": 2}, "then": [{"send": "ready"}]}, {"given": {}, "then": []}],
    }
    shop = await shop_of(db, documents(**COUNTED | {"earn__counted": told}))
    await shop.enrol("lin")
    await shop.order("lin", 5000, lines=lines(5000, quantity=2))
    shop.later(days=36)

    receipt = await shop.order("lin", 1000, lines=lines(1000))  # Settles day 7, from where day 0 is in sight.

    assert receipt.state == "accepted"
    assert await shop.count("decisions", "kind = 'points.available'") == 2  # Growth at once, points on day 7.
    await shop.prove()


@pytest.mark.parametrize("name", sorted(METRICS))
def test_every_metric_is_a_variable_with_words(name):
    variable = RULES.definitions.catalogue.variables[name]

    assert variable.label("zh-CN") == name
    assert variable.nullable is (METRICS[name].keys() >= {"max"} or METRICS[name].keys() >= {"min"})


RULES = compile_ruleset({path: parse(path, body)[0] for path, body in documents(**COUNTED).items()})


STANDARD = {
    **FILES["tiers/grade"],
    "levels": [
        {"key": "normal", "title": text("Normal")},
        {
            "key": "gold",
            "title": text("Gold"),
            "reach": {"all": [
                asks("acme_units", "greater_than_or_equal_to", 3), asks("km_ever", "greater_than", "1.5"),
                asks("earned_tier", "greater_than_or_equal_to", "1"),
            ]},
        },
    ],
}  # fmt: skip


async def test_a_standard_of_filtered_metrics_is_met_read_and_taken_back(db):
    shop = await shop_of(db, documents(**COUNTED | {"tiers__grade": STANDARD}))
    await shop.enrol("lin")
    await runs(shop, km=Decimal("1.6"))
    await buys(shop, ("a", "acme", 2, 20000))
    live = await shop.house.rulebook.programme(db, "story")
    member = await shop.member_id("lin")

    account = (await accounts(db, live, [member], shop.now))[member]
    found = {gap.variable: (gap.has, gap.lacking) for gap in outlook(account, "grade").missing}
    assert found == {"acme_units": (2, 1)}
    await buys(shop, ("b", "acme", 1, 1000), number="o2")
    assert await shop.tier("lin") == "gold"
    await shop.one(shop.returned("o2"))

    assert await shop.tier("lin") == "normal"
    await shop.prove()
