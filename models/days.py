"""Figures by day: each member's, written with the books; and the programme's, appended as deltas and folded later."""

from dataclasses import dataclass
from datetime import date

from models.codec import Json
from models.table import Foreign, Index, table


@table(
    "member_days",
    key=("programme_id", "member_id", "id"),
    partition="member_id",
    indexes=(Index("member_days_day", ("programme_id", "day")),),
    foreign=(Foreign(("programme_id", "member_id"), "members", ("programme_id", "id")),),
)
@dataclass(frozen=True, slots=True)
class MemberDay:
    """One member's day: purchases net of what came back, on the day they were made. `id` is the day's ordinal."""

    programme_id: int
    member_id: int
    id: int
    day: date
    orders: int
    spend: int  # Net, minor units.
    points: int  # Earned in the main wallet, net of returns.
    first_order: bool
    earned: Json  # {wallet: points earned, net of returns}
    events: Json  # {event kind: how often}


@table("day_deltas", key=("programme_id", "id"), indexes=(Index("day_deltas_day", ("programme_id", "day")),))
@dataclass(frozen=True, slots=True)
class DayDelta:
    """What one batch changed in one day's figures, by breakdown. Insert-only: no two batches touch one row."""

    programme_id: int
    id: int
    day: date
    channel: str
    tier: str
    orders: int
    spend: int
    refunds: int
    joined: int
    earned: int
    redeemed: int
    expired: int
