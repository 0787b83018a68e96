"""Standings: which level's standard is met, whether one may fall, and what the next level still asks for."""

from collections.abc import Mapping
from typing import Any

from rules.ruleset import Ruleset

Facts = Mapping[str, Any]


def standard_met(ruleset: Ruleset, ladder: str, facts: Facts) -> int:
    """The rank of the highest level whose `reach` is met; the lowest, 0, always is."""
    reach = ruleset.standards[ladder]
    return next((rank for rank in range(len(reach) - 1, 0, -1) if reach[rank](facts)), 0)


def may_demote(ruleset: Ruleset, ladder: str, facts: Facts) -> bool:
    """Whether a review may take a member down now: there is a demotion, and its `when` is met or it has none."""
    return ruleset.ladders[ladder].demotion is not None and ruleset.demotions[ladder](facts)


def demoted(ruleset: Ruleset, ladder: str, rank: int, facts: Facts) -> int:
    """The rank a review leaves a member at who stands at `rank`."""
    met, demotion = standard_met(ruleset, ladder, facts), ruleset.ladders[ladder].demotion
    if met >= rank or demotion is None or not may_demote(ruleset, ladder, facts):
        return max(met, rank)
    return max(met, rank - 1) if demotion.to == "one_level" else met
