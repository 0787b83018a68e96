"""Tables, steps, units and rates against the same sums done another way, for whatever an event brings."""

from decimal import Decimal
from fractions import Fraction
from math import floor

from hypothesis import given
from hypothesis import strategies as st

from rules.actions import EarnStep
from rules.earning import STEPPED
from tests.rules import lab as labs
from tests.rules.lab import FEW, asks, decided, lab, policy

CENTS = st.integers(0, 60_000)
STEPS = st.lists(
    st.tuples(st.integers(1, 40_000), st.integers(0, 90), st.integers(1, 5_000)), min_size=1, max_size=5,
    unique_by=lambda step: step[0],
).map(sorted)  # fmt: skip


def earned(verdict):
    return sum(labs.earned(verdict).values())


def money(minor):
    return f"{Decimal(minor) / 100:.2f}"


def steps_of(steps, *, rated):
    return [
        {"from": money(start), "points": points} | ({"per": money(per)} if rated else {})
        for start, points, per in steps
    ]


def by_steps(mode, steps, amount, **more):
    rated = mode in ("rate", "slices")
    params = {"of": "order_paid", "mode": mode, "steps": steps_of(steps, rated=rated), **more}
    return earned(decided(lab(policy(("earn_points_by_steps", params))), order_paid=amount))


def cent_by_cent(steps, amount):
    """What each cent earns at the rate of the slice it lies in."""
    total = Fraction(0)
    for index, (start, points, per) in enumerate(steps):
        end = steps[index + 1][0] if index + 1 < len(steps) else amount
        total += sum(Fraction(points, per) for cent in range(start, min(end, amount)))
    return total


@FEW
@given(STEPS, CENTS)
def test_an_award_is_that_of_the_last_step_passed(steps, amount):
    passed = [points for start, points, _ in steps if start <= amount]

    assert by_steps("award", steps, amount) == (passed[-1] if passed else 0)


@FEW
@given(STEPS, CENTS)
def test_full_steps_are_counted_down_from_the_highest(steps, amount):
    total, left = 0, amount
    for start, points, _ in reversed(steps):
        while left >= start:
            left, total = left - start, total + points

    assert by_steps("repeat", steps, amount) == total


@FEW
@given(STEPS, CENTS)
def test_the_whole_amount_earns_at_the_rate_it_reaches(steps, amount):
    passed = [Fraction(points, per) for start, points, per in steps if start <= amount]

    assert by_steps("rate", steps, amount) == floor(passed[-1] * amount if passed else 0)


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 9), st.integers(1, 7)), min_size=1, max_size=4,
                unique_by=lambda step: step[0]).map(sorted), st.integers(0, 300))  # fmt: skip
def test_each_slice_earns_at_its_own_rate(steps, amount):
    typed = [EarnStep(start=Decimal(s), points=Decimal(p), per=Decimal(q)) for s, p, q in steps]

    assert STEPPED["slices"](typed, Fraction(amount)) == cent_by_cent(steps, amount)


@FEW
@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 9_999), st.integers(1, 9)), max_size=5),
       st.sampled_from(["floor_order", "floor_line"]), st.sampled_from([None, 40]))  # fmt: skip
def test_a_table_by_line_is_the_sum_of_its_lines(lines, rounding, cap):
    table = {"A": "2", "B": "0.3"}
    params = {"by": "line_sku", "table": table, "otherwise": "0.1", "per": "1.00", "base": "line_amount"}
    params |= {"rounding": rounding} | ({} if cap is None else {"cap": cap})
    rows = [{"line_sku": sku, "line_amount": amount, "line_quantity": n} for sku, amount, n in lines]
    exact = [Fraction(table.get(sku, "0.1")) * amount / 100 for sku, amount, _ in lines]

    found = earned(decided(lab(policy(("earn_points_by_table", params))), lines=rows))

    whole = sum(floor(part) for part in exact) if rounding == "floor_line" else floor(sum(exact))
    assert found == (whole if cap is None else min(whole, cap))


@FEW
@given(CENTS, st.lists(st.integers(0, 9_999), min_size=1, max_size=5))
def test_shares_of_the_net_amount_earn_what_the_net_amount_earns(net, amounts):
    params = {"points": 1, "per": "0.70", "base": "line_net", "rounding": "floor_order"}
    rows = [{"line_sku": "A", "line_amount": amount, "line_quantity": 1} for amount in amounts]

    found = earned(decided(lab(policy(("earn_points_per_amount", params))), lines=rows, order_net=net))

    assert found == (floor(Fraction(net, 70)) if any(amounts) else 0)


def test_a_minimum_is_of_the_whole_and_a_cap_bounds_what_is_multiplied():
    rate = {"points": 1, "per": "1.00", "base": "line_amount", "minimum": "100.00", "cap": 150}
    doubled = policy(("multiply_points", {"factor": "2"}))
    rules = lab(rate=policy(("earn_points_per_amount", rate)), doubled=doubled)

    def by_lines(*amounts):
        return earned(decided(rules, lines=[{"line_amount": amount, "line_sku": "A"} for amount in amounts]))

    assert (by_lines(5_000, 4_999), by_lines(5_000, 5_000), by_lines(20_000, 10_000)) == (0, 200, 300)


def test_a_factor_by_tier_and_one_by_line():
    rate = policy(("earn_points_per_amount", {"points": 1, "per": "1.00", "base": "line_amount"}))
    by_tier = policy(("multiply_points", {"by": "member_tier", "table": {"silver": "1.25", "gold": "1.5"}}))
    by_sku = policy(("multiply_points", {"by": "line_sku", "table": {"A": "3"}}))
    lines = [{"line_amount": 1_000, "line_sku": "A"}, {"line_amount": 1_000, "line_sku": "B"}]

    tiers = [
        earned(decided(lab(rate, by_tier), lines=lines, member_tier=tier)) for tier in ("normal", "silver", "gold")
    ]

    assert tiers == [20, 25, 30]
    assert earned(decided(lab(rate, by_sku), lines=lines)) == 40


def test_units_are_counted_and_the_unknown_earns_nothing():
    pieces = policy(("earn_points_per_unit", {"points": 5, "per": 2}))
    assert [earned(decided(lab(pieces), order_quantity=n)) for n in (0, 1, 2, 5, None)] == [0, 2, 5, 12, 0]


def test_a_set_takes_the_best_row_and_the_programme_says_how_to_round():
    table = {"by": "order_tags", "table": {"new": "2", "sale": "0.5"}, "per": "1.00"}
    rules = lab(policy(("earn_points_by_table", table)))

    def tagged(*tags):
        return earned(decided(rules, order_tags=tags, order_paid=999))

    assert (tagged("new", "sale"), tagged("sale"), tagged()) == (19, 4, 0)


def test_a_policy_by_line_earns_on_the_line_unless_it_says_otherwise():
    params = {"points": 1, "per": "1.00"}
    only = policy(("earn_points_per_amount", params), scope="line", conditions=asks("line_sku", "equal_to", "A"))
    lines = [{"line_amount": 1_000, "line_sku": "A"}, {"line_amount": 5_000, "line_sku": "B"}]

    assert earned(decided(lab(only), lines=lines)) == 10
