"""Policies that set one another off: points lead to a level, the level gives points, and so on.

The fold cuts such a chain after a few steps, so what it gives in the end is nobody's wish.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from rules.conditions import leaves
from rules.faults import listed
from rules.limits import named
from rules.lint_desk import Desk, Warnings, fills, warning
from rules.rule import Rule, Standard
from rules.satisfy import Bound

AVAILABLE = "points.available"
CHANGES = ("tier.changed", "tier.reviewed")


def loops(desk: Desk) -> Warnings:
    """Each circle once, at the first of its policies."""
    after = {rule.path: sorted(set(follow(desk, rule))) for rule in desk.rules.values() if not bounded(rule)}
    told: set[str] = set()
    for path in sorted(after):
        circle = way_back(after, path)
        if circle and not told & set(circle):
            told.update(circle)
            yield warning(path, "LOOP", policies=listed([*circle, circle[0]]).replace(", ", " → "))


def bounded(rule: Rule) -> bool:
    """Whether a cap on each member ends any circle through a policy."""
    limits = rule.policy.limits
    return limits is not None and any("_per_member" in name for name, _ in named(limits))


def follow(desk: Desk, rule: Rule) -> Iterator[str]:
    """The policies that what this one does sets off."""
    for other in desk.rules.values():
        if not bounded(other) and any(sets_off(desk, rule, other)):
            yield other.path


def sets_off(desk: Desk, rule: Rule, other: Rule) -> Iterator[bool]:
    """Whether points of one policy become available to another, or lift members on a ladder it listens to."""
    filled = fills(rule, desk.definitions)
    if AVAILABLE in other.policy.on and filled:
        yield True
    if set(CHANGES) & set(other.policy.on):
        for key, standard in desk.definitions.standards.items():
            if moves(rule, key, desk) or reads(standard, filled):
                yield may_hold(desk, other, key)


def moves(rule: Rule, ladder: str, desk: Desk) -> bool:
    """Whether a policy moves members on a ladder itself."""
    main = desk.definitions.programme.ladder
    return any(one.name == "move_tier" and (getattr(one, "ladder", None) or main) == ladder for one in rule.actions)


def reads(standard: Standard, wallets: set[str]) -> bool:
    """Whether a ladder looks at a figure of one of these wallets."""
    asked = [leaf for condition in standard.conditions for leaf in leaves(condition)]
    return any(leaf.variable.type == "points" and leaf.variable.unit in wallets for leaf in asked)


def may_hold(desk: Desk, other: Rule, ladder: str) -> bool:
    """Whether a policy can hold on a change of this ladder."""
    question = replace(desk.question, bounds={"tier_ladder": Bound(lambda key: key == ladder, (ladder,))})
    return question.possible(other.condition) is not False


def way_back(after: Mapping[str, list[str]], start: str) -> list[str]:
    """The shortest way from a policy back to itself, without its end; empty if there is none."""
    waiting, seen = [[start]], {start}
    while waiting:
        way = waiting.pop(0)
        for path in after.get(way[-1], ()):
            if path == start:
                return way
            if path not in seen:
                seen.add(path)
                waiting.append([*way, path])
    return []
