"""The figures of `tests.loyalty.counted`, counted again by hand from the rows of orders, lines and events.

Written for being plainly right: every window is asked day by day, and nothing is shared with what it is held against.
"""

import calendar
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from models.codec import parse
from models.events import Event
from models.orders import Order, OrderLine

ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Part:
    """What stands of a line."""

    order: Order
    row: OrderLine
    units: int
    amount: int


@dataclass(frozen=True)
class Past:
    """All that happened to a member, as it is known now, seen from an instant."""

    at: datetime
    joined: datetime
    orders: tuple[Order, ...]
    rows: tuple[OrderLine, ...]
    events: tuple[Event, ...]

    @property
    def today(self) -> date:
        return self.at.astimezone(ZONE).date()

    def bought(self, inside: Callable[[date], bool] = lambda day: True) -> list[Order]:
        """Orders of which something stands, up to the instant."""
        return [o for o in self.orders if o.net > o.returned and o.occurred_at <= self.at and inside(o.business_date)]

    def by_day(self, inside: Callable[[date], bool] = lambda day: True) -> list[Order]:
        """The same by whole days: those of the instant's own day are all in."""
        return [
            o for o in self.orders if o.net > o.returned and o.business_date <= self.today and inside(o.business_date)
        ]

    def parts(self, inside: Callable[[date], bool] = lambda day: True) -> list[Part]:
        found = []
        for order in self.bought(inside):
            for row in self.rows:
                units = row.quantity - row.returned_quantity
                if row.order_id == order.id and units > 0:
                    off = row.amount * order.returned_unlined // order.net
                    found.append(Part(order, row, units, max(0, row.amount - row.returned_amount - off)))
        return found

    def runs(self, inside: Callable[[date], bool] = lambda day: True, *, whole: bool = False) -> list[dict[str, Any]]:
        """Runs up to the instant, or by whole days."""
        done = [e for e in self.events if e.kind == "run.done" and e.state == "accepted"]
        had = [e for e in done if (day_of(e.instant) <= self.today if whole else e.instant <= self.at)]
        return [parse(e.body).get("payload", {}) | {"day": day_of(e.instant)} for e in had if inside(day_of(e.instant))]

    def lately(self, days: int) -> Callable[[date], bool]:
        return lambda day: 0 <= (self.today - day).days < days

    def in_months(self, months: int) -> Callable[[date], bool]:
        """After the same day so many months ago (the last of a shorter month)."""
        year, month = divmod(self.today.year * 12 + self.today.month - 1 - months, 12)
        start = date(year, month + 1, min(self.today.day, calendar.monthrange(year, month + 1)[1]))
        return lambda day: start < day <= self.today


def day_of(at: datetime) -> date:
    return at.astimezone(ZONE).date()


def net(orders: Iterable[Order]) -> int:
    return sum(o.net - o.returned for o in orders)


def month(day: date) -> int:
    return day.year * 12 + day.month


def row_of(numbers: Iterable[int], now: int) -> int:
    """How many numbers in a row end now, or one before."""
    had, last = set(numbers), now
    if last not in had:
        last -= 1
    count = 0
    while last - count in had:
        count += 1
    return count


def acme(parts: Iterable[Part]) -> list[Part]:
    return [part for part in parts if part.row.brand == "acme"]


def big(orders: Iterable[Order]) -> list[Order]:
    return [o for o in orders if o.net - o.returned >= 10_000]


def total(values: Iterable[Any]) -> Any:
    found = sum(values, Decimal(0))
    return int(found) if found == found.to_integral_value() else found


def quarter(day: date) -> int:
    return day.year * 4 + (day.month - 1) // 3


def recounted(past: Past) -> dict[str, Any]:
    """The figures by name, but for points and changes of tier."""
    today, orders, parts, runs = past.today, past.bought(), past.parts(), past.runs()
    return {
        "orders_ever": len(past.by_day()),
        "orders_2m": len(past.by_day(past.in_months(2))),
        "months_ever": len({month(o.business_date) for o in past.by_day()}),
        "days_ever": len({o.business_date for o in past.by_day()}),
        "months_running": row_of((month(o.business_date) for o in past.by_day()), month(today)),
        "runs_running": row_of((run["day"].toordinal() for run in past.runs(whole=True)), today.toordinal()),
        "runs_30d": len(past.runs(past.lately(30), whole=True)),
        "big_orders_60d": len(big(past.bought(past.lately(60)))),
        "acme_orders": len({part.order.id for part in acme(parts)}),
        "web_spend_40d": net(o for o in past.bought(past.lately(40)) if o.channel == "web"),
        "lines_ever": len(parts),
        "acme_lines": len(acme(parts)),
        "units_30d": sum(part.units for part in past.parts(past.lately(30))),
        "acme_units": sum(part.units for part in acme(parts)),
        "acme_amount": sum(p.amount for p in acme(past.parts(past.in_months(3))) if p.order.channel == "web"),
        "largest": max((o.net - o.returned for o in orders), default=None),
        "smallest_45d": min((o.net - o.returned for o in past.bought(past.lately(45))), default=None),
        "most_of_one": max((part.units for part in parts), default=None),
        "skus": len({part.row.sku for part in parts}),
        "brands": len({part.row.brand for part in parts} - {""}),
        "tags": len({tag for part in parts for tag in parse(part.row.tags)}),
        "stores": len({o.store for o in orders} - {""}),
        "channels_60d": len({o.channel for o in past.bought(past.lately(60))} - {""}),
        "weekend_orders": sum(o.occurred_at.astimezone(ZONE).weekday() >= 5 for o in orders),
        "big_months": len({month(o.business_date) for o in big(orders)}),
        "big_running": row_of((month(o.business_date) for o in big(orders)), month(today)),
        "km_ever": total(run["km"] for run in runs if "km" in run),
        "km_longest": max((run["km"] for run in past.runs(past.lately(60)) if "km" in run), default=None),
        "long_runs": sum(run.get("km", 0) > Decimal("9.5") for run in runs),
        "places": len({run["place"] for run in runs if "place" in run}),
        "run_months": len({month(run["day"]) for run in runs if "km" in run}),
    } | spending(past)


def spending(past: Past) -> dict[str, int]:
    """What was spent in periods of the calendar: also what is left of an order that a return brought to nothing."""
    today = past.today
    days = [(o.business_date, o.net - o.returned) for o in past.orders if o.business_date <= today]

    def spent(inside: Callable[[date], bool]) -> int:
        return sum(amount for day, amount in days if inside(day))

    half = [d for d in (date(today.year, 1, 1), date(today.year, 7, 1)) if d <= today][-1]
    return {
        "spend_last_month": spent(lambda day: month(day) == month(today) - 1),
        "spend_3_quarters": spent(lambda day: quarter(today) - 2 <= quarter(day) <= quarter(today)),
        "spend_half": spent(lambda day: day >= half),
        "spend_joined": spent(lambda day: day >= day_of(past.joined)),
    }


LEFT_OUT = frozenset(
    {
        "earned_90d",
        "best_day",
        "worst_day",
        "weeks_running",
        "paid_for_runs",
        "categories_big",
        "spend_own_year",
        "big_own_year_before",
        "spend_tier_year",
        "spend_tier",
        "orders_tier",
        "earned_tier",
    }
)
LATE_MOST = timedelta(days=90)
