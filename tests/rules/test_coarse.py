"""What a decision keeps of an age: a class, in which every question of the documents is answered as for the figure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import coarse
from rules.conditions import holds
from tests.rules.lab import asks, earns, lab

ASKED = (
    ("less_than", 18),
    ("greater_than_or_equal_to", "65"),
    ("equal_to", 30),
    ("between", [40, 49]),
    ("not_equal_to", 21),
)


def ruleset(*asked):
    return lab(*(earns(1, conditions=asks("member_age", operator, value)) for operator, value in asked))


@given(age=st.integers(0, 150))
def test_every_question_is_answered_alike(age):
    kept = coarse.kept(RULES, "member_age", age)

    assert len(RULES.rules) >= len(ASKED)
    for rule in RULES.rules.values():
        assert holds(rule.condition, {"member_age": kept}) == holds(rule.condition, {"member_age": age})
    assert coarse.kept(RULES, "member_age", kept) == kept


def test_ages_that_nobody_tells_apart_are_kept_as_one():
    kept = {coarse.kept(RULES, "member_age", age) for age in range(151)}

    assert sorted(kept) == [0, 18, 19, 21, 22, 30, 31, 40, 41, 49, 50, 65, 66]


@pytest.mark.parametrize("days", [7, 77])
def test_days_that_nobody_asks_for_are_not_kept(days):
    assert coarse.kept(RULES, "member_birthday_in_days", days) == 0


def test_what_is_unknown_stays_unknown_and_other_facts_stay_as_they_are():
    assert coarse.kept(RULES, "member_age", None) is None
    assert coarse.kept(RULES, "orders_count", 7) == 7


RULES = ruleset(*ASKED)
