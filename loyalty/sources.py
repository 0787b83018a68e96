"""How a member comes by a benefit: what sells it, gives it, contains it, or lets it be taken. Codes with parameters."""

from collections.abc import Iterator
from typing import Any

from rules import actions
from rules.benefits import Benefit
from rules.ruleset import Ruleset

Source = tuple[str, dict[str, Any]]
GIVING = (actions.Issue, actions.Convert)


def sources(ruleset: Ruleset, key: str, benefit: Benefit, paused: frozenset[str]) -> Iterator[Source]:
    """Every way there is, the surest first; one that the house alone knows is said to be so."""
    found = [*_terms(ruleset, key, benefit), *_policies(ruleset, key, paused)]
    yield from found or [("house", {})]


def _terms(ruleset: Ruleset, key: str, benefit: Benefit) -> Iterator[Source]:
    """What its own document says."""
    if benefit.standing:
        yield "standing", {}
    if benefit.claim:
        yield "claim", {}
    if benefit.promo_codes:
        yield "promo", {}
    if any(sells(rule.actions, key) for rule in ruleset.rules.values()):
        yield "points", {}
    for other, one in sorted(ruleset.benefits.items()):
        if one.contains is not None and other != key and any(part.benefit == key for part in one.contains):
            yield "contained", {"title": dict(one.title.by_language())}


def _policies(ruleset: Ruleset, key: str, paused: frozenset[str]) -> Iterator[Source]:
    """The policies that give it, by their titles."""
    for path, rule in sorted(ruleset.rules.items()):
        if path not in paused and gives(rule.actions, key):
            yield "policy", {"title": dict(rule.policy.title.by_language())}


def sells(wishes: tuple[Any, ...], key: str) -> bool:
    """Whether some of these actions price a benefit."""
    return any(isinstance(one, actions.Price) and one.benefit == key for one in wishes)


def gives(wishes: tuple[Any, ...], key: str) -> bool:
    """Whether some of these actions give it, or put it in the place of another."""
    given = any(isinstance(one, GIVING) and one.benefit == key for one in wishes)
    return given or any(isinstance(one, actions.Upgrade) and one.to == key for one in wishes)
