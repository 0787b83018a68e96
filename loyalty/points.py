"""Points, by double entry, on the book: earn, spend, hold, and what undoes them.

Spending takes the lots that expire first, then the oldest. A transfer is never changed; a correction is another one.
What time does to points is `loyalty/settling.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from loyalty import days, frozen, lots
from loyalty.events import MemberRef, PoolRepaid, Portion
from loyalty.refusals import Refused
from loyalty.turn import Turn
from models.codec import Json, canonical, parse
from models.points import Hold, Lot, LotMove, Transfer, Wallet
from models.table import changed
from rules import calendar
from rules.effects import EarnPoints

ENTRY_MAX: Final = 1_000_000_000  # Points in one transfer: a policy that asks for more is cut, a request is refused.
BALANCE_MAX: Final = 2**53 - 1  # What a wallet holds at most: the largest whole number that every JSON reader keeps.
OWN: Final = frozenset({"pending", "available", "held"})  # What a member's wallet holds.

Part = tuple[Lot, int]  # So many points of this lot.


@dataclass(frozen=True, slots=True)
class Why:
    """What a transfer says of itself besides the amount."""

    reason: str
    policy: str | None = None
    order_id: int | None = None
    burnt_on: str | None = None
    lot_id: int | None = None
    reverses: int | None = None
    partner: str | None = None
    note: Json | None = None


def wallet_of(turn: Turn, wallet: str) -> Wallet:
    """The member's wallet; opened on first use."""
    found = turn.book.get(Wallet, turn.member_id, wallet)
    if found is not None:
        return found
    return turn.book.put(
        Wallet(
            programme_id=turn.book.programme_id,
            member_id=turn.member_id,
            id=turn.book.new_id(Wallet),
            wallet=wallet,
            pending=0,
            available=0,
            held=0,
            owed=0,
            due_at=None,
        )
    )


def shown(wallet: Wallet) -> int:
    """The balance a member sees: what is available, less what is owed."""
    return wallet.available - wallet.owed


def free(lot: Lot) -> int:
    """What of a lot is neither spent nor held."""
    return lot.remaining - lot.held


def lots_in_spending_order(turn: Turn, wallet: str) -> list[Lot]:
    """Lots with something to spend: soonest to expire, then oldest."""
    lots.must_be_whole(turn, wallet)
    found = (lot for lot in turn.book.of(Lot, turn.member_id) if lot.wallet == wallet and lot.matured and free(lot) > 0)
    return sorted(found, key=lambda lot: (lot.expires_at or calendar.FOREVER, lot.earned_at, lot.id))


def room(turn: Turn, wallet: str) -> int:
    """How much more a wallet can take in."""
    return room_in(turn.book.get(Wallet, turn.member_id, wallet))


def room_in(row: Wallet | None) -> int:
    """The same of a wallet's row, or of one that is not there yet."""
    return BALANCE_MAX - (row.pending + row.available + row.held if row else 0)


def transfer(turn: Turn, wallet: str, debit: str, credit: str, amount: int, why: Why) -> Transfer:
    """Move `amount` from account to account, and the wallet's balances with it."""
    if not 0 < amount <= ENTRY_MAX:
        raise Refused("POINTS_OUT_OF_RANGE", points=amount, most=ENTRY_MAX)
    if credit in OWN and debit not in OWN and amount > room(turn, wallet):
        raise Refused("BALANCE_FULL", points=amount, room=room(turn, wallet), most=BALANCE_MAX)
    _balance(turn, wallet, debit, -amount)
    _balance(turn, wallet, credit, amount)
    return turn.book.put(
        Transfer(
            programme_id=turn.book.programme_id,
            member_id=turn.member_id,
            id=turn.book.new_id(Transfer),
            event_id=turn.event_id,
            position=turn.position,
            wallet=wallet,
            debit=debit,
            credit=credit,
            amount=amount,
            effective_at=turn.at,
            business_date=turn.day(turn.at),
            recorded_at=turn.book.recorded_at,
            reason=why.reason,
            policy=why.policy,
            version=turn.version,
            partner=why.partner,
            order_id=why.order_id,
            burnt_on=why.burnt_on,
            lot_id=why.lot_id,
            reverses=why.reverses,
            note=why.note,
        )
    )


def move(turn: Turn, entry: Transfer, lot: Lot, *, remaining: int = 0, held: int = 0) -> None:
    """Record what a transfer did to a lot."""
    turn.book.put(LotMove(lot.programme_id, lot.member_id, entry.id, lot.id, remaining, held))


def earn(
    turn: Turn, effect: EarnPoints, *, reason: str = "earned", debit: str = "issued", note: Json | None = None
) -> Transfer:
    """Credit what a policy awards, as one lot: pending until its day, or available at once."""
    matured = not effect.open and (effect.available_at is None or effect.available_at <= turn.instant)
    points = effect.points
    why = Why(reason, effect.policy or None, turn.order_id, partner=turn.seller, note=note)
    entry = transfer(turn, effect.wallet, debit, "available" if matured else "pending", points, why)
    turn.book.put(_new_lot(turn, entry, effect, matured=matured))
    if debit == "issued":  # What staff put right was not earned.
        days.earned(turn, turn.day(turn.instant), effect.wallet, points)
    if matured:
        became_available(turn, effect.wallet)
    return entry


def fitting(turn: Turn, wallet: str, points: int, policy: str | None) -> int:
    """How much of what a fact brings one entry and the wallet can take; the receipt says what they cannot."""
    given = min(points, ENTRY_MAX, room(turn, wallet))
    if given < points:
        because = "balance" if given < min(points, ENTRY_MAX) else "entry"
        turn.note("limited", {"policy": policy, "wallet": wallet, "asked": points, "given": given, "because": because})
    return given


def became_available(turn: Turn, wallet: str) -> None:
    """What is owed is paid first; what may follow is remembered."""
    pay_owed(turn, wallet)
    turn.fresh.add(wallet)


def spend(turn: Turn, wallet: str, points: int, why: Why, *, credit: str = "redeemed") -> Transfer:
    """Take points from the lots that expire first. What staff puts right it takes from a frozen wallet too."""
    if credit != "adjusted":
        frozen.must_be_free(turn, wallet)
    _must_have(turn, wallet, points)
    entry = transfer(turn, wallet, "available", credit, points, why)
    _use_up(turn, entry, lots_in_spending_order(turn, wallet), points)
    return entry


def hold(turn: Turn, terms: Hold) -> Hold:
    """Set points aside as `terms` say; they keep their lots, and do not expire while held."""
    frozen.must_be_free(turn, terms.wallet)
    _must_have(turn, terms.wallet, terms.points)
    entry = transfer(turn, terms.wallet, "available", "held", terms.points, Why("held", policy=terms.policy))
    for lot, part in _parts(lots_in_spending_order(turn, terms.wallet), terms.points):
        move(turn, entry, turn.book.put(changed(lot, held=lot.held + part)), held=part)
    return turn.book.put(changed(terms, transfer_id=entry.id))


def capture(turn: Turn, held: Hold, why: Why) -> Transfer:
    """What was held is spent, from the lots it was held in."""
    frozen.must_be_free(turn, held.wallet)
    entry = transfer(turn, held.wallet, "held", "redeemed", held.points, why)
    for lot, part in _held_in(turn, held):
        used = changed(lot, held=lot.held - part, remaining=lot.remaining - part, spent=lot.spent + part)
        move(turn, entry, turn.book.put(used), remaining=-part, held=-part)
    turn.book.put(changed(held, state="captured"))
    return entry


def release(turn: Turn, held: Hold, *, state: str = "released") -> Transfer:
    """What was held is free again; what expired meanwhile expires when the turn settles."""
    entry = transfer(turn, held.wallet, "held", "available", held.points, Why(state, reverses=held.transfer_id))
    for lot, part in _held_in(turn, held):
        move(turn, entry, turn.book.put(changed(lot, held=lot.held - part)), held=-part)
    turn.book.put(changed(held, state=state))
    became_available(turn, held.wallet)
    return entry


def take_back(turn: Turn, lot: Lot, points: int) -> int:
    """Reverse `points` of what a lot was promised for: from itself, then from other lots, then as a debt.

    What has already expired is not taken again. Returns what was really taken or is owed.
    """
    points = min(points, lot.amount - lot.reversed)
    own = min(points, free(lot))
    claim = max(0, min(points - own, lot.spent + lot.held - lot.claimed))
    lot = turn.book.put(
        changed(lot, remaining=lot.remaining - own, reversed=lot.reversed + points, claimed=lot.claimed + claim)
    )
    earned = turn.book.get(Transfer, turn.member_id, lot.transfer_id)
    why = Why(
        "returned",
        policy=lot.origin_policy,
        order_id=lot.order_id,
        lot_id=lot.id,
        reverses=lot.transfer_id,
        partner=earned.partner if earned else None,
    )
    if own:
        account = "available" if lot.matured else "pending"
        move(turn, transfer(turn, lot.wallet, account, "issued", own, why), lot, remaining=-own)
    if claim:
        _claim(turn, lot, claim, why)
    days.earned(turn, turn.day(lot.earned_at), lot.wallet, -points)
    return own + claim


def give_back(turn: Turn, entry: Transfer, points: int) -> None:
    """Undo so much of a spending: back to the lots it came from, the last to expire first, with their own expiry."""
    if entry.debit == "transit":  # A family pool had paid.
        _repay(turn, entry, points)
        return
    points = fitting(turn, entry.wallet, points, entry.policy)
    if not points:
        return
    why = Why("given_back", policy=entry.policy, order_id=turn.order_id, reverses=entry.id, partner=entry.partner)
    undone = transfer(turn, entry.wallet, entry.credit, "available", points, why)
    left = points
    for lot, part in reversed(still_taken(turn, entry)):
        back = min(part, left)
        if back:
            restored = changed(lot, remaining=lot.remaining + back, spent=lot.spent - back)
            restored = changed(restored, expires_at=lots.put_off(turn, lot))
            move(turn, undone, turn.book.put(restored), remaining=back)
            left -= back
    became_available(turn, entry.wallet)


def _repay(turn: Turn, entry: Transfer, points: int) -> None:
    """Send what a family pool had paid back to it; its own event finds the lots."""
    paid = parse(payer(entry) or "{}")  # What transit has paid says which pool it was.
    why = Why("given_back", policy=entry.policy, order_id=turn.order_id, reverses=entry.id, partner=entry.partner)
    transfer(turn, entry.wallet, "redeemed", "transit", points, why)
    turn.queued.append(PoolRepaid(f"caused:{turn.event_id}", MemberRef(id=paid["pool"]), points, paid["paid_for"]))


def payer(entry: Transfer) -> Json | None:
    """Which family pool paid a spending, and for which event; None where the member did. A merge takes it along."""
    pooled = entry.debit == "transit" and entry.note
    return canonical({"paid_for": entry.event_id} | parse(entry.note or "{}")) if pooled else None


def receive(turn: Turn, wallet: str, portion: Portion, reason: str = "received") -> Transfer:
    """Take one part of another member's lot; it keeps its origin, so that a later return finds it."""
    entry = transfer(turn, wallet, "transit", "available", portion.points, Why(reason))
    until, idle = portion.expires_at, portion.idle
    effect = EarnPoints("", wallet, portion.points, portion.origin_line, turn.instant, until, idle=idle)
    lot = _new_lot(turn, entry, effect, matured=True)
    origin = {"origin_event": portion.origin_event, "origin_policy": portion.origin_policy}
    turn.book.put(changed(lot, earned_at=portion.earned_at, order_id=None, **origin))
    became_available(turn, wallet)
    return entry


def given_back(turn: Turn, entry: Transfer) -> int:
    """How much of a spending has been undone so far."""
    return sum(other.amount for other in turn.book.of(Transfer, turn.member_id) if other.reverses == entry.id)


def pay_owed(turn: Turn, wallet: str) -> None:
    """New points pay the debt when they become available; what has died by the book clock pays nothing.

    A late event may bring points that are past their end, and so may a hold that is released.
    """
    owed = wallet_of(turn, wallet).owed
    alive = [lot for lot in lots_in_spending_order(turn, wallet) if not _is_dead(turn, lot)] if owed else []
    points = min(owed, sum(free(lot) for lot in alive))
    if points > 0:
        entry = transfer(turn, wallet, "available", "owed", points, Why("debt_paid"))
        _use_up(turn, entry, alive, points)


def _is_dead(turn: Turn, lot: Lot) -> bool:
    return lot.expires_at is not None and lot.expires_at < turn.at  # At one instant, debts are paid before lots expire.


def _balance(turn: Turn, wallet: str, account: str, change: int) -> None:
    """A member's account moves its wallet; the programme's accounts are sums, and no row."""
    row = wallet_of(turn, wallet)
    match account:
        case "pending":
            turn.book.put(changed(row, pending=row.pending + change))
        case "available":
            turn.book.put(changed(row, available=row.available + change))
        case "held":
            turn.book.put(changed(row, held=row.held + change))
        case "owed":  # A debt: what is debited is owed.
            turn.book.put(changed(row, owed=row.owed - change))


def _must_have(turn: Turn, wallet: str, points: int) -> None:
    if not 0 < points <= ENTRY_MAX:
        raise Refused("POINTS_OUT_OF_RANGE", points=points, most=ENTRY_MAX)
    missing = points - shown(wallet_of(turn, wallet))
    if missing > 0:
        raise Refused("INSUFFICIENT_POINTS", missing=missing, points=points)


def _parts(lots: Iterable[Lot], points: int) -> list[Part]:
    """Which lots give how much. Too little in them is a defect: the wallet said it was there."""
    parts = []
    for lot in lots:
        part = min(free(lot), points)
        parts.append((lot, part))
        points -= part
        if not points:
            return parts
    raise ArithmeticError("the wallet holds more than its lots")


def _use_up(turn: Turn, entry: Transfer, lots: Iterable[Lot], points: int) -> None:
    for lot, part in _parts(lots, points):
        used = changed(lot, remaining=lot.remaining - part, spent=lot.spent + part)
        move(turn, entry, turn.book.put(used), remaining=-part)


def _claim(turn: Turn, lot: Lot, points: int, why: Why) -> None:
    """Points of a return that were spent already: other lots pay, and what they cannot pay is owed."""
    there = max(0, shown(wallet_of(turn, lot.wallet)))
    others = min(points, there) if turn.programme.debt == "other_lots_first" else 0
    if others:
        entry = transfer(turn, lot.wallet, "available", "issued", others, why)
        _use_up(turn, entry, lots_in_spending_order(turn, lot.wallet), others)
    owed = min(points - others, BALANCE_MAX - wallet_of(turn, lot.wallet).owed)
    if owed:
        transfer(turn, lot.wallet, "owed", "issued", owed, why)


def _moves_of(turn: Turn, entry: Transfer) -> list[LotMove]:
    return [row for row in turn.book.of(LotMove, turn.member_id) if row.transfer_id == entry.id]


def _held_in(turn: Turn, held: Hold) -> list[Part]:
    moves = [row for row in turn.book.of(LotMove, turn.member_id) if row.transfer_id == held.transfer_id]
    return [(turn.book.need(Lot, turn.member_id, row.lot_id), row.held) for row in moves]


def still_taken(turn: Turn, entry: Transfer) -> list[Part]:
    """What a spending took from each lot and has not been given back, in the order it was taken."""
    undoing = {other.id for other in turn.book.of(Transfer, turn.member_id) if other.reverses == entry.id}
    taken: dict[int, int] = {}
    for row in turn.book.of(LotMove, turn.member_id):
        if row.transfer_id == entry.id or row.transfer_id in undoing:
            taken[row.lot_id] = taken.get(row.lot_id, 0) - row.remaining
    lots = [(turn.book.need(Lot, turn.member_id, lot_id), part) for lot_id, part in taken.items() if part > 0]
    return sorted(lots, key=lambda pair: (pair[0].expires_at or calendar.FOREVER, pair[0].earned_at, pair[0].id))


def _new_lot(turn: Turn, entry: Transfer, effect: EarnPoints, *, matured: bool) -> Lot:
    lot = Lot(
        programme_id=turn.book.programme_id,
        member_id=turn.member_id,
        id=turn.book.new_id(Lot),
        transfer_id=entry.id,
        wallet=effect.wallet,
        amount=entry.amount,
        remaining=entry.amount,
        held=0,
        spent=0,
        expired=0,
        reversed=0,
        claimed=0,
        matured=matured,
        earned_at=turn.instant,
        available_at=None if effect.open else effect.available_at or turn.instant,
        expires_at=effect.expires_at,
        origin_event=turn.event_id,
        origin_policy=effect.policy or None,
        origin_line=effect.line,
        order_id=turn.order_id,
        idle=effect.idle,
        own_end=effect.expires_at if effect.idle else None,
        resting=lots.rests(turn, effect.wallet, effect.expires_at, matured=matured),
    )
    # What comes late was put off by what the member has done since, if it was not dead by then.
    active_at = wallet_of(turn, effect.wallet).active_at
    alive = lot.own_end is not None and active_at is not None and active_at < lot.own_end
    return changed(lot, expires_at=lots.put_off(turn, lot)) if alive else lot
