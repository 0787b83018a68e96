"""`tiers/<ladder>.json`: levels, what reaches and keeps them, how long they last, and when one looks again."""

from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from rules.parts import Accepts, Day, Key, OneOf, RawCondition, Strict, Text, read_exact

Every = Literal["month", "quarter", "half_year", "year"]


class EndOf(Strict):
    """The end of a calendar period: of the one that is running, or of the n-th after it."""

    period: Every
    after: Annotated[int, Field(ge=0, le=100)]


class EndOfMonth(Strict):
    """The end of a month of the year: the n-th time it comes round (`years`; one that is running counts as the first),
    or in the n-th calendar year after the one that is running (`after`).
    """

    month: Annotated[int, Field(ge=1, le=12)]
    years: Annotated[int, Field(ge=1, le=100)] | None = None
    after: Annotated[int, Field(ge=1, le=100)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.years is None) == (self.after is None):
            raise PydanticCustomError("EXACTLY_ONE", "one of the fields", {"allowed": ["after", "years"]})
        return self


class Status(OneOf):
    """How long a standing is valid, from when it is reached; until then no review takes it down."""

    days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    months: Annotated[int, Field(ge=1, le=1_200)] | None = None
    end_of: EndOf | None = None
    end_of_month: EndOfMonth | None = None
    never: Literal[True] | None = None


class Review(Strict):
    """When standings are looked at again: everybody's at the first instant of each period, or each member's own.

    Of one's own: every so many months after joining, or after reaching the level; `aligned` at the first of a month,
    the month of joining or reaching being the first of them.
    """

    every: Every | None = None
    months: Annotated[int, Field(ge=1, le=1_200)] | None = None
    start: Literal["joined", "reached"] | None = Field(default=None, alias="from")
    aligned: Literal["month"] | None = None

    @property
    def own(self) -> bool:
        """Whether each member has a review of its own."""
        return self.months is not None


class Level(Strict):
    """One rung; the lowest has no `reach`, everybody stands there. What is not said is as the ladder says."""

    key: Key
    title: Text
    reach: RawCondition | None = None
    keep: RawCondition | None = None
    status: Status | None = None
    review: Review | None = None


class AtMost(Strict):
    """How often a member may fall within so many months."""

    times: Annotated[int, Field(ge=1, le=100)]
    months: Annotated[int, Field(ge=1, le=1_200)]


class Demotion(Strict):
    """How far one is taken down who no longer meets the standard, when that may be, and how often."""

    to: Literal["one_level", "met", "lowest"]
    when: RawCondition | None = None
    at_most: AtMost | None = None


class Stretch(OneOf):
    """A stretch of calendar time that is not nothing."""

    days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    months: Annotated[int, Field(ge=1, le=1_200)] | None = None
    years: Annotated[int, Field(ge=1, le=100)] | None = None


class Delayed(Strict):
    """Up some time after the standard is met, if it is still met then."""

    after: Stretch


class Stage(Strict):
    """From a day on a change counts for a share of the members, or for those on some levels; or for everybody left."""

    start: Day = Field(alias="from")
    percent: Annotated[Decimal, BeforeValidator(read_exact), Field(gt=0, le=100, decimal_places=2)] | None = None
    levels: Annotated[tuple[Key, ...], Field(max_length=50)] = ()

    @property
    def everybody(self) -> bool:
        """Whether nobody is left out."""
        return self.percent is None and not self.levels


class Transition(Strict):
    """How a changed ladder comes to count: in stages, with a grace for those who would fall; or that a change is taken
    back: everybody whom a version from that number on has moved goes back.
    """

    stages: Annotated[tuple[Stage, ...], Field(max_length=20)] = ()
    grace_until: Day | None = None
    takes_back: Annotated[int, Field(ge=1)] | None = None


def _form(raw: Any) -> str:
    return "[word]" if isinstance(raw, str) else "[object]"


Upgrade = Annotated[
    Annotated[Literal["at_once", "at_reviews"], Tag("[word]")] | Annotated[Delayed, Tag("[object]")],
    Discriminator(_form),
]


class Ladder(Strict):
    """`tiers/<ladder>.json`: levels from the lowest up."""

    title: Text
    levels: Annotated[tuple[Level, ...], Field(min_length=1, max_length=50)]
    upgrade: Upgrade = "at_once"
    status: Status | None = None
    review: Review | None = None
    demotion: Demotion | None = None
    transition: Transition | None = None
    accepts: Accepts = ()

    def rank(self, level: str) -> int | None:
        """Where a level stands, 0 being the lowest; None if the ladder has no such level."""
        return next((rank for rank, own in enumerate(self.levels) if own.key == level), None)

    def status_of(self, rank: int) -> Status | None:
        """How long a level lasts; None where nothing but a review ends it. The lowest has no end."""
        found = self.levels[rank].status or self.status
        return None if rank == 0 or found is None or found.never else found

    def review_of(self, rank: int) -> Review | None:
        """When a level is looked at again."""
        return self.levels[rank].review or self.review

    def is_timed(self, rank: int) -> bool:
        """Whether something of a level falls due for each member by itself: its end, or a review of its own."""
        return self.status_of(rank) is not None or self.own_review_of(rank) is not None

    def own_review_of(self, rank: int) -> Review | None:
        """The review of a level that falls due for each member by itself: not the one of everybody on the ladder."""
        found = self.review_of(rank)
        return found if found is not None and (found.own or found is not self.review) else None
