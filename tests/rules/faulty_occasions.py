"""Broken gatherings, draws and polls, each with the place and the code of what is wrong with it."""

from collections.abc import Callable
from typing import Any

from tests.rules.lab import Document, asks, put

SALON, WHEEL, EDITION, POLL = "gatherings/salon", "draws/wheel", "draws/edition", "polls/next-year"

DEFINED: list[tuple[str, Callable[[Document], Any], str, str]] = [
    (SALON, put("starts", value="2026-12-05T22:00"), "/starts", "TIMES_ORDER"),
    (SALON, put("sign_up", "opens_at", value="2026-12-06"), "/sign_up/closes_at", "WINDOW_EMPTY"),
    (SALON, put("sign_up", "closes_at", value="2026-12-05"), "/sign_up/closes_at", "TIMES_ORDER"),
    (SALON, put("sign_up", "closes_at", value=None), "/sign_up/closes_at", "BAD_DATE"),
    (SALON, put("cancel_until", value="2026-12-06"), "/cancel_until", "TIMES_ORDER"),
    (SALON, put("guests", value=3), "/guests", "OUT_OF_RANGE"),
    (SALON, put("seats", value=0), "/seats", "OUT_OF_RANGE"),
    (SALON, put("starts", value="tomorrow"), "/starts", "BAD_DATE"),
    (SALON, put("sign_up", "tags", value=[]), "/sign_up/tags", "BAD_LENGTH"),
    (SALON, put("sign_up", "segments", value=["ghosts"]), "/sign_up/segments/0", "SEGMENT_UNKNOWN"),
    (SALON, put("sign_up", "segments", value=["young"]), "/sign_up/segments", "WHO_PERSONAL"),
    (SALON, put("sign_up", "tiers", value={"at_least": "diamond"}), "/sign_up/tiers/at_least", "LEVEL_UNKNOWN"),
    (SALON, put("sign_up", "tiers", value={"ladder": "stairs", "at_least": "gold"}), "/sign_up/tiers/ladder",
        "LADDER_UNKNOWN"),
    (SALON, put("sign_up", "available_to", value=asks("order_paid", "is_set")), "/sign_up/available_to/name",
        "VARIABLE_NOT_HERE"),
    (SALON, put("sign_up", "available_to", value=asks("member_age", "greater_than", 18)), "/sign_up/available_to",
        "WHO_PERSONAL"),
    (SALON, put("sign_up", "early", 0, "hours", value=0), "/sign_up/early/0/hours", "OUT_OF_RANGE"),
    (WHEEL, put("prizes", 0, "odds", value=None), "/prizes/0/odds", "FIELD_MISSING"),
    (WHEEL, put("prizes", 0, "odds", value="0.0000001"), "/prizes/0/odds", "ODDS_DECIMALS"),
    (WHEEL, put("prizes", 0, "odds", value="1.5"), "/prizes/0/odds", "OUT_OF_RANGE"),
    (WHEEL, put("prizes", value=[{"benefit": "pack", "count": 1, "odds": "0.6"},
        {"benefit": "coupon", "count": 1, "odds": "0.5"}]), "/prizes", "ODDS_ABOVE_ONE"),
    (WHEEL, put("prizes", value=[]), "/prizes", "BAD_LENGTH"),
    (WHEEL, put("tickets", value={}), "/tickets", "BAD_LENGTH"),
    (WHEEL, put("tickets", "per_order", value={"minimum": "0.001"}), "/tickets/per_order/minimum", "VALUE_AMOUNT"),
    (EDITION, put("prizes", 0, "odds", value="0.1"), "/prizes/0/odds", "FIELD_NOT_HERE"),
    (EDITION, put("prizes", 0, "benefit", value="yacht"), "/prizes/0/benefit", "BENEFIT_UNKNOWN"),
    (EDITION, put("prizes", value=[{"benefit": "pack", "count": 1}] * 2), "/prizes/1/benefit", "NAME_TAKEN"),
    (EDITION, put("entry", "closes_at", value="2026-11-30"), "/entry/closes_at", "WINDOW_EMPTY"),
    (POLL, put("choices", value=4), "/choices", "OUT_OF_RANGE"),
    (POLL, put("options", value={"tea": {"en": "Tea", "zh-CN": "茶"}}), "/options", "BAD_LENGTH"),
    (POLL, put("results", value="sometimes"), "/results", "NOT_ALLOWED"),
]  # fmt: skip
