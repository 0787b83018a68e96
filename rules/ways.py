"""How a standard can be met from where a member stands: each way with all it takes, the cheapest first.

What a way costs is how much of what it asks for is lacking, summed up over all of it; a purchase of any size costs
nothing, what is not counted (a tag, a place nobody knows) as much as all of it. A way that hangs on something not being
so cannot be gone, and is none.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import count, islice, product
from typing import Any, Final

from rules.conditions import Condition
from rules.explain import Missing, Traced, lacking, ranked, trace

WAYS_MAX: Final = 10
SINCE_ORDER: Final = ("days_since_order", "months_since_order")
Way = tuple[Missing, ...]


def ways(condition: Condition | None, facts: Mapping[str, Any]) -> tuple[Way, ...]:
    """The ways to meet a condition, the cheapest first; none where it is met, or cannot be met by doing something."""
    if condition is None or (traced := trace(condition, facts)).met:
        return ()
    found: list[Way] = []
    for way in _ways(traced):
        own = _together(way, facts)
        found += [] if own in found else [own]
    return tuple(sorted(found, key=cost)[:WAYS_MAX])


def cost(way: Iterable[Missing]) -> Fraction:
    """How much of what a way asks for is lacking: 1 is all of one figure."""
    return sum((_share(gap) for gap in way), Fraction(0))


def buys(gap: Missing) -> bool:
    """Whether any purchase is all it takes: the last one must not be so long ago."""
    return gap.variable in SINCE_ORDER and gap.operator in ("less_than", "less_than_or_equal_to")


def _share(gap: Missing) -> Fraction:
    if buys(gap):
        return Fraction(0)
    if gap.lacking is None or not isinstance(gap.needs, int):
        return Fraction(1)
    return Fraction(gap.lacking, max(gap.needs, 1))


def _ways(traced: Traced) -> list[Way]:
    """Every way through what is not met; a bound keeps products of alternatives from growing."""
    if traced.met:
        return [()]
    if traced.kind == "is":
        return [tuple(lacking(traced, count(1)))]
    if traced.kind == "any":
        return [way for part in traced.parts for way in _ways(part)]
    if traced.kind == "all":
        each = [_ways(part) for part in traced.parts if not part.met]
        return [sum(way, ()) for way in islice(product(*each), WAYS_MAX * WAYS_MAX)]
    return []


def _together(way: Way, facts: Mapping[str, Any]) -> Way:
    """Of two figures of one kind the larger is enough."""
    kept: dict[tuple[str, str], Missing] = {}
    for gap in (ranked(one, facts) for one in way):
        own = (gap.variable, gap.operator)
        if own not in kept or (gap.lacking or 0) > (kept[own].lacking or 0):
            kept[own] = gap
    return tuple(kept.values())
