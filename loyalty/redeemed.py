"""What was redeemed on an order: points that were burnt or are held for it, whether it has come yet or not."""

from loyalty import points
from loyalty.turn import Turn
from models.points import Hold, Transfer
from models.pools import INVITATION


def burnt_on(shop: str, number: str) -> str:
    """How a spending names the order it pays for, which may not have arrived yet."""
    return f"{shop}/{number}"


def paid_to(turn: Turn, named: str | None) -> str | None:
    """The partner at whose shop an order is paid for, `named` as by `burnt_on`."""
    return turn.ruleset.sellers.get(named.split("/", 1)[0]) if named else None


def paid_by(event_id: int) -> str:
    """How a family pool's payment names the redemption it is for."""
    return f"{INVITATION}/{event_id}"


def on_order(turn: Turn, named: str) -> int:
    """How many redemptions an order has, `named` as by `burnt_on`; one that was given back whole is none."""
    spent = (
        row for row in turn.book.of(Transfer, turn.member_id) if row.burnt_on == named and row.credit == "redeemed"
    )
    held = (row for row in turn.book.of(Hold, turn.member_id) if row.burnt_on == named and row.state == "held")
    return sum(points.given_back(turn, entry) < entry.amount for entry in spent) + sum(1 for _ in held)
