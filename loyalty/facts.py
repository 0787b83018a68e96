"""What the ruleset may read, from the book as it held at the event's instant. Only what is asked for is computed."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from loyalty import days, points
from loyalty.events import Arrival, Behaviour, Line, OrderPaid, PointsRedeem
from loyalty.turn import Turn
from models.codec import figures
from models.days import MemberDay
from models.members import Personal
from models.points import Wallet
from models.tiers import Standing, StandingMove
from rules import calendar
from rules.facts import variable_key
from rules.policy import Metric

Facts = dict[str, Any]
LOOK_BACK_DAYS: Final = 400  # How far back the last purchase is looked for; beyond it is "long ago".


@dataclass(frozen=True, slots=True)
class Scene:
    """One step to be decided: the turn, what arrived if this is about it, and what only this step knows."""

    turn: Turn
    kind: str
    arrival: Arrival | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


def facts(scene: Scene, names: Collection[str]) -> Facts:
    """The asked-for variables and their values. What the step itself knows goes before what the book says."""
    given = {**scene.turn.book.recalled, **scene.extra}
    return {name: given[name] if name in given else _value(scene, name) for name in names}


class _Lazy(dict[str, Any]):
    """Facts computed when they are first read."""

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self._scene = scene

    def __missing__(self, name: str) -> Any:
        value = self[name] = _value(self._scene, name)
        return value


def lazy_facts(scene: Scene) -> Facts:
    """Facts that are computed when they are read: for ladders, whose standards read few of them."""
    return _Lazy(scene)


def line_facts(scene: Scene) -> list[Facts]:
    """One set of line variables for each line of the order."""
    lines = scene.arrival.lines if isinstance(scene.arrival, OrderPaid) else ()
    return [{f"line_{name}": read(line) for name, read in LINE.items()} for line in lines]


def _value(scene: Scene, name: str) -> Any:
    turn = scene.turn
    if name in ORDER:
        return ORDER[name](scene.arrival) if isinstance(scene.arrival, OrderPaid) else None
    if name in REDEEM:
        return REDEEM[name](scene.arrival) if isinstance(scene.arrival, PointsRedeem) else None
    if name in MEMBER:
        return MEMBER[name](turn)
    if name in TIME:
        return calendar.time_facts(turn.instant, turn.ruleset.zone)[name]
    if name in turn.programme.metrics:
        return metric(turn, turn.programme.metrics[name])
    for prefix, read in FAMILIES.items():
        if name.startswith(prefix):
            return read(scene, name.removeprefix(prefix))
    return None


# The order.


def order_net(order: OrderPaid) -> int:
    """Goods after discount, without tax and shipping: what a return is a share of."""
    return max(0, order.total - order.tax - order.shipping)


def _distinct(read: Callable[[Line], str]) -> Callable[[OrderPaid], tuple[str, ...]]:
    return lambda order: tuple(sorted({read(line) for line in order.lines} - {""}))


ORDER: Final[Mapping[str, Callable[[OrderPaid], Any]]] = {
    "order_total": lambda order: order.total,
    "order_paid": lambda order: order.paid,
    "order_discount": lambda order: order.discount,
    "order_tax": lambda order: order.tax,
    "order_shipping": lambda order: order.shipping,
    "order_net": order_net,
    "order_channel": lambda order: order.channel,
    "order_store": lambda order: order.store,
    "order_payment": lambda order: order.payment,
    "order_currency": lambda order: order.currency,
    "order_coupon": lambda order: order.coupon,
    "order_skus": _distinct(lambda line: line.sku),
    "order_brands": _distinct(lambda line: line.brand),
    "order_categories": _distinct(lambda line: line.category),
    "order_tags": lambda order: tuple(sorted({tag for line in order.lines for tag in line.tags})),
    "order_quantity": lambda order: sum(line.quantity for line in order.lines),
}

LINE: Final[Mapping[str, Callable[[Line], Any]]] = {
    "sku": lambda line: line.sku,
    "brand": lambda line: line.brand,
    "category": lambda line: line.category,
    "tags": lambda line: tuple(sorted(line.tags)),
    "quantity": lambda line: line.quantity,
    "amount": lambda line: line.amount,
}

REDEEM: Final[Mapping[str, Callable[[PointsRedeem], Any]]] = {
    "redeem_benefit": lambda wish: wish.benefit,
    "redeem_value": lambda wish: wish.value,
    "redeem_basket": lambda wish: wish.basket,
}


# The member, and its history.


def tier(turn: Turn, ladder: str) -> str:
    """Where the member stood on a ladder at the turn's instant; the lowest level is where everybody begins."""
    lowest = turn.ruleset.ladders[ladder].levels[0].key
    standing = turn.book.get(Standing, turn.member_id, ladder)
    if standing is None:
        return lowest
    if not turn.late:
        return standing.tier
    moves = (row for row in turn.book.of(StandingMove, turn.member_id) if row.ladder == ladder)
    then = [row for row in moves if row.at <= turn.instant]
    return max(then, key=lambda row: (row.position, row.id)).tier_to if then else lowest


def metric(turn: Turn, declared: Metric) -> int:
    """A declared figure over its window, net of returns, as it stands at the turn's instant."""
    return sum(_of_day(declared, row) for row in _days(turn, _window_start(turn, declared)))


def _of_day(declared: Metric, row: MemberDay) -> int:
    if declared.count == "orders":
        return row.orders
    if declared.sum == "spend":
        return row.spend
    if declared.sum == "earned":
        return figures(row.earned).get(declared.wallet or "", 0)
    return figures(row.events).get(declared.type or "", 0)


def _window_start(turn: Turn, declared: Metric) -> date:
    today = turn.day(turn.instant)
    if declared.over.days is not None:
        return today - timedelta(days=declared.over.days - 1)
    return calendar.period_start(declared.over.calendar or "year", today)


def _days(turn: Turn, start: date) -> Iterator[MemberDay]:
    days.must_be_loaded(turn, start)
    today = turn.day(turn.instant)
    return (row for row in turn.book.of(MemberDay, turn.member_id) if start <= row.day <= today)


def days_since_order(turn: Turn) -> int:
    """Days since the last purchase that stands; since joining, where there is none."""
    today = turn.day(turn.instant)
    bought = [row.day for row in _days(turn, today - timedelta(days=LOOK_BACK_DAYS)) if row.orders > 0]
    if bought:
        return (today - max(bought)).days
    if turn.member.orders > 0:
        return LOOK_BACK_DAYS + 1
    return max(0, (today - turn.day(turn.member.joined_at)).days)


def _months_joined(turn: Turn) -> int:
    today, joined = turn.day(turn.instant), turn.day(turn.member.joined_at)
    months = (today.year - joined.year) * 12 + today.month - joined.month
    return max(0, months - (calendar.add_months(joined, months) > today))


def _birthday(turn: Turn) -> int | None:
    personal = turn.book.get(Personal, turn.member_id)
    return personal.birthday_md if personal else None


def _birthday_month(turn: Turn) -> bool:
    birthday = _birthday(turn)
    return birthday is not None and birthday // 100 == turn.day(turn.instant).month


def _birthday_today(turn: Turn) -> bool:
    today = turn.day(turn.instant)
    birthday = _birthday(turn)
    leap = birthday == 229 and today.month * 100 + today.day == 228 and (today + timedelta(days=1)).month == 3
    return birthday == today.month * 100 + today.day or leap


MEMBER: Final[Mapping[str, Callable[[Turn], Any]]] = {
    "member_tier": lambda turn: tier(turn, turn.programme.ladder) if turn.programme.ladder else None,
    "member_is_new_today": lambda turn: turn.day(turn.member.joined_at) == turn.day(turn.instant),
    "member_birthday_month": _birthday_month,
    "member_birthday_today": _birthday_today,
    "member_months_joined": _months_joined,
    "member_days_joined": lambda turn: max(0, (turn.day(turn.instant) - turn.day(turn.member.joined_at)).days),
    "member_profile_complete": lambda turn: turn.member.profile_complete,
    "orders_count": lambda turn: turn.member.orders,
    "order_is_first": lambda turn: turn.member.orders <= 1,
    "days_since_order": days_since_order,
}

TIME: Final = ("today", "weekday", "hour", "month")


def _balance(scene: Scene, wallet: str) -> int:
    row = scene.turn.book.get(Wallet, scene.turn.member_id, wallet)
    return points.shown(row) if row else 0


def _payload(scene: Scene, name: str) -> Any:
    if not isinstance(scene.arrival, Behaviour):
        return None
    value = scene.arrival.payload.get(name)
    declared = scene.turn.programme.event_types[scene.arrival.type].schema_.properties[name]
    if isinstance(value, list):
        return tuple(value)
    if declared.format and isinstance(value, str):
        return date.fromisoformat(value) if declared.format == "date" else datetime.fromisoformat(value)
    return value


def _ladder(turn: Turn, name: str) -> str:
    return next(key for key in turn.ruleset.ladders if variable_key(key) == name)


FAMILIES: Final[Mapping[str, Callable[[Scene, str], Any]]] = {
    "tier_": lambda scene, name: tier(scene.turn, _ladder(scene.turn, name)),
    "balance_": _balance,
    "payload_": _payload,
}
