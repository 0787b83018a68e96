"""Polls: one vote a member, options that there are, counts that are exact."""

import pytest_asyncio

from loyalty import polls
from tests.loyalty.conftest import shop_of
from tests.loyalty.occasions import POLL, vote, words
from tests.loyalty.programme import documents

VOTED = {
    "title": words("Voting earns", "投票得分"),
    "on": ["poll.voted"],
    "conditions": {"name": "poll_key", "operator": "equal_to", "value": "next-year"},
    "actions": [{"name": "earn_points", "params": {"points": "10", "pending": {"days": 0}}}],
    "examples": [
        {"given": {"poll_key": "next-year"}, "then": [{"earn": "points", "points": 10}]},
        {"given": {"poll_key": "other"}, "then": []},
    ],
}


async def opened(db, **changes):
    other = POLL | {"question": words("Other?", "其他？")}
    shop = await shop_of(db, documents(polls__next_year=POLL | changes, polls__other=other, earn__voted=VOTED))
    for name in ("lin", "mei", "wei"):
        await shop.enrol(name)
    return shop


@pytest_asyncio.fixture
async def shop(db):
    made = await opened(db)
    yield made
    await made.prove()


async def test_votes_are_counted_exactly(shop):
    await vote(shop, "lin", "tea", "cake")
    await vote(shop, "mei", "tea")

    assert await polls.counts(shop.house.db, 1, "next-year") == (2, {"tea": 2, "cake": 1})
    assert await polls.counts(shop.house.db, 1, "other") == (0, {})


async def test_a_member_votes_once_where_a_vote_cannot_be_changed(shop):
    await vote(shop, "lin", "tea")

    again = await vote(shop, "lin", "cake")

    assert again.code == "VOTED_ALREADY"
    assert await polls.counts(shop.house.db, 1, "next-year") == (1, {"tea": 1})
    assert (await shop.wallet("lin"))["available"] == 10


async def test_a_vote_that_may_be_changed_counts_once_and_earns_once(db):
    shop = await opened(db, changeable=True)
    await vote(shop, "lin", "tea")

    again = await vote(shop, "lin", "rest")

    assert again.state == "accepted"
    assert await polls.counts(shop.house.db, 1, "next-year") == (1, {"rest": 1})
    assert (await shop.wallet("lin"))["available"] == 10
    await shop.prove()


async def test_only_options_that_there_are_and_no_more_than_may_be_chosen(shop):
    codes = [(await vote(shop, "lin", *chosen)).code for chosen in (["beer"], [], ["tea", "cake", "rest"])]

    assert codes == ["OPTION_UNKNOWN", "TOO_MANY_CHOICES", "TOO_MANY_CHOICES"]
    assert await shop.count("votes") == 0


async def test_after_the_close_nobody_votes(shop):
    shop.later(days=7)

    assert (await vote(shop, "lin", "tea")).code == "ENTRY_CLOSED"
    assert await shop.count("votes") == 0
