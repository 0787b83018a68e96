"""What every document is made of: strict models, exact decimals, words in both languages, stretches of time.

Strict: a field nobody declared, a number where text belongs, a language that is missing is refused.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from rules import exact

LANGUAGES: tuple[Literal["en"], Literal["zh-CN"]] = ("en", "zh-CN")
NAME = r"^[a-z][a-z0-9_]{0,63}$"
KEY = r"^[a-z0-9-]{1,64}$"
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)
YEARS = (1900, 2999)
PERIODS = ("day", "week", "month", "quarter", "year")
SCALE_MAX = 4
Rounding = Literal["floor_order", "floor_line", "half_up_order", "half_up_line", "carry"]
ROUNDINGS = ("floor_order", "floor_line", "half_up_order", "half_up_line", "carry")


def read_exact(value: object) -> Decimal:
    """A whole number or a decimal as text; a float cannot be exact and is refused."""
    if isinstance(value, Decimal):
        return value
    number = exact.read(value)
    if number is None:
        raise PydanticCustomError("BAD_DECIMAL", "not an exact decimal")
    return number


def read_moment(value: object) -> date | datetime:
    """A day, or a moment; a moment without an offset is meant in the programme's zone."""
    if not isinstance(value, str) or DAY.fullmatch(value):
        return read_day(value)
    try:
        moment = datetime.fromisoformat(value if MOMENT.fullmatch(value) else "")
    except ValueError:
        raise PydanticCustomError("BAD_DATE", "not a date or time") from None
    return within(moment)


def read_day(value: object) -> date:
    """A day of the calendar, written 2026-12-31 and no other way."""
    if isinstance(value, date):
        return value
    try:
        day = date.fromisoformat(value if isinstance(value, str) and DAY.fullmatch(value) else "")
    except ValueError:
        raise PydanticCustomError("BAD_DATE", "not a day") from None
    return within(day)


Dated = TypeVar("Dated", date, datetime)


def within(day: Dated) -> Dated:
    """A day the calendar can be reckoned with on both sides: 9999-12-31 has no day after it."""
    if not YEARS[0] <= day.year <= YEARS[1]:
        raise PydanticCustomError("DATE_BEYOND", "beyond the calendar", {"first": YEARS[0], "last": YEARS[1]})
    return day


def written(value: str) -> str:
    """Text that a person can read: not only blanks."""
    if not value.strip():
        raise PydanticCustomError("TEXT_EMPTY", "nothing but blanks")
    return value


def numbered(most: int) -> BeforeValidator:
    """A check for a number from 1, or the last."""

    def check(value: object) -> object:
        if value == "last" or (type(value) is int and 1 <= value <= most):
            return value
        raise PydanticCustomError("NOT_ALLOWED", "not one of them", {"allowed": ["1", "…", str(most), "last"]})

    return BeforeValidator(check)


Exact = Annotated[Decimal, BeforeValidator(read_exact)]
Positive = Annotated[Decimal, BeforeValidator(read_exact), Field(gt=0)]
Day = Annotated[date, BeforeValidator(read_day)]
MonthDay = Annotated[Annotated[int, Field(ge=1, le=31)] | Literal["last"], numbered(31)]
Moment = Annotated[date | datetime, BeforeValidator(read_moment)]
Name = Annotated[str, StringConstraints(pattern=NAME)]
Key = Annotated[str, StringConstraints(pattern=KEY)]
Purpose = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]  # What a member consents to.
Words = Annotated[str, StringConstraints(max_length=500), AfterValidator(written)]
Count = Annotated[int, Field(ge=1, le=exact.MAGNITUDE_MAX)]
# Typed by the check, against the catalogue; the schema that is exported spells it out.
RawCondition = Annotated[dict[str, Any], WithJsonSchema({"type": "object", "x-condition": True})]
Warned = Literal[
    "NEVER_TRUE",
    "ALWAYS_TRUE",
    "SHADOWED",
    "EXCLUSIVE_OVERLAP",
    "TIER_UNREACHABLE",
    "TIER_CONTRADICTORY",
    "LOOP",
    "PAYOUT_ABOVE_CEILING",
    "PAYOUT_UNBOUNDED",
    "PAYOUT_UNVALUED",
    "BENEFITS_FEW",
    "BENEFITS_MANY",
    "NO_END_DATE",
    "BASE_NOT_STATED",
    "WHEN_NEVER",
]
Accepts = Annotated[tuple[Warned, ...], Field(max_length=20)]  # Warnings that a document means to live with.


class Strict(BaseModel):
    """What every part of a document is: closed, frozen, nothing coerced."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


def exactly_one(part: Strict, *names: str) -> None:
    """Of these fields (all there are, unless named) one must be there, and only one."""
    asked = names or tuple(type(part).model_fields)
    given = [name for name in asked if getattr(part, name) is not None]
    if len(given) != 1:
        raise PydanticCustomError("EXACTLY_ONE", "one of the fields", {"allowed": sorted(asked)})


class OneOf(Strict):
    """A part that says one thing out of several."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self)
        return self


class Text(Strict):
    """Words in both languages."""

    en: Words
    zh: Words = Field(alias="zh-CN")

    def say(self, lang: str) -> str:
        """The words in a language; English for one we do not speak."""
        return self.zh if lang == "zh-CN" else self.en

    def by_language(self) -> Mapping[str, str]:
        """As data: language → words."""
        return {"en": self.en, "zh-CN": self.zh}


class Span(OneOf):
    """A stretch of calendar time."""

    days: Annotated[int, Field(ge=0, le=36_500)] | None = None
    months: Annotated[int, Field(ge=1, le=1_200)] | None = None
    years: Annotated[int, Field(ge=1, le=100)] | None = None
