"""What gatherings, draws and polls have in common: from when until when one can take part, and who may.

A moment without an offset is meant in the programme's zone.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from rules import early
from rules.audience import Keys, Tiers, Values
from rules.calendar import from_instant
from rules.early import Opening
from rules.parts import Moment, RawCondition


class Occasion(Opening):
    """Open until `closes_at`; of tiers, segments, tags and the condition all that are said must hold of a member."""

    closes_at: Moment
    tiers: Tiers | None = None
    segments: Keys | None = None
    tags: Values | None = None
    available_to: RawCondition | None = None


def instant(at: date, zone: ZoneInfo) -> datetime:
    """A moment of a document as an instant in UTC; a day as its first."""
    return from_instant(at, zone)


def closes_at(own: Occasion, zone: ZoneInfo) -> datetime:
    """From when on nobody can take part any more."""
    return early.closes(own, zone)
