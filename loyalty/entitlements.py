"""The life of a piece, step by step: given, taken, set aside, used, taken back, delivered; each is a request.

Refused, a step changes nothing; a step that was made is a move of the piece, and stands in its event's receipt.
"""

from datetime import timedelta

from loyalty import audit, benefits, circumstances, eligible, promos, quotas, steps
from loyalty.arrived import Arrived
from loyalty.circumstances import Circumstances
from loyalty.events import (
    BenefitClaim,
    BenefitFulfil,
    BenefitGrant,
    BenefitRelease,
    BenefitReserve,
    BenefitRevoke,
    BenefitUse,
)
from loyalty.refusals import Refused
from loyalty.settling import settle
from loyalty.turn import Turn
from models.benefits import Entitlement
from models.table import changed


def grant(turn: Turn, one: Arrived, arrival: BenefitGrant) -> None:
    """Give pieces by name and with a reason; who, what and why is in the audit too."""
    for _ in range(arrival.count):
        benefits.issue(turn, arrival.benefit, policy=None, value=arrival.value, reason="granted")
    after = {"benefit": arrival.benefit, "count": arrival.count, "event": turn.event_id}
    _told(turn, one, "benefit.grant", after, arrival.reason)
    steps.follow(turn)


def claim(turn: Turn, one: Arrived, arrival: BenefitClaim) -> None:
    """Take a piece of what is free to take, or what a promo code brings."""
    promo = None
    key = arrival.benefit
    if arrival.promo:
        found = promos.find(turn, arrival.promo)
        key, promo = found.benefit, quotas.promo_counter(found.promo).removeprefix(quotas.PROMO)
    benefit = benefits.benefit_of(turn, key)
    if promo is None and not benefit.claim:
        raise Refused("NOT_CLAIMABLE", benefit=key, title=dict(benefit.title.by_language()))
    eligible.must(turn, arrival.kind, arrival, key, benefit)
    benefits.issue(turn, key, policy=None, reason="claimed", promo=promo)
    steps.follow(turn)


def reserve(turn: Turn, one: Arrived, arrival: BenefitReserve) -> None:
    """Set a piece aside for an order that is not final yet; it lapses by itself."""
    row = _open(turn, arrival.entitlement_id, "issued")
    minutes = arrival.minutes or turn.programme.hold_minutes
    row = changed(row, reserved_until=turn.at + timedelta(minutes=minutes))
    benefits.step(turn, row, "reserved", "reserved")
    steps.follow(turn)


def release(turn: Turn, one: Arrived, arrival: BenefitRelease) -> None:
    """Let a piece be used again; one whose end has come meanwhile is expired."""
    row = _open(turn, arrival.entitlement_id, "reserved")
    benefits.step(turn, changed(row, reserved_until=None), "issued", "released")
    settle(turn, turn.at, steps.follow_up)
    steps.follow(turn)


def use(turn: Turn, one: Arrived, arrival: BenefitUse) -> None:
    """Use a piece, once or for the last time, where it may be used."""
    row = _open(turn, arrival.entitlement_id, "issued", "reserved")
    benefit = benefits.promised(turn, row)
    there = Circumstances(
        arrival.shop, arrival.order_number, arrival.basket, arrival.channel, arrival.store, arrival.lines
    )
    circumstances.must_fit(turn, row, benefit, there)
    benefits.must_have_part(row, benefit, arrival.part)
    row = changed(row, reserved_until=None, used_on=there.order)
    benefits.use_once(turn, row, benefit, arrival.part, reason="used")
    steps.follow(turn)


def revoke(turn: Turn, one: Arrived, arrival: BenefitRevoke) -> None:
    """Take a piece back that is not used up, and say why."""
    row = _of(turn, arrival.entitlement_id)
    if row.state not in benefits.OPEN or _held(row):
        raise Refused("ENTITLEMENT_CLOSED", state=row.state)
    benefits.revoke(turn, changed(row, reserved_until=None), "revoked")
    _told(turn, one, "benefit.revoke", {"entitlement": row.id, "benefit": row.benefit}, arrival.reason)
    steps.follow(turn)


def fulfil(turn: Turn, one: Arrived, arrival: BenefitFulfil) -> None:
    """What was promised has been delivered: a fact beside the state, once."""
    row = _of(turn, arrival.entitlement_id)
    if row.promised_at is None:
        raise Refused("NOTHING_PROMISED", benefit=row.benefit)
    if row.fulfilled_at is not None or row.state in ("expired", "revoked"):
        raise Refused("ENTITLEMENT_CLOSED", state="fulfilled" if row.fulfilled_at is not None else row.state)
    turn.book.put(changed(row, fulfilled_at=turn.at))
    turn.note("entitlements", {"id": row.id, "benefit": row.benefit, "state": row.state})
    turn.notes["fulfilled"] = {"id": row.id, "benefit": row.benefit, "late": turn.at > row.promised_at}


def _of(turn: Turn, number: int) -> Entitlement:
    row = turn.book.get(Entitlement, turn.member_id, number)
    if row is None:
        raise Refused("NOT_FOUND")
    return row


def _held(row: Entitlement) -> bool:
    """Whether a hold on points has it: it comes and goes with those."""
    return row.state == "reserved" and row.reserved_until is None


def _open(turn: Turn, number: int, *states: str) -> Entitlement:
    row = _of(turn, number)
    if row.state not in states or _held(row):
        raise Refused("ENTITLEMENT_CLOSED", state=row.state)
    return row


def _told(turn: Turn, one: Arrived, action: str, after: dict[str, object], reason: str) -> None:
    """Who did it and why: under the event's own number, which nothing else has."""
    change = audit.Change(action, f"member {turn.member_id}", turn.book.recorded_at, after=after, note=reason)
    turn.book.put(audit.row(turn.event_id, turn.book.programme_id, one.subject, change))
