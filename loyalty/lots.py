"""Lots by themselves: which of them only count, and when one ends that dies of inactivity."""

from datetime import datetime

from loyalty.book import NeedsMore
from loyalty.turn import Turn
from models.points import Lot, Wallet
from rules import ends


def must_be_whole(turn: Turn, wallet: str) -> None:
    """All open lots of the wallet are wanted, those too that rest: a batch without them begins anew."""
    if wallet in turn.book.resting:
        raise NeedsMore("lots", wallet)


def rests(turn: Turn, wallet: str, expires_at: datetime | None, *, matured: bool) -> bool:
    """Whether a lot only counts: it has no end, and its wallet cannot be spent."""
    declared = turn.programme.wallets.get(wallet)
    return matured and expires_at is None and declared is not None and not declared.spendable


def put_off(turn: Turn, lot: Lot) -> datetime | None:
    """The end of a lot that dies of inactivity, with what the member has done since."""
    row = turn.book.get(Wallet, turn.member_id, lot.wallet)
    if lot.idle is None or lot.expires_at is None or row is None or row.active_at is None:
        return lot.expires_at
    return max(lot.expires_at, ends.put_off(lot.idle, row.active_at, turn.ruleset.zone))
