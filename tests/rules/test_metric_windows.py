"""The windows of metrics: ends of months, leap years, periods that run, are over or are closed, and streaks."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import calendar, metric_windows
from rules.metrics import Metric, Over
from tests.rules.lab import words

DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))
PERIODS = ("month", "quarter", "half_year", "year")


def metric(over=None, **more):
    form = {} if more else {"count": "orders"}
    return Metric.model_validate({"title": words("x"), **form, **more} | ({} if over is None else {"over": over}))


def days(over, today, **more):
    found = metric_windows.days_of(metric(over), date.fromisoformat(today), **more)
    return found and tuple(day.isoformat() for day in found)


@pytest.mark.parametrize(
    ("over", "today", "first", "last"),
    [
        ({"days": 1}, "2026-03-01", "2026-03-01", "2026-03-01"),
        ({"days": 365}, "2024-12-31", "2024-01-02", "2024-12-31"),  # A leap year has a day more.
        ({"days": 30}, "2024-03-15", "2024-02-15", "2024-03-15"),
        ({"months": 1}, "2026-03-31", "2026-03-01", "2026-03-31"),
        ({"months": 1}, "2026-03-30", "2026-03-01", "2026-03-30"),
        ({"months": 1}, "2026-02-28", "2026-01-29", "2026-02-28"),
        ({"months": 12}, "2024-02-29", "2023-03-01", "2024-02-29"),
        ({"months": 12}, "2025-02-28", "2024-02-29", "2025-02-28"),
        ({"months": 6}, "2026-08-31", "2026-03-01", "2026-08-31"),
        ({"calendar": "month"}, "2026-02-10", "2026-02-01", "2026-02-10"),
        ({"calendar": "month", "back": 1}, "2026-03-31", "2026-02-01", "2026-02-28"),
        ({"calendar": "month", "back": 1}, "2024-03-01", "2024-02-01", "2024-02-29"),
        ({"calendar": "month", "back": 1, "count": 3}, "2026-02-10", "2025-11-01", "2026-01-31"),
        ({"calendar": "quarter"}, "2026-05-31", "2026-04-01", "2026-05-31"),
        ({"calendar": "quarter", "back": 1}, "2026-01-01", "2025-10-01", "2025-12-31"),
        ({"calendar": "half_year"}, "2026-07-01", "2026-07-01", "2026-07-01"),
        ({"calendar": "half_year", "back": 1}, "2026-07-01", "2026-01-01", "2026-06-30"),
        ({"calendar": "year", "count": 2}, "2026-07-01", "2025-01-01", "2026-07-01"),
        ({"calendar": "year", "back": 2, "count": 2}, "2026-07-01", "2023-01-01", "2024-12-31"),
        ({"ever": True}, "2026-07-01", "0001-01-01", "2026-07-01"),
    ],
)
def test_a_window_is_of_these_days(over, today, first, last):
    assert days(over, today) == (first, last)


@pytest.mark.parametrize(
    ("over", "start", "today", "first", "last"),
    [
        ({}, "2024-03-05", "2024-03-05", "2024-03-05", "2024-03-05"),
        ({}, "2024-03-05", "2025-03-04", "2024-03-05", "2025-03-04"),
        ({}, "2024-03-05", "2025-03-05", "2025-03-05", "2025-03-05"),
        ({"back": 1}, "2024-03-05", "2026-07-01", "2025-03-05", "2026-03-04"),
        ({"back": 1}, "2024-03-05", "2024-07-01", "2023-03-05", "2024-03-04"),  # Before joining there is nothing.
        ({}, "2024-02-29", "2025-02-27", "2024-02-29", "2025-02-27"),
        ({}, "2024-02-29", "2025-02-28", "2025-02-28", "2025-02-28"),
        ({}, "2024-02-29", "2028-02-28", "2027-02-28", "2028-02-28"),
    ],
)
def test_a_year_of_ones_own_begins_on_its_day(over, start, today, first, last):
    own = Over.model_validate({"anniversary": "joined", **over})

    found = metric_windows.of_anniversary(own, date.fromisoformat(start), date.fromisoformat(today))

    assert found == (date.fromisoformat(first), date.fromisoformat(last))


def test_a_review_on_the_day_looks_back_on_the_year_that_has_ended():
    own = Over.model_validate({"anniversary": "joined"})
    today = date(2026, 3, 5)

    closed = metric_windows.as_of(own, today, closing=True)

    assert metric_windows.of_anniversary(own, date(2024, 3, 5), closed) == (date(2025, 3, 5), date(2026, 3, 4))


@pytest.mark.parametrize("over", [{"since": "joined"}, {"since": "tier"}, {"anniversary": "joined"}])
def test_since_something_of_the_members_own_no_calendar_knows(over):
    assert days(over, "2026-07-01") is None


@pytest.mark.parametrize(
    ("over", "today", "first", "last"),
    [
        ({"calendar": "year"}, "2027-01-01", "2026-01-01", "2026-12-31"),
        ({"calendar": "month"}, "2024-03-01", "2024-02-01", "2024-02-29"),
        ({"calendar": "month", "back": 1}, "2024-03-01", "2024-02-01", "2024-02-29"),  # It was over already.
        ({"calendar": "year"}, "2026-06-01", "2026-01-01", "2026-05-31"),
        ({"days": 10}, "2027-01-01", "2026-12-23", "2027-01-01"),  # What rolls goes on rolling.
        ({"months": 12}, "2027-01-01", "2026-01-02", "2027-01-01"),
    ],
)
def test_a_review_at_the_turn_of_a_period_closes_it(over, today, first, last):
    assert days(over, today, closing=True) == (first, last)


@given(st.sampled_from(PERIODS), st.integers(0, 9), st.integers(1, 9), DAYS)
def test_periods_one_after_another_leave_no_day_out_and_none_twice(period, back, count, today):
    whole = metric_windows.days_of(metric({"calendar": period, "back": back, "count": count}), today)
    parts = [metric_windows.days_of(metric({"calendar": period, "back": back + n}), today) for n in range(count)]

    assert whole is not None
    told = [part for part in reversed(parts) if part is not None]
    assert (told[0][0], told[-1][1]) == whole
    assert all(later[0] - earlier[1] == timedelta(days=1) for earlier, later in pairwise(told))


@given(st.integers(1, 60), DAYS)
def test_months_have_between_28_and_31_days_each(months, today):
    found = metric_windows.days_of(metric({"months": months}), today)

    assert found is not None
    first, last = found
    assert last == today
    assert 28 * months <= (last - first).days + 1 <= 31 * months


@given(
    st.sampled_from([{"days": 9}, {"months": 3}, *({"calendar": one, "back": 1, "count": 2} for one in PERIODS)]), DAYS
)
def test_what_is_loaded_reaches_as_far_back_as_any_window(over, today):
    reach = metric_windows.first_day(metric(over), today)

    for closing in (False, True):
        found = metric_windows.days_of(metric(over), today, closing=closing)
        assert found is not None
        assert reach <= found[0]


@pytest.mark.parametrize(
    ("period", "had", "today", "count"),
    [
        ("month", ["2026-01-31", "2026-02-01", "2026-03-31"], "2026-03-31", 3),
        ("month", ["2026-01-31", "2026-02-01"], "2026-03-31", 2),  # March may still come.
        ("month", ["2026-01-31", "2026-02-01"], "2026-04-01", 0),
        ("month", ["2025-12-31", "2026-02-01"], "2026-02-28", 1),
        ("week", ["2026-12-28", "2027-01-04"], "2027-01-10", 2),
        ("week", ["2026-12-27", "2027-01-04"], "2027-01-10", 1),
        ("day", ["2024-02-28", "2024-02-29", "2024-03-01"], "2024-03-02", 3),
        ("quarter", ["2025-12-31", "2026-01-01"], "2026-06-30", 2),
        ("year", ["2025-06-01"], "2026-12-31", 1),
        ("day", [], "2026-01-01", 0),
    ],
)
def test_a_streak_counts_back_from_now(period, had, today, count):
    assert metric_windows.streak(period, {date.fromisoformat(day) for day in had}, date.fromisoformat(today)) == count


def test_a_streak_looks_back_no_further_than_it_counts():
    own = metric(streak={"of": "orders", "period": "month", "most": 3})

    assert metric_windows.days_of(own, date(2026, 3, 31)) == (date(2026, 1, 1), date(2026, 3, 31))


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-03-29T00:59:59+00:00", date(2026, 3, 29)),
        ("2026-10-24T22:59:59+00:00", date(2026, 10, 24)),  # Summer time: an hour before midnight there.
        ("2026-10-24T23:00:00+00:00", date(2026, 10, 25)),
        ("2026-10-25T23:59:59+00:00", date(2026, 10, 25)),  # The clocks went back that night: 25 hours.
        ("2026-10-26T00:00:00+00:00", date(2026, 10, 26)),
    ],
)
def test_days_are_those_of_the_zone_whatever_its_clocks_do(at, day):
    assert calendar.business_date(datetime.fromisoformat(at).astimezone(UTC), ZoneInfo("Europe/London")) == day
