"""Receipts: what an event did, as data. Words are made of it where somebody reads, in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from models.codec import Json, canonical, parse


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to one arrival. `state` is accepted, refused, waiting, or failed (a defect of ours; nothing is kept).

    `changes`: points by wallet and account, tiers, entitlements, and what could not be done. `replayed` is true when
    the same key brought the same input before: this is the first answer again.
    """

    key: str
    state: str
    event_id: int | None = None
    member_id: int | None = None  # Below zero: a stand-in; the order has no member.
    code: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    late: bool = False
    order_id: int | None = None
    hold_id: int | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    replayed: bool = False

    @property
    def ok(self) -> bool:
        """Whether it was accepted, or waits for its order."""
        return self.state in {"accepted", "waiting"}


KEPT = ("state", "event_id", "member_id", "code", "params", "late", "order_id", "hold_id", "changes")


def written(receipt: Receipt) -> Json:
    """The receipt as it is stored."""
    return canonical({name: getattr(receipt, name) for name in KEPT})


def read(key: str, text: Json, *, replayed: bool = True) -> Receipt:
    """A stored receipt, for whoever sends its key again."""
    return Receipt(key=key, replayed=replayed, **parse(text))


def again(receipt: Receipt, key: str) -> Receipt:
    """The same answer, to the same thing sent under another key."""
    return replace(receipt, key=key, replayed=True)
