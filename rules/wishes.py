"""What a policy whose conditions hold wishes for, before stacking and limits: the arithmetic of earning and pricing.

Amounts are exact fractions until each is rounded once, by the rounding the policy names.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from rules import actions, exact
from rules.effects import ConvertPoints, Effect, Enrol, IssueBenefit, PriceRedemption, Refuse, SendMessage
from rules.policy import Expiry, Pending
from rules.rule import Definitions, Rule

Facts = Mapping[str, Any]
ROUNDERS: Mapping[str, Callable[[Fraction], int]] = {"floor": exact.floor, "half_up": exact.half_up}


@dataclass(frozen=True, slots=True)
class Earned:
    """What one action earned: points for each part (a line, or None for the whole), from exact amounts."""

    policy: str
    wallet: str
    lines: tuple[int | None, ...]
    exact: tuple[Fraction, ...]
    points: tuple[int, ...]
    rounding: str = ""  # Empty, like the exact amounts, for fixed points, which nothing multiplies.
    pending: Pending | None = None
    expires: Expiry | None = None

    @property
    def total(self) -> int:
        """All its points."""
        return sum(self.points)

    def cut(self, points: int) -> "Earned":
        """The same with no more than so many points; what was cut off cannot be multiplied either."""
        if points >= self.total:
            return self
        parts = exact.split(points, [Fraction(part) for part in self.points])
        return replace(self, points=tuple(parts), exact=tuple(Fraction(part) for part in parts))


@dataclass(frozen=True, slots=True)
class Wish:
    """All one policy wishes for on one event."""

    rule: Rule
    lines: tuple[int, ...]
    earned: tuple[Earned, ...] = ()
    effects: tuple[Effect, ...] = ()

    @property
    def points(self) -> int:
        """All its points, whatever the wallet."""
        return sum(one.total for one in self.earned)

    @property
    def empty(self) -> bool:
        """Whether it comes to nothing."""
        return not self.points and not self.effects


@dataclass(frozen=True, slots=True)
class Scene:
    """What an action looks at: the facts, the order's lines, and which of them the policy matched."""

    definitions: Definitions
    facts: Facts
    lines: Sequence[Facts] = ()
    matched: tuple[int, ...] = ()
    base: tuple[Earned, ...] = field(default=())  # What amounts have earned so far: for multipliers.

    def wallet(self, params: actions.Params) -> str:
        """The wallet an action means."""
        return actions.wallet_of(params) or self.definitions.main_wallet

    def units(self, points: Decimal, wallet: str) -> int:
        """Points as a document writes them, in the wallet's units; `check` has seen that they come out even."""
        return scaled(points, self.definitions.scale(wallet))


@lru_cache(maxsize=4096)
def scaled(number: Decimal, scale: int) -> int:
    """A number in whole units of 10^-scale."""
    return exact.floor(Fraction(number) * 10**scale)


def rounded(parts: Sequence[Fraction], rounding: str) -> list[int]:
    """Round once: each part by itself, or the sum, shared out so that the parts add up to it."""
    name, unit = rounding.rsplit("_", 1)
    if unit == "line" or len(parts) == 1:
        return [ROUNDERS[name](part) for part in parts]
    return exact.split(ROUNDERS[name](sum(parts, Fraction(0))), parts)


def earn_points(scene: Scene, rule: Rule, params: actions.EarnPoints) -> Earned:
    """A fixed number, for the event or for each line that matched."""
    wallet = scene.wallet(params)
    points = scene.units(params.points, wallet)
    lines: tuple[int | None, ...] = scene.matched if rule.by_line else (None,)
    each = (points,) * len(lines)
    return Earned(rule.path, wallet, lines, (), each, "", params.pending, params.expires)


@lru_cache(maxsize=1024)
def rate_of(points: Decimal, per: Decimal, wallet_scale: int, currency_scale: int) -> Fraction:
    """Units of the wallet for a minor unit of money: what a document says, once for all events."""
    rate: Fraction = Fraction(points) * 10**wallet_scale / (Fraction(per) * 10**currency_scale)
    return rate


def earn_per_amount(scene: Scene, rule: Rule, params: actions.EarnPerAmount) -> Earned:
    """The rate times the base: of the order as a whole, or of the lines."""
    wallet = scene.wallet(params)
    rate = rate_of(
        params.points, params.per, scene.definitions.scale(wallet), scene.definitions.catalogue.currency_scale
    )
    if params.base == "line_amount":
        lines: tuple[int | None, ...] = scene.matched if rule.by_line else tuple(range(len(scene.lines)))
        amounts = [scene.lines[line]["line_amount"] for line in lines if line is not None]
    else:
        lines, amounts = (None,), [scene.facts[params.base]]
    parts = tuple(rate * max(amount or 0, 0) for amount in amounts)
    points = tuple(rounded(parts, params.rounding))
    return Earned(rule.path, wallet, lines, parts, points, params.rounding, params.pending, params.expires)


def multiply(scene: Scene, rule: Rule, params: actions.Multiply) -> list[Earned]:
    """The surplus over what amounts earned, lot by lot with the same dates: rounded as the base was, on the product."""
    wallet, found = scene.wallet(params), []
    for base in scene.base:
        if base.wallet != wallet:
            continue
        picked = [i for i, line in enumerate(base.lines) if not rule.by_line or line in scene.matched]
        parts = [base.exact[i] for i in picked]
        surplus = tuple(surpluses(parts, Fraction(params.factor), base.rounding))
        if any(surplus):
            lines = tuple(base.lines[i] for i in picked)
            found.append(replace(base, policy=rule.path, lines=lines, exact=(), points=surplus, rounding=""))
    return found


def surpluses(parts: Sequence[Fraction], factor: Fraction, rounding: str) -> list[int]:
    """What the product has more than the parts, both rounded once."""
    more = [part * factor for part in parts]
    if rounding.endswith("_line"):
        return [high - low for high, low in zip(rounded(more, rounding), rounded(parts, rounding), strict=True)]
    return exact.split(sum(rounded(more, rounding)) - sum(rounded(parts, rounding)), parts)


def convert(scene: Scene, rule: Rule, params: actions.Convert) -> Effect | None:
    """As often as the points are there."""
    wallet = scene.wallet(params)
    points = scene.units(params.points, wallet)
    times = max(scene.facts[f"balance_{wallet}"], 0) // points
    return ConvertPoints(rule.path, wallet, points, times, params.benefit) if times else None


def price_fixed(scene: Scene, rule: Rule, params: actions.PriceFixed) -> Effect | None:
    """The one price, if this benefit is asked for."""
    if scene.facts["redeem_benefit"] != params.benefit:
        return None
    wallet = scene.wallet(params)
    return PriceRedemption(rule.path, params.benefit, scene.units(params.points, wallet), None, wallet)


def price_stepped(scene: Scene, rule: Rule, params: actions.PriceStepped) -> list[Effect]:
    """The step that is asked for by value or by points; every step where nothing was asked."""
    if scene.facts["redeem_benefit"] != params.benefit:
        return []
    wallet, scale = scene.wallet(params), scene.definitions.catalogue.currency_scale
    value, points = scene.facts["redeem_value"], scene.facts["redeem_points"]
    prices = [(scene.units(step.points, wallet), scaled(step.value, scale)) for step in params.steps]
    return [
        PriceRedemption(rule.path, params.benefit, cost, worth, wallet)
        for cost, worth in prices
        if value in (None, worth) and points in (None, cost)
    ]


def issue(scene: Scene, rule: Rule, params: actions.Issue) -> Effect:
    """The benefit, so many times."""
    return IssueBenefit(rule.path, params.benefit, params.count)


def refuse(scene: Scene, rule: Rule, params: actions.Refusal) -> Effect:
    """No, in the policy's words."""
    return Refuse(rule.path, params.text.by_language())


def enrol(scene: Scene, rule: Rule, params: actions.Enrolment) -> Effect:
    """A member, from now on."""
    return Enrol(rule.path)


def message(scene: Scene, rule: Rule, params: actions.Message) -> Effect:
    """The message."""
    return SendMessage(rule.path, params.template, dict(params.params))


HANDLERS: Mapping[type[actions.Params], Callable[[Scene, Rule, Any], Any]] = {
    actions.EarnPoints: earn_points,
    actions.EarnPerAmount: earn_per_amount,
    actions.Multiply: multiply,
    actions.Convert: convert,
    actions.PriceFixed: price_fixed,
    actions.PriceStepped: price_stepped,
    actions.Issue: issue,
    actions.Refusal: refuse,
    actions.Enrolment: enrol,
    actions.Message: message,
}


def wish(scene: Scene, rule: Rule) -> Wish:
    """Everything a policy wishes for, action by action."""
    earned: list[Earned] = []
    wished: list[Effect] = []
    for params in rule.actions:
        made = HANDLERS[type(params)](scene, rule, params)
        for one in made if isinstance(made, list) else [made]:
            if isinstance(one, Earned):
                earned.append(one)
            elif one is not None:
                wished.append(one)
    return Wish(rule, scene.matched, tuple(earned), tuple(wished))
