"""Days in the programme's zone: expiry, pending, periods and windows, to the instant."""

import json
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import calendar, ends, window
from rules.expiry import Expiry, Pending
from rules.parts import PERIODS, Span
from rules.window import Window

SHANGHAI, NEW_YORK, UTC_ZONE = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York"), ZoneInfo("UTC")


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("rule", "earned", "gone"),
    [
        ({"after": {"years": 1}}, "2026-11-21T04:00:00Z", "2027-11-21T04:00:00Z"),
        ({"after": {"years": 1}}, "2024-02-29T04:00:00Z", "2025-02-28T04:00:00Z"),
        ({"after": {"months": 18}}, "2018-01-15T00:00:00Z", "2019-07-15T00:00:00Z"),
        ({"after": {"months": 1}}, "2026-01-31T04:00:00Z", "2026-02-28T04:00:00Z"),
        ({"after": {"days": 180}}, "2026-01-01T00:00:00Z", "2026-06-30T00:00:00Z"),
        ({"first_of_month_after": 7}, "2020-12-15T00:00:00Z", "2021-06-30T16:00:00Z"),
        ({"first_of_month_after": 7}, "2020-12-31T16:00:00Z", "2021-07-31T16:00:00Z"),
        ({"never": True}, "2026-11-21T04:00:00Z", None),
    ],
)
def test_points_live_up_to_their_expiry_instant(rule, earned, gone):
    found = ends.fixed(Expiry.model_validate(rule), instant(earned), SHANGHAI)

    assert found == (None if gone is None else instant(gone))


def test_a_month_of_points_dies_at_one_instant():
    rule = Expiry.model_validate({"first_of_month_after": 7})
    found = {ends.fixed(rule, instant(f"1997-01-{day:02d}T12:00:00Z"), UTC_ZONE) for day in range(1, 32)}

    assert found == {instant("1997-08-01T00:00:00Z")}


def test_a_day_is_a_day_when_the_clocks_change():
    later = calendar.later(instant("2026-03-07T17:00:00Z"), Span(days=1), NEW_YORK)

    assert later == instant("2026-03-08T16:00:00Z")  # Noon to noon, 23 hours.


def test_pending_is_counted_in_days_or_left_open():
    at = instant("2026-11-21T04:00:00Z")

    assert ends.available_at(None, at, SHANGHAI) == at
    assert ends.available_at(Pending(days=0), at, SHANGHAI) == at
    assert ends.available_at(Pending(days=7), at, SHANGHAI) == instant("2026-11-28T04:00:00Z")
    assert ends.available_at(Pending(open=True), at, SHANGHAI) is None


@pytest.mark.parametrize(
    ("period", "key", "next_start"),
    [
        ("day", "2027-01-01", "2027-01-01T16:00:00Z"),
        ("week", "2026-W53", "2027-01-03T16:00:00Z"),
        ("month", "2027-01", "2027-01-31T16:00:00Z"),
        ("quarter", "2027-Q1", "2027-03-31T16:00:00Z"),
        ("year", "2027", "2027-12-31T16:00:00Z"),
    ],
)
def test_periods_begin_by_the_programmes_own_midnight(period, key, next_start):
    at = instant("2026-12-31T16:30:00Z")  # Half past midnight on New Year's Day in Shanghai.

    assert calendar.period_key(period, at, SHANGHAI) == key
    assert calendar.next_period_start(period, at, SHANGHAI) == instant(next_start)


def test_for_ever_is_one_period():
    assert calendar.period_key("ever", instant("2026-12-31T16:30:00Z"), SHANGHAI) == ""


instants = st.datetimes(datetime(1996, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 — hypothesis adds the zone.


@given(instants, st.sampled_from(PERIODS), st.sampled_from([SHANGHAI, NEW_YORK, UTC_ZONE]))
def test_a_period_ends_where_its_key_changes(at, period, zone):
    end = calendar.next_period_start(period, at, zone)

    assert at < end
    before = datetime.fromtimestamp(end.timestamp() - 1, UTC)
    assert calendar.period_key(period, before, zone) == calendar.period_key(period, at, zone)
    assert calendar.period_key(period, end, zone) != calendar.period_key(period, at, zone)


def test_the_clock_on_the_programmes_wall():
    assert calendar.time_facts(instant("2026-11-20T16:30:00Z"), SHANGHAI) == {
        "today": date(2026, 11, 21),
        "weekday": "sat",
        "hour": 0,
        "time_of_day": time(0, 30),
        "day_of_month": 21,
        "month": 11,
        "quarter": 4,
    }


@pytest.mark.parametrize(
    ("valid", "inside", "outside"),
    [
        ({"from": "2026-11-01"}, "2026-10-31T16:00:00Z", "2026-10-31T15:59:59Z"),
        ({"until": "2026-11-30"}, "2026-11-30T15:59:59Z", "2026-11-30T16:00:00Z"),
        ({"until": "2026-11-30T20:00"}, "2026-11-30T11:59:59Z", "2026-11-30T12:00:00Z"),
        ({"until": "2026-11-30T20:00:00+00:00"}, "2026-11-30T19:59:59Z", "2026-11-30T20:00:00Z"),
        ({"weekdays": ["sat", "sun"]}, "2026-11-20T16:00:00Z", "2026-11-20T15:59:59Z"),
        ({"hours": {"from": "10:00", "until": "14:00"}}, "2026-11-21T02:00:00Z", "2026-11-21T06:00:00Z"),
        ({"hours": {"from": "22:00", "until": "02:00"}}, "2026-11-21T17:59:00Z", "2026-11-21T18:00:00Z"),
        ({"hours": {"from": "22:00", "until": "24:00"}}, "2026-11-21T15:59:00Z", "2026-11-21T16:00:00Z"),
    ],
)
def test_a_window_opens_and_closes_by_the_programmes_zone(valid, inside, outside):
    own = Window.model_validate_json(json.dumps(valid))

    assert window.unmet(own, instant(inside), SHANGHAI) is None
    assert window.unmet(own, instant(outside), SHANGHAI) is not None


def test_no_window_is_always():
    assert window.unmet(None, instant("2026-11-21T04:00:00Z"), SHANGHAI) is None
