"""Points on their way to another holder, through the programme's account `transit`, with the life they have left."""

from dataclasses import replace

from loyalty import frozen, points
from loyalty.events import MemberRef, PointsReceived, Portion
from loyalty.points import Why
from loyalty.turn import Turn
from models.members import Member
from models.points import Lot, LotMove, Transfer

FRESH = frozenset({"issued", "pending"})  # Where points come from that have just been earned.
SHARED = "pool_shared"


def send(turn: Turn, to: int, wallet: str, amount: int, reason: str, received: str = "received") -> None:
    """Spend points into transit; the other side is an event of the receiver, queued by this one."""
    entry = points.spend(turn, wallet, amount, Why(reason), credit="transit")
    parts = portions(turn, entry)
    ref = MemberRef(id=to)
    turn.queued.append(
        PointsReceived(f"caused:{turn.event_id}", ref, wallet, parts, giver=turn.member_id, reason=received)
    )


def portions(turn: Turn, entry: Transfer) -> tuple[Portion, ...]:
    """What a spending took, lot by lot, with the life each part has left."""
    moves = (row for row in turn.book.of(LotMove, turn.member_id) if row.transfer_id == entry.id)
    taken = [(turn.book.need(Lot, turn.member_id, row.lot_id), -row.remaining) for row in moves]
    return tuple(
        Portion(part, lot.earned_at, lot.expires_at, lot.origin_event, lot.origin_policy, lot.origin_line, lot.idle)
        for lot, part in taken
    )


def share(turn: Turn) -> None:
    """Of what has become available by earning in this event, the pool has its share; once of each entry."""
    terms, member = turn.programme.pools, turn.book.get(Member, turn.member_id)
    if terms is None or terms.share_percent is None or member is None or member.pool_id is None:
        return
    wallet = terms.wallet or turn.programme.main_wallet
    fresh = [] if frozen.is_frozen(turn, wallet) else _new(turn)  # What happened is not refused: it stays.
    came = sum(row.amount for row in fresh if row.wallet == wallet and row.debit in FRESH)
    there = max(0, points.shown(points.wallet_of(turn, wallet))) if came else 0
    amount = min(int(terms.share_percent * came / 100), there)
    if amount:
        send(turn, member.pool_id, wallet, amount, SHARED, "pool_received")
        _together(turn)


def _new(turn: Turn) -> list[Transfer]:
    """What has become available since the last look."""
    found = []
    for number in turn.book.made(Transfer):
        row = turn.book.get(Transfer, turn.member_id, number)
        if row is not None and number not in turn.shared:
            turn.shared.add(number)
            found += [row] if row.credit == "available" else []
    return found


def _together(turn: Turn) -> None:
    """All an event sends to the pool by itself is one event of the pool: there is a number for one."""
    last: PointsReceived = turn.queued.pop()
    for place, one in enumerate(turn.queued):
        if isinstance(one, PointsReceived) and (one.member, one.reason) == (last.member, last.reason):
            turn.queued[place] = replace(one, portions=one.portions + last.portions)
            return
    turn.queued.append(last)
