"""When points become available and when they end: pure calendar, by the rule a document states.

A lot lives up to `expires_at`, not through it: what is valid through a day ends at the first instant of the next.
"""

import calendar as _calendar
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from rules import calendar
from rules.expiry import Ending, Expiry, Inactive, Pending, Yearly
from rules.parts import Span

TierOf = Callable[[str | None], str | None]  # Where the member stands on a ladder; None means the main one.


@dataclass(frozen=True, slots=True)
class End:
    """When a lot ends; `idle` is the stretch without activity that ends it, as text, for one that dies of that."""

    expires_at: datetime | None = None
    idle: str | None = None


def of(rule: Expiry, earned_at: datetime, zone: ZoneInfo, tier_of: TierOf) -> End:
    """The end of points earned at an instant, as far as it is known then."""
    own = ending(rule, tier_of)
    if own.inactive is not None:
        idle = written(own.inactive.after)
        return End(put_off(idle, earned_at, zone), idle)
    return End(fixed(own, earned_at, zone))


def ending(rule: Expiry, tier_of: TierOf) -> Ending:
    """The rule that holds for a member: its tier's, where tiers differ."""
    if rule.by_tier is None:
        return rule
    tier = tier_of(rule.by_tier.ladder)
    return rule.by_tier.levels.get(tier or "", rule.by_tier.otherwise)


def endings(rule: Expiry) -> Iterator[Ending]:
    """Every way points may end by a rule."""
    if rule.by_tier is None:
        yield rule
    else:
        yield from rule.by_tier.levels.values()
        yield rule.by_tier.otherwise


def inactivity(rule: Expiry) -> Inactive | None:
    """What the rule says of inactivity, if anything; what resets it is the same in every tier."""
    return next((one.inactive for one in endings(rule) if one.inactive is not None), None)


def longest_idle(rule: Expiry) -> int:
    """How many days, at most, points of this rule outlive the last activity; nought where inactivity ends nothing."""
    return max((_days(one.inactive.after) for one in endings(rule) if one.inactive is not None), default=0)


def _days(span: Span) -> int:
    return (span.days or 0) + 31 * (span.months or 0) + 366 * (span.years or 0)


def fixed(rule: Ending, earned_at: datetime, zone: ZoneInfo) -> datetime | None:
    """The end that is known when points are earned; None for never."""
    day = calendar.business_date(earned_at, zone)
    if rule.after is not None:
        return calendar.later(earned_at, rule.after, zone)
    if rule.first_of_month_after is not None:
        return calendar.day_start(calendar.add_months(day.replace(day=1), rule.first_of_month_after), zone)
    if rule.end_of is not None:
        months = calendar.MONTHS[rule.end_of.period] * (rule.end_of.after + 1)
        return calendar.day_start(calendar.add_months(calendar.period_start(rule.end_of.period, day), months), zone)
    if rule.on is not None:
        return calendar.day_start(rule.on + timedelta(days=1), zone)
    if rule.yearly is not None:
        return calendar.day_start(_nth_day(rule.yearly, day) + timedelta(days=1), zone)
    return None


def available_at(rule: Pending | None, at: datetime, zone: ZoneInfo) -> datetime | None:
    """The instant points earned now can be spent; None while it is open."""
    if rule is None:
        return at
    if rule.open:
        return None
    if rule.first_of_month_after is not None:
        month = calendar.business_date(at, zone).replace(day=1)
        return calendar.day_start(calendar.add_months(month, rule.first_of_month_after), zone)
    return calendar.later(at, rule, zone)


def written(span: Span) -> str:
    """A stretch of time as a lot keeps it: months=18."""
    name, count = next((name, count) for name, count in span.model_dump(exclude_none=True).items())
    return f"{name}={count}"


@lru_cache(maxsize=64)
def read(idle: str) -> Span:
    """The same stretch again."""
    name, _, count = idle.partition("=")
    return Span(**{name: int(count)})


def put_off(idle: str, at: datetime, zone: ZoneInfo) -> datetime:
    """When a lot ends if the member does nothing after an instant."""
    return calendar.later(at, read(idle), zone)


def _nth_day(rule: Yearly, day: date) -> date:
    this_year = _day_of(rule, day.year)
    year = day.year + rule.after - (1 if day <= this_year else 0)
    return _day_of(rule, year)


def _day_of(rule: Yearly, year: int) -> date:
    last = _calendar.monthrange(year, rule.month)[1]
    return date(year, rule.month, last if rule.day == "last" else min(rule.day, last))
