"""What a decision wishes for. Effects are data: the book carries them out, in order; nothing here does anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class EarnPoints:
    """Credit `points` (in the wallet's scaled units, always above zero) as one lot.

    `line` is the index of the order line that earned them, or None for the order or event as a whole. An `open` lot
    stays pending until an event sets `available_at`.
    """

    policy: str
    wallet: str
    points: int
    line: int | None = None
    available_at: datetime | None = None
    expires_at: datetime | None = None
    open: bool = False


@dataclass(frozen=True, slots=True)
class ConvertPoints:
    """Take `points` × `times` from what is available and, if a benefit is named, issue it `times` times."""

    policy: str
    wallet: str
    points: int
    times: int
    benefit: str | None = None


@dataclass(frozen=True, slots=True)
class IssueBenefit:
    """Give the member `count` entitlements of a benefit."""

    policy: str
    benefit: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class PriceRedemption:
    """What one piece of a benefit costs now; `value` (minor units) only where the price has steps."""

    policy: str
    benefit: str
    points: int
    value: int | None = None
    wallet: str = ""


@dataclass(frozen=True, slots=True)
class Refuse:
    """The policy says no, in its own words by language."""

    policy: str
    text: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Enrol:
    """Make a member of the identity that sent the event."""

    policy: str


@dataclass(frozen=True, slots=True)
class SendMessage:
    """Put a message into the outbox."""

    policy: str
    template: str
    params: Mapping[str, str] = field(default_factory=dict)


Effect = EarnPoints | ConvertPoints | IssueBenefit | PriceRedemption | Refuse | Enrol | SendMessage
