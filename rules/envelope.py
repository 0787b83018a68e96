"""Documents against their models, with each complaint turned into a fault of ours: code, pointer, what is allowed."""

import json
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from rules.faults import Fault, at, listed, shown
from rules.parts import LANGUAGES

Model = TypeVar("Model", bound=BaseModel)
Steps = tuple[str | int, ...]
JSON_TYPES = {
    "string": "string", "int": "integer", "bool": "boolean", "tuple": "array", "list": "array", "dict": "object",
    "model": "object", "model_attributes": "object", "dataclass": "object", "mapping": "object",
}  # fmt: skip
SIGNS = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤", "min_length": "≥", "max_length": "≤"}
BOUNDS = {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}
LENGTHS = {"too_short", "too_long", "string_too_short", "string_too_long"}
TAGS = {"[key]", "[word]", "[object]"}  # What pydantic puts into a place besides the document's own steps.
OWN = {"BAD_DECIMAL", "BAD_DATE", "BAD_DAY_OF_YEAR", "TEXT_EMPTY", "EXACTLY_ONE", "NOT_ALLOWED"}


def read(
    model: type[Model], document: Mapping[str, Any], path: str, *prefix: str | int
) -> tuple[Model | None, list[Fault]]:
    """A document as its model, or its faults. The document has passed the guard: it holds nothing that is not JSON."""
    try:
        return model.model_validate_json(json.dumps(document)), []
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=True, include_input=True)
        inner = {one["loc"][:upto] for one in found for upto in range(len(one["loc"]))}
        # A list whose elements are wrong counts as too short too: what is wrong with them is the news.
        told = [one for one in found if one["type"] != "too_short" or one["loc"] not in inner]
        return None, [fault(model, path, prefix, dict(one)) for one in told]


def fault(model: type[BaseModel], path: str, prefix: Steps, error: Mapping[str, Any]) -> Fault:
    """One complaint of the model in our words."""
    steps: Steps = tuple(step for step in error["loc"] if step not in TAGS)
    code, params = explain(model, steps, str(error["type"]), error)
    return Fault(path, at(*prefix, *steps), code, params)


def explain(
    model: type[BaseModel], steps: Steps, kind: str, error: Mapping[str, Any]
) -> tuple[str, dict[str, str | int]]:
    """The code of a complaint and what belongs into its words."""
    context, value = error.get("ctx", {}), error.get("input")
    if kind == "missing":
        return ("LANGUAGE_MISSING" if steps[-1] in LANGUAGES else "FIELD_MISSING"), {"field": str(steps[-1])}
    if kind == "extra_forbidden":
        return "FIELD_UNKNOWN", {"field": shown(str(steps[-1])), "allowed": listed(fields(model, steps[:-1]))}
    if kind == "literal_error":
        return "NOT_ALLOWED", {"value": shown(value), "allowed": str(context["expected"]).replace("'", "")}
    if kind == "string_pattern_mismatch":
        return "BAD_NAME", {"value": shown(value), "pattern": str(context["pattern"])}
    if kind in BOUNDS | LENGTHS:
        name, bound = next((name, bound) for name, bound in context.items() if name in SIGNS)
        return ("OUT_OF_RANGE" if kind in BOUNDS else "BAD_LENGTH"), {"allowed": f"{SIGNS[name]} {bound}"}
    if kind == "DATE_BEYOND":
        return kind, {"value": shown(value), "first": context["first"], "last": context["last"]}
    if kind in OWN:
        return kind, {"value": shown(value), "allowed": listed(context.get("allowed", ()))}
    expected = JSON_TYPES.get(kind.removesuffix("_type"))
    if expected:
        return "WRONG_TYPE", {"expected": expected}
    return "INVALID", {"detail": shown(error["msg"])}


def fields(model: type[BaseModel], steps: Steps) -> list[str]:
    """The fields that are allowed at a place of a document."""
    here: type[BaseModel] | None = model
    for step in steps:
        if here is None:
            return []
        own = {info.alias or name: info for name, info in here.model_fields.items()}
        if step in own:
            here = inside(own[str(step)].annotation)
        # A key of a mapping or an index of a list: the model inside was found with its field.
    return [] if here is None else [info.alias or name for name, info in here.model_fields.items()]


def inside(annotation: Any) -> type[BaseModel] | None:
    """The model somewhere inside an annotation: Wallet in dict[str, Wallet]."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in typing.get_args(annotation):
        found = inside(part)
        if found is not None:
            return found
    return None
