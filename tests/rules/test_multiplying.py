"""Multipliers: the surplus over what amounts earned, rounded once on the product, with the base's dates."""

import pytest

from tests.rules.lab import BY_LINE, asks, because, decided, earned, earns, lab, lots, multiplies, parts, rates

BEST = {"group": "multipliers", "mode": "best"}


@pytest.mark.parametrize(
    ("factor", "paid", "surplus"),
    [
        ("2", 30000, 300),
        ("1.5", 30000, 150),
        ("2", 33399, 334),
        ("1.5", 33399, 167),
        ("1.25", 10000, 25),
        ("1.1", 500, 0),
    ],
)
def test_the_surplus_is_the_rounded_product_less_the_rounded_base(factor, paid, surplus):
    verdict = decided(lab(base=rates(), double=multiplies(factor)), order_paid=paid)

    assert earned(verdict).get("double", 0) == surplus
    assert sum(earned(verdict).values()) == int(paid * float(factor) // 100)


def test_the_surplus_has_the_dates_of_what_it_multiplies():
    verdict = decided(lab(base=rates(pending={"days": 3}), double=multiplies("2")), order_paid=10000)

    first, second = lots(verdict)
    assert (first.available_at, first.expires_at) == (second.available_at, second.expires_at)


def test_fixed_bonuses_are_not_multiplied():
    assert earned(decided(lab(gift=earns(50), double=multiplies("2")))) == {"gift": 50}


def test_only_its_own_wallet_is_multiplied():
    rules = lab(base=rates(), growth=rates(wallet="growth"), double=multiplies("2", wallet="growth"))

    assert earned(decided(rules, order_paid=100)) == {"base": 1, "growth": 1, "double": 1}


def test_without_points_by_amount_a_multiplier_comes_to_nothing():
    verdict = decided(lab(double=multiplies("2")), order_paid=10000)

    assert (verdict.effects, verdict.outcomes) == ((), ())


def test_additive_multipliers_each_work_on_the_base():
    rules = lab(base=rates(), half=multiplies("1.5"), double=multiplies("2"))

    assert earned(decided(rules, order_paid=10000)) == {"base": 100, "half": 50, "double": 100}


def test_of_a_group_by_best_the_higher_factor_counts():
    rules = lab(base=rates(), half=multiplies("1.5", stacking=BEST), double=multiplies("2", stacking=BEST))

    verdict = decided(rules, order_paid=10000)

    assert earned(verdict) == {"base": 100, "double": 100}
    assert because(verdict)["half"] == "stacking:best"


def test_several_rates_are_all_multiplied():
    rules = lab(a=rates(), b=rates(points="2"), double=multiplies("2"))

    assert earned(decided(rules, order_paid=10000)) == {"a": 100, "b": 200, "double": 300}


def test_what_a_cap_has_cut_is_not_multiplied():
    rules = lab(base=rates(limits={"points_per_member": 40}), double=multiplies("2"))

    assert earned(decided(rules, order_paid=10000)) == {"base": 40, "double": 40}


def test_a_multiplier_by_line_works_on_the_lines_that_match():
    tea = multiplies("3", scope="line", conditions=asks("line_category", "equal_to", "tea"))
    lines = [{"line_category": "tea", "line_amount": 1000}, {"line_category": "mug", "line_amount": 5000}]

    verdict = decided(lab(base=rates(**BY_LINE), tea=tea), lines=lines)

    assert [(lot.policy, lot.line, lot.points) for lot in lots(verdict)] == [
        ("earn/base", 0, 10), ("earn/base", 1, 50), ("earn/tea", 0, 20),
    ]  # fmt: skip


def test_a_multiplier_by_line_leaves_points_of_the_whole_order_alone():
    tea = multiplies("3", scope="line", conditions=asks("line_category", "equal_to", "tea"))

    assert earned(decided(lab(base=rates(), tea=tea), order_paid=900, lines=[{"line_category": "tea"}])) == {"base": 9}


def test_the_surplus_on_lines_names_its_lines_and_adds_up():
    lines = [{"line_amount": 55}, {"line_amount": 55}, {"line_amount": 55}]

    verdict = decided(lab(base=rates(base="line_amount"), double=multiplies("2")), lines=lines)

    assert sum(earned(verdict).values()) == 3
    assert all(points > 0 and line is not None for line, points in parts(verdict))
