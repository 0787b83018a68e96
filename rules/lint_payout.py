"""What an order can return at worst, in percent of what is paid: the rates and factors that can hold together.

Caps only lower it, so they are left out: what is promised here is never exceeded. Gifts of a fixed number count at the
smallest order that brings them; where none is named, no share can be promised, and that is said instead.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, islice, product
from typing import Any

from rules import actions, exact
from rules.conditions import Leaf, leaves
from rules.faults import listed
from rules.lint_desk import Desk, Warnings, percent, warning, windows_apart
from rules.operators import TYPES
from rules.rule import Rule
from rules.satisfy import Bound, Question, both

PAID = "order.paid"
AMOUNTS = ("order_paid", "order_net", "order_goods", "order_total", "line_amount", "line_net")
COMPANY_MAX = 40  # Policies on orders that are looked at two by two.
COMPANIES_MAX = 2_000
STANDINGS_MAX = 200  # Combinations of levels looked at one by one.
ONE_OF = ("best", "exclusive", "first")


@dataclass(frozen=True)
class Payout:
    """The worst case: so large a share of an order, by these policies; and those that name no smallest order.

    What goes into a wallet whose worth is not known is not in it: nothing is promised of that.
    """

    share: Fraction = Fraction(0)
    policies: tuple[str, ...] = ()
    unbounded: tuple[str, ...] = ()
    unvalued: tuple[str, ...] = ()


@dataclass(frozen=True)
class Give:
    """What one policy gives for an order: a share of its amount, or a factor on what others give, in one wallet."""

    rule: Rule
    wallet: str
    share: Fraction = Fraction(0)
    factor: Fraction | None = None


@dataclass
class Table:
    """Everything an order can bring, in money."""

    desk: Desk
    gives: list[Give] = field(default_factory=list)
    unbounded: list[str] = field(default_factory=list)
    unvalued: set[str] = field(default_factory=set)

    def worth(self, name: str) -> Fraction:
        """What a point of a wallet that something goes into is worth; noted where that is not known."""
        found = worth_of(self.desk, name)
        if found is None and self.desk.definitions.programme.wallets[name].spendable:
            self.unvalued.add(name)
        return found or Fraction(0)


def above_ceiling(desk: Desk) -> Warnings:
    """The worst case against the programme's ceiling."""
    ceiling = desk.definitions.programme.payout_ceiling
    if ceiling is None:
        return
    found = worst(desk)
    if found.share * 100 > Fraction(ceiling):
        bound, allowed = percent(found.share), exact.plain(ceiling)
        names = listed(found.policies)
        yield warning("programme", "PAYOUT_ABOVE_CEILING", "payout_ceiling", bound=bound, most=allowed, policies=names)
    for path in found.unbounded:
        yield warning(path, "PAYOUT_UNBOUNDED")
    for name in found.unvalued:
        yield warning("programme", "PAYOUT_UNVALUED", "wallets", name, wallet=name)


def worst(desk: Desk) -> Payout:
    """The largest share of an order that can come back to a member, over all levels a member can have."""
    table = gathered(desk)
    tiers = {one.name: one.options for one in desk.definitions.catalogue.variables.values() if one.type == "tier"}
    names = sorted(set(tiers) - set(desk.question.same))
    worst_found = Payout(unbounded=tuple(sorted(set(table.unbounded))), unvalued=tuple(sorted(table.unvalued)))
    for levels in islice(product(*(tiers[name] for name in names)), STANDINGS_MAX):
        question = replace(desk.question, bounds={n: only(level) for n, level in zip(names, levels, strict=True)})
        held = [one for one in table.gives if not question.never(one.rule.condition)]
        for together in companies(held, question, desk):
            share, policies = summed(together)
            if share > worst_found.share:
                worst_found = replace(worst_found, share=share, policies=policies)
    return worst_found


def companies(gives: list[Give], question: Question, desk: Desk) -> Iterator[list[Give]]:
    """The largest sets of which every two can hold on one order; all of them at once where there are too many."""
    if len(gives) > COMPANY_MAX:
        yield gives
        return
    every = range(len(gives))
    near: dict[int, set[int]] = {index: set() for index in every}
    for one, other in combinations(every, 2):
        first, second = gives[one].rule, gives[other].rule
        shut = windows_apart(first.policy.valid, second.policy.valid, desk.definitions)
        if not shut and not question.never(both(first.condition, second.condition)):
            near[one].add(other)
            near[other].add(one)
    for found in islice(cliques(set(), set(every), set(), near), COMPANIES_MAX):
        yield [gives[index] for index in sorted(found)]


def cliques(chosen: set[int], open_to: set[int], done: set[int], near: Mapping[int, set[int]]) -> Iterator[set[int]]:
    """Every largest set whose members are all near one another, after Bron and Kerbosch."""
    if not open_to and not done:
        yield chosen
        return
    pivot = max(open_to | done, key=lambda index: len(near[index] & open_to))
    for index in sorted(open_to - near[pivot]):
        yield from cliques(chosen | {index}, open_to & near[index], done & near[index], near)
        open_to = open_to - {index}
        done = done | {index}


def only(level: str) -> Bound:
    """A member of one level."""
    return Bound(lambda value: value == level)


def gathered(desk: Desk) -> Table:
    """What each policy on orders gives."""
    table = Table(desk)
    for rule in desk.heard:
        if PAID in rule.policy.on:
            for params in rule.actions:
                handler = GIVES.get(type(params))
                if handler is not None:
                    handler(table, rule, params)
    return table


def rate(table: Table, rule: Rule, params: Any) -> None:
    """Points for every so much."""
    spread(table, rule, params, Fraction(params.points) / Fraction(params.per))


def tabled(table: Table, rule: Rule, params: actions.EarnByTable) -> None:
    """Points for every so much, at the best rate of a table."""
    best = max([*params.table.values(), params.otherwise or Decimal(0)])
    spread(table, rule, params, Fraction(best) / Fraction(params.per))


def stepped(table: Table, rule: Rule, params: actions.EarnBySteps) -> None:
    """What the best step gives for the least amount that reaches it; a step from nothing on is a gift."""
    starts = [(Fraction(step.points), Fraction(step.per or step.start)) for step in params.steps]
    for points, _ in (one for one in starts if not one[1]):
        gift(table, rule, points * table.worth(wallet(table, params)), wallet(table, params))
    spread(table, rule, params, max((points / per for points, per in starts if per), default=Fraction(0)))


def counted(table: Table, rule: Rule, params: actions.EarnPerUnit) -> None:
    """Points for pieces, which may cost next to nothing: only a cap bounds them."""
    spread(table, rule, params, Fraction(1))


def spread(table: Table, rule: Rule, params: actions.ByAmount, points: Fraction) -> None:
    """Points for each unit of a base: a share of the order if it is one of its amounts, or a cap's worth."""
    into = wallet(table, params)
    worth = table.worth(into)
    if actions.base_of(params) in actions.BASES:
        table.gives.append(Give(rule, into, points * worth))
    elif params.cap is not None:
        gift(table, rule, Fraction(params.cap) * worth, into)
    elif points and worth:
        table.unbounded.append(rule.path)


def fixed(table: Table, rule: Rule, params: Any) -> None:
    """So many points, at the smallest order they are given for."""
    gift(table, rule, Fraction(params.points) * table.worth(wallet(table, params)), wallet(table, params))


def issued(table: Table, rule: Rule, params: Any) -> None:
    """A benefit that takes an amount off."""
    benefit = table.desk.definitions.benefits[params.benefit]
    if benefit.kind in {"amount_off", "cash_back"} and benefit.value is not None:
        gift(table, rule, Fraction(benefit.value) * params.count, "")


def by_choice(table: Table, rule: Rule, params: actions.IssueByChoice) -> None:
    """The dearest of what may be chosen."""
    held = table.desk.definitions.benefits
    worth = [Fraction(held[key].value or 0) for key in params.benefits if held[key].kind in {"amount_off", "cash_back"}]
    gift(table, rule, max(worth, default=Fraction(0)) * params.count, "")


def gift(table: Table, rule: Rule, value: Fraction, into: str) -> None:
    """Something worth a fixed amount, as a share of the smallest order that brings it."""
    least = smallest(table.desk, rule)
    if not value:
        return
    if least:
        table.gives.append(Give(rule, into, value / least))
    elif rule.policy.limits is None:
        table.unbounded.append(rule.path)


def factor(table: Table, rule: Rule, params: Any) -> None:
    """A factor on what amounts earn."""
    table.gives.append(Give(rule, wallet(table, params), factor=Fraction(actions.greatest(params))))


GIVES: Mapping[type[actions.Params], Callable[[Table, Rule, Any], None]] = {
    actions.EarnPerAmount: rate,
    actions.EarnPerUnit: counted,
    actions.EarnBySteps: stepped,
    actions.EarnByTable: tabled,
    actions.EarnPoints: fixed,
    actions.Issue: issued,
    actions.IssueByChoice: by_choice,
    actions.Multiply: factor,
}


def wallet(table: Table, params: Any) -> str:
    """The wallet an action means."""
    return params.wallet or table.desk.definitions.main_wallet


def worth_of(desk: Desk, name: str) -> Fraction | None:
    """What a point is worth in money: as the programme says, else by the dearest thing points buy, if all is priced."""
    programme = desk.definitions.programme
    stated = programme.wallets[name].value
    if stated is None and name == programme.main_wallet:
        stated = programme.point_value
    if stated is not None:
        return Fraction(stated)
    prices = [(one, rule) for rule in desk.rules.values() for one in rule.actions]
    worths = [worth for params, _ in prices for worth in sold(desk, params, name)]
    known = [worth for worth in worths if worth is not None]
    return max(known) if known and len(known) == len(worths) else None


def sold(desk: Desk, params: Any, name: str) -> Iterator[Fraction | None]:
    """Money's worth for a point, for each thing an action sells for points of a wallet; None for what nobody priced."""
    if (
        not isinstance(params, actions.Price | actions.Convert)
        or (params.wallet or desk.definitions.main_wallet) != name
    ):
        return
    if isinstance(params, actions.PriceStepped):
        yield from (Fraction(step.value) / Fraction(step.points) for step in params.steps)
    elif isinstance(params, actions.PriceRate):
        cheapest = min([params.points, *(step.points for step in params.steps)])
        yield Fraction(params.per) / Fraction(cheapest)
    elif isinstance(params, actions.PriceFixed | actions.Convert) and params.benefit is not None:
        benefit = desk.definitions.benefits[params.benefit]
        value = benefit.value if benefit.kind in {"amount_off", "cash_back"} else benefit.cost
        yield None if value is None else Fraction(value) / Fraction(params.points)


def summed(gives: list[Give]) -> tuple[Fraction, tuple[str, ...]]:
    """What these come to together: sums, the best of a group where only one counts, then the factors on them."""
    base = chosen([one for one in gives if one.factor is None], lambda one: one.share)
    total = sum((one.share for one in base), Fraction(0))
    used = [one.rule.path for one in base if one.share]
    for into in sorted({one.wallet for one in gives if one.factor is not None}):
        own = sum((one.share for one in base if one.wallet == into and multiplied(one)), Fraction(0))
        factors = chosen([one for one in gives if one.wallet == into and one.factor], lambda one: one.factor)
        total += own * (product_of(factors) - 1)
        used += [one.rule.path for one in factors if own]
    return total, tuple(dict.fromkeys(used))


def product_of(factors: list[Give]) -> Fraction:
    """What factors make of a point: each adds its surplus, but those of a group that multiply one another."""
    added, groups = Fraction(1), dict[str, Fraction]()
    for one in factors:
        stacking, by = one.rule.policy.stacking, one.factor or Fraction(1)
        if stacking is not None and stacking.mode == "multiply":
            groups[stacking.group] = groups.get(stacking.group, Fraction(1)) * by
        else:
            added += by - 1
    return added + sum((by - 1 for by in groups.values()), Fraction(0))


def multiplied(one: Give) -> bool:
    """Whether factors work on it: on what amounts earn, not on gifts."""
    return any(isinstance(params, actions.ByAmount) for params in one.rule.actions)


def chosen(gives: list[Give], measure: Callable[[Give], Any]) -> list[Give]:
    """All of them but, of a group where only one counts, the one that gives most."""
    kept, groups = [], dict[str, list[Give]]()
    for one in gives:
        stacking = one.rule.policy.stacking
        if stacking is not None and stacking.mode in ONE_OF:
            groups.setdefault(stacking.group, []).append(one)
        else:
            kept.append(one)
    return kept + [max(group, key=measure) for group in groups.values()]


def smallest(desk: Desk, rule: Rule) -> Fraction | None:
    """The smallest order, in money, that a policy's conditions let through; None if they name none."""
    question, found = desk.question, Fraction(0)
    below = TYPES["money"].operators["less_than"]
    for leaf in leaves(rule.condition):
        variable = leaf.variable
        if variable.name in AMOUNTS:
            for end in ends_of(leaf):
                if question.never(both(rule.condition, Leaf(variable, below, end, None))):
                    found = max(found, Fraction(end, 10**variable.scale))
    return found or None


def ends_of(leaf: Leaf) -> Iterator[int]:
    """The amounts a question compares with."""
    many = leaf.value if isinstance(leaf.value, tuple | frozenset) else (leaf.value,)
    yield from (end + (leaf.operator.name == "greater_than") for end in many if isinstance(end, int))
