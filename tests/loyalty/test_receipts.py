"""Receipts say what was not done too: which cap cut an award, and what a late event could not change."""

from datetime import timedelta

from loyalty.events import Behaviour
from models.database import Database
from tests.loyalty.conftest import START, Shop, ref, shop_of
from tests.loyalty.programme import FILES, documents

CAPPED = FILES["earn/review"] | {"limits": {"points_per_member_per_day": 30}}


async def test_a_cap_that_cuts_or_stops_an_award_is_said(db: Database) -> None:
    shop = await shop_of(db, documents(earn__review=CAPPED))
    await shop.enrol("lin")

    whole = await shop.behave("lin", "review.written", rating=5)
    cut = await shop.behave("lin", "review.written", rating=5)
    stopped = await shop.behave("lin", "review.written", rating=5)

    said = {"policy": "earn/review", "asked": 20, "because": "limit:points_per_member_per_day"}
    assert "limited" not in whole.changes
    assert cut.changes["limited"] == [said | {"given": 10}]
    assert stopped.changes["limited"] == [said | {"given": 0}]
    assert (await shop.wallet("lin"))["available"] == 30
    await shop.prove()


async def test_a_budget_that_runs_out_is_said(db: Database) -> None:
    programme = FILES["programme"] | {"budgets": {"spring": {"title": {"en": "Spring", "zh-CN": "春"}, "points": "25"}}}
    review = FILES["earn/review"] | {"limits": {"budget": "spring"}}
    shop = await shop_of(db, documents(programme=programme, earn__review=review))
    await shop.enrol("lin")
    await shop.behave("lin", "review.written", rating=5)

    cut = await shop.behave("lin", "review.written", rating=5)

    assert cut.changes["limited"] == [{"policy": "earn/review", "asked": 20, "given": 5, "because": "budget:spring"}]
    await shop.prove()


async def test_a_late_event_says_how_much_had_been_decided_without_it(shop: Shop) -> None:
    await shop.enrol("lin")
    for day in (2, 4, 6):
        shop.now = START + timedelta(days=day)
        await shop.order("lin", 10_000, f"A{day}")

    in_time = await shop.behave("lin", "review.written", rating=5)
    late = await shop.one(Behaviour(shop.key(), "review.written", ref("lin"), START + timedelta(days=3), {"rating": 5}))
    order = await shop.order("lin", 10_000, "B", occurred_at=START + timedelta(days=5))
    early = await shop.order("lin", 10_000, "C", occurred_at=START + timedelta(hours=1))

    assert (in_time.late, "could_not_change" in in_time.changes) == (False, False)
    assert (late.late, late.changes["could_not_change"]) == (True, [{"decided_later": 3}])  # Two orders, a review.
    assert (order.late, order.changes["could_not_change"]) == (True, [{"decided_later": 2}])
    assert (early.late, early.changes["could_not_change"]) == (True, [{"decided_later": 6}])


async def test_what_comes_late_in_the_same_batch_counts_what_was_decided_before(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.order("lin", 10_000, "A")
    shop.later(days=1)
    await shop.order("lin", 10_000, "B")

    receipts = await shop.send(
        shop.paid("lin", 10_000, "C", occurred_at=START + timedelta(hours=2)),
        shop.paid("lin", 10_000, "D", occurred_at=START + timedelta(hours=1)),
    )

    assert [receipt.changes["could_not_change"] for receipt in receipts] == [
        [{"decided_later": 1}],
        [{"decided_later": 1}],
    ]
