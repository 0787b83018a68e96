"""Orders and what comes back of them: earned, taken back, waited for, sent twice."""

import itertools
from datetime import timedelta

import pytest

from loyalty.events import Arrival, MemberRef, OrderPaid
from loyalty.refusals import worded
from tests.loyalty.conftest import START, Shop, back, lines

NOTHING = {"pending": 0, "available": 0, "held": 0, "owed": 0}


async def test_an_order_earns_pending_points_that_mature_after_seven_days(shop: Shop) -> None:
    await shop.enrol("lin")

    receipt = await shop.order("lin", 30_050)

    assert (receipt.state, receipt.code) == ("accepted", None)
    assert receipt.changes["points"] == {"points": {"pending": 300}, "growth": {"available": 300}}
    assert await shop.wallet("lin") == NOTHING | {"pending": 300}

    shop.later(days=7)
    await shop.settle("lin")

    assert await shop.wallet("lin") == NOTHING | {"available": 300}


async def test_points_die_a_year_after_they_were_earned(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.order("lin", 30_000)
    shop.now = START + timedelta(days=365, seconds=-1)
    await shop.settle("lin")
    assert (await shop.wallet("lin"))["available"] == 300

    shop.now = START + timedelta(days=365)
    await shop.settle("lin")

    assert (await shop.wallet("lin"))["available"] == 0
    assert await shop.count("transfers", "credit = 'expired' AND amount = 300") == 1


async def test_the_same_key_again_changes_nothing_and_has_the_first_answer(shop: Shop) -> None:
    await shop.enrol("lin")
    order = shop.paid("lin", 30_000, "A1")
    first = await shop.one(order)

    again = await shop.one(order)

    assert again.replayed
    assert (again.event_id, again.changes) == (first.event_id, first.changes)
    assert (await shop.wallet("lin"))["pending"] == 300


async def test_the_same_key_with_another_body_is_a_mismatch(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.one(shop.paid("lin", 30_000, "A1", key="once"))

    answer = await shop.one(shop.paid("lin", 30_001, "A1", key="once"))

    assert answer.code == "IDEMPOTENCY_MISMATCH"
    assert (await shop.wallet("lin"))["pending"] == 300


async def test_the_same_order_under_another_key_has_the_first_answer(shop: Shop) -> None:
    await shop.enrol("lin")
    first = await shop.one(shop.paid("lin", 30_000, "A1"))

    again = await shop.one(shop.paid("lin", 30_000, "A1"))
    other = await shop.one(shop.paid("lin", 40_000, "A1"))

    assert (again.event_id, again.replayed) == (first.event_id, True)
    assert (other.code, other.params["field"]) == ("CONFLICT", "/number")
    assert worded("CONFLICT", other.params, "en") == (
        "Order A1 was recorded before with different content. "
        "Send the same content again, or take another number or name."
    )
    assert worded("CONFLICT", other.params, "zh-CN").startswith("订单 A1 已有记录，但内容不同。请")
    assert (await shop.wallet("lin"))["pending"] == 300


async def test_twins_in_one_batch_are_one_order(shop: Shop) -> None:
    await shop.enrol("lin")
    order = shop.paid("lin", 30_000, "A1", key="once")

    first, twin = await shop.send(order, order)

    assert (first.event_id, first.replayed, twin.replayed) == (twin.event_id, False, True)
    assert (await shop.wallet("lin"))["pending"] == 300


async def test_an_order_number_of_another_member_is_a_conflict(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.enrol("wang")
    await shop.order("lin", 30_000, "A1")

    answer = await shop.order("wang", 30_000, "A1")

    assert answer.code == "CONFLICT"
    assert await shop.wallet("wang") == NOTHING


async def test_a_return_by_line_takes_its_share_and_the_last_one_takes_the_rest(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.order("lin", 10_000, "A1", lines=lines(3_333, 3_333, 3_334))

    await shop.one(shop.returned("A1", "r1", lines=back((0, 1))))
    assert (await shop.wallet("lin"))["pending"] == 100 - 33

    await shop.one(shop.returned("A1", "r2", lines=back((1, 1))))
    assert (await shop.wallet("lin"))["pending"] == 100 - 66

    await shop.one(shop.returned("A1", "r3", lines=back((2, 1))))
    assert await shop.wallet("lin") == NOTHING
    assert await shop.wallet("lin", "growth") == NOTHING


async def test_more_than_was_bought_does_not_come_back(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.order("lin", 10_000, "A1", lines=lines(10_000, quantity=2))

    answer = await shop.one(shop.returned("A1", lines=back((0, 3))))

    assert (answer.code, answer.params["most"], answer.params["field"]) == ("RETURN_EXCEEDS", 2, "/lines/0/quantity")
    assert (await shop.wallet("lin"))["pending"] == 100


async def test_a_line_that_the_order_does_not_have_is_named(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.order("lin", 10_000, "A1", lines=lines(10_000, quantity=2))

    answer = await shop.one(shop.returned("A1", lines=back((0, 1), (7, 1))))

    assert (answer.code, answer.params["field"]) == ("RETURN_EXCEEDS", "/lines/1/line")
    assert worded(answer.code or "", answer.params, "en").endswith(
        "the order has no line 7. Send what can still come back."
    )
    assert worded(answer.code or "", answer.params, "zh-CN").endswith(
        "订单没有第 7 行（自 0 起计）。请按仍可退的数量或金额提交。"
    )


async def test_pieces_of_a_line_named_one_by_one_all_come_back(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.order("lin", 9_000, "A1", lines=lines(9_000, quantity=3))

    two = await shop.one(shop.returned("A1", "r1", lines=back((0, 1), (0, 1))))
    more = await shop.one(shop.returned("A1", "r2", lines=back((0, 1), (0, 1))))

    assert (two.state, (await shop.wallet("lin"))["pending"]) == ("accepted", 30)
    assert (more.code, more.params["most"]) == ("RETURN_EXCEEDS", 1)
    assert await shop.count("order_lines", "returned_quantity = 2 AND returned_amount = 6000") == 1


async def test_a_return_sent_twice_counts_once(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.order("lin", 10_000, "A1", lines=lines(5_000, 5_000))
    await shop.one(shop.returned("A1", "r1", lines=back((0, 1))))

    again = await shop.one(shop.returned("A1", "r1", lines=back((0, 1))))
    other = await shop.one(shop.returned("A1", "r1", lines=back((1, 1))))

    assert again.replayed
    assert other.code == "CONFLICT"
    assert (await shop.wallet("lin"))["pending"] == 50


async def test_points_of_a_return_that_are_spent_become_a_debt_and_new_points_pay_it(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.order("lin", 30_000, "A1")
    shop.later(days=7)
    assert (await shop.redeem("lin")).ok

    await shop.one(shop.returned("A1"))
    assert await shop.wallet("lin") == NOTHING | {"owed": 300}

    await shop.order("lin", 50_000, "A2")
    shop.later(days=7)
    await shop.settle("lin")
    assert await shop.wallet("lin") == NOTHING | {"available": 200}


async def test_a_return_that_comes_first_waits_for_its_order(shop: Shop) -> None:
    await shop.enrol("lin")
    early = shop.returned("A1", "r1")
    waits = await shop.one(early)
    assert waits.state == "waiting"

    await shop.order("lin", 30_000, "A1")

    assert await shop.wallet("lin") == NOTHING
    assert (await shop.one(early)).state == "waiting"
    assert await shop.count("events", "state = 'waiting'") == 0
    assert await shop.count("outbox", "kind = 'event.outcome'") == 1


async def test_the_events_of_one_order_end_in_the_same_books_in_any_order(shop: Shop) -> None:
    ends = set()
    for number, sequence in enumerate(itertools.permutations(("paid", "r1", "r2"))):
        name, order = f"lin{number}", f"A{number}"
        await shop.enrol(name)
        events: dict[str, Arrival] = {
            "paid": shop.paid(name, 10_000, order, lines=lines(5_000, 5_000)),
            "r1": shop.returned(order, "r1", lines=back((0, 1))),
            "r2": shop.returned(order, "r2", amount=2_500),
        }
        for step in sequence:
            assert (await shop.one(events[step])).ok
        ends.add(str(await shop.wallet(name)))

    assert ends == {str(NOTHING | {"pending": 25})}


async def test_a_cancelled_order_leaves_nothing_and_cannot_come_back_again(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.order("lin", 30_000, "A1")

    assert (await shop.one(shop.cancelled("A1"))).ok
    answer = await shop.one(shop.returned("A1"))

    assert answer.code == "RETURN_EXCEEDS"
    assert await shop.wallet("lin") == NOTHING
    assert await shop.count("orders", "state = 'cancelled'") == 1


async def test_an_order_paid_after_its_cancellation_is_refused(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.one(shop.cancelled("A1"))
    shop.later(minutes=1)

    answer = await shop.order("lin", 30_000, "A1")

    assert answer.code == "PAID_AFTER_CANCELLATION"
    assert await shop.wallet("lin") == NOTHING


async def test_the_first_purchase_makes_a_member(shop: Shop) -> None:
    receipt = await shop.order("stranger", 30_000)

    assert receipt.changes["enrolled"] is True
    assert (await shop.wallet("stranger"))["pending"] == 300
    assert await shop.count("members") == 1


async def test_a_sale_is_never_lost_when_nobody_is_enrolled(shop: Shop) -> None:
    await shop.order("stranger", 0)
    await shop.order(None, 20_000)

    assert await shop.count("members") == 0
    assert await shop.count("identities") == 0
    assert await shop.count("orders", "member_id < 0") == 2
    assert await shop.count("transfers") == 0


async def test_a_zero_order_is_recorded_and_earns_nothing(shop: Shop) -> None:
    await shop.enrol("lin")

    receipt = await shop.order("lin", 0)

    assert receipt.ok
    assert await shop.count("orders") == 1
    assert await shop.count("transfers") == 0


@pytest.mark.parametrize(("minutes", "code"), [(6, "OCCURRED_IN_FUTURE"), (-401 * 24 * 60, "TOO_LATE")])
async def test_what_lies_too_far_ahead_or_behind_is_turned_away_and_not_kept(
    shop: Shop, minutes: int, code: str
) -> None:
    await shop.enrol("lin")
    order = shop.paid("lin", 30_000, "A1", occurred_at=shop.now + timedelta(minutes=minutes))

    answer = await shop.one(order)

    assert answer.code == code
    assert await shop.count("claims", "key = '" + order.key + "'") == 0
    assert await shop.wallet("lin") == NOTHING


async def test_a_late_order_is_decided_with_what_held_then(shop: Shop) -> None:
    await shop.enrol("lin")
    before = shop.now
    shop.later(hours=1)
    await shop.order("lin", 100_000)
    assert await shop.tier("lin") == "gold"
    shop.later(hours=1)

    late = await shop.order("lin", 10_000, "late", occurred_at=before + timedelta(minutes=1))

    assert late.late
    assert late.changes["points"]["points"] == {"pending": 100}


async def test_an_order_for_a_member_id_that_does_not_exist_is_a_mistake(shop: Shop) -> None:
    answer = await shop.one(OrderPaid("k", "A1", MemberRef(id=123), shop.now, "CNY", 100, 100))

    assert answer.code == "MEMBER_UNKNOWN"
    assert await shop.count("orders") == 0


async def test_a_return_may_come_before_its_order_in_the_same_batch(shop: Shop) -> None:
    await shop.enrol("lin")
    shop.later(days=1)
    order = shop.paid("lin", 30_000, "n1", occurred_at=shop.now)
    back_again = shop.returned("n1", occurred_at=shop.now - timedelta(hours=1))

    receipts = await shop.send(order, back_again)

    assert [receipt.state for receipt in receipts] == ["accepted", "waiting"]
    assert await shop.wallet("lin") == NOTHING


@pytest.mark.parametrize("way", ["every line", "all of it", "an order without lines"])
async def test_an_order_of_shipping_only_comes_back_whole(shop: Shop, way: str) -> None:
    await shop.enrol("lin")
    sold = () if way == "an order without lines" else lines(0, 0)
    await shop.order("lin", 2_000, "A1", shipping=2_000, lines=sold)
    assert (await shop.wallet("lin"))["pending"] == 20

    named = back((0, 1), (1, 1)) if way == "every line" else ()
    answers = [await shop.one(shop.returned("A1", "r1", lines=named)), await shop.one(shop.returned("A1", "r2"))]

    assert [answer.code for answer in answers] == [None, "RETURN_EXCEEDS"]
    assert await shop.wallet("lin") == NOTHING
    assert (await shop.one(shop.cancelled("A1"))).ok
    assert await shop.wallet("lin") == NOTHING
    assert await shop.count("returns", "amount = 0") == 2


async def test_one_line_of_an_order_of_shipping_only_takes_nothing_back(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.order("lin", 2_000, "A1", shipping=2_000, lines=lines(0, 0))

    assert (await shop.one(shop.returned("A1", "r1", lines=back((0, 1))))).ok
    assert (await shop.wallet("lin"))["pending"] == 20

    assert (await shop.one(shop.returned("A1", "r2", lines=back((1, 1))))).ok
    assert await shop.wallet("lin") == NOTHING


async def test_the_next_purchase_is_the_first_when_the_first_has_come_back(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.order("lin", 0, "A0")
    for number in ("A1", "A2", "A3"):
        shop.later(days=1)
        await shop.order("lin", 10_000, number)
    firsts = "SELECT day FROM member_days WHERE first_order ORDER BY day"
    start = (START + timedelta(hours=8)).date()
    found = []

    for number in ("A2", "A1", "A3"):
        await shop.one(shop.returned(number))
        found.append([row["day"] for row in await shop.house.db.rows(firsts)])

    assert found == [[start + timedelta(days=1)], [start + timedelta(days=3)], []]


async def test_no_line_comes_back_once_all_the_money_has(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.order("lin", 10_000, "A1", lines=lines(10_000, 0))
    assert (await shop.one(shop.returned("A1", "r1", amount=10_000))).ok

    answer = await shop.one(shop.returned("A1", "r2", lines=back((0, 1))))
    gift = await shop.one(shop.returned("A1", "r3", lines=back((1, 1))))

    assert (answer.code, answer.params["most"]) == ("RETURN_EXCEEDS", 0)
    assert gift.ok  # It had cost nothing.
    assert await shop.count("returns") == 2
    assert await shop.wallet("lin") == NOTHING
