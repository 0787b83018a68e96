"""Warnings: each is given where it is due, with its place, and not a step beside it."""

from copy import deepcopy
from fractions import Fraction
from pathlib import Path
from typing import get_args

import pytest

from rules import files
from rules.check import check
from rules.faults import fault_text
from rules.lint import desk_of, lint
from rules.lint_desk import percent
from rules.lint_payout import worst
from rules.parts import LANGUAGES, Warned
from tests.rules.lab import asks, earns, folder, looked_at, multiplies, policy, rates, reach, words

PROGRAMMES = sorted((Path(__file__).parents[2] / "rules/programmes").iterdir())
MORNING = {"hours": {"from": "10:30", "until": "12:00"}}
GROUP = {"group": "g", "mode": "exclusive"}
MONTHLY = {"every": "month"}
BEST = {"group": "g", "mode": "best"}
GOLD, SILVER = (asks("member_tier", "at_least", level) for level in ("gold", "silver"))
BIG = asks("order_paid", "greater_than_or_equal_to", "100.00")


def lab(changes=None, **named):
    """The lab's documents with policies by path; two words of a path parted by two underscores."""
    documents = folder()
    documents["programme"]["accepts"] = ["BENEFITS_FEW"]
    documents |= {path.replace("__", "/"): document for path, document in named.items()}
    for path, change in (changes or {}).items():
        documents[path] = deepcopy(documents[path])
        change(documents[path])
    return documents


def warned(changes=None, **named):
    checked = looked_at(lab(changes, **named))
    assert checked.faults == []
    return [(one.path, one.pointer, one.code) for one in lint(checked)]


def level(rank, standard):
    return lambda ladder: ladder["levels"][rank].update(reach=standard)


def priced(points, **more):
    return policy(("price_fixed", {"benefit": "coupon", "points": points}), on="points.redeem", **more)


def given_for(ladder, **more):
    return earns(5, wallet="growth", on="tier.changed", conditions=asks("tier_ladder", "equal_to", ladder), **more)


FILLED = {"earn__growth": rates(wallet="growth")}
REFUSES = policy(("refuse", {"text": words("No")}), priority=9)
ALWAYS = asks("order_paid", "greater_than_or_equal_to", "0.00")
NEVER = {"all": [GOLD, asks("member_tier", "equal_to", "silver")]}
CASES = [
    ("NEVER_TRUE", "earn/p", "/conditions", {"earn__p": earns(1, conditions=NEVER)}),
    ("NEVER_TRUE", "earn/p", "/conditions/any/1", {"earn__p": earns(1, conditions={"any": [BIG, NEVER]})}),
    ("NEVER_TRUE", "earn/p", "/conditions/all/1",
        {"earn__p": earns(1, conditions={"all": [BIG, asks("hour", "greater_than", 23)]})}),
    ("NEVER_TRUE", "earn/p", "/conditions",
        {"earn__p": earns(1, conditions=asks("weekday", "equal_to", "mon"), valid={"weekdays": ["sat"]})}),
    ("NEVER_TRUE", "earn/p", "/conditions",
        {"earn__p": earns(1, conditions=asks("hour", "less_than", 10), valid=MORNING)}),
    ("NEVER_TRUE", "earn/p", "/conditions",
        {"earn__p": earns(1, conditions=asks("today", "before", "2026-11-01"), valid={"from": "2026-11-01"})}),
    ("NEVER_TRUE", "earn/p", "/conditions/any_line",
        {"earn__p": earns(1, conditions={"any_line": asks("line_amount", "less_than", "0.00")})}),
    ("ALWAYS_TRUE", "earn/p", "/conditions", {"earn__p": earns(1, conditions=ALWAYS)}),
    ("ALWAYS_TRUE", "earn/p", "/conditions/all/0", {"earn__p": earns(1, conditions={"all": [ALWAYS, BIG]})}),
    ("SHADOWED", "earn/q", "", {"earn__p": earns(1, stacking=GROUP, priority=2), "earn__q": earns(2, stacking=GROUP)}),
    ("SHADOWED", "earn/q", "", {"earn__base": rates(), "earn__p": multiplies("3", stacking=BEST, conditions=SILVER),
                                "earn__q": multiplies("2", stacking=BEST, conditions=GOLD)}),
    ("SHADOWED", "redeem/q", "", {"redeem__p": priced(5), "redeem__q": priced(6, conditions=GOLD)}),
    ("SHADOWED", "earn/p", "", {"earn__no": REFUSES, "earn__p": earns(1, conditions=GOLD)}),
    ("EXCLUSIVE_OVERLAP", "earn/q", "/stacking", {"earn__p": earns(1, stacking=GROUP, conditions=GOLD),
                                                  "earn__q": earns(2, stacking=GROUP, conditions=BIG)}),
    ("LOOP", "earn/growth", "", {**FILLED, "earn__up": given_for("grade"), "earn__growth": rates(wallet="growth"),
                                 "earn__back": earns(1, wallet="growth", on="tier.changed")}),
    ("NO_END_DATE", "campaigns/p", "/valid", {"campaigns__p": earns(1, valid={"from": "2026-11-01"})}),
    ("NO_END_DATE", "campaigns/p", "", {"campaigns__p": rates()}),
    ("WHEN_NEVER", "earn/p", "/when", {"earn__p": earns(1, on="clock.period", when=MONTHLY,
                                                        valid={"from": "2026-11-02", "until": "2026-11-30"})}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "path", "pointer", "named"), CASES, ids=range(len(CASES)))
def test_a_warning_stands_where_it_is_due(code, path, pointer, named):
    found = warned(**named)

    if code == "LOOP":
        assert code in {one[2] for one in found}
    else:
        assert (path, pointer, code) in found


BESIDE = [
    {"earn__p": earns(1, conditions={"all": [SILVER, asks("member_tier", "equal_to", "silver")]})},
    {"earn__p": earns(1, conditions=asks("weekday", "equal_to", "sat"), valid={"weekdays": ["sat"]})},
    {"earn__p": earns(1, conditions=asks("hour", "less_than", 11), valid=MORNING)},
    {"earn__p": earns(1, conditions=asks("order_paid", "greater_than", "0.00"))},
    {"earn__p": earns(1, stacking=GROUP, conditions=GOLD, priority=2), "earn__q": earns(2, stacking=GROUP)},
    {"earn__p": earns(1, stacking=GROUP, conditions=GOLD),
     "earn__q": earns(2, stacking=GROUP, conditions={"not": GOLD})},
    {"earn__p": earns(1, stacking=GROUP, valid={"weekdays": ["sat"]}),
     "earn__q": earns(2, stacking=GROUP, valid={"weekdays": ["mon"]})},
    {"earn__p": earns(1, stacking=GROUP, valid={"until": "2026-10-31"}),
     "earn__q": earns(2, stacking=GROUP, valid={"from": "2026-11-01"})},
    {"earn__p": multiplies("3", stacking=BEST, conditions=SILVER, limits={"times_per_member": 1}),
     "earn__q": multiplies("2", stacking=BEST, conditions=GOLD), "earn__base": rates()},
    {"redeem__p": priced(6), "redeem__q": priced(5, conditions=GOLD)},
    {"earn__no": policy(("refuse", {"text": words("No")}), conditions=GOLD), "earn__p": earns(1)},
    {**FILLED, "earn__up": given_for("layer", priority=1)},
    {**FILLED, "earn__up": given_for("grade", limits={"times_per_member": 1})},
    {"earn__up": earns(1, wallet="stars", on="tier.changed"), **FILLED},
    {"campaigns__p": earns(1, valid={"from": "2026-11-01", "until": "2026-12-01"})},
    {"campaigns__p": earns(1, on="member.enrolled", limits={"times_per_member": 1})},
    {"earn__p": earns(1, on="clock.period", when=MONTHLY, valid={"from": "2026-11-01", "until": "2026-11-30"})},
    {"campaigns__p": earns(1, valid={"from": "2026-11-01"}, accepts=["NO_END_DATE"])},
]  # fmt: skip


@pytest.mark.parametrize("named", BESIDE, ids=range(len(BESIDE)))
def test_no_warning_is_given_a_step_beside(named):
    assert warned(**{**FILLED, **named}) == []


def test_points_that_lift_a_level_that_gives_points_go_round():
    found = warned(earn__growth=earns(9, wallet="growth", on="tier.changed"))

    assert ("earn/growth", "", "LOOP") in found
    (loop,) = [one for one in lint(looked_at(lab(**{**FILLED, "earn__up": given_for("grade")}))) if one.code == "LOOP"]
    assert loop.params["policies"] == "earn/up → earn/up"


@pytest.mark.parametrize(
    ("standard", "pointer", "code"),
    [
        (reach(5000), "/levels/1/reach", "TIER_UNREACHABLE"),  # As hard as gold: whoever meets it is gold.
        (reach(6000), "/levels/1/reach", "TIER_UNREACHABLE"),
        ({"all": [*reach(9)["all"], asks("growth_365d", "less_than", 9)]}, "/levels/1/reach", "TIER_CONTRADICTORY"),
    ],
)
def test_a_level_that_nobody_can_stand_on(standard, pointer, code):
    assert warned({"tiers/grade": level(1, standard)}, **FILLED) == [("tiers/grade", pointer, code)]


def test_a_level_whose_points_nobody_gives_is_out_of_reach():
    assert warned(earn__p=earns(1)) == [
        ("tiers/grade", "/levels/1/reach", "TIER_UNREACHABLE"), ("tiers/grade", "/levels/2/reach", "TIER_UNREACHABLE"),
    ]  # fmt: skip
    assert warned(**FILLED) == []


def worth(value="0.01", ceiling="5"):
    return {"programme": lambda one: one.update(point_value=value, payout_ceiling=ceiling)}


def bound(changes, **named):
    desk = desk_of(looked_at(lab(changes, **{**FILLED, **named})))
    assert desk is not None
    return percent(worst(desk).share)


@pytest.mark.parametrize(
    ("named", "most"),
    [
        ({"earn__base": rates()}, "1"),
        ({"earn__base": rates(points="3", per="2.00")}, "1.5"),
        ({"earn__base": rates(per="3.00")}, "0.34"),  # Rounded up: a promise is not exceeded by a third.
        ({"earn__base": rates(), "earn__p": multiplies("3", stacking=BEST),
          "earn__q": multiplies("2", stacking=BEST)}, "3"),
        ({"earn__base": rates(), "earn__p": multiplies("3"), "earn__q": multiplies("2")}, "4"),
        ({"earn__base": rates(), "earn__p": multiplies("3", conditions=GOLD),
          "earn__q": multiplies("2", conditions=asks("member_tier", "equal_to", "silver"))}, "3"),
        ({"earn__base": rates(points="2", conditions=asks("order_payment", "equal_to", "card")),
          "earn__p": rates(conditions=asks("order_payment", "not_equal_to", "card"))}, "2"),
        ({"earn__base": rates(), "earn__p": earns(50, conditions=BIG)}, "1.5"),
        ({"earn__base": rates(), "earn__g": rates(points="90", wallet="growth")}, "1"),
        ({"earn__base": rates(), "earn__p": policy(("issue_benefit", {"benefit": "coupon"}), conditions=BIG)}, "11"),
    ],
)  # fmt: skip
def test_the_worst_case_of_an_order(named, most):
    assert bound(worth(), **named) == most


def test_an_order_that_returns_more_than_the_ceiling_is_told_with_the_policies_in_it():
    documents = lab(worth(ceiling="3"), **FILLED, earn__base=rates(points="2"), earn__double=multiplies("2"))

    (found,) = lint(looked_at(documents))

    assert (found.path, found.pointer, found.code) == ("programme", "/payout_ceiling", "PAYOUT_ABOVE_CEILING")
    assert found.params == {"bound": "4", "most": "3", "policies": "earn/base, earn/double"}
    assert warned(worth(ceiling="4"), **FILLED, earn__base=rates(points="2"), earn__double=multiplies("2")) == []


def test_a_gift_for_any_order_has_no_bound_unless_it_is_capped():
    free = earns(50)

    assert warned(worth(), **FILLED, earn__p=free) == [("earn/p", "", "PAYOUT_UNBOUNDED")]
    assert warned(worth(), **FILLED, earn__p={**free, "limits": {"times_per_member": 1}}) == []
    assert warned(**FILLED, earn__p=free) == []


def test_without_a_value_the_dearest_thing_points_buy_says_what_a_point_is_worth():
    sells = {"redeem__p": priced(400), "redeem__q": policy(("price_stepped", {"benefit": "coupon", "steps": [
        {"points": 100, "value": "2.00"}, {"points": 500, "value": "20.00"}]}), on="points.redeem")}  # fmt: skip

    assert bound({}, earn__base=rates(), **sells) == "4"
    assert bound(worth("0.005"), earn__base=rates(), **sells) == "0.5"


def valued(**worths):
    def change(programme):
        worth()["programme"](programme)
        for wallet, value in worths.items():
            programme["wallets"][wallet]["value"] = value

    return {"programme": change}


STARS = {"earn__base": rates(), "earn__stars": rates(points="5", per="100.00", wallet="stars")}


def test_every_wallet_counts_by_its_own_worth():
    assert bound(valued(stars="1.00"), **STARS) == "6"
    assert bound(valued(stars="1.00", points="0.02"), **STARS) == "7"  # A wallet's own word goes first.
    assert warned(valued(stars="0.50"), **FILLED, **STARS) == []
    assert warned(valued(stars="1.00"), **FILLED, **STARS) == [("programme", "/payout_ceiling", "PAYOUT_ABOVE_CEILING")]


def test_nothing_is_promised_of_a_wallet_whose_worth_nobody_says():
    desk = desk_of(looked_at(lab(worth(), **FILLED, **STARS)))
    assert desk is not None
    drink = {"redeem__drink": policy(("price_fixed", {"benefit": "pack", "points": 9, "wallet": "stars"}),
                                     on="points.redeem")}  # fmt: skip
    coupon = {"redeem__coupon": policy(("price_fixed", {"benefit": "coupon", "points": 20, "wallet": "stars"}),
                                       on="points.redeem")}  # fmt: skip

    assert (worst(desk).share, worst(desk).unvalued) == (Fraction(1, 100), ("stars",))
    assert warned(worth(), **FILLED, **STARS) == [("programme", "/wallets/stars", "PAYOUT_UNVALUED")]
    assert warned(**FILLED, **STARS) == []  # Nothing is promised where there is no ceiling.
    # A price in money says what a star is worth, but not while stars also buy what nobody priced.
    assert warned(worth(), **FILLED, **STARS, **coupon) == []
    assert bound(worth(), **STARS, **coupon) == "3.5"
    assert ("programme", "/wallets/stars", "PAYOUT_UNVALUED") in warned(worth(), **FILLED, **STARS, **coupon, **drink)
    assert worst(desk).policies == ("earn/base",)


def test_a_base_that_is_left_to_the_default_is_told():
    silent = rates()
    del silent["actions"][0]["params"]["base"]

    assert warned(**FILLED, earn__p=silent) == [("earn/p", "/actions/0/params", "BASE_NOT_STATED")]
    (told,) = lint(looked_at(lab(**FILLED, earn__p=silent)))
    assert told.params == {"base": "order_paid"}
    assert warned(**FILLED, earn__p={**silent, "accepts": ["BASE_NOT_STATED"]}) == []
    assert warned(**FILLED, earn__p=rates()) == []


def test_a_choice_of_one_is_a_choice_still():
    alone = lab(**FILLED, earn__p=earns(5, on="tier.changed", conditions=asks("tier_ladder", "equal_to", "grade"),
                                        limits={"times_per_member": 1}))  # fmt: skip
    del alone["tiers/layer"]

    assert [one.code for one in lint(looked_at(alone))] == []


def many(count, **more):
    one = {"title": words("Gift"), "description": words("A gift"), "kind": "gift", **more}
    return {f"benefits__gift-{number}": deepcopy(one) for number in range(count)}


def test_benefits_are_five_to_eight():
    unaccepted = {"programme": lambda one: one.update(accepts=[])}

    assert warned(unaccepted, **FILLED) == [("programme", "", "BENEFITS_FEW")]
    assert warned(unaccepted, **FILLED, **many(3)) == []
    assert warned(**FILLED, **many(6)) == []
    assert warned(**FILLED, **many(7)) == [
        ("tiers/grade", "/levels/1", "BENEFITS_MANY"), ("tiers/grade", "/levels/2", "BENEFITS_MANY"),
        ("tiers/layer", "/levels/0", "BENEFITS_MANY"), ("tiers/layer", "/levels/1", "BENEFITS_MANY"),
        ("tiers/layer", "/levels/2", "BENEFITS_MANY"),
    ]  # fmt: skip
    assert warned(**FILLED, **many(7, core=False)) == []


def test_faulty_documents_are_not_warned_of():
    assert lint(looked_at(lab(earn__p=earns(1, conditions=asks("order_pade", "is_set"))))) == []


@pytest.mark.parametrize("path", PROGRAMMES, ids=lambda path: path.name)
def test_the_programmes_that_come_along_give_no_cause(path):
    # What is told of a real programme is its points and levels; most of its benefits are left out.
    assert {one.code for one in lint(check(files.documents(path)))} <= {"BENEFITS_FEW"}


def every_warning():
    dear = lab(worth(ceiling="1"), earn__p=earns(9), earn__b=rates(points="5"))
    few, lots = ({"programme": lambda own: own.update(accepts=[])}, many(9))
    told = [lab(**named) for _, _, _, named in CASES] + [lab({"tiers/grade": level(1, NEVER)}, **FILLED)]
    silent = rates()
    del silent["actions"][0]["params"]["base"]
    for documents in (*told, dear, lab(few), lab(**lots), lab(worth(), **STARS), lab(earn__p=silent)):
        yield from lint(looked_at(documents))


def test_every_warning_is_worded_in_both_languages_and_says_what_to_do():
    found = {one.code: one for one in every_warning()}

    assert set(found) >= set(get_args(Warned))
    for one in found.values():
        english, chinese = (fault_text(one, lang) for lang in LANGUAGES)
        assert len(english) > 40
        assert chinese
        assert chinese != english
        assert one.severity == "warning"
