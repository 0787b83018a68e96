"""Caps a member and period, and budgets: the last award is cut to what is left, never lost and never passed."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.compile import compile_checked
from rules.counters import totals
from rules.limits import Take, Use
from tests.rules.lab import (
    BY_LINE,
    FEW,
    asks,
    because,
    decided,
    earned,
    earns,
    folder,
    lab,
    looked_at,
    multiplies,
    parts,
    policy,
    rates,
    words,
)

MONTH = "points_per_member_per_month"


def test_a_cap_gives_what_is_left_of_it_and_says_so():
    rules = lab(base=rates(limits={MONTH: 500}))

    verdict = decided(rules, order_paid=30000, used={("earn/base", MONTH, "2026-11"): 350})

    assert earned(verdict) == {"base": 150}
    assert [(one.asked, one.given, one.because) for one in verdict.outcomes] == [(300, 150, f"limit:{MONTH}")]
    assert verdict.uses == (Use("earn/base", MONTH, "2026-11", 150),)
    assert verdict.counted == {f"earn/base|{MONTH}|2026-11": 350}


def test_a_cap_that_is_used_up_gives_nothing_and_uses_nothing():
    verdict = decided(lab(base=rates(limits={MONTH: 500})), order_paid=100, used={("earn/base", MONTH, "2026-11"): 500})

    assert (verdict.effects, verdict.uses) == ((), ())
    assert [(one.fired, one.asked, one.given, one.because) for one in verdict.outcomes] == [
        (False, 1, 0, f"limit:{MONTH}")
    ]


def test_the_tightest_of_several_caps_decides():
    limits = {MONTH: 500, "points_per_member_per_day": 50, "points_per_member": 10_000}

    verdict = decided(lab(base=rates(limits=limits)), order_paid=30000)

    assert earned(verdict) == {"base": 50}
    assert because(verdict) == {"base": "limit:points_per_member_per_day"}
    assert {use.limit: (use.period_key, use.amount) for use in verdict.uses} == {
        "points_per_member": ("", 50),
        "points_per_member_per_day": ("2026-11-21", 50),
        MONTH: ("2026-11", 50),
    }


@pytest.mark.parametrize(
    ("limit", "key"),
    [
        ("times_per_member", ""), ("times_per_member_per_day", "2026-12-31"), ("times_per_member_per_week", "2026-W53"),
        ("times_per_member_per_month", "2026-12"), ("times_per_member_per_quarter", "2026-Q4"),
        ("times_per_member_per_year", "2026"),
    ],
)  # fmt: skip
def test_times_count_by_the_programmes_own_days(limit, key):
    rules, evening = lab(gift=earns(5, limits={limit: 2})), datetime(2026, 12, 31, 15, 59, tzinfo=UTC)

    assert decided(rules, at=evening).uses == (Use("earn/gift", limit, key, 1),)
    assert decided(rules, at=evening, used={("earn/gift", limit, key): 1}).effects != ()
    assert because(decided(rules, at=evening, used={("earn/gift", limit, key): 2})) == {"gift": f"limit:{limit}"}


def test_a_policy_by_line_counts_once_an_event():
    gift = earns(5, scope="line", limits={"times_per_member": 3})

    verdict = decided(lab(gift=gift), lines=[{}, {}])

    assert earned(verdict) == {"gift": 10}
    assert verdict.uses == (Use("earn/gift", "times_per_member", "", 1),)


def test_times_limit_gifts_too():
    gift = policy(("issue_benefit", {"benefit": "pack"}), limits={"times_per_member": 1})

    assert decided(lab(gift=gift), used={("earn/gift", "times_per_member", ""): 1}).effects == ()


def test_a_cap_on_lines_keeps_the_parts_adding_up():
    rules = lab(base=rates(**BY_LINE, limits={"points_per_member": 10}))

    verdict = decided(rules, lines=[{"line_amount": 900}, {"line_amount": 900}])

    assert parts(verdict) == [(0, 5), (1, 5)]


def test_a_multiplier_has_its_own_cap():
    rules = lab(base=rates(), double=multiplies("2", limits={"points_per_member": 30}))

    assert earned(decided(rules, order_paid=10000)) == {"base": 100, "double": 30}


def test_caps_are_whole_points_of_a_wallet_with_decimals():
    stars = rates(wallet="stars", limits={"points_per_member": 2})

    verdict = decided(lab(stars=stars), order_paid=500)

    assert earned(verdict) == {"stars": 200}
    assert verdict.uses == (Use("earn/stars", "points_per_member", "", 200),)


def test_a_budget_gives_what_is_left_and_is_shared_by_policies():
    rules = lab(a=earns(60, limits={"budget": "autumn"}), b=earns(60, limits={"budget": "autumn"}))

    verdict = decided(rules, used={("", "budget:autumn", ""): 100})

    assert earned(verdict) == {"a": 60, "b": 40}
    assert verdict.takes == (Take("budget:autumn", 60), Take("budget:autumn", 40))
    assert because(verdict) == {"a": None, "b": "budget:autumn"}


def test_an_empty_budget_silences_its_policies():
    verdict = decided(lab(a=earns(60, limits={"budget": "autumn"})), used={("", "budget:autumn", ""): 0})

    assert (verdict.effects, verdict.takes) == ((), ())
    assert because(verdict) == {"a": "budget:autumn"}


def test_one_that_stacking_silenced_uses_no_limit():
    group = {"stacking": {"group": "g", "mode": "best"}, "limits": {"times_per_member": 9}}

    verdict = decided(lab(a=earns(1, **group), b=earns(2, **group)))

    assert [use.policy for use in verdict.uses] == ["earn/b"]


caps = st.none() | st.integers(1, 2000)


@FEW
@given(st.lists(st.integers(0, 100_000), min_size=1, max_size=8), caps, caps, st.integers(0, 1500))
def test_no_history_passes_a_cap_or_a_budget_and_none_stops_short(orders, day, ever, budget):
    limits = {"points_per_member_per_day": day, "points_per_member": ever, "budget": "autumn"}
    rules = lab(base=rates(limits={name: most for name, most in limits.items() if most is not None}))
    used: dict[tuple[str, str, str], int] = {("", "budget:autumn", ""): budget}
    given_points = 0

    for paid in orders:
        verdict = decided(rules, order_paid=paid, used=used)
        given_points += sum(earned(verdict).values())
        for use in verdict.uses:
            key = (use.policy, use.limit, use.period_key)
            used[key] = used.get(key, 0) + use.amount
        for take in verdict.takes:
            used["", take.counter, ""] -= take.amount

    wished = sum(paid // 100 for paid in orders)
    assert given_points == min(wished, *(most for most in (day, ever, budget) if most is not None))
    assert used["", "budget:autumn", ""] == budget - given_points


def test_a_cap_an_order_counts_by_order_and_reads_nothing():
    rules = lab(base=rates(limits={"points_per_order": 120}))

    for _ in range(2):
        verdict = decided(rules, order_paid=30_000)

        assert earned(verdict) == {"base": 120}
        assert because(verdict) == {"base": "limit:points_per_order"}
        assert (verdict.uses, verdict.takes, verdict.counted) == ((), (), {})


def test_times_an_order_count_the_first_lines_that_match():
    rules = lab(
        gift=earns(5, scope="line", conditions=asks("line_brand", "equal_to", "a"), limits={"times_per_order": 2})
    )
    lines = [{"line_brand": brand} for brand in "abaa"]

    verdict = decided(rules, lines=lines)

    assert parts(verdict) == [(0, 5), (2, 5)]
    assert [(one.asked, one.given, one.because) for one in verdict.outcomes] == [(15, 10, "limit:times_per_order")]
    assert decided(rules, lines=lines[:3]).outcomes[0].because is None


def test_a_cap_over_all_members_is_a_counter_of_the_policy_and_its_last_award_is_cut():
    rules = lab(base=rates(limits={"points_in_all": 1_000, "times_in_all": 50}))
    left = {("", "campaign:earn/base:points", ""): 40, ("", "campaign:earn/base:times", ""): 3}

    verdict = decided(rules, order_paid=30_000, used=left)

    assert earned(verdict) == {"base": 40}
    assert because(verdict) == {"base": "limit:points_in_all"}
    assert verdict.takes == (Take("campaign:earn/base:points", 40), Take("campaign:earn/base:times", 1))
    assert totals(rules.definitions, rules.rules) == {
        "budget:autumn": 1000, "campaign:earn/base:points": 1_000, "campaign:earn/base:times": 50,
    }  # fmt: skip


def test_when_the_times_of_all_members_are_over_nothing_is_given_not_even_a_benefit():
    both = policy(("earn_points", {"points": 5}), ("issue_benefit", {"benefit": "pack"}), limits={"times_in_all": 2})
    alone = policy(("issue_benefit", {"benefit": "pack"}), limits={"times_in_all": 2})
    none = {("", f"campaign:earn/{name}:times", ""): 0 for name in ("both", "alone")}

    verdict = decided(lab(both=both, alone=alone), used=none)

    assert (verdict.effects, verdict.takes) == ((), ())
    assert because(verdict) == {"alone": "limit:times_in_all", "both": "limit:times_in_all"}


@pytest.mark.parametrize(
    ("tier", "paid", "given", "takes"),
    [
        ("silver", 500, 300, {"budget:autumn": 300}),  # Not entitled: the rest alone.
        ("gold", 500, 500, {"budget:autumn": 300, "budget:autumn:kept": 200}),  # What is kept first.
        ("gold", 150, 150, {"budget:autumn:kept": 150}),
        ("gold", 900, 500, {"budget:autumn": 300, "budget:autumn:kept": 200}),
        ("lost", 500, 300, {"budget:autumn": 300}),  # A level the ladder has lost is none.
    ],
)
def test_a_part_of_a_budget_is_kept_for_higher_tiers_who_take_it_first(tier, paid, given, takes):
    documents = folder(base=rates(limits={"budget": "autumn"}))
    documents["programme"]["budgets"]["autumn"]["kept"] = {"at_least": "gold", "points": 200}
    rules = compile_checked(looked_at(documents))
    left = {("", "budget:autumn", ""): 300, ("", "budget:autumn:kept", ""): 200}

    verdict = decided(rules, order_paid=paid * 100, tier_grade=tier, used=left)

    assert totals(rules.definitions, rules.rules) == {"budget:autumn": 800, "budget:autumn:kept": 200}
    assert earned(verdict) == {"base": given}
    assert {take.counter: take.amount for take in verdict.takes} == takes
    assert verdict.read["tier_grade"] == tier
    assert because(verdict) == {"base": None if given == paid else "budget:autumn"}


def test_a_budget_of_awards_counts_each_once_whatever_it_gives():
    documents = folder(
        gift=policy(("issue_benefit", {"benefit": "pack"}), limits={"budget": "autumn"}),
        base=rates(limits={"budget": "autumn"}),
    )
    documents["programme"]["budgets"]["autumn"] = {"title": words("A"), "times": 10}
    rules = compile_checked(looked_at(documents))

    verdict = decided(rules, order_paid=30_000, used={("", "budget:autumn:times", ""): 1})

    # The first by path takes the last one.
    assert earned(verdict) == {"base": 300}
    assert verdict.takes == (Take("budget:autumn:times", 1),)
    assert because(verdict) == {"base": None, "gift": "budget:autumn"}
