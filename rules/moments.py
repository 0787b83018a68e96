"""Moments: when the clock asks policies. On which days, at what local time, and at which instants that is.

`when` of a policy says it, in the programme's zone. Two policies that say the same share one moment, and are decided
together; its key names it in the log, in keys and in decisions. A local time that the clocks pass over is the one they
jump to, and of one that comes twice it is the first.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints

from rules import calendar, festivals
from rules.parts import MonthDay, Name, OneOf, Strict

DAYS_BEFORE_MAX: Final = 366
AROUND_MAX: Final = 60  # Days before a day that comes every year.
IDLE_DAYS_MAX: Final = 400  # As far back as the last purchase is looked for.
IDLE_MONTHS_MAX: Final = 12
DAY: Final = timedelta(days=1)
MIDNIGHT: Final = "00:00"
JOINED: Final = "joined"
NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)  # Later than anything that is looked at.


class Idle(OneOf):
    """So long without a purchase."""

    days: Annotated[int, Field(ge=1, le=IDLE_DAYS_MAX)] | None = None
    months: Annotated[int, Field(ge=1, le=IDLE_MONTHS_MAX)] | None = None


At = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class When(Strict):
    """When the clock asks a policy; which parts there are hangs on what the policy is on."""

    at: At = MIDNIGHT
    days_before: Annotated[int, Field(ge=0, le=DAYS_BEFORE_MAX)] | None = None
    of: Literal["day", "month"] | None = None
    date: Name | None = None
    festival: festivals.Name | None = None
    after: Idle | None = None
    every: Literal["week", "month", "quarter", "half_year", "year"] | None = None
    month: Annotated[int, Field(ge=1, le=12)] | None = None
    day: MonthDay | None = None
    wallet: Name | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """What `when` must and may say for a kind of moment, besides the time of day."""

    needed: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """All of it."""
        return (*self.needed, *self.allowed, "at")


BIRTHDAY, ANNIVERSARY, FESTIVAL = "clock.birthday", "clock.anniversary", "clock.festival"
INACTIVE, PERIOD = "clock.inactive", "clock.period"
POINTS_ENDING, BENEFIT_ENDING = "clock.points_ending", "clock.benefit_ending"
SHAPES: Final[Mapping[str, Shape]] = {
    PERIOD: Shape(("every",), ("month", "day", "days_before")),
    FESTIVAL: Shape(("festival",), ("days_before",)),
    BIRTHDAY: Shape((), ("of", "days_before")),
    ANNIVERSARY: Shape((), ("date", "of", "days_before")),
    INACTIVE: Shape(("after",)),
    POINTS_ENDING: Shape(("days_before",), ("wallet",)),
    BENEFIT_ENDING: Shape(("days_before",)),
}
KINDS: Final = tuple(SHAPES)
ENDINGS: Final = (POINTS_ENDING, BENEFIT_ENDING)
PLACES: Final = {kind: place for place, kind in enumerate(KINDS)}


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment: what kind of occasion, and when."""

    kind: str
    when: When

    @property
    def key(self) -> str:
        """How it is called: its kind, and what it says otherwise than by default."""
        said = [f"{name}={told}" for name, told in _said(self.when) if told]
        return f"{self.kind}:{','.join(said)}" if said else self.kind

    @property
    def place(self) -> tuple[int, str]:
        """The order in which the moments of one instant come."""
        return (PLACES[self.kind], self.key)

    @property
    def before(self) -> timedelta:
        """How long before its occasion it comes."""
        return timedelta(days=self.when.days_before or 0)

    @property
    def by_month(self) -> bool:
        """Whether it is about the month of a date, not its day."""
        return self.when.of == "month"

    def occasion(self, day: date) -> date:
        """The day that a day on which it falls due is about: the birthday itself, the last day of points."""
        return day + self.before

    def instant(self, day: date, zone: ZoneInfo) -> datetime:
        """When on a day it falls due."""
        return datetime.combine(day, time.fromisoformat(self.when.at), zone).astimezone(UTC)

    def days(self, first: date) -> Iterator[date]:
        """The days on which it falls due, from one on."""
        return (day - self.before for day in OCCASIONS[self.kind](self, self.occasion(first)))

    def next(self, after: datetime, zone: ZoneInfo) -> datetime:
        """The first instant after another at which it falls due; NEVER where there is none."""
        if after >= NEVER:
            return NEVER
        instants = (self.instant(day, zone) for day in self.days(calendar.business_date(after, zone) - DAY))
        return next((one for one in instants if one > after), NEVER)

    def falls_on(self, instant: datetime, zone: ZoneInfo) -> bool:
        """Whether it falls due at an instant."""
        return self.next(instant - timedelta(microseconds=1), zone) == instant

    def idle_until(self, last: date) -> date:
        """The day by which somebody who did something last on another has done nothing for so long."""
        after = self.when.after or Idle(days=1)
        return last + timedelta(days=after.days or 0) if after.days else calendar.add_months(last, after.months or 0)


def _said(when: When) -> Iterator[tuple[str, str]]:
    yield "of", "month" if when.of == "month" else ""
    yield "before", str(when.days_before or "")
    yield "date", "" if when.date in (None, JOINED) else str(when.date)
    yield "festival", when.festival or ""
    if when.after is not None:
        yield "after", f"{when.after.days}d" if when.after.days else f"{when.after.months}m"
    yield "every", when.every or ""
    yield "month", "" if when.month in (None, 1) else str(when.month)
    yield "day", "" if when.day in (None, 1) else str(when.day)
    yield "wallet", when.wallet or ""
    yield "at", "" if when.at == MIDNIGHT else when.at


def kind_of(key: str) -> str:
    """The kind of event that a moment's key, or any kind of event, is."""
    return key.partition(":")[0]


def each_day(_moment: Moment, first: date) -> Iterator[date]:
    """Every day: whose it is only the members' own dates say."""
    return (first + timedelta(days=days) for days in count())


def own_dates(moment: Moment, first: date) -> Iterator[date]:
    """Every day; or the first of every month, where it is about the month of a date."""
    return starts("month", first) if moment.by_month else each_day(moment, first)


def starts(every: str, first: date) -> Iterator[date]:
    """The first days of periods, from a day on."""
    start = calendar.period_start(every, first)
    for number in count():
        day = calendar.periods_later(every, start, number)
        if day >= first:
            yield day


def period_days(moment: Moment, first: date) -> Iterator[date]:
    """The day of each period that is meant, its first unless said; one that the month lacks is its last."""
    every = moment.when.every or "month"
    if every == "week":
        yield from starts("week", first)
        return
    for start in starts(every, calendar.period_start(every, first)):
        month = calendar.add_months(start, (moment.when.month or 1) - 1)
        day = calendar.day_of_month(month, moment.when.day or 1)
        if day >= first:
            yield day


def festival_days(moment: Moment, first: date) -> Iterator[date]:
    """The days of a festival, as far as the table goes."""
    name = moment.when.festival or ""
    years = range(first.year, festivals.years()[1] + 1)
    found = (day for year in years for day in festivals.by_year(name).get(year, ()))
    return (day for day in sorted(found) if day >= first)


OCCASIONS: Final[Mapping[str, Callable[[Moment, date], Iterator[date]]]] = {
    BIRTHDAY: own_dates,
    ANNIVERSARY: own_dates,
    FESTIVAL: festival_days,
    INACTIVE: each_day,
    POINTS_ENDING: each_day,
    BENEFIT_ENDING: each_day,
    PERIOD: period_days,
}


def next_of(moments: Iterable[Moment], after: datetime, zone: ZoneInfo) -> datetime:
    """The first instant after another at which any of them falls due; NEVER where there is none."""
    return min((moment.next(after, zone) for moment in moments), default=NEVER)


def on_month_day(month_days: Iterable[int], day: date) -> bool:
    """Whether a day is one of these days of the year (month × 100 + day); 29 February is the 28th in other years."""
    return any(calendar.on_month_day(day.year, own) == day for own in month_days)


def month_days_of(moment: Moment, day: date) -> tuple[int, int]:
    """The days of the year, from one to another, that a moment on a day is about. 29 February, in a year that has
    none, belongs to the 28th.
    """
    about = moment.occasion(day)
    first = about.month * 100 + about.day
    if moment.by_month:
        return about.month * 100 + 1, about.month * 100 + 31
    last_of_february = (about.month, about.day) == (2, 28) and (about + DAY).month == 3
    return first, 229 if last_of_february else first
