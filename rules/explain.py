"""Why: the walk over a policy with the value found at each condition, what became of every policy, and what is missing.

The walk is of the same typed document that was compiled; property tests hold the two equal.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import count
from typing import Any, Literal

from rules.actions import Price
from rules.conditions import LINES, All, Condition, Leaf, Lines, Not, Some, holds
from rules.decide import Outcome, Verdict, outside
from rules.openings import is_open
from rules.operators import ask
from rules.rule import Rule
from rules.ruleset import Ruleset, order

Facts = Mapping[str, Any]
RAISED = frozenset({"order", "line", "history", "points"})  # Figures that a member raises by buying and earning.
PASSING = frozenset({"days", "months", "hours"})  # Figures that only time raises.
WANTS_MORE = ("greater_than", "greater_than_or_equal_to")
THRESHOLD = "threshold:"  # Before a percentile's name: the figure that one must have for it, among a reader's facts.


@dataclass(frozen=True, slots=True)
class Traced:
    """A node of a condition with its answer; a leaf also has what was found."""

    kind: Literal["all", "any", "not", "is", "lines"]
    met: bool
    leaf: Leaf | None = None
    found: Any = None  # Of lines: how many met it, and how many there are.
    parts: tuple["Traced", ...] = ()
    lines: Lines | None = None


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
    of: str | None = None  # The metric that a percentile is of: what is had, needed and lacking is of it.


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
        case Lines(_, _, part):
            traced = tuple(trace(part, {**facts, **line}) for line in facts[LINES])
            found = (sum(one.met for one in traced), len(traced))
            return Traced("lines", condition.enough(*found), None, found, traced, condition)


def deciding(traced: Traced, wanted: bool = True) -> Iterator[Traced]:
    """The leaves that stand in the way: those whose answer would have to change."""
    if traced.kind in ("is", "lines"):  # Of lines it is how many there are that decides, not one of them.
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
    facts = {**facts, LINES: lines}
    outcomes = {outcome.policy: outcome for outcome in verdict.outcomes}
    heard = sorted((*plan.whole, *plan.lined), key=order)
    told = [rule for rule in heard if rule.path in outcomes or not sells_another(rule, facts)]
    return tuple(
        story(rule, facts, lines, outcomes.get(rule.path) or closed(ruleset, rule, facts, lines, verdict))
        for rule in told
    )


def closed(ruleset: Ruleset, rule: Rule, facts: Facts, lines: Sequence[Facts], verdict: Verdict) -> Outcome | None:
    """What a decision does not say, for it never looks: that a policy would have been met on another day."""
    if verdict.at is None or is_open(rule, verdict.at, ruleset.zone):
        return None
    because = outside(rule, verdict.at, ruleset.zone)
    scenes = [{**facts, **line} for line in lines] if rule.by_line else [facts]
    met = any(holds(rule.condition, scene) for scene in scenes)
    return Outcome(rule.path, False, because=because) if met else None


def sells_another(rule: Rule, facts: Facts) -> bool:
    """Whether a policy does nothing but price benefits that were not asked for: nobody wonders why it gave nothing."""
    wanted = facts.get("redeem_benefit")
    return wanted is not None and all(isinstance(one, Price) and one.benefit != wanted for one in rule.actions)


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
    return _unmet(ruleset.definitions.standards[ladder].reach[rank], facts)


def to_keep(ruleset: Ruleset, ladder: str, rank: int, facts: Facts) -> tuple[Missing, ...]:
    """What a level still asks for to be kept; nothing if it is."""
    return _unmet(ruleset.definitions.standards[ladder].keep[rank], facts)


def _unmet(condition: Condition | None, facts: Facts) -> tuple[Missing, ...]:
    if condition is None:
        return ()
    return tuple(ranked(one, facts) for one in lacking(trace(condition, facts), count(1)))


def near(traced: Traced | None) -> Missing | None:
    """What would have been enough: a figure that only more buying or earning raises, more than half of it there.

    Nothing if something else stands in the way as well, or if it is not the member's to change.
    """
    gaps = list(lacking(traced, count(1))) if traced is not None and not traced.met else []
    if len(gaps) != 1 and (not gaps or {one.any_of for one in gaps} != {1} or needs_all(traced)):
        return None
    return min((one for one in gaps if reachable(one)), key=short_of, default=None)


def needs_all(traced: Traced | None) -> bool:
    """Whether one of several alternatives would not be enough: they are part of something that lacks more."""
    while traced is not None and traced.kind == "all":
        unmet = [part for part in traced.parts if not part.met]
        if len(unmet) != 1:
            return True
        traced = unmet[0]
    return traced is None or traced.kind != "any" or any(part.kind != "is" for part in traced.parts if not part.met)


def reachable(gap: Missing) -> bool:
    """Whether a gap is one that a member can close, and is nearly there."""
    variable = gap.leaf.variable if gap.leaf is not None else None
    if variable is None or gap.lacking is None or variable.group not in RAISED or variable.unit in PASSING:
        return False
    return bool(0 < gap.lacking * 2 <= gap.needs)


def short_of(gap: Missing) -> Fraction:
    """How much of what is needed is lacking."""
    return Fraction(gap.lacking or 0, gap.needs)


def ranked(gap: Missing, facts: Facts) -> Missing:
    """For a place among the best, how much of the figure is lacking, once it is known where they begin."""
    if gap.leaf is None or not gap.leaf.variable.of or gap.operator != "is_true":
        return gap
    needs, has = facts[THRESHOLD + gap.variable], facts[gap.leaf.variable.of]
    if needs is None:
        return gap
    return replace(gap, has=has, needs=needs, lacking=needs - has, of=gap.leaf.variable.of)


def lacking(traced: Traced, choices: Iterator[int], any_of: int | None = None) -> Iterator[Missing]:
    """The unmet leaves of what is not met; the alternatives of an `any` share its number."""
    if traced.met:
        return
    if traced.leaf is not None:
        leaf, found, more = traced.leaf, traced.found, None
        if leaf.operator.name in WANTS_MORE and isinstance(found, int):
            more = leaf.value - found + (leaf.operator.name == "greater_than")
        yield Missing(leaf.variable.name, leaf.operator.name, found, leaf.value, more, any_of, leaf)
    elif traced.kind not in ("not", "lines"):
        choice = next(choices) if traced.kind == "any" and any_of is None else any_of
        for part in traced.parts:
            yield from lacking(part, choices, choice)
