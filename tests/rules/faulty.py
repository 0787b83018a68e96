"""Broken policies and definitions, each with the place and the code of what is wrong with it."""

import json
from collections.abc import Callable
from typing import Any

from tests.rules.lab import DEFINITIONS, RATE, Document, asks, earns, folder, multiplies, policy, rates, words

GIVEN: Document = {"order_paid": "300.00"}
SOUND = {
    **rates(),
    "examples": [{"given": GIVEN, "then": [{"earn": "points", "points": 300}]}, {"given": {}, "then": []}],
}


def with_condition(condition: Any) -> Document:
    return earns(1, conditions=condition)


def with_action(name: str, params: Any = None, **more: Any) -> Document:
    return policy((name, {} if params is None else params), **more)


def asked(name: str, operator: str, *value: Any) -> Document:
    return with_condition(asks(name, operator, *value))


def nested(depth: int) -> Document:
    condition = asks("order_paid", "is_set")
    for _ in range(depth):
        condition = {"not": condition}
    return with_condition(condition)


def wide(count: int) -> Document:
    return with_condition({"any": [asks("order_paid", "is_set")] * count})


def example(given: Any, then: Any = (), **more: Any) -> Document:
    return {**rates(), "examples": [{"given": given, "then": list(then), **more}, SOUND["examples"][0]]}


def limited(**limits: Any) -> Document:
    return earns(1, limits=limits)


def valid(**window: Any) -> Document:
    return earns(1, valid=window)


def stepped(*values: str) -> Document:
    steps = [{"points": 1, "value": value} for value in values]
    return with_action("price_stepped", {"benefit": "coupon", "steps": steps}, **PRICE)


PRICE: Document = {"on": "points.redeem"}
POLICIES: list[tuple[Any, str, str]] = [
    # The envelope.
    ([], "", "WRONG_TYPE"),
    ({}, "/title", "FIELD_MISSING"),
    ({**SOUND, "colour": "red"}, "/colour", "FIELD_UNKNOWN"),
    ({**SOUND, "title": "Double"}, "/title", "WRONG_TYPE"),
    ({**SOUND, "title": {"en": "Double"}}, "/title/zh-CN", "LANGUAGE_MISSING"),
    ({**SOUND, "title": {"zh-CN": "双倍"}}, "/title/en", "LANGUAGE_MISSING"),
    ({**SOUND, "title": {"en": "  ", "zh-CN": "双倍"}}, "/title/en", "TEXT_EMPTY"),
    ({**SOUND, "title": {"en": "x" * 501, "zh-CN": "双倍"}}, "/title/en", "BAD_LENGTH"),
    ({**SOUND, "title": words("a\x00b")}, "/title/en", "BAD_TEXT"),
    ({**SOUND, "title": words("a\ud800")}, "/title/en", "BAD_TEXT"),
    ({**SOUND, "on": "order.paid"}, "/on", "WRONG_TYPE"),
    ({**SOUND, "on": []}, "/on", "BAD_LENGTH"),
    ({**SOUND, "on": ["order.payed"]}, "/on/0", "EVENT_UNKNOWN"),
    ({**SOUND, "on": ["order.paid", "order.paid"]}, "/on/1", "NAME_TAKEN"),
    ({**SOUND, "scope": "basket"}, "/scope", "NOT_ALLOWED"),
    (earns(1, scope="line", on="profile.completed"), "/scope", "SCOPE_LINE"),
    ({**SOUND, "priority": "high"}, "/priority", "WRONG_TYPE"),
    ({**SOUND, "priority": 1001}, "/priority", "OUT_OF_RANGE"),
    ({**SOUND, "priority": True}, "/priority", "WRONG_TYPE"),
    ({**SOUND, "priority": 1.5}, "/priority", "FLOAT"),
    ({**SOUND, "priority": 10**13}, "/priority", "NUMBER_TOO_LARGE"),
    ({**SOUND, "actions": []}, "/actions", "BAD_LENGTH"),
    ({**SOUND, "stacking": {"group": "A B", "mode": "best"}}, "/stacking/group", "BAD_NAME"),
    ({**SOUND, "stacking": {"group": "a", "mode": "worst"}}, "/stacking/mode", "NOT_ALLOWED"),
    ({**SOUND, "stacking": {"mode": "best"}}, "/stacking/group", "FIELD_MISSING"),
    # Windows.
    (valid(**{"from": "2026-13-01"}), "/valid/from", "BAD_DATE"),
    (valid(**{"from": "tomorrow"}), "/valid/from", "BAD_DATE"),
    (valid(**{"from": 20261101}), "/valid/from", "BAD_DATE"),
    (valid(**{"from": "2026-11-02", "until": "2026-11-01"}), "/valid/until", "WINDOW_EMPTY"),
    (valid(weekdays=["saturday"]), "/valid/weekdays/0", "NOT_ALLOWED"),
    (valid(weekdays=[]), "/valid/weekdays", "BAD_LENGTH"),
    (valid(hours={"from": "25:00", "until": "26:00"}), "/valid/hours/from", "BAD_NAME"),
    (valid(since="2026-11-01"), "/valid/since", "FIELD_UNKNOWN"),
    # Conditions.
    (with_condition([]), "/conditions", "WRONG_TYPE"),
    (with_condition({}), "/conditions", "FIELD_MISSING"),
    (with_condition({"all": []}), "/conditions/all", "GROUP_EMPTY"),
    (with_condition({"any": []}), "/conditions/any", "GROUP_EMPTY"),
    (with_condition({"all": {}}), "/conditions/all", "WRONG_TYPE"),
    (with_condition({"all": [1]}), "/conditions/all/0", "WRONG_TYPE"),
    (with_condition({"not": []}), "/conditions/not", "WRONG_TYPE"),
    (with_condition({"all": [asks("order_paid", "is_set")], "any": []}), "/conditions", "GROUP_NOT_ALONE"),
    (with_condition({"all": [asks("order_paid", "is_set")], "id": 7}), "/conditions", "GROUP_NOT_ALONE"),
    (with_condition({"name": "order_paid", "operator": "is_set", "note": "x"}), "/conditions/note", "FIELD_UNKNOWN"),
    (with_condition({"operator": "is_set"}), "/conditions", "FIELD_MISSING"),
    (with_condition({"name": "order_paid"}), "/conditions", "FIELD_MISSING"),
    (nested(9), "/conditions" + "/not" * 8, "CONDITIONS_TOO_DEEP"),
    (wide(201), "/conditions/any", "CONDITIONS_TOO_MANY"),
    (with_condition({"all": [{"any": [asks("order_paid", "is_set")] * 101}] * 2}), "", "CONDITIONS_TOO_MANY"),
    (asked("order_pade", "is_set"), "/conditions/name", "VARIABLE_UNKNOWN"),
    (asked("payload_rating", "equal_to", 5), "/conditions/name", "VARIABLE_NOT_HERE"),
    (asked("line_sku", "equal_to", "T1"), "/conditions/name", "VARIABLE_OF_LINE"),
    (with_condition({"name": 7, "operator": "is_set"}), "/conditions/name", "VARIABLE_UNKNOWN"),
    (asked("order_paid", "at_least", "1.00"), "/conditions/operator", "OPERATOR_UNKNOWN"),
    (asked("order_store", "matches_regex", "(a+)+$"), "/conditions/operator", "OPERATOR_UNKNOWN"),
    (with_condition({"name": "order_paid", "operator": ["is_set"]}), "/conditions/operator", "OPERATOR_UNKNOWN"),
    (asked("order_paid", "equal_to", 300), "/conditions/value", "VALUE_AMOUNT"),
    (asked("order_paid", "equal_to", "3.001"), "/conditions/value", "VALUE_AMOUNT"),
    (asked("order_paid", "equal_to", "1e3"), "/conditions/value", "VALUE_AMOUNT"),
    (asked("order_paid", "equal_to", "٣"), "/conditions/value", "VALUE_AMOUNT"),
    (asked("order_paid", "equal_to", "9999999999999.00"), "/conditions/value", "VALUE_AMOUNT"),
    (asked("order_paid", "equal_to", 3.5), "/conditions/value", "FLOAT"),
    (asked("order_paid", "equal_to"), "/conditions/value", "VALUE_AMOUNT"),
    (asked("order_paid", "is_set", "yes"), "/conditions/value", "VALUE_NOT_WANTED"),
    (asked("order_paid", "between", "1.00"), "/conditions/value", "VALUE_LIST"),
    (asked("order_paid", "between", ["1.00"]), "/conditions/value", "VALUE_ENDS"),
    (asked("order_paid", "between", ["2.00", "1.00"]), "/conditions/value", "VALUE_ENDS"),
    (asked("balance_points", "equal_to", "1.5"), "/conditions/value", "VALUE_POINTS"),
    (asked("order_quantity", "equal_to", True), "/conditions/value", "VALUE_NUMBER"),
    (asked("order_quantity", "equal_to", "many"), "/conditions/value", "VALUE_NUMBER"),
    (asked("order_quantity", "equal_to", -1), "/conditions/value", "VALUE_RANGE"),
    (asked("hour", "equal_to", 24), "/conditions/value", "VALUE_RANGE"),
    (asked("month", "one_of", [1]), "/conditions/operator", "OPERATOR_UNKNOWN"),
    (asked("weekday", "equal_to", "Saturday"), "/conditions/value", "VALUE_OPTION"),
    (asked("weekday", "one_of", []), "/conditions/value", "VALUE_MANY"),
    (asked("weekday", "one_of", ["sat"] * 201), "/conditions/value", "VALUE_MANY"),
    (asked("member_tier", "at_least", "platinum"), "/conditions/value", "VALUE_OPTION"),
    (asked("member_tier", "greater_than", "gold"), "/conditions/operator", "OPERATOR_UNKNOWN"),
    (asked("order_store", "equal_to", ""), "/conditions/value", "VALUE_TEXT"),
    (asked("order_store", "equal_to", 7), "/conditions/value", "VALUE_TEXT"),
    (asked("order_store", "one_of", "S1"), "/conditions/value", "VALUE_LIST"),
    (asked("order_skus", "contains_any", ["a", 1]), "/conditions/value", "VALUE_TEXT"),
    (asked("today", "before", "1 November"), "/conditions/value", "VALUE_DATE"),
    (asked("today", "before", "20261101"), "/conditions/value", "VALUE_DATE"),
    # Actions.
    (with_action("earn_coins", {"points": 1}), "/actions/0/name", "ACTION_UNKNOWN"),
    (with_action("earn_points"), "/actions/0/params/points", "FIELD_MISSING"),
    (with_action("earn_points", {"points": 1.5}), "/actions/0/params/points", "FLOAT"),
    (with_action("earn_points", {"points": "1.5"}), "/actions/0/params/points", "VALUE_POINTS"),
    (with_action("earn_points", {"points": 0}), "/actions/0/params/points", "OUT_OF_RANGE"),
    (with_action("earn_points", {"points": -5}), "/actions/0/params/points", "OUT_OF_RANGE"),
    (with_action("earn_points", {"points": True}), "/actions/0/params/points", "BAD_DECIMAL"),
    (with_action("earn_points", {"points": "1E5"}), "/actions/0/params/points", "BAD_DECIMAL"),
    (with_action("earn_points", {"points": 1, "wallet": "gold"}), "/actions/0/params/wallet", "WALLET_UNKNOWN"),
    (with_action("earn_points", {"points": 1, "to": "x"}), "/actions/0/params/to", "FIELD_UNKNOWN"),
    (earns(1, pending={}), "/actions/0/params/pending", "EXACTLY_ONE"),
    (earns(1, pending={"days": 1, "open": True}), "/actions/0/params/pending", "EXACTLY_ONE"),
    (earns(1, pending={"days": -1}), "/actions/0/params/pending/days", "OUT_OF_RANGE"),
    (earns(1, expires={"after": {"weeks": 1}}), "/actions/0/params/expires/after/weeks", "FIELD_UNKNOWN"),
    (earns(1, expires={"never": False}), "/actions/0/params/expires/never", "NOT_ALLOWED"),
    (rates(base="order_gross"), "/actions/0/params/base", "NOT_ALLOWED"),
    (rates(rounding="up"), "/actions/0/params/rounding", "NOT_ALLOWED"),
    (rates(rounding="floor_line"), "/actions/0/params/rounding", "ROUNDING_NEEDS_LINES"),
    (rates(scope="line"), "/actions/0/params/base", "BASE_NOT_OF_LINE"),
    (rates(per="0"), "/actions/0/params/per", "OUT_OF_RANGE"),
    (rates(on="member.enrolled"), "/actions/0/name", "ACTION_NOT_HERE"),
    (earns(1, on="points.redeem"), "/actions/0/name", "ACTION_NOT_HERE"),
    (earns(1, on="member.enrol_wanted"), "/actions/0/name", "ACTION_NOT_HERE"),
    (with_action("enrol"), "/actions/0/name", "ACTION_NOT_HERE"),
    (multiplies("1"), "/actions/0/params/factor", "OUT_OF_RANGE"),
    (multiplies("101"), "/actions/0/params/factor", "OUT_OF_RANGE"),
    (policy(("multiply_points", {"factor": "2"}), ("earn_points_per_amount", RATE)), "/actions/1", "MULTIPLIES_ITSELF"),
    (with_action("issue_benefit", {"benefit": "yacht"}), "/actions/0/params/benefit", "BENEFIT_UNKNOWN"),
    (with_action("issue_benefit", {"benefit": "pack"}, scope="line"), "/actions/0/name", "ACTION_NOT_BY_LINE"),
    (with_action("issue_benefit", {"benefit": "pack", "count": 101}), "/actions/0/params/count", "OUT_OF_RANGE"),
    (with_action("price_fixed", {"benefit": "coupon", "points": 9, "wallet": "growth"}, **PRICE),
        "/actions/0/params/wallet", "WALLET_NOT_SPENDABLE"),
    (stepped(), "/actions/0/params/steps", "BAD_LENGTH"),
    (stepped("0.001"), "/actions/0/params/steps/0/value", "VALUE_AMOUNT"),
    (stepped("5", "5"), "/actions/0/params/steps/1/value", "NAME_TAKEN"),
    (with_action("refuse", {"text": {"en": "No"}}), "/actions/0/params/text/zh-CN", "LANGUAGE_MISSING"),
    (policy(("refuse", {"text": words("No")}), ("earn_points", {"points": 1})), "/actions/0", "ACTION_ALONE"),
    (with_action("send_message", {"template": "../../etc/passwd"}), "/actions/0/params/template", "BAD_NAME"),
    # Limits.
    (limited(points_per_member=0), "/limits/points_per_member", "OUT_OF_RANGE"),
    (limited(points_per_member="20"), "/limits/points_per_member", "WRONG_TYPE"),
    (limited(points_per_year=5), "/limits/points_per_year", "FIELD_UNKNOWN"),
    (limited(budget="winter"), "/limits/budget", "BUDGET_UNKNOWN"),
    (earns(1, wallet="growth", limits={"budget": "autumn"}), "/limits/budget", "BUDGET_WALLET"),
    (with_action("issue_benefit", {"benefit": "pack"}, limits={"points_per_member": 5}), "/limits/points_per_member",
        "LIMIT_ONE_WALLET"),
    (with_action("enrol", on="member.enrol_wanted", limits={"times_per_member": 5}), "/limits", "LIMIT_WITHOUT_MEMBER"),
    # Examples.
    ({**SOUND, "examples": SOUND["examples"][:1] * 2}, "/examples", "EXAMPLES_ALL_FIRE"),
    ({**SOUND, "examples": SOUND["examples"][1:] * 2}, "/examples", "EXAMPLES_NONE_FIRES"),
    (example(GIVEN), "/examples/0/then", "EXAMPLE_DIFFERS"),
    (example({"order_pade": "1.00"}), "/examples/0/given/order_pade", "VARIABLE_UNKNOWN"),
    (example({"order_paid": 1}), "/examples/0/given/order_paid", "VALUE_AMOUNT"),
    (example({"order_skus": "T1"}), "/examples/0/given/order_skus", "VALUE_LIST"),
    (example({"order_is_first": "yes"}), "/examples/0/given/order_is_first", "VALUE_BOOLEAN"),
    (example({}, on="order.lost"), "/examples/0/on", "EVENT_UNKNOWN"),
    (example({}, lines=[{"line_colour": "red"}]), "/examples/0/lines/0/line_colour", "VARIABLE_UNKNOWN"),
    (example({}, because="x"), "/examples/0/because", "FIELD_UNKNOWN"),
]  # fmt: skip


def changed(path: str, change: Callable[[Document], Any]) -> dict[str, Any]:
    documents: dict[str, Any] = folder()
    documents[path] = json.loads(json.dumps(documents[path]))
    change(documents[path])
    return documents


def put(*steps: str | int, value: Any) -> Callable[[Document], Any]:
    def change(document: Any) -> None:
        for step in steps[:-1]:
            document = document[step]
        document[steps[-1]] = value

    return change


SCHEMA = ("event_types", "review.written", "schema")
WALLET = DEFINITIONS["programme"]["wallets"]["growth"]
EVENT = DEFINITIONS["programme"]["event_types"]["review.written"]
RATING_AS_TEXT = {
    "type": "object", "properties": {"rating": {"type": "string"}}, "required": [], "additionalProperties": False,
}  # fmt: skip
GROWTH, ORDERS = ("metrics", "growth_365d"), ("metrics", "orders_365d")
REACH = ("levels", 1, "reach")
DEFINED: list[tuple[str, Callable[[Document], Any], str, str]] = [
    ("programme", put("zone", value="Mars/Olympus"), "/zone", "BAD_ZONE"),
    ("programme", put("zone", value="../secret"), "/zone", "BAD_ZONE"),
    ("programme", put("currency", value="yuan"), "/currency", "BAD_NAME"),
    ("programme", put("languages", value=["fr"]), "/languages/0", "NOT_ALLOWED"),
    ("programme", put("late_days", value=0), "/late_days", "OUT_OF_RANGE"),
    ("programme", put("debt", value="forgive"), "/debt", "NOT_ALLOWED"),
    ("programme", put("wallets", value={}), "/wallets", "BAD_LENGTH"),
    ("programme", put("wallets", "Bad-Name", value=WALLET), "/wallets/Bad-Name", "BAD_NAME"),
    ("programme", put("wallets", "points", "scale", value=5), "/wallets/points/scale", "OUT_OF_RANGE"),
    ("programme", put("wallets", "points", "main", value=False), "/wallets", "WALLET_MAIN"),
    ("programme", put("wallets", "growth", "main", value=True), "/wallets", "WALLET_MAIN"),
    ("programme", put("wallets", "points", "expires", value=None), "/wallets/points/expires", "WRONG_TYPE"),
    ("programme", put(*GROWTH, "wallet", value="gold"), "/metrics/growth_365d/wallet", "WALLET_UNKNOWN"),
    ("programme", put(*GROWTH, "count", value="orders"), "/metrics/growth_365d", "EXACTLY_ONE"),
    ("programme", put(*ORDERS, "wallet", value="points"), "/metrics/orders_365d/wallet", "FIELD_NOT_HERE"),
    ("programme", put(*ORDERS, "type", value="review.written"), "/metrics/orders_365d/type", "FIELD_NOT_HERE"),
    ("programme", put(*ORDERS, "count", value="events"), "/metrics/orders_365d/type", "EVENT_UNKNOWN"),
    ("programme", put("metrics", "order_paid", value=DEFINITIONS["programme"]["metrics"]["orders_365d"]),
        "/metrics/order_paid", "NAME_TAKEN"),
    ("programme", put("event_types", "Review", value=EVENT), "/event_types/Review", "BAD_NAME"),
    ("programme", put("event_types", "order.paid", value=EVENT), "/event_types/order.paid", "NAME_TAKEN"),
    ("programme", put(*SCHEMA, "required", value=["stars"]),
        "/event_types/review.written/schema/required/0", "FIELD_UNKNOWN"),
    ("programme", put(*SCHEMA, "properties", "rating", "pattern", value="(a+)+$"),
        "/event_types/review.written/schema/properties/rating/pattern", "FIELD_UNKNOWN"),
    ("programme", put(*SCHEMA, "properties", "rating", "maxLength", value=3),
        "/event_types/review.written/schema/properties/rating/maxLength", "FIELD_NOT_HERE"),
    ("programme", put("event_types", "post.made", value={**EVENT, "schema": RATING_AS_TEXT}),
        "/event_types/post.made/schema/properties/rating", "PAYLOAD_DIFFERS"),
    ("programme", put("budgets", "autumn", "wallet", value="gold"), "/budgets/autumn/wallet", "WALLET_UNKNOWN"),
    ("programme", put("budgets", "autumn", "points", value="0.5"), "/budgets/autumn/points", "VALUE_POINTS"),
    ("programme", put("ladder", value="stairs"), "/ladder", "LADDER_UNKNOWN"),
    ("tiers/grade", put("levels", value=[]), "/levels", "BAD_LENGTH"),
    ("tiers/grade", put("levels", 0, "reach", value=asks("orders_count", "is_set")), "/levels/0", "REACH_LOWEST"),
    ("tiers/grade", put(*REACH, value=None), "/levels/1", "REACH_MISSING"),
    ("tiers/grade", put("levels", 1, "key", value="normal"), "/levels/1/key", "NAME_TAKEN"),
    ("tiers/grade", put(*REACH, value=asks("order_paid", "is_set")), "/levels/1/reach/name", "VARIABLE_NOT_HERE"),
    ("tiers/grade", put(*REACH, value=asks("spend_90d", "is_set")), "/levels/1/reach/name", "VARIABLE_UNKNOWN"),
    ("tiers/grade", put("review", "every", value="fortnight"), "/review/every", "NOT_ALLOWED"),
    ("tiers/grade", put("demotion", "when", value={"all": []}), "/demotion/when/all", "GROUP_EMPTY"),
    ("benefits/coupon", put("kind", value="yacht"), "/kind", "NOT_ALLOWED"),
    ("benefits/coupon", put("value", value="10.005"), "/value", "VALUE_AMOUNT"),
    ("benefits/pack", put("value", value="10.00"), "/value", "FIELD_NOT_HERE"),
    ("benefits/pack", put("partner", value="cafe"), "/partner", "FIELD_NOT_HERE"),
    ("benefits/pack", put("kind", value="partner_benefit"), "/partner", "FIELD_MISSING"),
    ("benefits/coupon", put("available_to", value=asks("line_sku", "is_set")),
        "/available_to/name", "VARIABLE_OF_LINE"),
]  # fmt: skip
