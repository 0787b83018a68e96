"""What all versions of a programme together say of its wallets, and what their policies read: an event may be of any
version's time.
"""

from collections.abc import Iterator
from typing import Any

from loyalty.book import Live
from loyalty.events import OrderPaid
from rules import ends
from rules.expiry import RESET_BY
from rules.programme import Wallet


def wallets(live: Live) -> Iterator[tuple[str, Wallet]]:
    """Every wallet of every version."""
    return (wallet for edition in live.editions for wallet in edition.ruleset.programme.wallets.items())


def counting(live: Live) -> frozenset[str]:
    """The wallets that some version cannot spend."""
    return frozenset(key for key, wallet in wallets(live) if not wallet.spendable)


def spendable(live: Live) -> frozenset[str]:
    """The wallets that some version can spend."""
    return frozenset(key for key, wallet in wallets(live) if wallet.spendable)


def idle_days(live: Live) -> int:
    """How long, at most, points outlive the last activity; nought where inactivity ends nothing."""
    return max((ends.longest_idle(wallet.expires) for _, wallet in wallets(live)), default=0)


def idle(live: Live) -> frozenset[str]:
    """The wallets of which some version ends points by inactivity."""
    return frozenset(key for key, wallet in wallets(live) if ends.inactivity(wallet.expires))


def activity_kinds(live: Live) -> list[str]:
    """The kinds of event that count as activity, orders apart."""
    rules = (ends.inactivity(wallet.expires) for _, wallet in wallets(live))
    kinds = {kind for rule in rules if rule for kind in (*rule.reset_by, *RESET_BY)}
    return sorted(kinds - {OrderPaid.kind})


def reads(ruleset: Any, *names: str) -> bool:
    """Whether a live policy names one of these variables; one that ends in `_` stands for all that begin so."""
    needs = [ruleset.needs(kind).variables for kind in ruleset.kinds]
    needs += [ruleset.ladder_needs.variables, ruleset.benefit_needs.variables]
    families = tuple(name for name in names if name.endswith("_"))
    return any(not own.isdisjoint(names) or any(one.startswith(families) for one in own) for own in needs)
