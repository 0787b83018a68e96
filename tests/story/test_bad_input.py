"""Bad input gets a code, the way to the field, words in both languages, and changes nothing."""

from datetime import timedelta

import pytest

from tests.story import documents as says
from tests.story.conftest import named

TOO_MUCH = str(2**53) + ".00"
LINE = {"sku": "tea", "quantity": 1, "amount": "1.00"}


def known(kind, value):
    """A member by any identity."""
    return {"identity": {"kind": kind, "value": value}}


# A story of one line each: the document, what is changed in a good input, the code, and the way to the field.
ORDERS = {
    "a negative amount": ({"total": "-1.00"}, "INVALID_AMOUNT", "total"),
    "an amount beyond 2^53": ({"total": TOO_MUCH}, "INVALID_AMOUNT", "total"),
    "more places than the currency has": ({"total": "1.001"}, "INVALID_AMOUNT", "total"),
    "an amount that is a float": ({"total": 1.5}, "INVALID_DECIMAL", "total"),
    "an amount with an exponent": ({"total": "1e3"}, "INVALID_DECIMAL", "total"),
    "a naive time": ({"occurredAt": "2026-11-02T10:00:00"}, "INVALID_TIME", "occurredAt"),
    "a day for a time": ({"occurredAt": "2026-11-02"}, "INVALID_TIME", "occurredAt"),
    "no such day": ({"occurredAt": "2026-02-30T10:00:00Z"}, "INVALID_TIME", "occurredAt"),
    "an empty key": ({"idempotencyKey": ""}, "INVALID_KEY", "idempotencyKey"),
    "a key of 129 characters": ({"idempotencyKey": "k" * 129}, "INVALID_KEY", "idempotencyKey"),
    "a key that is not ASCII": ({"idempotencyKey": "钥匙"}, "INVALID_KEY", "idempotencyKey"),
    "an empty number": ({"number": ""}, "INVALID_TEXT", "number"),
    "a control character": ({"store": "a\u0007b"}, "INVALID_TEXT", "store"),
    "another currency": ({"currency": "USD"}, "CURRENCY_RATE_MISSING", "currency"),
    "no currency at all": ({"currency": "yuan"}, "INVALID_CURRENCY", "currency"),
    "a shop nobody declared": ({"shop": "moon"}, "SHOP_UNKNOWN", "shop"),
    "501 lines": ({"lines": [LINE] * 501}, "TOO_MANY", "lines"),
    "nothing of something": ({"lines": [{**LINE, "quantity": 0}]}, "INVALID_QUANTITY", "lines/0/quantity"),
    "a line below zero": ({"lines": [LINE, {**LINE, "amount": "-1"}]}, "INVALID_AMOUNT", "lines/1/amount"),
    "51 tags": ({"lines": [{**LINE, "tags": ["t"] * 51}]}, "TOO_MANY", "lines/0/tags"),
    "an id of nobody": ({"member": {"id": "bm9ib2R5"}}, "NOT_FOUND", None),
    "no kind of identity": ({"member": known("__class__", "x")}, "INVALID_IDENTITY", "member/identity/kind"),
    "an identity of nothing": ({"member": known("card", "")}, "INVALID_TEXT", "member/identity/value"),
    "a field nobody knows": ({"colour": "red"}, "DOCUMENT_INVALID", ""),
}  # fmt: skip


@pytest.mark.parametrize(("change", "code", "field"), ORDERS.values(), ids=ORDERS)
async def test_a_bad_order_is_named_and_changes_nothing(shop, lin, change, code, field):
    good = {
        "idempotencyKey": "bad",
        "number": "bad",
        "occurredAt": shop.iso(),
        "currency": "CNY",
        "total": "300.00",
        "member": named(lin),
    }
    before = await shop.rows()

    await told_twice(shop, says.ORDER, {**good, **change}, code, field)

    assert await shop.rows() == before


BEHAVIOUR = {
    "a type nobody declared": ({"type": "moon.landed"}, "EVENT_TYPE_UNKNOWN", "type"),
    "a hostile type": ({"type": "__class__"}, "EVENT_TYPE_UNKNOWN", "type"),
    "a payload out of bounds": ({"payload": {"rating": 6, "sku": "a"}}, "INVALID_PAYLOAD", "payload/rating"),
    "a payload that lacks something": ({"payload": {"rating": 5}}, "INVALID_PAYLOAD", "payload/sku"),
    "a payload with more": ({"payload": {"rating": 5, "sku": "a", "x_y": 1}}, "INVALID_PAYLOAD", "payload/x_y"),
    "a payload that is a list": ({"payload": []}, "INVALID_PAYLOAD", "payload"),
    "half a star": ({"payload": {"rating": 4.5, "sku": "a"}}, "INVALID_PAYLOAD", "payload/rating"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "code", "field"), BEHAVIOUR.values(), ids=BEHAVIOUR)
async def test_a_bad_event_is_named_and_changes_nothing(shop, lin, change, code, field):
    good = {"idempotencyKey": "bad", "type": "review.written", "member": named(lin), "occurredAt": shop.iso()}
    before = await shop.rows()

    await told_twice(shop, says.EVENT, {**good, "payload": {"rating": 5, "sku": "a"}, **change}, code, field)

    assert await shop.rows() == before


ADJUSTMENTS = {
    "half a point": ({"points": 1.5}, "INVALID_POINTS", "points"),
    "points as text": ({"points": "5"}, "INVALID_POINTS", "points"),
    "points that are true": ({"points": True}, "INVALID_POINTS", "points"),
    "points beyond 2^53": ({"points": 2**53}, "INVALID_POINTS", "points"),
    "more than an entry holds": ({"points": 10**9 + 1}, "INVALID_POINTS", "points"),
    "no points": ({"points": 0}, "INVALID_POINTS", "points"),
    "no reason": ({"reason": ""}, "INVALID_TEXT", "reason"),
    "no such wallet": ({"wallet": "gold"}, "NOT_FOUND", "wallet"),
}


@pytest.mark.parametrize(("change", "code", "field"), ADJUSTMENTS.values(), ids=ADJUSTMENTS)
async def test_a_bad_adjustment_is_named_and_changes_nothing(shop, lin, change, code, field):
    good = {"idempotencyKey": "bad", "member": named(lin), "points": 5, "reason": "why not"}
    before = await shop.rows()

    await told_twice(shop, says.ADJUST, {**good, **change}, code, field, token="staff")

    assert await shop.rows() == before


async def test_what_lies_ahead_is_refused_from_five_minutes_on(shop, lin):
    edge = await shop.order(lin, occurredAt=shop.iso(shop.clock.now + timedelta(minutes=5)))
    before = await shop.rows()
    past = await shop.order(lin, occurredAt=shop.iso(shop.clock.now + timedelta(minutes=5, seconds=1)))

    assert (edge.state, past.code, past.problem["field"]) == ("ACCEPTED", "OCCURRED_IN_FUTURE", ["input", "occurredAt"])
    assert await shop.rows() == before


async def test_what_is_older_than_400_days_is_refused(shop, lin):
    edge = await shop.order(lin, occurredAt=shop.iso(shop.clock.now - timedelta(days=400)))
    before = await shop.rows()
    past = await shop.order(lin, occurredAt=shop.iso(shop.clock.now - timedelta(days=400, seconds=1)))

    assert (edge.state, past.code) == ("ACCEPTED", "TOO_LATE")
    assert await shop.rows() == before


async def test_500_lines_and_a_key_of_128_are_taken(shop, lin):
    answer = await shop.order(lin, total=50000, idempotencyKey="k" * 128, lines=[LINE] * 500)

    assert answer.state == "ACCEPTED"


async def test_501_events_are_refused_together(shop, lin):
    one = {
        "order": {"idempotencyKey": "k", "number": "n", "occurredAt": shop.iso(), "currency": "CNY", "total": "1.00"}
    }

    answer = await shop.do(says.EVENTS, {"events": [one] * 501})

    assert (answer.code, answer.problem["field"]) == ("TOO_MANY", ["input", "events"])


async def test_a_zero_order_is_recorded_and_earns_nothing(shop, lin):
    answer = await shop.order(lin, total=0)

    assert answer.state == "ACCEPTED"
    assert answer.receipt["entries"] == []


async def test_two_ways_to_name_a_member_are_one_too_many(shop, lin):
    both = {"id": "x", **named(lin)}

    answer = (await shop.post(says.MEMBER, {"by": both})).json()

    assert answer["errors"][0]["extensions"]["code"] == "DOCUMENT_INVALID"


async def test_paid_after_it_was_cancelled_is_refused(shop, lin):
    cancelled = {"idempotencyKey": "c", "number": "A", "occurredAt": shop.iso()}
    await shop.do(says.CANCEL, cancelled)
    shop.clock.wait(hours=1)

    answer = await shop.order(lin, number="A")

    assert (answer.state, answer.code) == ("REFUSED", "PAID_AFTER_CANCELLATION")
    assert await shop.pending(lin) == 0


async def test_an_order_number_cannot_change_hands(shop, lin):
    await shop.enrol("wu")
    await shop.order(lin, number="A")

    answer = await shop.order("wu", number="A")

    assert answer.code == "CONFLICT"
    assert await shop.pending("wu") == 0


async def told_twice(shop, document, given, code, field, token="service"):
    """The same refusal in both languages."""
    messages = []
    for lang in ("en", "zh-CN"):
        answer = await shop.do(document, given, token=token, lang=lang)
        problem = answer.problem
        assert answer.code == code, problem
        place = problem.get("field") or problem.get("extensions", {}).get("field")
        assert place == (None if field is None else ["input", *filter(None, field.split("/"))])
        messages.append(problem["message"])
    assert all(messages)
    assert messages[0] != messages[1]
    assert any("\u4e00" <= sign <= "\u9fff" for sign in messages[1])
