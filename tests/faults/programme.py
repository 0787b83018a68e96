"""The programme of stories, with a rate that can be published anew, a small budget and a short stock."""

from typing import Any

from tests.loyalty.occasions import PRIZE, SALON, WHEEL
from tests.loyalty.programme import FILES, TITLE, documents

PRICE = 300
BUDGET = 1_000
STOCK = 25
CLAIMED = 40
SEATS = 30
PLACES = 20
PRIZES = 25


def files(rate: int = 1, *, shared: bool = False) -> dict[str, str]:
    """The documents: so many points a yuan, and, where wanted, what all members share."""
    changes: dict[str, Any] = {"earn__base": _base(rate)}
    if shared:
        changes["programme"] = FILES["programme"] | {"budgets": {"spring": {"title": TITLE, "points": str(BUDGET)}}}
        changes["earn__base"] = _base(rate) | {"limits": {"budget": "spring"}}
        changes["benefits__coupon_10"] = FILES["benefits/coupon-10"] | {"stock": STOCK}
    return documents(**changes)


def claimed() -> dict[str, str]:
    """Benefits that are free to take, each limited in its own way, and one with a code."""
    plain = {"title": TITLE, "description": TITLE, "kind": "gift"}
    return documents(
        benefits__stocked={**plain, "claim": True, "stock": CLAIMED, "supply": {"low_stock": 10}},
        benefits__daily={**plain, "claim": True, "quotas": [{"most": CLAIMED, "of": "all", "per": "year"}]},
        benefits__word={**plain, "promo_codes": [{"code": "WORD", "uses": CLAIMED, "per_member": 100}]},
        benefits__each={**plain, "claim": True, "per_member": 1},
        benefits__coded={**plain, "claim": True, "code": True},
    )


def sought() -> dict[str, str]:
    """A gathering with too few seats, and a draw in which every ticket wins as long as there is a prize."""
    open_long = {"opens_at": "2000-01-01", "closes_at": "2999-01-01"}
    until = {"starts": "2999-03-07T19:00", "ends": "2999-03-07T21:00", "cancel_until": "2999-03-06T12:00"}
    room = {"seats": SEATS, "waiting_list": {"places": PLACES}}
    prizes = [{"benefit": "bag", "count": PRIZES, "odds": "1"}]
    return documents(
        benefits__bag=PRIZE,
        gatherings__salon=SALON | until | room | {"sign_up": open_long},
        draws__wheel=WHEEL | {"entry": open_long, "tickets": {"free": 3}, "wins_per_member": 2, "prizes": prizes},
    )


def _base(rate: int) -> dict[str, Any]:
    params = {"points": str(rate), "per": "1.00", "base": "order_paid", "rounding": "floor_order"}
    changed: dict[str, Any] = {
        "actions": [{"name": "earn_points_per_amount", "params": params}],
        "examples": [
            {"given": {"order_paid": "300.00"}, "then": [{"earn": "points", "points": 300 * rate}]},
            {"given": {"order_paid": "0.10"}, "then": []},
        ],
    }
    return {**FILES["earn/base"], **changed}


def campaigning() -> dict[str, str]:
    """Three policies that all members share in, each in its own way, on small orders; a large one makes gold."""
    small: dict[str, Any] = {"name": "order_paid", "operator": "less_than", "value": "500.00"}
    return documents(
        programme=FILES["programme"] | {"budgets": {"autumn": _autumn()}},
        earn__base=_base(1) | {"conditions": small, "limits": {"points_in_all": 700}},
        earn__gold=None,
        earn__growth=_earns({"points": "1000", "wallet": "growth"}, conditions={"not": small}),
        earn__autumn=_earns({"points": "7"}, conditions=small, limits={"budget": "autumn"}),
        campaigns__gold_pack=None,
        campaigns__pack={
            "title": TITLE,
            "on": ["order.paid"],
            "conditions": small,
            "actions": [{"name": "issue_benefit", "params": {"benefit": "gold-pack"}}],
            "limits": {"times_in_all": 30},
            "examples": [
                {"given": {"order_paid": "37.00"}, "then": [{"issue": "gold-pack"}]},
                {"given": {"order_paid": "1000.00"}, "then": []},
            ],
        },
    )


def _autumn() -> dict[str, Any]:
    return {"title": TITLE, "points": "300", "kept": {"at_least": "gold", "points": "100"}}


def _earns(params: dict[str, Any], **more: Any) -> dict[str, Any]:
    large = "not" in more["conditions"]
    gives = {"given": {"order_paid": "1000.00" if large else "37.00"}, "then": [_then(params)]}
    none: dict[str, Any] = {"given": {"order_paid": "37.00" if large else "1000.00"}, "then": []}
    own = {"title": TITLE, "on": ["order.paid"], "actions": [{"name": "earn_points", "params": params}]}
    return {**own, "examples": [gives, none], **more}


def _then(params: dict[str, Any]) -> dict[str, Any]:
    return {"earn": params.get("wallet", "points"), "points": int(params["points"])}
