"""What operating the house needs: keys of those who call, the audit log, the jobs' leases, and running imports."""

from dataclasses import dataclass
from datetime import datetime

from models.codec import Json
from models.table import Index, table


@table("api_keys", key=("id",), unique=(("hash",),))
@dataclass(frozen=True, slots=True)
class ApiKey:
    """A caller's key: only its keyed hash is kept. Idempotency belongs to `subject`: a rotated key changes nothing."""

    id: str  # The public prefix of the key, for look-up and for people.
    hash: str
    programme: str
    subject: str
    scopes: str  # Separated by spaces.
    shops: str
    partner: str | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    ranges: str = ""  # From where it is good, as CIDR, separated by spaces; from anywhere where none is named.
    replaces: str | None = None  # The key whose place it takes.


@table(
    "audit",
    key=("id",),
    append_only=True,
    once=("seal", "previous"),
    indexes=(Index("audit_subject", ("programme_id", "subject", "at")),),
)
@dataclass(frozen=True, slots=True)
class Audit:
    """Who changed what, when and why. `seal` and `previous` are null until the row is sealed into the chain."""

    id: int
    programme_id: int
    at: datetime
    subject: str
    action: str
    target: str
    before: Json | None
    after: Json | None
    note: str
    request_id: str | None
    seal: str | None
    previous: str | None


@table("jobs", key=("programme_id", "name"))
@dataclass(frozen=True, slots=True)
class Job:
    """One job of the timetable: when it is due next, and who holds it until when."""

    programme_id: int
    name: str
    due_at: datetime
    holder: str | None
    lease_until: datetime | None
    done_at: datetime | None
    note: str


@table("imports", key=("programme_id", "file_hash", "kind"))
@dataclass(frozen=True, slots=True)
class Import:
    """How far an import has come; while one is running it holds the programme's clock jobs."""

    programme_id: int
    file_hash: str
    kind: str
    state: str  # running, done.
    started_at: datetime
    heartbeat_at: datetime
    rows_done: int
    accepted: int
    refused: int
    layout: str = ""  # How its file is read: gone on with in the same way only.
