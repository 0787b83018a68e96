"""What a member has been given: entitlements, their steps, and the codes that open them."""

from dataclasses import dataclass
from datetime import datetime

from models.codec import Json
from models.table import MEMBER, TRIPLE, Foreign, Index, table


@table(
    "entitlements",
    key=TRIPLE,
    partition="member_id",
    indexes=(
        Index("entitlements_held", (*MEMBER, "state", "expires_at")),
        Index("entitlements_partner", ("programme_id", "partner", "state"), where="partner IS NOT NULL"),
        Index("entitlements_ending", ("programme_id", "expires_at", "member_id"), where="state = 'issued'"),
        Index("entitlements_reserved", ("programme_id", "reserved_until", "member_id"), where="state = 'reserved'"),
        Index("entitlements_figures", ("programme_id", "benefit", "version", "state")),
    ),
    checks=("state IN ('issued', 'reserved', 'used', 'expired', 'revoked')", "points >= 0", "uses >= 0"),
    foreign=(Foreign((*MEMBER, "event_id"), "events", TRIPLE),),
)
@dataclass(frozen=True, slots=True)
class Entitlement:
    """One benefit, given to one member. `value` in minor units where its price was stepped."""

    programme_id: int
    member_id: int
    id: int
    event_id: int
    benefit: str
    state: str
    issued_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    value: int | None
    points: int  # Paid for it.
    transfer_id: int | None  # The transfer that paid.
    policy: str | None
    version: int
    partner: str | None
    order_id: int | None  # The order that brought it: a return of that order takes it back while unused.
    money: int | None = None  # Paid beside the points, in minor units.
    uses: int = 0  # How often it was used, where it can be used more than once.
    parts: Json | None = None  # Of these uses, how many fell under each sub-limit: {part: times}.
    reserved_until: datetime | None = None  # Set aside by a till until then; of what a hold reserves, nothing.
    used_on: str | None = None  # The order it was used on, as shop/number.
    promo: str | None = None  # The promo code that brought it, in small letters.
    promised_at: datetime | None = None  # By when it is to be delivered, where somebody has to.
    fulfilled_at: datetime | None = None  # When it was.
    counted_at: datetime | None = None  # The instant by which stock and quotas counted it; none: when it was issued.


@table(
    "entitlement_moves",
    key=TRIPLE,
    partition="member_id",
    append_only=True,
    foreign=(
        Foreign((*MEMBER, "entitlement_id"), "entitlements", TRIPLE),
        Foreign((*MEMBER, "event_id"), "events", TRIPLE),
    ),
    indexes=(
        Index("entitlement_moves_of", (*MEMBER, "entitlement_id")),
        Index("entitlement_moves_event", (*MEMBER, "event_id")),
    ),
)
@dataclass(frozen=True, slots=True)
class EntitlementMove:
    """One step in the life of an entitlement."""

    programme_id: int
    member_id: int
    id: int
    event_id: int
    position: int
    entitlement_id: int
    state_from: str | None
    state_to: str
    at: datetime
    reason: str
    part: str | None = None  # The sub-limit a use fell under.


@table("codes", key=("programme_id", "hash"))
@dataclass(frozen=True, slots=True)
class Code:
    """A code leads to its entitlement by a keyed hash; the code itself is kept nowhere."""

    programme_id: int
    hash: str
    member_id: int
    entitlement_id: int


@table("code_tries", key=("programme_id", "name"), checks=("failed >= 0",))
@dataclass(frozen=True, slots=True)
class CodeTries:
    """How many codes somebody has got wrong since an instant: a key's owner, or an address as a keyed hash."""

    programme_id: int
    name: str
    since: datetime
    failed: int
