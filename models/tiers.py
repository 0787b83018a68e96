"""Where a member stands on each ladder, and every move that led there."""

from dataclasses import dataclass
from datetime import datetime

from models.table import Foreign, Index, table

MEMBER = ("programme_id", "member_id")
TRIPLE = ("programme_id", "member_id", "id")


@table(
    "standings",
    key=TRIPLE,
    partition="member_id",
    unique=((*MEMBER, "ladder"),),
    indexes=(Index("standings_tier", ("programme_id", "ladder", "tier")),),
    checks=("rank >= 0",),
    foreign=(Foreign(MEMBER, "members", ("programme_id", "id")),),
)
@dataclass(frozen=True, slots=True)
class Standing:
    """A member's place on one ladder. `move_id` is the move that put it there."""

    programme_id: int
    member_id: int
    id: int
    ladder: str
    tier: str
    rank: int  # Of that tier, on the ladder that was in force.
    since: datetime
    move_id: int
    reviewed_at: datetime | None


@table(
    "standing_moves",
    key=TRIPLE,
    partition="member_id",
    append_only=True,
    indexes=(Index("standing_moves_member", (*MEMBER, "ladder", "position", "id")),),
    foreign=(Foreign((*MEMBER, "event_id"), "events", TRIPLE),),
)
@dataclass(frozen=True, slots=True)
class StandingMove:
    """One step on a ladder, with why. A move that is taken back stays, and the move that takes it back names it."""

    programme_id: int
    member_id: int
    id: int
    event_id: int
    position: int
    ladder: str
    tier_from: str | None
    tier_to: str
    at: datetime
    reason: str  # enrolled, reached, review, lapsed, reversed.
    version: int
    order_id: int | None
    reverses: int | None
