"""A behaviour's payload against the schema its programme declares: a wrong one is turned away, field and all."""

from functools import lru_cache

from jsonschema import Draft202012Validator, FormatChecker

from loyalty.events import Behaviour
from loyalty.refusals import Malformed
from models.codec import canonical, parse
from rules.policy import PayloadSchema, Programme


def check_payload(programme: Programme, arrival: Behaviour) -> None:
    """Raise Malformed when the type is not declared or the payload is not as declared."""
    declared = programme.event_types
    event = declared.get(arrival.type)
    if event is None:
        raise Malformed("EVENT_TYPE_UNKNOWN", field="/type", type=arrival.type, allowed=sorted(declared))
    for error in _validator(_schema(event.schema_)).iter_errors(dict(arrival.payload)):
        place = "".join(f"/{part}" for part in error.absolute_path)
        raise Malformed("INVALID_PAYLOAD", field=f"/payload{place}", detail=str(error.validator))


def _schema(schema: PayloadSchema) -> str:
    return canonical(schema.model_dump(by_alias=True, exclude_none=True, mode="json"))


@lru_cache(maxsize=1_000)
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(parse(schema), format_checker=FormatChecker())
