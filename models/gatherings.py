"""Who has a seat at a gathering, who waits for one, and who came."""

from dataclasses import dataclass
from datetime import datetime

from models.table import MEMBER, TRIPLE, Foreign, Index, table


@table(
    "sign_ups",
    key=TRIPLE,
    partition="member_id",
    indexes=(
        Index("sign_ups_of", (*MEMBER, "gathering")),
        Index("sign_ups_line", ("programme_id", "gathering", "state", "place")),
    ),
    checks=("state IN ('signed_up', 'waiting', 'cancelled', 'attended', 'missed', 'lapsed')", "seats > 0"),
    foreign=(Foreign((*MEMBER, "event_id"), "events", TRIPLE),),
)
@dataclass(frozen=True, slots=True)
class SignUp:
    """One member's sign-up for one gathering, guests included."""

    programme_id: int
    member_id: int
    id: int
    event_id: int
    gathering: str
    state: str
    seats: int
    place: int  # The event's position in the fold: whoever waits is served in this order.
    at: datetime
    changed_at: datetime
    points: int  # Paid for it, in the main wallet's units.
    transfer_id: int | None  # The transfer that paid.
