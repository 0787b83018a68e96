"""The arithmetic of earning: each action's exact amounts, rounded once by the rounding the policy names.

What amounts earn is exact by line (or for the whole) until then, and stays known: multipliers work on it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from rules import actions, carry, exact
from rules.rule import Rule
from rules.scene import Earned, Scene

ROUNDERS: Mapping[str, Callable[[Fraction], int]] = {"floor": exact.floor, "half_up": exact.half_up, "": exact.floor}
Figure = int | Decimal | Fraction | None


@dataclass(frozen=True, slots=True)
class Basis:
    """What an action earns on: a figure for each line, or one for the whole, in units of 10^-scale of its variable."""

    lines: tuple[int | None, ...]
    figures: tuple[Figure, ...]
    scale: int

    @property
    def total(self) -> Fraction:
        """All of it together, as a document would write it."""
        whole = sum((known(figure) for figure in self.figures), Fraction(0))
        return whole / Fraction(10**self.scale)


def known(figure: Figure) -> Fraction:
    """What is known and above zero; nothing else earns."""
    return Fraction(figure) if figure is not None and figure > 0 else Fraction(0)


def rounded(parts: Sequence[Fraction], rounding: str) -> list[int]:
    """Round once: each part by itself, or the sum, shared out so that the parts add up to it."""
    name, _, unit = rounding.rpartition("_")
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


def basis(scene: Scene, rule: Rule, base: str) -> Basis:
    """What a base is on this event: a line's own for each line that counts, or the one figure of the event."""
    catalogue = scene.definitions.catalogue
    if base not in actions.LINE_BASES:
        return Basis((None,), (scene.facts[base],), catalogue.variables[base].scale)
    lines = scene.matched if rule.by_line else tuple(range(len(scene.lines)))
    if base == "line_net":
        return Basis(lines, tuple(net_shares(scene, lines)), catalogue.currency_scale)
    return Basis(lines, tuple(scene.lines[line][base] for line in lines), catalogue.variables[base].scale)


def net_shares(scene: Scene, lines: Sequence[int]) -> list[Fraction]:
    """What of the order's net amount falls on each line, by the lines' amounts: exact."""
    whole = sum(max(line["line_amount"] or 0, 0) for line in scene.lines)
    net = max(scene.facts["order_net"] or 0, 0)
    return [Fraction(net * (scene.lines[line]["line_amount"] or 0), whole) if whole else Fraction(0) for line in lines]


@lru_cache(maxsize=4096)
def rate_of(points: Decimal, per: Decimal, wallet_scale: int, base_scale: int) -> Fraction:
    """Units of the wallet for one unit of the base: what a document says, once for all events."""
    rate: Fraction = Fraction(points) * 10**wallet_scale / (Fraction(per) * 10**base_scale)
    return rate


def earn_per(scene: Scene, rule: Rule, params: actions.EarnPerAmount | actions.EarnPerUnit) -> Earned:
    """The rate times the base: of the event as a whole, or of the lines."""
    found = basis(scene, rule, actions.base_of(params))
    rate = rate_of(params.points, params.per, scene.definitions.scale(scene.wallet(params)), found.scale)
    return earned(scene, rule, params, found, [rate * known(figure) for figure in found.figures])


def earn_by_table(scene: Scene, rule: Rule, params: actions.EarnByTable) -> Earned:
    """The rate the table gives, times the base; what stands in no row earns what it says otherwise, or nothing."""
    found = basis(scene, rule, actions.base_of(params))
    scale = scene.definitions.scale(scene.wallet(params))
    parts = []
    for line, figure in zip(found.lines, found.figures, strict=True):
        points = looked_up(scene, line, params.by, params.table, params.otherwise)
        rate = rate_of(points, params.per, scale, found.scale) if points else Fraction(0)
        parts.append(rate * known(figure))
    return earned(scene, rule, params, found, parts)


def looked_up(
    scene: Scene, line: int | None, by: str, table: Mapping[str, Decimal], otherwise: Decimal | None
) -> Decimal | None:
    """What a table says for a value; of several values (a set) the most."""
    facts = scene.facts
    if by.startswith("line_"):
        facts = {by: None} if line is None else scene.lines[line]
    value = facts[by]
    keys = value if isinstance(value, tuple | frozenset) else (value,)
    found = [table[key] for one in keys if (key := key_of(one)) in table]
    return max(found) if found else otherwise


def key_of(value: Any) -> str:
    """A value as a table's key."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def earn_by_steps(scene: Scene, rule: Rule, params: actions.EarnBySteps) -> Earned:
    """What each figure reaches among the steps."""
    found = basis(scene, rule, params.of)
    unit, wallet = 10**found.scale, 10 ** scene.definitions.scale(scene.wallet(params))
    reach = STEPPED[params.mode]
    parts = [
        reach(params.steps, Fraction(figure) / unit) * wallet if figure is not None and figure >= 0 else Fraction(0)
        for figure in found.figures
    ]
    return earned(scene, rule, params, found, parts)


def award(steps: Sequence[actions.EarnStep], amount: Fraction) -> Fraction:
    """The points of the highest step that is reached."""
    return next((Fraction(step.points) for step in reversed(steps) if amount >= Fraction(step.start)), Fraction(0))


def repeat(steps: Sequence[actions.EarnStep], amount: Fraction) -> Fraction:
    """The points of a step as often as it is full: the highest first, then what is left by the lower ones."""
    total = Fraction(0)
    for step in reversed(steps):
        times = amount // Fraction(step.start)
        total += times * Fraction(step.points)
        amount -= times * Fraction(step.start)
    return total


def in_band(steps: Sequence[actions.EarnStep], amount: Fraction) -> Fraction:
    """The whole amount at the rate of the highest step that is reached."""
    step = next((step for step in reversed(steps) if amount >= Fraction(step.start)), None)
    return amount * pace(step) if step is not None else Fraction(0)


def in_slices(steps: Sequence[actions.EarnStep], amount: Fraction) -> Fraction:
    """Each slice of the amount at the rate of its own step."""
    ends = [Fraction(step.start) for step in steps[1:]] + [amount]
    slices = zip(steps, ends, strict=True)
    return sum(
        (max(min(end, amount) - Fraction(step.start), Fraction(0)) * pace(step) for step, end in slices), Fraction(0)
    )


def pace(step: actions.EarnStep) -> Fraction:
    """Points for one unit of the amount; `check` has seen that a rate says for how much."""
    return Fraction(step.points) / Fraction(step.per or 1)


STEPPED: Mapping[str, Callable[[Sequence[actions.EarnStep], Fraction], Fraction]] = {
    "award": award,
    "repeat": repeat,
    "rate": in_band,
    "slices": in_slices,
}


def earned(scene: Scene, rule: Rule, params: actions.ByAmount, found: Basis, parts: Sequence[Fraction]) -> Earned:
    """Exact amounts as points: nothing below the minimum, rounded once, no more than the cap."""
    wallet = scene.wallet(params)
    if params.minimum is not None and found.total < Fraction(params.minimum):
        parts = [Fraction(0)] * len(parts)
    rounding, carried = params.rounding or "floor_order", None
    if rounding == carry.ROUNDING:
        fine = carry.parts_of(rates_of(params, scene.definitions.scale(wallet), found.scale))
        carried = carry.earned(rule.path, wallet, parts, fine, scene.kept)
    points = tuple(exact.split(carried.points, parts) if carried else rounded(parts, rounding))
    made = Earned(rule.path, wallet, found.lines, tuple(parts), points, rounding, params.pending, params.expires)
    made = replace(made, carried=carried) if carried else made
    return made if params.cap is None else made.cut(scene.units(params.cap, wallet))


def rates_of(params: actions.ByAmount, wallet_scale: int, base_scale: int) -> list[Fraction]:
    """Every rate that an action may earn at, in units of the wallet for one unit of the base."""
    match params:
        case actions.EarnPerAmount() | actions.EarnPerUnit():
            said = [(params.points, params.per)]
        case actions.EarnByTable():
            said = [(points, params.per) for points in (*params.table.values(), params.otherwise or Decimal(0))]
        case actions.EarnBySteps(mode="award" | "repeat"):
            return [Fraction(step.points) * 10**wallet_scale for step in params.steps]
        case actions.EarnBySteps():
            said = [(step.points, step.per or Decimal(1)) for step in params.steps]
        case _:
            said = []
    return [rate_of(points, per, wallet_scale, base_scale) for points, per in said]


def multiply(scene: Scene, rule: Rule, params: actions.Multiply) -> list[Earned]:
    """The surplus over what amounts earned, lot by lot with the same dates: rounded as the base was, on the product."""
    wallet, made = scene.wallet(params), []
    for place, base in enumerate(scene.base):
        if base.wallet != wallet:
            continue
        picked = [i for i, line in enumerate(base.lines) if not rule.by_line or line in scene.matched]
        parts = [base.exact[i] for i in picked]
        factors = [factor_of(scene, params, base.lines[i]) for i in picked]
        surplus = tuple(surpluses(parts, factors, base.rounding))
        if any(surplus):
            lines = tuple(base.lines[i] for i in picked)
            own = replace(base, policy=rule.path, lines=lines, exact=(), points=surplus, rounding="", before=None)
            made.append(replace(own, of=place, source=base, factors=tuple(factors), carried=None))
    return made


def factor_of(scene: Scene, params: actions.Multiply, line: int | None) -> Fraction:
    """The factor, or what its table says; 1 where the table is silent."""
    if params.factor is not None:
        return Fraction(params.factor)
    return Fraction(looked_up(scene, line, params.by or "", params.table or {}, params.otherwise) or 1)


def factor_on(scene: Scene, rule: Rule, wallet: str, line: int | None) -> Fraction:
    """What all of a policy makes of each point of a wallet, of this line: surpluses of one policy add up."""
    own = [one for one in rule.actions if isinstance(one, actions.Multiply) and scene.wallet(one) == wallet]
    return sum((factor_of(scene, one, line) - 1 for one in own), Fraction(1))


def surpluses(parts: Sequence[Fraction], factors: Sequence[Fraction], rounding: str) -> list[int]:
    """What the products have more than the parts, both rounded once."""
    more = [part * factor for part, factor in zip(parts, factors, strict=True)]
    if rounding.endswith("_line"):
        return [high - low for high, low in zip(rounded(more, rounding), rounded(parts, rounding), strict=True)]
    weights = [high - low for high, low in zip(more, parts, strict=True)]
    return exact.split(sum(rounded(more, rounding)) - sum(rounded(parts, rounding)), weights)
