"""The terms of a benefit, part by part: how long it lives, where it can be used, how many there are, what it costs."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from rules.parts import Count, Key, Moment, Name, Positive, Strict, Words, exactly_one
from rules.pricing_params import Step

PROMO = r"^[A-Za-z0-9][A-Za-z0-9_-]{2,31}$"
Value = Annotated[str, Field(min_length=1, max_length=128)]
Values = Annotated[tuple[Value, ...], Field(min_length=1, max_length=200)]
Often = Annotated[int, Field(ge=1, le=1_000_000_000)]
Period = Literal["day", "week", "month", "quarter", "year"]


class Life(Strict):
    """How long an entitlement can be used: one end, and perhaps not before a day.

    `end_of` is the end of the period it is given in; a day named as `until` is still in.
    """

    days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    months: Annotated[int, Field(ge=1, le=1_200)] | None = None
    until: Moment | None = None
    end_of: Period | None = None
    start: Moment | None = Field(default=None, alias="from")

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self, "days", "months", "until", "end_of")
        return self


class Item(Strict):
    """A product, and how many of it."""

    sku: Value
    quantity: Annotated[int, Field(ge=1, le=1_000)] = 1


class Content(Strict):
    """Another benefit that comes with this one."""

    benefit: Key
    count: Annotated[int, Field(ge=1, le=100)] = 1


class Stretch(Strict):
    """What a warranty adds."""

    days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    months: Annotated[int, Field(ge=1, le=1_200)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self)
        return self


class Plan(Strict):
    """A membership that is paid for: what it costs each time, and whether it goes on by itself."""

    fee: Positive
    every: Literal["month", "quarter", "half_year", "year"]
    renews: bool = False


class Use(Strict):
    """Where and how a piece is used. Within a list any one is enough; all lists that are given must hold.

    A line of the order fits by SKU, brand, category and tags; of an order one line must fit.
    """

    channels: Values | None = None
    stores: Values | None = None
    shops: Values | None = None
    skus: Values | None = None
    brands: Values | None = None
    categories: Values | None = None
    tags: Values | None = None
    combinable: bool = True  # With another benefit on the same order.


class Quota(Strict):
    """So many pieces at most, for each member or for all together: in each period, between two days, or by one policy.

    What is taken back unused does not count any more.
    """

    most: Count
    of: Literal["member", "all"]
    per: Period | None = None
    start: Moment | None = Field(default=None, alias="from")
    until: Moment | None = None
    policy: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(/[a-z0-9-]+)+$", max_length=128)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self, "per", "until", "policy")
        return self


class Supply(Strict):
    """Who delivers what was promised, within how many days, and at how many left somebody must be told."""

    supplier: Words | None = None
    lead_days: Annotated[int, Field(ge=0, le=366)] | None = None
    low_stock: Count | None = None


class Price(Strict):
    """What one piece costs in points, fixed or by value, perhaps with money beside: no policy is needed for it."""

    wallet: Name | None = None
    points: Positive | None = None
    money: Positive | None = None
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=50)] | None = None
    combine: bool = False
    most: Positive | None = None
    minimum_basket: Positive | None = None
    one_per_order: bool = False

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self, "points", "steps")
        return self


class PromoCode(Strict):
    """A word shared by many: whoever enters it gets a piece, so often in all and each, within its days.

    Capitals and small letters are the same.
    """

    code: Annotated[str, StringConstraints(pattern=PROMO)]
    uses: Often | None = None
    per_member: Often = 1
    start: Moment | None = Field(default=None, alias="from")
    until: Moment | None = None
