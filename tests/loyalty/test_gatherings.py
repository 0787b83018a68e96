"""Gatherings: seats are never oversold, the line keeps its order and moves up by itself, who comes is an event."""

import pytest_asyncio

from loyalty.events import GatheringSignUp, MemberChanged
from models.codec import parse
from tests.loyalty.conftest import ref, shop_of
from tests.loyalty.occasions import PRIZE, SALON, attend, cancel, left, sign_up, states, tick, words
from tests.loyalty.programme import documents

ATTENDED = {
    "title": words("Attending earns", "到场得分"),
    "on": ["gathering.attended"],
    "conditions": {"name": "gathering_key", "operator": "equal_to", "value": "salon"},
    "actions": [{"name": "earn_points", "params": {"points": "50", "pending": {"days": 0}}}],
    "examples": [
        {"given": {"gathering_key": "salon"}, "then": [{"earn": "points", "points": 50}]},
        {"given": {"gathering_key": "tasting"}, "then": []},
    ],
}
NAMES = ("lin", "mei", "wei", "bao", "xia")


async def opened(db, **changes):
    salon = SALON | changes
    tasting = SALON | {"title": words("Tasting", "品鉴")}
    made = await shop_of(
        db,
        documents(gatherings__salon=salon, gatherings__tasting=tasting, earn__attended=ATTENDED, benefits__bag=PRIZE),
    )
    for name in NAMES:
        await made.enrol(name)
    return made


@pytest_asyncio.fixture
async def shop(db):
    made = await opened(db)
    yield made
    await made.prove()


async def test_a_sign_up_takes_a_seat_for_the_member_and_each_guest(shop):
    one = await sign_up(shop, "lin", guests=1)

    assert one.state == "accepted"
    assert one.changes["sign_up"] | {"id": 0} == {"id": 0, "gathering": "salon", "state": "signed_up", "seats": 2}
    assert await left(shop, "seats:salon") == 0
    assert await left(shop, "seats:tasting") == 2


async def test_whoever_finds_no_seat_waits_as_long_as_there_is_room_in_the_line(shop):
    await sign_up(shop, "lin", guests=1)

    mei, wei, bao = [await sign_up(shop, name) for name in ("mei", "wei", "bao")]

    assert [one.changes["sign_up"]["state"] for one in (mei, wei)] == ["waiting", "waiting"]
    assert (bao.state, bao.code) == ("refused", "GATHERING_FULL")
    assert await states(shop) == ["signed_up", "waiting", "waiting"]
    assert await left(shop, "places:salon") == 0


async def test_a_seat_that_comes_free_goes_to_the_first_in_line_by_itself(shop):
    await sign_up(shop, "lin")
    await sign_up(shop, "mei")
    for name in ("wei", "bao"):
        await sign_up(shop, name)

    await cancel(shop, "lin")
    await tick(shop, seconds=30)

    assert await states(shop) == ["cancelled", "signed_up", "signed_up", "waiting"]
    assert await left(shop, "seats:salon") == 0
    (told,) = await shop.house.db.rows("SELECT member_id, body FROM outbox WHERE kind = 'gathering.moved_up'")
    assert told["member_id"] == await shop.member_id("wei")
    assert parse(told["body"]) == {"gathering": "salon", "seats": 1}
    (event,) = await shop.house.db.rows("SELECT state, caused_by FROM events WHERE kind = 'gathering.move_up'")
    assert event["state"] == "accepted"
    assert event["caused_by"] is not None


async def test_nobody_slips_in_while_somebody_waits(shop):
    for name in ("lin", "mei", "wei"):
        await sign_up(shop, name)

    await cancel(shop, "lin")  # A seat is free, and the worker has not been by.
    late = await sign_up(shop, "bao")
    await tick(shop, seconds=30)

    assert late.changes["sign_up"]["state"] == "waiting"
    assert await states(shop) == ["cancelled", "signed_up", "signed_up", "waiting"]


async def test_a_party_at_the_front_waits_for_seats_enough_and_is_not_overtaken(shop):
    for name in ("lin", "mei"):
        await sign_up(shop, name)
    await sign_up(shop, "wei", guests=1)
    await sign_up(shop, "bao")

    await cancel(shop, "lin")
    await tick(shop, seconds=30)
    before = await states(shop)
    await cancel(shop, "mei")
    await tick(shop, seconds=30)

    assert before == ["cancelled", "signed_up", "waiting", "waiting"]
    assert await states(shop) == ["cancelled", "cancelled", "signed_up", "waiting"]


async def test_two_seats_that_come_free_at_once_bring_two_in_in_their_order(shop):
    for name in ("lin", "mei", "wei", "bao"):
        await sign_up(shop, name)

    await cancel(shop, "lin")
    await cancel(shop, "mei")
    await tick(shop, seconds=30)

    assert await states(shop) == ["cancelled", "cancelled", "signed_up", "signed_up"]
    assert await shop.count("outbox", "kind = 'gathering.moved_up'") == 2


async def test_whoever_waits_may_leave_the_line_and_come_back_at_its_end(shop):
    for name in ("lin", "mei", "wei", "bao"):
        await sign_up(shop, name)

    await cancel(shop, "wei")
    await sign_up(shop, "wei")
    await cancel(shop, "lin")
    await tick(shop, seconds=30)

    assert await states(shop) == ["cancelled", "signed_up", "cancelled", "signed_up", "waiting"]
    assert await left(shop, "places:salon") == 1


async def test_more_seats_in_a_new_version_let_the_line_in(db):
    shop = await opened(db)
    for name in ("lin", "mei", "wei"):
        await sign_up(shop, name)

    more = SALON | {"seats": 3}
    await shop.publish(gatherings__salon=more, gatherings__tasting=SALON, earn__attended=ATTENDED, benefits__bag=PRIZE)
    await tick(shop, seconds=30)

    assert await states(shop) == ["signed_up", "signed_up", "signed_up"]
    await shop.prove()


async def test_a_member_signs_up_once_and_brings_no_more_than_it_may(shop):
    await sign_up(shop, "lin")

    twice, many = await sign_up(shop, "lin"), await sign_up(shop, "mei", guests=2)

    assert (twice.code, many.code) == ("SIGNED_UP_ALREADY", "TOO_MANY_GUESTS")
    assert await shop.count("sign_ups") == 1


async def test_seats_are_given_back_until_the_time_that_is_said(shop):
    await sign_up(shop, "lin")
    shop.later(days=4, hours=1)  # The sixth, one in the afternoon.

    late = await cancel(shop, "lin")

    assert (late.code, late.params["at"]) == ("TOO_LATE_TO_CANCEL", "2026-03-06 12:00")
    assert (await cancel(shop, "mei")).code == "NOT_SIGNED_UP"
    assert await left(shop, "seats:salon") == 1


async def test_a_gathering_opens_for_some_before_the_others_and_closes_for_all(db):
    early = [{"hours": 24, "to": {"name": "member_tags", "operator": "contains_any", "value": ["friend"]}}]
    opening = {"opens_at": "2026-03-03T06:00", "closes_at": "2026-03-05T18:00", "early": early}
    shop = await opened(db, sign_up=opening)
    await shop.one(MemberChanged(shop.key(), ref("mei"), shop.now, add_tags=("friend",)))

    lin, mei = await sign_up(shop, "lin"), await sign_up(shop, "mei")
    shop.later(days=1)
    public = await sign_up(shop, "lin")
    shop.later(days=3)
    closed = await sign_up(shop, "bao")

    assert (lin.code, lin.params["at"]) == ("ENTRY_NOT_OPEN", "2026-03-03 06:00")
    assert [mei.state, public.state] == ["accepted", "accepted"]
    assert (closed.code, closed.params["at"]) == ("ENTRY_CLOSED", "2026-03-05 18:00")
    await shop.prove()


async def test_who_may_come_is_a_matter_of_tier_and_tag(db):
    shop = await opened(db, sign_up=SALON["sign_up"] | {"tiers": {"at_least": "gold"}})

    assert (await sign_up(shop, "lin")).code == "NOT_ELIGIBLE"
    assert await shop.count("sign_ups") == 0
    await shop.prove()


async def earns(shop, name):
    for _ in range(3):
        await shop.behave(name, "review.written", rating=5)


async def test_a_price_is_paid_for_a_seat_and_given_back_with_it(db):
    shop = await opened(db, points=50)
    await earns(shop, "lin")

    poor = await sign_up(shop, "mei")
    await sign_up(shop, "lin", guests=1)
    paid = (await shop.wallet("lin"))["available"]
    await cancel(shop, "lin")

    assert (poor.code, poor.params["missing"]) == ("INSUFFICIENT_POINTS", 50)
    assert (paid, (await shop.wallet("lin"))["available"]) == (10, 60)
    assert await states(shop) == ["cancelled"]
    assert await left(shop, "seats:salon") == 2
    await shop.prove()


async def test_whoever_moves_up_pays_then_and_who_cannot_is_passed_over(db):
    shop = await opened(db, points=50, seats=1, guests=0)
    for name in ("lin", "wei"):
        await earns(shop, name)
    for name in ("lin", "mei", "wei"):
        await sign_up(shop, name)

    await cancel(shop, "lin")
    await tick(shop, seconds=30)
    await tick(shop, seconds=30)

    assert await states(shop) == ["cancelled", "lapsed", "signed_up"]
    assert (await shop.wallet("wei"))["available"] == 10
    assert await shop.count("outbox", "kind = 'gathering.passed_over'") == 1
    await shop.prove()


async def test_whoever_attends_is_heard_by_policies_and_who_does_not_has_missed_it(shop):
    await sign_up(shop, "lin")
    await sign_up(shop, "mei")
    early = await attend(shop, "lin")
    shop.later(days=5, hours=7, minutes=30)

    came = await attend(shop, "lin")
    again = await attend(shop, "lin")
    await tick(shop, hours=3)

    assert early.code == "ENTRY_NOT_OPEN"
    assert (came.state, again.code) == ("accepted", "ATTENDED_ALREADY")
    assert await states(shop) == ["attended", "missed"]
    assert (await shop.wallet("lin"))["available"] == 50
    assert (await shop.wallet("mei"))["available"] == 0


async def test_at_the_end_whoever_still_waits_waits_no_more(shop):
    for name in ("lin", "mei", "wei"):
        await sign_up(shop, name)

    await tick(shop, days=6)
    await tick(shop, days=1)

    assert await states(shop) == ["missed", "missed", "lapsed"]
    assert await left(shop, "line:salon") == 1_000_000_000
    assert await shop.count("events", "kind = 'clock.gathering'") == 3


async def test_a_batch_that_arrives_together_gets_no_more_seats_than_there_are(shop):
    answers = await shop.send(*(GatheringSignUp(shop.key(), ref(name), "salon") for name in NAMES))

    assert [one.state for one in answers].count("accepted") == 4
    assert (await states(shop)).count("signed_up") == 2
    assert answers[-1].code == "GATHERING_FULL"


async def test_the_same_key_is_answered_with_the_first_receipt(shop):
    first = await shop.one(GatheringSignUp("once", ref("lin"), "salon"))
    second = await shop.one(GatheringSignUp("once", ref("lin"), "salon"))

    assert (first.replayed, second.replayed) == (False, True)
    assert second.changes["sign_up"] == first.changes["sign_up"]
    assert await left(shop, "seats:salon") == 1
