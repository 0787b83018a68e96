"""Exact figures: what is read, how it is written, and shares that always add up."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import exact
from rules.earning import ROUNDERS, rounded, surpluses


@pytest.mark.parametrize(
    "text",
    [
        "1.",
        ".5",
        "01",
        "+1",
        "1e5",
        "1,000",
        " 1",
        "1 ",
        "",
        "NaN",
        "Infinity",
        "0x10",
        "١",
        "1.123456789",
        "9" * 16,
        "--1",
    ],
)
def test_what_is_no_exact_decimal_is_not_read(text):
    assert exact.read(text) is None


@pytest.mark.parametrize("value", [1.0, True, None, [], 10**12 + 1, Decimal(1), "1000000000002"])
def test_what_is_no_text_or_bounded_whole_number_is_not_read(value):
    assert exact.read(value) is None


@pytest.mark.parametrize(
    ("currency", "minor", "text"),
    [("CNY", 30000, "300.00"), ("JPY", 300, "300"), ("KWD", 1, "0.001"), ("CNY", -5, "-0.05")],
)
def test_money_has_its_currencys_decimals(currency, minor, text):
    scale = exact.currency_scale(currency)

    assert exact.text(minor, scale) == text
    assert exact.units(Decimal(text), scale) == minor


@given(st.integers(-(10**12), 10**12), st.integers(0, 4))
def test_what_is_written_is_read_again(units, scale):
    number = exact.read(exact.text(units, scale))

    assert number is not None or abs(units) > 10**12
    assert number is None or exact.units(number, scale) == units


@pytest.mark.parametrize(
    ("number", "text"), [("1.50", "1.5"), ("100", "100"), ("0.10", "0.1"), ("2.00", "2"), ("1E+2", "100")]
)
def test_a_plain_number_has_no_empty_decimals(number, text):
    assert exact.plain(Decimal(number)) == text


@pytest.mark.parametrize(
    ("number", "down", "half"),
    [("0.5", 0, 1), ("1.49", 1, 1), ("2.5", 2, 3), ("-0.5", -1, 0), ("7", 7, 7)],
)
def test_rounding_is_what_it_is_called(number, down, half):
    assert exact.floor(Fraction(number)) == down
    assert exact.half_up(Fraction(number)) == half


weights = st.lists(st.fractions(0, 1000, max_denominator=1000), max_size=8)


@given(st.integers(0, 10**9), weights)
def test_shares_add_up_and_none_is_below_zero(total, shares):
    parts = exact.split(total, shares)

    assert all(part >= 0 for part in parts)
    assert sum(parts) == (total if any(shares) else 0)
    assert all(part == 0 for part, share in zip(parts, shares, strict=True) if not share)


@given(weights, st.sampled_from(sorted(ROUNDERS)))
def test_lines_and_order_round_the_same_amounts_once(parts, name):
    by_order, by_line = rounded(parts, f"{name}_order"), rounded(parts, f"{name}_line")

    assert sum(by_order) == ROUNDERS[name](sum(parts, Fraction(0)))
    assert by_line == [ROUNDERS[name](part) for part in parts]


@given(
    weights,
    st.fractions(1, 5, max_denominator=100),
    st.sampled_from(["floor_order", "floor_line", "half_up_order", "half_up_line"]),
)
def test_base_and_surplus_are_the_rounded_product(parts, factor, rounding):
    surplus = surpluses(parts, [factor] * len(parts), rounding)

    product = [part * factor for part in parts]
    assert all(part >= 0 for part in surplus)
    assert sum(rounded(parts, rounding)) + sum(surplus) == sum(rounded(product, rounding))
