"""Whether a condition can hold: held against random facts, and exact where a figure makes the difference."""

from itertools import pairwise

import pytest
from hypothesis import given, settings

from rules.conditions import holds
from rules.satisfy import Bound, Question
from tests.rules.documents import CATALOGUE, conditions, facts, typed
from tests.rules.lab import asks

PLAIN = Question()


def possible(name, value):
    """What is drawn, within the range that the variable really has."""
    variable = CATALOGUE.variables[name]
    amounts = variable.type == "money" and variable.group in {"order", "line"}  # The door takes none below nothing.
    if value is None or not (variable.type == "number" or amounts):
        return value
    raised = max(value, variable.least or 0)
    return raised if variable.most is None else min(raised, variable.most)


@settings(max_examples=200, deadline=None)
@given(conditions, facts)
def test_what_holds_is_never_called_impossible_and_what_does_not_never_certain(raw, scene):
    condition, scene = typed(raw), {name: possible(name, value) for name, value in scene.items()}

    if holds(condition, scene):
        assert not PLAIN.never(condition)
    elif "lost" not in scene.values():  # A level that its ladder lost is nobody's intention.
        assert not PLAIN.always(condition)


@pytest.mark.parametrize(
    ("parts", "possible"),
    [
        ((("order_paid", "greater_than", "5.00"), ("order_paid", "less_than", "5.01")), False),
        ((("order_paid", "greater_than", "5.00"), ("order_paid", "less_than", "5.02")), True),
        ((("order_paid", "less_than", "0.00"),), False),
        ((("orders_count", "greater_than", 5), ("orders_count", "less_than", 6)), False),
        ((("hour", "greater_than", 23),), False),
        ((("member_tier", "at_least", "gold"), ("member_tier", "at_most", "silver")), False),
        ((("member_tier", "at_least", "silver"), ("member_tier", "not_equal_to", "gold")), True),
        ((("order_skus", "contains_all", ["a", "b"]), ("order_skus", "contains_none", ["a"])), False),
        ((("order_skus", "contains_any", ["a", "b"]), ("order_skus", "contains_none", ["a"])), True),
        ((("order_store", "starts_with", "ab"), ("order_store", "one_of", ["b", "ba"])), False),
        ((("order_store", "starts_with", "ab"), ("order_store", "ends_with", "ba")), True),
        ((("order_is_first", "is_true"), ("order_is_first", "is_false")), False),
        ((("days_since_order", "is_not_set"), ("days_since_order", "less_than", 3)), False),
        ((("today", "before", "0001-01-01"),), False),
        ((("weekday", "one_of", ["sat"]), ("weekday", "none_of", ["sat", "sun"])), False),
        ((("order_coupon", "is_set"), ("order_coupon", "equal_to", "A")), True),
    ],
)
def test_figures_next_to_one_another_are_told_apart(parts, possible):
    assert PLAIN.possible(typed({"all": [asks(*part) for part in parts]})) is possible


def test_the_unknown_counts_where_a_variable_may_be_unknown():
    halves = [asks("days_since_order", "less_than", 5), asks("days_since_order", "greater_than_or_equal_to", 5)]

    assert not PLAIN.always(typed({"any": halves}))
    assert PLAIN.always(typed({"any": [*halves, asks("days_since_order", "is_not_set")]}))


def test_what_is_known_besides_narrows_it():
    weekend = Question({"weekday": Bound({"sat", "sun"}.__contains__)})

    assert weekend.never(typed(asks("weekday", "equal_to", "mon")))
    assert weekend.always(typed(asks("weekday", "one_of", ["sat", "sun"])))
    assert PLAIN.possible(typed(asks("weekday", "equal_to", "mon"))) is True


def test_one_condition_implies_another_only_if_it_leaves_nothing_over():
    wide, narrow = (typed(asks("order_paid", "greater_than", amount)) for amount in ("10.00", "20.00"))

    assert PLAIN.implies(narrow, wide)
    assert not PLAIN.implies(wide, narrow)
    assert PLAIN.implies(narrow, None)
    assert not PLAIN.implies(None, narrow)


def test_too_much_to_try_is_perhaps_and_comes_soon():
    names = ("order_paid", "order_total", "order_net", "order_tax", "order_shipping", "order_discount")
    asked = [asks(name, "between", [f"{n}.00", f"{n}.50"]) for n in range(8) for name in names]
    pairs = [{"not": {"all": [one, two]}} for one, two in pairwise(asked)]

    assert PLAIN.possible(typed({"all": [*pairs, {"not": {"all": asked}}]})) is not False
    assert PLAIN.possible(typed(asks("order_skus", "contains_any", [f"sku{n}" for n in range(40)]))) is None
