"""Votes of members, one a poll."""

from dataclasses import dataclass
from datetime import datetime

from models.codec import Json
from models.table import MEMBER, TRIPLE, Foreign, Index, table


@table(
    "votes",
    key=TRIPLE,
    partition="member_id",
    unique=((*MEMBER, "poll"),),
    indexes=(Index("votes_of", ("programme_id", "poll")),),
    foreign=(Foreign((*MEMBER, "event_id"), "events", TRIPLE),),
)
@dataclass(frozen=True, slots=True)
class Vote:
    """What a member chose in a poll."""

    programme_id: int
    member_id: int
    id: int
    event_id: int
    poll: str
    choices: Json  # Keys of options, sorted.
    at: datetime
    changed_at: datetime
