"""Points from one member to another, within what the wallet allows; each side is an event of its own.

Neither statement names the other person. What was transferred counts against the giver's caps for good: it is no
return that comes back from a receiver who is gone.
"""

from math import ceil
from typing import Any

from loyalty import limits, points, sending, steps
from loyalty.events import PointsReceived, PointsTransfer
from loyalty.points import Why
from loyalty.refusals import Refused, every_language
from loyalty.turn import Turn
from models.members import Member
from models.points import Wallet
from rules import calendar
from rules.programme import Wallet as Declared
from rules.transfers import TRANSFER_PERIODS, Transfers

COUNTED = "transferred"  # What the uses of a wallet's caps are called.


def transfer(turn: Turn, one: Any, arrival: PointsTransfer) -> None:
    """Points leave through the programme's account `transit`; the other side is the other member's own event."""
    wallet = spendable(turn, arrival.wallet)
    if arrival.to.id is None or arrival.to.id == turn.member_id:
        raise Refused("NOT_TO_ONESELF")
    if wallet.transfers is not None:
        _allowed(turn, arrival, wallet, wallet.transfers)
    there = points.room_in(turn.book.get(Wallet, arrival.to.id, arrival.wallet))
    if arrival.points > there:
        raise Refused("BALANCE_FULL", points=arrival.points, room=there, most=points.BALANCE_MAX)
    reason, received = ("gifted", "gift_received") if arrival.gift else ("transferred", "received")
    sending.send(turn, arrival.to.id, arrival.wallet, arrival.points, reason, received)
    if wallet.transfers is not None and (fee := fee_of(wallet.transfers, arrival.points)):
        points.spend(turn, arrival.wallet, fee, Why("transfer_fee"))


def receive(turn: Turn, one: Any, arrival: PointsReceived) -> None:
    """Points come in from transit, and live as long as they had left to live; those nobody can have expire."""
    if arrival.lost:
        total = sum(portion.points for portion in arrival.portions)
        points.transfer(turn, arrival.wallet, "transit", "expired", total, Why("undeliverable"))
        return
    for portion in arrival.portions:
        points.receive(turn, arrival.wallet, portion, arrival.reason)
    steps.follow_up(turn)


def spendable(turn: Turn, key: str) -> Declared:
    """The wallet as it is declared: there, and one whose points can leave it."""
    wallet = turn.programme.wallets.get(key)
    if wallet is None:
        raise Refused("WALLET_UNKNOWN", wallet=key, allowed=sorted(turn.programme.wallets))
    if not wallet.spendable:
        raise Refused("WALLET_NOT_SPENDABLE", wallet=key, title=dict(wallet.title.by_language()))
    return wallet


def fee_of(terms: Transfers, amount: int) -> int:
    """What a transfer costs whoever gives, rounded up to the wallet's smallest part."""
    return ceil(terms.fee_percent * amount / 100) if terms.fee_percent is not None else 0


def _allowed(turn: Turn, arrival: PointsTransfer, wallet: Declared, terms: Transfers) -> None:
    """To this receiver, so many at once and so many in each period; what is transferred is counted."""
    title = dict(wallet.title.by_language())
    if terms.to == "nobody":
        raise Refused("TRANSFER_NOT_ALLOWED", wallet=arrival.wallet, title=title)
    if terms.to == "same_pool" and not _of_one_pool(turn, arrival.to.id or 0):
        raise Refused("TRANSFER_ONLY_IN_POOL", wallet=arrival.wallet, title=title)
    unit = 10**wallet.scale
    least, most = terms.least * unit, (terms.most * unit if terms.most is not None else points.ENTRY_MAX)
    if not least <= arrival.points <= most:
        raise Refused("TRANSFER_OUT_OF_RANGE", field="/points", least=least // unit, most=most // unit)
    use_caps(
        turn, f"wallets/{arrival.wallet}", COUNTED, arrival.points, {p: terms.per(p) for p in TRANSFER_PERIODS}, unit
    )


def use_caps(
    turn: Turn,
    policy: str,
    name: str,
    amount: int,
    caps: dict[str, int | None],
    unit: int,
    code: str = "TRANSFER_LIMIT_REACHED",
) -> None:
    """Count an amount against caps of calendar periods, each in whole points; refused where one is too small."""
    for period, most in caps.items():
        if most is None:
            continue
        key = calendar.period_key(period, turn.instant, turn.ruleset.zone)
        left = most * unit - limits.used(turn, policy, name, key)
        if amount > left:
            raise Refused(code, period=every_language(f"period.{period}"), most=most, left=max(left, 0) // unit)
        limits.use(turn, policy, name, key, amount)


def _of_one_pool(turn: Turn, other: int) -> bool:
    """Whether giver and receiver share a pool. Of a transfer that is folded again the receiver is not at hand."""
    there = turn.book.get(Member, other)
    return there is None or (turn.member.pool_id is not None and turn.member.pool_id == there.pool_id)
