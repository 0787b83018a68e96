"""An event's row in the log: what it changed, or why it was refused, and under whom it stands."""

from collections.abc import Mapping
from typing import Any, Final

from loyalty import receipts
from loyalty.arrived import Arrived
from loyalty.book import Book
from loyalty.receipts import Receipt
from loyalty.refusals import Refused
from loyalty.turn import Turn
from models.events import Decision, Event
from models.members import Member
from models.points import Transfer, Wallet

ACCOUNTS: Final = ("pending", "available", "held", "owed")
STAND_INS: Final = 64


def stand_in(text_hash: str) -> int:
    """Who holds what has no member: −1 … −64, by hash."""
    return -1 - int(text_hash[:8], 16) % STAND_INS


def accepted(turn: Turn, one: Arrived, before: Mapping[str, Wallet]) -> Receipt:
    """What came of an event: the wallets as it found them against what they are now, and what the turn noted."""
    changes: dict[str, Any] = dict(turn.notes)
    hold_id = changes.pop("hold", None)
    moved = {
        wallet: change
        for wallet, row in balances(turn.book, turn.member_id).items()
        if (change := _change(before.get(wallet), row))
    }
    if moved:
        changes["points"] = moved
    drawn = turn.book.made(Transfer)
    changes["entries"] = [number for number in drawn if turn.book.get(Transfer, turn.member_id, number)]
    # What waited for something is about the past by its nature; nothing after it was looked up.
    if turn.late and one.caused_by is None and (decided := _decided_later(turn)):
        changes["could_not_change"] = [{"decided_later": decided}]
    return Receipt(
        key=one.arrival.key,
        state="accepted",
        event_id=turn.event_id,
        member_id=turn.member_id,
        late=turn.late,
        order_id=turn.order_id,
        hold_id=hold_id,
        changes=changes,
    )


def refused(turn: Turn, one: Arrived, refusal: Refused) -> Receipt:
    """Why nothing came of it."""
    if turn.book.get(Member, turn.member_id) is None:  # The log needs a holder, and there is no such member.
        turn.member_id = stand_in(one.body_hash)
    return Receipt(one.arrival.key, "refused", turn.event_id, turn.member_id, refusal.code, refusal.params, turn.late)


def logged(turn: Turn, one: Arrived, receipt: Receipt) -> Receipt:
    """The receipt, once the event stands in the log with it."""
    turn.book.put(row_of(turn, one, receipt))
    return receipt


def row_of(turn: Turn, one: Arrived, receipt: Receipt) -> Event:
    """An event as the log keeps it."""
    arrival = one.arrival
    return Event(
        programme_id=turn.book.programme_id,
        member_id=turn.member_id,
        id=turn.event_id,
        kind=arrival.kind,
        subject=one.subject,
        key=arrival.key,
        shop=getattr(arrival, "shop", ""),
        order_number=getattr(arrival, "number", None) or getattr(arrival, "order_number", None),
        occurred_at=one.occurred_at,
        received_at=one.received_at,
        instant=turn.instant,
        position=turn.position,
        state=receipt.state,
        revision=turn.book.live.revision,
        caused_by=one.caused_by,
        due_at=None,
        body=one.body,
        receipt=receipts.written(receipt),
        outcome=None,
    )


def balances(book: Book, member_id: int) -> dict[str, Wallet]:
    """A member's wallets as they stand."""
    return {row.wallet: row for row in book.of(Wallet, member_id)}


def _decided_later(turn: Turn) -> int:
    """How many events after this one's instant had been decided for the member before it came."""
    rows = turn.book.of(Decision, turn.member_id)
    return len({row.event_id for row in rows if row.at > turn.instant and row.event_id != turn.event_id})


def _change(before: Wallet | None, after: Wallet) -> dict[str, int]:
    moved = {account: getattr(after, account) - (getattr(before, account) if before else 0) for account in ACCOUNTS}
    return {account: change for account, change in moved.items() if change}
