"""Broken policies and definitions, each with the place and the code of what is wrong with it."""

import json
from collections.abc import Callable
from typing import Any

from tests.rules import faulty_benefits, faulty_earning, faulty_moments, faulty_occasions, faulty_tiers
from tests.rules.lab import (
    DEFINITIONS,
    NEVER,
    RATE,
    Document,
    asks,
    earns,
    folder,
    multiplies,
    policy,
    put,
    rates,
    words,
)

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


def keeps(level: str, **more: Any) -> Document:
    return {"at_least": level, **more}


def valid(**window: Any) -> Document:
    return earns(1, valid=window)


def meant(on: str = "order.paid", **audience: Any) -> Document:
    made = with_action("price_fixed", {"benefit": "coupon", "points": 1}, on=on) if on in PRICE.values() else earns(1)
    return {**made, "audience": audience}


def stepped(*values: str, **params: Any) -> Document:
    steps = [{"points": 1, "value": value} for value in values]
    return with_action("price_stepped", {"benefit": "coupon", "steps": steps, **params}, **PRICE)


SKU: Document = asks("line_sku", "equal_to", "A")
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
    (asked("time_of_day", "before", "9:30"), "/conditions/value", "VALUE_TIME"),
    (asked("time_of_day", "before", "24:00"), "/conditions/value", "VALUE_TIME"),
    (asked("time_of_day", "between", ["22:00"]), "/conditions/value", "VALUE_ENDS"),
    (asked("member_joined_ago", "less_than", "30 days"), "/conditions/value", "VALUE_DURATION"),
    (asked("member_joined_ago", "less_than", 30), "/conditions/value", "VALUE_DURATION"),
    (asked("member_joined_ago", "less_than", "12h1d"), "/conditions/value", "VALUE_DURATION"),
    (asked("member_joined_ago", "less_than", ""), "/conditions/value", "VALUE_DURATION"),
    (asked("member_joined_ago", "between", ["2d", "36h"]), "/conditions/value", "VALUE_ENDS"),
    (with_condition({"any_line": asks("line_sku", "is", "A")}), "/conditions/any_line/operator", "OPERATOR_UNKNOWN"),
    (with_condition({"any_line": []}), "/conditions/any_line", "WRONG_TYPE"),
    (with_condition({"any_line": SKU, "value": 1}), "/conditions", "GROUP_NOT_ALONE"),
    (with_condition({"any_line": {"every_line": SKU}}), "/conditions/any_line/every_line", "LINES_WITHIN_LINES"),
    (earns(1, conditions={"any_line": SKU}, scope="line"), "/conditions/any_line", "LINES_NOT_HERE"),
    (earns(1, conditions={"every_line": SKU}, on="profile.completed"), "/conditions/every_line", "LINES_NOT_HERE"),
    (with_condition({"lines": SKU}), "/conditions/lines/name", "FIELD_UNKNOWN"),
    (with_condition({"lines": {"where": SKU}}), "/conditions/lines", "FIELD_MISSING"),
    (with_condition({"lines": {"at_least": 0, "where": SKU}}), "/conditions/lines/at_least", "OUT_OF_RANGE"),
    (with_condition({"lines": {"at_least": "2", "where": SKU}}), "/conditions/lines/at_least", "WRONG_TYPE"),
    (asked("today", "before", "20261101"), "/conditions/value", "VALUE_DATE"),
    # Actions.
    (with_action("earn_coins", {"points": 1}), "/actions/0/name", "ACTION_UNKNOWN"),
    (with_action("earn_points"), "/actions/0/params/points", "FIELD_MISSING"),
    (with_action("earn_points", {"points": 1.5}), "/actions/0/params/points", "FLOAT"),
    (with_action("earn_points", {"points": "1.5"}), "/actions/0/params/points", "VALUE_POINTS"),
    (with_action("earn_points", {"points": 0}), "/actions/0/params/points", "OUT_OF_RANGE"),
    (with_action("earn_points", {"points": 10**12}), "/actions/0/params/points", "TOO_GENEROUS"),
    (rates(points="1000000000000", per="0.01"), "/actions/0/params/points", "TOO_GENEROUS"),
    ({**SOUND, "accepts": ["NO_SUCH"]}, "/accepts/0", "NOT_ALLOWED"),
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
    (rates(base="order_gross"), "/actions/0/params/base", "VARIABLE_UNKNOWN"),
    (rates(rounding="up"), "/actions/0/params/rounding", "NOT_ALLOWED"),
    (rates(rounding="floor_line"), "/actions/0/params/rounding", "ROUNDING_NEEDS_LINES"),
    (rates(scope="line"), "/actions/0/params/base", "BASE_NOT_OF_LINE"),
    (rates(per="0"), "/actions/0/params/per", "OUT_OF_RANGE"),
    (rates(on="member.enrolled"), "/actions/0/params/base", "VARIABLE_NOT_HERE"),
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
    # How points live.
    (earns(1, expires={"inactive": {"after": {"months": 3}}}), "/actions/0/params/expires/inactive",
        "INACTIVE_NOT_HERE"),
    (earns(1, expires={"by_tier": {"levels": {"iron": NEVER}, "otherwise": NEVER}}),
        "/actions/0/params/expires/by_tier/levels/iron", "LEVEL_UNKNOWN"),
    (earns(1, expires={"by_tier": {"ladder": "stairs", "levels": {"iron": NEVER}, "otherwise": NEVER}}),
        "/actions/0/params/expires/by_tier/ladder", "LADDER_UNKNOWN"),
    (earns(1, expires={"on": "2026-02-30"}), "/actions/0/params/expires/on", "BAD_DATE"),
    (earns(1, expires={"on": "9999-12-31"}), "/actions/0/params/expires/on", "DATE_BEYOND"),
    (earns(1, expires={"yearly": {"month": 2, "day": 32}}), "/actions/0/params/expires/yearly/day", "NOT_ALLOWED"),
    (earns(1, expires={"end_of": {"period": "week"}}), "/actions/0/params/expires/end_of/period", "NOT_ALLOWED"),
    (earns(1, expires={"yearly": {"month": 13, "day": 1}}), "/actions/0/params/expires/yearly/month", "OUT_OF_RANGE"),
    (earns(1, pending={"days": 1, "months": 1}), "/actions/0/params/pending", "EXACTLY_ONE"),
    (rates(per="99999.99", points="0.001", rounding="carry"), "/actions/0/params/rounding", "CARRY_TOO_FINE"),
    (with_action("expire_points", {"keep": "0.5"}), "/actions/0/params/keep", "VALUE_POINTS"),
    (with_action("mature_points", {"wallet": "gold"}), "/actions/0/params/wallet", "WALLET_UNKNOWN"),
    # Limits.
    (limited(points_per_member=0), "/limits/points_per_member", "OUT_OF_RANGE"),
    (limited(points_per_member="20"), "/limits/points_per_member", "WRONG_TYPE"),
    (limited(points_per_year=5), "/limits/points_per_year", "FIELD_UNKNOWN"),
    (limited(times_per_order=1), "/limits/times_per_order", "LIMIT_NEEDS_LINES"),
    (limited(points_in_all="20"), "/limits/points_in_all", "WRONG_TYPE"),
    (limited(times_in_all=0), "/limits/times_in_all", "OUT_OF_RANGE"),
    (with_action("issue_benefit", {"benefit": "pack"}, limits={"points_in_all": 5}), "/limits/points_in_all",
        "LIMIT_ONE_WALLET"),
    (with_action("issue_benefit", {"benefit": "pack"}, limits={"budget": "autumn"}), "/limits/budget",
        "LIMIT_ONE_WALLET"),
    (earns(1, stacking={"group": "g", "mode": "multiply"}), "/stacking/mode", "MODE_NEEDS_FACTOR"),
    (limited(budget="winter"), "/limits/budget", "BUDGET_UNKNOWN"),
    (earns(1, wallet="growth", limits={"budget": "autumn"}), "/limits/budget", "BUDGET_WALLET"),
    (with_action("issue_benefit", {"benefit": "pack"}, limits={"points_per_member": 5}), "/limits/points_per_member",
        "LIMIT_ONE_WALLET"),
    (with_action("enrol", on="member.enrol_wanted", limits={"times_per_member": 5}), "/limits", "LIMIT_WITHOUT_MEMBER"),
    # The calendar.
    (valid(dates=["2026-02-30"]), "/valid/dates/0", "BAD_DATE"),
    (valid(until="9999-12-31"), "/valid/until", "DATE_BEYOND"),
    (valid(until="9999-12-31T23:59:59-14:00"), "/valid/until", "DATE_BEYOND"),
    (valid(**{"from": "0001-01-01"}), "/valid/from", "DATE_BEYOND"),
    (valid(until="20261101"), "/valid/until", "BAD_DATE"),
    (valid(until="2026-W45-1"), "/valid/until", "BAD_DATE"),
    (valid(dates=["9999-12-31"]), "/valid/dates/0", "DATE_BEYOND"),
    (valid(dates=[]), "/valid/dates", "BAD_LENGTH"),
    (valid(days_of_month=[32]), "/valid/days_of_month/0", "NOT_ALLOWED"),
    (valid(months=[0]), "/valid/months/0", "OUT_OF_RANGE"),
    (valid(yearly=[{"from": "02-30", "until": "03-01"}]), "/valid/yearly/0/from", "BAD_DAY_OF_YEAR"),
    (valid(nth_weekdays=[{"nth": 6, "weekday": "mon"}]), "/valid/nth_weekdays/0/nth", "NOT_ALLOWED"),
    (valid(festivals=[{"name": "christmas"}]), "/valid/festivals/0/name", "NOT_ALLOWED"),
    (valid(festivals=[{"name": "qixi", "days_before": 61}]), "/valid/festivals/0/days_before", "OUT_OF_RANGE"),
    (valid(festivals=[{"name": "qixi"}], until="2051-01-01"), "/valid/until", "FESTIVALS_BEYOND"),
    (valid(dates=["2026-11-02"], weekdays=["tue"]), "/valid", "WINDOW_NO_DAY"),
    (valid(months=[2], days_of_month=[30]), "/valid", "WINDOW_NO_DAY"),
    # The audience.
    (meant(segments=["loyal"]), "/audience/segments/0", "SEGMENT_UNKNOWN"),
    (meant(segments=["friends", "friends"]), "/audience/segments/1", "NAME_TAKEN"),
    (meant(consents=["gossip"]), "/audience/consents/0", "CONSENT_UNKNOWN"),
    (meant(tiers={"at_least": "bronze"}), "/audience/tiers/at_least", "LEVEL_UNKNOWN"),
    (meant(tiers={"ladder": "stairs", "at_least": "gold"}), "/audience/tiers/ladder", "LADDER_UNKNOWN"),
    (meant(tiers={"ladder": "grade"}), "/audience/tiers", "EXACTLY_ONE"),
    (meant(channels=["web"], on="points.redeem"), "/audience/channels", "AUDIENCE_NOT_HERE"),
    (meant(members=["lin"]), "/audience/members/0", "BAD_NAME"),
    (meant(pilot={"percent": "0", "salt": "a"}), "/audience/pilot/percent", "OUT_OF_RANGE"),
    (meant(pilot={"percent": "12.345", "salt": "a"}), "/audience/pilot/percent", "PILOT_DECIMALS"),
    (meant(pilot={"percent": 60, "control": 41, "salt": "a"}), "/audience/pilot/control", "PILOT_TOO_LARGE"),
    (meant(pilot={"percent": 60}), "/audience/pilot/salt", "FIELD_MISSING"),
    # What is said of members.
    (with_action("join_segment", {"segment": "loyal"}), "/actions/0/params/segment", "SEGMENT_UNKNOWN"),
    (with_action("leave_segment", {"segment": "young"}), "/actions/0/params/segment", "SEGMENT_COMPUTED"),
    (with_action("add_tag", {"tag": " "}), "/actions/0/params/tag", "TEXT_EMPTY"),
    (with_action("raise_alert", {"severity": "loud", "text": words("x")}), "/actions/0/params/severity", "NOT_ALLOWED"),
    (with_action("add_tag", {"tag": "a"}, on="member.enrol_wanted"), "/actions/0/name", "ACTION_NOT_HERE"),
    (asked("member_segments", "contains", "loyal"), "/conditions/value", "VALUE_OPTION"),
    (asked("attribute_skin", "equal_to", "green"), "/conditions/value", "VALUE_OPTION"),
    (asked("attribute_hair", "is_set"), "/conditions/name", "VARIABLE_UNKNOWN"),
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


SCHEMA = ("event_types", "review.written", "schema")
WALLET = DEFINITIONS["programme"]["wallets"]["growth"]
EVENT = DEFINITIONS["programme"]["event_types"]["review.written"]
RATING_AS_TEXT = {
    "type": "object", "properties": {"rating": {"type": "string"}}, "required": [], "additionalProperties": False,
}  # fmt: skip
GROWTH, ORDERS = ("metrics", "growth_365d"), ("metrics", "orders_365d")
REACH = ("levels", 1, "reach")
STARS = ("wallets", "stars", "expires")
IDLE = {"after": {"months": 3}}
BOTH = {
    "by_tier": {
        "levels": {"gold": {"inactive": IDLE}},
        "otherwise": {"inactive": IDLE | {"reset_by": ["order.paid"]}},
    }
}
PETS = ("attributes", "schema", "properties", "pets")
RATING = ("event_types", "review.written", "schema", "properties", "rating")
DEFINED: list[tuple[str, Callable[[Document], Any], str, str]] = [
    ("programme", put("zone", value="Mars/Olympus"), "/zone", "BAD_ZONE"),
    ("programme", put("zone", value="../secret"), "/zone", "BAD_ZONE"),
    ("programme", put("zone", value="localtime"), "/zone", "BAD_ZONE"),
    ("programme", put("zone", value="right/UTC"), "/zone", "BAD_ZONE"),
    ("programme", put(*PETS, value={"type": "integer", "minimum": 5, "maximum": 1}), f"/{'/'.join(PETS)}/maximum",
        "OUT_OF_RANGE"),
    ("programme", put(*RATING, "maximum", value=0), f"/{'/'.join(RATING)}/maximum", "OUT_OF_RANGE"),
    ("programme", put(*PETS, value={"type": "string", "minLength": 5, "maxLength": 1}), f"/{'/'.join(PETS)}/maxLength",
        "OUT_OF_RANGE"),
    ("programme", put("currency", value="yuan"), "/currency", "BAD_NAME"),
    ("programme", put("languages", value=["fr"]), "/languages/0", "NOT_ALLOWED"),
    ("programme", put("late_days", value=0), "/late_days", "OUT_OF_RANGE"),
    ("programme", put("point_value", value="0"), "/point_value", "OUT_OF_RANGE"),
    ("programme", put("point_value", value="cheap"), "/point_value", "BAD_DECIMAL"),
    ("programme", put("payout_ceiling", value="101"), "/payout_ceiling", "OUT_OF_RANGE"),
    ("programme", put("payout_ceiling", value="0"), "/payout_ceiling", "OUT_OF_RANGE"),
    ("programme", put("debt", value="forgive"), "/debt", "NOT_ALLOWED"),
    ("programme", put("wallets", value={}), "/wallets", "BAD_LENGTH"),
    ("programme", put("wallets", "Bad-Name", value=WALLET), "/wallets/Bad-Name", "BAD_NAME"),
    ("programme", put("wallets", "points", "scale", value=5), "/wallets/points/scale", "OUT_OF_RANGE"),
    ("programme", put("wallets", "points", "main", value=False), "/wallets", "WALLET_MAIN"),
    ("programme", put("wallets", "growth", "main", value=True), "/wallets", "WALLET_MAIN"),
    ("programme", put("wallets", "points", "expires", value=None), "/wallets/points/expires", "WRONG_TYPE"),
    ("programme", put("wallets", "stars", "shown", value=3), "/wallets/stars/shown", "OUT_OF_RANGE"),
    ("programme", put(*STARS, value={"inactive": {"after": {"days": 0}}}), f"/{'/'.join(STARS)}/inactive/after/days",
        "OUT_OF_RANGE"),
    ("programme", put(*STARS, value={"inactive": {"after": {"days": 9}, "reset_by": ["tier.changed"]}}),
        f"/{'/'.join(STARS)}/inactive/reset_by/0", "EVENT_UNKNOWN"),
    ("programme", put(*STARS, value=BOTH), f"/{'/'.join(STARS)}/by_tier/otherwise/inactive/reset_by",
        "INACTIVE_DIFFERS"),
    ("programme", put(*GROWTH, "wallet", value="gold"), "/metrics/growth_365d/wallet", "WALLET_UNKNOWN"),
    ("programme", put(*GROWTH, "count", value="orders"), "/metrics/growth_365d", "EXACTLY_ONE"),
    ("programme", put(*ORDERS, "wallet", value="points"), "/metrics/orders_365d/wallet", "FIELD_NOT_HERE"),
    ("programme", put(*ORDERS, "type", value="review.written"), "/metrics/orders_365d/type", "FIELD_NOT_HERE"),
    ("programme", put(*ORDERS, "count", value="events"), "/metrics/orders_365d", "FIELD_MISSING"),
    ("programme", put(*ORDERS, "over", value={"days": 3, "ever": True}), "/metrics/orders_365d/over", "EXACTLY_ONE"),
    ("programme", put(*ORDERS, "over", value={}), "/metrics/orders_365d/over", "EXACTLY_ONE"),
    ("programme", put(*ORDERS, "over", value={"days": 3, "back": 1}), "/metrics/orders_365d/over/back",
        "FIELD_NOT_HERE"),
    ("programme", put(*ORDERS, "over", value={"days": 3, "ladder": "grade"}), "/metrics/orders_365d/over/ladder",
        "FIELD_NOT_HERE"),
    ("programme", put(*ORDERS, "over", value={"anniversary": "joined", "count": 2}),
        "/metrics/orders_365d/over/count", "FIELD_NOT_HERE"),
    ("programme", put(*ORDERS, "over", value={"anniversary": "joined", "since": "joined"}),
        "/metrics/orders_365d/over", "EXACTLY_ONE"),
    ("programme", put(*ORDERS, "over", value={"since": "tier", "ladder": "rank"}), "/metrics/orders_365d/over/ladder",
        "LADDER_UNKNOWN"),
    ("programme", put(*ORDERS, "field", value="rating"), "/metrics/orders_365d/field", "FIELD_NOT_HERE"),
    ("programme", put(*ORDERS, "where", value=SKU), "/metrics/orders_365d/where/name", "VARIABLE_OF_LINE"),
    ("programme", put(*ORDERS, "where", value=asks("member_tier", "at_least", "gold")),
        "/metrics/orders_365d/where/name", "VARIABLE_UNKNOWN"),
    ("programme", put(*GROWTH, "where", value=asks("order_paid", "greater_than", "1.00")),
        "/metrics/growth_365d/where", "FIELD_NOT_HERE"),
    ("programme", put("metrics", "bare", value={"title": words("x"), "count": "orders"}), "/metrics/bare",
        "FIELD_MISSING"),
    ("programme", put("metrics", "row", value={"title": words("x"), "streak": {"of": "orders", "period": "month"},
        "over": {"days": 3}}), "/metrics/row/over", "FIELD_NOT_HERE"),
    ("programme", put("metrics", "far", value={"title": words("x"), "sum": "field", "type": "review.written",
        "over": {"days": 3}}), "/metrics/far/field", "FIELD_MISSING"),
    ("programme", put("metrics", "far", value={"title": words("x"), "sum": "field", "type": "review.written",
        "field": "mood", "over": {"days": 3}}), "/metrics/far/field", "FIELD_UNKNOWN"),
    ("programme", put("metrics", "stock_x", value=DEFINITIONS["programme"]["metrics"]["orders_365d"]),
        "/metrics/stock_x", "NAME_TAKEN"),
    ("programme", put("categories", value={"tea": {"title": words("Tea"), "parent": "drinks"}}),
        "/categories/tea/parent", "CATEGORY_UNKNOWN"),
    ("programme", put("categories", value={"tea": {"title": words("Tea"), "parent": "tea"}}),
        "/categories/tea/parent", "CATEGORY_WITHIN_ITSELF"),
    ("programme", put("event_types", "review.written", "schema", "properties", "seen_ago", value={"type": "string"}),
        "/event_types/review.written/schema/properties/seen_ago", "NAME_TAKEN"),
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
    ("programme", put("budgets", "autumn", value={"title": words("A")}), "/budgets/autumn", "BUDGET_WITHOUT_SIZE"),
    ("programme", put("budgets", "autumn", "kept", value=keeps("gold")), "/budgets/autumn/kept", "BUDGET_WITHOUT_SIZE"),
    ("programme", put("budgets", "autumn", "kept", value=keeps("gold", points=1001)), "/budgets/autumn/kept/points",
        "BUDGET_KEEPS_MORE"),
    ("programme", put("budgets", "autumn", "kept", value=keeps("gold", times=1)), "/budgets/autumn/kept/times",
        "BUDGET_KEEPS_MORE"),
    ("programme", put("budgets", "autumn", "kept", value=keeps("gold", points="1.5")), "/budgets/autumn/kept/points",
        "VALUE_POINTS"),
    ("programme", put("budgets", "autumn", "kept", value=keeps("normal", points=1)), "/budgets/autumn/kept/at_least",
        "VALUE_OPTION"),
    ("programme", put("budgets", "autumn", "kept", value=keeps("gold", points=1, ladder="rank")),
        "/budgets/autumn/kept/ladder", "LADDER_UNKNOWN"),
    ("programme", put("budgets", "autumn", "wallet", value="gold"), "/budgets/autumn/wallet", "WALLET_UNKNOWN"),
    ("programme", put("budgets", "autumn", "points", value="0.5"), "/budgets/autumn/points", "VALUE_POINTS"),
    ("programme", put("ladder", value="stairs"), "/ladder", "LADDER_UNKNOWN"),
    ("programme", put("percentiles", value={"best": {"title": words("the best"), "of": "spend_90d", "top": "10"}}),
        "/percentiles/best/of", "METRIC_UNKNOWN"),
    ("programme", put("attributes", "schema", "required", value=["skin"]),
        "/attributes/schema/required/0", "ATTRIBUTE_REQUIRED"),
    ("programme", put("attributes", "labels", "hair", value=words("hair")), "/attributes/labels/hair", "FIELD_UNKNOWN"),
    ("programme", put("attributes", "schema", "properties", "pets", "enum", value=["1"]),
        "/attributes/schema/properties/pets/enum", "FIELD_NOT_HERE"),
    ("programme", put("consents", value=["marketing", "marketing"]), "/consents/1", "NAME_TAKEN"),
    ("programme", put("purposes", "gossip", value={"title": words("gossip")}), "/purposes/gossip", "CONSENT_UNKNOWN"),
    ("programme", put("purposes", "marketing", "channels", value=["sms", "sms"]),
        "/purposes/marketing/channels/1", "NAME_TAKEN"),
    ("programme", put("profile", "dates", "birthday", value={"title": words("birthday")}),
        "/profile/dates/birthday", "NAME_TAKEN"),
    ("programme", put("profile", "preferences", "care", "most", value=3),
        "/profile/preferences/care/most", "OUT_OF_RANGE"),
    ("programme", put("card", value={"levels": {"wood": {}}}), "/card/levels/wood", "LEVEL_UNKNOWN"),
    ("tiers/layer", put("levels", 1, "reach", value=asks("member_preferences", "contains", "care.skin")),
        "/levels", "LADDER_PERSONAL"),
    ("segments/young", put("condition", value=asks("member_segments", "contains", "friends")),
        "/condition", "SEGMENT_CYCLE"),
    ("tiers/layer", put("levels", 1, "reach", value=asks("member_age", "less_than", 30)), "/levels", "LADDER_PERSONAL"),
    ("tiers/layer", put("levels", 1, "reach", value=asks("member_segments", "contains", "young")),
        "/levels", "LADDER_PERSONAL"),
    ("segments/young", put("members", value=["0" * 20]), "/members", "FIELD_NOT_HERE"),
    ("segments/young", put("condition", value=asks("order_paid", "is_set")), "/condition/name", "VARIABLE_NOT_HERE"),
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
DEFINED += [
    ("partners/tea", put("shops", value=["tee"]), "/shops/0", "SHOP_UNKNOWN"),
    ("partners/tea", put("shops", value=["main"]), "/shops/0", "SHOP_UNKNOWN"),
    ("partners/tea", put("shops", value=["tea", "tea"]), "/shops/1", "NAME_TAKEN"),
    ("partners/cake", put("shops", value=["tea"]), "/shops/0", "NAME_TAKEN"),
    ("partners/tea", put("consents", value=["gossip"]), "/consents/0", "CONSENT_UNKNOWN"),
    ("partners/tea", put("settles", value={"used": {"pack": "1.00"}}), "/settles/used/pack", "BENEFIT_UNKNOWN"),
    ("partners/tea", put("settles", value={"earned": "a lot"}), "/settles/earned", "BAD_DECIMAL"),
    ("partners/tea", put("cancel_window", value={"days": 1, "hours": 1}), "/cancel_window", "EXACTLY_ONE"),
    ("benefits/pack", lambda one: one.update(kind="partner_benefit", partner="cafe"), "/partner", "PARTNER_UNKNOWN"),
]  # fmt: skip
POLICIES += faulty_earning.POLICIES + faulty_tiers.POLICIES + faulty_moments.POLICIES
DEFINED += faulty_earning.DEFINED + faulty_tiers.DEFINED + faulty_benefits.BENEFITS
DEFINED += faulty_occasions.DEFINED
