"""Conditions taken apart into clauses, each of which must hold: what an index can look up, and the rest.

A clause is a disjunction of literals, a literal a question or its negation. Whatever does not come apart so stays a
condition, and is asked of the policies that are still candidates.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rules.conditions import All, Condition, Leaf, Not, Some


@dataclass(frozen=True, slots=True)
class Literal:
    """One question, and the answer that is wanted."""

    leaf: Leaf
    wanted: bool = True


Clause = tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """A condition taken apart: every clause and every rest must hold."""

    clauses: tuple[Clause, ...] = ()
    rest: tuple[Condition, ...] = ()


def taken_apart(condition: Condition | None) -> Taken:
    """The clauses of a condition, and what is none."""
    clauses: list[Clause] = []
    rest: list[Condition] = []
    for part, wanted in conjuncts(condition) if condition is not None else ():
        literals = list(disjuncts(part, wanted))
        if all(isinstance(one, Literal) for one in literals):
            clauses.append(tuple(one for one in literals if isinstance(one, Literal)))
        else:
            rest.append(part if wanted else Not(part))
    return Taken(tuple(clauses), tuple(rest))


def conjuncts(condition: Condition, wanted: bool = True) -> Iterator[tuple[Condition, bool]]:
    """What must hold together: the parts of an `all`, or of an `any` that must not hold."""
    match condition:
        case Not(part):
            yield from conjuncts(part, not wanted)
        case All(parts) if wanted:
            for part in parts:
                yield from conjuncts(part, wanted)
        case Some(parts) if not wanted:
            for part in parts:
                yield from conjuncts(part, wanted)
        case _:
            yield condition, wanted


def disjuncts(condition: Condition, wanted: bool) -> Iterator[Literal | None]:
    """The alternatives of one conjunct; None for one that is no literal."""
    match condition:
        case Leaf():
            yield Literal(condition, wanted)
        case Not(part):
            yield from disjuncts(part, not wanted)
        case Some(parts) if wanted:
            for part in parts:
                yield from disjuncts(part, wanted)
        case All(parts) if len(parts) == 1 or not wanted:
            for part in parts:
                yield from disjuncts(part, wanted)
        case _:
            yield None


def condition_of(clause: Clause) -> Condition:
    """A clause as a condition again."""
    parts: list[Condition] = [one.leaf if one.wanted else Not(one.leaf) for one in clause]
    return parts[0] if len(parts) == 1 else Some(tuple(parts))
