"""What a member has used of a policy's caps, and what is left of a shared counter: read by a decision, then written.

A return gives back what its order had used, so that it is as if the order never was.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from loyalty.book import NOBODY, NeedsMore
from loyalty.turn import Turn
from models.limits import Counter, CounterMove, Limit, LimitMove
from models.orders import Order
from models.points import Lot
from models.table import changed
from rules.counters import budget_counter, by_times, campaign_counter, shared

POINTS: Final = "points"
OF_PIECES: Final = ("stock:", "quota:", "promo:", "low:")  # Counters that count pieces.
BY_SHARE: Final = (POINTS, "carry/", "carried/")  # What a return gives back in proportion; all else when all is back.


def used(turn: Turn, policy: str, name: str, period: str) -> int:
    """How much of a cap is used up; of a shared counter how much is left."""
    if shared(name):
        return left(turn, name)
    _must_be_loaded(turn, period)
    row = turn.book.get(Limit, turn.member_id, (policy, name, period))
    return row.used if row else 0


def left(turn: Turn, counter: str) -> int:
    """What is left of a counter, as this batch knows it; the flush guards what is taken."""
    row = turn.book.get(Counter, NOBODY, counter)
    if row is None and turn.book.nothing_left:
        row = turn.book.put(Counter(turn.book.programme_id, counter, 0, 0))
    if row is None:
        raise NeedsMore("counter", counter)
    return row.left


def use(turn: Turn, policy: str, name: str, period: str, amount: int) -> None:
    """Use up some of a cap; negative gives back."""
    row = turn.book.get(Limit, turn.member_id, (policy, name, period)) or Limit(
        programme_id=turn.book.programme_id,
        member_id=turn.member_id,
        id=turn.book.new_id(Limit),
        policy=policy,
        name=name,
        period=period,
        used=0,
    )
    row = turn.book.put(changed(row, used=row.used + amount))
    turn.book.put(
        LimitMove(
            programme_id=turn.book.programme_id,
            member_id=turn.member_id,
            id=turn.book.new_id(LimitMove),
            event_id=turn.event_id,
            position=turn.position,
            limit_id=row.id,
            amount=amount,
            order_id=turn.order_id,
        )
    )


def take(turn: Turn, counter: str, amount: int) -> None:
    """Take from a counter; negative gives back. What was read of it is kept with the move."""
    read = left(turn, counter)
    row = turn.book.need(Counter, NOBODY, counter)
    turn.book.put(changed(row, left=row.left - amount))
    turn.book.put(
        CounterMove(
            programme_id=turn.book.programme_id,
            member_id=turn.member_id,
            id=turn.book.new_id(CounterMove),
            event_id=turn.event_id,
            position=turn.position,
            name=counter,
            amount=amount,
            read=read,
            order_id=turn.order_id,
        )
    )


def give_back(turn: Turn, order: Order, *, before: Order, reversed_before: Mapping[int, int]) -> None:
    """Give back what an order had used: caps on points by what its points answered for, on times when all of it has.

    Where a policy earned by line it is what those lines had earned, else the order's share; `reversed_before` says what
    each of its lots had answered for when the return came.
    """
    came = {policy: Came.of(lots, reversed_before) for policy, lots in _lots_of(turn, order).items()}
    names = {row.id: row for row in turn.book.of(Limit, turn.member_id)}
    for move in turn.book.of(LimitMove, turn.member_id):
        row = names.get(move.limit_id)
        if row is None or move.order_id != order.id or move.amount <= 0 or _of_entitlement(row.policy):
            continue
        by_points = row.name.startswith(BY_SHARE)
        part = came.get(row.policy) if row.name.startswith(POINTS) else None
        back = _part(move.amount, order, before, part) if by_points else _all_of(move.amount, order, before)
        if back:
            left = turn.book.need(Limit, turn.member_id, (row.policy, row.name, row.period)).used
            use(turn, row.policy, row.name, row.period, -min(back, left))
    for name, amount in _taken_by(turn, order).items():
        if by_times(name):
            back = _all_of(amount, order, before)
        else:
            among = [one for policy, one in came.items() if name in _counters_of(turn, order, policy)]
            back = _part(amount, order, before, sum(among, Came()))
        if back:
            take(turn, name, -back)


@dataclass(frozen=True, slots=True)
class Came:
    """What lots were promised for, how much of it they had answered for before a return, and with it."""

    amount: int = 0
    before: int = 0
    after: int = 0
    by_line: bool = False

    @classmethod
    def of(cls, lots: Iterable[Lot], reversed_before: Mapping[int, int]) -> "Came":
        """Of the lots of one policy."""
        return sum(
            (cls(lot.amount, reversed_before[lot.id], lot.reversed, lot.origin_line is not None) for lot in lots), cls()
        )

    def __add__(self, other: "Came") -> "Came":
        by_line = self.by_line or other.by_line
        return Came(self.amount + other.amount, self.before + other.before, self.after + other.after, by_line)


def _lots_of(turn: Turn, order: Order) -> dict[str, list[Lot]]:
    found: dict[str, list[Lot]] = {}
    for lot in turn.book.of(Lot, turn.member_id):
        if lot.order_id == order.id and lot.origin_policy is not None:
            found.setdefault(lot.origin_policy, []).append(lot)
    return found


def _taken_by(turn: Turn, order: Order) -> dict[str, int]:
    """What an order took from shared counters, whatever has come back since; stock comes back with its pieces."""
    found: dict[str, int] = {}
    for moved in turn.book.of(CounterMove, turn.member_id):
        if moved.order_id == order.id and moved.amount > 0 and not moved.name.startswith(OF_PIECES):
            found[moved.name] = found.get(moved.name, 0) + moved.amount
    return found


def _counters_of(turn: Turn, order: Order, policy: str) -> Collection[str]:
    """The counters of points a policy took from when the order came."""
    rule = turn.book.live.at(order.occurred_at).ruleset.rules.get(policy)
    own = rule.policy.limits.budget if rule is not None and rule.policy.limits is not None else None
    budgets = {budget_counter(own, "points"), budget_counter(own, "points", kept=True)} if own else set()
    return {campaign_counter(policy, "points"), *budgets}


def _part(amount: int, order: Order, before: Order, came: Came | None) -> int:
    """The part of what was used that comes back now, cumulatively rounded: the last return gives exactly the rest."""
    if came is None or not came.by_line:
        return share(amount, order, before)
    return amount * came.after // came.amount - amount * came.before // came.amount


def share(amount: int, order: Order, before: Order) -> int:
    """The part of an amount that this return takes, cumulatively rounded: the last one takes exactly the rest."""
    if not order.net:
        return _all_of(amount, order, before)
    return amount * order.returned // order.net - amount * before.returned // order.net


def all_back(order: Order) -> bool:
    """Whether nothing of the order stands; one that was worth nothing net stands until its state says otherwise."""
    return order.returned == order.net and (order.net > 0 or order.state != "paid")


def _all_of(amount: int, order: Order, before: Order) -> int:
    # Once: a cancellation may follow the return of the last piece.
    return amount if all_back(order) and not all_back(before) else 0


def _of_entitlement(policy: str) -> bool:
    # Stock, and a member's share of it, come back with the entitlement itself, if that is taken back.
    return policy.startswith("benefits/")


def _must_be_loaded(turn: Turn, period: str) -> None:
    # What falls due is decided at instants nobody could name before the fold.
    if turn.book.periods is not None and period not in turn.book.periods:
        raise NeedsMore("period", period)
