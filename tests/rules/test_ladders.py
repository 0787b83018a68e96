"""Standings: the highest standard that is met, how far a review takes down, what the next level asks for."""

import pytest

from rules import explain, telling
from rules.ladders import demoted, may_demote, standard_met
from tests.rules.lab import facts, lab

RULES = lab()


@pytest.mark.parametrize(("growth", "rank"), [(0, 0), (999, 0), (1000, 1), (4999, 1), (5000, 2), (10**9, 2)])
def test_the_highest_standard_that_is_met_counts(growth, rank):
    assert standard_met(RULES, "grade", {"growth_365d": growth, "days_since_order": None}) == rank


@pytest.mark.parametrize(
    ("orders", "spend", "rank"), [(1, 0, 0), (4, 0, 1), (0, 300_000, 1), (0, 299_999, 0), (3, 2_000_000, 2), (11, 0, 2)]
)
def test_of_two_ways_up_the_higher_counts(orders, spend, rank):
    assert standard_met(RULES, "layer", {"orders_365d": orders, "spend_365d": spend}) == rank


@pytest.mark.parametrize(("since", "may"), [(None, False), (89, False), (90, True), (400, True)])
def test_a_demotion_waits_for_its_condition(since, may):
    given = {"growth_365d": 0, "days_since_order": since}

    assert may_demote(RULES, "grade", given) is may
    assert demoted(RULES, "grade", 2, given) == (1 if may else 2)
    assert demoted(RULES, "grade", 1, given) == (0 if may else 1)
    assert demoted(RULES, "grade", 0, given) == 0


def test_a_demotion_to_what_is_met_goes_all_the_way():
    assert demoted(RULES, "layer", 2, {"orders_365d": 0, "spend_365d": 0}) == 0
    assert demoted(RULES, "layer", 2, {"orders_365d": 5, "spend_365d": 0}) == 1


def test_a_review_never_takes_below_the_standard_that_is_met():
    assert demoted(RULES, "grade", 2, {"growth_365d": 6000, "days_since_order": 400}) == 2


def test_a_review_can_lift_as_well():
    assert demoted(RULES, "layer", 0, {"orders_365d": 12, "spend_365d": 0}) == 2


def test_what_the_next_level_asks_for():
    gaps = explain.missing(RULES, "grade", 2, {"growth_365d": 1200})

    assert [(gap.variable, gap.has, gap.needs, gap.lacking, gap.any_of) for gap in gaps] == [
        ("growth_365d", 1200, 5000, 3800, None)
    ]
    assert telling.lacking(RULES.definitions, gaps[0], "en") == "3,800 growth missing: growth"


def test_of_alternatives_one_is_enough_and_they_say_so():
    gaps = explain.missing(RULES, "layer", 1, {"orders_365d": 3, "spend_365d": 280_050})

    assert [(gap.variable, gap.lacking, gap.any_of) for gap in gaps] == [
        ("orders_365d", 1, 1),
        ("spend_365d", 19_950, 1),
    ]
    assert [telling.lacking(RULES.definitions, gap, "zh-CN") for gap in gaps] == [
        "中orders lately还差1单",
        "中spend lately还差199.50元",
    ]


def test_nothing_is_missing_for_what_is_met():
    assert explain.missing(RULES, "layer", 1, {"orders_365d": 4, "spend_365d": 0}) == ()
    assert explain.missing(RULES, "layer", 0, {}) == ()


def test_ladders_say_what_they_read():
    assert RULES.ladder_needs.variables == {"growth_365d", "days_since_order", "orders_365d", "spend_365d"}
    assert RULES.ladder_needs.metrics == {"growth_365d", "orders_365d", "spend_365d"}


def test_a_benefit_is_there_for_whom_it_is_for():
    available = RULES.available

    assert available["coupon"](facts(RULES, member_tier="gold"))
    assert not available["coupon"](facts(RULES, member_tier="normal"))
    assert available["pack"](facts(RULES))
