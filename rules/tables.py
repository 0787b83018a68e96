"""Tables from a fact to a mask of bits: what an index of policies is made of, one kind for each kind of question.

A bit stands for the literals of one policy's clause on one variable. A table gives, for any value of the variable, the
mask of the bits that stay.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rules.clauses import Literal
from rules.facts import Variable
from rules.operators import EQUALITY, FILLED, LADDER, MEMBERS, ORDER, SET, TIME, TRUTH, Operator, ask

DENSE_MAX = 1_024  # Masks one table keeps; of more it keeps some, and the bits that turn between them.
RANGE_MAX = 64  # So many whole numbers are looked up; among more is searched.
UNNAMED = "\0"  # A text that no document can name.


def rows(tables: Iterable[Mapping[str, Operator]], *names: str) -> frozenset[int]:
    """Operators by identity: one of another table that has the same name is another question."""
    return frozenset(id(row) for table in tables for name, row in table.items() if not names or name in names)


DISCRETE_TYPES = frozenset({"choice", "text", "weekday", "tier", "boolean"})
DISCRETE = rows((EQUALITY, FILLED, LADDER, SET, TRUTH))
ORDERED = rows((ORDER, TIME, SET))
MEMBERSHIP = rows((MEMBERS,), "contains", "does_not_contain", "contains_any", "contains_none")


@dataclass(frozen=True, slots=True)
class Held:
    """The literals of one policy's clause on one variable, and their bit. A `unit` keeps its bit while all of them
    hold; a clause, of whose literals one is enough, keeps the bit of its failure while none does.
    """

    bit: int
    unit: bool
    literals: tuple[Literal, ...]

    def keeps(self, value: Any) -> bool:
        """Whether the bit stays for a value: a rank, for a ladder."""
        return self.told(ask(one.leaf.operator, value, one.leaf.value) is one.wanted for one in self.literals)

    def told(self, answers: Iterable[bool]) -> bool:
        """Whether the bit stays, given whether each literal holds."""
        return all(answers) if self.unit else not any(answers)


def indexable(literal: Literal) -> bool:
    """Whether a table can answer a question."""
    kind, row = literal.leaf.variable.type, id(literal.leaf.operator)
    if kind == "set":
        return row in MEMBERSHIP
    return row in (DISCRETE if kind in DISCRETE_TYPES else ORDERED)


def named(literal: Literal) -> tuple[Any, ...]:
    """The values a question names."""
    value, wants = literal.leaf.value, literal.leaf.operator.input
    if wants == "none":
        return ()
    return (value,) if wants == "one" else tuple(value)


def asked_of(held: Iterable[Held], value: Any) -> int:
    """The bits that stay for a value, asked one by one."""
    return sum(1 << one.bit for one in held if one.keeps(value))


@dataclass(frozen=True)
class Turns:
    """Masks by place, where few bits turn from one to the next: all of them, or every so many and the turns between."""

    masks: tuple[int, ...]
    turns: tuple[tuple[int, ...], ...] = ()  # By place: the bits that turn on the way to it. Empty where all is kept.
    stride: int = 1

    @classmethod
    def of(cls, first: int, turns: Sequence[Sequence[int]]) -> "Turns":
        """From the mask of place 0 and the bits that turn on the way to each place."""
        stride = -(-len(turns) // DENSE_MAX)
        masks, mask = [], first
        for place, turning in enumerate(turns):
            mask = turned(mask, turning)
            if place % stride == 0:
                masks.append(mask)
        return cls(tuple(masks), tuple(map(tuple, turns)) if stride > 1 else (), stride)

    def at(self, place: int) -> int:
        """The mask of a place."""
        if self.stride == 1:
            return self.masks[place]
        start = place - place % self.stride
        mask = self.masks[place // self.stride]
        for turning in self.turns[start + 1 : place + 1]:
            mask = turned(mask, turning)
        return mask


def turned(mask: int, bits: Iterable[int]) -> int:
    """A mask with some of its bits turned over."""
    for bit in bits:
        mask ^= 1 << bit
    return mask


class Discrete:
    """Values that are equal or not: a mask for each that is named, and one for all others."""

    def __init__(self, variable: Variable, held: Sequence[Held], every: int) -> None:
        finite: Sequence[Any] = {"tier": range(len(variable.options)), "boolean": (False, True)}.get(variable.type, ())
        free = every & ~sum(1 << one.bit for one in held)
        self.other: int = free | asked_of(held, None if finite else UNNAMED)
        self.places: dict[Any, int] = {None: 0, **{value: place for place, value in enumerate(finite, 1)}}
        turns: list[list[int]] = [[] for _ in self.places]
        for one in held:
            stays = bool(self.other >> one.bit & 1)
            for value in {*(finite or ("", *(name for each in one.literals for name in named(each)))), None}:
                if one.keeps(value) is not stays:
                    if value not in self.places:
                        self.places[value] = len(turns)
                        turns.append([])
                    turns[self.places[value]].append(one.bit)
        # Each value turns its own bits; kept apart, no value needs those of another.
        self.turns = turns
        self.masks = (
            {value: turned(self.other, turns[place]) for value, place in self.places.items()}
            if (len(turns) <= DENSE_MAX)
            else None
        )

    def at(self, value: Any) -> int:
        """The mask of a value."""
        place = self.places.get(value)
        return self.other if place is None else turned(self.other, self.turns[place])


class Ordered:
    """Values in order: a mask for each value that is named, and for each gap between two of them."""

    def __init__(self, held: Sequence[Held], every: int) -> None:
        free = every & ~sum(1 << one.bit for one in held)
        self.unknown: int = free | asked_of(held, None)
        self.edges = sorted({value for one in held for literal in one.literals for value in named(literal)})
        places = {edge: 2 * index + 1 for index, edge in enumerate(self.edges)}
        turns: list[list[int]] = [[] for _ in range(2 * len(self.edges) + 1)]
        first = free
        for one in held:
            (_, stays), *flips = flips_of(one, places)
            first |= stays << one.bit
            for place, _ in flips:
                turns[place].append(one.bit)
        self.masks = Turns.of(first, turns)

    def place(self, value: Any) -> int:
        """2i+1 for the i-th edge itself, an even number for what lies between."""
        return bisect_left(self.edges, value) + bisect_right(self.edges, value)

    def at(self, value: Any) -> int:
        """The mask of a value."""
        return self.unknown if value is None else self.masks.at(self.place(value))

    def of_whole_numbers(self) -> "Stretches | None":
        """The same for whole numbers alone, unless there is something else among what is asked, or too much of it."""
        if self.masks.stride > 1 or any(edge.__class__ is not int for edge in self.edges):
            return None
        starts: dict[int, int] = {}
        for index, edge in enumerate(self.edges):
            starts[edge] = self.masks.at(2 * index + 1)
            starts[edge + 1] = self.masks.at(2 * index + 2)
        return Stretches(list(starts), [self.masks.at(0), *starts.values()])


@dataclass(frozen=True, slots=True)
class Stretches:
    """Whole numbers in stretches with a mask each: where a stretch starts, and one mask more for what lies before."""

    starts: list[int]
    masks: list[int]


def flips_of(held: Held, places: Mapping[Any, int]) -> Iterator[tuple[int, bool]]:
    """Whether the bit stays at the very start, and then each place where that changes.

    Comparing places compares values: so each question is asked of places, its own among those of its neighbours.
    """
    own = sorted({places[value] for literal in held.literals for value in named(literal)})
    local = {place: 2 * index + 1 for index, place in enumerate(own)}
    asked = [(one.leaf.operator, placed(one, places, local), one.wanted) for one in held.literals]
    before: bool | None = None
    for spot in range(2 * len(own) + 1):
        stays = held.told(ask(row, spot, value) is wanted for row, value, wanted in asked)
        if stays is not before:
            yield (0 if spot == 0 else own[(spot - 1) // 2] + (spot + 1) % 2), stays
            before = stays


def placed(literal: Literal, places: Mapping[Any, int], local: Mapping[int, int]) -> Any:
    """What a question compares with, as places."""
    spots = tuple(local[places[value]] for value in named(literal))
    return {"none": None, "one": spots[0] if spots else None}.get(literal.leaf.operator.input, spots)


class Members:
    """Sets: the bits that turn when an element is among them, from what stays of none."""

    def __init__(self, held: Sequence[Held], every: int) -> None:
        free = every & ~sum(1 << one.bit for one in held)
        self.unknown: int = free | asked_of(held, None)
        self.none: int = free | asked_of(held, ())
        hits: dict[Any, list[int]] = {}
        for one in held:
            for value in {name for literal in one.literals for name in named(literal)}:
                hits.setdefault(value, []).append(one.bit)
        self.hits = {value: turned(0, bits) for value, bits in hits.items()}

    def at(self, value: Any) -> int:
        """The mask of a set."""
        if value is None:
            return self.unknown
        hit = 0
        for element in value:
            hit |= self.hits.get(element, 0)
        return self.none ^ hit
