"""Tickets of draws, what became of each, and draws that are closed: their seed, for anybody to check."""

from dataclasses import dataclass
from datetime import date, datetime

from models.codec import Json
from models.table import MEMBER, TRIPLE, Foreign, Index, table


@table(
    "tickets",
    key=TRIPLE,
    partition="member_id",
    indexes=(
        Index("tickets_of", (*MEMBER, "draw")),
        Index("tickets_drawn", ("programme_id", "draw", "state", "member_id")),
    ),
    checks=(
        "state IN ('open', 'won', 'lost', 'void')",
        "source IN ('free', 'per_day', 'points', 'per_order')",
    ),
    foreign=(Foreign((*MEMBER, "event_id"), "events", TRIPLE),),
)
@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket of one draw. What becomes of it follows from the draw's seed and its number."""

    programme_id: int
    member_id: int
    id: int
    event_id: int
    draw: str
    number: str
    source: str
    state: str
    at: datetime
    day: date
    prize: str | None  # The benefit it won.
    entitlement_id: int | None
    judged_at: datetime | None
    points: int  # Paid for it, in the main wallet's units.
    transfer_id: int | None
    order_id: int | None  # The order that brought it: with all of the order it is void, if nothing was drawn yet.


@table("draws", key=("programme_id", "draw"), append_only=True, checks=("tickets >= 0",))
@dataclass(frozen=True, slots=True)
class Drawn:
    """A draw that is closed: its seed, what had been published of it, how many tickets there were, and who won."""

    programme_id: int
    draw: str
    closed_at: datetime
    seed: str
    commitment: str
    tickets: int
    winners: Json  # Of a draw at its close: [[member, ticket, benefit], …].
