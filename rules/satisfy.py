"""Can a condition ever hold? Answered by trying every value that could make a difference.

Each question looks at one variable, so only those of its values matter where an answer changes: what documents compare
with, its neighbours, and the unknown. They are put to the operators themselves: a new operator needs nothing here.
Where trying would take too long, or a value cannot be imagined, the answer is "perhaps", and nobody is warned.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import combinations
from math import ceil, floor
from typing import Any

from rules.conditions import All, Condition, Leaf, Not, Some, leaves
from rules.facts import Variable
from rules.operators import ask

TRIES_MAX = 5_000
SET_MAX = 7  # Elements of which every subset is tried.
TEXT_MAX = 12  # Texts of which every pair is joined.
STRANGE = "¤"  # A text that no document names.
WHOLE = frozenset({"order", "line", "member", "time"})  # Groups whose numbers are counts.
Answers = Mapping[int, bool]
Row = tuple[bool, ...]


@dataclass(frozen=True)
class Bound:
    """What is known of a variable besides: which values it can have, and some worth trying."""

    keep: Callable[[Any], bool]
    more: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Question:
    """Something to satisfy, under what is known already; `same` maps names that mean one variable."""

    bounds: Mapping[str, Bound] = field(default_factory=dict)
    same: Mapping[str, str] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()  # The events it is asked on: what they may not know is unknown.

    def possible(self, condition: Condition | None) -> bool | None:
        """Whether it can hold; None for perhaps."""
        if condition is None:
            return True
        grouped: dict[str, list[Leaf]] = {}
        for leaf in leaves(condition):
            grouped.setdefault(self.same.get(leaf.variable.name, leaf.variable.name), []).append(leaf)
        choices: list[tuple[list[Leaf], list[Row]]] = []
        for name, asked in grouped.items():
            rows = answers(asked, self.bounds.get(name), self.kinds)
            if rows is None:
                return None
            choices.append((asked, rows))
        return Search(condition).run(sorted(choices, key=lambda choice: len(choice[1])))

    def never(self, condition: Condition | None) -> bool:
        """Whether it certainly cannot hold."""
        return self.possible(condition) is False

    def always(self, condition: Condition | None) -> bool:
        """Whether it certainly holds."""
        return condition is None or self.never(Not(condition))

    def implies(self, one: Condition | None, other: Condition | None) -> bool:
        """Whether the other certainly holds wherever the one does."""
        return other is None or self.never(both(one, Not(other)))


def both(*parts: Condition | None) -> Condition:
    """All of them together; what is always met is left out."""
    return All(tuple(part for part in parts if part is not None))


@dataclass
class Search:
    """One walk over the answers that variables can give, cut short where the rest makes no difference."""

    condition: Condition
    tries: int = 0

    def run(self, choices: Sequence[tuple[list[Leaf], list[Row]]]) -> bool | None:
        """Whether some choice for every variable makes it hold; None where that was not found out."""
        return self._walk(choices, {})

    def _walk(self, choices: Sequence[tuple[list[Leaf], list[Row]]], known: dict[int, bool]) -> bool | None:
        self.tries += 1
        if self.tries > TRIES_MAX:
            return None
        answer = holds(self.condition, known)
        if answer is not None or not choices:
            return answer
        (asked, rows), rest = choices[0], choices[1:]
        perhaps = False
        for row in rows:
            found = self._walk(rest, known | {id(leaf): met for leaf, met in zip(asked, row, strict=True)})
            if found:
                return True
            perhaps = perhaps or found is None
        return None if perhaps else False


def holds(condition: Condition, known: Answers) -> bool | None:
    """What the answers so far say of a condition; None while they leave it open."""
    match condition:
        case Leaf():
            return known.get(id(condition))
        case Not(part):
            inner = holds(part, known)
            return None if inner is None else not inner
        case All(parts) | Some(parts):
            ends = isinstance(condition, Some)
            found = [holds(part, known) for part in parts]
            if ends in found:
                return ends
            return None if None in found else not ends
    return None


def answers(asked: Sequence[Leaf], bound: Bound | None, kinds: Sequence[str] = ()) -> list[Row] | None:
    """Every combination of answers that one variable can give to its questions; None where that cannot be said."""
    variable = asked[0].variable
    constants = list(compared(asked)) + list(bound.more if bound else ())
    tried = imagined(asked, constants)
    if tried is None:
        return None
    fits = [one for one in tried if bound is None or bound.keep(one)]
    if variable.nullable or any(variable.unknown_on(kind) for kind in kinds):
        fits.append(None)
    return sorted({tuple(answer(leaf, value) for leaf in asked) for value in fits}, reverse=True)


def answer(leaf: Leaf, value: Any) -> bool:
    """What one question says of a value."""
    return ask(leaf.operator, leaf.variable.rank(value), leaf.value)


def compared(asked: Iterable[Leaf]) -> Iterator[Any]:
    """The values that questions compare with."""
    for leaf in asked:
        many = leaf.value if isinstance(leaf.value, tuple | frozenset) else (leaf.value,)
        yield from (one for one in many if one is not None)


def imagined(asked: Sequence[Leaf], constants: Sequence[Any]) -> list[Any] | None:
    """Values of a variable, at least one for each way its questions can be answered; None where that is not known."""
    variable = asked[0].variable
    if variable.type == "boolean":
        return [True, False]
    if variable.options and variable.type != "set":
        # A choice of one is a choice still: tomorrow there may be a second.
        return [*variable.options, *([STRANGE] if variable.type == "choice" and len(variable.options) == 1 else [])]
    if variable.type == "set":
        return subsets(constants)
    if variable.type in {"text", "choice"}:
        return texts(constants, {leaf.operator.name for leaf in asked} & PARTIAL)
    return ordered(variable, constants)


def subsets(constants: Sequence[Any]) -> list[Any] | None:
    """Every set of what is asked for, and one of something else."""
    asked = sorted(set(constants))
    if len(asked) > SET_MAX:
        return None
    made = [part for size in range(len(asked) + 1) for part in combinations(asked, size)]
    return [*made, (STRANGE,)]


def texts(constants: Sequence[Any], parts: AbstractSet[str]) -> list[Any] | None:
    """What is asked for, and something else; where parts are asked for, also within something longer, and joined."""
    asked = sorted(set(constants))
    if not parts:
        return ["", STRANGE, *asked]
    if len(asked) > TEXT_MAX:
        return None
    joined = [f"{one}{STRANGE}{other}" for one in asked for other in asked]
    around = [made for one in asked for made in (one, one + STRANGE, STRANGE + one, STRANGE + one + STRANGE)]
    return ["", STRANGE, *around, *joined, *(STRANGE + one + STRANGE for one in joined)]


def ordered(variable: Variable, constants: Sequence[Any]) -> list[Any] | None:
    """What is compared with, and what lies next to it on both sides, within the variable's range."""
    least = 0 if variable.type == "money" and variable.group in {"order", "line"} else variable.least
    made: set[Any] = {end for end in (least, variable.most) if end is not None}
    for one in constants:
        step = STEPS.get(type(one))
        if step is None:
            return None
        made.update(step(variable, one))
    kept = [one for one in made if (least is None or one >= least) and (variable.most is None or one <= variable.most)]
    return kept if made else [SOMETHING[variable.type]] if variable.type in SOMETHING else None


def beside_number(variable: Variable, one: int | Decimal) -> tuple[int | Decimal, ...]:
    """The whole numbers around; where a variable may have a fraction, also what lies between them."""
    low, high = floor(one), ceil(one)
    whole = variable.type != "number" or bool(variable.unit) or variable.group in WHOLE
    return (low - 1, low, high, high + 1) if whole else (one - HALF, one, one + HALF, low - 1, high + 1)


def beside_time(variable: Variable, one: time) -> tuple[time, ...]:
    """The minutes around, past midnight if need be."""
    minutes = [(one.hour * 60 + one.minute + step) % 1440 for step in (-1, 0, 1)]
    return tuple(time(minute // 60, minute % 60) for minute in minutes)


def by(step: timedelta) -> Callable[[Variable, Any], tuple[Any, ...]]:
    """The values a step away, as far as the calendar goes."""

    def beside(variable: Variable, one: Any) -> tuple[Any, ...]:
        try:
            return (one - step, one, one + step)
        except OverflowError:
            return (one,)

    return beside


HALF = Decimal("0.5")
PARTIAL = frozenset({"starts_with", "ends_with", "contains", "does_not_contain"})
SOMETHING: Mapping[str, Any] = {"money": 1, "points": 1, "number": 1}
STEPS: Mapping[type, Callable[[Variable, Any], tuple[Any, ...]]] = {
    int: beside_number,
    Decimal: beside_number,
    date: by(timedelta(days=1)),
    datetime: by(timedelta(seconds=1)),
    timedelta: by(timedelta(seconds=1)),
    time: beside_time,
}
