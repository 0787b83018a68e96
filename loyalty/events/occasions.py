"""What members take part in: gatherings, draws, polls; and what time makes of that."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from loyalty.events.members import MemberRef


@dataclass(frozen=True, slots=True)
class GatheringSignUp:
    """A member wants a seat at a gathering, and one for each guest."""

    kind: ClassVar[str] = "gathering.sign_up"
    key: str
    member: MemberRef
    gathering: str
    guests: int = 0


@dataclass(frozen=True, slots=True)
class GatheringCancel:
    """A member gives its seats back, or waits no longer."""

    kind: ClassVar[str] = "gathering.cancel"
    key: str
    member: MemberRef
    gathering: str


@dataclass(frozen=True, slots=True)
class GatheringAttend:
    """A host has scanned a sign-up: its member is there."""

    kind: ClassVar[str] = "gathering.attend"
    key: str
    member: MemberRef
    sign_up_id: int


@dataclass(frozen=True, slots=True)
class GatheringMoveUp:
    """A seat came free for whoever is first in line: queued by what freed it, folded as an event of that member."""

    kind: ClassVar[str] = "gathering.move_up"
    key: str
    member: MemberRef
    gathering: str


@dataclass(frozen=True, slots=True)
class ClockSeat:
    """There are seats, and this member is first in line: what nothing else has told it."""

    kind: ClassVar[str] = "clock.seat"
    key: str
    member: MemberRef
    gathering: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ClockGathering:
    """A gathering is over: whoever has not come has missed it, whoever still waits has waited in vain."""

    kind: ClassVar[str] = "clock.gathering"
    key: str
    member: MemberRef
    gathering: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class DrawEnter:
    """A member wants a ticket of a draw: one it has for nothing, else (if it says so) one for points."""

    kind: ClassVar[str] = "draw.enter"
    key: str
    member: MemberRef
    draw: str
    for_points: bool = False


@dataclass(frozen=True, slots=True)
class ClockDraw:
    """A draw is closed and its lots are drawn: `won` are this member's tickets that did, each with its prize."""

    kind: ClassVar[str] = "clock.draw"
    key: str
    member: MemberRef
    draw: str
    due_at: datetime
    won: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PollVote:
    """A member says what it chooses in a poll."""

    kind: ClassVar[str] = "poll.vote"
    key: str
    member: MemberRef
    poll: str
    choices: tuple[str, ...]


REQUESTS = (GatheringSignUp, GatheringCancel, GatheringAttend, DrawEnter, PollVote)
CLOCKS = (ClockSeat, ClockGathering, ClockDraw)
EVERY = (*REQUESTS, GatheringMoveUp, *CLOCKS)
