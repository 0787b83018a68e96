"""What is handed in has a size: at its edge it is taken, one past it is turned away and changes nothing."""

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from loyalty import arrivals
from loyalty.clockwork import Clockwork
from loyalty.events import Arrival, Behaviour, Line, MemberEnrolled, OrderPaid, PointsAdjust
from loyalty.refusals import Malformed, worded
from models.database import Database
from tests.loyalty.conftest import ADMIN, POS, START, Shop, lines, ref, shop_of
from tests.loyalty.programme import FILES, documents


def paid(**changes: Any) -> OrderPaid:
    """An order nothing is wrong with, changed."""
    return dataclasses.replace(OrderPaid("k", "A1", None, START, "CNY", 100, 100), **changes)


SIZES: dict[str, tuple[Arrival, Arrival, str, str]] = {
    "a key": (paid(key="k" * 128), paid(key="k" * 129), "INVALID_KEY", "/key"),
    "lines": (paid(lines=lines(*[1] * 500)), paid(lines=lines(*[1] * 501)), "TOO_MANY", "/lines"),
    "tags": (
        paid(lines=(Line("tea", 1, 1, tags=("t",) * 50),)),
        paid(lines=(Line("tea", 1, 1, tags=("t",) * 51),)),
        "TOO_MANY",
        "/lines/0/tags",
    ),
    "a number": (paid(number="中" * 128), paid(number="中" * 129), "INVALID_TEXT", "/number"),
    "an amount": (paid(total=2**53 - 1), paid(total=2**53), "INVALID_AMOUNT", "/total"),
    "a reason": (
        PointsAdjust("k", ref("lin"), "points", 1, "r" * 500),
        PointsAdjust("k", ref("lin"), "points", 1, "r" * 501),
        "INVALID_TEXT",
        "/reason",
    ),
    "identities": (
        MemberEnrolled("k", tuple(("card", f"{n}") for n in range(10)), START),
        MemberEnrolled("k", tuple(("card", f"{n}") for n in range(11)), START),
        "TOO_MANY",
        "/identities",
    ),
    "a profile": (
        MemberEnrolled("k", (("card", "1"),), START, profile={f"f{n}": "v" * 500 for n in range(30)}),
        MemberEnrolled("k", (("card", "1"),), START, profile={f"f{n}": "v" for n in range(31)}),
        "TOO_MANY",
        "/profile",
    ),
}


@pytest.mark.parametrize(("edge", "past", "code", "field"), SIZES.values(), ids=SIZES)
def test_at_its_edge_it_is_taken_and_past_it_turned_away(edge: Arrival, past: Arrival, code: str, field: str) -> None:
    arrivals.validate(edge)

    with pytest.raises(Malformed) as refused:
        arrivals.validate(past)

    assert (refused.value.code, refused.value.params["field"]) == (code, field)


@pytest.mark.parametrize("quantity", [0, 1, 1_000_000, 1_000_001])
async def test_a_line_is_of_a_million_pieces_at_most(shop: Shop, quantity: int) -> None:
    order = shop.paid("lin", 10_000, "A1", lines=lines(10_000, quantity=quantity))

    answer = await shop.one(order)

    if quantity in (1, 1_000_000):
        assert answer.ok
        assert (await shop.wallet("lin"))["pending"] == 100
    else:
        assert (answer.state, answer.code) == ("rejected", "INVALID_QUANTITY")
        assert (answer.params["field"], answer.params["most"]) == ("/lines/0/quantity", 1_000_000)
        assert await shop.count("orders") == 0


def deep(levels: int) -> Any:
    """A value that makes a payload so many levels deep: the payload itself is the first."""
    return [] if levels == 2 else [deep(levels - 1)]


PAYLOADS: dict[str, tuple[Any, bool]] = {
    "8 deep": (deep(8), True),
    "9 deep": (deep(9), False),
    "500 values": (["v"] * 498, True),  # With the name of the field, and their list.
    "501 values": (["v"] * 499, False),
    "a text of 4,000": ("t" * 4_000, True),
    "-(2^53 - 1)": (1 - 2**53, True),
    "2^53 - 1": (2**53 - 1, True),
    "2^53": (2**53, False),
}


@pytest.mark.parametrize(("value", "taken"), PAYLOADS.values(), ids=PAYLOADS)
def test_a_payload_is_of_a_modest_size(value: Any, taken: bool) -> None:
    arrival = Behaviour("k", "review.written", ref("lin"), START, {"it": value})

    if taken:
        arrivals.validate(arrival)
    else:
        with pytest.raises(Malformed) as refused:
            arrivals.validate(arrival)
        assert (refused.value.code, refused.value.params["field"]) == ("INVALID_PAYLOAD", "/payload")


async def test_a_payload_too_large_is_turned_away_before_anything_is_read(shop: Shop) -> None:
    await shop.enrol("lin")

    answer = await shop.behave("lin", "review.written", rating=5, more=deep(9))

    told = worded("INVALID_PAYLOAD", answer.params, "zh-CN")
    assert told.endswith("最多 8 层、500 个值。请更正负载，或修改计划中的声明。")
    assert await shop.count("events", "kind = 'review.written'") == 0


@pytest.mark.parametrize("days", [1, 30, 3_650])
async def test_how_late_a_fact_may_come_is_the_programmes_to_say(db: Database, days: int) -> None:
    shop = await shop_of(db, documents(programme=FILES["programme"] | {"late_days": days}))
    await shop.enrol("lin")
    edge = shop.now - timedelta(days=days)
    importer = dataclasses.replace(POS, scopes=POS.scopes | {"events:import"})
    past = shop.paid("lin", 10_000, "A2", occurred_at=edge - timedelta(seconds=1))

    taken = await shop.one(shop.paid("lin", 10_000, "A1", occurred_at=edge))
    late = await shop.one(past)
    assert (taken.code, late.code, late.params["most"]) == (None, "TOO_LATE", days)
    assert await shop.count("orders") == 1

    imported = await shop.one(past, caller=importer)

    assert (imported.code, imported.late) == (None, True)
    assert await shop.count("orders") == 2
    await shop.prove()


@pytest.mark.parametrize(("points", "code"), [(10**9, None), (10**9 + 1, "INVALID_POINTS")])
async def test_an_entry_is_of_a_thousand_million_points_at_most(shop: Shop, points: int, code: str | None) -> None:
    await shop.enrol("lin")

    answer = await shop.one(PointsAdjust("k", ref("lin"), "points", points, "why not"), caller=ADMIN)

    assert answer.code == code
    assert (await shop.wallet("lin"))["available"] == (0 if code else 10**9)


@pytest.mark.parametrize(("days", "kept"), [(400, 1), (401, 0)])
async def test_a_key_lives_for_400_days_and_the_number_guards_after_it(shop: Shop, days: int, kept: int) -> None:
    await shop.enrol("lin")
    order = shop.paid("lin", 10_000, "A1", key="once")
    first = await shop.one(order)
    live = await shop.house.rulebook.programme(shop.house.db, "story")
    shop.later(days=days)

    await Clockwork(shop.house, live, shop.now).forget(shop.now)

    assert await shop.count("claims", "key = 'once'") == kept
    again = await shop.one(order, caller=dataclasses.replace(POS, scopes=POS.scopes | {"events:import"}))
    assert (again.event_id, again.replayed) == (first.event_id, True)
    assert await shop.count("orders") == 1


def test_a_text_in_a_payload_has_4000_characters_at_most() -> None:
    with pytest.raises(Malformed) as refused:
        arrivals.validate(Behaviour("k", "review.written", ref("lin"), START, {"it": "t" * 4_001}))

    assert (refused.value.code, refused.value.params["most"]) == ("INVALID_TEXT", 4_000)


@pytest.mark.parametrize("length", [500, 501])
def test_a_personal_value_has_500_characters_at_most(length: int) -> None:
    arrival = MemberEnrolled("k", (("card", "1"),), START, profile={"name": "v" * length})

    if length == 500:
        arrivals.validate(arrival)
    else:
        with pytest.raises(Malformed) as refused:
            arrivals.validate(arrival)
        assert (refused.value.code, refused.value.params["field"]) == ("INVALID_TEXT", "/profile/name")


@pytest.mark.parametrize("minutes", [1, 60])
async def test_how_long_points_are_held_is_the_programmes_to_say(db: Database, minutes: int) -> None:
    shop = await shop_of(db, documents(programme=FILES["programme"] | {"hold_minutes": minutes}))
    await shop.enrol("lin")
    await shop.one(PointsAdjust("a", ref("lin"), "points", 300, "a start"), caller=ADMIN)
    await shop.redeem("lin", hold=True)

    shop.later(minutes=minutes, seconds=-1)
    await shop.settle("lin")
    held = await shop.wallet("lin")
    shop.later(seconds=1)
    await shop.settle("lin")

    assert (held["held"], held["available"]) == (300, 0)
    after = await shop.wallet("lin")
    assert (after["held"], after["available"]) == (0, 300)
    await shop.prove()
