"""What an explanation says of a figure is what was posted: computed again here, from the words themselves."""

import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import telling
from rules.arithmetic import workings
from rules.effects import EarnPoints
from rules.explain import near, stories
from rules.parts import LANGUAGES
from tests.rules.lab import FEW, asks, decided, earns, facts, lab, multiplies, policy, rates

AMOUNT = st.integers(0, 50_000)
ROUNDING = st.sampled_from(["floor_order", "half_up_order"])
BY_LINE = st.sampled_from(["floor_order", "half_up_order", "floor_line", "half_up_line"])
POINTS = st.sampled_from(["1", "1.25", "0.3", "7"])
PER = st.sampled_from(["1.00", "0.70", "3.00"])


def by_amount(name, **params):
    return st.fixed_dictionaries(
        {key: value if isinstance(value, st.SearchStrategy) else st.just(value) for key, value in params.items()},
        optional={"cap": st.integers(1, 40), "minimum": st.sampled_from(["50.00", "120.00"])},
    ).map(lambda found: policy((name, found)))


STEPS = st.sampled_from(["award", "repeat", "rate", "slices"]).map(
    lambda mode: {"mode": mode, "steps": [
        {"from": start, "points": points, **({"per": "10.00"} if mode in ("rate", "slices") else {})}
        for start, points in (("20.00" if mode in ("award", "repeat") else "0", "3"), ("100.00", "8"))]})  # fmt: skip
EARNING = st.one_of(
    st.integers(1, 90).map(earns),
    by_amount("earn_points_per_amount", points=POINTS, per=PER, base="order_paid", rounding=ROUNDING),
    by_amount("earn_points_per_amount", points=POINTS, per=PER, base="line_amount", rounding=BY_LINE),
    by_amount("earn_points_per_amount", points=POINTS, per=PER, base="line_net", rounding=BY_LINE),
    by_amount("earn_points_per_unit", points=POINTS, per="2", base="line_quantity", rounding=BY_LINE),
    by_amount("earn_points_by_table", by="line_sku", table=st.just({"A": "2", "B": "0.5"}), otherwise="0.1", per=PER,
              base="line_amount", rounding=BY_LINE),
    by_amount("earn_points_by_table", by="member_tier", table=st.just({"gold": "2"}), otherwise="1", per=PER,
              base="order_paid", rounding=ROUNDING),
    STEPS.map(lambda own: policy(("earn_points_by_steps", {"of": "order_paid", "rounding": "half_up_order", **own}))),
)  # fmt: skip
LIMITS = st.sampled_from([{}, {"limits": {"points_per_member": 25}}, {"limits": {"budget": "autumn"}}])
LINES = st.lists(st.fixed_dictionaries({"line_amount": AMOUNT, "line_quantity": st.integers(0, 5),
                                        "line_sku": st.sampled_from(["A", "B", "C"])}), max_size=3)  # fmt: skip
FACTORS = st.lists(st.sampled_from(["1.5", "2", "3.7"]), max_size=2)
MODES = st.sampled_from([{}, *({"stacking": {"group": "m", "mode": mode}} for mode in ("multiply", "best"))])
SAID = re.compile(r"-?[0-9][0-9,]*(?:\.[0-9]+)?")


def numbers(text):
    return [Decimal(found.replace(",", "")) for found in SAID.findall(text)]


@FEW
@given(st.lists(st.tuples(EARNING, LIMITS), min_size=1, max_size=3), FACTORS, MODES, AMOUNT, LINES,
       st.sampled_from(["normal", "gold"]))  # fmt: skip
def test_the_figures_of_an_explanation_are_those_of_the_posting(earning, factors, mode, paid, lines, tier):
    named = {f"e{n}": document | limits for n, (document, limits) in enumerate(earning)}
    named |= {f"m{n}": multiplies(factor, **mode) for n, factor in enumerate(factors)}
    rules = lab(**named)
    scene = {"order_paid": paid, "order_net": paid, "member_tier": tier}
    verdict = decided(rules, lines=lines, used={("", "budget:autumn", ""): 33}, **scene)
    full = [{**facts(rules), **line} for line in lines]

    found = list(workings(verdict))

    assert [effect for effect, _ in found] == [one for one in verdict.effects if isinstance(one, EarnPoints)]
    for effect, working in found:
        assert (working.rule.path, working.earned.wallet) == (effect.policy, effect.wallet)
        assert working.earned.points[working.index] == effect.points
        assert working.earned.lines[working.index] == effect.line
        for lang in LANGUAGES:
            said = telling.posting(rules, effect, facts(rules, **scene), full, verdict, lang)
            assert effect.points in numbers(said), said
        computed_again(said_in_english(rules, effect, scene, full, verdict), effect.points, working)


def said_in_english(rules, effect, scene, full, verdict):
    return telling.posting(rules, effect, facts(rules, **scene), full, verdict, "en").removeprefix("Policy: ")


RATE = re.compile(
    r"^(?P<per>\S+).*? → (?P<points>[0-9.]+) points?, of .*?(?P<amount>[0-9.,]+)(?: pieces?)?: (?P<rest>.*)$"
)
FACTOR = re.compile(
    r"^(?P<base>[0-9.,…]+) × (?P<factor>[0-9.…]+) = (?P<product>[0-9.,…]+) → (?P<rounded>[0-9,]+) points?"
)


def computed_again(said, posted, working):
    """The sentence as a reader with a calculator takes it."""
    product = FACTOR.match(said)
    if product is not None and "…" not in said:
        base, factor, made = (Fraction(product[name].replace(",", "")) for name in ("base", "factor", "product"))
        assert base * factor == made
        assert abs(made - int(product["rounded"].replace(",", ""))) < 1
        return
    rate = RATE.match(said)
    if rate is None or "…" in said:
        return
    per, points, amount = (Fraction(rate[name].strip("¥").replace(",", "")) for name in ("per", "points", "amount"))
    exactly, first = points * amount / per, int(numbers(rate["rest"])[0])
    assert first == posted
    if "of" not in rate["rest"]:
        assert abs(exactly - posted) < 1
        assert working.exactly == exactly


def test_a_share_of_what_was_rounded_once_says_of_what():
    rules = lab(rates(base="line_amount", rounding="floor_order", points="0.5"), m=multiplies("3"))
    lines = [{"line_amount": 150}, {"line_amount": 250}]
    full = [{**facts(rules), **line} for line in lines]
    verdict = decided(rules, lines=lines)

    said = [telling.posting(rules, effect, facts(rules), full, verdict, "en") for effect in verdict.effects]

    assert said == [
        "Policy: 2 × 3 = 6 → 6 points, 4 points on top for all lines: 1 point here",
        "Policy: 2 × 3 = 6 → 6 points, 4 points on top for all lines: 3 points here",
        "Policy: ¥1 → 0.5 points, of the line amounts after discount ¥2.50: 2 points, of 2 points for all lines (2)",
    ]


def test_a_cap_of_the_action_and_a_limit_of_the_policy_are_both_said():
    capped = lab(policy(("earn_points_per_amount", {"points": "1", "per": "1.00", "base": "order_paid", "cap": 40})))
    limited = lab(rates(limits={"points_per_member": 40}))

    for rules, why in ((capped, "at most 40 points an event"), (limited, "at most 40 points a member in all")):
        verdict = decided(rules, order_paid=10000)
        (effect,) = verdict.effects
        said = telling.posting(rules, effect, facts(rules, order_paid=10000), [], verdict, "en")
        assert said == f"Policy: ¥1 → 1 point, of the amount paid ¥100: 40 points (of 100 points: {why})"


BIG = asks("order_paid", "greater_than_or_equal_to", "100.00")
MANY = asks("order_quantity", "greater_than_or_equal_to", 4)


def told(condition, **scene):
    rules = lab(earns(50, conditions=condition))
    known = facts(rules, **scene)
    (story,) = stories(rules, "order.paid", known, [], decided(rules, **scene))
    return near(story.traced), telling.story(rules, story, "en")[-1], telling.story(rules, story, "zh-CN")[-1]


def test_what_little_more_would_have_brought_is_said():
    gap, english, chinese = told(BIG, order_paid=8800)

    assert gap is not None
    assert gap.lacking == 1200
    assert english == "¥12 more (amount paid) for: earn 50 points"
    assert chinese == "再差12元（实付金额）即可：得50积分"


@pytest.mark.parametrize(
    ("condition", "scene", "lacking"),
    [
        (BIG, {"order_paid": 4900}, None),  # Not even half of it.
        (BIG, {"order_paid": 5000}, 5000),
        ({"all": [BIG, MANY]}, {"order_paid": 8800, "order_quantity": 4}, 1200),
        ({"all": [BIG, MANY]}, {"order_paid": 8800, "order_quantity": 3}, None),  # Two things are lacking.
        ({"any": [BIG, MANY]}, {"order_paid": 8800, "order_quantity": 2}, 1200),  # The nearer of two ways.
        ({"any": [BIG, MANY]}, {"order_paid": 100, "order_quantity": 3}, 1),
        ({"all": [{"any": [BIG, MANY]}, asks("order_is_first", "is_true")]}, {"order_paid": 8800}, None),
        (asks("order_paid", "greater_than", "100.00"), {"order_paid": 10000}, 1),
        (asks("hour", "greater_than_or_equal_to", 18), {"hour": 17}, None),  # Only time would do it.
        (asks("member_days_joined", "greater_than_or_equal_to", 30), {"member_days_joined": 29}, None),
        (asks("balance_points", "greater_than_or_equal_to", 100), {"balance_points": 90}, 10),
        ({"not": asks("order_paid", "less_than", "100.00")}, {"order_paid": 9900}, None),
    ],
    ids=range(12),
)
def test_a_near_miss_is_one_that_a_member_could_have_closed(condition, scene, lacking):
    gap, english, _ = told(condition, **scene)

    assert (gap.lacking if gap else None) == lacking
    assert (" more (" in english) is (lacking is not None)
