"""When a policy is live: from, until, and on which days and hours in between, all in the programme's zone.

All parts that are given must hold; within a list any one is enough. A day named as `until` is still in.
"""

import calendar as _calendar
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from rules import calendar, festivals
from rules.parts import WEEKDAYS, Day, Moment, MonthDay, Strict, Weekday, numbered

DAY_OF_YEAR = re.compile(r"^[0-9]{2}-[0-9]{2}$", re.ASCII)
LEAP_YEAR = 2000  # 29 February is a day of the year, if not of every year.
AROUND_MAX = 60


def day_of_year(value: str) -> str:
    """MM-DD, of a day that some year has."""
    try:
        date.fromisoformat(f"{LEAP_YEAR}-{value}" if DAY_OF_YEAR.fullmatch(value) else "")
    except ValueError:
        raise PydanticCustomError("BAD_DAY_OF_YEAR", "not a day of the year") from None
    return value


DayOfYear = Annotated[
    str, AfterValidator(day_of_year), WithJsonSchema({"type": "string", "pattern": DAY_OF_YEAR.pattern})
]
Nth = Annotated[Annotated[int, Field(ge=1, le=5)] | Literal["last"], numbered(5)]
Days = Annotated[tuple[Day, ...], Field(min_length=1, max_length=400)]


class Hours(Strict):
    """A time of day, from inclusive, until exclusive; it may run past midnight."""

    start: Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] = Field(alias="from")
    until: Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]


class Season(Strict):
    """The same days every year, both ends in; it may run past the end of the year."""

    start: DayOfYear = Field(alias="from")
    until: DayOfYear


class NthWeekday(Strict):
    """A weekday of the month by count: the second Tuesday, the last Friday."""

    nth: Nth
    weekday: Weekday


class Festival(Strict):
    """A festival of the table, with days around it."""

    name: festivals.Name
    days_before: Annotated[int, Field(ge=0, le=AROUND_MAX)] = 0
    days_after: Annotated[int, Field(ge=0, le=AROUND_MAX)] = 0


class Window(Strict):
    """When a policy is live: a day named as `until` is still in, a moment is not."""

    start: Moment | None = Field(default=None, alias="from")
    until: Moment | None = None
    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1)] | None = None
    hours: Hours | None = None
    dates: Days | None = None
    days_of_month: Annotated[tuple[MonthDay, ...], Field(min_length=1, max_length=32)] | None = None
    months: Annotated[tuple[Annotated[int, Field(ge=1, le=12)], ...], Field(min_length=1, max_length=12)] | None = None
    yearly: Annotated[tuple[Season, ...], Field(min_length=1, max_length=50)] | None = None
    nth_weekdays: Annotated[tuple[NthWeekday, ...], Field(min_length=1, max_length=35)] | None = None
    festivals: Annotated[tuple[Festival, ...], Field(min_length=1, max_length=50)] | None = None
    except_: Days | None = Field(default=None, alias="except")


def last_of_month(day: date) -> int:
    """How many days the month of a day has."""
    return _calendar.monthrange(day.year, day.month)[1]


def in_season(day: date, season: Season) -> bool:
    """Whether a day lies between two days of the year."""
    here = f"{day:%m-%d}"
    if season.start <= season.until:
        return season.start <= here <= season.until
    return here >= season.start or here <= season.until


def is_nth(day: date, wanted: NthWeekday) -> bool:
    """Whether a day is this one of its month's weekdays."""
    if WEEKDAYS[day.weekday()] != wanted.weekday:
        return False
    if wanted.nth == "last":
        return day.day + 7 > last_of_month(day)
    return (day.day - 1) // 7 + 1 == wanted.nth


def near_festival(day: date, festival: Festival) -> bool:
    """Whether a day is a festival, or one of the days around it that are asked for."""
    held = festivals.around(festival.name, day.year)
    return any(-festival.days_before <= (day - one).days <= festival.days_after for one in held)


# Each part that looks at the day alone: whether it holds.
BY_DAY: Mapping[str, Callable[[Window, date], bool]] = {
    "weekdays": lambda valid, day: valid.weekdays is None or WEEKDAYS[day.weekday()] in valid.weekdays,
    "dates": lambda valid, day: valid.dates is None or day in valid.dates,
    "days_of_month": lambda valid, day: (
        valid.days_of_month is None
        or day.day in valid.days_of_month
        or ("last" in valid.days_of_month and day.day == last_of_month(day))
    ),
    "months": lambda valid, day: valid.months is None or day.month in valid.months,
    "yearly": lambda valid, day: valid.yearly is None or any(in_season(day, one) for one in valid.yearly),
    "nth_weekdays": lambda valid, day: (
        valid.nth_weekdays is None or any(is_nth(day, one) for one in valid.nth_weekdays)
    ),
    "festivals": lambda valid, day: valid.festivals is None or any(near_festival(day, one) for one in valid.festivals),
    "except": lambda valid, day: valid.except_ is None or day not in valid.except_,
}


def in_hours(valid: Window, clock: str) -> bool:
    """Whether a local time, HH:MM, is inside the window's hours."""
    if valid.hours is None:
        return True
    start, until = valid.hours.start, valid.hours.until
    return start <= clock < until if start < until else clock >= start or clock < until


def unmet_by_day(valid: Window, day: date) -> str | None:
    """The first part of the calendar that a day is not in."""
    return next((part for part, holds in BY_DAY.items() if not holds(valid, day)), None)


def unmet(valid: Window | None, at: datetime, zone: ZoneInfo) -> str | None:
    """Which part keeps a policy from being live at an instant; None if it is live."""
    if valid is None:
        return None
    if valid.start is not None and at < calendar.from_instant(valid.start, zone):
        return "from"
    if valid.until is not None and at >= calendar.until_instant(valid.until, zone):
        return "until"
    local = at.astimezone(zone)
    part = unmet_by_day(valid, local.date())
    if part is not None:
        return part
    return None if in_hours(valid, f"{local:%H:%M}") else "hours"


def days(valid: Window, first: date, last: date) -> Iterator[date]:
    """The days from one to another on which a window lets a policy live, its ends and hours aside."""
    for count in range((last - first).days + 1):
        day = first + timedelta(days=count)
        if unmet_by_day(valid, day) is None:
            yield day
