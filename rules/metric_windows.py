"""The days a metric looks at: arithmetic of the calendar, from the day it is asked on.

A month back is the same day of the month before, or that month's last day; the window begins the day after it. So
twelve months up to 29 February begin on 1 March of the year before, and one month up to 31 March on 1 March.
"""

from datetime import date, timedelta

from rules import calendar
from rules.metrics import Metric, Over, Streak

Days = tuple[date, date]
DAY = timedelta(days=1)


def days_of(metric: Metric, today: date, *, closing: bool = False) -> Days | None:
    """The first and the last day, both in; None where it begins with something of the member's own.

    `closing`: the running period of the calendar is that of the day before, which a review at its turn looks back on;
    periods further back are over already, and what they are.
    """
    over = metric.over
    if metric.streak is not None:
        return of_streak(metric.streak, today)
    if over is None or over.ever:
        return date.min, today
    if over.days is not None:
        return today - (over.days - 1) * DAY, today
    if over.months is not None:
        return calendar.add_months(today, -over.months) + DAY, today
    if over.calendar is None:
        return None
    return of_calendar(over, over.calendar, as_of(over, today, closing=closing))


def as_of(over: Over, today: date, *, closing: bool) -> date:
    """The day by which the running period is told: the day before, where a review at its turn looks back on it."""
    return today - DAY if closing and not over.back else today


def of_anniversary(over: Over, start: date, today: date) -> Days:
    """The year of one's own that is running, counted from a day; or the one so many years back."""
    years = today.year - start.year
    years -= calendar.add_months(start, 12 * years) > today
    first = max(years, 0) - over.back
    return calendar.add_months(start, 12 * first), min(calendar.add_months(start, 12 * (first + 1)) - DAY, today)


def of_calendar(over: Over, every: str, today: date) -> Days:
    """Periods of the calendar, the last of them so many back; of the running one what there has been of it."""
    running, months = calendar.period_start(every, today), calendar.MONTHS[every]
    first = calendar.add_months(running, -(over.back + over.count - 1) * months)
    return first, min(calendar.add_months(running, (1 - over.back) * months) - DAY, today)


def of_streak(streak: Streak, today: date) -> Days:
    """As many periods as a streak is counted to, the running one the last."""
    first = calendar.period_start(streak.period, today)
    for _ in range(streak.most - 1):
        first = calendar.period_start(streak.period, first - DAY)
    return first, today


def first_day(metric: Metric, today: date) -> date:
    """The earliest day that may be asked for on a day, whoever the member is, and whatever it closes."""
    if metric.over is not None and metric.over.anniversary is not None:
        return calendar.add_months(today - DAY, -12 * (metric.over.back + 1))
    found = [days_of(metric, today, closing=closing) for closing in (False, True)]
    return min((days[0] for days in found if days is not None), default=date.min)


def streak(period: str, had: set[date], today: date) -> int:
    """How many periods in a row have something, up to now; the running one counts if it has."""
    starts = {calendar.period_start(period, day) for day in had}
    start, count = calendar.period_start(period, today), 0
    if start not in starts:
        start = calendar.period_start(period, start - DAY)
    while start in starts:
        start, count = calendar.period_start(period, start - DAY), count + 1
    return count
