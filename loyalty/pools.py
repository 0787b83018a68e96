"""Family pools: a pool is a holder like a member, with lots and a ledger of its own, and no policies.

Whatever a pool decides is the pool's own event; that somebody is in it is said by that member's own. Points go in and
come out through transit, like any transfer. A redemption the pool pays stays the member's: price, caps and what is
given are the member's, and transit is paid by the pool's lots, the first to expire first.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from loyalty import frozen, points, sending, transfers
from loyalty.arrived import Arrived
from loyalty.events import (
    MemberRef,
    PointsReceived,
    PointsRedeem,
    PoolClose,
    PoolContribute,
    PoolCreate,
    PoolDeparted,
    PoolEntered,
    PoolInvite,
    PoolJoin,
    PoolLeave,
    PoolPaid,
    PoolReleased,
    PoolRepaid,
)
from loyalty.points import Why
from loyalty.redeemed import paid_by
from loyalty.refusals import Refused
from loyalty.turn import Turn
from models.codec import canonical
from models.members import Identity, Member
from models.points import Lot, Transfer
from models.pools import INVITATION, PoolInvitation, PoolMember
from models.table import changed
from rules import calendar
from rules.pools import Pools

OPEN: Final = "pool"
CLOSED: Final = "closed"


def terms_of(turn: Turn) -> Pools:
    """What the programme says of pools; refused where it has none."""
    terms = turn.programme.pools
    if terms is None:
        raise Refused("POOL_NONE")
    return terms


def wallet_of(turn: Turn) -> str:
    """The wallet whose points are pooled."""
    return terms_of(turn).wallet or turn.programme.main_wallet


def members(turn: Turn, pool: int) -> list[PoolMember]:
    """Who is in a pool now, in the order they came."""
    rows = [row for row in turn.book.of(PoolMember, pool) if row.left_at is None]
    return sorted(rows, key=lambda row: (row.joined_at, row.id))


# The pool's own events.


def create(turn: Turn, one: Arrived, arrival: PoolCreate) -> None:
    """Make the pool, owned by whoever asked."""
    terms_of(turn)
    _must_be_free(turn, arrival.person)
    turn.book.put(
        Member(
            programme_id=turn.book.programme_id,
            id=turn.member_id,
            event_id=turn.event_id,
            status=OPEN,
            joined_at=turn.instant,
            clock=turn.instant,
            locale=turn.programme.languages[0],
            profile_complete=False,
            orders=0,
            merged_into=None,
        )
    )
    _enter(turn, arrival.person, "owner")


def invite(turn: Turn, one: Arrived, arrival: PoolInvite) -> None:
    """A code for one person, for so many days."""
    _must_be_open(turn)
    _must_own(turn, arrival.person)
    number = turn.book.new_id(PoolInvitation)
    hashed = turn.book.keys.code_hash(turn.book.keys.code_of(number))
    ends_at = turn.instant + timedelta(days=terms_of(turn).invitation_days)
    place = (turn.book.programme_id, turn.member_id, number, turn.event_id)
    turn.book.put(PoolInvitation(*place, hash=hashed, ends_at=ends_at, used_by=None))
    turn.book.put(Identity(turn.book.programme_id, INVITATION, hashed, turn.member_id, turn.event_id))
    turn.notes["invitation"] = {"id": number, "ends_at": ends_at.isoformat()}


def join(turn: Turn, one: Arrived, arrival: PoolJoin) -> None:
    """One person more, by an invitation that is used up."""
    found = [row for row in turn.book.of(PoolInvitation, turn.member_id) if row.hash == arrival.invitation]
    if turn.member.status != OPEN or not found or found[0].used_by or found[0].ends_at <= turn.instant:
        raise Refused("INVITATION_UNKNOWN")
    _must_be_free(turn, arrival.person)
    most = terms_of(turn).members_most
    if len(members(turn, turn.member_id)) >= most:
        raise Refused("POOL_FULL", most=most)
    turn.book.put(changed(found[0], used_by=arrival.person))
    _enter(turn, arrival.person, "member")


def close(turn: Turn, one: Arrived, arrival: PoolClose) -> None:
    """The end of the pool: everybody is let go, and the points go where the programme says."""
    _must_be_open(turn)
    _must_own(turn, arrival.person)
    there = members(turn, turn.member_id)
    _distribute(turn, there, arrival.person)
    for row in there:
        turn.book.put(changed(row, left_at=turn.instant))
        turn.queued.append(PoolReleased(_caused(turn), MemberRef(id=row.person_id), turn.member_id))
    turn.book.put(changed(turn.member, status=CLOSED))


def departed(turn: Turn, one: Arrived, arrival: PoolDeparted) -> None:
    """One person fewer; where the last one goes the pool ends, and where the owner goes the eldest owns it."""
    there = members(turn, turn.member_id)
    gone = next((row for row in there if row.person_id == arrival.person), None)
    if gone is None:
        return
    rest = [row for row in there if row is not gone]
    if arrival.heir is not None and not rest:
        _distribute(turn, [gone], arrival.heir)
    elif arrival.heir is not None and terms_of(turn).on_leave == "share":
        _send(turn, arrival.heir, _part(turn, gone, there))
    turn.book.put(changed(gone, left_at=turn.instant))
    if not rest:
        turn.book.put(changed(turn.member, status=CLOSED))
    elif gone.role == "owner":
        turn.book.put(changed(rest[0], role="owner"))


def paid(turn: Turn, one: Arrived, arrival: PoolPaid) -> None:
    """Pay transit for a redemption. What was there when it was asked for is there still; if not, it is owed."""
    there = max(0, points.shown(points.wallet_of(turn, arrival.wallet)))
    why = Why("pool_paid", burnt_on=paid_by(arrival.paid_for))
    if part := min(there, arrival.points):
        points.spend(turn, arrival.wallet, part, why, credit="transit")
    if part < arrival.points:
        points.transfer(turn, arrival.wallet, "owed", "transit", arrival.points - part, why)


def repaid(turn: Turn, one: Arrived, arrival: PoolRepaid) -> None:
    """Give back to the lots that paid, with their own ends; a pool that is closed passes it on to who owned it."""
    left = arrival.points
    for entry in [row for row in turn.book.of(Transfer, turn.member_id) if row.burnt_on == paid_by(arrival.paid_for)]:
        part = min(left, entry.amount - points.given_back(turn, entry))
        if part > 0 and entry.debit == "available":
            points.give_back(turn, entry, part)
            left -= part
    if left:  # What was owed for it is owed no more.
        points.transfer(turn, wallet_of(turn), "transit", "owed", left, Why("pool_repaid"))
    owners = [row for row in turn.book.of(PoolMember, turn.member_id) if row.role == "owner"]
    if turn.member.status == CLOSED and owners:
        _send(turn, owners[-1].person_id, _balance(turn))


def receive(turn: Turn, one: Arrived, arrival: PointsReceived) -> None:
    """Points come in, to a person or to a pool; a pool knows who put in how much."""
    if turn.is_pool and not arrival.lost:
        _contributed(turn, arrival)
    transfers.receive(turn, one, arrival)


def _contributed(turn: Turn, arrival: PointsReceived) -> None:
    """What a person put in counts as its part; a pool that is closed takes nothing."""
    if turn.member.status == CLOSED:
        raise Refused("POOL_CLOSED")
    amount = sum(portion.points for portion in arrival.portions)
    for row in members(turn, turn.member_id):
        if row.person_id == arrival.giver:
            turn.book.put(changed(row, contributed=row.contributed + amount))


# A member's own.


def contribute(turn: Turn, one: Arrived, arrival: PoolContribute) -> None:
    """Put points into one's pool."""
    _must_be_in(turn, arrival.pool)
    sending.send(turn, arrival.pool, wallet_of(turn), arrival.points, "pooled", "pool_received")


def leave(turn: Turn, one: Arrived, arrival: PoolLeave) -> None:
    """Leave one's pool; an owner leaves last, or closes it."""
    _must_be_in(turn, arrival.pool)
    there = members(turn, arrival.pool)
    if len(there) > 1 and any(row.person_id == turn.member_id and row.role == "owner" for row in there):
        raise Refused("POOL_OWNER_STAYS")
    depart(turn, turn.member_id)


def depart(turn: Turn, heir: int | None) -> None:
    """Take this turn's member out of its pool, if it is in one: what leaving, merging and erasing have in common.

    `heir` has the member's part where the programme gives leavers one: itself, or whom it is merged into; None of one
    that is erased, whose part stays.
    """
    pool = turn.member.pool_id
    if pool is not None:
        turn.book.put(changed(turn.member, pool_id=None))
        turn.queued.append(PoolDeparted(_caused(turn), MemberRef(id=pool), turn.member_id, heir))


def entered(turn: Turn, one: Arrived, arrival: PoolEntered) -> None:
    """In the pool from now on."""
    turn.book.put(changed(turn.member, pool_id=arrival.pool))


def released(turn: Turn, one: Arrived, arrival: PoolReleased) -> None:
    """In no pool any more."""
    if turn.member.pool_id == arrival.pool:
        turn.book.put(changed(turn.member, pool_id=None))


def pay(turn: Turn, arrival: PointsRedeem, wallet: str, amount: int, why: Why) -> Transfer:
    """Let the pool pay a redemption of one of its members, as far as it may spend."""
    terms = terms_of(turn)
    _must_be_in(turn, arrival.pool)
    frozen.must_be_free(turn, wallet)  # Who may not spend does not spend the others' either.
    if wallet != wallet_of(turn) or arrival.hold:
        raise Refused("POOL_NOT_ALLOWED")
    if turn.book.get(Member, arrival.pool) is not None:  # Not where this is folded again: it was so.
        own = next((row for row in members(turn, arrival.pool) if row.person_id == turn.member_id), None)
        if own is None or (terms.spend == "owner" and own.role != "owner"):
            raise Refused("POOL_NOT_ALLOWED")
        missing = amount - _spendable(turn, arrival.pool, wallet)
        if missing > 0:
            raise Refused("INSUFFICIENT_POINTS", missing=missing, points=amount)
    unit = 10 ** turn.programme.wallets[wallet].scale
    transfers.use_caps(turn, "pool", "spent", amount, {"month": terms.spend_per_month}, unit, "POOL_LIMIT_REACHED")
    note = canonical({"pool": arrival.pool})
    entry = points.transfer(turn, wallet, "transit", "redeemed", amount, replace(why, note=note))
    ref = MemberRef(id=arrival.pool)
    turn.queued.append(PoolPaid(_caused(turn), ref, wallet, amount, turn.event_id))
    return entry


# What they have in common.


def _caused(turn: Turn) -> str:
    return f"caused:{turn.event_id}"


def _enter(turn: Turn, person: int, role: str) -> None:
    place = (turn.book.programme_id, turn.member_id, turn.book.new_id(PoolMember), turn.event_id)
    turn.book.put(PoolMember(*place, person, role, joined_at=turn.instant, left_at=None, contributed=0))
    turn.queued.append(PoolEntered(_caused(turn), MemberRef(id=person), turn.member_id))


def _must_be_free(turn: Turn, person: int) -> None:
    """A person that is in no pool yet. Of an event that is folded again the person is not at hand: it was so."""
    row = turn.book.get(Member, person)
    if row is not None and row.status != "active":
        raise Refused("POOL_NOT_ALLOWED")
    if row is not None and row.pool_id is not None:
        raise Refused("POOL_ALREADY")


def _must_be_open(turn: Turn) -> None:
    if turn.member.status != OPEN:
        raise Refused("POOL_CLOSED")


def _must_own(turn: Turn, person: int) -> None:
    if not any(row.person_id == person and row.role == "owner" for row in members(turn, turn.member_id)):
        raise Refused("POOL_NOT_ALLOWED")


def _must_be_in(turn: Turn, pool: int) -> None:
    there = turn.book.get(Member, pool)
    if turn.member.pool_id != pool:
        raise Refused("POOL_NONE")
    if there is not None and there.status != OPEN:
        raise Refused("POOL_CLOSED")


def _spendable(turn: Turn, pool: int, wallet: str) -> int:
    """What a pool can pay now, what has ended by now left aside: its books are settled when it pays."""
    now = max(turn.at, turn.book.need(Member, pool).clock)
    lots = (lot for lot in turn.book.of(Lot, pool) if lot.wallet == wallet and lot.matured)
    return sum(points.free(lot) for lot in lots if (lot.expires_at or calendar.FOREVER) > now)


def _balance(turn: Turn) -> int:
    return max(0, points.shown(points.wallet_of(turn, wallet_of(turn))))


def _part(turn: Turn, row: PoolMember, there: list[PoolMember]) -> int:
    """A person's part of the pool, by what those who are there have put in; rounded down."""
    whole = sum(one.contributed for one in there)
    return _balance(turn) * row.contributed // whole if whole else 0


def _distribute(turn: Turn, there: list[PoolMember], owner: int) -> None:
    """Everybody's part, the rest to the owner; or all of it to the owner."""
    parts: Iterator[tuple[int, int]] = iter(())
    if terms_of(turn).on_close == "share":
        parts = iter([(row.person_id, _part(turn, row, there)) for row in there if row.person_id != owner])
    for person, amount in parts:
        _send(turn, person, amount)
    _send(turn, owner, _balance(turn))


def _send(turn: Turn, person: int, amount: int) -> None:
    if amount > 0:
        sending.send(turn, person, wallet_of(turn), amount, "pool_returned", "received_from_pool")


HANDLERS: Final[dict[type, Any]] = {
    PoolCreate: create,
    PoolInvite: invite,
    PoolJoin: join,
    PoolClose: close,
    PoolLeave: leave,
    PoolContribute: contribute,
    PoolEntered: entered,
    PoolReleased: released,
    PoolDeparted: departed,
    PoolPaid: paid,
    PoolRepaid: repaid,
    PointsReceived: receive,
}
