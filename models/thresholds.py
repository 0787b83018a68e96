"""Percentiles: where a share of the members begins, computed over all of them at once and kept with its date."""

from dataclasses import dataclass
from datetime import datetime

from models.table import table


@table("thresholds", key=("programme_id", "name", "position"), append_only=True, checks=("members >= 0",))
@dataclass(frozen=True, slots=True)
class Threshold:
    """What a member's figure must reach to be among the declared share. An event reads the last one before it."""

    programme_id: int
    name: str
    position: int  # Of the fold: events behind it read this one, so that replay reads the same.
    at: datetime  # As of when it was computed.
    value: int
    members: int  # How many it was computed over.
