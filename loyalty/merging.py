"""One account goes on in another: everything it has leaves it here, in one event of its own, for good.

The other side is `loyalty/absorbing.py`, an event of the survivor: points through `transit`, with the life they have
left; orders with all they brought, so that a later return finds it; names and codes, which lead to the survivor.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from loyalty import audit, benefits, holds, partaking, points, pools, settling, standings, steps
from loyalty.arrived import Arrived
from loyalty.book import NOBODY
from loyalty.carried import Said, said
from loyalty.events import MemberAbsorbed, MemberRef, MembersMerge
from loyalty.points import Why
from loyalty.refusals import Refused
from loyalty.turn import Turn
from models.benefits import Code, Entitlement
from models.codec import canonical
from models.days import MemberDay
from models.events import Event
from models.limits import CounterMove, Limit, LimitMove
from models.members import Identity, Member, MemberDate, Personal, Traits
from models.orders import Order, OrderLine, Return
from models.points import Hold, Lot, Transfer, Wallet
from models.table import changed
from models.tiers import Standing
from rules import calendar
from rules.parts import PERIODS

ROWS_MAX: Final = 50_000  # Of an account that goes on in another: more is no person's.
STATUS: Final = {"merged": "MEMBER_MERGED", "erased": "MEMBER_ERASED", "frozen": "MEMBER_FROZEN"}
PLAIN: Final = (Order, OrderLine, Return, MemberDay)
MERGED: Final = "merged"


def merge(turn: Turn, one: Arrived, arrival: MembersMerge) -> None:
    """Close this account, and send all it has on to the survivor. Nothing leads back."""
    into = arrival.to.id
    if into is None or into == turn.member_id:
        raise Refused("SAME_MEMBER")
    other = turn.book.get(Member, into)  # In replay there is none.
    if other is not None and other.status in STATUS:
        raise Refused(STATUS[other.status])
    for held in list(turn.book.of(Hold, turn.member_id)):
        if held.state == "held":
            holds.release(turn, held)
    settling.settle(turn, turn.at, steps.follow_up)
    carried = _all(turn)
    _must_fit(turn, into, carried)
    _leave(turn, into)
    partaking.leave(turn)
    pools.depart(turn, into)
    turn.book.put(replace(turn.member, status=MERGED, merged_into=into))
    _names_and_codes(turn, into, carried["codes"])
    _person(turn, one, into)
    target, at = f"member {turn.member_id}", turn.book.recorded_at
    change = audit.Change(one.arrival.kind, target, at, after={"into": into}, note=arrival.reason)
    turn.book.put(audit.row(turn.event_id, turn.book.programme_id, one.subject, change))
    turn.notes["merged"] = {"into": into}
    key = f"caused:{turn.event_id}"
    turn.queued.append(MemberAbsorbed(key, MemberRef(id=into), turn.member_id, arrival.reason, carried))


def _all(turn: Turn) -> Said:
    """Everything that goes along, before it has left."""
    member, traits = turn.member, turn.book.get(Traits, turn.member_id)
    rows = {kind.__name__: [said(row) for row in turn.book.of(kind, turn.member_id)] for kind in PLAIN}
    rows |= {kind.__name__: [said(row) for row in partaking.going_on(turn, kind)] for kind in partaking.PARTS}
    still = {row.id: said(row) for row in _open(turn)}
    rows["Entitlement"] = list(still.values())
    rows["Lot"] = [said(lot) | _earned_at(turn, lot) for lot in _lots(turn)]
    rows["Wallet"] = [said(row) for row in turn.book.of(Wallet, turn.member_id)]
    rows["Standing"] = [said(row) for row in turn.book.of(Standing, turn.member_id)]
    return {
        "member": said(member),
        "traits": said(traits) if traits else {},
        "rows": rows,
        "codes": [row.entitlement_id for row in turn.book.of(Code, NOBODY) if row.entitlement_id in still],
        "limits": list(_limits(turn)),
        "taken": list(_taken(turn)),
        "burnt": [_burnt(turn, entry, left) for entry, left in _still_burnt(turn)],
    }


def _must_fit(turn: Turn, into: int, carried: Said) -> None:
    if sum(len(rows) for rows in carried["rows"].values()) > ROWS_MAX:
        raise Refused("TOO_MUCH_AT_ONCE", most=ROWS_MAX)
    for wallet in turn.programme.wallets:
        coming = sum(lot["amount"] for lot in carried["rows"]["Lot"] if lot["wallet"] == wallet)
        room = points.room_in(turn.book.get(Wallet, into, wallet))
        if coming > room:
            raise Refused("BALANCE_FULL", points=coming, room=room, most=points.BALANCE_MAX)


def _open(turn: Turn) -> list[Entitlement]:
    return [row for row in turn.book.of(Entitlement, turn.member_id) if row.state in benefits.OPEN]


def _lots(turn: Turn) -> list[Lot]:
    """What can still be spent, or may have to answer for an order."""
    burnt = {lot.id for entry, _ in _still_burnt(turn) for lot, _ in points.still_taken(turn, entry)}
    return [
        lot
        for lot in turn.book.of(Lot, turn.member_id)
        if lot.remaining or lot.id in burnt or (lot.order_id is not None and lot.reversed < lot.amount)
    ]


def _earned_at(turn: Turn, lot: Lot) -> Said:
    """The partner whose points these are: what comes back of them is settled with it."""
    entry = turn.book.get(Transfer, turn.member_id, lot.transfer_id)
    return {"partner": entry.partner} if entry is not None and entry.partner is not None else {}


def _still_burnt(turn: Turn) -> list[tuple[Transfer, int]]:
    """What was spent on orders, or on seats, and has not come back: a return, or a cancellation, gives it back."""
    seats, entries = partaking.paid_with(turn), turn.book.of(Transfer, turn.member_id)
    rows = [row for row in entries if (row.burnt_on or row.id in seats) and row.credit == "redeemed"]
    return [(row, left) for row in rows if (left := row.amount - points.given_back(turn, row)) > 0]


def _burnt(turn: Turn, entry: Transfer, left: int) -> Said:
    parts = [[lot.id, part] for lot, part in points.still_taken(turn, entry)]
    return said(entry) | {"left": left, "parts": parts}


def _limits(turn: Turn) -> Iterator[Said]:
    """What is used of caps that still count; and what orders used of any, for a return gives that back."""
    day = turn.day(turn.at)
    current = {calendar.PERIOD_KEYS[period](day) for period in PERIODS} | {""}
    by_order: dict[int, list[LimitMove]] = {}
    for move in turn.book.of(LimitMove, turn.member_id):
        if move.order_id is not None:
            by_order.setdefault(move.limit_id, []).append(move)
    for row in turn.book.of(Limit, turn.member_id):
        moves = by_order.get(row.id, [])
        if row.period in current or moves:
            yield said(row) | {"moves": [said(move) for move in moves]}


def _taken(turn: Turn) -> Iterator[Said]:
    """What orders took from shared counters: it leaves this account as it comes to the other, and the counter stays."""
    for move in list(turn.book.of(CounterMove, turn.member_id)):
        if move.order_id is not None and not move.name.startswith("stock:"):
            yield said(move)


# Leaving.


def _leave(turn: Turn, into: int) -> None:
    for entry, left in _still_burnt(turn):
        why = Why(MERGED, policy=entry.policy, reverses=entry.id, partner=entry.partner)
        points.transfer(turn, entry.wallet, "redeemed", "transit", left, why)
    for wallet in list(turn.book.of(Wallet, turn.member_id)):
        own = [lot for lot in turn.book.of(Lot, turn.member_id) if lot.wallet == wallet.wallet and lot.remaining]
        for account, matured in (("available", True), ("pending", False)):
            for some in chunks([lot for lot in own if lot.matured is matured], "remaining"):
                _out(turn, wallet.wallet, account, some)
        if wallet.owed:
            points.transfer(turn, wallet.wallet, "transit", "owed", wallet.owed, Why(MERGED))
    for row in _open(turn):
        benefits.step(turn, row, "revoked", MERGED)
    for move in [row for row in turn.book.of(CounterMove, turn.member_id) if row.order_id is not None]:
        if not move.name.startswith("stock:") and move.event_id != turn.event_id:
            number = turn.book.new_id(CounterMove)
            # It is not asked of the counter, which stays as it is: what it read suffices for it, whatever was left.
            back = {"event_id": turn.event_id, "position": turn.position, "amount": -move.amount}
            back["read"] = max(move.read, -move.amount)
            turn.book.put(changed(move, id=number, **back))
    for standing in list(turn.book.of(Standing, turn.member_id)):
        bare = standings.promised(changed(standing, review_at=None, rises=None), "ends", [])
        standings.put(turn, standings.promised(bare, "protects", []))


def _out(turn: Turn, wallet: str, account: str, lots: Sequence[Lot]) -> None:
    total = sum(lot.remaining for lot in lots)
    entry = points.transfer(turn, wallet, account, "transit", total, Why(MERGED))
    for lot in lots:
        gone = changed(lot, remaining=0, spent=lot.spent + lot.remaining)
        points.move(turn, entry, turn.book.put(gone), remaining=-lot.remaining)


def chunks(lots: Sequence[Lot], column: str) -> Iterator[list[Lot]]:
    """Lots in groups of which one entry can hold all."""
    some: list[Lot] = []
    for lot in lots:
        if some and sum(getattr(one, column) for one in [*some, lot]) > points.ENTRY_MAX:
            yield some
            some = []
        some.append(lot)
    if some:
        yield some


def _person(turn: Turn, one: Arrived, into: int) -> None:
    """What is known of the person goes along, and is known here no more: replay has none of what is sealed."""
    for day in list(turn.book.of(MemberDate, turn.member_id)):
        there = turn.book.get(MemberDate, into, day.kind)
        if there is None:
            turn.book.put(changed(day, member_id=into))
        elif there.month_day is None:
            turn.book.put(changed(there, month_day=day.month_day))
        turn.book.remove(day)
    own = turn.book.get(Personal, turn.member_id)
    if own is not None and one.seal is not None:
        turn.book.put(one.seal(turn.book.get(Personal, into)))
        turn.book.put(
            replace(own, key="", sealed="", birthday_md=None, birth_year=None, preferences=None, filled=canonical([]))
        )


def _names_and_codes(turn: Turn, into: int, open_codes: Sequence[int]) -> None:
    """Names and codes lead to the survivor from here on; each name keeps since when it was known.

    A code of what is over stays with it, whoever else in the batch has asked for it.
    """
    for row in list(turn.book.of(Identity, NOBODY)):
        if row.member_id == turn.member_id:
            linked = turn.book.get(Event, turn.member_id, row.event_id)
            since = row.since or (linked.instant if linked else turn.member.joined_at)
            turn.book.put(replace(row, member_id=into, since=since))
    for code in list(turn.book.of(Code, NOBODY)):
        if code.entitlement_id in open_codes:
            turn.book.put(replace(code, member_id=into))
