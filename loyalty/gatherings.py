"""Gatherings on the book: seats, the line for them, and who came.

Seats are a shared counter, guarded where it is written: never more are taken than there are. Whoever waits is served in
the order of the fold; a newcomer gets no seat while anybody waits.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from loyalty import frozen, limits, occasions, outbox, points, steps
from loyalty.arrived import Arrived
from loyalty.events import (
    ClockGathering,
    ClockSeat,
    GatheringAttend,
    GatheringCancel,
    GatheringMoveUp,
    GatheringSignUp,
    MemberRef,
)
from loyalty.refusals import Refused
from loyalty.shares import LINE_MAX, line, places, seats
from loyalty.turn import Turn
from models.gatherings import SignUp
from models.points import Transfer
from models.table import changed
from rules.calendar import from_instant
from rules.gatherings import Gathering

DOORS: Final = timedelta(hours=24)  # So long before it starts a host may begin to scan.
SEATED: Final = ("signed_up", "attended", "missed")
OPEN: Final = ("signed_up", "waiting")


def gathering_of(turn: Turn, key: str) -> Gathering:
    """A gathering of the ruleset that decides; a request for another one is refused."""
    return occasions.declared(turn.ruleset.gatherings, key, "GATHERING_UNKNOWN")


def starts_at(turn: Turn, own: Gathering) -> datetime:
    """When it begins."""
    return from_instant(own.starts, turn.ruleset.zone)


def cancel_until(turn: Turn, own: Gathering) -> datetime:
    """Until when a seat can be given back."""
    return from_instant(own.cancel_until or own.starts, turn.ruleset.zone)


def own_sign_up(turn: Turn, key: str) -> SignUp | None:
    """The member's sign-up for a gathering that is still good for something, or the last one."""
    rows = [row for row in turn.book.of(SignUp, turn.member_id) if row.gathering == key]
    return next((row for row in rows if row.state in OPEN), rows[-1] if rows else None)


def refusal(turn: Turn, key: str, own: Gathering, guests: int = 0) -> Refused | None:
    """Why the member cannot sign up now, apart from seats; None where it can."""
    if (why := occasions.refusal(turn, f"gatherings/{key}", own.sign_up, own.title)) is not None:
        return why
    held = own_sign_up(turn, key)
    if held is not None and held.state in (*SEATED, "waiting"):
        return Refused("SIGNED_UP_ALREADY", title=dict(own.title.by_language()))
    if guests > own.guests:
        return Refused("TOO_MANY_GUESTS", title=dict(own.title.by_language()), most=own.guests)
    return None


def waits(turn: Turn, key: str) -> bool:
    """Whether anybody waits for a seat."""
    return occasions.noted(turn, line(key)) < LINE_MAX


def sign_up(turn: Turn, one: Arrived, arrival: GatheringSignUp) -> None:
    """Take seats; where there are none, a place in the line."""
    key, own, wanted = arrival.gathering, gathering_of(turn, arrival.gathering), arrival.guests + 1
    if (why := refusal(turn, key, own, arrival.guests)) is not None:
        raise why
    if not waits(turn, key) and limits.left(turn, seats(key)) >= wanted:
        limits.take(turn, seats(key), wanted)
        entry = occasions.pay(turn, own.points)
        row = _put(turn, key, "signed_up", wanted, entry)
        _happened(turn, "gathering.signed_up", row)
    elif own.waiting_list is not None and limits.left(turn, places(key)) >= 1:
        limits.take(turn, places(key), 1)
        limits.take(turn, line(key), 1)
        _put(turn, key, "waiting", wanted, None)
    else:
        raise Refused("GATHERING_FULL", title=dict(own.title.by_language()))


def cancel(turn: Turn, one: Arrived, arrival: GatheringCancel) -> None:
    """Give seats back, with the points they cost, and let whoever is first in line have them."""
    own, row = gathering_of(turn, arrival.gathering), own_sign_up(turn, arrival.gathering)
    if row is None or row.state not in OPEN:
        raise Refused("NOT_SIGNED_UP", title=dict(own.title.by_language()))
    if row.state == "waiting":
        _leave_line(turn, row, "cancelled")
        return
    if occasions.now(turn) >= cancel_until(turn, own):
        at = occasions.local(turn, cancel_until(turn, own))
        raise Refused("TOO_LATE_TO_CANCEL", title=dict(own.title.by_language()), at=at)
    _free(turn, row)
    if row.transfer_id is not None:
        points.give_back(turn, turn.book.need(Transfer, turn.member_id, row.transfer_id), row.points)
    _step(turn, row, "cancelled")
    call_next(turn, row.gathering)
    steps.follow_up(turn)


def attend(turn: Turn, one: Arrived, arrival: GatheringAttend) -> None:
    """The member is there: policies may hear of it."""
    row = turn.book.get(SignUp, turn.member_id, arrival.sign_up_id)
    if row is None:
        raise Refused("NOT_FOUND")
    own = gathering_of(turn, row.gathering)
    if row.state == "attended":
        raise Refused("ATTENDED_ALREADY", title=dict(own.title.by_language()))
    if row.state != "signed_up":
        raise Refused("NOT_SIGNED_UP", title=dict(own.title.by_language()))
    if occasions.now(turn) < (doors := starts_at(turn, own) - DOORS):
        raise Refused("ENTRY_NOT_OPEN", title=dict(own.title.by_language()), at=occasions.local(turn, doors))
    _happened(turn, "gathering.attended", _step(turn, row, "attended"))


def move_up(turn: Turn, one: Arrived, arrival: GatheringMoveUp | ClockSeat) -> None:
    """Whoever is first in line gets the seats, if they are still there; who cannot pay is passed over."""
    key, row = arrival.gathering, next(_own(turn, arrival.gathering, "waiting"), None)
    own = turn.ruleset.gatherings.get(key)
    if own is None or occasions.now(turn) >= starts_at(turn, own):
        return
    free = occasions.noted(turn, seats(key))
    if row is not None and free >= row.seats:
        if _can_pay(turn, own):
            _leave_line(turn, row, "signed_up")
            limits.take(turn, seats(key), row.seats)
            entry = occasions.pay(turn, own.points)
            row = turn.book.need(SignUp, turn.member_id, row.id)
            if entry is not None:
                row = turn.book.put(changed(row, points=entry.amount, transfer_id=entry.id))
            outbox.put(turn, "gathering.moved_up", {"gathering": key, "seats": row.seats})
            _happened(turn, "gathering.signed_up", row)
        else:
            _leave_line(turn, row, "lapsed")
            outbox.put(turn, "gathering.passed_over", {"gathering": key})
    call_next(turn, key)


def end(turn: Turn, one: Arrived, arrival: ClockGathering) -> None:
    """It is over: who had a seat and did not come has missed it, who waits waits no more."""
    for row in list(_own(turn, arrival.gathering, "signed_up")):
        _step(turn, row, "missed")
    for row in list(_own(turn, arrival.gathering, "waiting")):
        _leave_line(turn, row, "lapsed")


def give_up(turn: Turn, row: SignUp) -> None:
    """Let go of a seat or a place in line, for nothing. The clock calls whoever is next."""
    _free(turn, row)
    turn.book.put(changed(row, state="cancelled", changed_at=turn.at))


def call_next(turn: Turn, key: str) -> None:
    """Tell the first in line, if there are seats enough: an event of that member, whose lock nobody here has.

    Who is first was read without a lock, and so may have changed: its own event looks again, and calls the next.
    """
    first = next(in_line(turn, key), None)
    if first is not None and limits.left(turn, seats(key)) >= first.seats:
        ref = MemberRef(id=first.member_id)
        turn.queued.append(GatheringMoveUp(f"caused:{turn.event_id}", ref, key))


def in_line(turn: Turn, key: str) -> Iterator[SignUp]:
    """Who waits, as far as this batch has read: first come, first served."""
    waiting = (row for row in turn.book.rows(SignUp) if row.gathering == key and row.state == "waiting")
    return iter(sorted(waiting, key=lambda row: row.place))


def price_of(turn: Turn, own: Gathering) -> int:
    """What a sign-up costs, in the main wallet's units."""
    return occasions.price_of(turn, own.points)


def _own(turn: Turn, key: str, state: str) -> Iterator[SignUp]:
    """The member's sign-ups in one state: of an account that another went into there may be several."""
    return (row for row in turn.book.of(SignUp, turn.member_id) if row.gathering == key and row.state == state)


def _can_pay(turn: Turn, own: Gathering) -> bool:
    """Whether it can be paid now: who is frozen spends nothing, and the line goes on without."""
    price, wallet = price_of(turn, own), turn.programme.main_wallet
    if price and (turn.member.status == "frozen" or frozen.is_frozen(turn, wallet)):
        return False
    return points.shown(points.wallet_of(turn, wallet)) >= price


def _put(turn: Turn, key: str, state: str, wanted: int, entry: Transfer | None) -> SignUp:
    row = turn.book.put(
        SignUp(
            programme_id=turn.book.programme_id,
            member_id=turn.member_id,
            id=turn.book.new_id(SignUp),
            event_id=turn.event_id,
            gathering=key,
            state=state,
            seats=wanted,
            place=turn.position,
            at=turn.at,
            changed_at=turn.at,
            points=entry.amount if entry else 0,
            transfer_id=entry.id if entry else None,
        )
    )
    return _noted(turn, row)


def _step(turn: Turn, row: SignUp, state: str) -> SignUp:
    return _noted(turn, turn.book.put(changed(row, state=state, changed_at=turn.at)))


def _free(turn: Turn, row: SignUp) -> None:
    """What a sign-up had taken is there for others."""
    if row.state == "waiting":
        limits.take(turn, places(row.gathering), -1)
        limits.take(turn, line(row.gathering), -1)
    else:
        limits.take(turn, seats(row.gathering), -row.seats)


def _leave_line(turn: Turn, row: SignUp, state: str) -> SignUp:
    _free(turn, row)
    return _step(turn, row, state)


def _noted(turn: Turn, row: SignUp) -> SignUp:
    turn.notes["sign_up"] = {"id": row.id, "gathering": row.gathering, "state": row.state, "seats": row.seats}
    return row


def _happened(turn: Turn, kind: str, row: SignUp) -> None:
    occasions.happened(turn, kind, gathering_key=row.gathering, gathering_seats=row.seats)
