"""Where a member stands on each ladder, and every move that led there."""

from dataclasses import dataclass
from datetime import datetime

from models.codec import Json
from models.table import MEMBER, TRIPLE, Foreign, Index, table


@table(
    "standings",
    key=TRIPLE,
    partition="member_id",
    unique=((*MEMBER, "ladder"),),
    indexes=(
        Index("standings_tier", ("programme_id", "ladder", "tier")),
        Index("standings_due", ("programme_id", "due_at", "member_id"), where="due_at IS NOT NULL"),
    ),
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
    ends_at: datetime | None = None  # The standing is valid until then, whatever the standards say.
    protected_at: datetime | None = None  # No review takes it down before then.
    promises: Json | None = None  # What ends and protections hang on: instants and orders behind them.
    rises: Json | None = None  # Higher tiers whose standard is met, since when, and when each is given.
    review_at: datetime | None = None  # The next review of this member's own, where reviews go by member.
    demoted_at: datetime | None = None
    due_at: datetime | None = None  # The first instant at which something of this falls due.


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
    reason: str  # enrolled, reached, review, ended, policy, lapsed, reversed.
    version: int
    order_id: int | None
    reverses: int | None
    former: Json | None = None  # The dates the standing had before, for when the move is taken back.
