"""A compiled ruleset: for each kind of event the policies that listen, as one function, and what they read."""

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from rules import codegen, counters, index, promos, reminders
from rules.actions import (
    REQUESTS,
    ByAmount,
    Convert,
    EarnByTable,
    Earning,
    IssueByChoice,
    Multiply,
    Price,
    Revoke,
    Upgrade,
    base_of,
    wallet_of,
)
from rules.benefits import Benefit
from rules.conditions import Condition, quantified
from rules.draws import Draw
from rules.facts import ATTRIBUTE, PERSONAL, TRAITS, variable_key
from rules.filters import Filter
from rules.gatherings import Gathering
from rules.moments import INACTIVE, Moment, kind_of
from rules.openings import OPEN, Openings, Span, days, openings, overlaps
from rules.partners import Partner
from rules.percentiles import variable_of
from rules.policy import Policy
from rules.polls import Poll
from rules.programme import Programme
from rules.rule import Definitions, Rule
from rules.tiers import Ladder
from rules.trait_params import AddTag, JoinSegment, LeaveSegment, RemoveTag

SAYING = (AddTag, RemoveTag, JoinSegment, LeaveSegment)
BALANCE = "balance_"
BY_DAYS = {"days_since_order", "months_since_order", "orders_count"}
PRICED = ("redeem_benefit", "redeem_value", "redeem_points")


@dataclass(frozen=True)
class Needs:
    """What facts must hold: variables by name, which of them are metrics, and whether limits or budgets are asked."""

    variables: frozenset[str] = frozenset()
    metrics: frozenset[str] = frozenset()
    limits: bool = False
    budgets: frozenset[str] = frozenset()
    lines: bool = False  # Whether conditions on the whole event ask about its order lines.

    def __or__(self, other: "Needs") -> "Needs":
        """Both."""
        return Needs(
            self.variables | other.variables,
            self.metrics | other.metrics,
            self.limits or other.limits,
            self.budgets | other.budgets,
            self.lines or other.lines,
        )


NOTHING = Needs()


@dataclass(frozen=True)
class Plan:
    """One kind of event: its policies by priority, then path (`places`); who of them is open, and who holds."""

    kind: str
    whole: tuple[Rule, ...] = ()
    lined: tuple[Rule, ...] = ()
    places: Mapping[str, int] = field(default_factory=dict)
    whole_holds: index.Holds = lambda facts, line, among: []
    lined_holds: index.Holds = lambda facts, line, among: []
    whole_open: Openings = OPEN
    lined_open: Openings = OPEN
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
    filters: Mapping[str, Filter] = field(default_factory=dict)
    keeps: Mapping[str, tuple[Callable[[Mapping[str, Any]], bool], ...]] = field(default_factory=dict)
    early: Mapping[str, tuple[Callable[[Mapping[str, Any]], bool], ...]] = field(default_factory=dict)

    @cached_property
    def members_of(self) -> Mapping[str, Callable[[Mapping[str, Any]], bool]]:
        """Every segment that has a condition, as a function of facts."""
        return {key: predicate(one) for key, one in self.definitions.members_of.items()}

    @cached_property
    def promo_codes(self) -> Mapping[bytes, promos.Promo]:
        """Every promo code of its benefits, by a digest of the word."""
        return promos.by_digest(self.definitions.benefits)

    @cached_property
    def segment_needs(self) -> Needs:
        """What the conditions of segments read."""
        return condition_needs(list(self.definitions.members_of.values()), self.definitions)

    @cached_property
    def balance_ladders(self) -> frozenset[str]:
        """The ladders on which a balance lifts: points that become spendable later may do so with no event."""
        standards = self.definitions.standards.items()
        needs = {key: condition_needs(list(standard.reach), self.definitions) for key, standard in standards}
        return frozenset(key for key, one in needs.items() if any(name.startswith(BALANCE) for name in one.variables))

    @cached_property
    def reads(self) -> frozenset[str]:
        """Every variable that anything in it reads."""
        needs = [self.ladder_needs, self.benefit_needs, *(plan.needs for plan in self.plans.values())]
        return frozenset(name for one in needs for name in one.variables)

    @cached_property
    def says(self) -> bool:
        """Whether anything in it asks or changes what is said of a member."""
        asks = any(name in TRAITS or name.startswith(ATTRIBUTE) for name in self.reads)
        return asks or any(isinstance(one, SAYING) for rule in self.rules.values() for one in rule.actions)

    @property
    def programme(self) -> Programme:
        """`programme.json`."""
        return self.definitions.programme

    @property
    def zone(self) -> ZoneInfo:
        """Where the programme's days begin."""
        return self.definitions.zone

    @cached_property
    def day_ladders(self) -> frozenset[str]:
        """Ladders whose standards ask only for what a member's days say: what matures or ends changes none of it."""
        metrics = self.programme.metrics
        by_days = BY_DAYS | {name for name, metric in metrics.items() if metric.by_days}
        standards = self.definitions.standards.items()
        return frozenset(key for key, own in standards if codegen.union(own.conditions).keys() <= by_days)

    @property
    def ladders(self) -> Mapping[str, Ladder]:
        """Every `tiers/<ladder>.json` by key."""
        return {key: standard.ladder for key, standard in self.definitions.standards.items()}

    @property
    def benefits(self) -> Mapping[str, Benefit]:
        """Every `benefits/<key>.json` by key."""
        return self.definitions.benefits

    @property
    def partners(self) -> Mapping[str, Partner]:
        """Every `partners/<key>.json` by key."""
        return self.definitions.partners

    @cached_property
    def sellers(self) -> Mapping[str, str]:
        """The partner behind each shop that has one."""
        return {shop: key for key, partner in self.partners.items() for shop in partner.shops}

    @property
    def gatherings(self) -> Mapping[str, Gathering]:
        """Every `gatherings/<key>.json` by key."""
        return self.definitions.gatherings

    @property
    def draws(self) -> Mapping[str, Draw]:
        """Every `draws/<key>.json` by key."""
        return self.definitions.draws

    @property
    def polls(self) -> Mapping[str, Poll]:
        """Every `polls/<key>.json` by key."""
        return self.definitions.polls

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of event some policy listens to."""
        return frozenset(self.plans)

    @cached_property
    def moments(self) -> Mapping[str, Moment]:
        """When the clock asks somebody, by the moment's key, in the order of one instant."""
        found = {one for rule in self.rules.values() if (one := rule.policy.moment) is not None}
        found |= set(reminders.moments(self.programme))
        return {one.key: one for one in sorted(found, key=lambda one: one.place)}

    @cached_property
    def counters(self) -> Mapping[str, int]:
        """Every counter that budgets and policies take from, and what it starts with."""
        return counters.totals(self.definitions, self.rules)

    def counters_between(self, first: datetime, last: datetime) -> Iterator[str]:
        """Those that policies of these days can take from."""
        return (name for name, own in self._spans.items() if own is None or overlaps(own, first, last))

    @cached_property
    def _spans(self) -> Mapping[str, Span | None]:
        # Every batch asks: the days of thousands of policies are worked out once.
        owners = {name: counters.owner(name) for name in self.counters}
        return {
            name: None if path is None else days(self.rules[path].policy.valid, self.zone)
            for name, path in owners.items()
        }

    def needs(self, kind: str) -> Needs:
        """What the facts of an event must hold for its decision; ladders and benefits have their own."""
        return self.plans[kind].needs if kind in self.plans else NOTHING


def order(rule: Rule) -> tuple[int, str]:
    """How policies are heard: higher priority first, then by path."""
    return (-rule.policy.priority, rule.path)


def plan(kind: str, rules: Mapping[str, Rule], definitions: Definitions) -> Plan:
    """The policies that listen to a kind, compiled."""
    heard = sorted((rule for rule in rules.values() if kind in rule.policy.hears), key=order)
    whole = tuple(rule for rule in heard if not rule.by_line)
    lined = tuple(rule for rule in heard if rule.by_line)
    return Plan(
        kind,
        whole,
        lined,
        {rule.path: place for place, rule in enumerate(heard)},
        index.function([rule.condition for rule in whole], kind),
        index.function([rule.condition for rule in lined], kind),
        openings(whole, definitions.zone),
        openings(lined, definitions.zone),
        needs_of(heard, kind, definitions),
    )


def needs_of(rules: list[Rule], kind: str, definitions: Definitions) -> Needs:
    """What some policies read: in conditions, in actions, in limits."""
    read = codegen.union(rule.condition for rule in rules)
    names = set(read)
    for rule in rules:
        for params in rule.actions:
            names |= action_reads(params, definitions) | end_reads(params, definitions)
        names |= counters.reads(rule, definitions)
    if kind in REQUESTS:  # What the benefit itself asks of the person is kept with the decision.
        names |= codegen.union(definitions.available_to.values()).keys() & set(PERSONAL)
    if kind_of(kind) == INACTIVE:  # Whose last purchase is just so long ago is looked up in the same days.
        names.add("days_since_order")
    names |= segments_read(names, definitions)
    limits = [rule.policy.limits for rule in rules if rule.policy.limits]
    budgets = frozenset(one.budget for one in limits if one.budget)
    of_lines = any(quantified(rule.condition) for rule in rules)
    return Needs(frozenset(names), metrics_of(names, definitions), bool(limits), budgets, of_lines)


def action_reads(params: Any, definitions: Definitions) -> set[str]:
    """The variables an action computes with."""
    match params:
        case ByAmount():
            base = base_of(params)
            reads = {"order_net", "line_amount"} if base == "line_net" else {base}
            return reads | ({params.by} if isinstance(params, EarnByTable) else set())
        case Multiply(by=str(by)) | IssueByChoice(by=by):
            return {by}
        case Convert():
            return {f"balance_{wallet_of(params) or definitions.programme.main_wallet}"}
        case Price():
            asked = {"redeem_basket": params.minimum_basket is not None, "redeem_on_order": params.one_per_order}
            return {*PRICED, *(name for name, wanted in asked.items() if wanted)}
        case Revoke(benefit=benefit) | Upgrade(benefit=benefit):
            return {f"held_{variable_key(benefit)}"}
    return set()


def end_reads(params: Any, definitions: Definitions) -> set[str]:
    """The tiers by which it is told how long what an action earns will live."""
    if not isinstance(params, Earning | Multiply):
        return set()
    programme = definitions.programme
    own = getattr(params, "expires", None) or programme.wallets[wallet_of(params) or programme.main_wallet].expires
    return set() if own.by_tier is None else {f"tier_{variable_key(own.by_tier.ladder or programme.ladder or '')}"}


def segments_read(names: Set[str], definitions: Definitions) -> Set[str]:
    """What the segments' own conditions read, where somebody asks which segments a member is in."""
    return codegen.union(definitions.members_of.values()).keys() if "member_segments" in names else set()


def condition_needs(conditions: list[Condition | None], definitions: Definitions) -> Needs:
    """What some conditions read."""
    names = frozenset(codegen.union(conditions))
    names |= segments_read(names, definitions)
    return Needs(names, metrics_of(names, definitions))


def metrics_of(names: Set[str], definitions: Definitions) -> frozenset[str]:
    """The metrics among these variables, and those that their percentiles rank members by."""
    own = definitions.programme
    ranked = {one.of for key, one in own.percentiles.items() if variable_of(key) in names}
    return frozenset(names & own.metrics.keys() | ranked)


def predicate(condition: Condition | None) -> Callable[[Mapping[str, Any]], bool]:
    """One condition as a function of facts."""
    return always if condition is None else codegen.whole(condition)


def always(_facts: Mapping[str, Any]) -> bool:
    """Where no condition is named."""
    return True
