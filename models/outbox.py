"""What the world is to be told, committed with the books that caused it."""

from dataclasses import dataclass
from datetime import datetime

from models.codec import Json
from models.table import Index, table


@table(
    "outbox",
    key=("programme_id", "member_id", "id"),
    partition="member_id",
    indexes=(Index("outbox_due", ("programme_id", "due_at"), where="state = 'due'"),),
    checks=("state IN ('due', 'sent', 'given_up')", "attempts >= 0"),
)
@dataclass(frozen=True, slots=True)
class Message:
    """One notice to the outside, sent at least once; `id` is what the receiver de-duplicates by."""

    programme_id: int
    member_id: int
    id: int
    event_id: int
    position: int
    kind: str
    body: Json
    due_at: datetime
    state: str
    attempts: int
