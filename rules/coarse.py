"""What a decision keeps of a person's age and birthday: not the figure, but the class that the documents tell apart.

A birthday is a few figures away from an age and the days that are left to it. So a figure is kept as the least one that
every question of the ruleset answers alike: explanations and replay come to the same, and nobody learns more from them
than what was asked.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from math import ceil, floor
from typing import Any, Final

from rules.conditions import Condition, leaves
from rules.ruleset import Ruleset, action_reads

COARSE: Final = ("member_age", "member_birthday_in_days")
RULESETS_MAX: Final = 64  # Whose classes are remembered.


def kept(ruleset: Ruleset, name: str, value: Any) -> Any:
    """What of a fact is kept: of what tells a birthday its class, of everything else all."""
    if name not in COARSE or value is None:
        return value
    known = _classes(_Same(ruleset), name)
    if known is None:
        return value
    place = bisect_right(known, value)
    return known[place - 1] if place else 0


class _Same:
    """A ruleset by identity: it is compiled once, and has no hash of its own."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset

    def __hash__(self) -> int:
        return id(self.ruleset)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.ruleset is self.ruleset


@lru_cache(maxsize=RULESETS_MAX * len(COARSE))
def _classes(same: _Same, name: str) -> tuple[int, ...] | None:
    """Where a class begins, in order; None where somebody computes with the figure itself."""
    ruleset = same.ruleset
    found: set[int] = set()
    for rule in ruleset.rules.values():
        for params in rule.actions:
            if name in action_reads(params, ruleset.definitions):
                return None
    for condition in _conditions(ruleset):
        for leaf in leaves(condition):
            if leaf.variable.name == name:
                found.update(cut for one in _numbers(leaf.value) for cut in (ceil(one), floor(one) + 1))
    return tuple(sorted(found))


def _conditions(ruleset: Ruleset) -> Iterator[Condition | None]:
    yield from (rule.condition for rule in ruleset.rules.values())
    yield from ruleset.definitions.members_of.values()
    yield from ruleset.definitions.available_to.values()
    yield from ruleset.definitions.invited.values()
    for early in ruleset.definitions.early_to.values():
        yield from early


def _numbers(value: Any) -> Iterable[int | Decimal]:
    if isinstance(value, int | Decimal):
        return (value,)
    return tuple(value) if isinstance(value, tuple | frozenset) else ()
