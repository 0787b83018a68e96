"""How an arrival is written into the event log, and read back for replay. Nothing personal goes in.

The member is the row's own holder; identities and profile values stay out, so erasing a person leaves the log whole.
"""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from loyalty.events import (
    Arrival,
    Behaviour,
    ClockClose,
    ClockDue,
    ClockReview,
    CodeVerify,
    HoldCapture,
    HoldRelease,
    Line,
    MemberEnrolled,
    MemberRef,
    OrderCancelled,
    OrderPaid,
    OrderReturned,
    PointsAdjust,
    PointsRedeem,
    ProfileCompleted,
    ReturnLine,
)
from models.codec import Json, canonical, parse
from models.events import Event

KINDS: Final[Mapping[str, type[Any]]] = {
    row.kind: row
    for row in (
        OrderPaid,
        OrderCancelled,
        OrderReturned,
        MemberEnrolled,
        ProfileCompleted,
        PointsRedeem,
        HoldCapture,
        HoldRelease,
        PointsAdjust,
        CodeVerify,
        ClockDue,
        ClockReview,
        ClockClose,
    )
}
LEFT_OUT: Final = frozenset({"key", "member", "identities", "profile", "code"})
TIMES: Final = frozenset({"occurred_at", "due_at"})


def body_of(arrival: Arrival) -> Json:
    """The event's own facts as canonical JSON; defaults are left out."""
    return canonical(_plain(arrival, LEFT_OUT))


def whole_of(arrival: Arrival) -> Json:
    """Everything the sender sent but the key: what a keyed hash is taken of, and never stored."""
    return canonical({"kind": arrival.kind, **_plain(arrival, frozenset({"key"}))})


def arrival_of(event: Event) -> Arrival:
    """The arrival again, as far as the fold reads it: its member is the row's holder."""
    body = parse(event.body)
    kind: type[Any] = KINDS.get(event.kind, Behaviour)
    names = {field.name for field in dataclasses.fields(kind)}
    values = {name: _read(name, value) for name, value in body.items() if name in names}
    if "member" in names:
        values["member"] = MemberRef(id=event.member_id) if event.member_id > 0 else None
    missing: Mapping[str, Any] = {"identities": (), "code": "", "total": 0, "paid": 0}
    values = {name: empty for name, empty in missing.items() if name in names} | values
    arrival: Arrival = kind(key=event.key, **values)
    return arrival


def _plain(arrival: Any, left_out: frozenset[str]) -> dict[str, Any]:
    return {
        field.name: _written(value)
        for field in dataclasses.fields(arrival)
        if field.name not in left_out and (value := getattr(arrival, field.name)) not in (None, "", (), 0, False)
    }


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _written(held) for key, held in value.items()}
    if isinstance(value, tuple | list):
        return [_written(item) for item in value]
    if dataclasses.is_dataclass(value):
        return _plain(value, frozenset())
    return value


def _read(name: str, value: Any) -> Any:
    if name in TIMES:
        return datetime.fromisoformat(value)
    if name == "lines":
        return tuple(_line(line) for line in value)
    return value


def _line(line: Mapping[str, Any]) -> Line | ReturnLine:
    if "sku" in line:
        return Line(**{"amount": 0, **line, "tags": tuple(line.get("tags", ()))})
    return ReturnLine(line=line.get("line", 0), quantity=line["quantity"])
