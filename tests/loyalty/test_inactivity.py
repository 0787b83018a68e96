"""Points that die of inactivity: what puts their end off, what does not, and what is undone."""

from typing import Any

from loyalty.events import HoldRelease, PointsAdjust, PointsTransfer
from models.database import Database
from tests.loyalty.conftest import ADMIN, Shop, back, lines, ref
from tests.loyalty.lives import IDLE, QUIET, balance, ends, living, morning, noon, programme

YEAR = {"expires": {"inactive": {"after": {"years": 1}}}}


async def idle(db: Database, start: str = "2026-01-15", **changes: Any) -> Shop:
    shop = await living(db, YEAR, noon(start), **changes)
    await shop.enrol("lin")
    return shop


async def test_eighteen_months_without_activity_and_nothing_is_left(db: Database) -> None:
    shop = await living(db, {"expires": IDLE}, noon("2018-01-15"))
    await shop.enrol("lin")
    await shop.order("lin", 64_000)

    shop.now = morning("2019-07-15")
    assert await balance(shop, "lin") == 640
    shop.now = noon("2019-07-15")
    assert await balance(shop, "lin") == 0
    assert await shop.count("transfers", "reason = 'expired' AND amount = 640") == 1
    await shop.prove()


async def test_a_purchase_keeps_all_that_is_alive(db: Database) -> None:
    shop = await idle(db)
    await shop.order("lin", 10_000)

    shop.now = noon("2026-12-31")
    await shop.order("lin", 1_000)

    assert await ends(shop, "lin") == [(100, noon("2027-12-31")), (10, noon("2027-12-31"))]
    shop.now = noon("2027-12-30")
    assert await balance(shop, "lin") == 110
    shop.now = noon("2027-12-31")
    assert await balance(shop, "lin") == 0
    await shop.prove()


async def test_a_redemption_counts_and_a_refused_one_does_not(db: Database) -> None:
    shop = await idle(db)
    await shop.order("lin", 50_000)

    shop.later(days=100)
    refused = await shop.redeem("lin", "gold-pack")
    assert (refused.state, (await ends(shop, "lin"))[0][1]) == ("refused", noon("2027-01-15"))
    await shop.redeem("lin")

    assert await ends(shop, "lin") == [(200, noon("2027-04-25"))]
    await shop.prove()


async def test_only_what_the_wallet_names_counts(db: Database) -> None:
    rule = {"inactive": {"after": {"years": 1}, "reset_by": ["review.written"]}}
    shop = await living(db, {"expires": rule}, noon("2026-01-15"))
    await shop.enrol("lin")
    await shop.order("lin", 10_000)

    shop.later(days=100)
    await shop.order("lin", 0)
    await shop.order("lin", 1_000)
    assert (await ends(shop, "lin"))[0] == (100, noon("2027-01-15"))
    await shop.behave("lin", "review.written", rating=1)

    assert [end for _, end in await ends(shop, "lin")] == [noon("2027-04-25")] * 2
    await shop.prove()


async def test_an_order_of_nothing_is_no_activity(db: Database) -> None:
    shop = await idle(db)
    await shop.order("lin", 10_000)

    shop.later(days=100)
    await shop.order("lin", 0)

    assert await ends(shop, "lin") == [(100, noon("2027-01-15"))]
    await shop.prove()


async def test_what_comes_back_wholly_was_no_activity(db: Database) -> None:
    shop = await idle(db)
    await shop.order("lin", 10_000, "first")
    shop.later(days=30)
    await shop.order("lin", 5_000, "second")
    shop.later(days=30)
    await shop.order("lin", 2_000, "third", lines=lines(1_000, 1_000))
    assert {end for _, end in await ends(shop, "lin")} == {noon("2027-03-16")}

    await shop.one(shop.returned("third", "part", lines=back((0, 1))))
    assert {end for _, end in await ends(shop, "lin")} == {noon("2027-03-16")}
    await shop.one(shop.returned("third", "rest"))
    assert await ends(shop, "lin") == [(100, noon("2027-02-14")), (50, noon("2027-02-14"))]
    await shop.one(shop.cancelled("second"))

    assert await ends(shop, "lin") == [(100, noon("2027-01-15"))]
    await shop.prove()


async def test_what_a_return_leaves_past_its_end_is_gone(db: Database) -> None:
    shop = await idle(db)
    await shop.order("lin", 10_000)
    shop.now = noon("2027-01-14")
    await shop.order("lin", 5_000, "second")
    shop.now = noon("2027-02-01")
    assert await balance(shop, "lin") == 150

    await shop.one(shop.returned("second"))

    assert await shop.wallet("lin") == {"pending": 0, "available": 0, "held": 0, "owed": 0}
    assert await shop.count("transfers", "reason = 'expired' AND amount = 100") == 1
    await shop.prove()


async def test_a_late_purchase_brings_back_what_it_would_have_kept_alive(db: Database) -> None:
    shop = await idle(db)
    await shop.order("lin", 10_000)
    shop.now = noon("2027-01-20")
    assert await balance(shop, "lin") == 0

    late = await shop.order("lin", 5_000, "late", occurred_at=noon("2027-01-10"))

    assert late.late
    assert await balance(shop, "lin") == 150
    assert await ends(shop, "lin") == [(100, noon("2028-01-10")), (50, noon("2028-01-10"))]
    assert await shop.count("transfers", "reason = 'restored' AND amount = 100") == 1

    await shop.one(shop.returned("late"))
    assert await balance(shop, "lin") == 0
    await shop.prove()


async def test_what_was_dead_before_a_late_purchase_stays_dead(db: Database) -> None:
    shop = await idle(db)
    await shop.order("lin", 10_000)
    shop.now = noon("2027-01-20")
    assert await balance(shop, "lin") == 0

    await shop.order("lin", 5_000, occurred_at=noon("2027-01-16"))

    assert await balance(shop, "lin") == 50
    assert await shop.count("transfers", "reason = 'restored'") == 0
    await shop.prove()


async def test_what_was_returned_in_between_does_not_come_back(db: Database) -> None:
    shop = await idle(db)
    await shop.order("lin", 10_000, "first")
    shop.now = noon("2027-01-20")
    assert await balance(shop, "lin") == 0
    await shop.one(shop.returned("first", amount=4_000))

    await shop.order("lin", 5_000, occurred_at=noon("2027-01-10"))

    assert await balance(shop, "lin") == 60 + 50
    await shop.prove()


async def test_a_late_order_lives_by_what_was_done_since(db: Database) -> None:
    shop = await idle(db)
    shop.now = noon("2026-06-15")
    await shop.order("lin", 1_000)

    await shop.order("lin", 5_000, occurred_at=noon("2026-02-15"))

    assert {end for _, end in await ends(shop, "lin")} == {noon("2027-06-15")}
    await shop.prove()


async def test_what_is_held_past_its_end_dies_when_it_is_released(db: Database) -> None:
    shop = await idle(db)
    await shop.order("lin", 50_000)
    shop.now = noon("2027-01-15")
    shop.later(minutes=-5)
    rule = {"inactive": {"after": {"years": 1}, "reset_by": ["profile.completed"]}}
    await shop.publish(programme=programme({"expires": rule}), **QUIET)
    held = await shop.redeem("lin", hold=True)
    shop.later(minutes=10)
    assert await balance(shop, "lin") == 0

    await shop.one(HoldRelease(shop.key(), ref("lin"), held.hold_id or 0))

    assert await shop.wallet("lin") == {"pending": 0, "available": 0, "held": 0, "owed": 0}
    await shop.prove()


async def test_what_is_given_to_another_lives_by_what_that_one_does(db: Database) -> None:
    shop = await idle(db)
    await shop.enrol("mei")
    await shop.order("lin", 10_000)
    shop.later(days=10)
    await shop.one(PointsTransfer(shop.key(), ref("lin"), ref("mei"), "points", 60), caller=ADMIN)
    assert await ends(shop, "mei") == [(60, noon("2027-01-15"))]

    shop.later(days=10)
    await shop.order("mei", 2_000, "bought")
    assert await ends(shop, "mei") == [(60, noon("2027-02-04")), (20, noon("2027-02-04"))]
    await shop.one(shop.returned("bought"))

    assert await ends(shop, "mei") == [(60, noon("2027-01-15"))]
    assert await ends(shop, "lin") == [(40, noon("2027-01-15"))]
    await shop.prove()


async def test_a_credit_by_hand_dies_of_inactivity_too(db: Database) -> None:
    shop = await idle(db)
    await shop.one(PointsAdjust(shop.key(), ref("lin"), "points", 30, "put right"), caller=ADMIN)
    shop.later(days=20)

    await shop.order("lin", 1_000)

    assert {end for _, end in await ends(shop, "lin")} == {noon("2027-02-04")}
    await shop.prove()
