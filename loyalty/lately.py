"""What a member has redeemed lately, before the event that is being decided: for guards against odd patterns."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from loyalty.rulebook import Live
from loyalty.terms import reads
from loyalty.turn import Turn
from models.points import Transfer

NAMES: Final = ("redemptions_24h", "points_redeemed_30d")
FURTHEST: Final = timedelta(days=30)
FEE: Final = "transfer_fee"  # Paid, and no redemption.
REDEEMED: Final = "credit = 'redeemed'"


def asked(live: Live) -> bool:
    """Whether any live policy asks."""
    return any(reads(edition.ruleset, *NAMES) for edition in live.editions)


def times_24h(turn: Turn) -> int:
    """How often in the last 24 hours; what was given back since counts too."""
    return len({row.event_id for row in _since(turn, timedelta(hours=24))})


def points_30d(turn: Turn) -> int:
    """How many points of the main wallet in the last 30 days, in its own units."""
    main = turn.programme.main_wallet
    return sum(row.amount for row in _since(turn, FURTHEST) if row.wallet == main)


def _since(turn: Turn, span: timedelta) -> Iterator[Transfer]:
    for row in turn.book.of(Transfer, turn.member_id):
        redeemed = row.credit == "redeemed" and row.reason != FEE and row.event_id != turn.event_id
        if redeemed and turn.instant - span < row.effective_at <= turn.instant:
            yield row
