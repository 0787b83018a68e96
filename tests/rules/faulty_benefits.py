"""Broken benefits, each with the place and the code of what is wrong with it."""

from collections.abc import Callable
from typing import Any

from tests.rules.lab import Document, asks

Change = Callable[[Document], Any]


def says(**fields: Any) -> Change:
    """The benefit says these things besides; None takes one away."""

    def change(benefit: Document) -> None:
        for name, value in fields.items():
            if value is None:
                benefit.pop(name, None)
            else:
                benefit[name] = value

    return change


def opens(**fields: Any) -> Change:
    return says(opening={"opens_at": "2026-11-11", **fields})


def early(*hours: int) -> list[Document]:
    return [{"hours": one, "to": asks("member_tier", "at_least", "gold")} for one in hours]


COUPON, PACK = "benefits/coupon", "benefits/pack"
BENEFITS: list[tuple[str, Change, str, str]] = [
    # What a kind says of itself.
    (PACK, says(factor="2"), "/factor", "FIELD_NOT_HERE"),
    (PACK, says(kind="multiplier"), "/factor", "FIELD_MISSING"),
    (PACK, says(kind="multiplier", factor="101"), "/factor", "OUT_OF_RANGE"),
    (PACK, says(kind="membership_plan"), "/plan", "FIELD_MISSING"),
    (PACK, says(kind="membership_plan", plan={"fee": "1.005", "every": "year"}), "/plan/fee", "VALUE_AMOUNT"),
    (PACK, says(kind="membership_plan", plan={"fee": "9.00", "every": "day"}), "/plan/every", "NOT_ALLOWED"),
    (PACK, says(kind="shipping_upgrade"), "/within_hours", "FIELD_MISSING"),
    (PACK, says(kind="gift_with_purchase", minimum_spend="300.00"), "/items", "FIELD_MISSING"),
    (PACK, says(kind="gift_with_purchase", items=[{"sku": "TEA"}]), "/minimum_spend", "FIELD_MISSING"),
    (PACK, says(kind="percent_off"), "/value", "FIELD_MISSING"),
    (COUPON, says(percent="5"), "/percent", "FIELD_NOT_HERE"),
    (COUPON, says(kind="cash_back", percent="5"), "/percent", "FIELDS_APART"),
    (COUPON, says(kind="cash_back", value=None, percent="101"), "/percent", "OUT_OF_RANGE"),
    (COUPON, says(kind="cash_back", most="9.00"), "/most", "FIELD_NOT_HERE"),
    (PACK, says(link="https://example.org"), "/link", "FIELD_NOT_HERE"),
    (PACK, says(kind="content", link="http://example.org"), "/link", "BAD_NAME"),
    (PACK, says(kind="warranty", extends={}), "/extends", "EXACTLY_ONE"),
    # What it contradicts.
    (COUPON, says(claim=True, price={"points": 100}), "/price", "FIELDS_APART"),
    (COUPON, says(standing=True, stock=5), "/stock", "FIELDS_APART"),
    (COUPON, says(supply={"low_stock": 5}), "/supply/low_stock", "FIELD_NOT_HERE"),
    # Time.
    (COUPON, says(valid={"days": 1, "months": 1}), "/valid", "EXACTLY_ONE"),
    (COUPON, says(valid={"from": "2026-11-01"}), "/valid", "EXACTLY_ONE"),
    (COUPON, says(valid={"from": "2026-11-02", "until": "2026-11-01"}), "/valid/until", "WINDOW_EMPTY"),
    (COUPON, opens(closes_at="2026-11-10"), "/opening/closes_at", "WINDOW_EMPTY"),
    (COUPON, opens(early=early(24, 48)), "/opening/early/1/hours", "EARLY_ORDER"),
    (COUPON, opens(early=[{"hours": 48, "to": asks("line_sku", "is_set")}]),
     "/opening/early/0/to/name", "VARIABLE_OF_LINE"),
    # How many.
    (COUPON, says(quotas=[{"most": 5, "of": "member"}]), "/quotas/0", "EXACTLY_ONE"),
    (COUPON, says(quotas=[{"most": 5, "of": "all", "per": "day", "from": "2026-11-01"}]),
     "/quotas/0/from", "FIELD_NOT_HERE"),
    (COUPON, says(quotas=[{"most": 5, "of": "all", "policy": "earn/nobody"}]), "/quotas/0/policy", "POLICY_UNKNOWN"),
    # Names.
    (COUPON, says(segments=["strangers"]), "/segments/0", "SEGMENT_UNKNOWN"),
    (COUPON, says(tiers={"at_least": "diamond"}), "/tiers/at_least", "LEVEL_UNKNOWN"),
    (COUPON, says(tiers={"ladder": "league", "at_least": "gold"}), "/tiers/ladder", "LADDER_UNKNOWN"),
    (PACK, says(contains=[{"benefit": "yacht"}]), "/contains/0/benefit", "BENEFIT_UNKNOWN"),
    (PACK, says(contains=[{"benefit": "pack"}]), "/contains/0/benefit", "CONTAINS_NESTED"),
    (COUPON, says(promo_codes=[{"code": "HELLO"}, {"code": "hello"}]), "/promo_codes/1/code", "NAME_TAKEN"),
    (COUPON, says(promo_codes=[{"code": "no blanks"}]), "/promo_codes/0/code", "BAD_NAME"),
    # The price it has of itself.
    (COUPON, says(price={"points": 100, "wallet": "yachts"}), "/price/wallet", "WALLET_UNKNOWN"),
    (COUPON, says(price={"points": 100, "money": "0.005"}), "/price/money", "VALUE_AMOUNT"),
    (COUPON, says(price={"points": 100, "steps": [{"points": 1, "value": "5.00"}]}), "/price", "EXACTLY_ONE"),
    (COUPON, says(price={"steps": [{"points": 1, "value": "1.005"}]}), "/price/steps/0/value", "VALUE_AMOUNT"),
]  # fmt: skip
