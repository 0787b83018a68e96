"""Words for whatever the books can say: every reason an entry can have, every state, every benefit's why not."""

import re
from pathlib import Path

import pytest

from locales import LANGUAGES, texts
from loyalty.refusals import worded
from loyalty.statements import KINDS
from schema.points import EntryKind
from schema.problems import BadValue
from schema.scalars import read_date, read_datetime, read_decimal, read_points, write_datetime, write_decimal

LOYALTY = Path(__file__).resolve().parents[2] / "loyalty"


def test_every_reason_an_entry_can_have_has_a_kind_and_words():
    reasons = set(KINDS)
    for name in ("points", "settling", "handlers", "effects"):
        reasons |= set(re.findall(r"Why\(\s*\"([a-z_]+)\"", (LOYALTY / f"{name}.py").read_text(encoding="utf-8")))

    assert sorted(reasons - set(KINDS)) == []
    for lang in LANGUAGES:
        assert [reason for reason in sorted(reasons) if f"entry.{reason}" not in texts(lang)] == []
    assert {EntryKind(kind) for kind in KINDS.values()} | {EntryKind.OTHER} == set(EntryKind)


def test_every_why_not_has_words():
    codes = set(
        re.findall(r"code=\"([a-z_]+)\"|\"(too_few_points)\"", (LOYALTY / "outlook.py").read_text(encoding="utf-8"))
    )

    for lang in LANGUAGES:
        for code in {one or other for one, other in codes}:
            assert f"availability.{code}" in texts(lang)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("2026-11-02T10:00:00+08:00", "2026-11-02T02:00:00Z"),
        ("2026-11-02t02:00:00z", "2026-11-02T02:00:00Z"),
        ("2026-11-02T02:00:00.5Z", "2026-11-02T02:00:00.500000Z"),
        ("2026-11-01T23:59:59-05:30", "2026-11-02T05:29:59Z"),
    ],
)
def test_a_time_comes_in_with_its_offset_and_goes_out_in_utc(given, read):
    assert write_datetime(read_datetime(given)) == read


NO_TIMES = {
    "naive": "2026-11-02T10:00:00",
    "a blank": "2026-11-02 10:00:00Z",
    "no seconds": "2026-11-02T10:00Z",
    "seconds as text": "1762048800",
    "seconds": 1762048800,
    "nothing": None,
    "before all time": "0001-01-01T00:00:00+01:00",
    "a thirteenth month": "2026-13-01T00:00:00Z",
    "a 25th hour": "2026-11-02T25:00:00Z",
}


@pytest.mark.parametrize("given", NO_TIMES.values(), ids=NO_TIMES)
def test_what_is_no_time_is_refused(given):
    with pytest.raises(BadValue):
        read_datetime(given)


@pytest.mark.parametrize(
    "given",
    ["1e3", "1.", ".5", "+1", "01", "1,000", "NaN", "Infinity", "0x1", "١", 1, 1.5, True, None, "1.1234567"],
    ids=repr,
)
def test_what_is_no_decimal_is_refused(given):
    with pytest.raises(BadValue):
        read_decimal(given)


def test_decimals_never_have_an_exponent():
    assert [write_decimal(read_decimal(text)) for text in ("0.000001", "-12.50", "1000000000000000000")] == [
        "0.000001",
        "-12.50",
        "1000000000000000000",
    ]


@pytest.mark.parametrize("given", [1.0, "1", True, None, 2**53, -(2**53), [1]], ids=repr)
def test_what_is_no_number_of_points_is_refused(given):
    with pytest.raises(BadValue):
        read_points(given)


def test_points_go_up_to_the_edge():
    assert read_points(2**53 - 1) == 2**53 - 1


@pytest.mark.parametrize("given", ["2026-02-30", "20261102", "2026-11-02T00:00:00Z", 20261102, None], ids=repr)
def test_what_is_no_day_is_refused(given):
    with pytest.raises(BadValue):
        read_date(given)


@pytest.mark.parametrize(
    ("lang", "end"), [("en", "Name one that is declared: none."), ("zh-CN", "请使用已声明的属性：无。")]
)
def test_where_nothing_is_allowed_it_says_so(lang, end):
    said = worded("ATTRIBUTE_UNKNOWN", {"name": "skin", "allowed": []}, lang)

    assert said.endswith(end)
