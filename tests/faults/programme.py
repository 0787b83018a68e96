"""The programme of stories, with a rate that can be published anew, a small budget and a short stock."""

from typing import Any

from tests.loyalty.programme import FILES, TITLE, documents

PRICE = 300
BUDGET = 1_000
STOCK = 25


def files(rate: int = 1, *, shared: bool = False) -> dict[str, str]:
    """The documents: so many points a yuan, and, where wanted, what all members share."""
    changes: dict[str, Any] = {"earn__base": _base(rate)}
    if shared:
        changes["programme"] = FILES["programme"] | {"budgets": {"spring": {"title": TITLE, "points": str(BUDGET)}}}
        changes["earn__base"] = _base(rate) | {"limits": {"budget": "spring"}}
        changes["benefits__coupon_10"] = FILES["benefits/coupon-10"] | {"stock": STOCK}
    return documents(**changes)


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
