"""What a till takes back by itself: a use of a code, and a partner its purchases, as long as that may be.

A till of the house may at any time; a partner within the window its document says, counted by the clock of the house.
"""

from datetime import datetime, timedelta

from loyalty.arrived import Arrived
from loyalty.benefits import UNDONE, promised, step
from loyalty.events import CodeUndo
from loyalty.refusals import Refused
from loyalty.turn import Turn
from models.benefits import Entitlement, EntitlementMove
from models.codec import canonical, parse
from models.orders import Order
from models.table import changed
from rules.ruleset import Ruleset


def code_undo(turn: Turn, one: Arrived, arrival: CodeUndo) -> None:
    """The use of a code never was: the piece can be used again, or is over if its time ran out meanwhile."""
    move = _use_of(turn, arrival.event_id)
    row = turn.book.need(Entitlement, turn.member_id, move.entitlement_id)
    if turn.partner is not None and row.partner != turn.partner:
        raise Refused("NOT_FOUND")
    moves = turn.book.of(EntitlementMove, turn.member_id)
    if row.state not in ("used", "issued") or any(other.reason == _reason(move) for other in moves):
        raise Refused("REDEMPTION_UNDONE")
    _must_be_open(turn, one, move.at)
    if promised(turn, row).uses is not None:
        used: dict[str, int] = parse(row.parts) if row.parts else {}
        parts = {part: times - (part == move.part) for part, times in used.items() if times > (part == move.part)}
        row = changed(row, uses=row.uses - 1, parts=canonical(parts) if parts else None)
    row = step(turn, changed(row, used_at=row.used_at if row.uses else None), "issued", _reason(move), move.part)
    turn.notes["code"] = {"benefit": row.benefit, "used": False, "id": row.id}


def cancelled(turn: Turn, one: Arrived, order: Order) -> None:
    """A partner cancels its own orders, within its window; what had waited for the order was in time."""
    if turn.partner is not None:
        _must_be_open(turn, one, order.occurred_at)


def span(ruleset: Ruleset, partner: str) -> timedelta | None:
    """How long a partner may take back what it did; None where it may not."""
    declared = ruleset.partners.get(partner)
    own = declared.cancel_window if declared is not None else None
    return None if own is None else timedelta(minutes=own.minutes or 0, hours=own.hours or 0, days=own.days or 0)


def _use_of(turn: Turn, event_id: int) -> EntitlementMove:
    """The step that an event of this member used a code by."""
    for move in turn.book.of(EntitlementMove, turn.member_id):
        if move.event_id == event_id and move.reason == "code":
            return move
    raise Refused("NOT_FOUND")


def _must_be_open(turn: Turn, one: Arrived, since: datetime) -> None:
    if turn.partner is None:
        return
    own = span(turn.ruleset, turn.partner)
    if own is None or since + own < one.received_at:  # Never by what a till says of its own clock.
        raise Refused("CANCEL_WINDOW_OVER")


def _reason(move: EntitlementMove) -> str:
    return f"{UNDONE}:{move.id}"
