"""Broken ways to earn, to price and to use a benefit, each with the place and the code of what is wrong with it."""

from collections.abc import Callable
from typing import Any

from tests.rules.lab import Document, policy, put, rates

PRICE: Document = {"on": "points.redeem"}


def with_action(name: str, params: Any, **more: Any) -> Document:
    return policy((name, params), **more)


def stepped(*values: str, **params: Any) -> Document:
    steps = [{"points": 1, "value": value} for value in values]
    return with_action("price_stepped", {"benefit": "coupon", "steps": steps, **params}, **PRICE)


def limited_parts(uses: int, part: int) -> Callable[[Document], Any]:
    return lambda benefit: benefit.update(uses=uses, sub_limits={"lost": part})


def priced(**params: Any) -> Document:
    return with_action("price_rate", {"benefit": "coupon", "points": 1, **params}, **PRICE)


def counts(**params: Any) -> Document:
    envelope = {name: params.pop(name) for name in ("scope", "on") if name in params}
    return with_action("earn_points_per_unit", {"points": 1, **params}, **envelope)


def climbs(mode: str, *steps: tuple[Any, ...], of: str = "order_paid") -> Document:
    rows = [dict(zip(("from", "points", "per"), step, strict=False)) for step in steps]
    return with_action("earn_points_by_steps", {"of": of, "steps": rows, "mode": mode})


def looks_up(by: str, table: Any, **params: Any) -> Document:
    envelope = {name: params.pop(name) for name in ("on",) if name in params}
    return with_action("earn_points_by_table", {"by": by, "table": table, "per": "1", **params}, **envelope)


POLICIES: list[tuple[Any, str, str]] = [
    (rates(base="order_quantity"), "/actions/0/params/base", "BASE_TYPE"),
    (rates(base="line_net", on="member.enrolled"), "/actions/0/params/base", "VARIABLE_NOT_HERE"),
    (rates(minimum="1.005"), "/actions/0/params/minimum", "VALUE_AMOUNT"),
    (rates(cap="0.5"), "/actions/0/params/cap", "VALUE_POINTS"),
    (counts(base="order_net"), "/actions/0/params/base", "BASE_TYPE"),
    (counts(base="line_quantity", on="member.enrolled"), "/actions/0/params/base", "VARIABLE_NOT_HERE"),
    (climbs("award", ("5", 1), ("5", 2)), "/actions/0/params/steps/1/from", "STEPS_RISE"),
    (climbs("award", ("1.005", 1)), "/actions/0/params/steps/0/from", "VALUE_AMOUNT"),
    (climbs("award", ("5", "0.5")), "/actions/0/params/steps/0/points", "VALUE_POINTS"),
    (climbs("award", ("5", 1, "1")), "/actions/0/params/steps/0/per", "FIELD_NOT_HERE"),
    (climbs("repeat", ("0", 1)), "/actions/0/params/steps/0/from", "OUT_OF_RANGE"),
    (climbs("rate", ("0", 1)), "/actions/0/params/steps/0", "FIELD_MISSING"),
    (climbs("slices", ("0", 1)), "/actions/0/params/steps/0", "FIELD_MISSING"),
    (climbs("leaps", ("0", 1)), "/actions/0/params/mode", "NOT_ALLOWED"),
    (climbs("award"), "/actions/0/params/steps", "BAD_LENGTH"),
    (climbs("award", ("5", 1), of="member_tier"), "/actions/0/params/of", "BASE_TYPE"),
    (looks_up("order_paid", {"a": 1}), "/actions/0/params/by", "TABLE_BY"),
    (looks_up("shoe_size", {"a": 1}), "/actions/0/params/by", "VARIABLE_UNKNOWN"),
    (looks_up("member_tier", {"platinum": 1}), "/actions/0/params/table/platinum", "VALUE_OPTION"),
    (looks_up("member_tier", {"gold": -1}), "/actions/0/params/table/gold", "OUT_OF_RANGE"),
    (looks_up("member_tier", {}), "/actions/0/params/table", "BAD_LENGTH"),
    (looks_up("line_category", {"a": 1}, base="order_paid"), "/actions/0/params/base", "BASE_NOT_OF_LINE"),
    (looks_up("order_payment", {"card": 1}, on="member.enrolled"), "/actions/0/params/by", "VARIABLE_NOT_HERE"),
    (with_action("multiply_points", {}), "/actions/0/params", "EXACTLY_ONE"),
    (with_action("multiply_points", {"factor": "2", "by": "member_tier"}), "/actions/0/params", "EXACTLY_ONE"),
    (with_action("multiply_points", {"by": "member_tier"}), "/actions/0/params", "EXACTLY_ONE"),
    (with_action("multiply_points", {"factor": "2", "otherwise": "2"}), "/actions/0/params", "EXACTLY_ONE"),
    (
        with_action("multiply_points", {"by": "member_tier", "table": {"gold": "0.5"}}),
        "/actions/0/params/table/gold",
        "OUT_OF_RANGE",
    ),
    (
        with_action("multiply_points", {"by": "order_paid", "table": {"gold": "2"}}),
        "/actions/0/params/by",
        "TABLE_BY",
    ),
    (with_action("revoke_benefit", {"benefit": "yacht"}), "/actions/0/params/benefit", "BENEFIT_UNKNOWN"),
    (
        with_action("revoke_benefit", {"benefit": "coupon", "count": 1, "all": True}),
        "/actions/0/params",
        "EXACTLY_ONE",
    ),
    (with_action("upgrade_benefit", {"from": "yacht", "to": "coupon"}), "/actions/0/params/from", "BENEFIT_UNKNOWN"),
    (with_action("upgrade_benefit", {"from": "coupon", "to": "yacht"}), "/actions/0/params/to", "BENEFIT_UNKNOWN"),
    (with_action("upgrade_benefit", {"from": "coupon", "to": "coupon"}), "/actions/0/params/to", "NAME_TAKEN"),
    (stepped("10", most="20"), "/actions/0/params/most", "FIELD_NOT_HERE"),
    (stepped("10", combine=True, most="20000.01"), "/actions/0/params/most", "OUT_OF_RANGE"),
    (stepped("10", minimum_basket="9.999"), "/actions/0/params/minimum_basket", "VALUE_AMOUNT"),
    (stepped("10", one_per_order="yes"), "/actions/0/params/one_per_order", "WRONG_TYPE"),
    (priced(per="1.001"), "/actions/0/params/per", "VALUE_AMOUNT"),
    (priced(least="5", most="4"), "/actions/0/params/most", "OUT_OF_RANGE"),
    (
        priced(steps=[{"from": "5", "points": 2}, {"from": "5", "points": 3}]),
        "/actions/0/params/steps/1/from",
        "STEPS_RISE",
    ),
    (
        with_action("price_fixed", {"benefit": "coupon", "points": 1, "money": "1.005"}, **PRICE),
        "/actions/0/params/money",
        "VALUE_AMOUNT",
    ),
]

DEFINED: list[tuple[str, Callable[[Document], Any], str, str]] = [
    ("benefits/coupon", put("uses", value=1), "/uses", "OUT_OF_RANGE"),
    ("benefits/coupon", put("sub_limits", value={"lost": 1}), "/sub_limits/lost", "FIELD_NOT_HERE"),
    ("benefits/coupon", limited_parts(2, 3), "/sub_limits/lost", "OUT_OF_RANGE"),
]
