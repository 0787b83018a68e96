"""Groups that look at limits and at one another: the first that gives anything, and factors that are multiplied."""

from fractions import Fraction
from math import floor, prod

from hypothesis import given
from hypothesis import strategies as st

from tests.rules.lab import FEW, Document, because, decided, earned, earns, lab, multiplies, rates


def grouped(mode: str) -> Document:
    return {"stacking": {"group": "g", "mode": mode}}


def test_first_takes_the_next_when_a_cap_is_used_up_and_exclusive_does_not():
    capped = {"limits": {"points_per_member": 100}}
    used = {("earn/a", "points_per_member", ""): 100}
    for mode, expected in (("first", {"b": 5}), ("exclusive", {})):
        rules = lab(a=earns(50, **grouped(mode), **capped), b=earns(5, **grouped(mode)), c=earns(7, **grouped(mode)))

        verdict = decided(rules, used=used)

        assert earned(verdict) == expected
        assert because(verdict)["c"] == f"stacking:{mode}"


def test_first_stays_with_a_policy_that_can_still_give_a_part():
    rules = lab(a=earns(50, limits={"points_per_member": 100}, **grouped("first")), b=earns(70, **grouped("first")))

    verdict = decided(rules, used={("earn/a", "points_per_member", ""): 99})

    assert earned(verdict) == {"a": 1}
    assert because(verdict) == {"a": "limit:points_per_member", "b": "stacking:first"}


def test_first_knows_that_a_budget_was_emptied_a_moment_ago_by_another_group():
    spends = {"limits": {"budget": "autumn"}}
    rules = lab(
        a=earns(1000, priority=9, **spends), b=earns(50, priority=8, **grouped("first"), **spends),
        c=earns(7, **grouped("first")),
    )  # fmt: skip

    verdict = decided(rules)

    assert earned(verdict) == {"a": 1000, "c": 7}
    assert because(verdict) == {"a": None, "b": "budget:autumn", "c": None}


def test_factors_of_a_group_multiply_one_another_a_posting_each():
    rules = lab(
        base=rates(), x=multiplies("2", priority=2, **grouped("multiply")),
        y=multiplies("1.5", priority=1, **grouped("multiply")),
    )  # fmt: skip

    # 100 × 2 × 1.5: 100, then 100 more, then half of 200.
    assert earned(decided(rules, order_paid=10_000)) == {"base": 100, "x": 100, "y": 100}


def test_a_share_that_rounds_to_nothing_still_counts_for_the_next_factor():
    rules = lab(
        base=rates(), x=multiplies("1.5", priority=2, **grouped("multiply")),
        y=multiplies("2", priority=1, **grouped("multiply")),
    )  # fmt: skip

    # ¥1.32: 1, × 1.5 is 1.98, × 2 is 3.96.
    assert earned(decided(rules, order_paid=132)) == {"base": 1, "y": 2}


def test_what_a_cap_has_cut_from_a_factor_is_not_multiplied_by_the_next():
    rules = lab(
        base=rates(), x=multiplies("2", priority=2, limits={"points_per_order": 10}, **grouped("multiply")),
        y=multiplies("3", priority=1, **grouped("multiply")),
    )  # fmt: skip

    verdict = decided(rules, order_paid=10_099)

    assert earned(verdict) == {"base": 100, "x": 10, "y": 220}
    assert because(verdict) == {"base": None, "x": "limit:points_per_order", "y": None}


def test_a_factor_outside_the_group_works_on_the_base_alone():
    rules = lab(
        base=rates(), x=multiplies("2", priority=2, **grouped("multiply")),
        y=multiplies("2", priority=1, **grouped("multiply")), z=multiplies("1.1"),
    )  # fmt: skip

    assert earned(decided(rules, order_paid=10_000)) == {"base": 100, "x": 100, "y": 200, "z": 10}


@FEW
@given(st.lists(st.decimals("1.01", "3", places=2).map(str), min_size=1, max_size=4), st.integers(100, 99_999))
def test_the_shares_of_a_product_add_up_to_it_rounded_once(factors, paid):
    policies = {
        f"x{number}": multiplies(factor, priority=-number, **grouped("multiply"))
        for number, factor in enumerate(factors)
    }

    total = sum(earned(decided(lab(base=rates(), **policies), order_paid=paid)).values())

    assert total == floor(Fraction(paid, 100) * prod(map(Fraction, factors)))
