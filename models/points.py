"""Points by double entry: wallets, transfers, and the lots a credit leaves. Whole numbers of the wallet's scale."""

from dataclasses import dataclass
from datetime import date, datetime

from models.codec import Json
from models.table import MEMBER, TRIPLE, Foreign, Index, table


@table(
    "wallets",
    key=TRIPLE,
    partition="member_id",
    unique=((*MEMBER, "wallet"),),
    indexes=(Index("wallets_due", ("programme_id", "due_at", "member_id"), where="due_at IS NOT NULL"),),
    checks=("pending >= 0", "available >= 0", "held >= 0", "owed >= 0"),
    foreign=(Foreign(MEMBER, "members", ("programme_id", "id")),),
)
@dataclass(frozen=True, slots=True)
class Wallet:
    """A member's balances of one wallet. Before `due_at` the row is the balance; after it the lots say what is due."""

    programme_id: int
    member_id: int
    id: int
    wallet: str
    pending: int
    available: int
    held: int
    owed: int
    due_at: datetime | None
    active_at: datetime | None = None  # The last thing the member did that keeps these points alive.
    frozen_at: datetime | None = None
    frozen_for: str | None = None  # Why nothing can be spent, as a code: one of `shapes.FREEZE_REASONS`.


@table(
    "transfers",
    key=TRIPLE,
    partition="member_id",
    append_only=True,
    indexes=(
        Index("transfers_statement", (*MEMBER, "wallet", "position", "id")),
        Index("transfers_event", (*MEMBER, "event_id")),
        Index("transfers_order", (*MEMBER, "order_id"), where="order_id IS NOT NULL"),
        Index("transfers_burnt", (*MEMBER, "burnt_on"), where="burnt_on IS NOT NULL"),
        Index("transfers_day", ("programme_id", "business_date", "wallet")),
        Index("transfers_partner", ("programme_id", "partner", "recorded_at"), where="partner IS NOT NULL"),
    ),
    checks=("amount > 0", "debit <> credit"),
    foreign=(Foreign((*MEMBER, "event_id"), "events", TRIPLE),),
)
@dataclass(frozen=True, slots=True)
class Transfer:
    """From `debit` to `credit`, `amount` > 0: so the ledger balances by construction. Never changed, never deleted.

    Accounts: the member's `pending`, `available`, `held`, `owed`; the programme's `issued`, `redeemed`, `expired`,
    `adjusted`, `transit`.
    """

    programme_id: int
    member_id: int
    id: int
    event_id: int
    position: int
    wallet: str
    debit: str
    credit: str
    amount: int
    effective_at: datetime
    business_date: date  # Of `effective_at`, in the programme's zone.
    recorded_at: datetime
    reason: str
    policy: str | None
    version: int
    partner: str | None
    order_id: int | None  # The order that brought it about.
    burnt_on: str | None  # The order it pays for, as shop/number: it may be paid before the order is known.
    lot_id: int | None  # Where the transfer is about one lot.
    reverses: int | None
    note: Json | None


@table(
    "lots",
    key=TRIPLE,
    partition="member_id",
    indexes=(
        Index("lots_open", (*MEMBER, "wallet", "expires_at"), where="remaining > 0 AND NOT resting"),
        Index("lots_order", (*MEMBER, "order_id"), where="order_id IS NOT NULL"),
    ),
    checks=(
        "amount > 0",
        "remaining >= 0",
        "spent >= 0",
        "expired >= 0",
        "remaining + spent + expired <= amount",
        "held >= 0",
        "held <= remaining",
        "reversed >= 0",
        "reversed <= amount",
        "claimed >= 0",
    ),
    foreign=(Foreign((*MEMBER, "transfer_id"), "transfers", TRIPLE),),
)
@dataclass(frozen=True, slots=True)
class Lot:
    """What a credit left. `remaining` includes what is held; a lot not `matured` counts as pending.

    amount = remaining + spent + expired + what a return took from this very lot.
    """

    programme_id: int
    member_id: int
    id: int
    transfer_id: int
    wallet: str
    amount: int
    remaining: int
    held: int
    spent: int
    expired: int
    reversed: int  # Answered for returns: taken from here, claimed elsewhere, or expired already.
    claimed: int  # Of that, what was taken from other lots or is owed.
    matured: bool
    earned_at: datetime
    available_at: datetime | None  # None while an event has yet to set it.
    expires_at: datetime | None
    origin_event: int
    origin_policy: str | None
    origin_line: int | None
    order_id: int | None
    idle: str | None = None  # The stretch without activity it dies of: what a member does puts `expires_at` off.
    own_end: datetime | None = None  # Of such a lot: when it would end if nothing were done.
    resting: bool = False  # It never ends and cannot be spent: few things touch it, and most batches leave it alone.


@table(
    "lot_moves",
    key=(*MEMBER, "transfer_id", "lot_id"),
    partition="member_id",
    append_only=True,
    indexes=(Index("lot_moves_lot", (*MEMBER, "lot_id")),),
    foreign=(
        Foreign((*MEMBER, "transfer_id"), "transfers", TRIPLE),
        Foreign((*MEMBER, "lot_id"), "lots", TRIPLE),
    ),
)
@dataclass(frozen=True, slots=True)
class LotMove:
    """What a transfer did to a lot: change of `remaining` and of `held`, signed."""

    programme_id: int
    member_id: int
    transfer_id: int
    lot_id: int
    remaining: int
    held: int


@table(
    "holds",
    key=TRIPLE,
    partition="member_id",
    checks=("points > 0", "state IN ('held', 'captured', 'released', 'lapsed')"),
    indexes=(Index("holds_open", (*MEMBER,), where="state = 'held'"),),
    foreign=(Foreign((*MEMBER, "transfer_id"), "transfers", TRIPLE),),
)
@dataclass(frozen=True, slots=True)
class Hold:
    """Points set aside for a redemption that is not final yet; lapses by itself at `lapses_at`."""

    programme_id: int
    member_id: int
    id: int
    event_id: int
    transfer_id: int
    entitlement_id: int  # What is reserved until then.
    wallet: str
    points: int
    benefit: str
    value: int | None
    policy: str | None
    uses: Json  # What the price used of its policy's caps: [policy, cap, period, amount].
    burnt_on: str | None
    state: str
    lapses_at: datetime
    money: int | None = None  # What is paid beside the points, in minor units.
