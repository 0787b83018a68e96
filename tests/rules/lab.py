"""A small programme to try policies in: three wallets, two ladders, a budget, a declared event, a few benefits."""

from collections.abc import Callable, Collection, Mapping, Sequence
from copy import deepcopy
from datetime import UTC, datetime, time, timedelta
from typing import Any

from hypothesis import settings

from rules.check import Checked, check
from rules.compile import compile_checked
from rules.decide import Verdict, decide
from rules.effects import EarnPoints
from rules.facts import Variable
from rules.faults import Fault
from rules.ruleset import Ruleset
from tests.rules import occasions

Document = dict[str, Any]
FEW = settings(max_examples=max(settings().max_examples // 10, 20))  # Where each example compiles a ruleset.
NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)  # A Saturday, noon in Shanghai.


def words(en: str, zh: str | None = None) -> Document:
    return {"en": en, "zh-CN": zh or f"中{en}"}


def asks(name: str, operator: str, *value: Any) -> Document:
    return {"name": name, "operator": operator} | ({"value": value[0]} if value else {})


def reach(growth: int) -> Document:
    return {"all": [asks("growth_365d", "greater_than_or_equal_to", growth)]}


def layer(orders: int, spend: str) -> Document:
    return {
        "any": [
            asks("orders_365d", "greater_than_or_equal_to", orders),
            asks("spend_365d", "greater_than_or_equal_to", spend),
        ]
    }


NEVER = {"never": True}
DEFINITIONS: dict[str, Document] = {
    "programme": {
        "title": words("Lab"),
        "zone": "Asia/Shanghai",
        "currency": "CNY",
        "wallets": {
            "points": {
                "title": words("Points", "积分"), "unit": words("points", "积分"), "unit_one": "point",
                "pending": {"days": 7}, "expires": {"after": {"years": 1}}, "main": True,
            },
            "growth": {
                "title": words("Growth", "成长值"), "unit": words("growth", "成长值"),
                "expires": NEVER, "spendable": False,
            },
            "stars": {"title": words("Stars", "星星"), "unit": words("stars", "星星"), "scale": 2, "expires": NEVER},
        },
        "metrics": {
            "growth_365d": {"title": words("growth"), "sum": "earned", "wallet": "growth", "over": {"days": 365}},
            "orders_365d": {"title": words("orders lately"), "count": "orders", "over": {"days": 365}},
            "spend_365d": {"title": words("spend lately"), "sum": "spend", "over": {"days": 365}},
        },
        "event_types": {
            "review.written": {
                "title": words("Review"),
                "schema": {
                    "type": "object",
                    "properties": {
                        "rating": {"type": "integer", "minimum": 1, "maximum": 5},
                        "sku": {"type": "string"},
                        "score": {"type": "number"},
                        "mood": {"type": "string", "enum": ["good", "bad"]},
                        "seen": {"type": "string", "format": "date"},
                        "seen_at": {"type": "string", "format": "date-time"},
                        "photos": {"type": "array", "items": {"type": "string"}},
                        "verified": {"type": "boolean"},
                    },
                    "required": ["rating"],
                    "additionalProperties": False,
                },
            }
        },
        "budgets": {"autumn": {"title": words("Autumn"), "points": 1000}},
        "ladder": "grade",
        "attributes": {
            "schema": {
                "type": "object",
                "properties": {"skin": {"type": "string", "enum": ["dry", "oily"]}, "pets": {"type": "integer"}},
            },
            "labels": {"skin": words("skin type", "肤质")},
        },
        "consents": ["marketing", "profiling", "partner_sharing"],
        "shops": ["main", "tea", "till"],
        "purposes": {"marketing": {"title": words("Marketing"), "channels": ["sms", "email"]}},
        "profile": {
            "fields": {"name": {"title": words("Name"), "mask": "name"}},
            "dates": {"wedding": {"title": words("Wedding day")}},
            "preferences": {
                "care": {"title": words("Care"), "options": {"skin": words("Skin"), "hair": words("Hair")}},
            },
        },
        "card": {"prefix": "N"},
    },
    "tiers/grade": {
        "title": words("Grade", "等级"),
        "levels": [
            {"key": "normal", "title": words("Normal", "普通会员")},
            {"key": "silver", "title": words("Silver", "银卡"), "reach": reach(1000)},
            {"key": "gold", "title": words("Gold", "金卡"), "reach": reach(5000)},
        ],
        "review": {"every": "month"},
        "demotion": {"to": "one_level", "when": asks("days_since_order", "greater_than_or_equal_to", 90)},
    },
    "tiers/layer": {
        "title": words("Layer", "分层"),
        "levels": [
            {"key": "base", "title": words("Base", "基础层")},
            {"key": "core", "title": words("Core", "核心层"), "reach": layer(4, "3000.00")},
            {"key": "premier", "title": words("Premier", "尊享层"), "reach": layer(11, "20000.00")},
        ],
        "review": {"every": "quarter"},
        "demotion": {"to": "met"},
    },
    "benefits/coupon": {
        "title": words("Coupon", "优惠券"), "description": words("Ten off"), "kind": "amount_off",
        "value": "10.00", "available_to": asks("member_tier", "at_least", "silver"),
    },
    "segments/friends": {"title": words("Friends", "朋友")},
    "segments/young": {"title": words("Young", "年轻人"), "condition": asks("member_age", "less_than", 30)},
    "partners/tea": {"title": words("Tea", "茶"), "shops": ["tea"], "earn_rate": "2"},
    "partners/cake": {"title": words("Cake", "糕点"), "shops": ["till"], "earn_rate": "0.5"},
    "benefits/pack": {"title": words("Pack", "礼包"), "description": words("A gift"), "kind": "gift_pack"},
    **occasions.DOCUMENTS,
}  # fmt: skip
RATE = {"points": "1", "per": "1.00", "base": "order_paid", "rounding": "floor_order"}
BY_LINE = {"base": "line_amount", "rounding": "floor_line"}


def policy(*actions: tuple[str, Document], on: str = "order.paid", **more: Any) -> Document:
    """A policy without examples: the lab looks at what it does by itself."""
    made = [{"name": name, "params": params} for name, params in actions]
    return {"title": words("Policy"), "on": [on], "actions": made, **more}


def earns(points: int | str, **more: Any) -> Document:
    own: Document = {key: more.pop(key) for key in ("wallet", "pending", "expires") if key in more}
    return policy(("earn_points", {"points": points} | own), **more)


def rates(**more: Any) -> Document:
    own = {key: more.pop(key) for key in (*RATE, "wallet", "pending", "expires", "minimum", "cap") if key in more}
    return policy(("earn_points_per_amount", {**RATE, **own}), **more)


def multiplies(factor: str, **more: Any) -> Document:
    own = {key: more.pop(key) for key in ("wallet",) if key in more}
    return policy(("multiply_points", {"factor": factor, **own}), **more)


def folder(*policies: Document, **named: Document) -> dict[str, Document]:
    """The lab's documents with policies p0, p1 … or by name."""
    documents = deepcopy(DEFINITIONS)
    for name, document in [*((f"p{index}", one) for index, one in enumerate(policies)), *named.items()]:
        documents[f"earn/{name}"] = document
    return documents


def looked_at(documents: dict[str, Document]) -> Checked:
    """The documents checked, but for the missing examples: the lab's policies have none."""
    checked = check(documents)
    checked.faults = [fault for fault in checked.faults if fault.code != "EXAMPLES_TOO_FEW"]
    return checked


def faults(documents: dict[str, Document]) -> list[Fault]:
    """What is wrong with them."""
    return looked_at(documents).faults


def lab(*policies: Document, **named: Document) -> Ruleset:
    """The lab with some policies, compiled."""
    return compile_checked(looked_at(folder(*policies, **named)))


NEUTRAL: dict[str, Any] = {
    "money": 0, "points": 0, "number": 0, "boolean": False, "text": "", "choice": "", "set": (), "weekday": "sat",
    "date": NOON.date(), "moment": NOON, "time": time(12), "duration": timedelta(),
}  # fmt: skip


def neutral(variable: Variable) -> Any:
    """A value of the right type that says nothing."""
    if variable.nullable:
        return None
    return variable.options[0] if variable.type == "tier" else NEUTRAL[variable.type]


def facts(ruleset: Ruleset, kind: str = "order.paid", **given: Any) -> dict[str, Any]:
    """Facts for an event: what is given, and nothing in particular for the rest."""
    variables = ruleset.definitions.catalogue.variables.values()
    return {one.name: neutral(one) for one in variables if one.exists_on(kind)} | given


def decided(
    ruleset: Ruleset,
    kind: str = "order.paid",
    *,
    lines: Sequence[Document] = (),
    used: Mapping[tuple[str, str, str], int] | None = None,
    at: datetime = NOON,
    paused: Collection[str] = (),
    **given: Any,
) -> Verdict:
    """Decide one event; `used` says what the limits have seen, and what is left of budgets (1,000 unless given)."""
    known = dict(used or {})

    def usage(policy: str, limit: str, key: str) -> int:
        return known.get((policy, limit, key), 1000 if limit.startswith("budget:") else 0)

    every = [{**facts(ruleset), **line} for line in lines]
    return decide(ruleset, kind, facts(ruleset, kind, **given), every, at=at, usage=usage, paused=paused)


def lots(verdict: Verdict) -> list[EarnPoints]:
    """The lots a decision wishes for."""
    return [effect for effect in verdict.effects if isinstance(effect, EarnPoints)]


def parts(verdict: Verdict) -> list[tuple[int | None, int]]:
    """Each lot's line and points."""
    return [(lot.line, lot.points) for lot in lots(verdict)]


def earned(verdict: Verdict) -> dict[str, int]:
    """Points by policy, its folder left out."""
    total: dict[str, int] = {}
    for lot in lots(verdict):
        name = lot.policy.removeprefix("earn/")
        total[name] = total.get(name, 0) + lot.points
    return total


def because(verdict: Verdict) -> dict[str, str | None]:
    """Why each policy that held gave less than it wished, or nothing."""
    return {outcome.policy.removeprefix("earn/"): outcome.because for outcome in verdict.outcomes}


def put(*steps: str | int, value: Any) -> Callable[[Document], Any]:
    """A change to a document: a value set at a place."""

    def change(document: Any) -> None:
        for step in steps[:-1]:
            document = document[step]
        document[steps[-1]] = value

    return change
