"""Groups: additive, best, exclusive; and the laws they keep on any mixture of policies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.lab import FEW, asks, because, decided, earned, earns, lab, policy

MODES = ("additive", "best", "exclusive")


def stacked(points: int, mode: str, **more):
    return earns(points, stacking={"group": "g", "mode": mode}, **more)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("additive", {"a": 10, "b": 30, "c": 20}),
        ("best", {"b": 30}),
        ("exclusive", {"c": 20}),
    ],
)
def test_a_group_combines_as_its_mode_says(mode, expected):
    rules = lab(a=stacked(10, mode), b=stacked(30, mode), c=stacked(20, mode, priority=1))

    verdict = decided(rules)

    assert earned(verdict) == expected
    silent = {one.policy for one in verdict.outcomes if not one.fired}
    assert len(silent) == 3 - len(expected)
    assert {because(verdict)[name.removeprefix("earn/")] for name in silent} <= {f"stacking:{mode}"}


def test_among_equals_the_first_by_priority_then_path_counts():
    assert earned(decided(lab(a=stacked(10, "best"), b=stacked(10, "best")))) == {"a": 10}
    assert earned(decided(lab(a=stacked(10, "best"), b=stacked(10, "best", priority=1)))) == {"b": 10}


def test_a_policy_whose_conditions_fail_takes_no_place_in_its_group():
    first = stacked(10, "exclusive", priority=9, conditions=asks("order_is_first", "is_true"))

    assert earned(decided(lab(first=first, other=stacked(5, "exclusive")))) == {"other": 5}


def test_best_looks_at_what_limits_leave():
    capped = stacked(100, "best", limits={"points_per_member": 5})

    assert earned(decided(lab(capped=capped, free=stacked(10, "best")))) == {"free": 10}


def test_groups_do_not_touch_one_another_nor_those_without_a_group():
    rules = lab(
        a=stacked(10, "best"), b=stacked(20, "best"), alone=earns(1),
        other=earns(2, stacking={"group": "h", "mode": "exclusive"}),
    )  # fmt: skip

    assert earned(decided(rules)) == {"b": 20, "alone": 1, "other": 2}


def test_a_gift_counts_in_a_group_too():
    gift = policy(("issue_benefit", {"benefit": "pack"}), stacking={"group": "g", "mode": "exclusive"}, priority=3)

    verdict = decided(lab(gift=gift, points=stacked(10, "exclusive")))

    assert [effect.policy for effect in verdict.effects] == ["earn/gift"]


amounts = st.lists(st.tuples(st.integers(1, 1000), st.integers(-3, 3)), min_size=1, max_size=6)


@FEW
@given(amounts)
def test_best_gives_exactly_the_most_that_any_alone_would(members):
    rules = lab(*(stacked(points, "best", priority=priority) for points, priority in members))

    assert sum(earned(decided(rules)).values()) == max(points for points, _ in members)


@FEW
@given(amounts)
def test_additive_gives_the_sum_and_exclusive_the_first(members):
    total = sum(earned(decided(lab(*(stacked(p, "additive", priority=k) for p, k in members)))).values())
    first = earned(decided(lab(*(stacked(p, "exclusive", priority=k) for p, k in members))))

    assert total == sum(points for points, _ in members)
    index = min(range(len(members)), key=lambda i: (-members[i][1], f"p{i}"))
    assert first == {f"p{index}": members[index][0]}


@FEW
@given(amounts, st.sampled_from(MODES))
def test_every_policy_that_held_has_an_outcome(members, mode):
    verdict = decided(lab(*(stacked(points, mode, priority=priority) for points, priority in members)))

    assert {one.policy for one in verdict.outcomes} == {f"earn/p{index}" for index in range(len(members))}
    assert {one.policy for one in verdict.outcomes if one.fired} == {effect.policy for effect in verdict.effects}
