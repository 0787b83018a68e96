"""Metrics: a member's figures over a window, net of returns, as they stand at the turn's instant.

What the member's days know is read from them; what is filtered, told apart or measured one by one is read from orders,
lines, events and lots, of which the load brings those that a live ruleset's metrics look at, and no others.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Context, Decimal, localcontext
from typing import Any, Final

from loyalty import days, payloads
from loyalty.book import IDS_PER_EVENT, NeedsMore
from loyalty.turn import Done, Turn
from models.codec import figures, parse
from models.days import MemberDay
from models.events import Event
from models.orders import Order, OrderLine
from models.points import Lot
from models.tiers import Standing, StandingMove
from rules import calendar, metric_windows
from rules.conditions import LINES
from rules.metrics import Metric

LOOK_BACK_DAYS: Final = 400  # How far back the last purchase is looked for; beyond it is "long ago".
LOOK_BACK_MONTHS: Final = 120  # The same for whoever asks in months.
EXACTLY: Final = Context(prec=80)  # Of what is measured, more than any sender writes.
PERIODS: Final[Mapping[str, str]] = {"day": "day", "month": "month"}


@dataclass(frozen=True, slots=True)
class Window:
    """Days, both in; and, since a change of tier, only what came after that instant."""

    first: date
    last: date
    after: datetime | None = None

    def has(self, day: date, at: datetime) -> bool:
        """Whether something that happened then is in it."""
        return self.first <= day <= self.last and (self.after is None or at > self.after)


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands of a line."""

    line: OrderLine
    quantity: int
    amount: int


@dataclass(frozen=True, slots=True)
class Bought:
    """What stands of an order."""

    order: Order
    pieces: tuple[Piece, ...]

    @property
    def spend(self) -> int:
        """Net of what came back."""
        return self.order.net - self.order.returned


@dataclass(frozen=True, slots=True)
class Item:
    """One thing a metric looks at: its day, and what it is."""

    day: date
    order: Bought | None = None
    piece: Piece | None = None
    done: Done | None = None


def figure(turn: Turn, name: str, *, closing: bool = False) -> Any:
    """A declared metric's figure; None for the largest of nothing."""
    declared = turn.programme.metrics[name]
    over = window(turn, declared, closing=closing)
    if declared.by_days:
        return _of_days(turn, declared, list(_days(turn, over)), over)
    if declared.grain == "points":
        return _measured(declared, _earned_after(turn, declared, over).values())
    return _of_items(turn, declared, list(_kept(turn, name, _items(turn, declared, over))), over)


# Windows.


def window(turn: Turn, declared: Metric, *, closing: bool = False) -> Window:
    """What a metric looks at now. `closing`: calendar periods as of the day before, which a review closes."""
    today, over = turn.day(turn.instant), declared.over
    if (days_of := metric_windows.days_of(declared, today, closing=closing)) is not None:
        return Window(*days_of)
    begun = turn.member.joined_at
    after = None
    if over is not None and over.of_tier:
        begun = after = tier_since(turn, over.ladder or turn.programme.ladder or "")
    if over is None or over.anniversary is None:
        return Window(turn.day(begun), today, after)
    first, last = metric_windows.of_anniversary(
        over, turn.day(begun), metric_windows.as_of(over, today, closing=closing)
    )
    return Window(first, last, after)


def tier_since(turn: Turn, ladder: str) -> datetime:
    """The instant of the last change of tier, up to the turn's; just before joining, where there was none."""
    joined = turn.member.joined_at - timedelta(microseconds=1)  # What made somebody a member is counted.
    standing = turn.book.get(Standing, turn.member_id, ladder)
    if standing is None:
        return joined
    if not turn.late:
        lowest = turn.ruleset.ladders[ladder].levels[0].key if ladder in turn.ruleset.ladders else ""
        at_first = standing.since <= turn.member.joined_at and standing.tier == lowest
        return joined if at_first else standing.since
    moves = [row for row in turn.book.of(StandingMove, turn.member_id) if row.ladder == ladder]
    return max((row.at for row in moves if row.at <= turn.instant and row.reason != "enrolled"), default=joined)


# What the days know.


def _of_days(turn: Turn, declared: Metric, rows: list[MemberDay], over: Window) -> int | None:
    had = [row for row in rows if _happened(declared, row)]
    if declared.measure == "earned":
        wallet = declared.wallet or turn.programme.main_wallet
        earned = [figures(row.earned).get(wallet, 0) for row in rows]
        return sum(earned) if declared.sum else _measured(declared, [points for points in earned if points])
    if declared.sum == "spend":
        return sum(row.spend for row in rows)
    if declared.streak is not None:
        return metric_windows.streak(declared.streak.period, {row.day for row in had}, over.last)
    if declared.count in {"orders", "events"}:
        return sum(_happened(declared, row) for row in had)
    return len({_period(declared, row.day) for row in had})


def _happened(declared: Metric, row: MemberDay) -> int:
    return figures(row.events).get(declared.type, 0) if declared.type is not None else row.orders


def _days(turn: Turn, over: Window) -> Iterator[MemberDay]:
    days.must_be_loaded(turn, over.first)
    return (row for row in turn.book.of(MemberDay, turn.member_id) if over.first <= row.day <= over.last)


def days_since_order(turn: Turn) -> int:
    """Days since the last purchase that stands; since joining, where there is none."""
    today = turn.day(turn.instant)
    last = _last_order(turn, today - timedelta(days=LOOK_BACK_DAYS))
    if last is not None:
        return (today - last).days
    if turn.member.orders > 0:
        return LOOK_BACK_DAYS + 1
    return max(0, (today - turn.day(turn.member.joined_at)).days)


def months_since_order(turn: Turn) -> int | None:
    """Whole months since the last purchase that stands; not known where there is none."""
    today = turn.day(turn.instant)
    last = _last_order(turn, calendar.add_months(today, -LOOK_BACK_MONTHS))
    if last is None:
        return LOOK_BACK_MONTHS if turn.member.orders > 0 else None
    return calendar.months_between(last, today)


def _last_order(turn: Turn, first: date) -> date | None:
    rows = _days(turn, Window(first, turn.day(turn.instant)))
    return max((row.day for row in rows if row.orders > 0), default=None)


# What has to be read one by one.


def _items(turn: Turn, declared: Metric, over: Window) -> Iterator[Item]:
    if declared.grain == "event":
        yield from (Item(turn.day(done.at), done=done) for done in _done(turn, declared.type or "", over))
        return
    for bought in _bought(turn, over, lines=needs_lines(declared)):
        day = bought.order.business_date
        if declared.grain == "order":
            yield Item(day, bought)
        else:
            yield from (Item(day, bought, piece) for piece in bought.pieces)


def needs_lines(declared: Metric) -> bool:
    """Whether lines have to be there: to be counted, or to be asked about."""
    return declared.grain == "line" or (declared.grain == "order" and declared.where is not None)


def _bought(turn: Turn, over: Window, *, lines: bool) -> Iterator[Bought]:
    _must_be_loaded(turn, Order, over.first)
    by_order: dict[int, list[OrderLine]] = {}
    if lines:
        _must_be_loaded(turn, OrderLine, over.first)
        for row in turn.book.of(OrderLine, turn.member_id):
            by_order.setdefault(row.order_id, []).append(row)
    for order in turn.book.of(Order, turn.member_id):
        in_time = order.occurred_at <= turn.instant and over.has(order.business_date, order.occurred_at)
        if in_time and order.returned < order.net:
            yield Bought(order, tuple(_pieces(order, by_order.get(order.id, ()))))


def _pieces(order: Order, lines: Iterable[OrderLine]) -> Iterator[Piece]:
    """What stands of each line; what came back as an amount is taken from all of them by their share."""
    for line in lines:
        unlined = line.amount * order.returned_unlined // order.net
        if line.returned_quantity < line.quantity:
            amount = max(0, line.amount - line.returned_amount - unlined)
            yield Piece(line, line.quantity - line.returned_quantity, amount)


def _done(turn: Turn, kind: str, over: Window) -> Iterator[Done]:
    _must_be_loaded(turn, Event, over.first)
    logged = (row for row in turn.book.of(Event, turn.member_id) if row.kind == kind and row.state == "accepted")
    had = [Done(kind, row.instant, parse(row.body).get("payload", {})) for row in logged if row.instant <= turn.instant]
    if turn.doing is not None and turn.doing.type == kind and turn.doing.at <= turn.instant:
        had.append(turn.doing)
    yield from (done for done in had if over.has(turn.day(done.at), done.at))


def _earned_after(turn: Turn, declared: Metric, over: Window) -> dict[date, int]:
    """Points earned by day, from the lots: net of what returns took, and not what others gave or staff put right."""
    _must_be_loaded(turn, Lot, over.first)
    wallet, earned = declared.wallet or turn.programme.main_wallet, dict[date, int]()
    for lot in turn.book.of(Lot, turn.member_id):
        own = lot.origin_policy is not None and lot.origin_event == lot.transfer_id // IDS_PER_EVENT
        day = turn.day(lot.earned_at)
        if own and lot.wallet == wallet and lot.earned_at <= turn.instant and over.has(day, lot.earned_at):
            earned[day] = earned.get(day, 0) + lot.amount - lot.reversed
    return {day: points for day, points in earned.items() if points}


def _must_be_loaded(turn: Turn, kind: type[Any], day: date) -> None:
    if day.toordinal() < turn.book.first_of.get(kind, 0):
        raise NeedsMore(kind.__name__, day.toordinal())


# Which of them.


def _kept(turn: Turn, name: str, items: Iterable[Item]) -> Iterator[Item]:
    chosen = turn.ruleset.filters.get(name)
    if chosen is None:
        yield from items
        return
    for item in items:
        facts = {one: _fact(turn, item, one) for one in chosen.names if not one.startswith("line_")}
        if chosen.quantified and item.order is not None:
            facts[LINES] = [_line_facts(turn, piece, chosen.names) for piece in item.order.pieces]
        line = _line_facts(turn, item.piece, chosen.names) if item.piece is not None else facts
        if chosen.holds(facts, line):
            yield item


def _fact(turn: Turn, item: Item, name: str) -> Any:
    if item.done is not None:
        if name.startswith("payload_"):
            return _said(turn, item.done, name)
        return calendar.time_facts(item.done.at, turn.ruleset.zone)[name]
    if item.order is not None and name in ORDER:
        return ORDER[name](turn, item.order)
    return calendar.time_facts(item.order.order.occurred_at, turn.ruleset.zone)[name] if item.order else None


def _said(turn: Turn, done: Done, name: str) -> Any:
    """A word of an event's payload; None for what was sent when it was declared otherwise."""
    found = payloads.value_of(turn, done.type, done.payload, name, done.at)
    return found if turn.ruleset.definitions.catalogue.variables[name].fits(found) else None


def _line_facts(turn: Turn, piece: Piece, names: Iterable[str]) -> dict[str, Any]:
    return {name: LINE[name](turn, piece) for name in names if name in LINE}


def _tags(piece: Piece) -> list[str]:
    return list(parse(piece.line.tags))


def _all_of(read: Callable[[Turn, Piece], Iterable[str]]) -> Callable[[Turn, Bought], tuple[str, ...]]:
    return lambda turn, bought: tuple(
        sorted({word for piece in bought.pieces for word in read(turn, piece) if word != ""})
    )


LINE: Final[Mapping[str, Callable[[Turn, Piece], Any]]] = {
    "line_sku": lambda turn, piece: piece.line.sku,
    "line_brand": lambda turn, piece: piece.line.brand,
    "line_category": lambda turn, piece: piece.line.category,
    "line_category_path": lambda turn, piece: turn.programme.category_path(piece.line.category),
    "line_tags": lambda turn, piece: tuple(_tags(piece)),
    "line_quantity": lambda turn, piece: piece.quantity,
    "line_amount": lambda turn, piece: piece.amount,
}
ORDER: Final[Mapping[str, Callable[[Turn, Bought], Any]]] = {
    "order_total": lambda turn, bought: bought.order.total,
    "order_paid": lambda turn, bought: bought.order.paid,
    "order_net": lambda turn, bought: bought.spend,
    "order_goods": lambda turn, bought: bought.order.net + bought.order.discount,
    "order_discount": lambda turn, bought: bought.order.discount,
    "order_tax": lambda turn, bought: bought.order.tax,
    "order_shipping": lambda turn, bought: bought.order.shipping,
    "order_currency": lambda turn, bought: bought.order.currency,
    "order_channel": lambda turn, bought: bought.order.channel,
    "order_store": lambda turn, bought: bought.order.store,
    "order_payment": lambda turn, bought: bought.order.payment,
    "order_coupon": lambda turn, bought: bought.order.coupon,
    "order_partner": lambda turn, bought: turn.ruleset.sellers.get(bought.order.shop),
    "order_skus": _all_of(lambda turn, piece: [piece.line.sku]),
    "order_brands": _all_of(lambda turn, piece: [piece.line.brand]),
    "order_categories": _all_of(lambda turn, piece: [piece.line.category]),
    "order_category_paths": _all_of(lambda turn, piece: turn.programme.category_path(piece.line.category)),
    "order_tags": _all_of(lambda turn, piece: _tags(piece)),
    "order_quantity": lambda turn, bought: sum(piece.quantity for piece in bought.pieces),
}


# What comes of them.


def _of_items(turn: Turn, declared: Metric, items: list[Item], over: Window) -> Any:
    if declared.streak is not None:
        return metric_windows.streak(declared.streak.period, {item.day for item in items}, over.last)
    if declared.distinct is not None:
        return len({word for item in items for word in _words(turn, declared, item) if word not in ("", None)})
    if declared.count == "months":
        return len({_period(declared, item.day) for item in items})
    if declared.count is not None:
        return sum(item.piece.quantity if declared.count == "units" and item.piece else 1 for item in items)
    return _measured(declared, [value for item in items if (value := _value(turn, declared, item)) is not None])


def _measured(declared: Metric, values: Iterable[Any]) -> Any:
    if declared.sum is None:
        return (max if declared.max is not None else min)(values, default=None)
    with localcontext(EXACTLY):
        total = sum(values)
    return int(total) if isinstance(total, Decimal) and total == total.to_integral_value() else total


def _value(turn: Turn, declared: Metric, item: Item) -> Any:
    if item.done is not None:
        return _said(turn, item.done, f"payload_{declared.field}")
    if item.piece is not None:
        return item.piece.quantity if declared.measure == "units" else item.piece.amount
    return item.order.spend if item.order else None


def _words(turn: Turn, declared: Metric, item: Item) -> Iterable[Any]:
    kind = declared.distinct or ""
    if kind in PERIODS:
        return [_period(declared, item.day)]
    if item.done is not None:
        found = _said(turn, item.done, f"payload_{declared.field}")
        return found if isinstance(found, tuple) else [found]
    if item.piece is not None:
        return _tags(item.piece) if kind == "tag" else [getattr(item.piece.line, kind)]
    return [getattr(item.order.order, kind)] if item.order else []


def _period(declared: Metric, day: date) -> date:
    return day if declared.distinct == "day" else day.replace(day=1)
