"""`benefits/<key>.json`: what a member can be given."""

from typing import Annotated, Literal

from pydantic import Field

from rules.parts import Count, Key, Name, OneOf, Positive, RawCondition, Strict, Text

BenefitKind = Literal[
    "access",
    "amount_off",
    "badge",
    "cash_back",
    "content",
    "event",
    "free_shipping",
    "gift",
    "gift_pack",
    "partner_benefit",
    "percent_off",
    "service",
    "warranty",
]


class Life(OneOf):
    """How long an entitlement can be used."""

    days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    months: Annotated[int, Field(ge=1, le=1_200)] | None = None


class Benefit(Strict):
    """`benefits/<key>.json`: what a member can be given."""

    title: Text
    description: Text
    kind: BenefitKind
    value: Positive | None = None
    minimum_spend: Positive | None = None
    valid: Life | None = None
    stock: Count | None = None
    per_member: Count | None = None
    partner: Key | None = None
    cost: Positive | None = None
    uses: Annotated[int, Field(ge=2, le=1_000)] | None = None
    sub_limits: Annotated[dict[Name, Count], Field(min_length=1, max_length=20)] | None = None
    available_to: RawCondition | None = None
    code: bool = False
    core: bool = True  # One of those a programme is known for; a catalogue of rewards is not.
