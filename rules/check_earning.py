"""What earns, against the definitions: bases that exist and are amounts, steps that rise, tables of known values."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from rules import actions, carry, earning, exact
from rules.facts import Variable
from rules.faults import known, listed
from rules.parts import ROUNDINGS
from rules.policy import Policy
from rules.rule import Definitions

LINE_KIND = "order.paid"
NUMBERS = ("money", "number", "points")
TABLED = ("boolean", "choice", "set", "text", "tier", "weekday")
# The types a base may have, by the action that earns on it.
TYPES: Mapping[type[actions.Params], Sequence[str]] = {
    actions.EarnPerAmount: ("money",),
    actions.EarnPerUnit: ("number",),
}
WHOLE = ("award", "repeat")  # Modes that give points as they stand: they need no `per`.
Found = Iterator[tuple[tuple[str | int, ...], str, dict[str, str | int]]]


def faults(policy: Policy, params: actions.ByAmount, definitions: Definitions) -> Found:
    """An action that earns by an amount: what it earns on, what it looks up, from where and up to where."""
    by_line = policy.scope == "line"
    base = actions.base_of(params, by_line=by_line)
    field = "of" if isinstance(params, actions.EarnBySteps) else "base"
    wrong = list(base_faults(policy, params, base, field, definitions))
    yield from wrong
    if isinstance(params, actions.EarnByTable):
        yield from by_faults(policy, params.by, list(params.table), definitions)
        if not params.table:
            yield ("params", "table"), "FIELD_MISSING", {"field": "table"}
        if params.by.startswith("line_") and base not in actions.LINE_BASES:
            yield ("params", field), "BASE_NOT_OF_LINE", {"allowed": listed(actions.LINE_BASES)}
    money = not wrong and is_money(base, definitions)
    if isinstance(params, actions.EarnBySteps):
        yield from step_faults(params, definitions, money=money)
    if money and params.minimum is not None:
        yield from amount_faults(params.minimum, definitions, "minimum")


def is_money(base: str, definitions: Definitions) -> bool:
    """Whether a base is money, whose figures come out even."""
    return base == "line_net" or definitions.catalogue.variables[base].type == "money"


def amount_faults(amount: Decimal, definitions: Definitions, *steps: str | int) -> Found:
    """Money comes out even in the currency."""
    scale = definitions.catalogue.currency_scale
    if exact.units(amount, scale) is None:
        yield ("params", *steps), "VALUE_AMOUNT", {"scale": scale}


def base_faults(policy: Policy, params: actions.ByAmount, base: str, field: str, definitions: Definitions) -> Found:
    """A base is an amount that every event of the policy has; a line earns on what is a line's."""
    types = TYPES.get(type(params), NUMBERS)
    allowed = bases(policy, types, definitions)
    variable = definitions.catalogue.variables.get(base)
    if base not in allowed:
        if variable is None and base != "line_net":
            yield ("params", field), "VARIABLE_UNKNOWN", {"name": base, "allowed": known(allowed)}
        elif variable is not None and variable.type not in types:
            yield ("params", field), "BASE_TYPE", {"name": base, "type": variable.type, "allowed": listed(allowed)}
        elif policy.scope == "line":
            yield ("params", field), "BASE_NOT_OF_LINE", {"allowed": listed(allowed)}
        else:
            kinds = sorted(kind for kind in definitions.catalogue.kinds if exists(variable, base, kind))
            yield ("params", field), "VARIABLE_NOT_HERE", {"name": base, "allowed": listed(kinds)}
    elif params.rounding is not None and params.rounding.endswith("_line") and base not in actions.LINE_BASES:
        rounding = listed(one for one in ROUNDINGS if one.endswith("_order"))
        yield ("params", "rounding"), "ROUNDING_NEEDS_LINES", {"allowed": rounding}
    elif params.rounding == carry.ROUNDING:
        scale = definitions.scale(actions.wallet_of(params) or definitions.programme.main_wallet)
        base_scale = definitions.catalogue.currency_scale if variable is None else variable.scale
        if carry.parts_of(earning.rates_of(params, scale, base_scale)) > carry.PARTS_MAX:
            yield ("params", "rounding"), "CARRY_TOO_FINE", {"most": carry.PARTS_MAX}


def bases(policy: Policy, types: Sequence[str], definitions: Definitions) -> list[str]:
    """Every base of these types that a policy's events have."""
    variables = definitions.catalogue.variables
    names = [name for name, one in variables.items() if one.type in types and (one.group == "line") is (name in LINED)]
    if "money" in types:
        names.append("line_net")
    if policy.scope == "line":
        names = [name for name in names if name in LINED]
    return sorted(name for name in names if all(exists(variables.get(name), name, kind) for kind in policy.on))


LINED = frozenset(actions.LINE_BASES)


def exists(variable: Variable | None, name: str, kind: str) -> bool:
    """Whether an event has a base; what a line has only an order has."""
    if variable is None or name in LINED:
        return kind == LINE_KIND
    return variable.exists_on(kind)


def by_faults(policy: Policy, by: str, keys: Sequence[str], definitions: Definitions) -> Found:
    """A table is looked up by something that has names, and its rows are names that something can have."""
    variables = definitions.catalogue.variables
    fit = sorted(
        one.name
        for one in variables.values()
        if one.type in TABLED and all(exists_for_table(one, kind) for kind in policy.on)
    )
    variable = variables.get(by)
    if variable is None:
        yield ("params", "by"), "VARIABLE_UNKNOWN", {"name": by, "allowed": known(fit)}
    elif variable.type not in TABLED:
        yield ("params", "by"), "TABLE_BY", {"name": by, "type": variable.type, "allowed": listed(fit)}
    elif by not in fit:
        kinds = sorted(kind for kind in definitions.catalogue.kinds if exists_for_table(variable, kind))
        yield ("params", "by"), "VARIABLE_NOT_HERE", {"name": by, "allowed": listed(kinds)}
    else:
        rows = ("true", "false") if variable.type == "boolean" else variable.options
        for key in keys:
            if rows and key not in rows:
                yield ("params", "table", key), "VALUE_OPTION", {"allowed": listed(rows)}


def exists_for_table(variable: Variable, kind: str) -> bool:
    """Whether an event has what a table is looked up by."""
    return kind == LINE_KIND if variable.group == "line" else variable.exists_on(kind)


def step_faults(params: actions.EarnBySteps, definitions: Definitions, *, money: bool) -> Found:
    """Steps rise, and say for how much of the amount where they are rates."""
    for index, step in enumerate(params.steps):
        place = ("params", "steps", index)
        if index and step.start <= params.steps[index - 1].start:
            yield (*place, "from"), "STEPS_RISE", {"least": exact.plain(params.steps[index - 1].start)}
        if params.mode == "repeat" and not step.start:
            yield (*place, "from"), "OUT_OF_RANGE", {"allowed": "> 0"}
        if params.mode in WHOLE and step.per is not None:
            yield (*place, "per"), "FIELD_NOT_HERE", {"field": "per", "allowed": '"mode": "rate", "slices"'}
        if params.mode not in WHOLE and step.per is None:
            yield place, "FIELD_MISSING", {"field": "per"}
        if money:
            yield from amount_faults(step.start, definitions, "steps", index, "from")


def factor_faults(policy: Policy, params: actions.Multiply, definitions: Definitions) -> Found:
    """A table of factors is looked up like one of rates."""
    if params.by is not None and params.table is not None:
        yield from by_faults(policy, params.by, list(params.table), definitions)
