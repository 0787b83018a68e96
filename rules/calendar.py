"""Days, periods and windows in the programme's zone. Every instant that comes in or goes out is aware; out is UTC."""

import calendar as _calendar
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rules.benefit_terms import Life
from rules.expiry import Pending
from rules.parts import WEEKDAYS, Span
from rules.tiers import Status, Stretch

FOREVER = datetime.max.replace(tzinfo=UTC)  # After every instant: where what never ends is put in order.
MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


def business_date(at: datetime, zone: ZoneInfo) -> date:
    """The programme's day an instant falls on."""
    return at.astimezone(zone).date()


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a day."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months on, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, _calendar.monthrange(year, month + 1)[1]))


def months_between(first: date, last: date) -> int:
    """How many whole months lie between two days."""
    months = (last.year - first.year) * 12 + last.month - first.month
    return max(0, months - (add_months(first, months) > last))


def later(at: datetime, span: Span | Life | Pending | Status | Stretch, zone: ZoneInfo) -> datetime:
    """A calendar span later at the same local time: a day is a day even when the clocks change."""
    local = at.astimezone(zone)
    months = (getattr(span, "months", None) or 0) + 12 * (getattr(span, "years", None) or 0)
    day = add_months(local.date(), months) + timedelta(days=span.days or 0)
    return datetime.combine(day, local.time(), zone).astimezone(UTC)


def life_end(at: datetime, life: Life | None, zone: ZoneInfo) -> datetime | None:
    """When what is given now ends, if at all; it begins no earlier than its first day."""
    if life is None:
        return None
    begins = max(at, from_instant(life.start, zone)) if life.start is not None else at
    if life.until is not None:
        return until_instant(life.until, zone)
    if life.end_of is not None:
        return next_period_start(life.end_of, begins, zone)
    return later(begins, life, zone)


def is_day_start(at: datetime, zone: ZoneInfo) -> bool:
    """Whether an instant is the first of a day: what has just ended is what one looks back on."""
    return day_start(business_date(at, zone), zone) == at


def months_later(at: datetime, months: int, zone: ZoneInfo) -> datetime:
    """So many months later at the same local time."""
    local = at.astimezone(zone)
    return datetime.combine(add_months(local.date(), months), local.time(), zone).astimezone(UTC)


def period_start(every: str, day: date) -> date:
    """The first day of the period a day is in."""
    if every == "day":
        return day
    if every == "week":
        return day - timedelta(days=day.weekday())
    months = MONTHS[every]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def periods_later(every: str, start: date, number: int) -> date:
    """The first day of the period so many after the one that starts on a day."""
    if every in MONTHS:
        return add_months(start, MONTHS[every] * number)
    return start + timedelta(days={"day": 1, "week": 7}[every] * number)


def next_period_start(every: str, at: datetime, zone: ZoneInfo) -> datetime:
    """The first instant of the period after the one an instant is in."""
    return day_start(periods_later(every, period_start(every, business_date(at, zone)), 1), zone)


def day_of_month(month: date, day: int | str) -> date:
    """A day of a month by its number, or its `last`; one that the month lacks is its last."""
    most = _calendar.monthrange(month.year, month.month)[1]
    return month.replace(day=most if day == "last" else min(int(day), most))


PERIOD_KEYS: Mapping[str, Callable[[date], str]] = {
    "ever": lambda day: "",
    "day": lambda day: day.isoformat(),
    "week": lambda day: f"{day:%G}-W{day:%V}",
    "month": lambda day: f"{day:%Y-%m}",
    "quarter": lambda day: f"{day.year}-Q{(day.month + 2) // 3}",
    "year": lambda day: f"{day:%Y}",
}


def period_key(period: str, at: datetime, zone: ZoneInfo) -> str:
    """How the period an instant is in is called: 2026-11-21, 2026-W47, 2026-11, 2026-Q4, 2026, or "" for ever."""
    return PERIOD_KEYS[period](business_date(at, zone))


def time_facts(at: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """What the clock on the programme's wall says: the variables of time."""
    local = at.astimezone(zone)
    return {
        "today": local.date(),
        "weekday": WEEKDAYS[local.weekday()],
        "hour": local.hour,
        "time_of_day": time(local.hour, local.minute),
        "day_of_month": local.day,
        "month": local.month,
        "quarter": (local.month + 2) // 3,
    }


def from_instant(moment: date | datetime, zone: ZoneInfo) -> datetime:
    """The instant a window opens."""
    if isinstance(moment, datetime):
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    return day_start(moment, zone)


def until_instant(moment: date | datetime, zone: ZoneInfo) -> datetime:
    """The instant a window closes: after the whole of a day that is named, at a moment that is."""
    if isinstance(moment, datetime):
        return from_instant(moment, zone)
    return day_start(moment + timedelta(days=1), zone)


def on_month_day(year: int, month_day: int) -> date:
    """A day of the year (month × 100 + day) in a year; 29 February is the 28th where there is none."""
    month, day = divmod(month_day, 100)
    return date(year, month, min(day, _calendar.monthrange(year, month)[1]))
