"""One form of JSON and one form of time."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import codec

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=ZONES)  # noqa: DTZ001 - zones are drawn
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
FRACTIONS = st.decimals(allow_nan=False, allow_infinity=False, places=4)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18) + 1, 2**63 - 1) | FRACTIONS | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=20,
)


def test_canonical_json_is_sorted_and_as_short_as_can_be():
    value = {"名": "常青", "b": [1, True, None, ("x",)], "a": {"z": Decimal("0.10"), "c": '\u001f"/\\\u2028'}}

    assert codec.canonical(value) == '{"a":{"c":"\\u001f\\"/\\\\\u2028","z":0.10},"b":[1,true,null,["x"]],"名":"常青"}'


@given(JSON)
def test_what_is_written_is_read_again_and_written_the_same(value):
    text = codec.canonical(value)

    assert codec.parse(text) == value
    assert codec.canonical(codec.parse(text)) == text


def test_a_fraction_is_exact_and_stays_as_it_was_written():
    assert codec.parse("[0.1, 1.250, 1e2]") == [Decimal("0.1"), Decimal("1.25"), Decimal(100)]
    assert codec.canonical(codec.parse("[0.1, 1.250, 1e2]")) == "[0.1,1.250,100]"


@pytest.mark.parametrize(
    "text",
    ["NaN", "[Infinity]", "-Infinity", "{", "", "[1,]", "{'a': 1}", "1" * 20, "[" * 100_000, b"\xff", '"\x01"'],
    ids=lambda text: repr(text[:12]),
)
def test_what_is_not_json_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - the words are the parser's
        codec.parse(text)


@pytest.mark.parametrize("value", [datetime(2026, 1, 1, tzinfo=UTC), {1, 2}, object(), {1: 2}, Decimal("NaN"), 2**64])
def test_what_json_cannot_say_is_not_written(value):
    with pytest.raises(TypeError):
        codec.canonical(value)


@given(INSTANTS, INSTANTS)
def test_texts_of_instants_sort_as_instants_do(one, other):
    assert (codec.instant_text(one) < codec.instant_text(other)) == (one < other)
    assert len(codec.instant_text(one)) == 32


@given(INSTANTS)
def test_an_instant_comes_back_in_utc(moment):
    back = codec.instant(codec.instant_text(moment))

    assert back == moment
    assert back.tzinfo is UTC


@given(st.dates(), st.dates())
def test_texts_of_days_sort_as_days_do(one, other):
    assert (codec.day_text(one) < codec.day_text(other)) == (one < other)
    assert codec.day(codec.day_text(one)) == one


def test_an_instant_looks_like_this():
    moment = datetime(2026, 11, 21, 9, 30, tzinfo=timezone(timedelta(hours=8)))

    assert codec.instant_text(moment) == "2026-11-21 01:30:00.000000+00:00"
    assert codec.day_text(date(2026, 11, 1)) == "2026-11-01"


def test_a_time_without_a_zone_is_no_instant():
    with pytest.raises(ValueError, match="without a zone"):
        codec.utc(datetime(2026, 11, 21))  # noqa: DTZ001 - the very thing
