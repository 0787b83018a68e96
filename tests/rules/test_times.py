"""Times of day and lengths of time: every operator, over midnight, and as they are read and written."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import calendar, durations, words
from rules.conditions import holds
from rules.index import function
from rules.operators import TYPES
from tests.rules.documents import CATALOGUE, typed
from tests.rules.lab import asks, lab

DEFINITIONS = lab().definitions


def asked(name, operator, value, found):
    """What the walk and the compiler both say."""
    condition = typed(asks(name, operator, value) if value is not None else asks(name, operator))
    compiled = bool(function([condition], "order.paid")({name: found}, {name: found}))
    assert compiled is holds(condition, {name: found})
    return compiled


@pytest.mark.parametrize(
    ("operator", "value", "yes", "no"),
    [
        ("equal_to", "09:30", ["09:30"], ["09:31", "21:30"]),
        ("before", "09:30", ["00:00", "09:29"], ["09:30", "23:59"]),
        ("on_or_before", "09:30", ["00:00", "09:30"], ["09:31"]),
        ("after", "21:00", ["21:01", "23:59"], ["21:00", "00:00"]),
        ("on_or_after", "21:00", ["21:00", "23:59"], ["20:59", "00:00"]),
        ("between", ["11:00", "14:00"], ["11:00", "12:30", "14:00"], ["10:59", "14:01", "00:00"]),
        ("between", ["22:00", "02:00"], ["22:00", "23:59", "00:00", "02:00"], ["02:01", "21:59", "12:00"]),
        ("between", ["00:00", "00:00"], ["00:00"], ["00:01", "23:59"]),
        ("is_set", None, ["00:00"], []),
        ("is_not_set", None, [], ["00:00"]),
    ],
)
def test_times_of_day(operator, value, yes, no):
    for text in yes:
        assert asked("time_of_day", operator, value, time.fromisoformat(text)) is True
    for text in no:
        assert asked("time_of_day", operator, value, time.fromisoformat(text)) is False


@pytest.mark.parametrize(
    ("operator", "value", "yes", "no"),
    [
        ("equal_to", "48h", ["2d", "48h", "2880m"], ["48h1m"]),
        ("not_equal_to", "2w", ["13d"], ["14d", "336h"]),
        ("less_than", "48h", ["47h59m", "0m"], ["48h", "2d"]),
        ("less_than_or_equal_to", "48h", ["2d"], ["2d1m"]),
        ("greater_than", "30d", ["30d1m"], ["30d"]),
        ("greater_than_or_equal_to", "30d", ["30d"], ["29d23h59m"]),
        ("between", ["1d", "2d"], ["24h", "2d"], ["23h59m", "2d1m"]),
        ("is_set", None, ["0m"], []),
        ("is_not_set", None, [], ["0m"]),
    ],
)
def test_lengths_of_time(operator, value, yes, no):
    for text in yes:
        assert asked("member_joined_ago", operator, value, durations.read(text)) is True
    for text in no:
        assert asked("member_joined_ago", operator, value, durations.read(text)) is False


def test_every_operator_of_the_new_types_is_asked_above():
    assert set(TYPES["time"].operators) == {
        "equal_to", "before", "on_or_before", "after", "on_or_after", "between", "is_set", "is_not_set",
    }  # fmt: skip
    assert set(TYPES["duration"].operators) == {
        "equal_to", "not_equal_to", "greater_than", "greater_than_or_equal_to", "less_than", "less_than_or_equal_to",
        "between", "is_set", "is_not_set",
    }  # fmt: skip


@given(st.timedeltas(timedelta(days=-99_999), timedelta(days=99_999)))
def test_what_is_written_of_a_length_of_time_reads_back(length):
    assert durations.read(durations.written(length)) == length


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("90m", 90), ("48h", 2880), ("30d", 43200), ("2w", 20160), ("1d12h", 2160), ("-2d", -2880), ("0m", 0)],
)
def test_lengths_of_time_are_read(text, minutes):
    assert durations.read(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "text",
    ["", "-", "90", "m", "90 m", "1.5h", "12h1d", "1d1d", "٣d", "9999999d", "P1D", " 1d", "1d\n", None, 91],
)
def test_what_is_no_length_of_time_is_none(text):
    assert durations.read(text) is None


@pytest.mark.parametrize("text", ["9:30", "24:00", "12:60", "12:30:00", "noon", "", None, 931, "12:30\n", "１２:30"])
def test_what_is_no_time_of_day_is_none(text):
    assert durations.read_clock(text) is None


@pytest.mark.parametrize(
    ("text", "en", "zh"),
    [
        ("48h", "2 days", "2天"),
        ("1d12h", "1 day 12 hours", "1天12小时"),
        ("90m", "1 hour 30 minutes", "1小时30分钟"),
        ("0m", "0 seconds", "0秒"),
        ("-2d", "2 days ahead", "2天之后"),
    ],
)
def test_lengths_of_time_are_said(text, en, zh):
    variable = CATALOGUE.variables["member_joined_ago"]
    said = [words.value(variable, durations.read(text), DEFINITIONS, lang) for lang in ("en", "zh-CN")]
    assert said == [en, zh]


def test_the_clock_on_the_wall_follows_the_zone_when_it_changes():
    london = ZoneInfo("Europe/London")
    before, after = datetime(2026, 3, 29, 0, 59, tzinfo=UTC), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)

    assert calendar.time_facts(before, london)["time_of_day"] == time(0, 59)
    assert calendar.time_facts(after, london)["time_of_day"] == time(2, 0)  # One o'clock never was.


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        ("2026-01-31", "2026-02-28", 1),
        ("2026-01-31", "2026-02-27", 0),
        ("2024-02-29", "2025-02-28", 12),
        ("2026-03-15", "2026-03-15", 0),
        ("2026-03-15", "2026-03-14", 0),
        ("2025-12-01", "2026-11-30", 11),
    ],
)
def test_whole_months_between_days(first, last, months):
    assert calendar.months_between(date.fromisoformat(first), date.fromisoformat(last)) == months
