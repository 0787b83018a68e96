"""Family pools: who is in which, and the invitations by which one may join. The points are the pool's own wallet."""

from dataclasses import dataclass
from datetime import datetime

from models.table import TRIPLE, Foreign, table

INVITATION = "pool"  # The kind of name a pool is found by: the code of an invitation.
POOL_STATES = frozenset({"pool", "closed"})  # Of a holder that is no person.
OF_EVENT = Foreign(("programme_id", "member_id", "event_id"), "events", TRIPLE)


@table(
    "pool_members",
    key=TRIPLE,
    partition="member_id",
    checks=("role IN ('owner', 'member')", "contributed >= 0"),
    foreign=(OF_EVENT,),
)
@dataclass(frozen=True, slots=True)
class PoolMember:
    """One person's time in a pool; `member_id` is the pool, which is a holder like a member."""

    programme_id: int
    member_id: int
    id: int
    event_id: int
    person_id: int
    role: str  # owner, member.
    joined_at: datetime
    left_at: datetime | None
    contributed: int  # Points put in so far, in the wallet's own units.


@table("pool_invitations", key=TRIPLE, partition="member_id", foreign=(OF_EVENT,))
@dataclass(frozen=True, slots=True)
class PoolInvitation:
    """A code by which one person may join a pool: its keyed hash, never the code. Used once, and until its end."""

    programme_id: int
    member_id: int
    id: int
    event_id: int
    hash: str
    ends_at: datetime
    used_by: int | None
