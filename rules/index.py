"""Which of many conditions hold: facts are looked up in tables of bit masks, and only who is left is asked further.

Every condition has a bit, and a few more for those of its clauses that are disjunctions. A fact narrows all conditions
at once; so the cost grows with the facts and with the conditions that hold, not with those that there are.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rules import codegen, tables
from rules.clauses import Clause, Literal, condition_of, taken_apart
from rules.codegen import Facts, Source
from rules.conditions import LINES, All, Condition, quantified
from rules.facts import Variable
from rules.tables import Discrete, Held, Members, Ordered

INDEX_MIN = 4  # Of fewer conditions each is asked by itself.
PLANES_MAX = 3  # Disjunctive clauses of a condition that tables answer; what it has besides is asked of candidates.
ALL_BITS = -1
Holds = Callable[..., list[int]]


@dataclass
class Plan:
    """What tables answer, and what remains to be asked, condition by condition."""

    count: int
    held: dict[str, dict[tuple[int, int], list[Literal]]] = field(default_factory=dict)  # By variable: (plane, index).
    has: list[int] = field(default_factory=list)  # By disjunctive plane: the conditions that have such a clause.
    rest: dict[int, Condition] = field(default_factory=dict)

    def add(self, index: int, condition: Condition | None) -> None:
        """Give a condition's clauses to tables, as far as they can answer them."""
        taken = taken_apart(condition)
        rest: list[Clause] = []
        plane = 0
        for clause in taken.clauses:
            if len(clause) == 1 and self.hold(index, 0, clause):
                continue
            if plane < PLANES_MAX and self.hold(index, plane + 1, clause):
                plane += 1
                self.has += [0] * (plane - len(self.has))
                self.has[plane - 1] |= 1 << index
            else:
                rest.append(clause)
        self.remain(index, [*map(condition_of, rest), *taken.rest])

    def hold(self, index: int, plane: int, clause: Clause) -> bool:
        """Whether tables can answer a clause; then they will. A set is asked once in a clause."""
        if not all(map(tables.indexable, clause)):
            return False
        names = [literal.leaf.variable.name for literal in clause if literal.leaf.variable.type == "set"]
        taken = [name for name in names if (plane, index) in self.held.get(name, {})]
        if taken or len(set(names)) < len(names):
            return False
        for literal in clause:
            self.held.setdefault(literal.leaf.variable.name, {}).setdefault((plane, index), []).append(literal)
        return True

    def remain(self, index: int, rest: Sequence[Condition]) -> None:
        """Ask a condition's remaining parts of candidates."""
        if rest:
            self.rest[index] = All(tuple(rest)) if len(rest) > 1 else rest[0]

    def of(self, variable: Variable) -> list[Held]:
        """What is held of a variable, bit by bit."""
        found = self.held.get(variable.name, {})
        return [Held(plane * self.count + index, plane == 0, tuple(own)) for (plane, index), own in found.items()]

    @property
    def every(self) -> int:
        """All the bits there are."""
        return (1 << self.count * (len(self.has) + 1)) - 1


def function(conditions: Sequence[Condition | None], kind: str | None = None) -> Holds:
    """One function for many conditions: facts (and an order line) in, the indices of those that hold out, in order.

    A third argument, a mask of indices, says which conditions matter at all.
    """
    plan = Plan(len(conditions))
    for index, condition in enumerate(conditions):
        if len(conditions) >= INDEX_MIN:
            plan.add(index, condition)
        elif condition is not None:
            plan.rest[index] = condition
    of_lines = any(map(quantified, conditions))
    read = list(codegen.union(conditions).values())
    seen = [variable for variable in read if variable.group != "line" or not of_lines]
    looks = codegen.looks(seen, kind, lambda source, variable: narrow(source, variable, plan))
    if of_lines:
        looks.append(codegen.look_at_lines([variable for variable in read if variable.group == "line"]))
    places = {variable.name: place for place, variable in enumerate(seen)}
    asked = codegen.checks(list(plan.rest.values()), kind, places)
    return holder(plan, looks, dict(zip(plan.rest, asked, strict=True)))


def holder(plan: Plan, looks: Sequence[codegen.Look], checks: Mapping[int, codegen.Check]) -> Holds:
    """The function itself."""
    every, count, whole = plan.every, plan.count, (1 << plan.count) - 1
    planes = [(count * number, has) for number, has in enumerate(plan.has, 1)]
    unsure = sum(1 << index for index in checks)

    def holds(facts: Facts, line: Facts, among: int = ALL_BITS) -> list[int]:
        mask = every
        seen: tuple[Any, ...] = ()
        for look in looks:
            mask, own = look(facts, line, mask)
            seen += own
        left = mask & whole & among
        for shift, has in planes:
            left ^= left & (mask >> shift) & has
        if left & unsure:
            lines = facts.get(LINES, ())
            for place in bits(left & unsure):
                if not checks[place](facts, line, lines, seen):
                    left ^= 1 << place
        return bits(left)

    return holds


def bits(mask: int) -> list[int]:
    """The places of the bits that are set, from the lowest."""
    found: list[int] = []
    if mask.bit_length() <= BYTES_MAX * 8:
        for places, byte in zip(PLACES, mask.to_bytes(BYTES_MAX, "little"), strict=True):
            if byte:
                found += places[byte]
        return found
    text = bin(mask)[:1:-1]
    find, place = text.find, -1
    while (place := find("1", place + 1)) >= 0:
        found.append(place)
    return found


def places_of(first: int) -> list[tuple[int, ...]]:
    """For each byte the places of its bits, the lowest being `first`."""
    return [tuple(first + bit for bit in range(8) if byte >> bit & 1) for byte in range(256)]


BYTES_MAX = 32  # So many bytes of a mask are looked up; a longer one is searched.
PLACES = [places_of(8 * place) for place in range(BYTES_MAX)]


def narrow(source: Source, variable: Variable, plan: Plan) -> None:
    """Lines that leave, of the bits in `mask`, those that a variable's value keeps."""
    held = plan.of(variable)
    if not held:
        return
    local = source.locals[variable.name]
    if variable.type == "set":
        narrow_by_members(source, local, Members(held, plan.every))
    elif variable.type in tables.DISCRETE_TYPES:
        narrow_by_value(source, local, Discrete(variable, held, plan.every))
    else:
        narrow_by_order(source, local, Ordered(held, plan.every))


def narrow_by_members(source: Source, local: str, table: Members) -> None:
    """The bits that turn, element by element."""
    hits, none, unknown = (source.hold(one) for one in (table.hits.get, table.none, table.unknown))
    source.lines += [
        f"if {local} is None: mask &= {unknown}",
        "else:",
        " hit = 0",
        f" for one in {local}: hit |= {hits}(one, 0)",
        f" mask &= {none} ^ hit",
    ]


def narrow_by_value(source: Source, local: str, table: Discrete) -> None:
    """The mask of the value, looked up."""
    if table.masks is None:
        source.lines.append(f"mask &= {source.hold(table.at)}({local})")
    else:
        source.lines.append(f"mask &= {source.hold(table.masks.get)}({local}, {source.hold(table.other)})")


def narrow_by_order(source: Source, local: str, table: Ordered) -> None:
    """The mask of the value: searched by halves; of few whole numbers looked up."""
    at, masks = source.hold(table.at), table.of_whole_numbers()
    if masks is None:
        source.lines.append(f"mask &= {at}({local})")
    elif len(masks.starts) and masks.starts[-1] - masks.starts[0] <= tables.RANGE_MAX:
        known = source.hold({number: table.at(number) for number in range(masks.starts[0], masks.starts[-1] + 1)}.get)
        source.lines += [f"found = {known}({local})", f"mask &= {at}({local}) if found is None else found"]
    else:
        stretches, starts = source.hold(masks.masks), source.hold(masks.starts)
        search, whole = source.hold(bisect_right), source.hold(int)
        source.lines.append(
            f"mask &= {stretches}[{search}({starts}, {local})] if {local}.__class__ is {whole} else {at}({local})"
        )
