"""What a member takes part in goes along when accounts merge, and is given up when somebody is forgotten."""

import pytest_asyncio

from loyalty import polls
from loyalty.events import GatheringMoveUp, MemberErase, MembersMerge, PointsAdjust, WalletFreeze
from tests.loyalty.conftest import ADMIN, ref, shop_of
from tests.loyalty.occasions import EDITION, POLL, PRIZE, SALON, cancel, enter, left, sign_up, states, tick, vote
from tests.loyalty.programme import documents

NAMES = ("lin", "mei", "wei")


async def opened(db, **changes):
    salon = SALON | changes
    files = documents(gatherings__salon=salon, draws__edition=EDITION, polls__next_year=POLL, benefits__bag=PRIZE)
    made = await shop_of(db, files)
    for name in NAMES:
        await made.enrol(name)
    return made


@pytest_asyncio.fixture
async def shop(db):
    made = await opened(db)
    yield made
    await made.prove()


async def rich(shop, name, points):
    await shop.one(PointsAdjust(shop.key(), ref(name), "points", points, "a present"), caller=ADMIN)


async def merge(shop, gone, into):
    receipt = await shop.one(MembersMerge(shop.key(), ref(gone), ref(into), "one person"), caller=ADMIN)
    assert receipt.state == "accepted"


async def erase(shop, name):
    receipt = await shop.one(MemberErase(shop.key(), ref(name), note="asked"), caller=ADMIN)
    assert receipt.state == "accepted"


async def owners(shop, table, *columns):
    names = ", ".join(("member_id", *columns))
    rows = await shop.house.db.rows(f"SELECT {names} FROM {table} ORDER BY id")
    return [tuple(row.values()) for row in rows]


async def test_a_seat_is_the_survivors_and_can_be_given_back_with_what_it_cost(db):
    shop = await opened(db, points=50)
    await rich(shop, "lin", 80)
    await sign_up(shop, "lin", guests=1)
    mei = await shop.member_id("mei")

    await merge(shop, "lin", "mei")
    assert await owners(shop, "sign_ups", "state", "seats") == [(mei, "signed_up", 2)]
    assert await left(shop, "seats:salon") == 0
    assert (await shop.wallet("mei"))["available"] == 30
    back = await cancel(shop, "mei")

    assert back.state == "accepted"
    assert await left(shop, "seats:salon") == 2
    assert (await shop.wallet("mei"))["available"] == 80
    await shop.prove()


async def test_a_place_in_line_keeps_its_turn_and_a_second_seat_does_not_stop_the_line(shop):
    await sign_up(shop, "wei")
    await sign_up(shop, "mei")
    await sign_up(shop, "lin")
    mei = await shop.member_id("mei")

    await merge(shop, "lin", "mei")
    await cancel(shop, "wei")
    await tick(shop, minutes=1)

    assert await owners(shop, "sign_ups", "state") == [
        (await shop.member_id("wei"), "cancelled"),
        (mei, "signed_up"),
        (mei, "signed_up"),
    ]
    assert [await left(shop, name) for name in ("seats:salon", "places:salon")] == [0, 2]
    await tick(shop, days=8)
    assert await states(shop) == ["cancelled", "missed", "missed"]


async def test_tickets_go_along_while_the_draw_is_open_and_win_for_the_survivor(shop):
    await enter(shop, "lin", "edition")
    mei = await shop.member_id("mei")

    await merge(shop, "lin", "mei")
    await tick(shop, days=8)

    assert await owners(shop, "tickets", "state") == [(mei, "won")]
    assert await owners(shop, "entitlements", "benefit") == [(mei, "bag")]


async def test_tickets_of_a_draw_that_is_closed_stay_in_its_list(shop):
    lin = await shop.member_id("lin")
    await enter(shop, "lin", "edition")
    await tick(shop, days=8)

    await merge(shop, "lin", "mei")

    assert await owners(shop, "tickets", "state") == [(lin, "won")]


async def test_what_was_voted_in_a_poll_that_is_closed_stays_counted(shop):
    await vote(shop, "lin", "tea")
    await vote(shop, "mei", "cake")
    shop.later(days=8)

    await merge(shop, "lin", "mei")

    assert await polls.counts(shop.house.db, 1, "next-year") == (2, {"tea": 1, "cake": 1})


async def test_one_person_has_one_vote(shop):
    await vote(shop, "lin", "tea")
    await vote(shop, "mei", "cake")

    await merge(shop, "lin", "mei")

    assert await polls.counts(shop.house.db, 1, "next-year") == (1, {"cake": 1})


async def test_a_vote_alone_goes_along(shop):
    await vote(shop, "lin", "tea")

    await merge(shop, "lin", "mei")
    again = await vote(shop, "mei", "cake")

    assert again.code == "VOTED_ALREADY"
    assert await polls.counts(shop.house.db, 1, "next-year") == (1, {"tea": 1})


async def test_seats_of_somebody_who_is_erased_come_free_and_the_line_moves_up(shop):
    await sign_up(shop, "lin", guests=1)
    await sign_up(shop, "mei")

    await erase(shop, "lin")
    assert await left(shop, "seats:salon") == 2
    await tick(shop, minutes=1)

    assert await states(shop) == ["cancelled", "signed_up"]
    assert [await left(shop, name) for name in ("seats:salon", "places:salon", "line:salon")] == [1, 2, 1_000_000_000]


async def test_a_place_in_line_of_somebody_who_is_erased_is_free(shop):
    await sign_up(shop, "lin", guests=1)
    await sign_up(shop, "mei")

    await erase(shop, "mei")

    assert await states(shop) == ["signed_up", "cancelled"]
    assert [await left(shop, name) for name in ("seats:salon", "places:salon")] == [0, 2]


async def test_a_ticket_of_somebody_who_is_erased_takes_no_prize_from_others(shop):
    await enter(shop, "lin", "edition")
    await enter(shop, "mei", "edition")

    await erase(shop, "lin")
    await tick(shop, days=8)

    assert await states(shop, "tickets") == ["void", "won"]
    assert await left(shop, "prize:edition/bag") == 1


async def test_who_may_not_spend_is_passed_over_and_the_line_goes_on(db):
    shop = await opened(db, points=50)
    for name in NAMES:
        await rich(shop, name, 100)
    await sign_up(shop, "lin", guests=1)
    await sign_up(shop, "mei")
    await sign_up(shop, "wei")
    await shop.one(WalletFreeze(shop.key(), ref("mei"), "points", "fraud"), caller=ADMIN)

    await cancel(shop, "lin")
    await tick(shop, minutes=1)

    assert await states(shop) == ["cancelled", "lapsed", "signed_up"]
    assert [(await shop.wallet(name))["available"] for name in NAMES] == [100, 100, 50]
    assert await shop.count("events", f"kind = '{GatheringMoveUp.kind}' AND state = 'refused'") == 0
    await shop.prove()
