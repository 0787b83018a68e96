"""What is done with a benefit: given, taken, set aside, used, taken back, delivered; and codes that are shown."""

from dataclasses import dataclass
from typing import ClassVar

from loyalty.events.members import MemberRef
from loyalty.events.orders import Line


@dataclass(frozen=True, slots=True)
class CodeVerify:
    """A till shows a code: is it good, and (with `use`) it is used now, under the sub-limit `part` names."""

    kind: ClassVar[str] = "code.verify"
    key: str
    code: str
    use: bool = False
    part: str | None = None


@dataclass(frozen=True, slots=True)
class BenefitGrant:
    """Staff or a service gives pieces of a benefit, and says why."""

    kind: ClassVar[str] = "benefit.grant"
    key: str
    member: MemberRef
    benefit: str
    reason: str
    count: int = 1
    value: int | None = None


@dataclass(frozen=True, slots=True)
class BenefitClaim:
    """A member takes a piece for nothing: of a benefit that is free to take, or by a promo code."""

    kind: ClassVar[str] = "benefit.claim"
    key: str
    member: MemberRef
    benefit: str = ""
    promo: str = ""


@dataclass(frozen=True, slots=True)
class BenefitReserve:
    """A till sets a piece aside, for the programme's minutes unless it says how many."""

    kind: ClassVar[str] = "benefit.reserve"
    key: str
    member: MemberRef
    entitlement_id: int
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class BenefitRelease:
    """What was set aside can be used again."""

    kind: ClassVar[str] = "benefit.release"
    key: str
    member: MemberRef
    entitlement_id: int


@dataclass(frozen=True, slots=True)
class BenefitUse:
    """A till of the house uses a piece by its id: on which order, where, and what is in the basket."""

    kind: ClassVar[str] = "benefit.use"
    key: str
    member: MemberRef
    entitlement_id: int
    order_number: str | None = None
    shop: str = "main"
    part: str | None = None
    basket: int | None = None
    channel: str = ""
    store: str = ""
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class BenefitRevoke:
    """Staff takes a piece back, and says why."""

    kind: ClassVar[str] = "benefit.revoke"
    key: str
    member: MemberRef
    entitlement_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class BenefitFulfil:
    """What was promised has been delivered."""

    kind: ClassVar[str] = "benefit.fulfil"
    key: str
    member: MemberRef
    entitlement_id: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class CodeUndo:
    """A till takes back a use of a code, by the event that used it: the code can be used again."""

    kind: ClassVar[str] = "code.undo"
    key: str
    member: MemberRef
    event_id: int
