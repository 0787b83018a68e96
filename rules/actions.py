"""The catalogue of actions: what a policy may wish for, with typed parameters, and on which events."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from rules.choosing_params import Choice, IssueByChoice
from rules.earning_params import (
    BASES,
    LINE_BASES,
    ByAmount,
    EarnBySteps,
    EarnByTable,
    Earning,
    EarnPerAmount,
    EarnPerUnit,
    EarnPoints,
    EarnStep,
    Multiply,
)
from rules.facts import WANTED
from rules.lifetime_params import Expire, Mature, Redate
from rules.params import Params
from rules.parts import ROUNDINGS, Key, Name, Positive, Rounding, Text, Words
from rules.pricing_params import Price, PriceFixed, PriceRate, PriceStepped, RateStep, Step
from rules.tier_params import ExtendTier, MoveTier, ProtectTier, TierAction
from rules.trait_params import AddTag, FreezeWallet, JoinSegment, LeaveSegment, RaiseAlert, RemoveTag

__all__ = [
    "ACTIONS",
    "BASES",
    "LINE_BASES",
    "ROUNDINGS",
    "AddTag",
    "ByAmount",
    "Choice",
    "Convert",
    "EarnBySteps",
    "EarnByTable",
    "EarnPerAmount",
    "EarnPerUnit",
    "EarnPoints",
    "EarnStep",
    "Earning",
    "Enrolment",
    "Expire",
    "ExtendTier",
    "FreezeWallet",
    "Issue",
    "IssueByChoice",
    "JoinSegment",
    "Kind",
    "LeaveSegment",
    "Mature",
    "Message",
    "MoveTier",
    "Multiply",
    "Params",
    "Price",
    "PriceFixed",
    "PriceRate",
    "PriceStepped",
    "ProtectTier",
    "RaiseAlert",
    "RateStep",
    "Redate",
    "Refusal",
    "RemoveTag",
    "Revoke",
    "Step",
    "TierAction",
    "Upgrade",
]

Template = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(/[a-z0-9-]+)*$", max_length=128)]


class Convert(Params):
    """Take `points` as often as they are there; each time gives the benefit, if one is named."""

    name = "convert_points"
    points: Positive
    wallet: Name | None = None
    benefit: Key | None = None


class Issue(Params):
    """Give a benefit."""

    name = "issue_benefit"
    benefit: Key
    count: Annotated[int, Field(ge=1, le=100)] = 1


class Revoke(Params):
    """Take back what is still unused of a benefit: so many pieces, or all of them."""

    name = "revoke_benefit"
    benefit: Key
    count: Annotated[int, Field(ge=1, le=100)] | None = None
    all: Literal[True] | None = None

    @model_validator(mode="after")
    def _count_or_all(self) -> Self:
        if self.count is not None and self.all is not None:
            raise PydanticCustomError("EXACTLY_ONE", "one of the two", {"allowed": ["all", "count"]})
        return self


class Upgrade(Params):
    """Give a better benefit for one that is still unused; it ends when the later of the two would."""

    name = "upgrade_benefit"
    benefit: Key = Field(alias="from")
    to: Key


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
    purpose: Key | None = None


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
        Kind(EarnPerAmount, but=NEITHER, by_line=True),
        Kind(EarnPerUnit, but=NEITHER, by_line=True),
        Kind(EarnBySteps, but=NEITHER, by_line=True),
        Kind(EarnByTable, but=NEITHER, by_line=True),
        Kind(Multiply, but=NEITHER, by_line=True),
        Kind(Convert, but=NEITHER),
        Kind(Expire, but=NEITHER),
        Kind(Redate, but=NEITHER),
        Kind(Mature, but=NEITHER),
        Kind(PriceFixed, only=REQUESTS),
        Kind(PriceStepped, only=REQUESTS),
        Kind(PriceRate, only=REQUESTS),
        Kind(Issue, but=NEITHER),
        Kind(IssueByChoice, but=NEITHER),
        Kind(Revoke, but=NEITHER),
        Kind(Upgrade, but=NEITHER),
        Kind(Refusal),
        Kind(Enrolment, only=NO_MEMBER),
        Kind(Message, but=NEITHER),
        Kind(MoveTier, but=NEITHER),
        Kind(ProtectTier, but=NEITHER),
        Kind(ExtendTier, but=NEITHER),
        Kind(AddTag, but=NO_MEMBER),
        Kind(RemoveTag, but=NO_MEMBER),
        Kind(JoinSegment, but=NO_MEMBER),
        Kind(LeaveSegment, but=NO_MEMBER),
        Kind(RaiseAlert, but=NO_MEMBER),
        Kind(FreezeWallet, but=NO_MEMBER),
    )
}


def settled(params: Params, rounding: Rounding, *, by_line: bool) -> Params:
    """An action with what it leaves unsaid: its base, and the programme's rounding as far as the base has lines."""
    if not isinstance(params, ByAmount):
        return params
    base = base_of(params, by_line=by_line)
    own = params.rounding or rounding
    if params.rounding is None and base not in LINE_BASES:
        own = "half_up_order" if own.startswith("half_up") else "floor_order"
    said: dict[str, object] = {"rounding": own} | ({} if isinstance(params, EarnBySteps) else {"base": base})
    # What was left unsaid stays known as such: a warning asks for it.
    return type(params).model_construct(params.model_fields_set, **(dict(params) | said))


def greatest(params: Multiply) -> Decimal:
    """The most a multiplier may multiply by."""
    tabled = [*(params.table or {}).values(), *([] if params.otherwise is None else [params.otherwise])]
    return params.factor if params.factor is not None else max(tabled)


def base_of(params: Params, *, by_line: bool = False) -> str:
    """What an action earns on: what it says, or else what was paid or how many pieces; of a line, the line's."""
    base: str | None = getattr(params, "of", None) or getattr(params, "base", None)
    if base is not None:
        return base
    of_line = by_line or (isinstance(params, EarnByTable) and params.by.startswith("line_"))
    if isinstance(params, EarnPerUnit):
        return "line_quantity" if of_line else "order_quantity"
    return "line_amount" if of_line else "order_paid"


def limited(params: Params) -> bool:
    """Whether an action gives points, so that a cap on points means something."""
    return isinstance(params, Earning | Multiply)


def benefit_of(params: Params) -> str | None:
    """The benefit an action names."""
    return getattr(params, "benefit", None)


def wallet_of(params: Params) -> str | None:
    """The wallet an action names."""
    return getattr(params, "wallet", None)


def segment_of(params: Params) -> str | None:
    """The segment an action names."""
    return getattr(params, "segment", None)


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema of an action's parameters."""
    return ACTIONS[name].params.model_json_schema(by_alias=True)
