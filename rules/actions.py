"""The catalogue of actions: what a policy may wish for, with typed parameters, and on which events."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StringConstraints

from rules.facts import WANTED
from rules.policy import Exact, Expiry, Key, Name, Pending, Positive, Strict, Text, Words

BASES = ("order_paid", "order_net", "order_total", "line_amount")
ROUNDINGS = ("floor_order", "floor_line", "half_up_order", "half_up_line")
Template = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(/[a-z0-9-]+)*$", max_length=128)]


class Params(Strict):
    """The parameters of one action."""

    name: ClassVar[str]


class Earning(Params):
    """What every way to earn may say: into which wallet, waiting how long, living how long; else as the wallet does."""

    wallet: Name | None = None
    pending: Pending | None = None
    expires: Expiry | None = None


class EarnPoints(Earning):
    """A fixed number of points."""

    name = "earn_points"
    points: Positive


class EarnPerAmount(Earning):
    """`points` for every `per` of a named base, exact until it is rounded once."""

    name = "earn_points_per_amount"
    points: Positive
    per: Positive
    base: Literal["order_paid", "order_net", "order_total", "line_amount"]
    rounding: Literal["floor_order", "floor_line", "half_up_order", "half_up_line"]


class Multiply(Params):
    """Multiply what amounts earned on this event; the surplus is posted in the multiplier's own name."""

    name = "multiply_points"
    factor: Annotated[Exact, Field(gt=1, le=100)]
    wallet: Name | None = None


class Convert(Params):
    """Take `points` as often as they are there; each time gives the benefit, if one is named."""

    name = "convert_points"
    points: Positive
    wallet: Name | None = None
    benefit: Key | None = None


class PriceFixed(Params):
    """What one piece of a benefit costs."""

    name = "price_fixed"
    benefit: Key
    points: Positive
    wallet: Name | None = None


class Step(Strict):
    """One rung of a stepped price."""

    points: Positive
    value: Positive


class PriceStepped(Params):
    """A benefit that comes in several values, each with its price."""

    name = "price_stepped"
    benefit: Key
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=50)]
    wallet: Name | None = None


class Issue(Params):
    """Give a benefit."""

    name = "issue_benefit"
    benefit: Key
    count: Annotated[int, Field(ge=1, le=100)] = 1


class Refusal(Params):
    """Say no, and why."""

    name = "refuse"
    text: Text


class Enrolment(Params):
    """Make a member of whoever sent this."""

    name = "enrol"


class Message(Params):
    """Send a message made from a template."""

    name = "send_message"
    template: Template
    params: Annotated[dict[Name, Words], Field(max_length=20)] = Field(default_factory=dict)


@dataclass(frozen=True)
class Kind:
    """One action: its parameters, the events it makes sense on (`only`, or all `but`), by line or not."""

    params: type[Params]
    only: frozenset[str] | None = None
    but: frozenset[str] = frozenset()
    by_line: bool = False

    def allowed_on(self, kind: str) -> bool:
        """Whether a policy on this event may wish for it."""
        return kind in self.only if self.only is not None else kind not in self.but


NO_MEMBER = frozenset({WANTED})
REQUESTS = frozenset({"points.redeem"})
NEITHER = NO_MEMBER | REQUESTS
ACTIONS: Mapping[str, Kind] = {
    kind.params.name: kind
    for kind in (
        Kind(EarnPoints, but=NEITHER, by_line=True),
        Kind(EarnPerAmount, only=frozenset({"order.paid"}), by_line=True),
        Kind(Multiply, only=frozenset({"order.paid"}), by_line=True),
        Kind(Convert, but=NEITHER),
        Kind(PriceFixed, only=REQUESTS),
        Kind(PriceStepped, only=REQUESTS),
        Kind(Issue, but=NEITHER),
        Kind(Refusal),
        Kind(Enrolment, only=NO_MEMBER),
        Kind(Message, but=NEITHER),
    )
}


def limited(params: Params) -> bool:
    """Whether an action gives points, so that a cap on points means something."""
    return isinstance(params, EarnPoints | EarnPerAmount | Multiply)


def benefit_of(params: Params) -> str | None:
    """The benefit an action names."""
    return getattr(params, "benefit", None)


def wallet_of(params: Params) -> str | None:
    """The wallet an action names."""
    return getattr(params, "wallet", None)


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema of an action's parameters."""
    return ACTIONS[name].params.model_json_schema(by_alias=True)
