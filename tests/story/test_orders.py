"""Orders come twice, late, in the wrong order and go back again; the books are right all the same."""

import asyncio
import itertools
from datetime import timedelta

import pytest

from loyalty.access import Caller, scopes_of
from loyalty.batcher import BATCH_MAX, QUEUE_MAX
from loyalty.events import OrderPaid
from tests.story import documents as says
from tests.story.conftest import named

TILL = Caller("client:other", "demo", scopes_of(["service"]))
LINES = [
    {"sku": "tea", "quantity": 2, "amount": "100.00"},
    {"sku": "cup", "quantity": 1, "amount": "200.00"},
]


async def test_a_return_takes_back_what_the_order_earned(shop, lin):
    await shop.order(lin, total=30000, number="A")

    answer = await shop.give_back("A")

    assert answer.state == "ACCEPTED"
    assert (await shop.pending(lin), await shop.balance(lin)) == (0, 200)
    assert next((one["kind"], one["points"]) for one in answer.receipt["entries"]) == ("REVERSE", -300)


async def test_a_line_that_comes_back_takes_its_share(shop, lin):
    await shop.order(lin, total=30000, number="A", lines=LINES)

    await shop.give_back("A", lines=[{"line": 0, "quantity": 1}])

    assert await shop.pending(lin) == 250

    await shop.give_back("A")

    assert await shop.pending(lin) == 0


async def test_more_than_was_bought_cannot_come_back(shop, lin):
    await shop.order(lin, total=30000, number="A", lines=LINES)
    await shop.give_back("A", lines=[{"line": 0, "quantity": 2}])

    answer = await shop.give_back("A", lines=[{"line": 0, "quantity": 1}])

    assert (answer.state, answer.code) == ("REFUSED", "RETURN_EXCEEDS")
    assert await shop.pending(lin) == 200


async def test_spent_points_of_an_order_that_comes_back_are_owed(shop, lin):
    await shop.order(lin, total=80000, number="A")
    shop.clock.wait(days=7)
    await shop.redeem(lin)

    await shop.give_back("A")

    wallet = (await shop.member(lin))["points"]
    assert (wallet["balance"], wallet["owed"]) == (-800, 800)

    await shop.order(lin, total=100000)
    shop.clock.wait(days=7)

    assert await shop.balance(lin) == 200


async def test_the_same_key_brings_the_same_answer(shop, lin):
    first = await shop.order(lin, idempotencyKey="one", number="A", occurredAt=shop.iso())
    before = await shop.rows()

    again = await shop.order(lin, idempotencyKey="one", number="A", occurredAt=shop.iso())

    assert (first.replayed, again.replayed) == (False, True)
    assert again.payload == {**first.payload, "replayed": True}
    assert await shop.rows() == before


async def test_the_same_key_for_something_else_is_a_mismatch(shop, lin):
    await shop.order(lin, idempotencyKey="one", number="A")
    before = await shop.rows()

    answer = await shop.order(lin, total=99900, idempotencyKey="one", number="A")

    assert answer.code == "IDEMPOTENCY_MISMATCH"
    assert await shop.rows() == before


async def test_keys_belong_to_whoever_sends_them(shop, lin):
    first = await shop.order(lin, idempotencyKey="one", number="A")
    other = await shop.order(lin, idempotencyKey="one", number="B", token="admin")

    assert (first.state, other.state) == ("ACCEPTED", "ACCEPTED")
    assert await shop.pending(lin) == 600


async def test_a_refusal_stays_under_its_key(shop, lin):
    refused = await shop.redeem(lin, idempotencyKey="one")
    await shop.order(lin, total=120000)
    shop.clock.wait(days=7)

    again = await shop.redeem(lin, idempotencyKey="one")

    assert (refused.code, again.code, again.replayed) == ("INSUFFICIENT_POINTS", "INSUFFICIENT_POINTS", True)
    assert await shop.balance(lin) == 1400


async def test_an_order_number_counts_once_under_any_key(shop, lin):
    at = shop.iso()
    await shop.order(lin, number="A", occurredAt=at)

    again = await shop.order(lin, number="A", occurredAt=at)
    other = await shop.order(lin, total=99900, number="A", occurredAt=at)

    assert (again.state, again.replayed) == ("ACCEPTED", True)
    assert other.code == "CONFLICT"
    assert await shop.pending(lin) == 300


async def test_a_return_that_comes_first_waits_for_its_order(shop, lin):
    waiting = await shop.give_back("A")

    assert waiting.state == "WAITING"

    await shop.order(lin, number="A")

    assert (await shop.pending(lin), await shop.balance(lin)) == (0, 200)
    found = (await shop.ask(says.EVENT_BY_ID, {"id": waiting.receipt["id"]}))["event"]
    assert found["receipt"]["state"] == "ACCEPTED"


async def test_a_cancellation_undoes_the_whole_order(shop, lin):
    await shop.order(lin, number="A")
    given = {"idempotencyKey": "c", "number": "A", "occurredAt": shop.iso()}

    answer = await shop.do(says.CANCEL, given)

    assert answer.state == "ACCEPTED"
    assert (await shop.pending(lin), await shop.balance(lin)) == (0, 200)


async def test_a_late_order_says_so_and_earns_what_it_would_have(shop, lin):
    await shop.order(lin, total=10000)
    yesterday = shop.iso(shop.clock.now.replace(hour=0))

    late = await shop.order(lin, total=30000, occurredAt=yesterday)

    assert late.receipt["late"] is True
    assert await shop.pending(lin) == 400


async def test_an_order_without_a_member_is_counted_and_earns_nothing(shop):
    answer = await shop.order(None)

    assert answer.state == "ACCEPTED"
    assert answer.receipt["points"] == []
    assert answer.payload["member"] is None


async def test_whoever_buys_becomes_a_member(shop):
    answer = await shop.order("newcomer")

    assert answer.state == "ACCEPTED"
    shop.tokens["newcomer"] = await shop.token_of("newcomer")
    assert (await shop.pending("newcomer"), await shop.balance("newcomer")) == (300, 200)


async def test_many_events_at_once_are_answered_one_by_one(shop, lin):
    who = {"identity": {"kind": "external", "value": lin}}
    order = {"occurredAt": shop.iso(), "currency": "CNY", "member": who}
    events = [
        {"order": {**order, "idempotencyKey": "1", "number": "A", "total": "300.00"}},
        {"order": {**order, "idempotencyKey": "2", "number": "B", "total": "-1.00"}},
        {"orderReturn": {"idempotencyKey": "3", "number": "A", "returnNumber": "R", "occurredAt": shop.iso()}},
        {"order": {**order, "idempotencyKey": "4", "number": "C", "total": "100.00"}},
    ]

    answer = await shop.do(says.EVENTS, {"events": events})

    results = answer.payload["results"]
    assert [one["receipt"] and one["receipt"]["state"] for one in results] == ["ACCEPTED", None, "ACCEPTED", "ACCEPTED"]
    assert results[1]["userErrors"][0]["code"] == "INVALID_AMOUNT"
    assert await shop.pending(lin) == 100


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
async def test_an_entry_explains_itself_in_both_languages(shop, lin, lang):
    await shop.order(lin, total=30000, number="A")

    entry = (await shop.member(lin, lang=lang))["points"]["entries"]["nodes"][0]

    title = {"en": "One point for every yuan paid", "zh-CN": "实付每1元得1积分"}[lang]
    assert (entry["policy"]["path"], entry["policy"]["title"]) == ("earn/base", title)
    assert entry["reason"] == {"en": f"Earned: {title}", "zh-CN": f"获得：{title}"}[lang]
    assert any("300" in line and title in line for line in entry["explanation"])
    assert any(
        {"en": "Double points in the birthday month", "zh-CN": "生日月双倍积分"}[lang] in line
        for line in entry["explanation"]
    )


async def test_a_hundred_at_once_under_one_key_count_once(shop, lin):
    at = shop.iso()

    answers = await asyncio.gather(
        *(shop.order(lin, idempotencyKey="one", number="A", occurredAt=at) for _ in range(100))
    )

    assert sorted(answer.replayed for answer in answers) == [False, *[True] * 99]
    assert len({answer.receipt["id"] for answer in answers}) == 1
    assert await shop.pending(lin) == 300


async def test_500_events_are_taken_at_once(shop, lin):
    order = {"occurredAt": shop.iso(), "currency": "CNY", "total": "1.00"}
    events = [{"order": {**order, "idempotencyKey": f"k{one}", "number": f"n{one}"}} for one in range(500)]
    document = "mutation ($input: EventsRecordInput!) { eventsRecord(input: $input) { results { receipt { state } } } }"

    answer = await shop.do(document, {"events": events})

    assert [one["receipt"]["state"] for one in answer.payload["results"]] == ["ACCEPTED"] * 500


async def test_the_events_of_an_order_in_any_order_end_in_the_same_books(shop):
    order, part, rest = "order", "part", "rest"
    ends = set()
    for place, turns in enumerate(itertools.permutations((order, part, rest))):
        name, at = f"m{place}", shop.clock.now
        await shop.enrol(name)
        for one in turns:
            later = shop.iso(at + timedelta(minutes=1 + (order, part, rest).index(one)))
            shop.clock.now = at + timedelta(minutes=4)
            if one == order:
                await shop.order(name, total=30000, number=f"A{place}", lines=LINES, occurredAt=later)
            else:
                lines = [{"line": 0, "quantity": 1}] if one == part else [{"line": 1, "quantity": 1}]
                await shop.give_back(f"A{place}", returnNumber=one, lines=lines, occurredAt=later)
        ends.add((await shop.pending(name), await shop.balance(name)))

    assert ends == {(50, 200)}


async def test_when_too_many_wait_the_last_are_sent_away_and_the_first_are_served(shop):
    batcher, order = shop.house.batcher("demo"), {"occurredAt": shop.iso(), "currency": "CNY", "total": "1.00"}
    events = [{"order": {**order, "idempotencyKey": f"k{one}", "number": f"n{one}"}} for one in range(3)]

    async with shop.house.db.transaction() as somebody:
        await somebody.own_programme(shop.live.programme_id)  # One batch is under way and cannot commit …
        waiting = [waits(batcher, shop, one) for one in range(BATCH_MAX)]
        await until(lambda: batcher._queue, False)
        waiting += [waits(batcher, shop, BATCH_MAX + one) for one in range(QUEUE_MAX - 1)]
        await until(lambda: len(batcher._queue) == QUEUE_MAX - 1)  # … and behind it there is room for one.
        sent = asyncio.ensure_future(shop.do(says.EVENTS, {"events": events}))
        await until(lambda: len(batcher._queue) == QUEUE_MAX)
    answer = await sent

    first, *rest = answer.payload["results"]
    assert first["receipt"]["state"] == "ACCEPTED"
    assert [(one["receipt"], one["userErrors"][0]["code"]) for one in rest] == [(None, "THROTTLED")] * 2
    assert {receipt.state for receipt in await asyncio.gather(*waiting)} == {"accepted"}


def waits(batcher, shop, one):
    """An order of nobody's that waits in the queue."""
    order = OrderPaid(f"w{one}", f"w{one}", None, shop.clock.now, "CNY", 100, 100)
    return asyncio.ensure_future(batcher.submit(TILL, order, now=shop.clock.now))


async def until(there, wanted=True):
    """Let others go on until it is so."""
    await asyncio.sleep(0)
    while bool(there()) is not wanted:  # noqa: ASYNC110 - nobody tells us: the queue is not ours
        await asyncio.sleep(0)


async def test_a_receipt_says_in_words_what_a_cap_withheld_and_what_stands(shop, lin):
    given = {"type": "review.written", "member": named(lin), "payload": {"rating": 5, "sku": "a"}}
    at = shop.iso()
    shop.clock.wait(days=1)
    for _ in range(3):
        await shop.do(says.EVENT, {**given, "idempotencyKey": shop.key(), "occurredAt": shop.iso()})

    fourth = {**given, "idempotencyKey": "fourth", "occurredAt": shop.iso()}
    english, chinese = [await shop.do(says.EVENT, fourth, lang=lang) for lang in ("en", "zh-CN")]
    late = await shop.order(lin, total=30000, occurredAt=at)
    again = await shop.do(says.EVENT, {**given, "idempotencyKey": "late", "occurredAt": at}, lang="zh-CN")

    assert english.receipt["notDone"] == [
        "20 points for a review, three times a day: 20 points not counted: at most 3 times a member a day"
    ]
    assert chinese.receipt["notDone"] == ["发表评价得20积分，每日最多三次：未计入20积分：每位会员每日最多3次"]
    assert late.receipt["notDone"] == ["It came late: decisions made for later events (4) stand."]
    assert again.receipt["notDone"] == ["到达较晚：此后 4 个事件已作出的决定不变。"]
