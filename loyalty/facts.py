"""What the ruleset may read, from the book as it held at the event's instant. Only what is asked for is computed."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from loyalty import benefits, counters, lately, metrics, payloads, points, profiles, redeemed, thresholds, traits
from loyalty.events import Arrival, Behaviour, Line, OrderPaid, PointsRedeem
from loyalty.turn import Turn
from models.members import Personal
from models.points import Wallet
from models.tiers import Standing, StandingMove
from rules import calendar
from rules.explain import THRESHOLD
from rules.facts import ATTRIBUTE, variable_key
from rules.percentiles import PREFIX, variable_of

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scene:
    """One step to be decided: the turn, what arrived if this is about it, and what only this step knows."""

    turn: Turn
    kind: str
    arrival: Arrival | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    closing: bool = False  # At the first instant of a period: its calendar windows are those of the day before.


def facts(scene: Scene, names: Collection[str]) -> Facts:
    """The asked-for variables and their values. What the step itself knows goes before what the book says."""
    given = {**scene.turn.book.recall(), **scene.extra}
    return {name: given[name] if name in given else _value(scene, name) for name in names}


class _Lazy(dict[str, Any]):
    """Facts computed when they are first read."""

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self._scene = scene

    def __missing__(self, name: str) -> Any:
        recalled = self._scene.turn.book.recall()  # What hangs on the person, in replay.
        value = self[name] = recalled[name] if name in recalled else _value(self._scene, name)
        return value


def lazy_facts(scene: Scene) -> Facts:
    """Facts that are computed when they are read: for ladders, whose standards read few of them."""
    return _Lazy(scene)


def line_facts(scene: Scene) -> list[Facts]:
    """One set of line variables for each line of the order."""
    lines = scene.arrival.lines if isinstance(scene.arrival, OrderPaid) else ()
    path = scene.turn.programme.category_path
    return [
        {f"line_{name}": read(line) for name, read in LINE.items()}
        | {"line_category_path": path(line.category)}
        | _of_product(scene.turn, line)
        for line in lines
    ]


def _of_product(turn: Turn, line: Line) -> Facts:
    """What the catalogue said of a line, as the programme declares it now."""
    declared = turn.programme.products
    own = declared.schema_.properties if declared else {}
    said = line.attributes or {}
    return {f"line_{name}": payloads.typed(turn, field, said.get(name)) for name, field in own.items()}


def _value(scene: Scene, name: str) -> Any:
    turn = scene.turn
    if name in DECLARED:
        return DECLARED[name](turn, scene.arrival) if isinstance(scene.arrival, OrderPaid) else None
    if name in ORDER:
        return ORDER[name](scene.arrival) if isinstance(scene.arrival, OrderPaid) else None
    if name == "redeem_on_order":
        return _redeem_on_order(scene)
    if name in REDEEM:
        return REDEEM[name](scene.arrival) if isinstance(scene.arrival, PointsRedeem) else None
    if name in MEMBER:
        return MEMBER[name](turn)
    if name in TIME:
        return calendar.time_facts(turn.instant, turn.ruleset.zone)[name]
    if name in turn.programme.metrics:
        return metrics.figure(turn, name, closing=scene.closing)
    for prefix, read in FAMILIES.items():
        if name.startswith(prefix):
            return read(scene, name.removeprefix(prefix))
    return scene.arrival.kind if name == "wanted_by" and scene.arrival is not None else None


# The order.


def order_net(order: OrderPaid) -> int:
    """Goods after discount, without tax and shipping: what a return is a share of."""
    return max(0, order.total - order.tax - order.shipping)


def _distinct(read: Callable[[Line], str]) -> Callable[[OrderPaid], tuple[str, ...]]:
    return lambda order: tuple(sorted({read(line) for line in order.lines} - {""}))


def _category_paths(turn: Turn, order: OrderPaid) -> tuple[str, ...]:
    paths = {turn.programme.category_path(line.category) for line in order.lines}
    return tuple(sorted({category for path in paths for category in path}))


# What only the programme's documents know of an order.
DECLARED: Final[Mapping[str, Callable[[Turn, OrderPaid], Any]]] = {
    "order_category_paths": _category_paths,
    "order_partner": lambda turn, order: turn.ruleset.sellers.get(order.shop),
}
ORDER: Final[Mapping[str, Callable[[OrderPaid], Any]]] = {
    "order_total": lambda order: order.total,
    "order_paid": lambda order: order.paid,
    "order_discount": lambda order: order.discount,
    "order_tax": lambda order: order.tax,
    "order_shipping": lambda order: order.shipping,
    "order_net": order_net,
    "order_net_with_tax": lambda order: order_net(order) + order.tax,
    "order_net_with_shipping": lambda order: order_net(order) + order.shipping,
    "order_goods": lambda order: order_net(order) + order.discount,
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
    "redeem_points": lambda wish: wish.points,
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


def _months_joined(turn: Turn) -> int:
    return calendar.months_between(turn.day(turn.member.joined_at), turn.day(turn.instant))


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


def _age(turn: Turn) -> int | None:
    """Whole years lived; who was born on 29 February is a year older on the 28th where there is no 29th."""
    personal = turn.book.get(Personal, turn.member_id)
    if personal is None or personal.birthday_md is None or personal.birth_year is None:
        return None
    today = turn.day(turn.instant)
    had = calendar.on_month_day(today.year, personal.birthday_md) <= today
    return max(0, today.year - personal.birth_year - (not had))


def _birthday_in_days(turn: Turn) -> int | None:
    """Days until the next birthday; none on the day itself."""
    birthday = _birthday(turn)
    if birthday is None:
        return None
    today = turn.day(turn.instant)
    next_one = calendar.on_month_day(today.year, birthday)
    if next_one < today:
        next_one = calendar.on_month_day(today.year + 1, birthday)
    return (next_one - today).days


def _segments(scene: Scene) -> tuple[str, ...]:
    """The segments of the ruleset that the member is in: by being put there, by a list, or by what is so now."""
    turn, held = scene.turn, set(traits.read(scene.turn, "segments"))
    segments = turn.ruleset.definitions.segments
    asked = lazy_facts(scene)
    found = {key for key, one in segments.items() if one.static and key in held}
    found |= {key for key, one in segments.items() if one.members and turn.who.handle in one.members}
    return tuple(sorted(found | {key for key, meets in turn.ruleset.members_of.items() if meets(asked)}))


def _attribute(scene: Scene, name: str) -> Any:
    declared = scene.turn.programme.attributes
    own = declared.schema_.properties.get(name) if declared else None
    return payloads.typed(scene.turn, own, traits.read(scene.turn, "attributes").get(name)) if own else None


MEMBER: Final[Mapping[str, Callable[[Turn], Any]]] = {
    "member_tier": lambda turn: tier(turn, turn.programme.ladder) if turn.programme.ladder else None,
    "member_is_new_today": lambda turn: turn.day(turn.member.joined_at) == turn.day(turn.instant),
    "member_birthday_month": _birthday_month,
    "member_birthday_today": _birthday_today,
    "member_months_joined": _months_joined,
    "member_days_joined": lambda turn: max(0, (turn.day(turn.instant) - turn.day(turn.member.joined_at)).days),
    "member_joined_ago": lambda turn: max(timedelta(), turn.instant - turn.member.joined_at),
    "member_profile_complete": lambda turn: turn.member.profile_complete,
    "orders_count": lambda turn: turn.member.orders,
    "order_is_first": lambda turn: turn.member.orders <= 1,
    "member_age": _age,
    "member_birthday_in_days": _birthday_in_days,
    "member_tags": lambda turn: traits.names(turn, "tags"),
    "member_consents": lambda turn: tuple(name for name in traits.names(turn, "consents") if "/" not in name),
    "member_preferences": profiles.preferred,
    "member_handle": lambda turn: turn.who.handle,
    "redemptions_24h": lately.times_24h,
    "points_redeemed_30d": lately.points_30d,
    "days_since_order": metrics.days_since_order,
    "months_since_order": metrics.months_since_order,
}

TIME: Final = ("today", "weekday", "hour", "time_of_day", "day_of_month", "month", "quarter")


def _balance(scene: Scene, wallet: str) -> int:
    row = scene.turn.book.get(Wallet, scene.turn.member_id, wallet)
    return points.shown(row) if row else 0


def _payload(scene: Scene, name: str) -> Any:
    if not isinstance(scene.arrival, Behaviour):
        return None
    arrival = scene.arrival
    return payloads.value_of(scene.turn, arrival.type, arrival.payload, f"payload_{name}", scene.turn.instant)


def _redeem_on_order(scene: Scene) -> int:
    wish = scene.arrival
    if not isinstance(wish, PointsRedeem) or wish.order_number is None:
        return 0
    return redeemed.on_order(scene.turn, redeemed.burnt_on(wish.shop, wish.order_number))


def _benefit(turn: Turn, name: str) -> str:
    return next(key for key in turn.ruleset.benefits if variable_key(key) == name)


def _ladder(turn: Turn, name: str) -> str:
    return next(key for key in turn.ruleset.ladders if variable_key(key) == name)


def _threshold(scene: Scene, name: str) -> int | None:
    """What a member must have to be in a percentile, where that has been computed."""
    found = thresholds.last(scene.turn, scene.turn.ruleset.definitions.catalogue.variables[name])
    return found.value if found else None


def _in_percentile(scene: Scene, key: str) -> bool:
    least = _threshold(scene, variable_of(key))
    of = scene.turn.programme.percentiles[key].of
    return least is not None and bool(_value(scene, of) >= least)


FAMILIES: Final[Mapping[str, Callable[[Scene, str], Any]]] = {
    "tier_": lambda scene, name: tier(scene.turn, _ladder(scene.turn, name)),
    "balance_": _balance,
    "payload_": _payload,
    ATTRIBUTE: _attribute,
    "member_segments": lambda scene, name: _segments(scene),
    PREFIX: _in_percentile,
    THRESHOLD: _threshold,
    "stock_": lambda scene, name: counters.left(scene.turn, f"stock_{name}"),
    "budget_": lambda scene, name: counters.left(scene.turn, f"budget_{name}"),
    "held_": lambda scene, name: benefits.held(scene.turn, _benefit(scene.turn, name)),
    "uses_left_": lambda scene, name: benefits.uses_left(scene.turn, _benefit(scene.turn, name)),
}
