"""The arithmetic of prices: what a benefit costs in points, of the value or for the points that are asked.

Costs are rounded up, to whole units of the wallet; of a rate and of combined steps `points` buy the most they can.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import gcd
from typing import Final

from rules import actions, exact
from rules.effects import PriceRedemption
from rules.rule import Rule
from rules.scene import Scene, Unmet, scaled

CELLS_MAX: Final = 2_000  # So many different values can be combined; beyond them nobody looks for the cheapest sum.
VALUE_MAX: Final = 10**9  # Where a rate names no greatest value, in the currency's smallest unit.
ENDLESS: Final = 10**24  # Where the last slice of a rate ends: beyond every value that can be written.
Priced = list[PriceRedemption | Unmet]
Offer = tuple[int, int, int]  # Points, value, money.


def unmet(scene: Scene, rule: Rule, params: actions.Price) -> Unmet | None:
    """What keeps a price from standing at all: the basket, or what the order has had already."""
    least = basket_of(params, scene.definitions.catalogue.currency_scale)
    if least is not None and (scene.facts["redeem_basket"] or 0) < least:
        return Unmet(rule.path, params.benefit, "basket")
    if params.one_per_order and (scene.facts["redeem_on_order"] or 0) > 0:
        return Unmet(rule.path, params.benefit, "order")
    return None


def basket_of(params: actions.Price, scale: int) -> int | None:
    """What the basket must come to, in minor units."""
    return None if params.minimum_basket is None else scaled(params.minimum_basket, scale)


def price_fixed(scene: Scene, rule: Rule, params: actions.PriceFixed) -> Priced:
    """The one price, if this benefit is asked for."""
    if scene.facts["redeem_benefit"] != params.benefit:
        return []
    if (held := unmet(scene, rule, params)) is not None:
        return [held]
    wallet, scale = scene.wallet(params), scene.definitions.catalogue.currency_scale
    cost, money = scene.units(params.points, wallet), scaled(params.money or Decimal(0), scale)
    if asked_points(scene, wallet) not in (None, cost):
        return []
    return [
        PriceRedemption(rule.path, params.benefit, cost, None, wallet, money or None, None, basket_of(params, scale))
    ]


def price_stepped(scene: Scene, rule: Rule, params: actions.PriceStepped) -> Priced:
    """The step that is asked for by value or by points; every step where nothing was asked."""
    if scene.facts["redeem_benefit"] != params.benefit:
        return []
    if (held := unmet(scene, rule, params)) is not None:
        return [held]
    wallet, scale = scene.wallet(params), scene.definitions.catalogue.currency_scale
    offers = offers_of(params, scene.definitions.scale(wallet), scale)
    value, points = scene.facts["redeem_value"], asked_points(scene, wallet)
    most, upto = None if params.most is None else scaled(params.most, scale), None
    if not params.combine:
        offers = tuple(one for one in offers if value in (None, one[1]) and points in (None, one[0]))
    elif value is not None or points is not None:
        offers = chosen(offers, most, value, points)
    else:
        upto = greatest(offers, most)
    return [
        PriceRedemption(rule.path, params.benefit, cost, worth, wallet, money or None, upto, basket_of(params, scale))
        for cost, worth, money in offers
    ]


def asked_points(scene: Scene, wallet: str) -> int | None:
    """The points that are asked for, which are the main wallet's, in the wallet that pays."""
    points, scale = scene.facts["redeem_points"], scene.definitions.scale
    return None if points is None else points * 10 ** scale(wallet) // 10 ** scale(scene.definitions.main_wallet)


@lru_cache(maxsize=1024)
def offers_of(params: actions.PriceStepped, wallet_scale: int, currency_scale: int) -> tuple[Offer, ...]:
    """The steps in whole units: points, value, money."""
    return tuple(
        (
            scaled(step.points, wallet_scale),
            scaled(step.value, currency_scale),
            0 if step.money is None else scaled(step.money, currency_scale),
        )
        for step in params.steps
    )


def chosen(offers: Sequence[Offer], most: int | None, value: int | None, points: int | None) -> tuple[Offer, ...]:
    """The cheapest sum of steps for a value; for points alone, the greatest value they reach."""
    grid, sums = combined(tuple(offers), most)
    if value is not None:
        cell = value // grid if value % grid == 0 and value // grid < len(sums) else -1
        found = sums[cell] if cell > 0 else None
        fits = found is not None and (points is None or found[0] <= points)
        return ((found[0], value, found[1]),) if found is not None and fits else ()
    reach = [(cell, one) for cell, one in enumerate(sums) if cell and one is not None and one[0] <= (points or 0)]
    return tuple((one[0], cell * grid, one[1]) for cell, one in reach[-1:])


def greatest(offers: Sequence[Offer], most: int | None) -> int:
    """The greatest value that steps are combined to."""
    grid, sums = combined(tuple(offers), most)
    return max(cell for cell, one in enumerate(sums) if one is not None) * grid


@lru_cache(maxsize=256)
def combined(offers: tuple[Offer, ...], most: int | None) -> tuple[int, tuple[tuple[int, int] | None, ...]]:
    """For every value on the steps' common grid the cheapest sum of steps that makes it: points first, then money.

    One table a price, at most CELLS_MAX long: it is made once, whatever is asked of it.
    """
    grid = gcd(*(worth for _, worth, _ in offers))
    cells = CELLS_MAX if most is None else min(most // grid, CELLS_MAX)
    sums: list[tuple[int, int] | None] = [(0, 0)] + [None] * cells
    for cell in range(1, cells + 1):
        for cost, worth, money in offers:
            before = sums[cell - worth // grid] if worth // grid <= cell else None
            if before is not None:
                here, found = (before[0] + cost, before[1] + money), sums[cell]
                sums[cell] = here if found is None else min(found, here)
    return grid, tuple(sums)


def price_rate(scene: Scene, rule: Rule, params: actions.PriceRate) -> Priced:
    """The value that is asked at its rate, or the most the asked points buy; the rate itself where nothing was."""
    if scene.facts["redeem_benefit"] != params.benefit:
        return []
    if (held := unmet(scene, rule, params)) is not None:
        return [held]
    wallet, scale = scene.wallet(params), scene.definitions.catalogue.currency_scale
    value, points = scene.facts["redeem_value"], asked_points(scene, wallet)
    least, most = bounds(params, scale)
    units = (scene.definitions.scale(wallet), scale)
    if value is None and points is None:
        cost = cost_of(params, least, units)
        return [PriceRedemption(rule.path, params.benefit, cost, least, wallet, None, most, basket_of(params, scale))]
    value = bought(params, points or 0, most, units) if value is None else value
    cost = cost_of(params, value, units)
    if not least <= value <= most or (points is not None and cost > points):
        return [Unmet(rule.path, params.benefit, "range")]
    return [PriceRedemption(rule.path, params.benefit, cost, value, wallet, basket=basket_of(params, scale))]


def bounds(params: actions.PriceRate, scale: int) -> tuple[int, int]:
    """The least and the greatest value there is at a rate: unless said, one `per` and what nobody reaches."""
    least = max(1, scaled(params.least or params.per, scale))
    return least, VALUE_MAX if params.most is None else scaled(params.most, scale)


def cost_of(params: actions.PriceRate, value: int, units: tuple[int, int]) -> int:
    """What a value costs: each slice at its own rate, rounded up once."""
    parts = (rate * max(min(value, end) - start, 0) for start, end, rate in slices(params, units))
    return -exact.floor(-sum(parts, Fraction(0)))


@lru_cache(maxsize=1024)
def slices(params: actions.PriceRate, units: tuple[int, int]) -> tuple[tuple[int, int, Fraction], ...]:
    """From which value, to which, at how many units of the wallet for each minor unit of money."""
    wallet, currency = units
    starts = [0, *(scaled(step.start, currency) for step in params.steps)]
    ends = [*starts[1:], ENDLESS]
    paid = [params.points, *(step.points for step in params.steps)]
    per = Fraction(params.per) * 10**currency
    rates = [Fraction(points) * 10**wallet / per for points in paid]
    return tuple(zip(starts, ends, rates, strict=True))


def bought(params: actions.PriceRate, points: int, most: int, units: tuple[int, int]) -> int:
    """The greatest value that costs no more than so many points."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if cost_of(params, middle, units) <= points else (low, middle - 1)
    return low
