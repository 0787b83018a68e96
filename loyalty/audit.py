"""Who changed what, when and why: one row in the transaction that makes the change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loyalty.access import Caller
from models.codec import canonical
from models.control import Audit
from models.database import Connection


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to what: `before` and `after` say only what differs."""

    action: str
    target: str
    at: datetime
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    note: str = ""
    request_id: str | None = None


def row(number: int, programme_id: int, subject: str, change: Change) -> Audit:
    """The row, unsealed."""
    return Audit(
        id=number,
        programme_id=programme_id,
        at=change.at,
        subject=subject,
        action=change.action,
        target=change.target,
        before=None if change.before is None else canonical(change.before),
        after=None if change.after is None else canonical(change.after),
        note=change.note,
        request_id=change.request_id,
        seal=None,
        previous=None,
    )


async def record(connection: Connection, programme_id: int, caller: Caller, change: Change) -> None:
    """Append the row; it stands or falls with the change it tells of."""
    (number,) = await connection.draw("event", 1)
    await connection.insert([row(number, programme_id, caller.subject, change)])
