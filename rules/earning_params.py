"""The parameters of what earns points."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from rules.expiry import Expiry, Pending
from rules.params import Params
from rules.parts import Exact, Name, Positive, Rounding, Strict

# What an order's amount may mean; besides, any variable that is money, on the event it exists on.
BASES = (
    "order_paid",
    "order_net",
    "order_total",
    "order_goods",
    "order_net_with_tax",
    "order_net_with_shipping",
    "line_amount",
    "line_net",
)
LINE_BASES = ("line_amount", "line_net", "line_quantity")
AtLeastNone = Annotated[Exact, Field(ge=0)]
Factor = Annotated[Exact, Field(gt=1, le=100)]
Factors = Annotated[dict[str, Annotated[Exact, Field(ge=1, le=100)]], Field(min_length=1, max_length=500)]
Rates = Annotated[dict[str, AtLeastNone], Field(min_length=1, max_length=500)]


class Earning(Params):
    """What every way to earn may say: into which wallet, waiting how long, living how long; else as the wallet does."""

    wallet: Name | None = None
    pending: Pending | None = None
    expires: Expiry | None = None


class EarnPoints(Earning):
    """A fixed number of points."""

    name = "earn_points"
    points: Positive


class ByAmount(Earning):
    """What every way to earn by an amount may say: how it is rounded, from which amount on it earns, how much at most.

    `minimum` is in the base's own unit and looks at the base as a whole; `cap` is points of one event.
    """

    rounding: Rounding | None = None
    minimum: Positive | None = None
    cap: Positive | None = None


class EarnPerAmount(ByAmount):
    """`points` for every `per` of an amount of money, exact until it is rounded once."""

    name = "earn_points_per_amount"
    points: Positive
    per: Positive
    base: Name | None = None


class EarnPerUnit(ByAmount):
    """`points` for every `per` pieces, kilometres, nights: whatever a variable counts."""

    name = "earn_points_per_unit"
    points: Positive
    per: Positive = Decimal(1)
    base: Name | None = None


class EarnStep(Strict):
    """One step: from which amount on, how many points, and for how much of it where it is a rate."""

    start: AtLeastNone = Field(alias="from")
    points: AtLeastNone
    per: Positive | None = None


class EarnBySteps(ByAmount):
    """What an amount reaches decides: an award, one for every full step, the rate of its band, or a rate a slice."""

    name = "earn_points_by_steps"
    of: Name
    steps: Annotated[tuple[EarnStep, ...], Field(min_length=1, max_length=50)]
    mode: Literal["award", "repeat", "rate", "slices"] = "award"


class EarnByTable(ByAmount):
    """A rate that a table gives for what a variable says: the member's tier, the tender, the line's category.

    By `order_partner` the table may be left out: each partner's own `earn_rate` stands in it then.
    """

    name = "earn_points_by_table"
    by: Name
    table: Rates = Field(default_factory=dict)
    otherwise: AtLeastNone | None = None
    per: Positive
    base: Name | None = None


class Multiply(Params):
    """Multiply what amounts earned on this event, by one factor or by a table of them; the surplus is posted in the
    multiplier's own name.
    """

    name = "multiply_points"
    factor: Factor | None = None
    by: Name | None = None
    table: Factors | None = None
    otherwise: Annotated[Exact, Field(ge=1, le=100)] | None = None
    wallet: Name | None = None

    @model_validator(mode="after")
    def _factor_or_table(self) -> Self:
        tabled = (self.by is not None, self.table is not None)
        if any(tabled) is (self.factor is not None) or len(set(tabled)) > 1:
            raise PydanticCustomError("EXACTLY_ONE", "one of the two", {"allowed": ["factor", "by + table"]})
        if self.factor is not None and self.otherwise is not None:
            raise PydanticCustomError("EXACTLY_ONE", "one of the two", {"allowed": ["factor", "by + table"]})
        return self
