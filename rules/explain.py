"""Why: the walk over a policy with the value found at each condition, what became of every policy, and what is missing.

The walk is of the same typed document that was compiled; property tests hold the two equal.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal

from rules.actions import PriceFixed, PriceStepped
from rules.conditions import All, Condition, Leaf, Not, Some, holds
from rules.decide import Outcome, Verdict
from rules.operators import ask
from rules.rule import Rule
from rules.ruleset import Ruleset, order

Facts = Mapping[str, Any]
WANTS_MORE = ("greater_than", "greater_than_or_equal_to")


@dataclass(frozen=True, slots=True)
class Traced:
    """A node of a condition with its answer; a leaf also has what was found."""

    kind: Literal["all", "any", "not", "is"]
    met: bool
    leaf: Leaf | None = None
    found: Any = None
    parts: tuple["Traced", ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """What became of one policy on one event. `state`: fired, withheld (its conditions held), or not_met."""

    policy: str
    state: Literal["fired", "withheld", "not_met"]
    outcome: Outcome | None = None
    traced: Traced | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """A condition of the next level that is not met yet; of those with the same `any_of` one is enough."""

    variable: str
    operator: str
    has: Any
    needs: Any
    lacking: int | None = None
    any_of: int | None = None
    leaf: Leaf | None = None


def trace(condition: Condition, facts: Facts) -> Traced:
    """The answer at every node. Unlike a decision it looks at all of them."""
    match condition:
        case Leaf(variable, operator, value):
            found = facts[variable.name]
            return Traced("is", ask(operator, variable.rank(found), value), condition, found)
        case Not(part):
            inner = trace(part, facts)
            return Traced("not", not inner.met, parts=(inner,))
        case All(parts):
            traced = tuple(trace(part, facts) for part in parts)
            return Traced("all", all(one.met for one in traced), parts=traced)
        case Some(parts):
            traced = tuple(trace(part, facts) for part in parts)
            return Traced("any", any(one.met for one in traced), parts=traced)


def deciding(traced: Traced, wanted: bool = True) -> Iterator[Traced]:
    """The leaves that stand in the way: those whose answer would have to change."""
    if traced.kind == "is":
        if traced.met is not wanted:
            yield traced
    elif traced.kind == "not":
        yield from deciding(traced.parts[0], not wanted)
    elif traced.met is not wanted:
        for part in traced.parts:
            yield from deciding(part, wanted)


def stories(ruleset: Ruleset, kind: str, facts: Facts, lines: Sequence[Facts], verdict: Verdict) -> tuple[Story, ...]:
    """What became of every policy that listens to this kind of event, by priority, then path."""
    plan = ruleset.plans.get(kind)
    if plan is None:
        return ()
    outcomes = {outcome.policy: outcome for outcome in verdict.outcomes}
    heard = sorted((*plan.whole, *plan.lined), key=order)
    told = [rule for rule in heard if rule.path in outcomes or not sells_another(rule, facts)]
    return tuple(story(rule, facts, lines, outcomes.get(rule.path)) for rule in told)


def sells_another(rule: Rule, facts: Facts) -> bool:
    """Whether a policy does nothing but price benefits that were not asked for: nobody wonders why it gave nothing."""
    wanted = facts.get("redeem_benefit")
    return wanted is not None and all(
        isinstance(one, PriceFixed | PriceStepped) and one.benefit != wanted for one in rule.actions
    )


def story(rule: Rule, facts: Facts, lines: Sequence[Facts], outcome: Outcome | None) -> Story:
    """What became of one policy; for one by line, at the first line that matches, or else the first there is."""
    scene, line = dict(facts), None
    if rule.by_line and lines:
        line = next((i for i, one in enumerate(lines) if holds(rule.condition, {**facts, **one})), 0)
        scene |= lines[line]
    empty = rule.by_line and not lines
    traced = None if rule.condition is None or empty else trace(rule.condition, scene)
    if outcome is not None:
        return Story(rule.path, "fired" if outcome.fired else "withheld", outcome, traced, line)
    return Story(rule.path, "not_met", None, traced, line)


def missing(ruleset: Ruleset, ladder: str, rank: int, facts: Facts) -> tuple[Missing, ...]:
    """What a level still asks for; nothing if its standard is met."""
    condition = ruleset.definitions.standards[ladder].reach[rank]
    return () if condition is None else tuple(lacking(trace(condition, facts), count(1)))


def lacking(traced: Traced, choices: Iterator[int], any_of: int | None = None) -> Iterator[Missing]:
    """The unmet leaves of what is not met; the alternatives of an `any` share its number."""
    if traced.met:
        return
    if traced.leaf is not None:
        leaf, found, more = traced.leaf, traced.found, None
        if leaf.operator.name in WANTS_MORE and isinstance(found, int):
            more = leaf.value - found + (leaf.operator.name == "greater_than")
        yield Missing(leaf.variable.name, leaf.operator.name, found, leaf.value, more, any_of, leaf)
    elif traced.kind != "not":
        choice = next(choices) if traced.kind == "any" and any_of is None else any_of
        for part in traced.parts:
            yield from lacking(part, choices, choice)
