"""Broken ladders and actions on standings, each with the place and the code of what is wrong with it."""

from collections.abc import Callable
from typing import Any

from tests.rules.lab import Document, asks, policy, put

GRADE = "tiers/grade"
YEAR: Document = {"end_of": {"period": "year", "after": 1}}
MONTHS: Document = {"months": 12, "from": "reached"}
BORN = asks("member_birthday_month", "is_true")
SILVER, GOLD = ("levels", 1), ("levels", 2)


def acts(name: str, **params: Any) -> Document:
    return policy((name, params), on="tier.reviewed")


def without(*fields: str, **changes: Any) -> Callable[[Document], Any]:
    """The ladder without these fields, and with others changed."""

    def change(document: Document) -> None:
        for field in fields:
            del document[field]
        document.update(changes)

    return change


POLICIES: list[tuple[Any, str, str]] = [
    (acts("move_tier"), "/actions/0/params/to", "FIELD_MISSING"),
    (acts("move_tier", to="diamond"), "/actions/0/params/to", "LEVEL_UNKNOWN"),
    (acts("move_tier", to="core"), "/actions/0/params/to", "LEVEL_UNKNOWN"),
    (acts("move_tier", to="gold", ladder="stairs"), "/actions/0/params/ladder", "LADDER_UNKNOWN"),
    (acts("protect_tier", **{"for": {}}), "/actions/0/params/for", "EXACTLY_ONE"),
    (acts("protect_tier", **{"for": {"days": 0}}), "/actions/0/params/for/days", "OUT_OF_RANGE"),
    (acts("protect_tier", **{"for": {"days": 1, "months": 1}}), "/actions/0/params/for", "EXACTLY_ONE"),
    (acts("extend_tier", by={"years": 101}), "/actions/0/params/by/years", "OUT_OF_RANGE"),
    (acts("extend_tier", by={"months": 3}), "/actions/0/name", "STATUS_NONE"),
    (policy(("move_tier", {"to": "gold"}), on="points.redeem"), "/actions/0/name", "ACTION_NOT_HERE"),
    (policy(("move_tier", {"to": "gold"}), on="member.enrol_wanted"), "/actions/0/name", "ACTION_NOT_HERE"),
    (policy(("move_tier", {"to": "gold"}), scope="line"), "/actions/0/name", "ACTION_NOT_BY_LINE"),
    (
        policy(("refuse", {"text": {"en": "No", "zh-CN": "不"}}), on="tier.reviewed",
            conditions=asks("tier_direction", "equal_to", "sideways")),
        "/conditions/value",
        "VALUE_OPTION",
    ),
]  # fmt: skip

DEFINED: list[tuple[str, Callable[[Document], Any], str, str]] = [
    (GRADE, put("levels", 0, "keep", value=asks("orders_count", "is_set")), "/levels/0/keep", "LOWEST_STANDS"),
    (GRADE, put("levels", 0, "status", value=YEAR), "/levels/0/status", "LOWEST_STANDS"),
    (GRADE, put(*SILVER, "keep", value=asks("order_paid", "is_set")), "/levels/1/keep/name", "VARIABLE_NOT_HERE"),
    (GRADE, put(*SILVER, "keep", value={"any": []}), "/levels/1/keep/any", "GROUP_EMPTY"),
    (GRADE, put("status", value={}), "/status", "EXACTLY_ONE"),
    (GRADE, put("status", value={"months": 12, "days": 3}), "/status", "EXACTLY_ONE"),
    (GRADE, put("status", value={"months": 0}), "/status/months", "OUT_OF_RANGE"),
    (GRADE, put("status", value={"never": False}), "/status/never", "NOT_ALLOWED"),
    (GRADE, put("status", value={"weeks": 2}), "/status/weeks", "FIELD_UNKNOWN"),
    (GRADE, put("status", value={"end_of": {"period": "week", "after": 1}}), "/status/end_of/period", "NOT_ALLOWED"),
    (GRADE, put("status", value={"end_of": {"period": "year", "after": -1}}), "/status/end_of/after", "OUT_OF_RANGE"),
    (GRADE, put("status", value={"end_of": {"period": "year"}}), "/status/end_of/after", "FIELD_MISSING"),
    (GRADE, put("status", value={"end_of_month": {"month": 13, "years": 1}}),
        "/status/end_of_month/month", "OUT_OF_RANGE"),
    (GRADE, put("status", value={"end_of_month": {"month": 2, "years": 0}}),
        "/status/end_of_month/years", "OUT_OF_RANGE"),
    (GRADE, put("status", value={"end_of_month": {"month": 2}}), "/status/end_of_month", "EXACTLY_ONE"),
    (GRADE, put("status", value={"end_of_month": {"month": 2, "years": 1, "after": 1}}),
        "/status/end_of_month", "EXACTLY_ONE"),
    (GRADE, without("demotion", status=YEAR), "/status", "STATUS_WITHOUT_DEMOTION"),
    (GRADE, lambda ladder: (put(*GOLD, "status", value=YEAR)(ladder), ladder.pop("demotion")),
        "/levels/2/status", "STATUS_WITHOUT_DEMOTION"),
    (GRADE, put("review", value={}), "/review", "EXACTLY_ONE"),
    (GRADE, put("review", value={"every": "year", "months": 3}), "/review", "EXACTLY_ONE"),
    (GRADE, put("review", value={"months": 3}), "/review", "FIELD_MISSING"),
    (GRADE, put("review", value={"months": 3, "from": "birth"}), "/review/from", "NOT_ALLOWED"),
    (GRADE, put("review", value={**MONTHS, "aligned": "year"}), "/review/aligned", "NOT_ALLOWED"),
    (GRADE, put("review", value={"every": "year", "from": "joined"}), "/review/from", "FIELD_NOT_HERE"),
    (GRADE, put(*GOLD, "review", value={"every": "year", "aligned": "month"}),
        "/levels/2/review/aligned", "FIELD_NOT_HERE"),
    (GRADE, put("upgrade", value="sometimes"), "/upgrade", "NOT_ALLOWED"),
    (GRADE, put("upgrade", value=7), "/upgrade", "WRONG_TYPE"),
    (GRADE, put("upgrade", value={"after": {"days": 0}}), "/upgrade/after/days", "OUT_OF_RANGE"),
    (GRADE, put("upgrade", value={"after": {}}), "/upgrade/after", "EXACTLY_ONE"),
    (GRADE, put("upgrade", value={"before": {"days": 7}}), "/upgrade/after", "FIELD_MISSING"),
    (GRADE, without("review", upgrade="at_reviews"), "/upgrade", "UPGRADE_WITHOUT_REVIEW"),
    (GRADE, lambda ladder: ladder.update(
        upgrade={"after": {"days": 7}}, levels=[ladder["levels"][0], ladder["levels"][1] | {"reach": BORN}]),
        "/upgrade/after", "DELAY_FOR_NOTHING"),
    (GRADE, put("transition", value={"takes_back": 2, "grace_until": "2026-12-01"}), "/transition/takes_back",
        "TAKES_BACK_ALONE"),
    (GRADE, put("transition", value={"stages": [{"from": "2026-12-01", "percent": "10"}]}), "/transition/stages/0",
        "STAGES_UNFINISHED"),
    (GRADE, put("transition", value={"stages": [{"from": "2026-12-02", "percent": "10"}, {"from": "2026-12-01"}]}),
        "/transition/stages/1/from", "STAGES_ORDER"),
    (GRADE, put("transition", value={"stages": [{"from": "2026-12-01", "levels": ["jade"]}, {"from": "2026-12-01"}]}),
        "/transition/stages/0/levels/0", "LEVEL_UNKNOWN"),
    (GRADE, put("demotion", "to", value="nowhere"), "/demotion/to", "NOT_ALLOWED"),
    (GRADE, put("demotion", "at_most", value={"times": 0, "months": 3}), "/demotion/at_most/times", "OUT_OF_RANGE"),
    (GRADE, put("demotion", "at_most", value={"times": 1}), "/demotion/at_most/months", "FIELD_MISSING"),
]  # fmt: skip
