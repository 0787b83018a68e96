"""What a member has used of a policy's caps, and what is left of a shared counter: read by a decision, then written.

A return gives back what its order had used, so that it is as if the order never was.
"""

from loyalty.book import NOBODY, NeedsMore
from loyalty.turn import Turn
from models.limits import Counter, CounterMove, Limit, LimitMove
from models.orders import Order
from models.table import changed


def used(turn: Turn, policy: str, name: str, period: str) -> int:
    """How much of a cap is used up; for `budget:…` how much of the counter is left."""
    if name.startswith("budget:"):
        return left(turn, name)
    _must_be_loaded(turn, period)
    row = turn.book.get(Limit, turn.member_id, (policy, name, period))
    return row.used if row else 0


def left(turn: Turn, counter: str) -> int:
    """What is left of a counter, as this batch knows it; the flush guards what is taken."""
    row = turn.book.get(Counter, NOBODY, counter)
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


def give_back(turn: Turn, order: Order, *, before: Order) -> None:
    """Give back what an order had used: caps on points by the share that came back, on times when all of it has."""
    names = {row.id: row for row in turn.book.of(Limit, turn.member_id)}
    for move in turn.book.of(LimitMove, turn.member_id):
        row = names.get(move.limit_id)
        if row is None or move.order_id != order.id or move.amount <= 0 or _of_entitlement(row.policy):
            continue
        by_points = row.name.startswith("points")
        back = share(move.amount, order, before) if by_points else _all_of(move.amount, order, before)
        if back:
            left = turn.book.need(Limit, turn.member_id, (row.policy, row.name, row.period)).used
            use(turn, row.policy, row.name, row.period, -min(back, left))
    for moved in turn.book.of(CounterMove, turn.member_id):
        if moved.order_id == order.id and moved.amount > 0 and not moved.name.startswith("stock:"):
            back = share(moved.amount, order, before)
            if back:
                take(turn, moved.name, -back)


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
