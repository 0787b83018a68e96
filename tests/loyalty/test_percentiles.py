"""The top ten per cent: who is in is the same for everybody at one position of the fold, and in replay."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobs.worker import Worker
from loyalty import outlook, thresholds, views
from models.database import Database
from models.thresholds import Threshold
from rules import telling
from tests.loyalty.conftest import ADMIN, START, Shop, shop_of
from tests.loyalty.programme import FILES, TITLE, documents

TEXT = {"en": "top 10 % by spend", "zh-CN": "消费前10%"}
METRICS: dict[str, Any] = {
    "spend_365d": {"title": TITLE, "sum": "spend", "over": {"days": 365}},
    "orders_365d": {"title": TITLE, "count": "orders", "over": {"days": 365}},
    "earned_365d": {"title": TITLE, "sum": "earned", "wallet": "growth", "over": {"days": 365}},
    "reviews_365d": {"title": TITLE, "count": "events", "type": "review.written", "over": {"days": 365}},
    "spend_months": {"title": TITLE, "sum": "spend", "over": {"months": 12}},
    "spend_ever": {"title": TITLE, "sum": "spend", "over": {"ever": True}},
    "spend_year": {"title": TITLE, "sum": "spend", "over": {"calendar": "year"}},
}
BEST: dict[str, Any] = {
    "title": TITLE,
    "on": ["order.paid"],
    "conditions": {"name": "in_top", "operator": "is_true"},
    "actions": [{"name": "earn_points", "params": {"points": "7", "pending": {"days": 0}}}],
    "examples": [
        {"given": {"in_top": True}, "then": [{"earn": "points", "points": 7}]},
        {"given": {"in_top": False}, "then": []},
    ],
}
LAYER: dict[str, Any] = {
    "title": TITLE,
    "levels": [
        {"key": "base", "title": TITLE},
        {
            "key": "premier",
            "title": TITLE,
            "reach": {
                "any": [
                    {"name": "orders_365d", "operator": "greater_than_or_equal_to", "value": 11},
                    {"name": "in_top", "operator": "is_true"},
                ]
            },
        },
    ],
    "review": {"every": "quarter"},
    "demotion": {"to": "met"},
}


def files(of: str = "spend_365d", top: str = "10", **more: Any) -> dict[str, str]:
    programme = deepcopy(FILES["programme"])
    programme["metrics"] |= METRICS
    programme["percentiles"] = {"top": {"title": TEXT, "of": of, "top": top}}
    return documents(programme=programme, tiers__layer=LAYER, **more)


async def shop_with(db: Database, **more: Any) -> Shop:
    return await shop_of(db, files(**more))


async def crowd(shop: Shop, *totals: int) -> None:
    """A member for each figure, m0 first, who spends it in one order."""
    for number, total in enumerate(totals):
        await shop.order(f"m{number}", total)


async def compute(shop: Shop) -> Threshold:
    live = await shop.house.rulebook.programme(shop.house.db, "story")
    return await thresholds.compute(shop.house.db, live, ADMIN, "top", shop.now)


async def told(shop: Shop, name: str, lang: str = "en") -> list[str]:
    live = await shop.house.rulebook.programme(shop.house.db, "story")
    member = await shop.member_id(name)
    account = (await views.accounts(shop.house.db, live, [member], shop.now))[member]
    ahead = outlook.outlook(account, "layer")
    return [telling.lacking(account.turn.ruleset.definitions, one, lang) for one in ahead.missing]


async def test_the_highest_tenth_of_those_who_have_a_figure_begins_at_the_last_that_is_in(db):
    shop = await shop_with(db)
    await crowd(shop, *(1_000 * (number + 1) for number in range(20)))
    await shop.enrol("idle")  # Has no figure, and does not count.

    row = await compute(shop)

    assert (row.value, row.members) == (19_000, 20)
    shop.later(hours=1)
    for name in ("m17", "m18", "m19"):
        await shop.review(name, "layer")
    assert [await shop.tier(name, "layer") for name in ("m17", "m18", "m19")] == ["base", "premier", "premier"]
    await shop.prove()


async def test_equal_members_are_in_together(db):
    shop = await shop_with(db)
    await crowd(shop, *[5_000] * 4, *[9_000] * 3, *[1_000] * 3)

    row = await compute(shop)

    assert (row.value, row.members) == (9_000, 10)
    shop.later(hours=1)
    for number in range(10):
        await shop.review(f"m{number}", "layer")
    assert [await shop.tier(f"m{number}", "layer") for number in range(10)] == ["base"] * 4 + ["premier"] * 3 + [
        "base"
    ] * 3


async def test_nobody_is_in_before_it_was_computed_nor_while_nobody_has_a_figure(db):
    shop = await shop_with(db)
    await shop.enrol("lin")
    nobody = await compute(shop)
    shop.later(hours=1)

    await shop.order("lin", 100_000)

    assert (nobody.value, nobody.members) == (0, 0)
    assert await shop.tier("lin", "layer") == "base"
    await shop.prove()


async def test_who_comes_up_to_the_threshold_is_in_at_once_and_eleven_orders_do_too(db):
    shop = await shop_with(db)
    await crowd(shop, *[10_000] * 9, 50_000)
    await compute(shop)
    shop.later(hours=1)

    await shop.order("m0", 39_999)
    short = await shop.tier("m0", "layer")
    await shop.order("m0", 1)
    for _ in range(10):
        await shop.order("m1", 100)

    assert (short, await shop.tier("m0", "layer")) == ("base", "premier")
    assert await shop.tier("m1", "layer") == "premier"
    assert await shop.tier("m2", "layer") == "base"
    await shop.prove()


async def test_what_is_missing_for_it_is_said_in_money(db):
    shop = await shop_with(db)
    await crowd(shop, *[12_000] * 9, 50_000)
    before = await told(shop, "m0")
    await compute(shop)
    shop.later(minutes=1)

    assert before == ["10 orders missing: Story", "is among the top 10 % by spend"]
    assert await told(shop, "m0") == ["10 orders missing: Story", "¥380 more to be among the top 10 % by spend"]
    assert (await told(shop, "m0", "zh-CN"))[1] == "再增加380元即可进入消费前10%"


@pytest.mark.parametrize(
    ("of", "value"),
    [
        ("spend_365d", 20_000),
        ("spend_months", 20_000),
        ("spend_ever", 20_000),
        ("orders_365d", 2),
        ("earned_365d", 200),
        ("reviews_365d", 2),
    ],
)
async def test_every_figure_kept_by_day_can_be_ranked_by(db, of, value):
    shop = await shop_with(db, of=of, top="40")
    for number in range(3):
        await shop.enrol(f"m{number}")
        for _ in range(number + 1):
            await shop.order(f"m{number}", 10_000)
            await shop.behave(f"m{number}", "review.written", rating=1)
    await shop.behave("m0", "review.written", rating=1)  # Two, two and three.

    row = await compute(shop)

    assert (row.value, row.members) == (value, 3)


async def test_members_who_are_gone_or_frozen_are_not_ranked(db):
    shop = await shop_with(db)
    await crowd(shop, 10_000, 20_000, 30_000, 40_000)
    for name, status in (("m3", "erased"), ("m2", "frozen")):
        await db.run("UPDATE members SET status = $1 WHERE id = $2", status, await shop.member_id(name))

    row = await compute(shop)

    assert (row.value, row.members) == (20_000, 2)


async def test_a_calendar_figure_is_of_the_year_that_has_just_ended_at_its_very_turn(db):
    shop = await shop_with(db, of="spend_year")
    await crowd(shop, 10_000, 20_000)

    shop.now = datetime(2026, 12, 31, 16, tzinfo=UTC)  # Midnight in Shanghai.
    at_the_turn = await compute(shop)
    shop.later(hours=1)
    after = await compute(shop)

    assert (at_the_turn.value, at_the_turn.members) == (20_000, 2)
    assert (after.value, after.members) == (0, 0)


async def test_a_late_order_reads_the_threshold_of_its_instant_and_replay_the_same(db):
    shop = await shop_with(db, campaigns__best=BEST)
    await crowd(shop, *[10_000] * 9, 50_000)
    await compute(shop)
    before = shop.later(minutes=30)
    await crowd(shop, *[100_000] * 10)
    given = await shop.count("transfers", "amount = 7")
    shop.later(minutes=30)
    second = await compute(shop)
    shop.later(hours=1)

    late = await shop.order("m0", 10, "late", occurred_at=before)
    now = await shop.order("m1", 10, "now")

    assert (given, second.value) == (10, 150_000)
    assert late.ok
    assert now.ok
    assert await shop.count("transfers", "amount = 7") == given + 1  # The late one's: ¥500 were enough then.
    (last,) = await db.rows("SELECT member_id FROM transfers WHERE amount = 7 ORDER BY position DESC LIMIT 1")
    assert last["member_id"] == await shop.member_id("m0")
    await shop.prove()


async def _publish(shop: Shop, texts: dict[str, str], **more: Any) -> None:
    from loyalty.publishing import publish

    await publish(shop.house.db, shop.house.rulebook, ADMIN, "story", texts, **more)


async def test_the_clock_computes_it_before_the_reviews_of_the_same_instant_and_once(db):
    shop = await shop_with(db)
    await db.run("UPDATE programmes SET created_at = $1", START)
    await crowd(shop, *[10_000] * 9, 50_000)
    quarter = datetime(2026, 3, 31, 16, tzinfo=UTC)
    worker = Worker(shop.house, "one")

    await worker.tick(START)
    founded = await db.read(Threshold, "SELECT * FROM thresholds")
    await worker.tick(quarter + timedelta(hours=2))
    await worker.tick(quarter + timedelta(hours=3))

    rows = await db.read(Threshold, "SELECT * FROM thresholds ORDER BY position")
    assert [(row.at, row.value) for row in founded] == [(START, 50_000)]
    assert [(row.at, row.value) for row in rows] == [(START, 50_000), (quarter, 50_000)]
    assert await shop.tier("m9", "layer") == "premier"
    moved = await db.rows("SELECT at, position FROM standing_moves WHERE reason = 'reached'")
    assert [row["at"] for row in moved] == [quarter]
    assert moved[0]["position"] > rows[1].position
    await shop.prove()


async def test_what_was_computed_as_of_an_instant_is_not_computed_twice(db):
    shop = await shop_with(db)
    await crowd(shop, 10_000)
    first = await compute(shop)
    await crowd(shop, 90_000)

    assert await compute(shop) == first
    assert await shop.count("thresholds") == 1
    (audit,) = await db.rows("SELECT subject, action, target FROM audit WHERE action = 'percentile.compute'")
    assert audit == {"subject": "staff:admin", "action": "percentile.compute", "target": "percentile top"}


async def test_another_share_of_the_same_name_does_not_read_the_old_threshold(db):
    shop = await shop_with(db)
    await crowd(shop, *[10_000] * 9, 50_000)
    await compute(shop)
    await _publish(shop, files(of="orders_365d"))
    shop.now = datetime.now(UTC) + timedelta(minutes=1)  # Past the publication.

    await shop.order("m0", 100)

    assert await shop.tier("m0", "layer") == "base"  # Two orders are not ¥500.
