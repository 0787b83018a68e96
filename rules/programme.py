"""`programme.json`: what holds for every policy of a programme."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from rules import exact
from rules.budgets import Budget
from rules.cards import Card
from rules.expiry import Expiry, Pending
from rules.metrics import Metric
from rules.parts import (
    LANGUAGES,
    SCALE_MAX,
    Accepts,
    Count,
    Exact,
    Key,
    Name,
    Positive,
    Purpose,
    Rounding,
    Strict,
    Text,
    Words,
)
from rules.percentiles import Percentile
from rules.pools import Pools
from rules.profiles import Profile
from rules.purposes import ConsentPurpose
from rules.reminders import Reminders
from rules.transfers import Transfers

CategoryKey = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class Wallet(Strict):
    """One kind of points. Its scale is fixed for ever: amounts are whole numbers of 10^-scale.

    A person sees `shown` decimals of a balance, rounded down; the books keep all. `value` is what one of it is worth.
    """

    title: Text
    unit: Text
    unit_one: Words | None = None
    scale: Annotated[int, Field(ge=0, le=SCALE_MAX)] = 0
    shown: Annotated[int, Field(ge=0, le=SCALE_MAX)] | None = None
    pending: Pending | None = None
    expires: Expiry
    main: bool = False
    spendable: bool = True
    value: Positive | None = None
    transfers: Transfers | None = None


class PayloadField(Strict):
    """One field of a declared event: the part of JSON Schema that can be checked in bounded time."""

    type: Literal["string", "integer", "number", "boolean", "array"]
    description: str | None = None
    enum: Annotated[tuple[str, ...], Field(min_length=1, max_length=200)] | None = None
    format: Literal["date", "date-time", "time", "duration", "money"] | None = None
    minimum: Annotated[int, Field(ge=-exact.MAGNITUDE_MAX, le=exact.MAGNITUDE_MAX)] | None = None
    maximum: Annotated[int, Field(ge=-exact.MAGNITUDE_MAX, le=exact.MAGNITUDE_MAX)] | None = None
    min_length: Annotated[int, Field(ge=0, le=10_000)] | None = Field(default=None, alias="minLength")
    max_length: Annotated[int, Field(ge=1, le=10_000)] | None = Field(default=None, alias="maxLength")
    max_items: Annotated[int, Field(ge=1, le=500)] | None = Field(default=None, alias="maxItems")
    items: dict[Literal["type"], Literal["string"]] | None = None
    personal: bool = False  # Tells who somebody is: no variable is made of it, and erasure takes it out of the log.


class PayloadSchema(Strict):
    """The JSON Schema of an event's payload: one flat object."""

    type: Literal["object"]
    properties: Annotated[dict[Name, PayloadField], Field(max_length=100)]
    required: tuple[str, ...] = ()
    additional_properties: Literal[False] = Field(default=False, alias="additionalProperties")

    @property
    def personal(self) -> frozenset[str]:
        """The fields that tell who somebody is."""
        return frozenset(name for name, own in self.properties.items() if own.personal)


class EventType(Strict):
    """A behaviour the programme listens to."""

    title: Text
    schema_: PayloadSchema = Field(alias="schema")
    labels: dict[Name, Text] = Field(default_factory=dict)


class Category(Strict):
    """A category of goods; one may lie within another."""

    title: Text
    parent: CategoryKey | None = None


class Attributes(Strict):
    """What the programme knows of its members besides: each becomes a variable, none of them has to be there."""

    schema_: PayloadSchema = Field(alias="schema")
    labels: dict[Name, Text] = Field(default_factory=dict)


class Programme(Strict):
    """`programme.json`: what holds for every policy."""

    title: Text
    zone: str
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    languages: Annotated[tuple[Literal["en", "zh-CN"], ...], Field(min_length=1)] = LANGUAGES
    shops: Annotated[tuple[Key, ...], Field(min_length=1, max_length=100)] = ("main",)
    wallets: Annotated[dict[Name, Wallet], Field(min_length=1, max_length=20)]
    metrics: Annotated[dict[Name, Metric], Field(max_length=200)] = Field(default_factory=dict)
    percentiles: Annotated[dict[Name, Percentile], Field(max_length=20)] = Field(default_factory=dict)
    event_types: Annotated[dict[str, EventType], Field(max_length=200)] = Field(default_factory=dict)
    categories: Annotated[dict[CategoryKey, Category], Field(max_length=1_000)] = Field(default_factory=dict)
    attributes: Attributes | None = None
    products: Attributes | None = None  # Of the catalogue: what is known of a SKU besides.
    consents: Annotated[tuple[Purpose, ...], Field(max_length=50)] = ()
    purposes: Annotated[dict[Purpose, ConsentPurpose], Field(max_length=50)] = Field(default_factory=dict)
    profile: Profile | None = None
    card: Card | None = None
    pools: Pools | None = None
    budgets: Annotated[dict[Key, Budget], Field(max_length=200)] = Field(default_factory=dict)
    reminders: Reminders | None = None
    ladder: Key | None = None
    point_value: Positive | None = None  # Of the main wallet, where that says no value.
    payout_ceiling: Annotated[Exact, Field(gt=0, le=100)] | None = None  # Percent of an order, at most.
    accepts: Accepts = ()
    redemptions_per_day: Count | None = None  # Of one member.
    late_days: Annotated[int, Field(ge=1, le=3_650)] = 400
    claim_days: Annotated[int, Field(ge=0, le=3_650)] = 30  # How long an order that nobody has can be claimed.
    wait_days: Annotated[int, Field(ge=1, le=365)] = 30
    hold_minutes: Annotated[int, Field(ge=1, le=10_080)] = 15
    rounding: Rounding = "floor_order"
    debt: Literal["other_lots_first", "owe"] = "other_lots_first"

    def category_path(self, category: str) -> tuple[str, ...]:
        """A category and those it lies within, sorted; one that nobody declared stands alone."""
        found = {category} - {""}
        while (own := self.categories.get(category)) is not None and own.parent is not None:
            category = own.parent
            found.add(category)
        return tuple(sorted(found))

    @property
    def main_wallet(self) -> str:
        """The wallet meant where none is named."""
        return next((key for key, wallet in self.wallets.items() if wallet.main), next(iter(self.wallets)))
