"""Levels that nobody can stand on, and standards that contradict themselves or one another."""

from rules.lint_desk import Desk, Warnings, warning
from rules.rule import Standard
from rules.satisfy import both


def unreachable(desk: Desk) -> Warnings:
    """Levels that are never the highest whose standard is met, unless a policy lifts members to them."""
    for key, standard in desk.definitions.standards.items():
        lifted = lifted_to(desk, key)
        for rank, reach in enumerate(standard.reach):
            if reach is None or standard.ladder.levels[rank].key in lifted or desk.question.never(reach):
                continue
            path, place = f"tiers/{key}", ("levels", rank, "reach")
            higher = overtaken(desk, standard, rank)
            level = standard.ladder.levels[rank].key
            if desk.lived.never(reach):
                yield warning(path, "TIER_UNREACHABLE", *place, level=level, cause="nothing_fills")
            elif higher is not None:
                other = standard.ladder.levels[higher].key
                yield warning(path, "TIER_UNREACHABLE", *place, level=level, cause="overtaken", other=other)


def overtaken(desk: Desk, standard: Standard, rank: int) -> int | None:
    """The higher level whose standard is met by whoever meets this one's."""
    higher = range(rank + 1, len(standard.reach))
    return next((other for other in higher if desk.question.implies(standard.reach[rank], standard.reach[other])), None)


def lifted_to(desk: Desk, ladder: str) -> set[str]:
    """The levels that some policy moves members to, whatever they have done."""
    main = desk.definitions.programme.ladder
    moves = [one for rule in desk.rules.values() for one in rule.actions if one.name == "move_tier"]
    return {one.to for one in moves if (getattr(one, "ladder", None) or main) == ladder}  # type: ignore[attr-defined]


def contradictory(desk: Desk) -> Warnings:
    """Standards that nothing can meet, and levels that are lost again by the very figures that reach them."""
    for key, standard in desk.definitions.standards.items():
        path = f"tiers/{key}"
        for rank, reach in enumerate(standard.reach):
            level = standard.ladder.levels[rank].key
            if reach is not None and desk.question.never(reach):
                yield warning(path, "TIER_CONTRADICTORY", "levels", rank, "reach", level=level)
                continue
            if standard.ladder.levels[rank].keep is not None and desk.question.never(both(reach, standard.keep[rank])):
                yield warning(path, "TIER_CONTRADICTORY", "levels", rank, "keep", level=level)
