"""Benefits on the book: issue, price, use, expire, revoke. Stock is a shared counter; what is issued has a life."""

from datetime import datetime
from typing import Final

from loyalty import limits, outbox, quotas
from loyalty.book import NOBODY
from loyalty.refusals import Refused, every_language
from loyalty.turn import Turn
from models.benefits import Code, Entitlement, EntitlementMove
from models.codec import canonical, parse
from models.orders import Order
from models.points import Transfer
from models.table import changed
from rules import calendar
from rules.benefits import Benefit
from rules.effects import PriceRedemption
from rules.parts import Span

OPEN: Final = ("issued", "reserved")
PER_MEMBER: Final = "times_per_member"
WITHDRAWN: Final = "withdrawn"  # Taken back by a policy; with the order that made it do so.
UNDONE: Final = "undone"  # A use of a code taken back; with the number of the step it undoes.
UPGRADED: Final = "upgraded"  # Replaced by a better one, whose number follows.


def benefit_of(turn: Turn, key: str) -> Benefit:
    """A benefit of the ruleset that decides; a request for another one is refused."""
    found = turn.ruleset.benefits.get(key)
    if found is None:
        raise Refused("BENEFIT_UNKNOWN", benefit=key, allowed=sorted(turn.ruleset.benefits))
    return found


def stock(key: str) -> str:
    """The name of the counter that holds a benefit's stock."""
    return f"stock:{key}"


def low_of(key: str, benefit: Benefit) -> str:
    """The name of the counter that says whether somebody has been told: one for every size of the stock."""
    return f"low:{key}:{benefit.stock}"


def issue(
    turn: Turn,
    key: str,
    *,
    policy: str | None,
    points: int = 0,
    transfer_id: int | None = None,
    value: int | None = None,
    money: int | None = None,
    state: str = "issued",
    until: datetime | None = None,
    reason: str | None = None,
    promo: str | None = None,
) -> Entitlement:
    """Give the member one entitlement; refused when there is none left, or when this member has had its share.

    One that is only `reserved` is so `until` its hold lapses; its own life, and its code, begin when it is bought.
    What it contains is given with it.
    """
    benefit = benefit_of(turn, key)
    _take_one(turn, key, benefit, policy, promo)
    row = turn.book.put(
        Entitlement(
            programme_id=turn.book.programme_id,
            member_id=turn.member_id,
            id=turn.book.new_id(Entitlement),
            event_id=turn.event_id,
            benefit=key,
            state=state,
            issued_at=turn.begins,
            expires_at=until if state == "reserved" else _end(turn, benefit),
            used_at=turn.at if state == "used" else None,
            value=value,
            points=points,
            transfer_id=transfer_id,
            policy=policy,
            version=turn.version,
            partner=benefit.partner,
            order_id=turn.order_id,
            money=money,
            promo=promo,
            promised_at=_promised_at(turn, benefit) if state != "reserved" else None,
            counted_at=turn.instant,
        )
    )
    moved(turn, row, None, reason or policy or "redeemed")
    if state != "reserved":
        _open_by_code(turn, row, benefit)
        _unpack(turn, benefit, policy, reason)
    turn.note("entitlements", {"id": row.id, "benefit": key, "state": state})
    return row


def sell(turn: Turn, price: PriceRedemption, entry: Transfer) -> Entitlement:
    """Give what was paid for; bought for an order it is used on that order, unless it can be used several times."""
    return issue(
        turn,
        price.benefit,
        policy=entry.policy,
        points=entry.amount,
        transfer_id=entry.id,
        value=price.value,
        money=price.money,
        state=_bought(benefit_of(turn, price.benefit), entry),
    )


def hand_over(turn: Turn, row: Entitlement, entry: Transfer) -> Entitlement:
    """What was reserved is the member's, as it was promised then; bought for an order it is used on that order."""
    promised = turn.book.live.at(row.issued_at).ruleset.benefits[row.benefit]
    due = _promised_at(turn, promised)
    row = changed(row, issued_at=turn.at, expires_at=_end(turn, promised), transfer_id=entry.id, promised_at=due)
    _open_by_code(turn, row, promised)
    _unpack(turn, promised, row.policy, None)
    return step(turn, row, _bought(promised, entry), "captured")


def step(turn: Turn, row: Entitlement, state: str, reason: str, part: str | None = None) -> Entitlement:
    """Take an entitlement one step on in its life."""
    after = turn.book.put(changed(row, state=state, used_at=turn.at if state == "used" else row.used_at))
    moved(turn, after, row.state, reason, part)
    turn.note("entitlements", {"id": row.id, "benefit": row.benefit, "state": state})
    return after


def expire(turn: Turn, row: Entitlement) -> None:
    """What is still unused at its end is expired, what a till set aside is free again; what a hold has goes with it."""
    if row.state == "issued":
        step(turn, row, "expired", "expired")
    elif row.state == "reserved" and row.reserved_until is not None:
        step(turn, changed(row, reserved_until=None), "issued", "lapsed")


def end_of(row: Entitlement) -> datetime | None:
    """When something becomes of an open entitlement by itself: it ends, or what set it aside lapses."""
    if row.state not in OPEN:
        return None
    return row.reserved_until if row.reserved_until is not None else row.expires_at


def revoke(turn: Turn, row: Entitlement, reason: str) -> None:
    """Take back what is unused, and put its stock back; what was used stays used, and is said."""
    if row.state not in OPEN:
        if row.state == "used":
            turn.note("not_taken_back", {"benefit": row.benefit, "id": row.id})
        return
    step(turn, row, "revoked", reason)
    if row.uses:  # What was begun is used: the piece does not go back on the shelf.
        turn.note("not_taken_back", {"benefit": row.benefit, "id": row.id, "times": row.uses})
        return
    # By the terms it was counted by: what had no stock then has none to go back to.
    at = row.counted_at or row.issued_at
    benefit = turn.book.live.at(at).ruleset.benefits[row.benefit]
    if benefit.stock is not None:
        limits.take(turn, stock(row.benefit), -1)
    if benefit.per_member is not None and limits.used(turn, _path(row.benefit), PER_MEMBER, "") > 0:
        limits.use(turn, _path(row.benefit), PER_MEMBER, "", -1)
    quotas.give_back(turn, row.benefit, benefit, row.policy, at, row.promo)


def find(turn: Turn, code: str) -> Entitlement:
    """The entitlement behind a code. A partner finds its own codes and no others, whoever holds them."""
    found = turn.book.get(Code, NOBODY, turn.book.keys.code_hash(code))
    row = turn.book.get(Entitlement, found.member_id, found.entitlement_id) if found else None
    if row is None or (turn.partner is not None and row.partner != turn.partner):
        raise Refused("CODE_UNKNOWN")
    return row


def verify(turn: Turn, code: str, *, use: bool, part: str | None = None) -> Entitlement:
    """Look up what is behind a code; with `use` it is used, once or for the last time."""
    row = find(turn, code)
    if row.state == "used":
        raise Refused("CODE_USED")
    if row.state not in OPEN or (row.expires_at is not None and row.expires_at <= turn.instant):
        raise Refused("CODE_EXPIRED")
    benefit = promised(turn, row)
    must_have_part(row, benefit, part)
    row = use_once(turn, row, benefit, part) if use else row
    more = {"uses_left": left_of(row, benefit)} if benefit.uses else {}
    turn.notes["code"] = {"benefit": row.benefit, "used": use, "id": row.id} | more | ({"part": part} if part else {})
    return row


def promised(turn: Turn, row: Entitlement) -> Benefit:
    """A benefit as it was when this piece of it was given."""
    return turn.book.live.at(row.issued_at).ruleset.benefits[row.benefit]


def left_of(row: Entitlement, benefit: Benefit) -> int:
    """How often a piece can still be used."""
    return max(0, (benefit.uses or 1) - row.uses) if row.state in OPEN else 0


def use_once(turn: Turn, row: Entitlement, benefit: Benefit, part: str | None, reason: str = "code") -> Entitlement:
    """Use a piece once more; with its last use it is used up."""
    if benefit.uses is None:
        return step(turn, row, "used", reason)
    used: dict[str, int] = parse(row.parts) if row.parts else {}
    parts = used | {part: used.get(part, 0) + 1} if part else used
    row = changed(row, uses=row.uses + 1, parts=canonical(parts) if parts else None, used_at=turn.at)
    return step(turn, row, "used" if row.uses >= benefit.uses else "issued", reason, part)


def unused(turn: Turn, key: str) -> list[Entitlement]:
    """The member's pieces of a benefit that can be used, what ends first before the rest."""
    rows = (row for row in turn.book.of(Entitlement, turn.member_id) if row.benefit == key and row.state == "issued")
    alive = (row for row in rows if row.expires_at is None or row.expires_at > turn.at)
    return sorted(alive, key=lambda row: (row.expires_at or calendar.FOREVER, row.issued_at, row.id))


def held(turn: Turn, key: str) -> int:
    """How many pieces of a benefit a member can use."""
    return len(unused(turn, key))


def uses_left(turn: Turn, key: str) -> int:
    """How often a member can still use what it has of a benefit."""
    return sum(left_of(row, promised(turn, row)) for row in unused(turn, key))


def withdraw(turn: Turn, key: str, count: int | None) -> int:
    """Take back so many unused pieces, or all of them; how many it came to."""
    rows = unused(turn, key)[:count]
    for row in rows:
        revoke(turn, row, WITHDRAWN if turn.order_id is None else f"{WITHDRAWN}:{turn.order_id}")
    return len(rows)


def upgrade(turn: Turn, key: str, to: str, policy: str) -> Entitlement | None:
    """Give a better benefit for one that is unused, until the later of both ends; None where there is none."""
    old = next(iter(unused(turn, key)), None)
    if old is None:
        return None
    new = issue(turn, to, policy=policy, points=old.points, transfer_id=old.transfer_id, money=old.money)
    ends = None if new.expires_at is None or old.expires_at is None else max(new.expires_at, old.expires_at)
    new = turn.book.put(changed(new, expires_at=ends))
    revoke(turn, old, f"{UPGRADED}:{new.id}")
    return new


def give_again(turn: Turn, order: Order) -> None:
    """All of an order came back: what its policies had withdrawn or replaced is the member's again.

    A better piece that was used meanwhile stays, and what it had replaced stays gone. What the order had brought by
    itself does not come back: of a piece that it replaced twice there is the first again, and no other.
    """
    for move in list(turn.book.of(EntitlementMove, turn.member_id)):
        word, _, number = move.reason.partition(":")
        if move.state_to != "revoked" or not number:
            continue
        if word == WITHDRAWN and int(number) == order.id:
            _restore(turn, move.entitlement_id, order)
        elif word == UPGRADED and move.event_id == order.event_id:
            new = turn.book.need(Entitlement, turn.member_id, int(number))
            if new.order_id == order.id:
                revoke(turn, new, "returned")
                if not new.uses and turn.book.need(Entitlement, turn.member_id, new.id).state == "revoked":
                    _restore(turn, move.entitlement_id, order)


def _restore(turn: Turn, number: int, order: Order) -> None:
    row = turn.book.need(Entitlement, turn.member_id, number)
    benefit = turn.ruleset.benefits.get(row.benefit)
    if row.state != "revoked" or row.order_id == order.id:
        return
    if benefit is not None and not row.uses:
        try:
            _take_one(turn, row.benefit, benefit, row.policy, None)
        except Refused as refusal:  # Somebody else has had it meanwhile.
            turn.note("not_given", {"benefit": row.benefit, "policy": row.policy or "", "code": refusal.code})
            return
        row = changed(row, counted_at=turn.instant, promo=None)
    step(turn, row, "issued", "given_again")


def must_have_part(row: Entitlement, benefit: Benefit, part: str | None) -> None:
    """Refused where the part of its uses is unknown, or used up."""
    if part is None:
        return
    limits_of = benefit.sub_limits or {}
    if part not in limits_of:
        raise Refused("PART_UNKNOWN", part=part, benefit=row.benefit, allowed=sorted(limits_of))
    used: dict[str, int] = parse(row.parts) if row.parts else {}
    if used.get(part, 0) >= limits_of[part]:
        raise Refused("LIMIT_REACHED", benefit=row.benefit, most=limits_of[part])


def _bought(benefit: Benefit, entry: Transfer) -> str:
    return "used" if entry.burnt_on and benefit.uses is None else "issued"


def _take_one(turn: Turn, key: str, benefit: Benefit, policy: str | None, promo: str | None) -> None:
    quotas.take(turn, key, benefit, policy, promo)
    if benefit.per_member is not None:
        if limits.used(turn, _path(key), PER_MEMBER, "") >= benefit.per_member:
            raise Refused("LIMIT_REACHED", benefit=key, most=benefit.per_member)
        limits.use(turn, _path(key), PER_MEMBER, "", 1)
    if benefit.stock is not None:
        if limits.left(turn, stock(key)) < 1:
            raise Refused("OUT_OF_STOCK", benefit=key)
        limits.take(turn, stock(key), 1)
        _tell_low(turn, key, benefit)


def _tell_low(turn: Turn, key: str, benefit: Benefit) -> None:
    """Somebody is told once when the mark is reached; a counter of its own sees to the once, whoever comes first."""
    mark, left = benefit.supply.low_stock if benefit.supply else None, limits.left(turn, stock(key))
    if mark is None or left > mark or limits.left(turn, low_of(key, benefit)) < 1:
        return
    limits.take(turn, low_of(key, benefit), 1)
    text = every_language("alert.low_stock", title=dict(benefit.title.by_language()), left=left)
    outbox.put(turn, "alert", {"alert": "low_stock", "benefit": key, "left": left, "mark": mark, "text": text})


def _unpack(turn: Turn, benefit: Benefit, policy: str | None, reason: str | None) -> None:
    for one in benefit.contains or ():
        for _ in range(one.count):
            issue(turn, one.benefit, policy=policy, reason=reason)


def _promised_at(turn: Turn, benefit: Benefit) -> datetime | None:
    """By when somebody has to deliver it, if anybody has."""
    if benefit.supply is None:
        return None
    return calendar.later(turn.at, Span(days=benefit.supply.lead_days or 0), turn.ruleset.zone)


def _end(turn: Turn, benefit: Benefit) -> datetime | None:
    return calendar.life_end(turn.begins, benefit.valid, turn.ruleset.zone)


def _open_by_code(turn: Turn, row: Entitlement, benefit: Benefit) -> None:
    if benefit.code:
        hashed = turn.book.keys.code_hash(turn.book.keys.code_of(row.id))
        turn.book.put(Code(row.programme_id, hashed, row.member_id, row.id))


def _path(key: str) -> str:
    return f"benefits/{key}"


def moved(turn: Turn, row: Entitlement, before: str | None, reason: str, part: str | None = None) -> None:
    """Write down a step in the life of an entitlement, which stands as it is after it."""
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
            part=part,
        )
    )
