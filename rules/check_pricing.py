"""Prices, against the definitions: money that comes out even, values that differ, steps that rise."""

from collections.abc import Iterator
from decimal import Decimal
from math import gcd

from rules import actions, exact, pricing
from rules.policy import Policy
from rules.rule import Definitions
from rules.scene import scaled

Steps = tuple[str | int, ...]
Found = Iterator[tuple[Steps, str, dict[str, str | int]]]


def faults(policy: Policy, params: actions.Price, definitions: Definitions) -> Found:
    """A price in money that exists, of values one can tell apart."""
    scale = definitions.catalogue.currency_scale
    uneven = {steps for steps, amount in amounts(params) if exact.units(amount, scale) is None}
    for steps in sorted(uneven, key=str):
        yield ("params", *steps), "VALUE_AMOUNT", {"scale": scale}
    if isinstance(params, actions.PriceStepped):
        yield from stepped(params, definitions, uneven=bool(uneven))
    elif isinstance(params, actions.PriceRate):
        yield from rate(params)


def amounts(params: actions.Price) -> Iterator[tuple[Steps, Decimal]]:
    """Every amount of money a price names; a rate's `per` is one, as it is the least value there is."""
    for name in ("minimum_basket", "money", "per", "least", "most"):
        amount = getattr(params, name, None)
        if amount is not None:
            yield (name,), amount
    for index, step in enumerate(getattr(params, "steps", ())):
        for name, field in (("value", "value"), ("money", "money"), ("start", "from")):
            amount = getattr(step, name, None)
            if amount is not None:
                yield ("steps", index, field), amount


def stepped(params: actions.PriceStepped, definitions: Definitions, *, uneven: bool) -> Found:
    """Each value once; combined, no finer than a table can hold."""
    values = [step.value for step in params.steps]
    for index, value in enumerate(values):
        if values.index(value) != index:
            yield ("params", "steps", index, "value"), "NAME_TAKEN", {"name": exact.plain(value)}
    if params.most is not None and not params.combine:
        yield ("params", "most"), "FIELD_NOT_HERE", {"field": "most", "allowed": '"combine": true'}
    if params.combine and params.most is not None and not uneven:
        scale = definitions.catalogue.currency_scale
        grid = gcd(*(scaled(value, scale) for value in values))
        if scaled(params.most, scale) > grid * pricing.CELLS_MAX:
            most = exact.text(grid * pricing.CELLS_MAX, scale)
            yield ("params", "most"), "OUT_OF_RANGE", {"allowed": f"≤ {most}"}


def rate(params: actions.PriceRate) -> Found:
    """Steps that rise, and a greatest value that is not below the least."""
    for index, step in enumerate(params.steps):
        if index and step.start <= params.steps[index - 1].start:
            least = exact.plain(params.steps[index - 1].start)
            yield ("params", "steps", index, "from"), "STEPS_RISE", {"least": least}
    least_value = params.least or params.per
    if params.most is not None and params.most < least_value:
        yield ("params", "most"), "OUT_OF_RANGE", {"allowed": f"≥ {exact.plain(least_value)}"}
