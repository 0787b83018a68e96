"""What happened: the log that every book can be folded from again, and the keys that make each event count once."""

from dataclasses import dataclass
from datetime import datetime

from models.codec import Json
from models.table import Foreign, Index, table


@table(
    "events",
    key=("programme_id", "member_id", "id"),
    partition="member_id",
    unique=(("programme_id", "member_id", "position"),),
    indexes=(
        Index("events_log", ("programme_id", "position", "member_id")),
        Index("events_open", ("programme_id", "state", "due_at"), where="state IN ('waiting', 'queued')"),
        Index("events_awaiting", ("programme_id", "shop", "order_number"), where="state = 'waiting'"),
    ),
    checks=("state IN ('accepted', 'refused', 'waiting', 'queued')",),
)
@dataclass(frozen=True, slots=True)
class Event:
    """One event of one holder. What has no member is held by a stand-in, −1 … −64."""

    programme_id: int
    member_id: int
    id: int
    kind: str
    subject: str  # Whose idempotency key it came under.
    key: str
    shop: str
    order_number: str | None
    occurred_at: datetime
    received_at: datetime
    instant: datetime  # When it counts: the earlier of the two for a fact, now for a request, due for the clock.
    position: int | None  # Its place in the fold; drawn when it is folded, so a waiting event has none.
    state: str
    revision: int  # The programme's, when it was folded: what was paused then stays paused in replay.
    caused_by: int | None
    due_at: datetime | None  # When a waiting event is given up.
    body: Json
    receipt: Json
    outcome: Json | None  # What became of an event whose receipt said `waiting`.


@table("claims", key=("programme_id", "subject", "key"))
@dataclass(frozen=True, slots=True)
class Claim:
    """An idempotency key, taken. `body_hash` is keyed, over the operation and its canonical input."""

    programme_id: int
    subject: str
    key: str
    body_hash: str
    member_id: int
    event_id: int
    claimed_at: datetime


@table(
    "decisions",
    key=("programme_id", "member_id", "id"),
    partition="member_id",
    indexes=(Index("decisions_event", ("programme_id", "member_id", "event_id")),),
    foreign=(Foreign(("programme_id", "member_id", "event_id"), "events", ("programme_id", "member_id", "id")),),
)
@dataclass(frozen=True, slots=True)
class Decision:
    """What the ruleset read that the event does not say, and what became of each policy: enough to decide again."""

    programme_id: int
    member_id: int
    id: int
    event_id: int
    step: int  # 0 is the event itself; what followed for the same member counts on.
    kind: str
    at: datetime
    version: int
    revision: int
    engine: int
    read: Json
    outcome: Json
