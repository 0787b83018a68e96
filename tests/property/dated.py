"""Ladders whose standings have dates: ends, delayed rises, reviews of one's own, and policies that meddle with them."""

from typing import Any


def _text(en: str) -> dict[str, str]:
    return {"en": en, "zh-CN": en}


def _least(name: str, value: str) -> dict[str, Any]:
    return {"name": name, "operator": "greater_than_or_equal_to", "value": value}


def _level(key: str, reach: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"key": key, "title": _text(key), **({"reach": reach} if reach else {}), **more}


def _policy(kind: str, name: str, params: dict[str, Any], then: dict[str, Any], **asked: Any) -> dict[str, Any]:
    conditions = [{"name": key, "operator": "equal_to", "value": value} for key, value in asked.items()]
    return {
        "title": _text(name),
        "on": [kind],
        "conditions": {"all": conditions},
        "actions": [{"name": name, "params": params}],
        "examples": [{"given": asked, "then": [then]}, {"given": {}, "then": []}],
    }


DOCUMENTS: dict[str, Any] = {
    "tiers/dated": {
        "title": _text("Dated"),
        "levels": [
            _level("base"),
            _level("kept", _least("orders_30d", "2"), keep=_least("orders_30d", "1")),
            _level(
                "inner", _least("spend_year", "2000.00"), status={"end_of": {"period": "quarter", "after": 0}}
            ),
        ],
        "status": {"days": 45},
        "review": {"every": "quarter"},
        "demotion": {"to": "one_level", "at_most": {"times": 1, "months": 1}},
    },
    "tiers/slow": {
        "title": _text("Slow"),
        "levels": [
            _level("base", review={"months": 2, "from": "joined", "aligned": "month"}),
            _level("mid", _least("spend_year", "300.00"), review={"months": 1, "from": "reached"}),
            _level("top", _least("spend_year", "2500.00")),
        ],
        "upgrade": {"after": {"days": 7}},
        "status": {"months": 3},
        "demotion": {"to": "met", "at_most": {"times": 2, "months": 12}},
    },
    "tiers/yearly": {
        "title": _text("Yearly"),
        "levels": [_level("base"), _level("best", _least("orders_30d", "1"))],
        "upgrade": "at_reviews",
        "review": {"months": 1, "from": "joined"},
        "status": {"end_of_month": {"month": 2, "years": 1}},
        "demotion": {"to": "lowest"},
    },
    "campaigns/looked-at": _policy(
        "tier.reviewed", "earn_points", {"points": "2", "wallet": "growth"}, {"earn": "growth", "points": 2},
        tier_ladder="dated",
    ),
    "campaigns/fallen": _policy(
        "tier.changed", "earn_points", {"points": "7", "wallet": "growth"}, {"earn": "growth", "points": 7},
        tier_ladder="slow", tier_direction="down",
    ),
    "campaigns/lifted": _policy(
        "review.written", "move_tier", {"ladder": "dated", "to": "inner"}, {"move_tier": "dated", "to": "inner"},
        payload_rating=1,
    ),
    "campaigns/protected": _policy(
        "review.written", "protect_tier", {"ladder": "slow", "for": {"days": 60}},
        {"protect_tier": "slow", "for": {"days": 60}}, payload_rating=2,
    ),
    "campaigns/put-off": _policy(
        "order.paid", "extend_tier", {"ladder": "dated", "by": {"days": 9}},
        {"extend_tier": "dated", "by": {"days": 9}}, order_quantity=2,
    ),
}  # fmt: skip
FOLLOWING = frozenset({"campaigns/looked-at", "campaigns/fallen"})
