"""Freezing: a member, or one of its wallets, goes on earning and cannot spend until somebody lets it again.

What happened is never refused, and time goes on: what is frozen matures and expires, and a debt is paid from it.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from loyalty import audit, points, steps
from loyalty.arrived import Arrived
from loyalty.events import (
    CLOCKS,
    CONSEQUENCES,
    FACTS,
    FREEZES,
    LINKS,
    HoldRelease,
    MemberErase,
    MemberFreeze,
    MemberUnfreeze,
    PointsAdjust,
    WalletFreeze,
    WalletUnfreeze,
)
from loyalty.refusals import Refused
from loyalty.turn import Turn
from models.points import Wallet
from models.table import changed

# What a frozen member takes: what happened, what time and others bring, and what spends nothing of its own accord.
WHILE_FROZEN: Final = (*FACTS, *CLOCKS, *CONSEQUENCES, *FREEZES, *LINKS, HoldRelease, PointsAdjust, MemberErase)


def member_freeze(turn: Turn, one: Arrived, arrival: MemberFreeze) -> None:
    """Let the member spend nothing. One that is frozen keeps its instant, and has the newer reason."""
    before, since = turn.member, turn.member.frozen_at or turn.at
    turn.book.put(replace(before, status="frozen", frozen_at=since, frozen_for=arrival.reason))
    _told(turn, one, "", arrival.reason, before.frozen_for, arrival.note)


def member_unfreeze(turn: Turn, one: Arrived, arrival: MemberUnfreeze) -> None:
    """Let the member spend again; of one that is not frozen nothing changes. Wallets that are frozen stay so."""
    before = turn.member
    turn.book.put(replace(before, status="active", frozen_at=None, frozen_for=None))
    _told(turn, one, "", None, before.frozen_for, arrival.note)


def wallet_freeze(turn: Turn, one: Arrived, arrival: WalletFreeze) -> None:
    """Let nothing be spent from a wallet."""
    before = _reason_of(turn, _declared(turn, arrival.wallet))
    freeze(turn, arrival.wallet, arrival.reason)
    _told(turn, one, arrival.wallet, arrival.reason, before, arrival.note)


def wallet_unfreeze(turn: Turn, one: Arrived, arrival: WalletUnfreeze) -> None:
    """Let a wallet be spent from again; what policies convert by themselves is converted now."""
    before = _reason_of(turn, _declared(turn, arrival.wallet))
    unfreeze(turn, arrival.wallet)
    _told(turn, one, arrival.wallet, None, before, arrival.note)
    steps.follow_up(turn)


def freeze(turn: Turn, wallet: str, reason: str) -> bool:
    """Freeze one wallet of the turn's member for one of `shapes.FREEZE_REASONS`; whether it was not frozen before.

    What is held in it can be given back, and not captured. Whoever calls it from a policy says so in the turn's notes.
    """
    row = points.wallet_of(turn, wallet)
    turn.book.put(changed(row, frozen_at=row.frozen_at or turn.at, frozen_for=reason))
    return row.frozen_at is None


def as_decided(turn: Turn) -> None:
    """Freeze what policies have asked to be frozen in this event, and say so in its receipt."""
    for wallet, policy in sorted(turn.to_freeze.items()):
        if freeze(turn, wallet, "policy"):
            turn.note("frozen", {"wallet": wallet, "policy": policy})


def unfreeze(turn: Turn, wallet: str) -> bool:
    """Let a wallet be spent from again; whether it was frozen."""
    row = turn.book.get(Wallet, turn.member_id, wallet)
    if row is None or row.frozen_at is None:
        return False
    turn.book.put(changed(row, frozen_at=None, frozen_for=None))
    turn.fresh.add(wallet)
    return True


def _declared(turn: Turn, wallet: str) -> str:
    if wallet not in turn.programme.wallets:
        raise Refused("WALLET_UNKNOWN", wallet=wallet, allowed=sorted(turn.programme.wallets))
    return wallet


def _reason_of(turn: Turn, wallet: str) -> str | None:
    row = turn.book.get(Wallet, turn.member_id, wallet)
    return row.frozen_for if row is not None else None


def _told(turn: Turn, one: Arrived, wallet: str, reason: str | None, before: str | None, note: str) -> None:
    """What the receipt says, and the row of the audit: under the event's own number, which nothing else has."""
    about: dict[str, Any] = {"wallet": wallet} if wallet else {}
    turn.notes["freeze"] = about | {"frozen": reason is not None, "reason": reason, "changed": reason != before}
    at: datetime = turn.book.recorded_at
    target = f"member {turn.member_id}"
    change = audit.Change(one.arrival.kind, target, at, about | {"reason": before}, about | {"reason": reason}, note)
    turn.book.put(audit.row(turn.event_id, turn.book.programme_id, one.subject, change))
