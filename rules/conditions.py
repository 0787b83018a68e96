"""Conditions, typed: what a document wrote as JSON, checked against the catalogue, and asked of facts.

`holds` is our own walk (the library knows no `not`); property tests hold the compiler and the library equal to it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from rules import durations, exact
from rules.facts import Variable
from rules.operators import Operator, ask
from rules.parts import WEEKDAYS

MANY_MAX = 200
TEXT_MAX = 200
LINES = "lines of the order"  # Where facts hold the lines for whoever asks of them; no variable has a blank.
Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One question to one variable. `value` is typed; `raw` is what the document says."""

    variable: Variable
    operator: Operator
    value: Any
    raw: Any


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part holds: `any` in the document."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class Lines:
    """So many of the order's lines meet the part: any of them, every one (and there are some), or `count` at least."""

    word: str  # any_line, every_line, lines.
    count: int
    part: "Condition"

    def enough(self, met: int, lines: int) -> bool:
        """Whether so many of so many are enough."""
        return met == lines > 0 if self.word == "every_line" else met >= self.count


Condition = Leaf | All | Some | Not | Lines


class Unfit(ValueError):
    """A value of a document that does not fit the variable: why, by code."""

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def holds(condition: Condition | None, facts: Facts) -> bool:
    """Whether a condition is met; no condition is always met."""
    match condition:
        case None:
            return True
        case Leaf(variable, operator, value):
            return ask(operator, variable.rank(facts[variable.name]), value)
        case All(parts):
            return all(holds(part, facts) for part in parts)
        case Some(parts):
            return any(holds(part, facts) for part in parts)
        case Not(part):
            return not holds(part, facts)
        case Lines(_, _, part):
            lines = facts[LINES]
            return condition.enough(sum(holds(part, {**facts, **line}) for line in lines), len(lines))


def leaves(condition: Condition | None) -> Iterator[Leaf]:
    """Every question in it, in the order of the document."""
    match condition:
        case Leaf():
            yield condition
        case All(parts) | Some(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part) | Lines(_, _, part):
            yield from leaves(part)


def quantified(condition: Condition | None) -> bool:
    """Whether it asks of an order's lines, how many of them."""
    match condition:
        case Lines():
            return True
        case All(parts) | Some(parts):
            return any(map(quantified, parts))
        case Not(part):
            return quantified(part)
    return False


def variables(condition: Condition | None) -> dict[str, Variable]:
    """Every variable it reads, by name."""
    return {leaf.variable.name: leaf.variable for leaf in leaves(condition)}


def _amount(variable: Variable, raw: object) -> int:
    number = exact.read(raw) if isinstance(raw, str) or variable.type == "points" else None
    whole = None if number is None else exact.units(number, variable.scale)
    if whole is None:
        raise Unfit("VALUE_AMOUNT" if variable.type == "money" else "VALUE_POINTS", scale=variable.scale)
    return whole


def _number(variable: Variable, raw: object) -> int | Decimal:
    number = exact.read(raw)
    if number is None:
        raise Unfit("VALUE_NUMBER")
    if (variable.least is not None and number < variable.least) or (
        variable.most is not None and number > variable.most
    ):
        least, most = ("…" if end is None else end for end in (variable.least, variable.most))
        raise Unfit("VALUE_RANGE", least=least, most=most)
    return int(number) if number == number.to_integral_value() else number


def _member(variable: Variable, raw: object) -> str:
    return _option(variable, raw) if variable.options or variable.closed else _text(variable, raw)


def _text(variable: Variable, raw: object) -> str:
    if not isinstance(raw, str) or not 0 < len(raw) <= TEXT_MAX:
        raise Unfit("VALUE_TEXT", most=TEXT_MAX)
    return raw


def _option(variable: Variable, raw: object) -> str:
    if raw not in variable.options:
        raise Unfit("VALUE_OPTION", allowed=", ".join(variable.options) or "–")
    return str(raw)


def _weekday(variable: Variable, raw: object) -> str:
    if raw not in WEEKDAYS:
        raise Unfit("VALUE_OPTION", allowed=", ".join(WEEKDAYS))
    return str(raw)


def _date(variable: Variable, raw: object) -> date:
    try:
        if isinstance(raw, str) and len(raw) == len("2026-11-01"):
            return date.fromisoformat(raw)
    except ValueError:
        pass
    raise Unfit("VALUE_DATE")


def _moment(variable: Variable, raw: object) -> datetime:
    try:
        moment = datetime.fromisoformat(raw) if isinstance(raw, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Unfit("VALUE_MOMENT")
    return moment


def _time(variable: Variable, raw: object) -> time:
    at = durations.read_clock(raw)
    if at is None:
        raise Unfit("VALUE_TIME")
    return at


def _duration(variable: Variable, raw: object) -> timedelta:
    length = durations.read(raw)
    if length is None:
        raise Unfit("VALUE_DURATION")
    return length


def _boolean(variable: Variable, raw: object) -> bool:
    if not isinstance(raw, bool):
        raise Unfit("VALUE_BOOLEAN")
    return raw


READERS: Mapping[str, Callable[[Variable, object], Any]] = {
    "money": _amount, "points": _amount, "number": _number, "text": _text, "set": _member, "choice": _option,
    "tier": _option, "weekday": _weekday, "date": _date, "moment": _moment, "boolean": _boolean,
    "time": _time, "duration": _duration,
}  # fmt: skip


def read_one(variable: Variable, raw: object) -> Any:
    """A document's value, typed as what the variable is compared with; Unfit if it does not fit."""
    return variable.rank(READERS[variable.type](variable, raw))


def read_value(variable: Variable, operator: Operator, raw: object) -> Any:
    """What an operator compares with, typed; Unfit if the document's value is none of that."""
    if operator.input == "none":
        if raw is not None and raw is not True:
            raise Unfit("VALUE_NOT_WANTED", operator=operator.name)
        return None
    if operator.input == "one":
        return read_one(variable, raw)
    if not isinstance(raw, list | tuple):
        raise Unfit("VALUE_LIST")
    if operator.input == "range":
        if len(raw) != 2:
            raise Unfit("VALUE_ENDS")
        ends = tuple(read_one(variable, end) for end in raw)
        if ends[0] > ends[1] and variable.type != "time":  # A stretch of the day may run over midnight.
            raise Unfit("VALUE_ENDS")
        return ends
    if not 0 < len(raw) <= MANY_MAX:
        raise Unfit("VALUE_MANY", most=MANY_MAX)
    return frozenset(read_one(variable, one) for one in raw)


def read_fact(variable: Variable, raw: object) -> Any:
    """A fact as an example or a trial writes it, typed as a decision wants it."""
    if raw is None:
        return None
    if variable.type == "set":
        if not isinstance(raw, list | tuple):
            raise Unfit("VALUE_LIST")
        return tuple(_member(variable, one) for one in raw)
    if variable.type == "text" and raw == "":
        return ""
    return READERS[variable.type](variable, raw)
