"""Points that are spent, held, put right, and on their way to somebody else."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from loyalty.events.members import MemberRef


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
    from_pool: bool = False  # The family pool pays.
    pool: int = 0  # Which, once the door knows.


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
    gift: bool = False  # So both statements call it.


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
    reason: str = "received"  # What the receiver's statement calls it.


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
