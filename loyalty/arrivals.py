"""The shape of what arrives, checked at the door: whatever passes here, the floors below may take at its word.

`validate` knows no database and no programme; what a programme declares (event types, benefits) is checked in the fold.
"""

from collections.abc import Mapping

from loyalty.events import (
    Arrival,
    Behaviour,
    BenefitClaim,
    BenefitFulfil,
    BenefitGrant,
    BenefitRelease,
    BenefitReserve,
    BenefitRevoke,
    BenefitUse,
    CodeUndo,
    CodeVerify,
    ConsentSet,
    DrawEnter,
    GatheringAttend,
    GatheringCancel,
    GatheringSignUp,
    HoldCapture,
    HoldRelease,
    IdentityLink,
    IdentityUnlink,
    MemberChanged,
    MemberEnrolled,
    MemberErase,
    MemberFreeze,
    MembersMerge,
    MemberUnfreeze,
    OrderCancelled,
    OrderClaim,
    OrderPaid,
    OrderReturned,
    PointsAdjust,
    PointsRedeem,
    PointsTransfer,
    PollVote,
    PoolClose,
    PoolContribute,
    PoolCreate,
    PoolInvite,
    PoolJoin,
    PoolLeave,
    ProfileChanged,
    ProfileCompleted,
    WalletFreeze,
    WalletUnfreeze,
)
from loyalty.shapes import (
    CURRENCY,
    ID_MAX,
    LINES_MAX,
    NAME,
    PIECES_MAX,
    POINTS_MAX,
    REASON_MAX,
    RESERVED_MINUTES_MAX,
    TAG_MAX,
    TAGS_MAX,
    TYPE,
    Check,
    amount,
    changes,
    consents,
    fields,
    freeze_reason,
    identities,
    identity,
    instant,
    key,
    matching,
    member,
    name_of,
    number,
    optional,
    path,
    payload,
    points,
    preferences,
    profile,
    quantity,
    several,
    text,
    unless_empty,
    word,
)
from rules.gatherings import GUESTS_MAX
from rules.polls import OPTIONS_MAX


def validate(arrival: Arrival) -> None:
    """Raise Malformed, naming the first field that is not as it should be."""
    for name, check in CHECKS[type(arrival)].items():
        check(getattr(arrival, name), f"/{name}")


def only_consents(arrival: MemberChanged) -> bool:
    """Whether a change is of consents alone: what a member may say itself."""
    names = ("attributes", "add_tags", "remove_tags", "join_segments", "leave_segments")
    return not any(getattr(arrival, name) for name in names)


LINE = {
    "sku": name_of,
    "quantity": quantity,
    "amount": amount,
    "brand": word,
    "category": word,
    "tags": several(TAGS_MAX, name_of),
}
RETURN_LINE = {"line": number("INVALID_QUANTITY", 0, LINES_MAX - 1), "quantity": quantity}
ORDER = {"key": key, "number": name_of, "occurred_at": instant, "shop": name_of}
NAMED = {"key": key, "member": member, "identity": identity}
NOTED = {"key": key, "member": member, "note": text(REASON_MAX)}
PROFILED = {
    "key": key,
    "member": member,
    "occurred_at": instant,
    "profile": profile,
    "preferences": preferences,
}
PIECE = {"key": key, "member": member, "entitlement_id": number("NOT_FOUND", 1, ID_MAX)}
GATHERING = {"key": key, "member": member, "gathering": path}
HOLD = {"key": key, "member": member, "hold_id": number("NOT_FOUND", 1, ID_MAX)}

OWN: Mapping[str, Check] = {"key": key, "member": member}

CHECKS: dict[type, Mapping[str, Check]] = {
    OrderPaid: ORDER
    | {
        "member": optional(member),
        "currency": matching(CURRENCY, "INVALID_CURRENCY"),
        **dict.fromkeys(("total", "paid", "discount", "tax", "shipping"), amount),
        "lines": several(LINES_MAX, fields(LINE)),
        **dict.fromkeys(("channel", "store", "payment", "coupon"), word),
    },
    OrderCancelled: ORDER,
    OrderReturned: ORDER
    | {
        "return_number": name_of,
        "lines": several(LINES_MAX, fields(RETURN_LINE)),
        "amount": optional(amount),
    },
    MemberEnrolled: {
        "key": key,
        "identities": identities,
        "occurred_at": instant,
        "locale": word,
        "profile": profile,
        "preferences": preferences,
    },
    ProfileCompleted: PROFILED,
    ProfileChanged: PROFILED,
    MemberChanged: {
        "key": key,
        "member": member,
        "occurred_at": instant,
        "attributes": changes,
        **dict.fromkeys(("add_tags", "remove_tags"), several(TAGS_MAX, text(TAG_MAX, least=1))),
        **dict.fromkeys(("join_segments", "leave_segments"), several(TAGS_MAX, name_of)),
        "consents": consents,
    },
    Behaviour: {
        "key": key,
        "type": matching(TYPE, "EVENT_TYPE_UNKNOWN"),
        "member": member,
        "occurred_at": instant,
        "payload": payload,
    },
    PointsRedeem: {
        "key": key,
        "member": member,
        "benefit": path,
        "value": optional(amount),
        "order_number": optional(name_of),
        "basket": optional(amount),
        "shop": name_of,
        "points": optional(number("INVALID_POINTS", 1, POINTS_MAX)),
    },
    HoldCapture: HOLD,
    HoldRelease: HOLD,
    PointsTransfer: {
        "key": key,
        "member": member,
        "to": member,
        "wallet": matching(NAME, "NOT_FOUND"),
        "points": number("INVALID_POINTS", 1, POINTS_MAX),
    },
    PointsAdjust: {
        "key": key,
        "member": member,
        "wallet": matching(NAME, "NOT_FOUND"),
        "points": points,
        "reason": text(REASON_MAX, least=1),
    },
    OrderClaim: {
        "key": key,
        "member": member,
        "number": name_of,
        "shop": name_of,
        "identity": optional(identity),
    },
    MembersMerge: {"key": key, "member": member, "to": member, "reason": text(REASON_MAX, least=1)},
    IdentityLink: NAMED,
    IdentityUnlink: NAMED,
    MemberFreeze: NOTED | {"reason": freeze_reason},
    MemberUnfreeze: NOTED,
    WalletFreeze: NOTED | {"wallet": matching(NAME, "NOT_FOUND"), "reason": freeze_reason},
    WalletUnfreeze: NOTED | {"wallet": matching(NAME, "NOT_FOUND")},
    **dict.fromkeys((PoolCreate, PoolInvite, PoolClose, PoolLeave), OWN),
    PoolJoin: {"key": key, "member": member, "to": member},
    PoolContribute: {"key": key, "member": member, "points": number("INVALID_POINTS", 1, POINTS_MAX)},
    ConsentSet: {
        "key": key,
        "member": member,
        "occurred_at": instant,
        "purpose": name_of,
        **dict.fromkeys(("channel", "notice", "notice_version"), word),
    },
    MemberErase: NOTED,
    CodeUndo: {"key": key, "member": member, "event_id": number("NOT_FOUND", 1, ID_MAX)},
    CodeVerify: {"key": key, "code": name_of, "part": optional(name_of)},
    BenefitGrant: {
        "key": key,
        "member": member,
        "benefit": path,
        "reason": text(REASON_MAX, least=1),
        "count": number("INVALID_QUANTITY", 1, PIECES_MAX),
        "value": optional(amount),
    },
    BenefitClaim: {"key": key, "member": member, "benefit": unless_empty(path), "promo": word},
    BenefitReserve: PIECE | {"minutes": optional(number("INVALID_MINUTES", 1, RESERVED_MINUTES_MAX))},
    BenefitRelease: PIECE,
    BenefitUse: PIECE
    | {
        "order_number": optional(name_of),
        "shop": name_of,
        "part": optional(name_of),
        "basket": optional(amount),
        **dict.fromkeys(("channel", "store"), word),
        "lines": several(LINES_MAX, fields(LINE)),
    },
    BenefitRevoke: PIECE | {"reason": text(REASON_MAX, least=1)},
    BenefitFulfil: PIECE | {"note": text(REASON_MAX)},
    GatheringSignUp: GATHERING | {"guests": number("INVALID_QUANTITY", 0, GUESTS_MAX)},
    GatheringCancel: GATHERING,
    GatheringAttend: {"key": key, "member": member, "sign_up_id": number("NOT_FOUND", 1, ID_MAX)},
    DrawEnter: {"key": key, "member": member, "draw": path},
    PollVote: {"key": key, "member": member, "poll": path, "choices": several(OPTIONS_MAX, path)},
}
