"""Metrics: figures about a member that a programme declares, each over a window, all of them net of returns.

A metric counts, sums, takes the largest or smallest, tells apart, or follows a streak. What it looks at (its grain)
follows from what it says: orders, lines of orders, declared events, or points earned.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from rules.parts import Key, Name, RawCondition, Strict, Text

Counted = Literal["orders", "lines", "units", "events", "months"]
Measure = Literal["spend", "earned", "units", "amount", "field"]
Distinct = Literal["sku", "brand", "category", "tag", "store", "channel", "day", "month", "field"]
Grain = Literal["order", "line", "event", "points"]
FORMS = ("count", "sum", "max", "min", "distinct", "streak")
WINDOWS = ("days", "months", "calendar", "anniversary", "since", "ever")
LINE_WORDS = frozenset({"lines", "units", "amount", "sku", "brand", "category", "tag"})


class Over(Strict):
    """The window a metric looks at: rolling days or months, calendar periods, since something, or for ever.

    Of calendar periods the one that is running, unless `back` goes back so many; `count` of them, that one the last.
    `anniversary` is the year of one's own that is running, from joining or from the last change of tier.
    """

    days: Annotated[int, Field(ge=1, le=3_660)] | None = None
    months: Annotated[int, Field(ge=1, le=120)] | None = None
    calendar: Literal["month", "quarter", "half_year", "year"] | None = None
    back: Annotated[int, Field(ge=0, le=120)] = 0
    count: Annotated[int, Field(ge=1, le=120)] = 1
    anniversary: Literal["joined", "tier"] | None = None
    since: Literal["joined", "tier"] | None = None
    ladder: Key | None = None
    ever: Literal[True] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(getattr(self, name) is not None for name in WINDOWS) != 1:
            raise PydanticCustomError("EXACTLY_ONE", "one of the fields", {"allowed": sorted(WINDOWS)})
        return self

    @property
    def of_tier(self) -> bool:
        """Whether it begins with a change of tier."""
        return "tier" in (self.since, self.anniversary)


class Streak(Strict):
    """Periods one after another, each with at least one, up to now; the running one counts only if it has one."""

    of: Literal["orders", "events"]
    period: Literal["day", "week", "month", "quarter", "year"]
    most: Annotated[int, Field(ge=2, le=400)] = 60


class Metric(Strict):
    """A figure about a member, net of returns: how many, or how much, over a window."""

    title: Text
    count: Counted | None = None
    sum: Measure | None = None
    max: Measure | None = None
    min: Measure | None = None
    distinct: Distinct | None = None
    streak: Streak | None = None
    wallet: Name | None = None
    type: str | None = None
    field: Name | None = None
    where: RawCondition | None = None
    over: Over | None = None

    @property
    def form(self) -> str:
        """Which of the forms it is."""
        return next(name for name in FORMS if getattr(self, name) is not None)

    @property
    def measure(self) -> str:
        """What is counted, measured or told apart."""
        found = getattr(self, self.form)
        return found.of if isinstance(found, Streak) else str(found)

    @property
    def grain(self) -> Grain:
        """What it looks at, one by one."""
        if self.type is not None:
            return "event"
        if self.measure == "earned":
            return "points"
        return "line" if self.measure in LINE_WORDS else "order"

    @property
    def by_days(self) -> bool:
        """Whether the member's days know it: no orders, lines or events have to be read."""
        if self.where is not None or (self.over is not None and self.over.of_tier):
            return False
        return (self.form, self.measure) in BY_DAYS


BY_DAYS = frozenset(
    {
        ("count", "orders"),
        ("count", "events"),
        ("count", "months"),
        ("sum", "spend"),
        ("sum", "earned"),
        ("max", "earned"),
        ("min", "earned"),
        ("distinct", "day"),
        ("distinct", "month"),
        ("streak", "orders"),
        ("streak", "events"),
    }
)
