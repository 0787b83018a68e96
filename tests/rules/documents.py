"""Random conditions and facts of the lab's catalogue, as hypothesis draws them: documents as a person writes them."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from rules import durations, exact
from rules.check_conditions import Reader
from rules.conditions import Condition
from rules.facts import Catalogue, Variable
from rules.operators import Operator
from tests.rules.lab import lab

CATALOGUE: Catalogue = lab().definitions.catalogue
KIND = "order.paid"
SHORT = st.text("abAB1", min_size=1, max_size=2)
DAYS = st.dates(date(2026, 11, 1), date(2026, 11, 6))
MOMENTS = st.builds(
    lambda minute, hours: datetime(2026, 11, 1, 0, minute, tzinfo=timezone(timedelta(hours=hours))),
    st.integers(0, 59),
    st.integers(-11, 11),
)
LENGTHS = st.builds(
    lambda sign, number, unit: f"{sign}{number}{unit}",
    st.sampled_from(["", "-"]),
    st.integers(0, 99),
    st.sampled_from("wdhm"),
)
CLOCKS = st.builds(lambda hour, minute: f"{hour:02}:{minute:02}", st.integers(0, 23), st.integers(0, 59))
WHOLE = st.integers(-3, 3)


def decimals(scale: int) -> st.SearchStrategy[str]:
    return st.integers(-300, 300).map(lambda units: exact.text(units, scale))


def written(variable: Variable) -> st.SearchStrategy[Any]:
    """One value as a document writes it."""
    if variable.type in {"tier", "weekday"} or variable.closed:
        return st.sampled_from(variable.options)
    if variable.type == "choice":
        return st.sampled_from(variable.options)
    numbers = st.integers(variable.least or 0, variable.most or 30)
    return {
        "money": decimals(variable.scale),
        "points": decimals(variable.scale),
        "number": numbers | numbers.map(lambda number: f"{number}.0"),
        "text": SHORT,
        "set": SHORT,
        "date": DAYS.map(date.isoformat),
        "moment": MOMENTS.map(datetime.isoformat),
        "time": CLOCKS,
        "duration": LENGTHS,
    }[variable.type]


def value(variable: Variable, row: Operator) -> st.SearchStrategy[Any]:
    """What an operator is asked with."""
    if row.input == "none":
        return st.sampled_from([None, True])
    if row.input == "one":
        return written(variable)
    if row.input == "many":
        return st.lists(written(variable), min_size=1, max_size=3)
    key: dict[str, Any] = {
        "money": Decimal,
        "points": Decimal,
        "number": Decimal,
        "moment": datetime.fromisoformat,
        "duration": durations.read,
    }
    return st.lists(written(variable), min_size=2, max_size=2).map(
        lambda ends: sorted(ends, key=key.get(variable.type, str))
    )


@st.composite
def leaves(draw: st.DrawFn) -> dict[str, Any]:
    """One question to any variable of an order, or of its lines."""
    variable = CATALOGUE.variables[draw(st.sampled_from(NAMES))]
    row = draw(st.sampled_from(sorted(variable.kind.operators.values(), key=lambda one: one.name)))
    return {"name": variable.name, "operator": row.name, "value": draw(value(variable, row))}


NAMES = sorted(name for name, one in CATALOGUE.variables.items() if one.exists_on(KIND) and one.type != "choice")
conditions = st.recursive(
    leaves(),
    lambda parts: st.one_of(
        st.lists(parts, min_size=1, max_size=3).map(lambda found: {"all": found}),
        st.lists(parts, min_size=1, max_size=3).map(lambda found: {"any": found}),
        parts.map(lambda found: {"not": found}),
    ),
    max_leaves=6,
)


def typed(raw: dict[str, Any], kinds: tuple[str, ...] = (KIND,)) -> Condition:
    """A drawn document through the check; what hypothesis draws must pass it."""
    reader = Reader("earn/drawn", CATALOGUE, kinds, lines=True)
    condition = reader.read(raw)
    assert condition is not None, reader.faults
    return condition


def fact(variable: Variable) -> st.SearchStrategy[Any]:
    """A fact of the right type, near what documents ask; None where it may be, a level the ladder lost now and then."""
    named = st.sampled_from(variable.options) if variable.closed else SHORT
    known: dict[str, st.SearchStrategy[Any]] = {
        "money": st.integers(-300, 300), "points": st.integers(-300, 300),
        "number": st.integers(0, 30) | st.decimals(0, 30, places=1), "text": SHORT | st.just(""),
        "set": st.lists(named, max_size=3).map(tuple), "boolean": st.booleans(), "date": DAYS,
        "moment": MOMENTS.map(lambda moment: moment.astimezone(UTC)),
        "weekday": st.sampled_from(variable.options or ("mon",)),
        "tier": st.sampled_from((*variable.options, "lost")),
        "choice": st.sampled_from(variable.options or ("",)),
        "time": CLOCKS.map(durations.read_clock), "duration": LENGTHS.map(durations.read),
    }  # fmt: skip
    return known[variable.type] | st.none() if variable.unknown_on(KIND) else known[variable.type]


facts = st.fixed_dictionaries({name: fact(CATALOGUE.variables[name]) for name in NAMES})
