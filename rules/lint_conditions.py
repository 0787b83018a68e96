"""Conditions that are never met, in whole or in a part, and conditions that always are."""

from collections.abc import Iterator
from dataclasses import replace

from rules.conditions import All, Condition, Lines, Not, Some
from rules.lint_desk import Desk, Warnings, warning
from rules.satisfy import Question

INSIDE = {"any_line": ("any_line",), "every_line": ("every_line",), "lines": ("lines", "where")}
Steps = tuple[str | int, ...]


def policies(desk: Desk) -> Warnings:
    """Policies that never fire, and conditions that ask nothing."""
    for path, rule in desk.rules.items():
        yield from never_true(path, rule.asked, desk.of(rule), "conditions")
        yield from always_true(path, rule.asked, replace(desk.question, kinds=rule.policy.on), "conditions")


def benefits(desk: Desk) -> Warnings:
    """Benefits that nobody can have, or that say whom they are for and mean everybody."""
    for key, asked in desk.definitions.available_to.items():
        yield from never_true(f"benefits/{key}", asked, desk.question, "available_to")
        yield from always_true(f"benefits/{key}", asked, desk.question, "available_to")


def demotions(desk: Desk) -> Warnings:
    """Ladders nobody can fall on although they say when."""
    for key, standard in desk.definitions.standards.items():
        yield from never_true(f"tiers/{key}", standard.demotion, desk.question, "demotion", "when")


def never_true(path: str, asked: Condition | None, question: Question, *steps: str | int) -> Warnings:
    """A warning for each smallest part that can never hold."""
    if asked is not None:
        for place in dead(question, asked, steps):
            whole = place == steps or question.never(asked)
            yield warning(path, "NEVER_TRUE", *place, cause="never_whole" if whole else "never_part")


def always_true(path: str, asked: Condition | None, question: Question, *steps: str | int) -> Warnings:
    """A warning for each largest part that always holds."""
    if asked is not None:
        for place in idle(question, asked, steps):
            yield warning(path, "ALWAYS_TRUE", *place)


def dead(question: Question, asked: Condition, steps: Steps) -> Iterator[Steps]:
    """Where the smallest parts stand that can never hold: a branch by itself, or what must hold together and cannot."""
    if not question.never(asked):
        if isinstance(asked, All | Some):
            for index, part in enumerate(asked.parts):
                yield from dead(question, part, (*steps, word(asked), index))
        elif isinstance(asked, Lines):
            yield from dead(question, asked.part, (*steps, *INSIDE[asked.word]))
        return
    if isinstance(asked, All):
        for index, part in enumerate(asked.parts):
            if question.never(part):
                yield from dead(question, part, (*steps, "all", index))
                return
    yield steps


def idle(question: Question, asked: Condition, steps: Steps) -> Iterator[Steps]:
    """Where the largest parts stand that always hold."""
    if question.always(asked):
        yield steps
    elif isinstance(asked, All | Some):
        for index, part in enumerate(asked.parts):
            yield from idle(question, part, (*steps, word(asked), index))
    elif isinstance(asked, Not):
        yield from idle(question, asked.part, (*steps, "not"))


def word(asked: All | Some) -> str:
    """What a group is called in a document."""
    return "all" if isinstance(asked, All) else "any"
