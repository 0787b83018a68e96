"""Holds: points and the benefit they are for, set aside until somebody knows whether it is bought.

Captured, the points are spent and the benefit is the member's. Given up, all of it comes back: the points, the piece of
stock, the member's share, and what the price had used of its policy's caps.
"""

from collections.abc import Sequence
from datetime import timedelta

from loyalty import benefits, limits, points
from loyalty.points import Why
from loyalty.redeemed import paid_to
from loyalty.turn import Turn
from models.benefits import Entitlement
from models.codec import canonical, parse
from models.points import Hold
from models.table import changed
from rules.decide import Use
from rules.effects import PriceRedemption


def reserve(turn: Turn, price: PriceRedemption, uses: Sequence[Use], burnt_on: str | None) -> Hold:
    """Set aside what a wish costs, and what it is for."""
    held = points.hold(
        turn,
        Hold(
            programme_id=turn.book.programme_id,
            member_id=turn.member_id,
            id=turn.book.new_id(Hold),
            event_id=turn.event_id,
            transfer_id=0,
            entitlement_id=0,
            wallet=price.wallet or turn.programme.main_wallet,
            points=price.points,
            benefit=price.benefit,
            value=price.value,
            policy=price.policy,
            uses=canonical([[used.policy, used.limit, used.period_key, used.amount] for used in uses]),
            burnt_on=burnt_on,
            state="held",
            lapses_at=turn.at + timedelta(minutes=turn.programme.hold_minutes),
            money=price.money,
        ),
    )
    row = benefits.issue(
        turn,
        price.benefit,
        policy=price.policy,
        points=price.points,
        value=price.value,
        money=price.money,
        state="reserved",
        until=held.lapses_at,
    )
    return turn.book.put(changed(held, entitlement_id=row.id))


def capture(turn: Turn, held: Hold) -> None:
    """Spend what was held, and hand over what it was held for."""
    row = turn.book.need(Entitlement, turn.member_id, held.entitlement_id)
    partner = row.partner or paid_to(turn, held.burnt_on)
    why = Why("redeemed", policy=held.policy, burnt_on=held.burnt_on, partner=partner)
    benefits.hand_over(turn, row, points.capture(turn, held, why))


def release(turn: Turn, held: Hold, *, state: str = "released") -> None:
    """Give all of it back."""
    points.release(turn, held, state=state)
    benefits.revoke(turn, turn.book.need(Entitlement, turn.member_id, held.entitlement_id), state)
    for policy, name, period, amount in parse(held.uses):
        back = min(amount, limits.used(turn, policy, name, period))
        if back:
            limits.use(turn, policy, name, period, -back)
