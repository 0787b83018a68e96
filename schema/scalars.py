"""The scalars: each says what it takes and gives, refuses everything else by a code, and never guesses."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from schema.problems import BadValue

POINTS_MOST = 2**53 - 1

Points = NewType("Points", int)
Locale = NewType("Locale", str)
CurrencyCode = NewType("CurrencyCode", str)
JSON = NewType("JSON", object)

DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,18})(\.[0-9]{1,6})?")
DATETIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
CURRENCY = re.compile(r"[A-Z]{3}")


def read_points(value: Any) -> int:
    """A whole number, and nothing that merely looks like one."""
    if type(value) is not int or abs(value) > POINTS_MOST:
        raise BadValue("INVALID_POINTS", least=-POINTS_MOST, most=POINTS_MOST)
    return value


def read_decimal(value: Any) -> Decimal:
    """A decimal number as text: JSON's own numbers are floats to too many readers."""
    if not isinstance(value, str) or not DECIMAL.fullmatch(value):
        raise BadValue("INVALID_DECIMAL")
    return Decimal(value)


def read_datetime(value: Any) -> datetime:
    """A moment with its offset, taken to UTC."""
    if isinstance(value, str) and DATETIME.fullmatch(value):
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise BadValue("INVALID_TIME")


def read_date(value: Any) -> date:
    """A calendar day."""
    if isinstance(value, str) and DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise BadValue("INVALID_DATE")


def reader_of(pattern: re.Pattern[str], code: str) -> Callable[[Any], str]:
    """A reader of text that must match a pattern."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise BadValue(code)
        return value

    return read


def write_datetime(value: datetime) -> str:
    """UTC, with `Z`, to the second or as fine as it is known."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def write_decimal(value: Decimal) -> str:
    """Plain digits, never an exponent."""
    return format(value, "f")


def as_it_is(value: Any) -> Any:
    """JSON goes in and out unchanged."""
    return value


def _scalar(
    name: str, description: str, write: Callable[[Any], Any], read: Callable[[Any], Any], url: str | None = None
) -> ScalarDefinition:
    return strawberry.scalar(
        name=name,
        description=description,
        specified_by_url=url,
        serialize=write,
        parse_value=read,
    )


SCALARS: dict[object, ScalarDefinition] = {
    Points: _scalar(
        "Points",
        "Points as shown, or counts that may be large: a whole JSON number between -(2^53 - 1) and 2^53 - 1. "
        "A fraction, text or exponent is refused.",
        int,
        read_points,
    ),
    Decimal: _scalar(
        "Decimal",
        'A decimal number as JSON text, such as "12.50": up to 19 digits and 6 places. Never a float.',
        write_decimal,
        read_decimal,
    ),
    datetime: _scalar(
        "DateTime",
        "A moment by RFC 3339. An offset is required on the way in; the answer is always in UTC, with `Z`.",
        write_datetime,
        read_datetime,
        "https://scalars.graphql.org/andimarek/date-time.html",
    ),
    date: _scalar(
        "Date", "A calendar day, YYYY-MM-DD, in the programme's time zone.", lambda day: day.isoformat(), read_date
    ),
    Locale: _scalar("Locale", "A language by BCP 47: `en`, `zh-CN`.", str, reader_of(LOCALE, "INVALID_LOCALE")),
    CurrencyCode: _scalar(
        "CurrencyCode", "A currency by ISO 4217: `CNY`.", str, reader_of(CURRENCY, "INVALID_CURRENCY")
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description="Any JSON value. Only where the shape belongs to the caller: policies, payloads of events.",
        serialize=as_it_is,
        parse_value=as_it_is,
    ),
}
