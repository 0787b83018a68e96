"""How an arrival is written into the event log, and read back for replay. Nothing personal goes in.

The member is the row's own holder; identities and profile values stay out, so erasing a person leaves the log whole.
"""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from loyalty.events import (
    CONSEQUENCES,
    POOL_REQUESTS,
    Arrival,
    Behaviour,
    BenefitClaim,
    BenefitFulfil,
    BenefitGrant,
    BenefitRelease,
    BenefitReserve,
    BenefitRevoke,
    BenefitUse,
    ClockChange,
    ClockClose,
    ClockDue,
    ClockMoment,
    ClockReview,
    CodeUndo,
    CodeVerify,
    ConsentSet,
    Conversion,
    HoldCapture,
    HoldRelease,
    IdentityLink,
    IdentityUnlink,
    Line,
    MemberChanged,
    MemberEnrolled,
    MemberErase,
    MemberFreeze,
    MemberRef,
    MembersMerge,
    MemberUnfreeze,
    OrderCancelled,
    OrderClaim,
    OrderPaid,
    OrderReturned,
    PointsAdjust,
    PointsRedeem,
    PointsTransfer,
    Portion,
    ProfileChanged,
    ProfileCompleted,
    ReturnLine,
    WalletFreeze,
    WalletUnfreeze,
    occasions,
)
from models.codec import Json, canonical, parse
from models.events import Event
from rules.moments import KINDS as MOMENTS

KINDS: Final[Mapping[str, type[Any]]] = {
    row.kind: row
    for row in (
        OrderPaid,
        OrderCancelled,
        OrderReturned,
        MemberEnrolled,
        ProfileCompleted,
        ProfileChanged,
        MemberChanged,
        ConsentSet,
        MemberErase,
        PointsRedeem,
        HoldCapture,
        HoldRelease,
        PointsAdjust,
        PointsTransfer,
        *CONSEQUENCES,
        *POOL_REQUESTS,
        CodeVerify,
        CodeUndo,
        IdentityLink,
        IdentityUnlink,
        OrderClaim,
        MembersMerge,
        MemberFreeze,
        MemberUnfreeze,
        WalletFreeze,
        WalletUnfreeze,
        BenefitClaim,
        BenefitFulfil,
        BenefitGrant,
        BenefitRelease,
        BenefitReserve,
        BenefitRevoke,
        BenefitUse,
        ClockDue,
        ClockReview,
        ClockChange,
        ClockClose,
        *occasions.REQUESTS,
        *occasions.CLOCKS,
    )
} | dict.fromkeys(MOMENTS, ClockMoment)
LEFT_OUT: Final = frozenset({"member", "to", "identities", "identity", "profile", "preferences", "code"})
NAMES: Final = frozenset({"choices", "won", "add_tags", "remove_tags", "join_segments", "leave_segments"})
TIMES: Final = frozenset({"occurred_at", "due_at", "happened_at"})
DEFAULTS: Final = (None, "", (), 0, False)
ZERO_OR_NONE: Final = frozenset({"amount", "value", "basket"})  # Nothing said is something else than nought.
PLAIN: Final = frozenset({str, int, bool})


def written(arrival: Arrival) -> tuple[Json, Json]:
    """An arrival as canonical JSON without defaults: the event's own facts, and all that was sent but the key.

    Of the whole a keyed hash is taken; it is never stored.
    """
    said = _plain(arrival)
    said.pop("key", None)
    body = canonical({name: value for name, value in said.items() if name not in LEFT_OUT})
    return body, canonical({"kind": arrival.kind, **said})


def addressed(body: Json, member_id: int) -> Json:
    """The body with the member it is for: by id, once that is known."""
    return canonical({**parse(body), "to": {"id": member_id}})


def arrival_of(event: Event) -> Any:
    """The arrival again, as far as the fold reads it: its member is the row's holder."""
    return read(event.kind, parse(event.body), event.key, event.member_id)


def read(named: str, body: Mapping[str, Any], key: str, member_id: int) -> Any:
    """An arrival of what its body says, for a holder."""
    kind: type[Any] = KINDS.get(named, Behaviour)
    names = {field.name for field in dataclasses.fields(kind)}
    values = {name: _read(name, value) for name, value in body.items() if name in names}
    if "member" in names:
        values["member"] = MemberRef(id=member_id) if member_id > 0 else None
    missing: Mapping[str, Any] = {"identities": (), "identity": ("", ""), "code": "", "total": 0, "paid": 0}
    values = {name: empty for name, empty in missing.items() if name in names} | values
    return kind(key=key, **values)


def _plain(said: Any) -> dict[str, Any]:
    values = ((name, getattr(said, name)) for name in said.__slots__)
    return {name: _written(value) for name, value in values if value or _is_said(name, value)}


def _is_said(name: str, value: Any) -> bool:
    return value not in DEFAULTS or (name in ZERO_OR_NONE and value is not None)


def _written(value: Any) -> Any:
    if value.__class__ in PLAIN:
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [_written(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _written(held) for key, held in value.items()}
    if dataclasses.is_dataclass(value):
        return _plain(value)
    return value


def _read(name: str, value: Any) -> Any:
    if name in TIMES:
        return datetime.fromisoformat(value)
    if name in NAMES:
        return tuple(value)
    if name == "lines":
        return tuple(_line(line) for line in value)
    if name == "portions":
        return tuple(_portion(portion) for portion in value)
    if name == "conversions":
        return tuple(Conversion(**one) for one in value)
    if name == "to":
        return MemberRef(id=value["id"])
    return value


def _portion(portion: Mapping[str, Any]) -> Portion:
    ends = portion.get("expires_at")
    earned_at = datetime.fromisoformat(portion["earned_at"])
    return Portion(**{**portion, "earned_at": earned_at, "expires_at": datetime.fromisoformat(ends) if ends else None})


def _line(line: Mapping[str, Any]) -> Line | ReturnLine:
    if "sku" in line:
        return Line(**{"amount": 0, **line, "tags": tuple(line.get("tags", ()))})
    return ReturnLine(line=line.get("line", 0), quantity=line["quantity"])
