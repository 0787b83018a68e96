"""What can arrive: facts that happened, requests that may be refused, and what the clock brings.

Amounts are whole minor units of the programme's currency; times are aware UTC. Shapes are checked where they enter
(`loyalty/arrivals.py`); below that door a wrong shape is a defect.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class MemberRef:
    """A member, by id or by one of its identities (kind and value)."""

    id: int | None = None
    kind: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order; `amount` is the whole line's, net of its own discount."""

    sku: str
    quantity: int
    amount: int
    brand: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """How many of which line (index from 0) came back."""

    line: int
    quantity: int


@dataclass(frozen=True, slots=True)
class OrderPaid:
    """An order was paid. `total` = goods − discount + tax + shipping; `paid` is what money was given."""

    kind: ClassVar[str] = "order.paid"
    key: str
    number: str
    member: MemberRef | None
    occurred_at: datetime
    currency: str
    total: int
    paid: int
    discount: int = 0
    tax: int = 0
    shipping: int = 0
    lines: tuple[Line, ...] = ()
    channel: str = ""
    store: str = ""
    payment: str = ""
    coupon: str = ""
    shop: str = "main"


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """The whole order was called off: what it earned goes, what it burnt comes back."""

    kind: ClassVar[str] = "order.cancelled"
    key: str
    number: str
    occurred_at: datetime
    shop: str = "main"


@dataclass(frozen=True, slots=True)
class OrderReturned:
    """Goods came back, under a number of their own. No lines and no amount: all that is left of the order."""

    kind: ClassVar[str] = "order.returned"
    key: str
    number: str
    return_number: str
    occurred_at: datetime
    lines: tuple[ReturnLine, ...] = ()
    amount: int | None = None
    shop: str = "main"


@dataclass(frozen=True, slots=True)
class MemberEnrolled:
    """A person registered. The identities must be nobody else's."""

    kind: ClassVar[str] = "member.enrolled"
    key: str
    identities: tuple[tuple[str, str], ...]
    occurred_at: datetime
    locale: str = ""
    profile: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProfileCompleted:
    """A member filled in the profile. Personal values are sealed apart; the event keeps none."""

    kind: ClassVar[str] = "profile.completed"
    key: str
    member: MemberRef
    occurred_at: datetime
    profile: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MemberChanged:
    """What is said of a member changed: attributes set or (None) unset, tags, segments, consents given or withdrawn."""

    kind: ClassVar[str] = "member.changed"
    key: str
    member: MemberRef
    occurred_at: datetime
    attributes: Mapping[str, Any] = field(default_factory=dict)
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    join_segments: tuple[str, ...] = ()
    leave_segments: tuple[str, ...] = ()
    consents: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Something of a type the programme declares, with a payload by its schema."""

    key: str
    type: str
    member: MemberRef
    occurred_at: datetime
    payload: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The declared type."""
        return self.type


@dataclass(frozen=True, slots=True)
class PointsRedeem:
    """A member wants a benefit for points: at once, or held until captured.

    `value` picks one of several values, `points` (the main wallet's units) what so many of them buy.
    """

    kind: ClassVar[str] = "points.redeem"
    key: str
    member: MemberRef
    benefit: str
    value: int | None = None
    order_number: str | None = None
    basket: int | None = None
    hold: bool = False
    shop: str = "main"
    points: int | None = None


@dataclass(frozen=True, slots=True)
class HoldCapture:
    """What was held is spent now."""

    kind: ClassVar[str] = "hold.capture"
    key: str
    member: MemberRef
    hold_id: int


@dataclass(frozen=True, slots=True)
class HoldRelease:
    """What was held is given back."""

    kind: ClassVar[str] = "hold.release"
    key: str
    member: MemberRef
    hold_id: int


@dataclass(frozen=True, slots=True)
class PointsAdjust:
    """Staff put a balance right, by name and with a reason. Negative takes."""

    kind: ClassVar[str] = "points.adjust"
    key: str
    member: MemberRef
    wallet: str
    points: int
    reason: str


@dataclass(frozen=True, slots=True)
class PointsTransfer:
    """A member's points become another's, with the life they have left."""

    kind: ClassVar[str] = "points.transfer"
    key: str
    member: MemberRef
    to: MemberRef
    wallet: str
    points: int


@dataclass(frozen=True, slots=True)
class Portion:
    """Part of a lot on its way to another member: where it came from, and how long it lives."""

    points: int
    earned_at: datetime
    expires_at: datetime | None
    origin_event: int
    origin_policy: str | None = None
    origin_line: int | None = None
    idle: str | None = None  # Of a lot that dies of inactivity: the stretch.


@dataclass(frozen=True, slots=True)
class PointsReceived:
    """The other side of a transfer: queued by it, folded as an event of the member who receives."""

    kind: ClassVar[str] = "points.received"
    key: str
    member: MemberRef
    wallet: str
    portions: tuple[Portion, ...]
    giver: int | None = None  # To whom they go back where the receiver cannot have them.
    lost: bool = False  # Nobody can have them: they expire.


@dataclass(frozen=True, slots=True)
class Conversion:
    """What is still to be turned into pieces of a benefit: `times` × `points`, as far as they are there."""

    policy: str
    wallet: str
    points: int
    times: int
    benefit: str


@dataclass(frozen=True, slots=True)
class PointsConvert:
    """The rest of conversions that were too much for one event: queued by it, for the same member."""

    kind: ClassVar[str] = "points.convert"
    key: str
    member: MemberRef
    conversions: tuple[Conversion, ...]


@dataclass(frozen=True, slots=True)
class CodeVerify:
    """A till shows a code: is it good, and (with `use`) it is used now, under the sub-limit `part` names."""

    kind: ClassVar[str] = "code.verify"
    key: str
    code: str
    use: bool = False
    part: str | None = None


@dataclass(frozen=True, slots=True)
class ClockDue:
    """Something of this member's matured, expired or lapsed at `due_at`."""

    kind: ClassVar[str] = "clock.due"
    key: str
    member: MemberRef
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ClockReview:
    """A ladder's review of this member fell due at `due_at`."""

    kind: ClassVar[str] = "clock.review"
    key: str
    member: MemberRef
    ladder: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ClockClose:
    """A waiting event's days are over: `event_id` is closed as ORDER_UNKNOWN."""

    kind: ClassVar[str] = "clock.close"
    key: str
    shop: str
    number: str
    due_at: datetime


Fact = OrderPaid | OrderCancelled | OrderReturned | MemberEnrolled | ProfileCompleted | MemberChanged | Behaviour
Request = PointsRedeem | HoldCapture | HoldRelease | PointsAdjust | PointsTransfer | CodeVerify
Clock = ClockDue | ClockReview | ClockClose
Consequence = PointsReceived | PointsConvert
Arrival = Fact | Request | Clock | Consequence

FACTS = (OrderPaid, OrderCancelled, OrderReturned, MemberEnrolled, ProfileCompleted, MemberChanged, Behaviour)
CLOCKS = (ClockDue, ClockReview, ClockClose)
CONSEQUENCES = (PointsReceived, PointsConvert)
