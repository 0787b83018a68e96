"""All words of the language, as data for editors: variables, operators, actions, events, and the schema of a file."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

import locales
from rules import actions, check, check_conditions, documents, files
from rules.facts import KINDS, Catalogue, Variable
from rules.operators import OPERATOR_NAMES, TYPES
from rules.parts import LANGUAGES
from rules.policy import Policy
from rules.rule import Definitions
from rules.words import phrase

Data = dict[str, Any]
SCHEMAS: Mapping[str, type[BaseModel]] = {**files.ORDERS, "policy": Policy}


def both(code: str) -> dict[str, str]:
    """A text in both languages, its placeholders standing as they are."""
    return {lang: locales.texts(lang)[code] for lang in LANGUAGES}


def vocabulary(definitions: Definitions) -> Data:
    """Everything an editor offers for one programme."""
    catalogue = definitions.catalogue
    return {
        "variables": [variable(one, catalogue) for one in catalogue.variables.values()],
        "operators": operators(),
        "actions": [action(name, catalogue) for name in actions.ACTIONS],
        "events": [event(kind, definitions) for kind in (*KINDS, *definitions.programme.event_types)],
        "limits": {
            "bytes": documents.SIZE_MAX,
            "depth": check_conditions.DEPTH_MAX,
            "conditions": check_conditions.WIDTH_MAX,
        },
        "folders": [*check.DEFINITION_FOLDERS, *check.POLICY_FOLDERS],
    }


def variable(one: Variable, catalogue: Catalogue) -> Data:
    """One variable: what it is called, what can be asked of it, and where it exists."""
    return {
        "name": one.name,
        "type": one.type,
        "group": one.group,
        "group_label": both(f"group.{one.group}"),
        "label": {lang: one.label(lang) for lang in LANGUAGES},
        "unit": one.unit,
        "scale": one.scale,
        "nullable": one.nullable,
        "range": [one.least, one.most],
        "options": [{"value": key, "label": dict(one.option_labels.get(key, {}))} for key in one.options],
        "operators": list(one.kind.operators),
        "on": sorted(kind for kind in catalogue.kinds if one.exists_on(kind)),
    }


def operators() -> Data:
    """What can be asked, by type: the phrase and the kind of value."""
    return {
        kind.name: [
            {"name": row.name, "input": row.input, "phrase": both(f"rule.{phrase(kind.name, row.name)}")}
            for row in kind.operators.values()
        ]
        for kind in TYPES.values()
    }


def action(name: str, catalogue: Catalogue) -> Data:
    """One action: what it is called, where it makes sense, and its parameters."""
    kind = actions.ACTIONS[name]
    return {
        "name": name,
        "label": both(f"action.{name}"),
        "on": sorted(one for one in catalogue.kinds if kind.allowed_on(one)),
        "by_line": kind.by_line,
        "params": actions.schema(name),
    }


def event(kind: str, definitions: Definitions) -> Data:
    """One kind of event."""
    own = definitions.programme.event_types.get(kind)
    return {"kind": kind, "label": dict(own.title.by_language()) if own else both(f"event.{kind}")}


def schema(kind: str) -> Data:
    """The JSON Schema of a kind of file, for completion in any editor; `check` is the judge."""
    return SCHEMAS[kind].model_json_schema(by_alias=True)


def condition_schema(names: list[str] | None) -> Data:
    """A condition: one of three groups, one of three ways to ask of an order's lines, or a question."""
    part = {"$ref": "#/$defs/Condition"}
    group = {"type": "array", "items": part, "minItems": 1, "maxItems": check_conditions.WIDTH_MAX}
    at_least = {"type": "integer", "minimum": 1, "maximum": check_conditions.LINES_MAX}
    leaf = {
        "name": {"type": "string"} | ({} if names is None else {"enum": names}),
        "operator": {"enum": sorted(OPERATOR_NAMES)},
        "value": {},
    }
    return {
        "oneOf": [
            closed({"all": group}, ["all"]),
            closed({"any": group}, ["any"]),
            closed({"not": part}, ["not"]),
            closed({"any_line": part}, ["any_line"]),
            closed({"every_line": part}, ["every_line"]),
            closed({"lines": closed({"at_least": at_least, "where": part}, ["at_least", "where"])}, ["lines"]),
            closed(leaf, ["name", "operator"]),
        ]
    }


def action_schema(name: str, shared: dict[str, Any]) -> Data:
    """An action by name; what its parameters are made of joins the shared definitions."""
    params = actions.schema(name)
    shared |= params.pop("$defs", {})
    required = ["name", "params"] if params.get("required") else ["name"]
    return closed({"name": {"const": name}, "params": params}, required)


def closed(properties: Mapping[str, Any], required: list[str]) -> Data:
    """An object with these fields and no others."""
    return {"type": "object", "properties": dict(properties), "required": required, "additionalProperties": False}
