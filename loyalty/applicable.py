"""What a member could use on an order: pieces and standing benefits that change its price, earnings or delivery.

It is said at the till before anything is paid; nothing is used by saying so.
"""

from typing import Final

from loyalty import eligible
from loyalty.circumstances import Circumstances, fits
from loyalty.events import OrderPaid
from loyalty.facts import Scene, lazy_facts
from loyalty.views import Account
from models.benefits import Entitlement
from rules import calendar

AT_THE_TILL: Final = frozenset(
    {
        "amount_off",
        "cash_back",
        "delivery_time",
        "free_shipping",
        "gift_with_purchase",
        "multiplier",
        "percent_off",
        "shipping_upgrade",
    }
)


def pieces(account: Account, order: OrderPaid) -> list[Entitlement]:
    """The member's pieces that fit the order, what ends first before the rest."""
    turn, there = account.turn, _circumstances(order)
    scale = turn.ruleset.definitions.catalogue.currency_scale
    found = []
    for row in account.rows(Entitlement):
        benefit = turn.ruleset.benefits.get(row.benefit)
        if benefit is None or benefit.kind not in AT_THE_TILL or row.state != "issued":
            continue
        begins = benefit.valid.start if benefit.valid is not None else None
        begun = begins is None or calendar.from_instant(begins, turn.ruleset.zone) <= turn.instant
        if begun and fits(benefit, there, scale):
            found.append(row)
    return sorted(found, key=lambda row: (row.expires_at or calendar.FOREVER, row.id))


def standing(account: Account, order: OrderPaid) -> list[str]:
    """The benefits the member has without a piece that fit the order."""
    turn, there = account.turn, _circumstances(order)
    scale = turn.ruleset.definitions.catalogue.currency_scale
    facts = lazy_facts(Scene(turn, "points.redeem"))
    return [
        key
        for key, benefit in sorted(turn.ruleset.benefits.items())
        if benefit.standing
        and benefit.kind in AT_THE_TILL
        and fits(benefit, there, scale)
        and eligible.may(turn, key, facts)
    ]


def _circumstances(order: OrderPaid) -> Circumstances:
    return Circumstances(order.shop, None, order.total, order.channel, order.store, order.lines)
