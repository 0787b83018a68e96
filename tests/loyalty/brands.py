"""A programme two brands take part in: a tea house and a furniture shop, each with a shop, a benefit and rates."""

from typing import Any

from loyalty.access import Caller, scopes_of
from tests.loyalty.programme import FILES, documents

SHOPS = ("main", "tea-till", "sofa-till")


def _text(en: str) -> dict[str, str]:
    return {"en": en, "zh-CN": f"中{en}"}


def _benefit(partner: str) -> dict[str, Any]:
    return {
        "title": _text(f"From {partner}"),
        "description": _text("With its compliments"),
        "kind": "partner_benefit",
        "partner": partner,
        "valid": {"days": 30},
        "code": True,
    }


def _for(points: str, benefit: str) -> dict[str, Any]:
    return {
        "title": _text(f"{benefit} for {points}"),
        "on": ["points.redeem"],
        "conditions": {"name": "redeem_benefit", "operator": "equal_to", "value": benefit},
        "actions": [{"name": "price_fixed", "params": {"benefit": benefit, "points": points}}],
        "examples": [
            {"given": {"redeem_benefit": benefit}, "then": [{"price": benefit, "points": int(points)}]},
            {"given": {"redeem_benefit": "coupon-10"}, "then": []},
        ],
    }


TEA: dict[str, Any] = {
    "title": _text("Tea house"),
    "shops": ["tea-till"],
    "earn_rate": "2",
    "consents": ["partner_sharing"],
    "cancel_window": {"days": 3},
    "settles": {"earned": "0.012", "burnt": "0.008", "used": {"tea": "5.00"}},
}
SOFA: dict[str, Any] = {
    "title": _text("Sofa shop"),
    "shops": ["sofa-till"],
    "settles": {"earned": "0.01", "used": {"sofa-coupon": "80.00"}},
}
# Buy an appliance, get the furniture coupon.
JOINT: dict[str, Any] = {
    "title": _text("An appliance brings a sofa coupon"),
    "on": ["order.paid"],
    "conditions": {
        "all": [
            {"name": "order_partner", "operator": "is_not_set"},
            {"name": "order_categories", "operator": "contains", "value": "appliance"},
        ]
    },
    "actions": [{"name": "issue_benefit", "params": {"benefit": "sofa-coupon"}}],
    "examples": [
        {"given": {"order_categories": ["appliance"]}, "then": [{"issue": "sofa-coupon"}]},
        {"given": {"order_categories": ["appliance"], "order_partner": "tea-house"}, "then": []},
    ],
}
CHANGES: dict[str, Any] = {
    "programme": {**FILES["programme"], "shops": list(SHOPS), "consents": ["partner_sharing"]},
    "partners__tea_house": TEA,
    "partners__sofa": SOFA,
    "benefits__tea": _benefit("tea-house"),
    "benefits__sofa_coupon": _benefit("sofa"),
    "redeem__tea": _for("100", "tea"),
    "campaigns__joint": JOINT,
}
FILES_OF_BRANDS = documents(**CHANGES)
HOUSE = Caller("client:pos", "story", scopes_of(["service"]) | {"clock"}, shops=SHOPS)
