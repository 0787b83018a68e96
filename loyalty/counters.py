"""What all members share, stock of benefits and budgets: which there are, and what is left as the rules read it.

A decision that read any of it is kept, whatever came of it: in replay the counters are what its event found.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from loyalty import limits, quotas, shares
from loyalty.benefits import low_of, stock
from loyalty.book import NOBODY, Book
from loyalty.book import Live as Editions
from loyalty.rulebook import Live
from loyalty.turn import Turn
from models.limits import Counter
from rules.counters import Unit, budget_counter
from rules.facts import variable_key
from rules.ruleset import Ruleset

GROUP: Final = "left"  # Of the variables.
PREFIXES: Final = ("stock_", "budget_")


def counter_of(ruleset: Ruleset, variable: str) -> str | None:
    """The counter a variable reads; None where there is none, for what there is no end of."""
    word, _, name = variable.partition("_")
    if word == "stock":
        own = next((key for key in ruleset.benefits if variable_key(key) == name), None)
        return stock(own) if own is not None and ruleset.benefits[own].stock is not None else None
    budgets = ruleset.programme.budgets
    key = next((key for key in budgets if variable_key(key) == name), None) if word == "budget" else None
    if key is None:
        return None
    unit: Unit = "times" if budgets[key].points is None else "points"
    return budget_counter(key, unit)


def left(turn: Turn, variable: str) -> int | None:
    """How much is left; None where there is no end of it."""
    counter = counter_of(turn.ruleset, variable)
    return None if counter is None else max(0, limits.left(turn, counter))


def read_any(ruleset: Ruleset, read: Mapping[str, Any]) -> bool:
    """Whether some of what was read is of this kind."""
    variables = ruleset.definitions.catalogue.variables
    return any(name.startswith(PREFIXES) and variables[name].group == GROUP for name in read)


def wanted(ruleset: Ruleset) -> dict[str, int]:
    """Each with what it starts with: budgets and campaigns in points or times, stocks and quotas in pieces."""
    return {**ruleset.counters, **stocks(ruleset), **shares.wanted(ruleset)}


def stocks(ruleset: Ruleset) -> dict[str, int]:
    """What there is of each benefit that has an end, quotas without a period, and whether somebody was told."""
    limited = {key: one for key, one in ruleset.benefits.items() if one.stock is not None}
    told = {low_of(key, one): 1 for key, one in limited.items() if one.supply and one.supply.low_stock is not None}
    return {stock(key): one.stock or 0 for key, one in limited.items()} | told | quotas.standing(ruleset)


def dated(live: Live, instants: Iterable[datetime]) -> set[str]:
    """The counters of quotas whose periods these instants are in."""
    at = set(instants)
    return {name for edition in live.editions for name in quotas.dated(edition.ruleset, at)}


def bear(book: Book, live: Editions, names: Iterable[str]) -> None:
    """Counters of periods that nobody has taken from are full: the first who takes makes them."""
    for name in names:
        totals = (quotas.total_of(edition.ruleset.benefits, name) for edition in reversed(live.editions))
        total = next((one for one in totals if one is not None), None)
        if total is not None and book.get(Counter, NOBODY, name) is None:
            book.load([Counter(book.programme_id, name, total, total)])
            book.unborn.add(name)


def reached(live: Live, first: datetime, last: datetime) -> set[str]:
    """The counters of a programme's versions; of policies' own those that are open between two instants. An event may
    be of any version's time; what falls due at another instant asks for what it lacks.
    """
    names: set[str] = set()
    for ruleset in (edition.ruleset for edition in live.editions):
        names |= {*ruleset.counters_between(first, last), *stocks(ruleset)}
    return names
