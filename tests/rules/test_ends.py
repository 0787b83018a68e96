"""When points become available and when they end, by every way a document can say it."""

import json
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import ends
from rules.expiry import Expiry, Pending

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(day: str, hour: int = 12) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour:02d}:00:00").replace(tzinfo=SHANGHAI).astimezone(UTC)


def end(rule: dict[str, Any], earned: str, tier: str = "normal") -> datetime | None:
    read = Expiry.model_validate_json(json.dumps(rule))
    return ends.of(read, at(earned), SHANGHAI, lambda _: tier).expires_at


@pytest.mark.parametrize(
    ("rule", "earned", "gone"),
    [
        ({"end_of": {"period": "month", "after": 12}}, "2021-03-05", "2022-04-01"),
        ({"end_of": {"period": "month", "after": 12}}, "2023-02-10", "2024-03-01"),
        ({"end_of": {"period": "month"}}, "2026-12-31", "2027-01-01"),
        ({"end_of": {"period": "quarter", "after": 1}}, "2026-05-20", "2026-10-01"),
        ({"end_of": {"period": "year", "after": 1}}, "2014-01-01", "2016-01-01"),
        ({"end_of": {"period": "year", "after": 1}}, "2025-12-31", "2027-01-01"),
        ({"on": "2026-12-31"}, "2026-05-01", "2027-01-01"),
        ({"yearly": {"month": 3, "day": 31}}, "2026-03-31", "2026-04-01"),
        ({"yearly": {"month": 3, "day": 31}}, "2026-04-01", "2027-04-01"),
        ({"yearly": {"month": 3, "day": 31, "after": 2}}, "2026-02-10", "2027-04-01"),
        ({"yearly": {"month": 2, "day": "last"}}, "2027-03-01", "2028-03-01"),
        ({"yearly": {"month": 2, "day": 29}}, "2026-01-01", "2026-03-01"),
        ({"first_of_month_after": 7}, "2020-12-15", "2021-07-01"),
    ],
)
def test_points_are_gone_with_the_first_instant_of_a_day(rule: dict[str, Any], earned: str, gone: str) -> None:
    assert end(rule, earned) == at(gone, 0)


def test_a_stretch_ends_at_the_same_hour() -> None:
    assert end({"inactive": {"after": {"months": 18}}}, "2018-01-15") == at("2019-07-15")
    assert end({"after": {"days": 180}}, "2026-01-01") == at("2026-06-30")
    assert end({"never": True}, "2026-01-01") is None


def test_a_tier_has_its_own_rule_and_everybody_else_the_other() -> None:
    rule = {"by_tier": {"levels": {"gold": {"never": True}}, "otherwise": {"after": {"years": 1}}}}

    assert end(rule, "2026-01-01", "gold") is None
    assert end(rule, "2026-01-01", "silver") == at("2027-01-01")


@given(st.integers(0, 24), st.dates(date(2015, 1, 1), date(2050, 1, 1)))
def test_the_end_of_a_period_is_never_before_its_points(after: int, day: date) -> None:
    earned = at(day.isoformat())
    for period in ("month", "quarter", "year"):
        gone = ends.fixed(Expiry.model_validate({"end_of": {"period": period, "after": after}}), earned, SHANGHAI)
        assert gone is not None
        assert gone > earned


def test_points_wait_for_months_or_for_the_first_of_one() -> None:
    assert ends.available_at(Pending(first_of_month_after=1), at("2022-08-31"), SHANGHAI) == at("2022-09-01", 0)
    assert ends.available_at(Pending(months=1), at("2026-01-31"), SHANGHAI) == at("2026-02-28")
