"""What a decision wishes for. Effects are data: the book carries them out, in order; nothing here does anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rules.tiers import Stretch


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
    idle: str | None = None  # The stretch without activity that ends it: `expires_at` is put off by what is done.


@dataclass(frozen=True, slots=True)
class ConvertPoints:
    """Take `points` × `times` from what is available and, if a benefit is named, issue it `times` times."""

    policy: str
    wallet: str
    points: int
    times: int
    benefit: str | None = None


@dataclass(frozen=True, slots=True)
class ExpirePoints:
    """End what is free in a wallet, pending or available, but for `keep` units that live longest."""

    policy: str
    wallet: str
    keep: int = 0


@dataclass(frozen=True, slots=True)
class RedatePoints:
    """Give the open lots of a wallet the end that its rule gives them now."""

    policy: str
    wallet: str


@dataclass(frozen=True, slots=True)
class MaturePoints:
    """Make available what is pending until an event says so."""

    policy: str
    wallet: str


@dataclass(frozen=True, slots=True)
class IssueBenefit:
    """Give the member `count` entitlements of a benefit."""

    policy: str
    benefit: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class PriceRedemption:
    """What one piece of a benefit costs now: points, and `money` beside them where the price says so.

    `value` (money too in minor units) only where the price has values; `upto` where none was asked for and any up to
    that one can be had: then this is only the first of them, and nothing to sell.
    """

    policy: str
    benefit: str
    points: int
    value: int | None = None
    wallet: str = ""
    money: int | None = None
    upto: int | None = None
    basket: int | None = None  # What the basket must come to.


@dataclass(frozen=True, slots=True)
class RevokeBenefit:
    """Take back so many unused entitlements of a benefit; all of them where no count is said."""

    policy: str
    benefit: str
    count: int | None = 1


@dataclass(frozen=True, slots=True)
class UpgradeBenefit:
    """Give one entitlement of `to` for one unused of `benefit`, ending when the later of the two would."""

    policy: str
    benefit: str
    to: str


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
    purpose: str | None = None  # What a member has to have consented to.


@dataclass(frozen=True, slots=True)
class MoveTier:
    """Put the member on a level of a ladder."""

    policy: str
    ladder: str
    tier: str


@dataclass(frozen=True, slots=True)
class ProtectTier:
    """Let nothing take the member down on a ladder for so long."""

    policy: str
    ladder: str
    span: Stretch


@dataclass(frozen=True, slots=True)
class ExtendTier:
    """Put the end of the standing off by so much."""

    policy: str
    ladder: str
    span: Stretch


@dataclass(frozen=True, slots=True)
class SetTrait:
    """Say of the member, or no longer say, that it has a tag or is in a segment (`what`: tags, segments)."""

    policy: str
    what: str
    name: str
    there: bool


@dataclass(frozen=True, slots=True)
class RaiseAlert:
    """Put an alert about the member into the outbox, in the policy's words by language."""

    policy: str
    severity: str
    text: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FreezeWallet:
    """Freeze a wallet once the event is over."""

    policy: str
    wallet: str


Effect = (
    EarnPoints
    | ConvertPoints
    | ExpirePoints
    | RedatePoints
    | MaturePoints
    | IssueBenefit
    | RevokeBenefit
    | UpgradeBenefit
    | PriceRedemption
    | Refuse
    | Enrol
    | SendMessage
    | MoveTier
    | ProtectTier
    | ExtendTier
    | SetTrait
    | RaiseAlert
    | FreezeWallet
)
