"""The laws of the book, after every event of thousands of random histories on a book in memory."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from loyalty.book import Book
from loyalty.events import Behaviour, ClockDue, HoldRelease, OrderCancelled, OrderPaid, OrderReturned, PointsRedeem
from loyalty.replay import COMPARED, History, differences, replay
from loyalty.settling import settle
from loyalty.turn import Turn
from models.events import Decision, Event
from models.limits import CounterMove
from models.members import Member
from models.points import Lot, Transfer
from models.table import changed
from models.tiers import Standing
from tests.property import laws
from tests.property.counting import counted
from tests.property.histories import ALL, DAY, HOUR, Person, Step, histories
from tests.property.programme import FOLLOWING, rich_live
from tests.property.pure import KEYS, START, Till, log_of, rows, till

REFERENCED = (OrderPaid, OrderReturned, OrderCancelled)


def lived(shop: Till, history: list[Step]) -> Person:
    """A member with this history behind it."""
    person = shop.joins()
    for step in history:
        arrival = person.does(step)
        if arrival is not None:
            person.heard(shop.send(arrival, person.now))
    counted("histories on the pure book")
    counted("events on the pure book", len(person.sent))
    return person


@given(histories(ALL, 20, 4))
def test_after_every_event_the_books_hold(history: list[Step]) -> None:
    shop = till()
    person = shop.joins()
    for step in history:
        arrival = person.does(step)
        if arrival is None:
            continue
        receipt = shop.send(arrival, person.now)
        person.heard(receipt)
        laws.prove(shop.book, person.ref.id or 0)
    counted("histories on the pure book")
    counted("events on the pure book", len(person.sent))


@given(histories(ALL, 12))
def test_what_is_undone_never_was(history: list[Step]) -> None:
    shop = till()
    person = shop.joins()
    for step in history:
        arrival = person.does(step)
        if arrival is None:
            continue
        before, mark = rows(shop.book), shop.book.mark()
        copy = shop.copy()
        first = copy.send(arrival, person.now)
        shop.send(arrival, person.now)
        shop.book.undo(mark)
        assert rows(shop.book) == before

        receipt = shop.send(arrival, person.now)

        assert (receipt.state, receipt.code, receipt.changes.get("points")) == (
            first.state,
            first.code,
            first.changes.get("points"),
        )
        if receipt.state == "refused":
            assert rows(shop.book, Event) == {place: row for place, row in before.items() if place[0] is not Event}
        person.heard(receipt)


@given(histories(ALL, 12))
def test_the_same_event_twice_changes_nothing(history: list[Step]) -> None:
    shop = till()
    person = shop.joins()
    for step in history:
        arrival = person.does(step)
        if arrival is None:
            continue
        first = shop.send(arrival, person.now)
        person.heard(first)
        before = rows(shop.book)
        if isinstance(arrival, REFERENCED) and first.code in {None, "CONFLICT"}:
            again = shop.send(arrival, person.now)
            assert again.replayed or again.code == "CONFLICT"
            assert again.event_id == first.event_id
            assert rows(shop.book) == before
        elif isinstance(arrival, ClockDue):
            shop.send(arrival, person.now)
            assert rows(shop.book, Event) == {place: row for place, row in before.items() if place[0] is not Event}


@given(histories(ALL, 14))
def test_the_log_folded_again_gives_the_same_book(history: list[Step]) -> None:
    shop = till()
    person = lived(shop, history)
    member_id = person.ref.id or 0
    stands: dict[type, list[Any]] = {kind: list(shop.book.of(kind, member_id)) for kind in COMPARED}

    log = History(
        events=log_of(shop.book, member_id),
        decisions=by_event(shop.book.of(Decision, member_id)),
        moves=by_event(shop.book.of(CounterMove, member_id)),
    )
    again = Book(shop.book.programme_id, shop.book.live, KEYS, START)
    replay(again, log, lambda _revision: shop.book.live)

    assert differences(again, stands, member_id) == []


def by_event(rows_of: Iterable[Any]) -> dict[int, list[Any]]:
    """Rows by the event that made them."""
    found: dict[int, list[Any]] = {}
    for row in rows_of:
        found.setdefault(row.event_id, []).append(row)
    return found


@given(histories(ALL, 10), st.lists(st.integers(1, 24 * 400), min_size=1, max_size=4))
def test_settling_on_the_way_makes_no_difference(history: list[Step], hours: list[int]) -> None:
    shop = till()
    person = lived(shop, history)
    member_id = person.ref.id or 0
    clock = shop.book.need(Member, member_id).clock
    instants = sorted(clock + hour * HOUR for hour in hours)

    slowly, at_once = shop.copy(), shop.copy()
    for instant in instants:
        slowly.send(ClockDue(person.key(), person.ref, instant), instant)
    at_once.send(ClockDue(person.key(), person.ref, instants[-1]), instants[-1])

    assert laws.balances(slowly.book, member_id) == laws.balances(at_once.book, member_id)
    assert posted(slowly, member_id) == posted(at_once, member_id)
    assert lots(slowly, member_id) == lots(at_once, member_id)
    assert tiers(slowly, member_id) == tiers(at_once, member_id)


@given(histories(ALL, 10), st.integers(0, 24 * 400))
def test_reading_at_any_instant_equals_settling_first(history: list[Step], hours: int) -> None:
    shop = till(rich_live(FOLLOWING))  # What policies make of a due instant is not shown as done before it is.
    person = lived(shop, history)
    member_id = person.ref.id or 0
    now = shop.book.need(Member, member_id).clock + timedelta(hours=hours)

    settled, read = shop.copy(), shop.copy()
    settled.send(ClockDue(person.key(), person.ref, now), now)
    reader = Turn(read.book, 0, "read", member_id, position=0, instant=now, at=now, late=False)
    settle(reader, now, lambda _turn: None)

    assert laws.balances(read.book, member_id) == laws.balances(settled.book, member_id)
    assert lots(read, member_id) == lots(settled, member_id)
    assert tiers(read, member_id) == tiers(settled, member_id)


def test_what_expired_while_it_was_held_is_not_converted_when_it_comes_free() -> None:
    shop = till()
    person = shop.joins(gift={"stars": 30})
    person.now += 60 * DAY - HOUR / 12
    person.heard(shop.send(PointsRedeem(person.key(), person.ref, "badge", hold=True), person.now))
    person.now += HOUR / 6
    shop.send(Behaviour(person.key(), "review.written", person.ref, person.now, {"rating": 5}), person.now)

    released = shop.send(HoldRelease(person.key(), person.ref, person.holds[0]), person.now)

    laws.prove(shop.book, person.ref.id or 0)
    assert released.changes["points"] == {"stars": {"held": -30}}
    assert laws.balances(shop.book, person.ref.id or 0)["stars"] == (0, 20, 0, 0)


def posted(shop: Till, member_id: int) -> list[Any]:
    """What was moved, when and why: everything of a transfer but its ids."""
    found = shop.book.of(Transfer, member_id)
    return sorted((row.effective_at, row.wallet, row.debit, row.credit, row.amount, row.reason) for row in found)


def lots(shop: Till, member_id: int) -> list[Any]:
    """What is left of every credit."""
    found = shop.book.of(Lot, member_id)
    return sorted(
        (row.wallet, row.earned_at, row.amount, row.remaining, row.held, row.expired, row.spent) for row in found
    )


def tiers(shop: Till, member_id: int) -> dict[str, Any]:
    """Where the member stands, with everything that is to come of it."""
    return {row.ladder: changed(row, id=0, move_id=0) for row in shop.book.of(Standing, member_id)}
