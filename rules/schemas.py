"""The JSON Schema of each kind of document, with a programme's own names: so that any editor completes them.

Made of the models and tables that the check uses. A schema refuses names that do not exist; `check` is the judge.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from rules import actions, vocabulary
from rules.conditions import MANY_MAX, TEXT_MAX
from rules.durations import CLOCK, WHOLE
from rules.facts import Variable
from rules.moments import SHAPES
from rules.operators import OPERATOR_NAMES
from rules.rule import Definitions
from rules.vocabulary import Data

KINDS = tuple(vocabulary.SCHEMAS)
DIALECT = "https://json-schema.org/draft/2020-12/schema"
DECIMAL = r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,8})?$"
CONDITION = {"$ref": "#/$defs/Condition"}
# Fields that name something a programme declares, wherever they stand.
NAMED: Mapping[str, Callable[[Definitions], Iterable[str]]] = {
    "wallet": lambda own: own.programme.wallets,
    "budget": lambda own: own.programme.budgets,
    "ladder": lambda own: own.standards,
    "benefit": lambda own: own.benefits,
    "segment": lambda own: own.segments,
}
# The same in the parameters of actions: what they compute with, and what some of them hand over.
COMPUTED: Mapping[str, Callable[[Definitions], Iterable[str]]] = {
    "base": lambda own: {*actions.BASES, *own.catalogue.variables},
    "of": lambda own: {*actions.BASES, *own.catalogue.variables},
    "by": lambda own: own.catalogue.variables,
}


def levels(own: Definitions) -> Iterable[str]:
    """Every level of every ladder."""
    return {level.key for one in own.standards.values() for level in one.ladder.levels}


OF_ACTION: Mapping[str, Mapping[str, Callable[[Definitions], Iterable[str]]]] = {
    "issue_benefit_by_choice": {"otherwise": lambda own: own.benefits},
    "upgrade_benefit": {"from": lambda own: own.benefits, "to": lambda own: own.benefits},
    "move_tier": {"to": levels},
}
# The same in whom a policy is for, by part of the schema: lists of what is declared, and levels.
OF_AUDIENCE: Mapping[str, Mapping[str, Callable[[Definitions], Iterable[str]]]] = {
    "Audience": {
        "segments": lambda own: own.segments,
        "not_segments": lambda own: own.segments,
        "consents": lambda own: own.programme.consents,
    },
    "Tiers": {"at_least": levels, "one_of": levels},
}
EXACT = {"type": "string", "pattern": DECIMAL}
NUMBER = {"anyOf": [{"type": "integer"}, EXACT]}
WORDS = {"type": "string", "minLength": 1, "maxLength": TEXT_MAX}
# What a condition compares a variable of each type with; a type that is not here takes anything.
VALUES: Mapping[str, Data] = {
    "money": EXACT,
    "points": NUMBER,
    "number": NUMBER,
    "text": WORDS,
    "set": WORDS,
    "date": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
    "moment": {"type": "string", "minLength": 16},
    "time": {"type": "string", "pattern": f"^{CLOCK.pattern}$"},
    "duration": {"type": "string", "pattern": f"^{WHOLE.pattern}$"},
}


def document(kind: str, definitions: Definitions | None = None) -> Data:
    """The schema of a kind of document; with the names of a programme, if one is given."""
    made = vocabulary.schema(kind)
    shared = made.setdefault("$defs", {})
    if kind == "policy":
        shared["Action"] = {"oneOf": [action(name, shared, definitions) for name in actions.ACTIONS]}
        made["properties"]["on"]["items"] = {"type": "string"} | events(definitions)
        audience(shared, definitions)
        made["allOf"] = [*made.get("allOf", ()), *moments()]
    shared["Condition"] = condition(definitions)
    filled = replaced(made, definitions)
    return {"$schema": DIALECT, "title": kind, **{key: value for key, value in filled.items() if key != "title"}}


def action(name: str, shared: Data, definitions: Definitions | None) -> Data:
    """An action by name; what it computes with or hands over is named too."""
    made = vocabulary.action_schema(name, shared)
    fields = made["properties"]["params"].get("properties", {})
    if definitions is not None:
        for field, names in {**COMPUTED, **OF_ACTION.get(name, {})}.items():
            if field in fields:
                fields[field] = listing(fields[field], sorted(names(definitions)))
    return made


def audience(shared: Data, definitions: Definitions | None) -> None:
    """Name what an audience can be made of."""
    if definitions is None:
        return
    for part, fields in OF_AUDIENCE.items():
        properties = shared[part]["properties"]
        for field, names in fields.items():
            properties[field] = listing(properties[field], sorted(names(definitions)))


def events(definitions: Definitions | None) -> Data:
    """The kinds of event a policy can be on."""
    return {} if definitions is None else {"enum": sorted(definitions.catalogue.kinds)}


def moments() -> Iterable[Data]:
    """What `when` says for each kind of moment; there is none where the clock does not ask."""
    for kind, shape in SHAPES.items():
        said = {"required": list(shape.needed), "propertyNames": {"enum": list(shape.fields)}}
        yield when({"on": {"contains": {"const": kind}}}, {"when": said}, ["when"] * bool(shape.needed))
    yield when({"when": {}}, {"on": {"contains": {"enum": list(SHAPES)}, "maxItems": 1}}, ["on"])


def replaced(node: Any, definitions: Definitions | None) -> Any:
    """A schema with its conditions spelled out and its names listed."""
    if isinstance(node, list):
        return [replaced(one, definitions) for one in node]
    if not isinstance(node, dict):
        return node
    if node.get("x-condition"):
        return dict(CONDITION)
    made = {key: replaced(value, definitions) for key, value in node.items()}
    if definitions is not None and isinstance(made.get("properties"), dict):
        for name in NAMED.keys() & made["properties"].keys():
            made["properties"][name] = listing(made["properties"][name], sorted(NAMED[name](definitions)))
    return made


def listing(field: Data, names: list[str]) -> Data:
    """A field of text that takes these names only; where there are none, it must be left out."""
    if "anyOf" in field:
        return {**field, "anyOf": [listing(one, names) for one in field["anyOf"]]}
    if field.get("type") == "array":
        return {**field, "items": listing(field["items"], names)}
    if field.get("type") != "string" or "enum" in field or "const" in field:
        return field
    return {"enum": names} if names else {"not": {}}


def condition(definitions: Definitions | None) -> Data:
    """A condition: the groups, and a question whose operators and values follow from its variable."""
    rows = None if definitions is None else list(definitions.catalogue.variables.values())
    made = vocabulary.condition_schema(None if rows is None else sorted(one.name for one in rows))
    if rows is not None:
        made["oneOf"] = [asked(one, rows) if "operator" in one.get("properties", {}) else one for one in made["oneOf"]]
    return made


def asked(leaf: Data, rows: list[Variable]) -> Data:
    """A question with what follows from each variable: its type's operators, and the values that it can have."""
    groups: dict[tuple[str, tuple[str, ...]], list[Variable]] = {}
    for one in rows:
        groups.setdefault((one.type, one.options), []).append(one)
    follow = [rule for (_, options), members in groups.items() for rule in consequences(members, options)]
    names: Data = {"enum": sorted(one.name for one in rows)}
    properties = {**leaf["properties"], "name": names, "operator": {"enum": sorted(OPERATOR_NAMES)}}
    return {**leaf, "properties": properties, "allOf": follow}


def consequences(members: list[Variable], options: tuple[str, ...]) -> Iterable[Data]:
    """What a question to these variables must look like: they share a type and the values they can have."""
    kind, names = members[0].kind, {"enum": sorted(one.name for one in members)}
    yield when({"name": names}, {"operator": {"enum": list(kind.operators)}}, [])
    value: Data = {"enum": list(options)} if options else dict(VALUES.get(kind.name, {}))
    for wanted, shape in shapes(value).items():
        operators = [row.name for row in kind.operators.values() if row.input == wanted]
        if operators:
            yield when(
                {"name": names, "operator": {"enum": operators}}, {"value": shape}, ["value"] * (wanted != "none")
            )


def shapes(value: Data) -> Mapping[str, Data]:
    """What an operator takes, by the kind of input it wants."""
    return {
        "none": {"enum": [None, True]},
        "one": value,
        "many": {"type": "array", "items": value, "minItems": 1, "maxItems": MANY_MAX},
        "range": {"type": "array", "items": value, "minItems": 2, "maxItems": 2},
    }


def when(known: Data, follows: Data, required: list[str]) -> Data:
    """If these fields are so, those must be so."""
    then: Data = {"properties": follows} | ({"required": required} if required else {})
    return {"if": {"properties": known, "required": sorted(known)}, "then": then}
