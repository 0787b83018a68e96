"""A compiled ruleset: for each kind of event the policies that listen, as one function, and what they read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from rules import codegen
from rules.actions import Convert, EarnPerAmount, PriceFixed, PriceStepped, wallet_of
from rules.conditions import Condition
from rules.policy import Benefit, Ladder, Policy, Programme
from rules.rule import Definitions, Rule

PRICED = ("redeem_benefit", "redeem_value", "redeem_points")


@dataclass(frozen=True)
class Needs:
    """What facts must hold: variables by name, which of them are metrics, and whether limits or budgets are asked."""

    variables: frozenset[str] = frozenset()
    metrics: frozenset[str] = frozenset()
    limits: bool = False
    budgets: frozenset[str] = frozenset()

    def __or__(self, other: "Needs") -> "Needs":
        """Both."""
        return Needs(
            self.variables | other.variables,
            self.metrics | other.metrics,
            self.limits or other.limits,
            self.budgets | other.budgets,
        )


NOTHING = Needs()


@dataclass(frozen=True)
class Plan:
    """One kind of event: its policies by priority, then path (`places`), and who of them holds, by two functions."""

    kind: str
    whole: tuple[Rule, ...] = ()
    lined: tuple[Rule, ...] = ()
    places: Mapping[str, int] = field(default_factory=dict)
    whole_holds: codegen.Holds = lambda facts, line: []
    lined_holds: codegen.Holds = lambda facts, line: []
    needs: Needs = NOTHING


@dataclass(frozen=True)
class Ruleset:
    """All of a programme, ready to decide."""

    definitions: Definitions
    policies: Mapping[str, Policy]
    rules: Mapping[str, Rule]
    plans: Mapping[str, Plan]
    standards: Mapping[str, tuple[Callable[[Mapping[str, Any]], bool], ...]] = field(default_factory=dict)
    demotions: Mapping[str, Callable[[Mapping[str, Any]], bool]] = field(default_factory=dict)
    available: Mapping[str, Callable[[Mapping[str, Any]], bool]] = field(default_factory=dict)
    ladder_needs: Needs = NOTHING
    benefit_needs: Needs = NOTHING

    @property
    def programme(self) -> Programme:
        """`programme.json`."""
        return self.definitions.programme

    @property
    def zone(self) -> ZoneInfo:
        """Where the programme's days begin."""
        return self.definitions.zone

    @property
    def ladders(self) -> Mapping[str, Ladder]:
        """Every `tiers/<ladder>.json` by key."""
        return {key: standard.ladder for key, standard in self.definitions.standards.items()}

    @property
    def benefits(self) -> Mapping[str, Benefit]:
        """Every `benefits/<key>.json` by key."""
        return self.definitions.benefits

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of event some policy listens to."""
        return frozenset(self.plans)

    def needs(self, kind: str) -> Needs:
        """What the facts of an event must hold for its decision; ladders and benefits have their own."""
        return self.plans[kind].needs if kind in self.plans else NOTHING


def order(rule: Rule) -> tuple[int, str]:
    """How policies are heard: higher priority first, then by path."""
    return (-rule.policy.priority, rule.path)


def plan(kind: str, rules: Mapping[str, Rule], definitions: Definitions) -> Plan:
    """The policies that listen to a kind, compiled."""
    heard = sorted((rule for rule in rules.values() if kind in rule.policy.on), key=order)
    whole = tuple(rule for rule in heard if not rule.by_line)
    lined = tuple(rule for rule in heard if rule.by_line)
    return Plan(
        kind,
        whole,
        lined,
        {rule.path: place for place, rule in enumerate(heard)},
        codegen.function([rule.condition for rule in whole], kind),
        codegen.function([rule.condition for rule in lined], kind),
        needs_of(heard, kind, definitions),
    )


def needs_of(rules: list[Rule], kind: str, definitions: Definitions) -> Needs:
    """What some policies read: in conditions, in actions, in limits."""
    read = codegen.union(rule.condition for rule in rules)
    names = set(read)
    for rule in rules:
        for params in rule.actions:
            names |= action_reads(params, definitions)
    limits = [rule.policy.limits for rule in rules if rule.policy.limits]
    budgets = frozenset(one.budget for one in limits if one.budget)
    metrics = frozenset(names).intersection(definitions.programme.metrics)
    return Needs(frozenset(names), metrics, bool(limits), budgets)


def action_reads(params: Any, definitions: Definitions) -> set[str]:
    """The variables an action computes with."""
    match params:
        case EarnPerAmount(base=base):
            return {base}
        case Convert():
            return {f"balance_{wallet_of(params) or definitions.programme.main_wallet}"}
        case PriceFixed() | PriceStepped():
            return set(PRICED)
    return set()


def condition_needs(conditions: list[Condition | None], definitions: Definitions) -> Needs:
    """What some conditions read."""
    names = frozenset(codegen.union(conditions))
    return Needs(names, names.intersection(definitions.programme.metrics))


def predicate(condition: Condition | None) -> Callable[[Mapping[str, Any]], bool]:
    """One condition as a function of facts."""
    holds = codegen.function([condition])
    return lambda facts: bool(holds(facts, facts))
