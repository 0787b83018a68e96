"""`benefits/<key>.json`: what a member can be given, with all its terms as data."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from rules.audience import Keys, Tiers
from rules.benefit_terms import (
    Content,
    Item,
    Life,
    Plan,
    Price,
    PromoCode,
    Quota,
    Stretch,
    Supply,
    Use,
)
from rules.early import Opening
from rules.parts import Accepts, Count, Key, Name, Positive, RawCondition, Strict, Text

__all__ = ["Benefit", "BenefitKind", "Life"]

BenefitKind = Literal[
    "access",
    "adviser",
    "amount_off",
    "badge",
    "cash_back",
    "check_up",
    "content",
    "delivery_time",
    "early_access",
    "event",
    "fast_lane",
    "free_shipping",
    "gift",
    "gift_pack",
    "gift_with_purchase",
    "limited_edition",
    "made_to_order",
    "members_only",
    "membership_plan",
    "multiplier",
    "partner_benefit",
    "percent_off",
    "service",
    "shipping_upgrade",
    "warranty",
]


class Benefit(Strict):
    """`benefits/<key>.json`: what a member can be given.

    `value` is money, of `percent_off` a percentage; `most` the greatest amount that a percentage comes to.
    """

    title: Text
    description: Text
    kind: BenefitKind
    value: Positive | None = None
    percent: Positive | None = None
    factor: Positive | None = None
    most: Positive | None = None
    items: Annotated[tuple[Item, ...], Field(min_length=1, max_length=50)] | None = None
    contains: Annotated[tuple[Content, ...], Field(min_length=1, max_length=20)] | None = None
    extends: Stretch | None = None
    within_hours: Annotated[int, Field(ge=1, le=8_760)] | None = None
    link: Annotated[str, StringConstraints(pattern=r"^https://[!-~]{1,500}$")] | None = None
    plan: Plan | None = None
    instructions: Text | None = None
    minimum_spend: Positive | None = None
    use: Use | None = None
    valid: Life | None = None
    opening: Opening | None = None
    stock: Count | None = None
    per_member: Count | None = None
    quotas: Annotated[tuple[Quota, ...], Field(max_length=10)] = ()
    partner: Key | None = None
    cost: Positive | None = None
    supply: Supply | None = None
    price: Price | None = None
    claim: bool = False  # Members take a piece themselves, for nothing.
    standing: bool = False  # Whoever may have it has it, without a piece.
    promo_codes: Annotated[tuple[PromoCode, ...], Field(max_length=100)] = ()
    uses: Annotated[int, Field(ge=2, le=1_000)] | None = None
    sub_limits: Annotated[dict[Name, Count], Field(min_length=1, max_length=20)] | None = None
    tiers: Tiers | None = None
    segments: Keys | None = None
    available_to: RawCondition | None = None
    code: bool = False
    core: bool = True  # One of those a programme is known for; a catalogue of rewards is not.
    accepts: Accepts = ()
