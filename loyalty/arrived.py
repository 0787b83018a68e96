"""An arrival as the fold takes it: with what the door found out about it."""

from dataclasses import dataclass
from datetime import datetime

from loyalty.enrolment import Named, Seal
from loyalty.events import Arrival
from models.codec import Json


@dataclass(frozen=True, slots=True)
class Arrived:
    """An arrival with what the door found out about it: its number, its holder, the hash of what was sent."""

    arrival: Arrival
    number: int  # The event's; what it makes has ids of it.
    holder: int  # A member's id, one that will be a member's, or a stand-in's below zero.
    subject: str
    instant: datetime
    occurred_at: datetime
    received_at: datetime
    body: Json
    body_hash: str
    partner: str | None = None
    names: tuple[Named, ...] = ()
    seal: Seal | None = None  # Given the row there is, the row with this arrival's personal values.
    caused_by: int | None = None
    completes: bool | None = None  # In replay, whether this had completed the profile, whose values may be gone.
