"""Who belongs to a programme: the member, the names it is known by, and what is personal, kept apart and sealed."""

from dataclasses import dataclass
from datetime import datetime

from models.table import Foreign, Index, table


@table("members", key=("programme_id", "id"), partition="id", checks=("id > 0",))
@dataclass(frozen=True, slots=True)
class Member:
    """One member of one programme. `clock` is the latest instant folded for it: nothing is posted before it."""

    programme_id: int
    id: int
    event_id: int
    status: str  # active, frozen, merged, erased.
    joined_at: datetime
    clock: datetime
    locale: str
    profile_complete: bool
    orders: int  # Purchases that stand: not cancelled, not wholly returned.
    merged_into: int | None


@table("identities", key=("programme_id", "kind", "hash"))
@dataclass(frozen=True, slots=True)
class Identity:
    """A name a member is known by. Only a keyed hash of the normalised value is kept, never the value."""

    programme_id: int
    kind: str
    hash: str
    member_id: int
    event_id: int


@table(
    "personal",
    key=("programme_id", "member_id", "id"),
    partition="member_id",
    indexes=(Index("personal_birthday", ("programme_id", "birthday_md"), where="birthday_md IS NOT NULL"),),
    foreign=(Foreign(("programme_id", "member_id"), "members", ("programme_id", "id")),),
)
@dataclass(frozen=True, slots=True)
class Personal:
    """What is personal, sealed under a key of this member's own. Erasure deletes the row, and with it the key."""

    programme_id: int
    member_id: int
    id: int
    key: str  # The member's key, wrapped by the deployment's.
    sealed: str
    birthday_md: int | None  # Month × 100 + day, for finding birthdays; the year stays sealed.
