"""Benefits on the book: issue, price, use, expire, revoke. Stock is a shared counter; what is issued has a life."""

from datetime import datetime
from typing import Final

from loyalty import limits
from loyalty.book import NOBODY
from loyalty.refusals import Refused
from loyalty.turn import Turn
from models.benefits import Code, Entitlement, EntitlementMove
from models.points import Transfer
from models.table import changed
from rules import calendar
from rules.policy import Benefit

OPEN: Final = ("issued", "reserved")
PER_MEMBER: Final = "times_per_member"


def benefit_of(turn: Turn, key: str) -> Benefit:
    """A benefit of the ruleset that decides; a request for another one is refused."""
    found = turn.ruleset.benefits.get(key)
    if found is None:
        raise Refused("BENEFIT_UNKNOWN", benefit=key, allowed=sorted(turn.ruleset.benefits))
    return found


def stock(key: str) -> str:
    """The name of the counter that holds a benefit's stock."""
    return f"stock:{key}"


def issue(
    turn: Turn,
    key: str,
    *,
    policy: str | None,
    points: int = 0,
    transfer_id: int | None = None,
    value: int | None = None,
    state: str = "issued",
    until: datetime | None = None,
) -> Entitlement:
    """Give the member one entitlement; refused when there is none left, or when this member has had its share.

    One that is only `reserved` is so `until` its hold lapses; its own life, and its code, begin when it is bought.
    """
    benefit = benefit_of(turn, key)
    _take_one(turn, key, benefit)
    row = turn.book.put(
        Entitlement(
            programme_id=turn.book.programme_id,
            member_id=turn.member_id,
            id=turn.book.new_id(Entitlement),
            event_id=turn.event_id,
            benefit=key,
            state=state,
            issued_at=turn.at,
            expires_at=until if state == "reserved" else _end(turn, benefit),
            used_at=turn.at if state == "used" else None,
            value=value,
            points=points,
            transfer_id=transfer_id,
            policy=policy,
            version=turn.version,
            partner=benefit.partner,
            order_id=turn.order_id,
        )
    )
    _moved(turn, row, None, policy or "redeemed")
    if state != "reserved":
        _open_by_code(turn, row, benefit)
    turn.note("entitlements", {"id": row.id, "benefit": key, "state": state})
    return row


def sell(turn: Turn, key: str, entry: Transfer, value: int | None) -> Entitlement:
    """Give what was paid for; bought for an order it is used on that order."""
    return issue(
        turn,
        key,
        policy=entry.policy,
        points=entry.amount,
        transfer_id=entry.id,
        value=value,
        state="used" if entry.burnt_on else "issued",
    )


def hand_over(turn: Turn, row: Entitlement, entry: Transfer) -> Entitlement:
    """What was reserved is the member's, as it was promised then; bought for an order it is used on that order."""
    promised = turn.book.live.at(row.issued_at).ruleset.benefits[row.benefit]
    row = changed(row, issued_at=turn.at, expires_at=_end(turn, promised), transfer_id=entry.id)
    _open_by_code(turn, row, promised)
    return step(turn, row, "used" if entry.burnt_on else "issued", "captured")


def step(turn: Turn, row: Entitlement, state: str, reason: str) -> Entitlement:
    """Take an entitlement one step on in its life."""
    moved = turn.book.put(changed(row, state=state, used_at=turn.at if state == "used" else row.used_at))
    _moved(turn, moved, row.state, reason)
    turn.note("entitlements", {"id": row.id, "benefit": row.benefit, "state": state})
    return moved


def expire(turn: Turn, row: Entitlement) -> None:
    """What is still unused at its end is expired; what is reserved goes with its hold."""
    if row.state == "issued":
        step(turn, row, "expired", "expired")


def end_of(row: Entitlement) -> datetime | None:
    """When an open entitlement ends."""
    return row.expires_at if row.state in OPEN else None


def revoke(turn: Turn, row: Entitlement, reason: str) -> None:
    """Take back what is unused, and put its stock back; what was used stays used, and is said."""
    if row.state not in OPEN:
        if row.state == "used":
            turn.note("not_taken_back", {"benefit": row.benefit, "id": row.id})
        return
    step(turn, row, "revoked", reason)
    benefit = turn.ruleset.benefits.get(row.benefit)
    if benefit is None:
        return
    if benefit.stock is not None:
        limits.take(turn, stock(row.benefit), -1)
    if benefit.per_member is not None and limits.used(turn, _path(row.benefit), PER_MEMBER, "") > 0:
        limits.use(turn, _path(row.benefit), PER_MEMBER, "", -1)


def find(turn: Turn, code: str) -> Entitlement:
    """The entitlement behind a code. A partner finds its own codes and no others, whoever holds them."""
    found = turn.book.get(Code, NOBODY, turn.book.keys.code_hash(code))
    row = turn.book.get(Entitlement, found.member_id, found.entitlement_id) if found else None
    if row is None or (turn.partner is not None and row.partner != turn.partner):
        raise Refused("CODE_UNKNOWN")
    return row


def verify(turn: Turn, code: str, *, use: bool) -> Entitlement:
    """Look up what is behind a code; with `use` it is used up."""
    row = find(turn, code)
    if row.state == "used":
        raise Refused("CODE_USED")
    if row.state not in OPEN or (row.expires_at is not None and row.expires_at <= turn.instant):
        raise Refused("CODE_EXPIRED")
    turn.notes["code"] = {"benefit": row.benefit, "used": use, "id": row.id}
    return step(turn, row, "used", "code") if use else row


def _take_one(turn: Turn, key: str, benefit: Benefit) -> None:
    if benefit.per_member is not None:
        if limits.used(turn, _path(key), PER_MEMBER, "") >= benefit.per_member:
            raise Refused("LIMIT_REACHED", benefit=key, most=benefit.per_member)
        limits.use(turn, _path(key), PER_MEMBER, "", 1)
    if benefit.stock is not None:
        if limits.left(turn, stock(key)) < 1:
            raise Refused("OUT_OF_STOCK", benefit=key)
        limits.take(turn, stock(key), 1)


def _end(turn: Turn, benefit: Benefit) -> datetime | None:
    return calendar.later(turn.at, benefit.valid, turn.ruleset.zone) if benefit.valid else None


def _open_by_code(turn: Turn, row: Entitlement, benefit: Benefit) -> None:
    if benefit.code:
        hashed = turn.book.keys.code_hash(turn.book.keys.code_of(row.id))
        turn.book.put(Code(row.programme_id, hashed, row.member_id, row.id))


def _path(key: str) -> str:
    return f"benefits/{key}"


def _moved(turn: Turn, row: Entitlement, before: str | None, reason: str) -> None:
    turn.book.put(
        EntitlementMove(
            programme_id=row.programme_id,
            member_id=row.member_id,
            id=turn.book.new_id(EntitlementMove),
            event_id=turn.event_id,
            position=turn.position,
            entitlement_id=row.id,
            state_from=before,
            state_to=row.state,
            at=turn.at,
            reason=reason,
        )
    )
