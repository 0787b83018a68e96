"""What time brings."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from loyalty.events.members import MemberRef
from rules.moments import kind_of


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
class ClockMoment:
    """A moment at which the clock asks this member's policies fell due at `due_at`; `moment` is its key."""

    key: str
    member: MemberRef
    moment: str
    due_at: datetime

    @property
    def kind(self) -> str:
        """What policies are on."""
        return kind_of(self.moment)


@dataclass(frozen=True, slots=True)
class ClockChange:
    """A change of a ladder came to count, or was taken back, for this member at `due_at`."""

    kind: ClassVar[str] = "clock.change"
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
