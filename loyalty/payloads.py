"""A behaviour's payload against the schema its programme declares: a wrong one is turned away, field and all."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache, partial
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from loyalty.events import Behaviour
from loyalty.refusals import Malformed, every_language
from loyalty.turn import Turn
from models.codec import canonical, parse
from rules import calendar, durations, exact
from rules.programme import PayloadField, PayloadSchema, Programme

NAME_SHOWN_MAX = 100  # Of a field that nobody declared: it is the sender's text.


def check_payload(programme: Programme, arrival: Behaviour) -> None:
    """Raise Malformed when the type is not declared or the payload is not as declared."""
    declared = programme.event_types
    event = declared.get(arrival.type)
    if event is None:
        raise Malformed("EVENT_TYPE_UNKNOWN", field="/type", type=arrival.type, allowed=sorted(declared))
    wrong = wrong_field(event.schema_, arrival.payload, exact.currency_scale(programme.currency))
    if wrong is not None:
        raise Malformed("INVALID_PAYLOAD", field="/payload" + wrong[0], detail=wrong[1])


def wrong_field(schema: PayloadSchema, given: Mapping[str, Any], scale: int) -> tuple[str, Mapping[str, str]] | None:
    """The first field that is not as declared, as a JSON pointer, and what is wanted there; None if all is well."""
    errors = sorted(_validator(_schema(schema), scale).iter_errors(dict(given)), key=_place)
    if not errors:
        return None
    field, detail = _told(errors[0])
    return "".join(map(_token, field)), detail


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
def _validator(schema: str, scale: int) -> Draft202012Validator:
    formats = FormatChecker(())
    for name in FORMATS:
        formats.checks(name)(partial(_reads, name, scale))
    return Draft202012Validator(parse(schema), format_checker=formats)


def _reads(name: str, scale: int, value: object) -> bool:
    """Whether a text is what its format says; what is no text is its type's concern."""
    if not isinstance(value, str):
        return True
    try:
        return FORMATS[name](value, scale) is not None
    except ValueError:
        return False


def amount(text: str, scale: int) -> int | None:
    """An amount written as text, in minor units; None if it is none, or below nought."""
    number = None if text.startswith("-") else exact.read(text)
    return None if number is None else exact.units(number, scale)


def value_of(turn: Turn, kind: str, payload: Mapping[str, Any], name: str, at: datetime) -> Any:
    """A variable of an event's payload: typed as its type declares now; None for what is not there, or reads
    otherwise: what was sent under an older declaration may.
    """
    declared = turn.programme.event_types.get(kind)
    own = declared.schema_.properties if declared else {}
    key = name.removeprefix("payload_")
    if key in own:
        return typed(turn, own[key], payload.get(key))
    key = key.removesuffix("_ago")
    found = typed(turn, own[key], payload.get(key)) if key in own else None
    if isinstance(found, datetime):
        return at - found
    return at - calendar.day_start(found, turn.ruleset.zone) if isinstance(found, date) else None


def typed(turn: Turn, own: PayloadField, value: Any) -> Any:
    """A value as its declaration has variables typed; None for what reads otherwise."""
    if isinstance(value, list):
        return tuple(value)
    if not own.format or not isinstance(value, str):
        return value
    try:
        return FORMATS[own.format](value, turn.ruleset.definitions.catalogue.currency_scale)
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else None


FORMATS: Mapping[str, Callable[[str, int], Any]] = {
    "date": lambda text, scale: date.fromisoformat(text) if len(text) == len("2026-11-01") else None,
    "date-time": lambda text, scale: _moment(text),
    "time": lambda text, scale: durations.read_clock(text),
    "duration": lambda text, scale: durations.read(text),
    "money": amount,
}
