"""The types of variables and what can be asked of them.

An operator is one row: how it is asked, its meaning (`test`, the reference) and the same as an expression for the
compiler (`code`). The `business-rules` types are made from these rows too, so that the library can be held against the
compiler. One law for all: whatever is asked of a value that is not known is false; only `is_set` and `is_not_set` look
at that. Money and points are whole numbers and compare exactly; text and sets compare by case.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal

Input = Literal["none", "one", "many", "range"]


@dataclass(frozen=True, slots=True)
class Operator:
    """One question. `total` ones answer for the unknown as well."""

    name: str
    input: Input
    test: Callable[[Any, Any], bool]
    code: str
    total: bool = False


@dataclass(frozen=True)
class Type:
    """What kind of value a variable has: the classes its facts may have, and the operators by name."""

    name: str
    classes: tuple[type, ...]
    operators: Mapping[str, Operator]


def between(value: Any, ends: Any) -> bool:
    """Both ends are in."""
    return bool(ends[0] <= value <= ends[1])


def within(value: Any, ends: Any) -> bool:
    """Both ends are in; a stretch that ends before it begins runs over midnight."""
    low, high = ends
    return bool(low <= value <= high if low <= high else value >= low or value <= high)


def table(*rows: Operator) -> dict[str, Operator]:
    """Operators by name."""
    return {row.name: row for row in rows}


SET = table(
    Operator("is_set", "none", lambda value, _: value is not None, "({v} is not None)", total=True),
    Operator("is_not_set", "none", lambda value, _: value is None, "({v} is None)", total=True),
)
FILLED = table(
    Operator("is_set", "none", lambda value, _: bool(value), "bool({v})", total=True),
    Operator("is_not_set", "none", lambda value, _: not value, "(not {v})", total=True),
)
EQUALITY = table(
    Operator("equal_to", "one", operator.eq, "{v} == {c}"),
    Operator("not_equal_to", "one", operator.ne, "{v} != {c}"),
    Operator("one_of", "many", lambda value, many: value in many, "{v} in {c}"),
    Operator("none_of", "many", lambda value, many: value not in many, "{v} not in {c}"),
)
ORDER = table(
    Operator("equal_to", "one", operator.eq, "{v} == {c}"),
    Operator("not_equal_to", "one", operator.ne, "{v} != {c}"),
    Operator("greater_than", "one", operator.gt, "{v} > {c}"),
    Operator("greater_than_or_equal_to", "one", operator.ge, "{v} >= {c}"),
    Operator("less_than", "one", operator.lt, "{v} < {c}"),
    Operator("less_than_or_equal_to", "one", operator.le, "{v} <= {c}"),
    Operator("between", "range", between, "{c}[0] <= {v} <= {c}[1]"),
)
LADDER = table(
    Operator("equal_to", "one", operator.eq, "{v} == {c}"),
    Operator("not_equal_to", "one", operator.ne, "{v} != {c}"),
    Operator("at_least", "one", operator.ge, "{v} >= {c}"),
    Operator("at_most", "one", operator.le, "{v} <= {c}"),
    Operator("one_of", "many", lambda value, many: value in many, "{v} in {c}"),
)
TEXT = table(
    Operator("starts_with", "one", str.startswith, "{v}.startswith({c})"),
    Operator("ends_with", "one", str.endswith, "{v}.endswith({c})"),
    Operator("contains", "one", operator.contains, "{c} in {v}"),
)
MEMBERS = table(
    Operator("contains", "one", operator.contains, "{c} in {v}"),
    Operator("does_not_contain", "one", lambda value, one: one not in value, "{c} not in {v}"),
    Operator("contains_any", "many", lambda value, many: not many.isdisjoint(value), "not {c}.isdisjoint({v})"),
    Operator("contains_all", "many", lambda value, many: many.issubset(value), "{c}.issubset({v})"),
    Operator("contains_none", "many", lambda value, many: many.isdisjoint(value), "{c}.isdisjoint({v})"),
)
TRUTH = table(
    Operator("is_true", "none", lambda value, _: value is True, "({v} is True)", total=True),
    Operator("is_false", "none", lambda value, _: value is False, "({v} is False)", total=True),
)
TIME = table(
    Operator("equal_to", "one", operator.eq, "{v} == {c}"),
    Operator("before", "one", operator.lt, "{v} < {c}"),
    Operator("on_or_before", "one", operator.le, "{v} <= {c}"),
    Operator("after", "one", operator.gt, "{v} > {c}"),
    Operator("on_or_after", "one", operator.ge, "{v} >= {c}"),
    Operator("between", "range", between, "{c}[0] <= {v} <= {c}[1]"),
)
CLOCK = TIME | table(
    Operator(
        "between",
        "range",
        within,
        "({c}[0] <= {v} <= {c}[1] if {c}[0] <= {c}[1] else {v} >= {c}[0] or {v} <= {c}[1])",
    ),
)

TYPES: Mapping[str, Type] = {
    kind.name: kind
    for kind in (
        Type("money", (int,), ORDER | SET),
        Type("points", (int,), ORDER | SET),
        Type("number", (int, Decimal), ORDER | SET),
        Type("tier", (int,), LADDER | SET),  # Facts name the level; what is compared is its rank.
        Type("choice", (str,), EQUALITY | FILLED),
        Type("weekday", (str,), EQUALITY),
        Type("text", (str,), EQUALITY | TEXT | FILLED),
        Type("set", (tuple, frozenset), MEMBERS | FILLED),
        Type("boolean", (bool,), TRUTH | SET),
        Type("date", (date,), TIME | SET),
        Type("moment", (datetime,), TIME | SET),
        Type("time", (time,), CLOCK | SET),
        Type("duration", (timedelta,), ORDER | SET),
    )
}
OPERATOR_NAMES = frozenset(name for kind in TYPES.values() for name in kind.operators)


def ask(row: Operator, value: Any, asked: Any) -> bool:
    """The answer an operator gives: the reference that library and compiler are held to."""
    if value is None and not row.total:
        return False
    return bool(row.test(value, asked))
