"""What is allowed in a programme and was probably not meant: warnings, each with its code and its place.

Nothing here forbids a publication, and nothing here warns where it is not certain. A document that means what it says
names the code among its `accepts`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from rules import (
    check_benefits,
    lint_conditions,
    lint_habits,
    lint_loops,
    lint_moments,
    lint_payout,
    lint_stacking,
    lint_tiers,
)
from rules.check import Checked, first_of_each
from rules.faults import Fault
from rules.lint_desk import Desk, Warnings

__all__ = ["Desk", "desk_of", "lint"]

LAWS: tuple[Callable[[Desk], Warnings], ...] = (
    lint_conditions.policies,
    lint_conditions.benefits,
    lint_conditions.demotions,
    lint_stacking.shadowed,
    lint_stacking.overlapping,
    lint_tiers.unreachable,
    lint_tiers.contradictory,
    lint_loops.loops,
    lint_payout.above_ceiling,
    lint_habits.endless,
    lint_habits.unstated,
    lint_habits.core_benefits,
    lint_moments.idle,
)


def lint(checked: Checked) -> list[Fault]:
    """Every warning about documents that have no faults; none where they have, for first things come first."""
    desk = desk_of(checked)
    if desk is None:
        return []
    told = (check_benefits.at_home(one) for law in LAWS for one in law(desk))
    found = {(one.path, one.pointer, one.code): one for one in told}
    accepted = accepts(checked)
    kept = [one for one in found.values() if one.code not in accepted.get(one.path, ())]
    return first_of_each(sorted(kept, key=lambda one: (one.path, one.pointer, one.code)))


def desk_of(checked: Checked) -> Desk | None:
    """The documents as warnings look at them, if there is nothing wrong with them."""
    if checked.faulty or checked.definitions is None:
        return None
    return Desk(checked.definitions, checked.rules)


def accepts(checked: Checked) -> Mapping[str, tuple[str, ...]]:
    """The warnings each document means to live with."""
    definitions = checked.definitions
    if definitions is None:
        return {}
    named: dict[str, Any] = {"programme": definitions.programme}
    named |= {f"tiers/{key}": standard.ladder for key, standard in definitions.standards.items()}
    named |= {f"benefits/{key}": benefit for key, benefit in definitions.benefits.items()}
    named |= {path: rule.policy for path, rule in checked.rules.items()}
    return {path: one.accepts for path, one in named.items()}
