"""The parameters of what sells benefits for points."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from rules.params import Params
from rules.parts import Key, Name, Positive, Strict


class Price(Params):
    """What every price may ask: a basket of so much, and that the order has no other redemption yet."""

    benefit: Key
    wallet: Name | None = None
    minimum_basket: Positive | None = None
    one_per_order: bool = False


class PriceFixed(Price):
    """What one piece of a benefit costs: points, and perhaps money beside them."""

    name = "price_fixed"
    points: Positive
    money: Positive | None = None


class Step(Strict):
    """One rung of a stepped price."""

    points: Positive
    value: Positive
    money: Positive | None = None


class PriceStepped(Price):
    """A benefit that comes in several values, each with its price; combined, in every sum of them up to `most`."""

    name = "price_stepped"
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=50)]
    combine: bool = False
    most: Positive | None = None


class RateStep(Strict):
    """From which value on each `per` of it costs so many points."""

    start: Positive = Field(alias="from")
    points: Positive


class PriceRate(Price):
    """A benefit of any value: `points` for each `per` of it, and above each step what the step says."""

    name = "price_rate"
    points: Positive
    per: Positive = Decimal(1)
    steps: Annotated[tuple[RateStep, ...], Field(max_length=20)] = ()
    least: Positive | None = None
    most: Positive | None = None
