"""Notices to the outside, put on the book so that they commit with what caused them."""

from collections.abc import Mapping
from typing import Any

from loyalty.turn import Turn
from models.codec import canonical
from models.outbox import Message


def put(turn: Turn, kind: str, body: Mapping[str, Any]) -> Message:
    """One notice, due at once."""
    return turn.book.put(
        Message(
            programme_id=turn.book.programme_id,
            member_id=turn.member_id,
            id=turn.book.new_id(Message),
            event_id=turn.event_id,
            position=turn.position,
            kind=kind,
            body=canonical(body),
            due_at=turn.book.recorded_at,
            state="due",
            attempts=0,
        )
    )
