"""The `business-rules` package as the reference: our types made into its types, our documents asked of its engine.

Only conditions that were checked come here: the library calls whatever method a document names. It knows no `not`, so
the recursion is ours and each leaf is the library's.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from business_rules import engine, export_rule_data
from business_rules.actions import BaseActions, rule_action
from business_rules.fields import FIELD_NO_INPUT, FIELD_NUMERIC, FIELD_SELECT_MULTIPLE, FIELD_TEXT
from business_rules.operators import BaseType, export_type, type_operator
from business_rules.variables import BaseVariables, rule_variable

from rules import actions
from rules.conditions import LINES, All, Condition, Leaf, Lines, Not, Some
from rules.facts import Catalogue, Variable
from rules.operators import Operator, ask

FIELDS = {"none": FIELD_NO_INPUT, "one": FIELD_TEXT, "many": FIELD_SELECT_MULTIPLE, "range": FIELD_SELECT_MULTIPLE}
NUMERIC = {"money", "number", "points"}


def method(row: Operator, kind: str) -> Any:
    """One of our operators as the library wants it: a method of the type."""
    field = FIELD_NUMERIC if kind in NUMERIC and row.input == "one" else FIELDS[row.input]

    def asked(self: Any, other: Any = None) -> bool:
        return ask(row, self.value, other)

    asked.__name__ = row.name
    return type_operator(field, assert_type_for_arguments=False)(asked)


@cache
def library_type(kind: str, options: tuple[str, ...]) -> Any:
    """One of our types as a type of the library; every ladder has its own, since its levels make the order."""
    sample = Variable("", kind, "", options=options, nullable=True)

    def cast(self: Any, value: Any) -> Any:
        if not sample.fits(value):
            raise AssertionError(f"{value!r} is not of type {kind}")
        return sample.rank(value)

    methods = {name: method(row, kind) for name, row in sample.kind.operators.items()}
    made = type(f"{kind.title()}Type", (BaseType,), {"name": kind, "_assert_valid_value_and_cast": cast, **methods})
    return export_type(made)


def variables_class(catalogue: Mapping[str, Variable]) -> Any:
    """A variables class of the library with a method for each variable; its instances hold facts."""

    def getter(variable: Variable) -> Any:
        def read(self: Any) -> Any:
            return self.facts[variable.name]

        read.__name__ = variable.name
        kind = library_type(variable.type, variable.options if variable.type == "tier" else ())
        return rule_variable(kind, label=variable.label("en"), options=list(variable.options))(read)

    def init(self: Any, facts: Mapping[str, Any]) -> None:
        self.facts = facts

    methods = {name: getter(variable) for name, variable in catalogue.items()}
    return type("Variables", (BaseVariables,), {"__init__": init, **methods})


def document(condition: Condition) -> dict[str, Any]:
    """A checked condition as the library's own document, its values typed."""
    match condition:
        case Leaf(variable, operator, value):
            return {"name": variable.name, "operator": operator.name, "value": value}
        case All(parts):
            return {"all": [document(part) for part in parts]}
        case Some(parts):
            return {"any": [document(part) for part in parts]}
        case Not(part):
            return {"not": document(part)}
        case Lines(word, count, part):
            return {word: document(part) if word != "lines" else {"at_least": count, "where": document(part)}}


def holds(asked: Mapping[str, Any], variables: Any) -> bool:
    """Whether a document of `document` holds, by the library."""
    if "not" in asked:
        return not holds(asked["not"], variables)
    if "all" in asked:
        return all(holds(part, variables) for part in asked["all"])
    if "any" in asked:
        return any(holds(part, variables) for part in asked["any"])
    for word in ("any_line", "every_line", "lines"):
        if word in asked:
            return of_lines(word, asked[word], variables)
    return bool(engine.check_condition(asked, variables))


def of_lines(word: str, asked: Mapping[str, Any], variables: Any) -> bool:
    """The library knows one thing to ask about, and no lines: it is asked of each line, and we count."""
    lines = variables.facts[LINES]
    part = asked["where"] if word == "lines" else asked
    met = sum(holds(part, type(variables)({**variables.facts, **line})) for line in lines)
    return met == len(lines) > 0 if word == "every_line" else met >= (asked["at_least"] if word == "lines" else 1)


def actions_class() -> Any:
    """Our actions for the library's export; it never runs them."""

    def wished(name: str) -> Any:
        def wish(self: Any) -> None:
            """Wishes are made by `rules.wishes`, from typed parameters."""

        wish.__name__ = name
        return rule_action()(wish)

    return type("Actions", (BaseActions,), {name: wished(name) for name in actions.ACTIONS})


def exported(catalogue: Catalogue) -> dict[str, Any]:
    """What `export_rule_data` of the library says about a programme: the contract of editors made for it."""
    variables = variables_class(catalogue.variables)
    data: dict[str, Any] = export_rule_data(variables, actions_class())
    kinds = {variable.type: variable for variable in catalogue.variables.values()}
    own = {name: library_type(name, one.options if name == "tier" else ()) for name, one in kinds.items()}
    data["variable_type_operators"] = {name: kind.get_all_operators() for name, kind in sorted(own.items())}
    return data
