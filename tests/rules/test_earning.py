"""What policies earn: fixed, by amount, by line, into which wallet, from when and until when."""

from datetime import UTC, datetime
from typing import Any

import pytest

from rules.effects import EarnPoints, IssueBenefit, SendMessage
from rules.explain import stories
from rules.facts import Mistyped
from tests.rules.lab import (
    BY_LINE,
    NOON,
    Document,
    asks,
    decided,
    earned,
    earns,
    facts,
    lab,
    lots,
    parts,
    policy,
    rates,
    words,
)


def test_a_yuan_paid_is_a_point():
    verdict = decided(lab(base=rates()), order_paid=30000)

    assert verdict.effects == (
        EarnPoints(
            "earn/base",
            "points",
            300,
            None,
            datetime(2026, 11, 28, 4, tzinfo=UTC),
            datetime(2027, 11, 21, 4, tzinfo=UTC),
            False,
        ),
    )


@pytest.mark.parametrize(
    ("paid", "rounding", "points"),
    [
        (33399, "floor_order", 333), (33399, "half_up_order", 334), (33350, "half_up_order", 334),
        (33349, "half_up_order", 333), (99, "floor_order", 0), (0, "floor_order", 0), (-500, "floor_order", 0),
    ],
)  # fmt: skip
def test_an_amount_is_rounded_once_as_the_policy_says(paid, rounding, points):
    verdict = decided(lab(base=rates(rounding=rounding)), order_paid=paid)

    assert earned(verdict) == ({"base": points} if points else {})


@pytest.mark.parametrize(
    ("points", "per", "paid", "expected"),
    [
        ("1.25", "1.00", 10000, 125), ("1.7", "1.00", 1000, 17), ("0.1", "0.3", 90, 0), ("0.1", "0.3", 300, 1),
        ("100", "100.00", 15000, 150), ("1", "3", 100, 0), ("3", "7", 700, 3), ("1.2", "1", 12345, 148),
    ],
)  # fmt: skip
def test_rates_are_exact_decimals(points, per, paid, expected):
    assert earned(decided(lab(base=rates(points=points, per=per)), order_paid=paid)).get("base", 0) == expected


@pytest.mark.parametrize("base", ["order_paid", "order_net", "order_total"])
def test_the_base_is_the_one_that_is_named(base):
    amounts: dict[str, Any] = {base: 12300}

    verdict = decided(lab(base=rates(base=base)), **amounts)

    assert earned(verdict) == {"base": 123}


def test_points_go_into_the_wallet_that_is_named_in_its_own_units():
    verdict = decided(lab(base=rates(wallet="stars", points="1", per="50.00")), order_paid=6000)

    assert [(lot.wallet, lot.points) for lot in lots(verdict)] == [("stars", 120)]


def test_a_policy_may_say_when_its_points_are_free_and_how_long_they_live():
    gift = earns(50, pending={"days": 0}, expires={"first_of_month_after": 7})

    (effect,) = lots(decided(lab(gift=gift)))

    assert (effect.available_at, effect.expires_at) == (NOON, datetime(2027, 5, 31, 16, tzinfo=UTC))
    assert not effect.open


def test_an_open_lot_waits_for_an_event():
    (effect,) = lots(decided(lab(gift=earns(50, pending={"open": True}))))

    assert (effect.open, effect.available_at) == (True, None)
    assert effect.expires_at == datetime(2027, 11, 21, 4, tzinfo=UTC)


def test_points_of_a_wallet_that_never_forgets_have_no_end():
    assert lots(decided(lab(growth=rates(wallet="growth")), order_paid=100))[0].expires_at is None


def test_line_amounts_are_rounded_line_by_line_and_name_their_line():
    lines = [{"line_amount": 1050}, {"line_amount": 20}, {"line_amount": 1999}]

    verdict = decided(lab(base=rates(**BY_LINE)), lines=lines)

    assert parts(verdict) == [(0, 10), (2, 19)]


def test_line_amounts_rounded_for_the_order_are_shared_out_to_the_lines():
    lines = [{"line_amount": 1050}, {"line_amount": 1050}, {"line_amount": 50}]

    verdict = decided(lab(base=rates(base="line_amount")), lines=lines)

    assert parts(verdict) == [(0, 10), (1, 10), (2, 1)]
    assert earned(verdict) == {"base": 21}


def test_a_policy_by_line_earns_on_the_lines_that_match():
    tea = rates(**BY_LINE, scope="line", conditions=asks("line_category", "equal_to", "tea"))
    lines = [{"line_category": "tea", "line_amount": 900}, {"line_category": "mug", "line_amount": 700}]

    verdict = decided(lab(tea=tea), lines=lines, order_paid=1600)

    assert parts(verdict) == [(0, 9)]


def test_a_fixed_bonus_by_line_is_given_for_each_line_that_matches():
    tea = earns(5, scope="line", conditions=asks("line_tags", "contains", "green"))
    lines: list[Document] = [{"line_tags": ("green",)}, {"line_tags": ()}, {"line_tags": ("green", "new")}]

    verdict = decided(lab(tea=tea), lines=lines)

    assert parts(verdict) == [(0, 5), (2, 5)]


def test_a_policy_by_line_sees_the_order_and_the_member_too():
    tea = earns(
        5, scope="line", conditions={"all": [asks("line_sku", "equal_to", "T1"), asks("weekday", "equal_to", "sat")]}
    )
    lines = [{"line_sku": "T1"}]

    assert earned(decided(lab(tea=tea), lines=lines, weekday="sat")) == {"tea": 5}
    assert decided(lab(tea=tea), lines=lines, weekday="mon").effects == ()


def test_effects_come_by_priority_then_path():
    rules = lab(a=earns(1), b=earns(2), c=earns(3, priority=5))

    assert [effect.policy for effect in decided(rules).effects] == ["earn/c", "earn/a", "earn/b"]


def test_one_policy_can_give_several_things():
    both = policy(
        ("earn_points", {"points": 5}),
        ("issue_benefit", {"benefit": "pack", "count": 2}),
        ("send_message", {"template": "thanks", "params": {"tone": "warm"}}),
    )

    effects = decided(lab(both=both)).effects

    assert [type(effect) for effect in effects] == [EarnPoints, IssueBenefit, SendMessage]
    assert effects[1] == IssueBenefit("earn/both", "pack", 2)
    assert effects[2] == SendMessage("earn/both", "thanks", {"tone": "warm"})


def test_only_policies_on_the_event_are_asked():
    rules = lab(join=earns(200, on="member.enrolled"), base=rates())

    assert earned(decided(rules, "member.enrolled")) == {"join": 200}
    assert decided(rules, "profile.completed").effects == ()
    assert rules.kinds == {"member.enrolled", "order.paid"}


def test_a_decision_names_what_the_plan_read_and_nothing_else():
    rules = lab(base=rates(), gold=earns(9, conditions=asks("member_tier", "equal_to", "gold")))

    verdict = decided(rules, order_paid=100, order_store="S1", member_tier="gold")

    assert verdict.read == {"member_tier": "gold", "order_paid": 100}
    assert rules.needs("order.paid").variables == {"member_tier", "order_paid"}


@pytest.mark.parametrize("wrong", [300.0, True, "300.00", None])
def test_a_fact_of_the_wrong_type_stops_the_decision(wrong):
    rules = lab(big=earns(1, conditions=asks("order_paid", "greater_than", "1.00")))

    with pytest.raises(Mistyped, match="order_paid"):
        decided(rules, order_paid=wrong)


def test_a_paused_policy_does_not_fire_and_says_so():
    rules = lab(base=rates(), gift=earns(5))

    verdict = decided(rules, order_paid=100, paused={"earn/gift"})

    assert earned(verdict) == {"base": 1}
    assert [(one.policy, one.fired, one.because) for one in verdict.outcomes if not one.fired] == [
        ("earn/gift", False, "paused")
    ]


def test_a_policy_outside_its_window_does_not_fire_and_says_so():
    rules = lab(gift=earns(5, valid={"from": "2026-11-22"}))

    verdict = decided(rules)

    # A policy of other days is not looked at, and explained all the same.
    assert (verdict.effects, verdict.outcomes) == ((), ())
    (told,) = stories(rules, "order.paid", facts(rules), (), verdict)
    assert (told.state, told.outcome and told.outcome.because) == ("withheld", "window:from:2026-11-21T12:00")


def test_a_policy_outside_its_hours_says_so():
    verdict = decided(lab(gift=earns(5, valid={"hours": {"from": "13:00", "until": "14:00"}})))

    assert verdict.effects == ()
    assert verdict.outcomes[0].because == "window:hours:2026-11-21T12:00"


def test_a_policy_whose_conditions_fail_leaves_no_outcome():
    verdict = decided(lab(gift=earns(5, conditions=asks("order_is_first", "is_true"))))

    assert (verdict.effects, verdict.outcomes) == ((), ())


def test_deciding_twice_is_the_same_and_leaves_the_facts_alone():
    rules = lab(base=rates(), gift=earns(5, title=words("Gift")))
    given = facts(rules, order_paid=100)
    before = dict(given)

    assert decided(rules, **given) == decided(rules, **given)
    assert given == before
