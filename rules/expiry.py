"""How points wait and how they end, as a document says it; when that is, `rules/ends.py` computes.

Points live through a whole day or up to an instant, never into it: what ends "on" a day can be spent on that day.
"""

from typing import Annotated, Literal

from pydantic import Field

from rules.parts import Day, Key, MonthDay, OneOf, Span, Strict

MONTHS_MAX = 1_200
RESET_BY = ("order.paid", "points.redeem")  # What keeps points alive where a document does not say.
# What is no event at the door, and still something a member does.
DOINGS = ("points.transfer",)


Months = Annotated[int, Field(ge=1, le=MONTHS_MAX)]


class Pending(OneOf):
    """How long points wait before they can be spent; `open` waits for an event that matures them."""

    days: Annotated[int, Field(ge=0, le=3_650)] | None = None
    months: Months | None = None
    first_of_month_after: Months | None = None
    open: Literal[True] | None = None


class EndOf(Strict):
    """Through the last day of a period: of the one points are earned in (`after` 0), or of the n-th after it."""

    period: Literal["month", "quarter", "year"]
    after: Annotated[int, Field(ge=0, le=MONTHS_MAX)] = 0


class Yearly(Strict):
    """Through a day of the year: the n-th such day to come, the day of earning among them."""

    month: Annotated[int, Field(ge=1, le=12)]
    day: MonthDay
    after: Annotated[int, Field(ge=1, le=100)] = 1


class Inactive(Strict):
    """So long after the last thing the member did of these kinds."""

    after: Span
    reset_by: Annotated[tuple[str, ...], Field(min_length=1, max_length=50)] = RESET_BY


class Ending(OneOf):
    """How long points live, one way for everybody."""

    after: Span | None = None
    first_of_month_after: Months | None = None
    end_of: EndOf | None = None
    on: Day | None = None
    yearly: Yearly | None = None
    inactive: Inactive | None = None
    never: Literal[True] | None = None


class ByTier(Strict):
    """One way for each tier, by where the member stands when the points are earned."""

    ladder: Key | None = None
    levels: Annotated[dict[Key, Ending], Field(min_length=1, max_length=50)]
    otherwise: Ending


class Expiry(Ending):
    """How long points live, counted from when they are earned."""

    by_tier: ByTier | None = None
