"""What is left of what all members share, as the rules read it: stock of benefits, and budgets.

A decision that read any of it is kept, whatever came of it: in replay the counters are what its event found.
"""

from collections.abc import Mapping
from typing import Any, Final

from loyalty import limits
from loyalty.benefits import stock
from loyalty.turn import Turn
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
