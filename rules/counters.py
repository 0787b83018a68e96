"""Shared counters: what all members take from together. Their names, what each starts with, and who takes from which.

A counter is guarded where it is written, so that it never goes below nothing; a part kept for some is a counter of its
own. Names: `budget:<key>`, `budget:<key>:times`, each with `:kept` behind it; `campaign:<policy>:points` or `:times`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from rules import actions, exact
from rules.budgets import Budget, Kept
from rules.facts import variable_key
from rules.rule import Definitions, Rule

Unit = Literal["points", "times"]
UNITS: tuple[Unit, ...] = ("points", "times")
SHARED = ("budget:", "campaign:")
KEPT = ":kept"  # Behind the counter of a budget's kept part, which is taken from first, and has it back last.


@dataclass(frozen=True, slots=True)
class Pot:
    """Something a policy's awards are counted against: the counters it takes from, in their order."""

    unit: Unit
    because: str
    counters: tuple[str, ...]


def shared(name: str) -> bool:
    """Whether this names a counter of all members."""
    return name.startswith(SHARED)


def by_times(name: str) -> bool:
    """Whether a counter counts awards, not points."""
    return ":times" in name


def budget_counter(key: str, unit: Unit, *, kept: bool = False) -> str:
    """The counter of a budget, or of the part of it that is kept."""
    return f"budget:{key}{':times' if unit == 'times' else ''}{KEPT if kept else ''}"


def campaign_counter(path: str, unit: Unit) -> str:
    """The counter of a policy's own cap over all members."""
    return f"campaign:{path}:{unit}"


def owner(name: str) -> str | None:
    """The policy whose own counter this is; None of what many may take from."""
    return name.split(":")[1] if name.startswith("campaign:") else None


def pots(rule: Rule, definitions: Definitions, facts: Mapping[str, Any]) -> Iterator[Pot]:
    """What a policy's awards to this member count against, but for the member's own caps."""
    limits = rule.policy.limits
    if limits is None:
        return
    for unit in UNITS:
        if getattr(limits, f"{unit}_in_all") is not None:
            yield Pot(unit, f"limit:{unit}_in_all", (campaign_counter(rule.path, unit),))
    if limits.budget is None:
        return
    own = definitions.programme.budgets[limits.budget]
    may = own.kept is not None and entitled(own.kept, definitions, facts)
    for unit in UNITS:
        if getattr(own, unit) is not None:
            keeps = may and getattr(own.kept, unit) is not None
            kept = (budget_counter(limits.budget, unit, kept=True),) if keeps else ()
            yield Pot(unit, f"budget:{limits.budget}", (*kept, budget_counter(limits.budget, unit)))


def tier_of(kept: Kept, definitions: Definitions) -> str:
    """The variable that says whether a member may take what is kept."""
    return f"tier_{variable_key(kept.ladder or definitions.programme.ladder or '')}"


def entitled(kept: Kept, definitions: Definitions, facts: Mapping[str, Any]) -> bool:
    """Whether the member stands high enough for what is kept; a level the ladder has lost is not."""
    variable = definitions.catalogue.variables[tier_of(kept, definitions)]
    stands, least = variable.rank(facts.get(variable.name)), variable.rank(kept.at_least)
    return stands is not None and bool(stands >= least)


def reads(rule: Rule, definitions: Definitions) -> set[str]:
    """The variables a policy's limits look at."""
    limits = rule.policy.limits
    own = definitions.programme.budgets.get(limits.budget or "") if limits else None
    return {tier_of(own.kept, definitions)} if own is not None and own.kept is not None else set()


def scale_of(rule: Rule, definitions: Definitions) -> int:
    """The decimals of what a policy earns: its caps on points count in that wallet's units."""
    main = definitions.main_wallet
    return next((definitions.scale(actions.wallet_of(one) or main) for one in rule.actions if actions.limited(one)), 0)


def totals(definitions: Definitions, rules: Mapping[str, Rule]) -> dict[str, int]:
    """Every counter that budgets and policies want, and what it starts with."""
    wanted: dict[str, int] = {}
    for key, own in definitions.programme.budgets.items():
        wanted |= budget_totals(key, own, definitions.scale(own.wallet or definitions.main_wallet))
    for path, rule in rules.items():
        limits = rule.policy.limits
        if limits is not None and limits.points_in_all is not None:
            wanted[campaign_counter(path, "points")] = limits.points_in_all * 10 ** scale_of(rule, definitions)
        if limits is not None and limits.times_in_all is not None:
            wanted[campaign_counter(path, "times")] = limits.times_in_all
    return wanted


def budget_totals(key: str, own: Budget, scale: int) -> dict[str, int]:
    """A budget's counters: what is kept, and the rest."""
    found = {}
    for unit in UNITS:
        stated = getattr(own, unit)
        if stated is None:
            continue
        kept = getattr(own.kept, unit) if own.kept else None
        own_scale = scale if unit == "points" else 0
        whole, part = (exact.units(Decimal(one), own_scale) or 0 for one in (stated, kept or 0))
        found[budget_counter(key, unit)] = whole - part
        if kept is not None:
            found[budget_counter(key, unit, kept=True)] = part
    return found
