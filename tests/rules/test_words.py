"""Policies, conditions and decisions in plain words: exact sentences, and no two meanings that read the same."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import locales
from rules import action_words, explain, telling, words
from rules.actions import ACTIONS, BASES, ROUNDINGS
from rules.conditions import All, Condition, Leaf, Not, Some
from rules.facts import BUILT_IN
from rules.limits import period_of
from rules.operators import TYPES
from rules.parts import LANGUAGES
from rules.policy import Limits
from tests.rules.documents import CATALOGUE, NAMES, conditions, facts, typed, value
from tests.rules.lab import (
    BY_LINE,
    asks,
    decided,
    earns,
    faults,
    folder,
    lab,
    multiplies,
    policy,
    rates,
)
from tests.rules.lab import facts as given_facts

DEFINITIONS = lab().definitions
WEEKEND = asks("weekday", "one_of", ["sat", "sun"])


def said(document, lang="en", path="earn/p0"):
    rules = lab(document)
    return action_words.policy(rules.rules[path], rules.definitions, lang)


@pytest.mark.parametrize(
    ("document", "english", "chinese"),
    [
        (
            rates(),
            "When an order is paid: earn 1 point for every ¥1 of the amount paid, rounded down once for the order",
            "订单支付时：实付每1元得1积分，按订单向下取整",
        ),
        (
            rates(points="1.25", per="0.50", base="order_net", rounding="half_up_order"),
            ("When an order is paid: earn 1.25 points for every ¥0.50 of the goods after discount, "
            "without tax and shipping, rounded half up once for the order"),
            "订单支付时：商品折后金额（不含税费和运费）每0.50元得1.25积分，按订单四舍五入",
        ),
        (
            rates(**BY_LINE, scope="line", conditions=asks("line_category", "equal_to", "tea")),
            ("When an order is paid, for each order line where category of the line is “tea”: earn 1 point for every "
            "¥1 of the line amounts after discount, rounded down for each line"),
            "订单支付时，对满足“该行品类为“tea””的每个订单行：订单行折后金额每1元得1积分，逐行向下取整",
        ),
        (
            multiplies(
                "1.5",
                conditions={"all": [asks("member_tier", "at_least", "silver"), WEEKEND]},
                valid={"from": "2026-11-01", "until": "2026-12-31"},
                stacking={"group": "multipliers", "mode": "best"},
                priority=5,
            ),
            ("When an order is paid, from 2026-11-01, until 2026-12-31, if level: Grade is Silver or higher and "
            "weekday is one of Saturday, Sunday: the points that amounts earn × 1.5 "
            "(of the group “multipliers” only the best counts; priority 5)"),
            ("订单支付、自2026-11-01起、至2026-12-31止时，若等级为银卡及以上且星期为周六、周日之一："
            "按金额所得积分×1.5（“multipliers”组内仅取最优；优先级5）"),
        ),
        (
            earns(
                50, pending={"days": 0}, expires={"after": {"months": 1}},
                limits={"times_per_member": 1, "budget": "autumn"},
            ),
            ("When an order is paid: earn 50 points, available at once, good for 1 month "
            "(at most once a member in all; out of the budget “Autumn” of 1,000 points)"),
            "订单支付时：得50积分、立即可用、有效期1个月（每位会员累计最多1次；从总额1,000积分的预算“中Autumn”中支出）",
        ),
    ],
)  # fmt: skip
def test_a_policy_is_one_sentence(document, english, chinese):
    assert said(document) == english
    assert said(document, "zh-CN") == chinese


def test_groups_inside_groups_stand_in_brackets():
    condition = {"any": [{"not": {"all": [asks("order_is_first", "is_true"), asks("hour", "less_than", 10)]}},
                         asks("order_paid", "between", ["1.00", "2.50"])]}  # fmt: skip

    assert words.condition(typed(condition), DEFINITIONS, "en") == (
        "(not (it is the member's first order and hour of the day is less than 10 o’clock)) "
        "or amount paid is from ¥1 to ¥2.50"
    )


def meaning(condition: Condition):
    """What a condition asks, however it is written: a group of one is its only part, a ladder is itself by any name."""
    match condition:
        case Leaf(variable, operator, value):
            name = "tier_grade" if variable.name == "member_tier" else variable.name
            return (name, operator.name, value)
        case Not(part):
            return ("not", meaning(part))
        case All(parts) | Some(parts):
            kind = "all" if isinstance(condition, All) else "any"
            return meaning(parts[0]) if len(parts) == 1 else (kind, tuple(meaning(part) for part in parts))


@settings(max_examples=300, deadline=None)
@given(conditions, conditions, st.sampled_from(LANGUAGES))
def test_two_conditions_that_differ_do_not_read_the_same(one, other, lang):
    first, second = typed(one), typed(other)

    same = words.condition(first, DEFINITIONS, lang) == words.condition(second, DEFINITIONS, lang)

    assert same is (meaning(first) == meaning(second))


@settings(max_examples=200, deadline=None)
@given(st.data(), st.sampled_from(NAMES), st.sampled_from(LANGUAGES))
def test_two_questions_to_the_same_variable_do_not_read_the_same(data, name, lang):
    variable = CATALOGUE.variables[name]
    rows = st.sampled_from(sorted(variable.kind.operators))
    first, second = (
        typed(asks(name, row, data.draw(value(variable, variable.kind.operators[row]))))
        for row in (data.draw(rows), data.draw(rows))
    )

    same = words.condition(first, DEFINITIONS, lang) == words.condition(second, DEFINITIONS, lang)

    assert same is (meaning(first) == meaning(second))


ACTION = st.one_of(
    st.fixed_dictionaries({"points": st.integers(1, 3)}, optional={
        "wallet": st.sampled_from(["points", "growth"]),
        "pending": st.sampled_from([{"days": 0}, {"days": 1}, {"open": True}]),
        "expires": st.sampled_from([{"never": True}, {"after": {"days": 1}}, {"after": {"years": 1}},
                                    {"first_of_month_after": 1}]),
    }).map(lambda params: ("earn_points", params)),
    st.fixed_dictionaries({
        "points": st.sampled_from(["1", "1.5"]), "per": st.sampled_from(["1.00", "0.10"]),
        "base": st.sampled_from(BASES[:3]),
        "rounding": st.sampled_from([one for one in ROUNDINGS if one.endswith("_order")]),
    }).map(lambda params: ("earn_points_per_amount", params)),
    st.fixed_dictionaries({"benefit": st.sampled_from(["coupon", "pack"])}, optional={"count": st.integers(2, 3)}).map(
        lambda params: ("issue_benefit", params)),
    st.fixed_dictionaries({"template": st.sampled_from(["a", "b"])}, optional={
        "params": st.sampled_from([{"x": "1"}, {"x": "1, y = “2”"}, {"x": "1", "y": "2"}])}).map(
        lambda params: ("send_message", params)),
)  # fmt: skip
ENVELOPE = st.fixed_dictionaries({"actions": st.lists(ACTION, min_size=1, max_size=2)}, optional={
    "priority": st.integers(1, 2),
    "stacking": st.sampled_from([{"group": "g", "mode": mode} for mode in ("additive", "best", "exclusive")]),
    "limits": st.sampled_from([{"times_per_member": 1}, {"times_per_member_per_day": 1}, {"times_per_member": 2}]),
    "valid": st.sampled_from([{"from": "2026-11-01"}, {"until": "2026-11-01"}, {"weekdays": ["sat"]},
                              {"hours": {"from": "01:00", "until": "02:00"}}]),
    "conditions": st.sampled_from([asks("order_is_first", "is_true"), asks("order_is_first", "is_false")]),
})  # fmt: skip


def built(envelope):
    return policy(*envelope["actions"], **{key: value for key, value in envelope.items() if key != "actions"})


@settings(max_examples=120, deadline=None)
@given(ENVELOPE, ENVELOPE, st.sampled_from(LANGUAGES))
def test_two_policies_that_differ_do_not_read_the_same(one, other, lang):
    documents = [built(one), built(other)]
    assert all(faults(folder(document)) == [] for document in documents)

    plain = [{key: value for key, value in document.items() if key != "title"} for document in documents]
    default = [str(document).replace(", 'wallet': 'points'", "") for document in plain]

    assert (said(documents[0], lang) == said(documents[1], lang)) is (default[0] == default[1])


@pytest.mark.parametrize(
    ("name", "operator", "en", "zh"),
    [
        ("member_birthday_month", "is_true", ", if it is the member's birthday month:", "若为会员生日月："),
        ("member_birthday_month", "is_false", ", if it is not the member's birthday month:", "若不是会员生日月："),
        ("order_is_first", "is_true", ", if it is the member's first order:", "若为会员首单："),
    ],
)
def test_what_is_so_or_not_is_a_clause(name, operator, en, zh):
    document = earns(1, conditions=asks(name, operator))

    assert en in said(document, "en")
    assert zh in said(document, "zh-CN")


def test_every_yes_or_no_of_ours_has_its_clause():
    names = {one.name for one in BUILT_IN if one.type == "boolean"}

    for lang in LANGUAGES:
        assert {f"rule.{word}.{name}" for name in names for word in ("is_true", "is_false")} <= set(locales.texts(lang))


def test_every_operator_action_base_rounding_and_limit_has_its_words():
    wanted = {f"rule.{words.phrase(kind.name, name)}" for kind in TYPES.values() for name in kind.operators}
    wanted |= {f"rule.base.{base}" for base in BASES} | {f"rule.rounding.{rounding}" for rounding in ROUNDINGS}
    wanted |= {f"action.{name}" for name in ACTIONS} | {
        f"period.{period_of(name)}" for name in Limits.model_fields if name != "budget"
    }
    wanted |= {f"unit.{one.unit}" for one in CATALOGUE.variables.values() if one.type == "number" and one.unit}
    wanted |= {f"group.{one.group}" for one in CATALOGUE.variables.values()}

    for lang in LANGUAGES:
        assert wanted <= set(locales.texts(lang))


@settings(max_examples=100, deadline=None)
@given(conditions, facts, st.sampled_from(LANGUAGES))
def test_a_trace_can_always_be_told_with_what_was_found(raw, scene, lang):
    traced = explain.trace(typed(raw), scene)

    told = list(telling.tree(DEFINITIONS, traced, lang))

    assert len(told) >= 1
    assert told[0].startswith("✓" if traced.met else "✗")


def postings(rules, lang="en", lines=(), **given):
    verdict = decided(rules, lines=lines, **given)
    scene = given_facts(rules, **given)
    return [telling.posting(rules, effect, scene, list(lines), verdict, lang) for effect in verdict.effects]


def titled(document, en, zh):
    return {**document, "title": {"en": en, "zh-CN": zh}}


def test_a_posting_says_how_its_figure_came_about():
    rules = lab(
        a=titled(rates(limits={"points_per_member_per_day": 400}), "Base", "基础"),
        b=titled(multiplies("1.5"), "Gold", "金卡"),
        c=titled(earns(7), "Gift", "赠送"),
    )

    assert postings(rules, order_paid=33399) == [
        "Base: ¥1 → 1 point, of the amount paid ¥333.99: 333 points",
        "Gold: 333.99 × 1.5 = 500.985 → 500 points: 167 points on top",
        "Gift: 7 points",
    ]
    assert postings(rules, "zh-CN", order_paid=50000) == [
        "基础：实付500元，每1元得1积分：400积分（应得500积分：每位会员每日最多400积分）",
        "金卡：400×1.5=600 → 600积分：另得200积分",
        "赠送：7积分",
    ]


def test_a_posting_of_a_line_names_the_lines_amount():
    lines = [{"line_amount": 1050}, {"line_amount": 2000}]

    assert postings(lab(rates(**BY_LINE)), lines=lines)[1] == (
        "Policy: ¥1 → 1 point, of the line amounts after discount ¥20: 20 points"
    )


def test_a_policy_that_did_not_fire_says_which_condition_failed_and_what_was_found():
    big = asks("order_paid", "greater_than_or_equal_to", "100.00")
    rules = lab(
        big=earns(5, conditions={"all": [big, asks("hour", "less_than", 23)]}),
        best=earns(1, stacking={"group": "g", "mode": "best"}),
        better=earns(2, stacking={"group": "g", "mode": "best"}, limits={"times_per_member": 5}),
        late=earns(5, valid={"from": "2027-01-01"}),
    )  # fmt: skip
    verdict = decided(rules, order_paid=8800)

    told = {
        story.policy.removeprefix("earn/"): (story.state, telling.story(rules, story, "en"))
        for story in explain.stories(rules, "order.paid", given_facts(rules, order_paid=8800), [], verdict)
    }

    assert told == {
        "big": (
            "not_met",
            [
                "Policy: did not apply",
                "wanted: amount paid is at least ¥100 – found: ¥88",
                "¥12 more (amount paid) for: earn 5 points",
            ],
        ),
        "best": ("withheld", ["Policy: 1 point not counted: another policy of the group “g” gives more"]),
        "better": ("fired", ["Policy: 2 points"]),
        "late": (
            "withheld",
            ["Policy: not counted: outside its time: wanted from 2027-01-01, found 2026-11-21 (Saturday) 12:00"],
        ),
    }


def test_every_reason_can_be_said_in_both_languages():
    limits = {"times_per_member": 1}
    rules = lab(
        gone=earns(1, limits=limits), paused=earns(1), broke=earns(1, limits={"budget": "autumn"}),
        first=earns(1, stacking={"group": "g", "mode": "exclusive"}, priority=1),
        second=earns(1, stacking={"group": "g", "mode": "exclusive"}),
    )  # fmt: skip
    used = {("earn/gone", "times_per_member", ""): 1, ("", "budget:autumn", ""): 0}
    verdict = decided(rules, used=used, paused={"earn/paused"})

    told = {one.policy: telling.outcome(rules, one, "zh-CN") for one in verdict.outcomes}

    assert told == {
        "earn/gone": "未计入1积分：每位会员累计最多1次",
        "earn/paused": "未计入：已暂停",
        "earn/broke": "未计入1积分：从总额1,000积分的预算“中Autumn”中支出",
        "earn/first": "1积分",
        "earn/second": "未计入1积分：“g”组内另一条规则优先",
    }
