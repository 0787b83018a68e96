"""The envelope of a policy. Conditions and parameters stay raw here; `check` types them against the catalogue."""

from typing import Annotated, Any, Literal

from pydantic import Field

from rules.audience import Audience
from rules.moments import KINDS, Moment, When
from rules.parts import Accepts, Count, Key, Name, RawCondition, Strict, Text
from rules.window import Window


class Stacking(Strict):
    """How policies of one group combine."""

    group: Name
    mode: Literal["additive", "best", "exclusive", "first", "multiply"]


class Limits(Strict):
    """What a policy may give at most; when a cap on points is hit, the rest of it is still given.

    An order is one event; a time, of a policy by line, one of its lines. `in_all` counts for all members together.
    """

    points_per_order: Count | None = None
    times_per_order: Count | None = None
    points_per_member: Count | None = None
    points_per_member_per_day: Count | None = None
    points_per_member_per_week: Count | None = None
    points_per_member_per_month: Count | None = None
    points_per_member_per_quarter: Count | None = None
    points_per_member_per_year: Count | None = None
    times_per_member: Count | None = None
    times_per_member_per_day: Count | None = None
    times_per_member_per_week: Count | None = None
    times_per_member_per_month: Count | None = None
    times_per_member_per_quarter: Count | None = None
    times_per_member_per_year: Count | None = None
    points_in_all: Count | None = None
    times_in_all: Count | None = None
    budget: Key | None = None


class Action(Strict):
    """One wish, by name; its parameters are typed by the catalogue of actions."""

    name: str
    params: dict[str, Any] = Field(default_factory=dict)


class Example(Strict):
    """What a policy does with given facts: its documentation, and its test."""

    title: Text | None = None
    on: str | None = None
    given: dict[str, Any] = Field(default_factory=dict)
    lines: Annotated[tuple[dict[str, Any], ...], Field(max_length=20)] = ()
    then: tuple[dict[str, Any], ...]


class Policy(Strict):
    """A policy: on these events, under these conditions, these wishes."""

    title: Text
    description: Text | None = None
    on: Annotated[tuple[str, ...], Field(min_length=1, max_length=20)]
    scope: Literal["event", "line"] = "event"
    when: When | None = None
    valid: Window | None = None
    audience: Audience | None = None
    conditions: RawCondition | None = None
    actions: Annotated[tuple[Action, ...], Field(min_length=1, max_length=10)]
    stacking: Stacking | None = None
    priority: Annotated[int, Field(ge=-1_000, le=1_000)] = 0
    limits: Limits | None = None
    accepts: Accepts = ()
    examples: Annotated[tuple[Example, ...], Field(max_length=50)] = ()

    @property
    def moment(self) -> Moment | None:
        """When the clock asks it, if that is who asks."""
        return Moment(self.on[0], self.when or When()) if self.on[0] in KINDS else None

    @property
    def hears(self) -> tuple[str, ...]:
        """What it is decided on: kinds of event, or the one moment at which the clock asks."""
        return self.on if self.moment is None else (self.moment.key,)
