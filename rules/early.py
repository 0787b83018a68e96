"""When something opens, and who may come in before the public: a window of time by audience.

The same shape wherever something opens: benefits, events with seats, draws.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field

from rules import calendar
from rules.parts import Moment, RawCondition, Strict

EARLY_MAX = 10
HOURS_MAX = 24 * 90
Holds = Callable[[Mapping[str, Any]], bool]
Found = Iterator[tuple[tuple[str | int, ...], str, dict[str, str | int]]]


class Early(Strict):
    """Whoever meets the condition may come in so many hours before the public."""

    hours: Annotated[int, Field(ge=1, le=HOURS_MAX)]
    to: RawCondition


class Opening(Strict):
    """Open to the public from `opens_at` until `closes_at` (a day that is named is still in), to some before."""

    opens_at: Moment
    closes_at: Moment | None = None
    early: Annotated[tuple[Early, ...], Field(max_length=EARLY_MAX)] = ()


def faults(own: Opening | None, zone: ZoneInfo) -> Found:
    """An opening closes after it opens, and lets those in first who come in earliest."""
    if own is None:
        return
    if own.closes_at is not None and closes(own, zone) <= calendar.from_instant(own.opens_at, zone):
        yield ("closes_at",), "WINDOW_EMPTY", {}
    for index, one in enumerate(own.early):
        if index and one.hours >= own.early[index - 1].hours:
            yield ("early", index, "hours"), "EARLY_ORDER", {"least": own.early[index - 1].hours}


def closes(own: Opening, zone: ZoneInfo) -> datetime:
    """When it is over; what has no end is not asked."""
    return datetime.max.replace(tzinfo=zone) if own.closes_at is None else calendar.until_instant(own.closes_at, zone)


def opens(own: Opening, zone: ZoneInfo, met: Callable[[int], bool]) -> datetime:
    """From when somebody may come in: `met` says whether the condition of the early group at an index holds."""
    public = calendar.from_instant(own.opens_at, zone)
    first = next((one.hours for index, one in enumerate(own.early) if met(index)), 0)
    return public - timedelta(hours=first)
