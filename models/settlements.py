"""What is settled with partners: months that are closed, disputes about them, and lines that put something right."""

from dataclasses import dataclass
from datetime import date, datetime

from models.codec import Json
from models.table import Index, table


@table("settlements", key=("programme_id", "partner", "month"), append_only=True)
@dataclass(frozen=True, slots=True)
class Settlement:
    """A month that is closed: its sums as they were then, which whatever comes later leaves as they are."""

    programme_id: int
    partner: str
    month: date  # Its first day.
    starts_at: datetime
    ends_at: datetime  # Exclusive; the month of what is recorded in between, in the programme's zone.
    closed_at: datetime
    currency: str
    sums: Json
    balance: str  # What the programme owes the partner, exact; below zero the partner owes.
    owed: int  # The same in minor units, rounded once, half away from zero.


@table(
    "disputes",
    key=("programme_id", "id"),
    unique=(("programme_id", "subject", "key"),),
    indexes=(Index("disputes_partner", ("programme_id", "partner", "id")),),
    checks=("state IN ('open', 'adjusted', 'rejected')",),
)
@dataclass(frozen=True, slots=True)
class Dispute:
    """Lines of a month that a partner does not agree with, until staff puts it right or says why not."""

    programme_id: int
    id: int
    partner: str
    month: date
    lines: Json  # What is disputed, as [holder, number] of each line; none for the month as a whole.
    reason: str
    subject: str
    key: str
    body_hash: str
    opened_at: datetime
    state: str
    answered_at: datetime | None
    answer: str


@table(
    "settlement_lines",
    key=("programme_id", "id"),
    append_only=True,
    unique=(("programme_id", "subject", "key"),),
    indexes=(Index("settlement_lines_partner", ("programme_id", "partner", "recorded_at")),),
)
@dataclass(frozen=True, slots=True)
class SettlementLine:
    """Money that puts something right: a line of the month in which it is recorded, never of one that is closed."""

    programme_id: int
    id: int
    partner: str
    recorded_at: datetime
    amount: str  # Exact; to the partner, or from it below zero.
    reason: str
    dispute_id: int | None
    subject: str
    key: str
    body_hash: str
