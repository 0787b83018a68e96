"""The documents a programme is written in: the envelope of a policy and the definitions it leans on.

Strict: a field nobody declared, a number where text belongs, a language that is missing is refused. Conditions and
parameters stay raw here; `check` types them against the catalogue.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from rules import exact

LANGUAGES: tuple[Literal["en"], Literal["zh-CN"]] = ("en", "zh-CN")
NAME = r"^[a-z][a-z0-9_]{0,63}$"
KEY = r"^[a-z0-9-]{1,64}$"
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PERIODS = ("day", "week", "month", "quarter", "year")
SCALE_MAX = 4


def read_exact(value: object) -> Decimal:
    """A whole number or a decimal as text; a float cannot be exact and is refused."""
    if isinstance(value, Decimal):
        return value
    number = exact.read(value)
    if number is None:
        raise PydanticCustomError("BAD_DECIMAL", "not an exact decimal")
    return number


def read_moment(value: object) -> date | datetime:
    """A day, or a moment; a moment without an offset is meant in the programme's zone."""
    if isinstance(value, date):
        return value
    try:
        if not isinstance(value, str):
            raise ValueError
        return date.fromisoformat(value) if len(value) == len("2026-11-01") else datetime.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("BAD_DATE", "not a date or time") from None


def written(value: str) -> str:
    """Text that a person can read: not only blanks."""
    if not value.strip():
        raise PydanticCustomError("TEXT_EMPTY", "nothing but blanks")
    return value


Exact = Annotated[Decimal, BeforeValidator(read_exact)]
Positive = Annotated[Decimal, BeforeValidator(read_exact), Field(gt=0)]
Moment = Annotated[date | datetime, BeforeValidator(read_moment)]
Name = Annotated[str, StringConstraints(pattern=NAME)]
Key = Annotated[str, StringConstraints(pattern=KEY)]
Words = Annotated[str, StringConstraints(max_length=500), AfterValidator(written)]
Count = Annotated[int, Field(ge=1, le=exact.MAGNITUDE_MAX)]
RawCondition = dict[str, Any]


class Strict(BaseModel):
    """What every part of a document is: closed, frozen, nothing coerced."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


def exactly_one(part: Strict) -> None:
    """Of these fields one must be there, and only one."""
    given = [name for name in type(part).model_fields if getattr(part, name) is not None]
    if len(given) != 1:
        raise PydanticCustomError("EXACTLY_ONE", "one of the fields", {"allowed": sorted(type(part).model_fields)})


class OneOf(Strict):
    """A part that says one thing out of several."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self)
        return self


class Text(Strict):
    """Words in both languages."""

    en: Words
    zh: Words = Field(alias="zh-CN")

    def say(self, lang: str) -> str:
        """The words in a language; English for one we do not speak."""
        return self.zh if lang == "zh-CN" else self.en

    def by_language(self) -> Mapping[str, str]:
        """As data: language → words."""
        return {"en": self.en, "zh-CN": self.zh}


class Span(OneOf):
    """A stretch of calendar time."""

    days: Annotated[int, Field(ge=0, le=36_500)] | None = None
    months: Annotated[int, Field(ge=1, le=1_200)] | None = None
    years: Annotated[int, Field(ge=1, le=100)] | None = None


class Pending(OneOf):
    """How long points wait before they can be spent; `open` waits for an event."""

    days: Annotated[int, Field(ge=0, le=3_650)] | None = None
    open: Literal[True] | None = None


class Expiry(OneOf):
    """How long points live, counted from when they are earned."""

    after: Span | None = None
    first_of_month_after: Annotated[int, Field(ge=1, le=1_200)] | None = None
    never: Literal[True] | None = None


class Wallet(Strict):
    """One kind of points. Its scale is fixed for ever: amounts are whole numbers of 10^-scale."""

    title: Text
    unit: Text
    unit_one: Words | None = None
    scale: Annotated[int, Field(ge=0, le=SCALE_MAX)] = 0
    pending: Pending | None = None
    expires: Expiry
    main: bool = False
    spendable: bool = True


class Over(OneOf):
    """The window a metric looks at: rolling days, or the calendar period that is running."""

    days: Annotated[int, Field(ge=1, le=3_660)] | None = None
    calendar: Literal["month", "quarter", "year"] | None = None


class Metric(Strict):
    """A figure about a member, net of returns: how many, or how much, over a window."""

    title: Text
    count: Literal["orders", "events"] | None = None
    sum: Literal["spend", "earned"] | None = None
    wallet: Name | None = None
    type: str | None = None
    over: Over


class PayloadField(Strict):
    """One field of a declared event: the part of JSON Schema that can be checked in bounded time."""

    type: Literal["string", "integer", "number", "boolean", "array"]
    description: str | None = None
    enum: Annotated[tuple[str, ...], Field(min_length=1, max_length=200)] | None = None
    format: Literal["date", "date-time"] | None = None
    minimum: Annotated[int, Field(ge=-exact.MAGNITUDE_MAX, le=exact.MAGNITUDE_MAX)] | None = None
    maximum: Annotated[int, Field(ge=-exact.MAGNITUDE_MAX, le=exact.MAGNITUDE_MAX)] | None = None
    min_length: Annotated[int, Field(ge=0, le=10_000)] | None = Field(default=None, alias="minLength")
    max_length: Annotated[int, Field(ge=1, le=10_000)] | None = Field(default=None, alias="maxLength")
    max_items: Annotated[int, Field(ge=1, le=500)] | None = Field(default=None, alias="maxItems")
    items: dict[Literal["type"], Literal["string"]] | None = None


class PayloadSchema(Strict):
    """The JSON Schema of an event's payload: one flat object."""

    type: Literal["object"]
    properties: Annotated[dict[Name, PayloadField], Field(max_length=100)]
    required: tuple[str, ...] = ()
    additional_properties: Literal[False] = Field(default=False, alias="additionalProperties")


class EventType(Strict):
    """A behaviour the programme listens to."""

    title: Text
    schema_: PayloadSchema = Field(alias="schema")
    labels: dict[Name, Text] = Field(default_factory=dict)


class Budget(Strict):
    """Points that all members share; it never overspends, and the last award is cut to what is left."""

    title: Text
    points: Positive
    wallet: Name | None = None


class Programme(Strict):
    """`programme.json`: what holds for every policy."""

    title: Text
    zone: str
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    languages: Annotated[tuple[Literal["en", "zh-CN"], ...], Field(min_length=1)] = LANGUAGES
    shops: Annotated[tuple[Key, ...], Field(min_length=1, max_length=100)] = ("main",)
    wallets: Annotated[dict[Name, Wallet], Field(min_length=1, max_length=20)]
    metrics: Annotated[dict[Name, Metric], Field(max_length=200)] = Field(default_factory=dict)
    event_types: Annotated[dict[str, EventType], Field(max_length=200)] = Field(default_factory=dict)
    budgets: Annotated[dict[Key, Budget], Field(max_length=200)] = Field(default_factory=dict)
    ladder: Key | None = None
    late_days: Annotated[int, Field(ge=1, le=3_650)] = 400
    wait_days: Annotated[int, Field(ge=1, le=365)] = 30
    hold_minutes: Annotated[int, Field(ge=1, le=10_080)] = 15
    debt: Literal["other_lots_first", "owe"] = "other_lots_first"

    @property
    def main_wallet(self) -> str:
        """The wallet meant where none is named."""
        return next((key for key, wallet in self.wallets.items() if wallet.main), next(iter(self.wallets)))


class Level(Strict):
    """One rung; the lowest has no `reach`, everybody stands there."""

    key: Key
    title: Text
    reach: RawCondition | None = None


class Review(Strict):
    """When standings are looked at again: at the first instant of each period."""

    every: Literal["month", "quarter", "year"]


class Demotion(Strict):
    """How far a review takes down whoever no longer meets the standard, and when it may."""

    to: Literal["one_level", "met"]
    when: RawCondition | None = None


class Ladder(Strict):
    """`tiers/<ladder>.json`: levels from the lowest up."""

    title: Text
    levels: Annotated[tuple[Level, ...], Field(min_length=1, max_length=50)]
    upgrade: Literal["at_once"] = "at_once"
    review: Review | None = None
    demotion: Demotion | None = None

    def rank(self, level: str) -> int | None:
        """Where a level stands, 0 being the lowest; None if the ladder has no such level."""
        return next((rank for rank, own in enumerate(self.levels) if own.key == level), None)


BenefitKind = Literal[
    "access",
    "amount_off",
    "badge",
    "free_shipping",
    "gift",
    "gift_pack",
    "partner_benefit",
    "percent_off",
    "service",
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
    available_to: RawCondition | None = None
    code: bool = False


class Hours(Strict):
    """A time of day, from inclusive, until exclusive; it may run past midnight."""

    start: Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] = Field(alias="from")
    until: Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]


class Window(Strict):
    """When a policy is live: a day named as `until` is still in, a moment is not."""

    start: Moment | None = Field(default=None, alias="from")
    until: Moment | None = None
    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1)] | None = None
    hours: Hours | None = None


class Stacking(Strict):
    """How policies of one group combine."""

    group: Name
    mode: Literal["additive", "best", "exclusive"]


class Limits(Strict):
    """What a policy may give at most; when a cap on points is hit, the rest of it is still given."""

    points_per_member: Count | None = None
    points_per_member_per_day: Count | None = None
    points_per_member_per_week: Count | None = None
    points_per_member_per_month: Count | None = None
    points_per_member_per_quarter: Count | None = None
    points_per_member_per_year: Count | None = None
    times_per_member: Count | None = None
    times_per_member_per_day: Count | None = None
    times_per_member_per_week: Count | None = None
    times_per_member_per_month: Count | None = None
    times_per_member_per_quarter: Count | None = None
    times_per_member_per_year: Count | None = None
    budget: Key | None = None


class Action(Strict):
    """One wish, by name; its parameters are typed by the catalogue of actions."""

    name: str
    params: dict[str, Any] = Field(default_factory=dict)


class Example(Strict):
    """What a policy does with given facts: its documentation, and its test."""

    title: Text | None = None
    on: str | None = None
    given: dict[str, Any] = Field(default_factory=dict)
    lines: Annotated[tuple[dict[str, Any], ...], Field(max_length=20)] = ()
    then: tuple[dict[str, Any], ...]


class Policy(Strict):
    """A policy: on these events, under these conditions, these wishes."""

    title: Text
    description: Text | None = None
    on: Annotated[tuple[str, ...], Field(min_length=1, max_length=20)]
    scope: Literal["event", "line"] = "event"
    valid: Window | None = None
    conditions: RawCondition | None = None
    actions: Annotated[tuple[Action, ...], Field(min_length=1, max_length=10)]
    stacking: Stacking | None = None
    priority: Annotated[int, Field(ge=-1_000, le=1_000)] = 0
    limits: Limits | None = None
    examples: Annotated[tuple[Example, ...], Field(max_length=50)] = ()
