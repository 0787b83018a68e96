"""Random histories, four bytes a step: they cost little to draw, and a failing one shrinks to few and small steps."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final

from hypothesis import strategies as st

from loyalty.events import (
    Arrival,
    Behaviour,
    BenefitClaim,
    BenefitFulfil,
    BenefitGrant,
    BenefitRelease,
    BenefitReserve,
    BenefitRevoke,
    BenefitUse,
    ClockDue,
    ClockReview,
    HoldCapture,
    HoldRelease,
    Line,
    MemberEnrolled,
    MemberFreeze,
    MemberRef,
    MemberUnfreeze,
    OrderCancelled,
    OrderPaid,
    OrderReturned,
    PointsAdjust,
    PointsRedeem,
    ProfileCompleted,
    ReturnLine,
    WalletFreeze,
    WalletUnfreeze,
)
from loyalty.receipts import Receipt

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
GAPS: Final = (
    timedelta(0),
    HOUR,
    DAY,
    8 * DAY,
    0 * DAY,
    3 * HOUR,
    2 * DAY,
    31 * DAY,
    HOUR,
    16 * HOUR,
    5 * DAY,
    200 * DAY,
)
AMOUNTS: Final = (0, 99, 1_000, 10_050, 33_333, 100_000, 250_000, 7_777)
BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class Step:
    """What happens next, how long after the last, and two numbers to choose by."""

    what: str
    gap: timedelta
    pick: int
    size: int


def steps(raw: bytes, kinds: tuple[str, ...]) -> list[Step]:
    """A history as steps."""
    parts = [raw[start : start + BYTES] for start in range(0, len(raw) - BYTES + 1, BYTES)]
    return [Step(kinds[one[0] % len(kinds)], GAPS[one[1] % len(GAPS)], one[2], one[3]) for one in parts]


def histories(kinds: tuple[str, ...], most: int, least: int = 2) -> st.SearchStrategy[list[Step]]:
    """Histories of so many steps of these kinds."""
    raw = st.binary(min_size=BYTES * least, max_size=BYTES * most)
    return raw.map(lambda drawn: steps(drawn, kinds))


@dataclass
class Person:
    """Somebody with orders, holds and a clock: turns steps into what arrives."""

    ref: MemberRef
    now: datetime
    prefix: str = ""
    orders: list[OrderPaid] = field(default_factory=list)
    holds: list[int] = field(default_factory=list)
    pieces: list[int] = field(default_factory=list)
    sent: list[Arrival] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def does(self, step: Step) -> Arrival | None:
        """What arrives by this step, at `now`; None where there is nothing to do it with."""
        self.now += step.gap
        arrival = DOES[step.what](self, step)
        if arrival is not None:
            self.sent.append(arrival)
        return arrival

    def heard(self, receipt: Receipt) -> None:
        """Remember what the answer opened."""
        if receipt.hold_id is not None and receipt.hold_id not in self.holds:
            self.holds.append(receipt.hold_id)
        given = (one["id"] for one in receipt.changes.get("entitlements", ()))
        self.pieces += [piece for piece in given if piece not in self.pieces]

    def key(self) -> str:
        """A fresh key."""
        return f"{self.prefix}k{next(self.numbers)}"

    def order_of(self, step: Step) -> OrderPaid | None:
        """One of the orders so far."""
        return self.orders[step.pick % len(self.orders)] if self.orders else None

    def paid(self, step: Step, at: datetime, lines: tuple[Line, ...] = ()) -> OrderPaid:
        """An order, of its lines or of one amount, and sometimes with tax and shipping."""
        goods = sum(line.amount for line in lines) if lines else AMOUNTS[step.size % len(AMOUNTS)]
        more = goods // 10 if step.pick % 4 == 0 else 0
        key = self.key()
        total = goods + 2 * more
        order = OrderPaid(
            key, f"{self.prefix}n{key}", self.ref, at, "CNY", total, total, tax=more, shipping=more, lines=lines
        )
        self.orders.append(order)
        return order


def _lines(step: Step) -> tuple[Line, ...]:
    amounts = (AMOUNTS[step.size % 8], AMOUNTS[step.size // 8 % 8], AMOUNTS[step.pick % 8])
    brands = ("acme", "", "acme" if step.pick % 2 else "other")
    return tuple(
        Line(f"sku-{place}", 1 + (step.pick + place) % 3, amounts[place], brand=brands[place])
        for place in range(1 + step.size % 3)
    )


def _order(person: Person, step: Step) -> Arrival:
    return person.paid(step, person.now)


def _lined(person: Person, step: Step) -> Arrival:
    return person.paid(step, person.now, _lines(step))


def _late(person: Person, step: Step) -> Arrival:
    behind = timedelta(days=step.pick % 60, minutes=step.size)
    return person.paid(step, person.now - behind, _lines(step) if step.size % 2 else ())


def _returned(person: Person, order: OrderPaid, *, at: datetime | None = None, **more: Any) -> OrderReturned:
    key = person.key()
    return OrderReturned(key, order.number, f"r{key}", at or person.now, **more)


def _return_line(person: Person, step: Step) -> Arrival | None:
    order = person.order_of(step)
    if order is None or not order.lines:
        return None
    index = step.size % len(order.lines)
    return _returned(person, order, lines=(ReturnLine(index, 1 + step.size // 8 % 2),))


def _return_part(person: Person, step: Step) -> Arrival | None:
    order = person.order_of(step)
    if order is None:
        return None
    return _returned(person, order, amount=order.total * (1 + step.size % 7) // 10)


def _return_late(person: Person, step: Step) -> Arrival | None:
    order = person.order_of(step)
    if order is None:
        return None
    at = max(order.occurred_at, person.now - timedelta(days=step.size % 20))
    return _returned(person, order, at=at, amount=order.total // 4)


def _return_all(person: Person, step: Step) -> Arrival | None:
    order = person.order_of(step)
    return _returned(person, order) if order else None


def _return_first(person: Person, step: Step) -> Arrival:
    """What comes back before its order comes: the next order takes its number and has happened before it."""
    key = person.key()
    number = f"{person.prefix}n{person.prefix}k{int(key.rpartition('k')[2]) + 1}"
    return OrderReturned(key, number, f"r{key}", person.now, amount=AMOUNTS[step.size % 8] // 2)


def _cancel(person: Person, step: Step) -> Arrival | None:
    order = person.order_of(step)
    return OrderCancelled(person.key(), order.number, person.now) if order else None


def _redeem(person: Person, step: Step) -> Arrival:
    benefit, value = (
        ("coupon-10", None),
        ("voucher", 500),
        ("voucher", 2_000),
        ("gold-pack", None),
        ("badge", None),
        ("flight", None),
    )[step.pick % 6]
    basket = 100 if step.size % 9 == 0 else 5_000
    return PointsRedeem(person.key(), person.ref, benefit, value=value, basket=basket)


def _burn(person: Person, step: Step) -> Arrival | None:
    order = person.order_of(step)
    if order is None:
        return None
    return PointsRedeem(person.key(), person.ref, "voucher", value=500, order_number=order.number)


def _hold(person: Person, step: Step) -> Arrival:
    benefit, value = (("voucher", 500), ("badge", None), ("flight", None))[step.pick % 3]
    return PointsRedeem(person.key(), person.ref, benefit, value=value, hold=True)


def _capture(person: Person, step: Step) -> Arrival | None:
    if not person.holds:
        return None
    return HoldCapture(person.key(), person.ref, person.holds[step.pick % len(person.holds)])


def _release(person: Person, step: Step) -> Arrival | None:
    if not person.holds:
        return None
    return HoldRelease(person.key(), person.ref, person.holds[step.pick % len(person.holds)])


def _adjust(person: Person, step: Step) -> Arrival:
    wallet = ("points", "points", "stars", "growth", "miles")[step.pick % 5]
    return PointsAdjust(person.key(), person.ref, wallet, (step.size - 100) or 7, "put right")


def _review(person: Person, step: Step) -> Arrival:
    return Behaviour(person.key(), "review.written", person.ref, person.now, {"rating": 1 + step.size % 5})


def _review_late(person: Person, step: Step) -> Arrival:
    at = person.now - timedelta(days=step.pick % 40)
    return Behaviour(person.key(), "review.written", person.ref, at, {"rating": 1 + step.size % 5})


def _profile(person: Person, step: Step) -> Arrival:
    return ProfileCompleted(person.key(), person.ref, person.now)


def _due(person: Person, step: Step) -> Arrival:
    return ClockDue(person.key(), person.ref, person.now)


def _due_late(person: Person, step: Step) -> Arrival:
    return ClockDue(person.key(), person.ref, person.now - timedelta(days=step.size % 10))


def _grade(person: Person, step: Step) -> Arrival:
    return ClockReview(person.key(), person.ref, ("grade", "layer")[step.pick % 2], person.now)


def _freeze(person: Person, step: Step) -> Arrival:
    """Frozen for a while: more often let go than frozen, so that something is spent too."""
    wallet = ("points", "stars")[step.size % 2]
    match step.pick % 6:
        case 0:
            return MemberFreeze(person.key(), person.ref, "fraud")
        case 1:
            return WalletFreeze(person.key(), person.ref, wallet, "dispute")
        case 2 | 3:
            return WalletUnfreeze(person.key(), person.ref, wallet)
    return MemberUnfreeze(person.key(), person.ref)


def _grant(person: Person, step: Step) -> Arrival:
    return BenefitGrant(person.key(), person.ref, ("voucher", "tea")[step.pick % 2], "a present", 1 + step.size % 3)


def _claim(person: Person, step: Step) -> Arrival:
    if step.pick % 3 == 0:
        return BenefitClaim(person.key(), person.ref, promo=("Hello", "hello", "nobody")[step.size % 3])
    return BenefitClaim(person.key(), person.ref, "tea")


def _piece(person: Person, step: Step) -> Arrival | None:
    """Whatever can be done with a piece that the person has been given."""
    if not person.pieces:
        return None
    key, piece = person.key(), person.pieces[step.pick % len(person.pieces)]
    match step.size % 8:
        case 0:
            return BenefitReserve(key, person.ref, piece)
        case 1:
            return BenefitReserve(key, person.ref, piece, 10_000)
        case 2:
            return BenefitRelease(key, person.ref, piece)
        case 3:
            return BenefitRevoke(key, person.ref, piece, "a mistake")
        case 4:
            return BenefitFulfil(key, person.ref, piece)
        case 5:
            return BenefitUse(key, person.ref, piece, order_number="X")
    return BenefitUse(key, person.ref, piece)


def _again(person: Person, step: Step) -> Arrival | None:
    facts = [one for one in person.sent if isinstance(one, OrderPaid | OrderReturned | OrderCancelled)]
    return facts[step.pick % len(facts)] if facts else None


DOES: Final[dict[str, Callable[[Person, Step], Arrival | None]]] = {
    "order": _order,
    "lined": _lined,
    "late": _late,
    "return_line": _return_line,
    "return_part": _return_part,
    "return_late": _return_late,
    "return_all": _return_all,
    "return_first": _return_first,
    "cancel": _cancel,
    "redeem": _redeem,
    "burn": _burn,
    "hold": _hold,
    "capture": _capture,
    "release": _release,
    "adjust": _adjust,
    "review": _review,
    "review_late": _review_late,
    "profile": _profile,
    "due": _due,
    "due_late": _due_late,
    "grade": _grade,
    "again": _again,
    "freeze": _freeze,
    "grant": _grant,
    "claim": _claim,
    "piece": _piece,
}
# The kinds are drawn alike, so what histories are made of is named more than once.
ALL: Final = (
    *DOES,
    "order",
    "lined",
    "lined",
    "redeem",
    "hold",
    "hold",
    "capture",
    "release",
    "due",
    "review",
    "review",
    "claim",
    "piece",
    "piece",
)
FACTS: Final = (
    *("order", "lined", "lined", "return_line", "return_part", "return_all", "return_first", "cancel"),
    *("review", "review", "profile", "due", "grade", "again"),
)


def enrolled(person: Person) -> MemberEnrolled:
    """The person joins."""
    name = person.ref.value or person.prefix or "somebody"
    return MemberEnrolled(person.key(), (("external", name),), person.now)
