"""A behaviour's payload against the schema its programme declares: a wrong one is turned away, field and all."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from loyalty.events import Behaviour
from loyalty.refusals import Malformed, every_language
from models.codec import canonical, parse
from rules.policy import PayloadSchema, Programme

NAME_SHOWN_MAX = 100  # Of a field that nobody declared: it is the sender's text.


def check_payload(programme: Programme, arrival: Behaviour) -> None:
    """Raise Malformed when the type is not declared or the payload is not as declared."""
    declared = programme.event_types
    event = declared.get(arrival.type)
    if event is None:
        raise Malformed("EVENT_TYPE_UNKNOWN", field="/type", type=arrival.type, allowed=sorted(declared))
    errors = sorted(_validator(_schema(event.schema_)).iter_errors(dict(arrival.payload)), key=_place)
    if errors:
        field, detail = _told(errors[0])
        raise Malformed("INVALID_PAYLOAD", field="/payload" + "".join(map(_token, field)), detail=detail)


def _place(error: ValidationError) -> tuple[list[str], str]:
    return [str(part) for part in error.absolute_path], str(error.validator)


def _told(error: ValidationError) -> tuple[list[str], Mapping[str, str]]:
    """The field that is wrong, and what is wanted there."""
    path, kind = [str(part) for part in error.absolute_path], str(error.validator)
    wanted: Any = error.validator_value
    instance: Any = error.instance
    if kind == "required":
        missing = next(name for name in wanted if name not in instance)
        return [*path, missing], every_language("payload.required", field=missing)
    if kind == "additionalProperties":
        schema: Any = error.schema
        declared = sorted(schema["properties"])
        unknown = min(name for name in instance if name not in declared)[:NAME_SHOWN_MAX]
        return [*path, unknown], every_language("payload.unknown", field=unknown, wanted=declared)
    code = {"type": f"payload.{wanted}", "format": f"payload.format.{wanted}"}.get(kind, f"payload.{kind}")
    return path, every_language(code, field=".".join(path), wanted=wanted)


def _token(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _schema(schema: PayloadSchema) -> str:
    return canonical(schema.model_dump(by_alias=True, exclude_none=True, mode="json"))


@lru_cache(maxsize=1_000)
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(parse(schema), format_checker=FormatChecker())
