"""Whether a wallet may be spent from: asked wherever points are spent, held or captured."""

from loyalty.refusals import Refused
from loyalty.turn import Turn
from models.points import Wallet


def is_frozen(turn: Turn, wallet: str) -> bool:
    """Whether nothing of a wallet may be spent for now."""
    row = turn.book.get(Wallet, turn.member_id, wallet)
    return row is not None and row.frozen_at is not None


def must_be_free(turn: Turn, wallet: str) -> None:
    """Refused where nothing of a wallet may be spent for now."""
    if is_frozen(turn, wallet):
        declared = turn.programme.wallets.get(wallet)
        raise Refused("WALLET_FROZEN", wallet=wallet, title=dict(declared.title.by_language()) if declared else wallet)
