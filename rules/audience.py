"""For whom a policy is: parts that must all hold, and a share of the members drawn by a stable hash.

The parts become a condition, so that they are compiled, explained and put into words like any other; the pilot is asked
last, of those who would have fired.
"""

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from rules.parts import Exact, Key, Purpose, Strict, exactly_one
from rules.segments import Members

BUCKETS = 10_000  # A share is drawn to the hundredth of a percent.
HANDLE_DIGITS = 20
Value = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Keys = Annotated[tuple[Key, ...], Field(min_length=1, max_length=50)]
Values = Annotated[tuple[Value, ...], Field(min_length=1, max_length=200)]
Percent = Annotated[Exact, Field(gt=0, le=100)]


class Tiers(Strict):
    """Levels of a ladder, the main one unless named: one and those above, or just these."""

    ladder: Key | None = None
    at_least: Key | None = None
    one_of: Keys | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self, "at_least", "one_of")
        return self


class Pilot(Strict):
    """A share of the members, the same ones whatever else changes; the control group is another share, kept out."""

    percent: Percent
    salt: Annotated[str, StringConstraints(pattern=r"^[ -~]{1,64}$")]
    control: Percent | None = None


class Audience(Strict):
    """For whom a policy is; all parts must hold, within a list any one is enough (of `consents`, every one)."""

    segments: Keys | None = None
    not_segments: Keys | None = None
    tags: Values | None = None
    not_tags: Values | None = None
    tiers: Tiers | None = None
    consents: Annotated[tuple[Purpose, ...], Field(min_length=1, max_length=50)] | None = None
    channels: Values | None = None
    stores: Values | None = None
    members: Members | None = None
    pilot: Pilot | None = None


@dataclass(frozen=True, slots=True)
class Who:
    """The member a decision is about, as far as a lot is drawn for it."""

    programme: int
    member: int

    @property
    def handle(self) -> str:
        """What lists call the member: it says nothing of the person, and is the same for ever."""
        return hashlib.sha256(f"list:{self.programme}:{self.member}".encode()).hexdigest()[:HANDLE_DIGITS]

    def bucket(self, salt: str) -> int:
        """The member's lot under a salt: 0 … 9,999, always the same."""
        drawn = hashlib.sha256(f"{salt}:{self.programme}:{self.member}".encode()).digest()
        return int.from_bytes(drawn, "big") % BUCKETS


def hundredths(percent: Decimal) -> int:
    """A percentage in buckets."""
    return int(percent * 100)


def drawn(pilot: Pilot, who: Who) -> tuple[str | None, int]:
    """What keeps a member out of a pilot (None if it is in) and its lot: the control group has the highest lots."""
    lot = who.bucket(pilot.salt)
    if lot < hundredths(pilot.percent):
        return None, lot
    return ("control" if pilot.control and lot >= BUCKETS - hundredths(pilot.control) else "pilot"), lot
