"""Standings: which level's standard is met, which is kept, how far one falls, and until when a standing is valid."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rules import calendar
from rules.ruleset import Ruleset
from rules.tiers import Review, Status

Facts = Mapping[str, Any]
TICK = timedelta(microseconds=1)


def standard_met(ruleset: Ruleset, ladder: str, facts: Facts) -> int:
    """The rank of the highest level whose `reach` is met; the lowest, 0, always is."""
    reach = ruleset.standards[ladder]
    return next((rank for rank in range(len(reach) - 1, 0, -1) if reach[rank](facts)), 0)


def stays(ruleset: Ruleset, ladder: str, rank: int, facts: Facts) -> bool:
    """Whether a standing holds its own: its level's `keep` is met, or the `reach` of a higher one."""
    return rank == 0 or ruleset.keeps[ladder][rank](facts) or standard_met(ruleset, ladder, facts) > rank


def may_demote(ruleset: Ruleset, ladder: str, facts: Facts) -> bool:
    """Whether a review may take a member down now: there is a demotion, and its `when` is met or it has none."""
    return ruleset.ladders[ladder].demotion is not None and ruleset.demotions[ladder](facts)


def fallen(ruleset: Ruleset, ladder: str, rank: int, facts: Facts) -> int:
    """The rank below that a demotion puts a member on who stood on `rank` and does not stay there.

    To what is met: the highest level below whose standard is met, of reaching or of keeping.
    """
    demotion = ruleset.ladders[ladder].demotion
    if demotion is None:
        return rank
    if demotion.to == "met":
        return highest_below(ruleset, ladder, rank, facts)
    return rank - 1 if demotion.to == "one_level" else 0


def highest_below(ruleset: Ruleset, ladder: str, rank: int, facts: Facts) -> int:
    """The highest rank below whose standard is met, of reaching or of keeping."""
    reach, keep = ruleset.standards[ladder], ruleset.keeps[ladder]
    return next((low for low in range(rank - 1, 0, -1) if keep[low](facts) or reach[low](facts)), 0)


def demoted(ruleset: Ruleset, ladder: str, rank: int, facts: Facts) -> int:
    """The rank a review leaves a member at who stands at `rank` and whose standing is not valid for longer."""
    met = standard_met(ruleset, ladder, facts)
    if met > rank or stays(ruleset, ladder, rank, facts):
        return max(met, rank)
    return fallen(ruleset, ladder, rank, facts) if may_demote(ruleset, ladder, facts) else rank


def valid_until(status: Status, at: datetime, zone: ZoneInfo, *, closing: bool = False) -> datetime:
    """The first instant at which a standing that counts from `at` is valid no more.

    What is renewed at its end counts from the day that has just ended (`closing`), so that a year follows upon a year.
    """
    if closing:
        found = _until(status, at, calendar.business_date(at - TICK, zone), zone)
        if found > at:
            return found
    return _until(status, at, calendar.business_date(at, zone), zone)


def _until(status: Status, at: datetime, day: date, zone: ZoneInfo) -> datetime:
    if status.end_of is not None:
        months = calendar.MONTHS[status.end_of.period]
        start = calendar.period_start(status.end_of.period, day)
        return calendar.day_start(calendar.add_months(start, months * (status.end_of.after + 1)), zone)
    if status.end_of_month is not None:
        month, after = status.end_of_month.month, status.end_of_month.after
        if after is None:
            after = (status.end_of_month.years or 1) - 1 + (day.month > month)
        return calendar.day_start(calendar.add_months(date(day.year + after, month, 1), 1), zone)
    return calendar.later(at, status, zone)


def next_review(review: Review, since: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first review after an instant: at the next period for everybody's, else counted from `since`."""
    if review.every is not None:
        return calendar.next_period_start(review.every, after, zone)
    months = review.months or 1
    passed = calendar.business_date(after, zone), calendar.business_date(since, zone)
    times = max(1, ((passed[0].year - passed[1].year) * 12 + passed[0].month - passed[1].month) // months)
    while (due := _nth_review(review, since, months * times, zone)) <= after:
        times += 1
    return due


def _nth_review(review: Review, since: datetime, months: int, zone: ZoneInfo) -> datetime:
    if review.aligned is not None:
        start = calendar.business_date(since, zone).replace(day=1)
        return calendar.day_start(calendar.add_months(start, months), zone)
    return calendar.months_later(since, months, zone)
