"""From a programme's documents to a ruleset: checked whole, then one generated function a kind of event."""

from collections.abc import Mapping
from itertools import chain
from typing import Any

from rules import filters, ruleset
from rules.check import Checked, check
from rules.faults import Faulty
from rules.ruleset import Needs, Ruleset

__all__ = ["Needs", "Ruleset", "compile_checked", "compile_ruleset"]


def compile_ruleset(folder: Mapping[str, Any]) -> Ruleset:
    """Compile documents by path without `.json`; raises Faulty with everything that is wrong with them."""
    return compile_checked(check(folder))


def compile_checked(checked: Checked) -> Ruleset:
    """Compile what was checked; raises Faulty if that found errors."""
    definitions = checked.definitions
    if checked.faulty or definitions is None:
        raise Faulty(checked.faults)
    kinds = {kind for rule in checked.rules.values() for kind in rule.policy.hears}
    standards, available = definitions.standards, {**definitions.available_to, **definitions.invited}
    return Ruleset(
        definitions,
        {**checked.policies, **checked.brought},
        dict(checked.rules),
        {kind: ruleset.plan(kind, checked.rules, definitions) for kind in sorted(kinds)},
        {key: tuple(map(ruleset.predicate, standard.reach)) for key, standard in standards.items()},
        {key: ruleset.predicate(standard.demotion) for key, standard in standards.items()},
        {key: ruleset.predicate(condition) for key, condition in available.items()},
        ruleset.condition_needs([one for standard in standards.values() for one in standard.conditions], definitions),
        ruleset.condition_needs([*available.values(), *chain(*definitions.early_to.values())], definitions),
        filters.compiled(definitions.filters, definitions.programme.metrics),
        {key: tuple(map(ruleset.predicate, standard.keep)) for key, standard in standards.items()},
        {key: tuple(map(ruleset.predicate, groups)) for key, groups in definitions.early_to.items() if groups},
    )
