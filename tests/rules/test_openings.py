"""The days of many policies at once: who is open is what each window says by itself."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from rules import tables
from rules.openings import is_open
from tests.rules.lab import FEW, Document, decided, earned, earns, lab

DAYS = st.dates(date(2026, 11, 18), date(2026, 11, 25))
MOMENTS = st.builds(
    lambda day, hour: datetime(day.year, day.month, day.day, hour, tzinfo=UTC).isoformat(), DAYS, st.integers(0, 23)
)


def window(start: str | None, length: int | None) -> Document:
    """From a day or a moment, and through so many days after it."""
    begins = {"from": start} if start else {}
    last = date.fromisoformat((start or "2026-11-20")[:10]) + timedelta(days=length or 0)
    return begins | ({"until": last.isoformat()} if length else {})


WINDOWS = st.builds(window, st.none() | DAYS.map(date.isoformat) | MOMENTS, st.sampled_from([None, 1, 3]))


@FEW
@given(st.lists(WINDOWS, min_size=1, max_size=6), st.lists(st.integers(0, 240), min_size=1, max_size=20))
def test_the_index_of_days_is_what_each_policy_says(windows, hours):
    rules = lab(*(earns(1, valid=own) for own in windows), line=earns(1, scope="line", valid=windows[0]))

    for hour in hours:
        at = datetime(2026, 11, 17, tzinfo=UTC) + timedelta(hours=hour)
        found = earned(decided(rules, at=at, lines=[{}]))
        zone = ZoneInfo("Asia/Shanghai")
        opened = {path.removeprefix("earn/") for path, rule in rules.rules.items() if is_open(rule, at, zone)}
        assert set(found) == opened


def test_a_day_named_as_the_last_is_in_and_a_moment_is_not():
    rules = lab(day=earns(1, valid={"until": "2026-11-21"}), moment=earns(1, valid={"until": "2026-11-21T16:00:00Z"}))
    midnight = datetime(2026, 11, 21, 16, tzinfo=UTC)

    assert earned(decided(rules, at=midnight - timedelta(microseconds=1))) == {"day": 1, "moment": 1}
    assert earned(decided(rules, at=midnight)) == {}


def test_policies_of_a_thousand_days_keep_few_masks(monkeypatch):
    monkeypatch.setattr(tables, "DENSE_MAX", 7)
    start = date(2026, 1, 1)
    days = [(start + timedelta(days=number)).isoformat() for number in range(120)]
    rules = lab(**{f"d{n}": earns(1, valid={"from": day, "until": day}) for n, day in enumerate(days)})

    for number, day in enumerate(days):
        noon = datetime.fromisoformat(f"{day}T04:00:00+00:00")
        assert earned(decided(rules, at=noon)) == {f"d{number}": 1}


def test_counters_are_those_of_policies_open_between_two_instants():
    caps = {"points_in_all": 10, "times_in_all": 2}
    rules = lab(
        early=earns(1, valid={"until": "2026-11-19"}, limits=caps),
        late=earns(1, valid={"from": "2026-11-23"}, limits=caps),
        ever=earns(1, limits={"times_in_all": 5}),
    )
    noon = datetime(2026, 11, 21, 4, tzinfo=UTC)
    shared = {"campaign:earn/ever:times", *(name for name in rules.counters if name.startswith("budget:"))}

    assert set(rules.counters_between(noon, noon)) == shared
    assert set(rules.counters_between(noon, noon + timedelta(days=2))) - shared == {
        "campaign:earn/late:points",
        "campaign:earn/late:times",
    }
