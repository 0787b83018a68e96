"""A small programme for stories: ¥1 is a point, pending 7 days and good for a year; gold doubles; points buy."""

import json
from typing import Any

TITLE = {"en": "Story", "zh-CN": "故事"}


def _text(en: str, zh: str) -> dict[str, str]:
    return {"en": en, "zh-CN": zh}


def documents(**changes: Any) -> dict[str, str]:
    """The programme's files by path; `changes` replace or (None) remove whole documents, `__` standing for `/`."""
    files = dict(FILES) | {path.replace("__", "/").replace("_", "-"): value for path, value in changes.items()}
    return {path: json.dumps(value, ensure_ascii=False) for path, value in files.items() if value is not None}


FILES: dict[str, Any] = {
    "programme": {
        "title": TITLE,
        "zone": "Asia/Shanghai",
        "currency": "CNY",
        "wallets": {
            "points": {
                "title": _text("Points", "积分"),
                "unit": _text("points", "分"),
                "main": True,
                "pending": {"days": 7},
                "expires": {"after": {"years": 1}},
            },
            "growth": {
                "title": _text("Growth value", "成长值"),
                "unit": _text("growth", "成长值"),
                "expires": {"never": True},
                "spendable": False,
            },
        },
        "metrics": {
            "growth_365d": {
                "title": _text("Growth in a year", "近一年成长值"),
                "sum": "earned",
                "wallet": "growth",
                "over": {"days": 365},
            },
        },
        "event_types": {
            "review.written": {
                "title": _text("Review written", "发表评价"),
                "schema": {
                    "type": "object",
                    "properties": {"rating": {"type": "integer", "minimum": 1, "maximum": 5}},
                    "required": ["rating"],
                    "additionalProperties": False,
                },
            }
        },
        "ladder": "grade",
        "accepts": ["BENEFITS_FEW"],
    },
    "tiers/grade": {
        "title": _text("Grade", "等级"),
        "levels": [
            {"key": "normal", "title": _text("Normal", "普通会员")},
            {
                "key": "gold",
                "title": _text("Gold", "金卡"),
                "reach": {"name": "growth_365d", "operator": "greater_than_or_equal_to", "value": "1000"},
            },
        ],
        "review": {"every": "month"},
        "demotion": {
            "to": "one_level",
            "when": {"name": "days_since_order", "operator": "greater_than_or_equal_to", "value": 90},
        },
    },
    "benefits/coupon-10": {
        "title": _text("¥10 off", "10元券"),
        "description": _text("¥10 off an order from ¥100", "满100减10"),
        "kind": "amount_off",
        "value": "10.00",
        "minimum_spend": "100.00",
        "valid": {"days": 30},
        "code": True,
    },
    "benefits/gold-pack": {
        "title": _text("Gold pack", "金卡礼包"),
        "description": _text("For reaching gold", "升级金卡礼包"),
        "kind": "gift_pack",
    },
    "enrol/first-purchase": {
        "title": _text("Join with the first purchase", "首购入会"),
        "on": ["member.enrol_wanted"],
        "conditions": {"name": "order_total", "operator": "greater_than", "value": "0.00"},
        "actions": [{"name": "enrol", "params": {}}],
        "examples": [
            {"given": {"order_total": "1.00"}, "then": [{"enrol": True}]},
            {"given": {"order_total": "0.00"}, "then": []},
        ],
    },
    "earn/base": {
        "title": _text("A point per yuan", "每元一分"),
        "on": ["order.paid"],
        "actions": [
            {
                "name": "earn_points_per_amount",
                "params": {"points": "1", "per": "1.00", "base": "order_paid", "rounding": "floor_order"},
            },
            {
                "name": "earn_points_per_amount",
                "params": {
                    "points": "1",
                    "per": "1.00",
                    "base": "order_paid",
                    "rounding": "floor_order",
                    "wallet": "growth",
                },
            },
        ],
        "examples": [
            {
                "given": {"order_paid": "300.00"},
                "then": [{"earn": "points", "points": 300}, {"earn": "growth", "points": 300}],
            },
            {"given": {"order_paid": "0.99"}, "then": []},
        ],
    },
    "earn/gold": {
        "title": _text("Gold earns double", "金卡双倍"),
        "on": ["order.paid"],
        "conditions": {"name": "member_tier", "operator": "at_least", "value": "gold"},
        "actions": [{"name": "multiply_points", "params": {"factor": "2", "wallet": "points"}}],
        "examples": [
            {"given": {"member_tier": "gold"}, "then": [{"multiply": "points", "factor": "2"}]},
            {"given": {"member_tier": "normal"}, "then": []},
        ],
    },
    "earn/review": {
        "title": _text("A review earns", "评价得分"),
        "on": ["review.written"],
        "actions": [{"name": "earn_points", "params": {"points": "20", "pending": {"days": 0}}}],
        "conditions": {"name": "payload_rating", "operator": "greater_than", "value": 1},
        "limits": {"times_per_member_per_day": 3},
        "examples": [
            {"given": {"payload_rating": 5}, "then": [{"earn": "points", "points": 20}]},
            {"given": {"payload_rating": 1}, "then": []},
        ],
    },
    "redeem/coupon-10": {
        "title": _text("¥10 for 300", "300分换10元"),
        "on": ["points.redeem"],
        "conditions": {"name": "redeem_benefit", "operator": "equal_to", "value": "coupon-10"},
        "actions": [{"name": "price_fixed", "params": {"benefit": "coupon-10", "points": "300"}}],
        "examples": [
            {"given": {"redeem_benefit": "coupon-10"}, "then": [{"price": "coupon-10", "points": 300}]},
            {"given": {"redeem_benefit": "gold-pack"}, "then": []},
        ],
    },
    "campaigns/gold-pack": {
        "title": _text("Gold brings a pack", "升金卡送礼包"),
        "on": ["tier.changed"],
        "conditions": {
            "all": [
                {"name": "tier_to", "operator": "equal_to", "value": "gold"},
                {"name": "tier_direction", "operator": "equal_to", "value": "up"},
            ]
        },
        "actions": [{"name": "issue_benefit", "params": {"benefit": "gold-pack"}}],
        "examples": [
            {"given": {"tier_to": "gold", "tier_direction": "up"}, "then": [{"issue": "gold-pack"}]},
            {"given": {"tier_to": "normal", "tier_direction": "down"}, "then": []},
        ],
    },
}
