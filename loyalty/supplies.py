"""The counters all members share: what a ruleset wants of them, and which of them events can take from."""

from datetime import datetime

from loyalty.benefits import stock
from loyalty.rulebook import Live
from rules.ruleset import Ruleset


def wanted(ruleset: Ruleset) -> dict[str, int]:
    """Each with what it starts with: budgets and campaigns in points or times, stocks in pieces."""
    return {**ruleset.counters, **stocks(ruleset)}


def stocks(ruleset: Ruleset) -> dict[str, int]:
    """What there is of each benefit that has an end."""
    return {stock(key): one.stock for key, one in ruleset.benefits.items() if one.stock is not None}


def reached(live: Live, first: datetime, last: datetime) -> set[str]:
    """The counters of a programme's versions; of policies' own those that are open between two instants. An event may
    be of any version's time; what falls due at another instant asks for what it lacks.
    """
    names: set[str] = set()
    for ruleset in (edition.ruleset for edition in live.editions):
        names |= {*ruleset.counters_between(first, last), *stocks(ruleset)}
    return names
