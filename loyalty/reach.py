"""How far back a batch has to look: by kind of row the first day that live rules may ask for, and no further.

Rows of orders, lines, events and lots are read only where a metric that is named looks at them: by a ladder, by what a
benefit is available to, by a policy on what arrived or on what may follow from it. What was left out and is asked for
after all is asked for again: the fold says so, and the batch starts anew with all of it.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from typing import Any, Final

from loyalty import metrics
from loyalty.rulebook import Live
from loyalty.terms import reads
from models.days import MemberDay
from models.events import Event
from models.orders import Order, OrderLine
from models.points import Lot
from rules import calendar, metric_windows
from rules.facts import RISEN
from rules.metrics import Metric
from rules.moments import KINDS, kind_of
from rules.ruleset import Ruleset

NOTHING: Final = date.max.toordinal()
ANY_DAY: Final = date(2000, 1, 1)  # For whoever asks what is looked at, not how far back.
MOMENTS: Final = frozenset(KINDS)
FROM_OUTSIDE: Final = frozenset({"order.paid", "profile.completed", "member.changed", "points.redeem"})


def first_days(live: Live, kinds: Collection[str], today: date) -> dict[type[Any], int]:
    """By kind of row the first day, as an ordinal, that a decision on that day may look at."""
    found = dict.fromkeys((MemberDay, Order, OrderLine, Event, Lot), NOTHING)
    for ruleset in (edition.ruleset for edition in live.editions):
        for kind, first in _looks(ruleset, kinds, today):
            found[kind] = min(found[kind], first)
    return found


def looked_at(live: Live, kind: type[Any]) -> bool:
    """Whether any declared metric looks at rows of a kind at all."""
    return any(
        kind in rows_of(edition.ruleset, metric)
        for edition in live.editions
        for metric in edition.ruleset.programme.metrics.values()
    )


def read_by(live: Live, kinds: Collection[str]) -> list[type[Any]]:
    """The kinds of row that whoever reads a member's books now needs for what they may ask."""
    found = {kind for edition in live.editions for kind, _ in _looks(edition.ruleset, kinds, ANY_DAY)}
    for ruleset in (edition.ruleset for edition in live.editions):  # A reader may ask which segments a member is in.
        for name in ruleset.segment_needs.metrics:
            found |= set(rows_of(ruleset, ruleset.programme.metrics[name]))
    return sorted(found, key=lambda kind: kind.__name__)


def types_of(live: Live) -> list[str]:
    """The types of event whose rows metrics look at."""
    declared = (metric for edition in live.editions for metric in edition.ruleset.programme.metrics.values())
    return sorted({metric.type for metric in declared if metric.type is not None and not metric.by_days})


def _looks(ruleset: Ruleset, kinds: Collection[str], today: date) -> Iterator[tuple[type[Any], int]]:
    if _asks(ruleset, kinds, "days_since_order"):
        yield MemberDay, (today - timedelta(days=metrics.LOOK_BACK_DAYS)).toordinal()
    if _asks(ruleset, kinds, "months_since_order"):
        yield MemberDay, calendar.add_months(today, -metrics.LOOK_BACK_MONTHS).toordinal()
    for name in named(ruleset, kinds):
        metric = ruleset.programme.metrics[name]
        for kind in rows_of(ruleset, metric):
            yield kind, metric_windows.first_day(metric, today).toordinal()


def named(ruleset: Ruleset, kinds: Collection[str]) -> frozenset[str]:
    """The metrics that a batch of these kinds may ask for."""
    asked = [ruleset.needs(kind) for kind in _heard(ruleset, kinds)]
    found = ruleset.ladder_needs.metrics | ruleset.benefit_needs.metrics
    return found.union(*(needs.metrics for needs in asked))


def _asks(ruleset: Ruleset, kinds: Collection[str], name: str) -> bool:
    standards = (ruleset.ladder_needs, ruleset.benefit_needs)
    heard = (ruleset.needs(kind) for kind in _heard(ruleset, kinds))
    return any(name in needs.variables for needs in (*standards, *heard))


def _heard(ruleset: Ruleset, kinds: Collection[str]) -> Iterator[str]:
    outside = FROM_OUTSIDE | ruleset.programme.event_types.keys() | MOMENTS
    return (kind for kind in ruleset.kinds if kind_of(kind) in kinds or kind_of(kind) not in outside)


def rows_of(ruleset: Ruleset, metric: Metric) -> Iterable[type[Any]]:
    """The kinds of row a metric is made from."""
    if metric.by_days:
        return (MemberDay,)
    if metric.grain == "event":
        return (Event,)
    if metric.grain == "points":
        return (Lot,)
    return (Order, OrderLine) if metrics.needs_lines(metric) else (Order,)


def counts_moves(live: Live) -> bool:
    """Whether a ladder counts how often a member fell, or a policy how far it rose: then every move is wanted."""
    rulesets = [edition.ruleset for edition in live.editions]
    if any(reads(ruleset, RISEN) for ruleset in rulesets):
        return True
    demotions = (ladder.demotion for ruleset in rulesets for ladder in ruleset.ladders.values())
    limits = (demotion.at_most for demotion in demotions if demotion is not None)
    return any(limit is not None and limit.times > 1 for limit in limits)
