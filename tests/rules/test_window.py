"""Calendars, held against a walk over the days that asks each part in the plainest way there is."""

import calendar as plain
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import festivals, window
from rules.parts import LANGUAGES, WEEKDAYS
from rules.window import Window
from rules.window_words import window as words
from tests.rules.lab import because, decided, earns, lab

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST, LAST = date(2026, 1, 1), date(2029, 12, 31)
DAYS = st.dates(FIRST, LAST)
ENDS = st.integers(0, 365).map(lambda count: f"{date(2028, 1, 1) + timedelta(days=count):%m-%d}")
NAMES = sorted(festivals.table()["days"])
PARTS: dict[str, st.SearchStrategy[object]] = {
    "weekdays": st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=3),
    "dates": st.lists(DAYS.map(date.isoformat), min_size=1, max_size=5),
    "days_of_month": st.lists(st.integers(1, 31) | st.just("last"), min_size=1, max_size=4),
    "months": st.lists(st.integers(1, 12), min_size=1, max_size=4),
    "yearly": st.lists(st.fixed_dictionaries({"from": ENDS, "until": ENDS}), min_size=1, max_size=3),
    "nth_weekdays": st.lists(
        st.fixed_dictionaries({"nth": st.integers(1, 5) | st.just("last"), "weekday": st.sampled_from(WEEKDAYS)}),
        min_size=1,
        max_size=3,
    ),
    "festivals": st.lists(
        st.fixed_dictionaries(
            {"name": st.sampled_from(NAMES), "days_before": st.integers(0, 9), "days_after": st.integers(0, 9)}
        ),
        min_size=1,
        max_size=3,
    ),
    "except": st.lists(DAYS.map(date.isoformat), min_size=1, max_size=5),
}
WINDOWS = st.lists(st.sampled_from(sorted(PARTS)), min_size=1, max_size=3, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: PARTS[name] for name in names})
)


def of(document: object) -> Window:
    return Window.model_validate(document, strict=False)


def walked(part: str, asked: list[object], day: date) -> bool:
    """Whether a day is in one part, by walking: no formula of the code under test."""
    month = [date(day.year, day.month, n) for n in range(1, plain.monthrange(day.year, day.month)[1] + 1)]
    if part == "weekdays":
        return plain.day_name[day.weekday()][:3].lower() in asked
    if part in ("dates", "except"):
        return (day.isoformat() in asked) is (part == "dates")
    if part == "days_of_month":
        return any(day == month[-1] if one == "last" else day.day == one for one in asked)
    if part == "months":
        return day.month in asked
    if part == "nth_weekdays":
        return any(day in nth_of(month, one) for one in asked)
    if part == "festivals":
        return any(day in days_of(one) for one in asked)
    return any(day in seasons_of(one, day.year) for one in asked)


def nth_of(month: list[date], one: object) -> list[date]:
    assert isinstance(one, dict)
    found = [day for day in month if WEEKDAYS[day.weekday()] == one["weekday"]]
    return found[-1:] if one["nth"] == "last" else found[one["nth"] - 1 : one["nth"]]


def days_of(one: object) -> set[date]:
    assert isinstance(one, dict)
    held = [date.fromisoformat(day) for day in festivals.table()["days"][one["name"]]]
    return {day + timedelta(days=n) for day in held for n in range(-one["days_before"], one["days_after"] + 1)}


def seasons_of(one: object, year: int) -> set[date]:
    assert isinstance(one, dict)
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366 if plain.isleap(year) else 365)]
    if one["from"] <= one["until"]:
        return {day for day in days if one["from"] <= f"{day:%m-%d}" <= one["until"]}
    return {day for day in days if f"{day:%m-%d}" >= one["from"] or f"{day:%m-%d}" <= one["until"]}


@given(WINDOWS, st.lists(DAYS, min_size=1, max_size=40))
def test_a_calendar_is_what_a_walk_over_the_days_finds(document, days):
    valid = of(document)

    for day in days:
        wanted = all(walked(part, asked, day) for part, asked in document.items())
        noon = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
        part = window.unmet(valid, noon, SHANGHAI)
        assert (part is None) is wanted
        assert part is None if wanted else not walked(str(part), document[part], day)


def test_every_weekday_by_count_is_found_on_every_day_of_four_years():
    for nth in (1, 2, 3, 4, 5, "last"):
        for weekday in WEEKDAYS:
            valid = of({"nth_weekdays": [{"nth": nth, "weekday": weekday}]})
            asked: list[object] = [{"nth": nth, "weekday": weekday}]
            found = list(window.days(valid, FIRST, LAST))
            days = (FIRST + timedelta(days=count) for count in range((LAST - FIRST).days + 1))
            assert found == [day for day in days if walked("nth_weekdays", asked, day)]


@given(WINDOWS)
def test_every_calendar_is_said_in_both_languages_part_by_part(document):
    for lang in LANGUAGES:
        said = words(of(document), lang)
        assert len(said) == len(document)
        assert all(said)


@pytest.mark.parametrize(
    ("document", "inside", "outside"),
    [
        ({"days_of_month": ["last"]}, ["2028-02-29", "2026-02-28"], ["2028-02-28", "2026-03-30"]),
        ({"nth_weekdays": [{"nth": 2, "weekday": "tue"}]}, ["2026-11-10"], ["2026-11-03", "2026-11-17"]),
        ({"nth_weekdays": [{"nth": "last", "weekday": "fri"}]}, ["2026-11-27"], ["2026-11-20"]),
        ({"yearly": [{"from": "12-20", "until": "01-05"}]}, ["2026-12-20", "2027-01-05"], ["2026-12-19", "2027-01-06"]),
        ({"yearly": [{"from": "02-29", "until": "02-29"}]}, ["2028-02-29"], ["2027-02-28", "2027-03-01"]),
        (
            {"festivals": [{"name": "mid-autumn", "days_before": 3, "days_after": 1}]},
            ["2026-09-22", "2026-09-25", "2026-09-26"],
            ["2026-09-21", "2026-09-27"],
        ),
        ({"festivals": [{"name": "new-years-eve"}]}, ["2026-02-16"], ["2026-02-17"]),
        ({"festivals": [{"name": "spring-festival", "days_before": 60}]}, ["2025-12-19"], ["2025-12-18"]),
        ({"weekdays": ["sat"], "except": ["2026-11-21"]}, ["2026-11-28"], ["2026-11-21", "2026-11-22"]),
    ],
)
def test_days_that_are_known(document, inside, outside):
    valid = of(document)

    assert [day for day in inside if window.unmet_by_day(valid, date.fromisoformat(day))] == []
    assert [day for day in outside if not window.unmet_by_day(valid, date.fromisoformat(day))] == []


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("spring-festival", "2024-02-10"), ("spring-festival", "2033-01-31"), ("lantern", "2023-02-05"),
        ("qingming", "2024-04-04"), ("qingming", "2023-04-05"), ("dragon-boat", "2025-05-31"), ("qixi", "2025-08-29"),
        ("zhongyuan", "2025-09-06"), ("mid-autumn", "2025-10-06"), ("double-ninth", "2025-10-29"),
        ("winter-solstice", "2021-12-21"), ("laba", "2025-01-07"), ("little-new-year", "2025-01-22"),
        ("new-years-eve", "2025-01-28"),
    ],
)  # fmt: skip
def test_the_table_has_the_days_everybody_keeps(name, day):
    assert date.fromisoformat(day) in festivals.by_year(name)[int(day[:4])]


def test_the_table_is_whole_and_says_where_it_comes_from():
    first, last = festivals.years()
    table = festivals.table()

    assert (first, last) == (2015, 2050)
    assert table["source"]
    for name in NAMES:
        days = [date.fromisoformat(day) for day in table["days"][name]]
        assert days == sorted(days)
        assert all(350 <= (after - before).days <= 385 for before, after in pairwise(days))
        assert first <= days[0].year <= first + 1
        assert last - 1 <= days[-1].year <= last


def test_the_eve_is_the_day_before_and_a_fortnight_later_come_the_lanterns():
    for year in range(2015, 2051):
        (new_year,) = festivals.by_year("spring-festival")[year]
        assert festivals.by_year("new-years-eve")[year] == (new_year - timedelta(days=1),)
        assert festivals.by_year("lantern")[year] == (new_year + timedelta(days=14),)


def test_a_policy_outside_its_calendar_says_which_part_and_what_was_found():
    rules = lab(gift=earns(5, valid={"nth_weekdays": [{"nth": 2, "weekday": "sat"}]}))

    verdict = decided(rules)

    assert because(verdict) == {"gift": "window:nth_weekdays:2026-11-21T12:00"}
