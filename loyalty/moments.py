"""Moments on the book: the clock asks a member's policies, if the moment is this member's as it held at the instant.

Who is asked at all was looked up beforehand, too many rather than too few: here it is decided, for live traffic and
replay alike. A birthday may be gone when the log is folded again, so what was found is kept with the decision.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from loyalty import reminders, steps
from loyalty.events import ClockMoment
from loyalty.facts import Scene
from loyalty.limits import all_back
from loyalty.turn import Turn
from models.days import MemberDay
from models.members import MemberDate, Personal
from models.orders import Order
from rules import moments
from rules.facts import ENDING, FALLS
from rules.moments import Moment

Facts = dict[str, Any]


def ask(turn: Turn, arrival: ClockMoment) -> None:
    """Let the policies of a moment decide, where there still are such, and the moment is this member's."""
    moment = turn.ruleset.moments.get(arrival.moment)
    if moment is None or turn.is_pool or turn.member.joined_at > turn.instant:
        return
    known = FALLING[moment.kind](turn, moment, turn.day(turn.instant))
    if known is None:
        return
    steps.take(Scene(turn, moment.key, arrival, extra=known))
    reminders.by_default(turn, moment)
    steps.follow(turn)
    steps.climb(turn)


# What policies may read of a moment that is this member's; None where it is not.


def birthday(turn: Turn, moment: Moment, day: date) -> Facts | None:
    """Whether it is the birthday, or its month."""
    personal = turn.book.get(Personal, turn.member_id)
    return of_person(turn, moment, personal.birthday_md if personal else None, day)


def anniversary(turn: Turn, moment: Moment, day: date) -> Facts | None:
    """Whether it is the day of joining, a year or more later, or its month; or another day the member has said."""
    if moment.when.date not in (None, moments.JOINED):
        said = turn.book.get(MemberDate, turn.member_id, moment.when.date)
        return of_person(turn, moment, said.month_day if said else None, day)
    joined = turn.day(turn.member.joined_at)
    years = moment.occasion(day).year - joined.year
    here = years > 0 and comes_round(moment, joined.month * 100 + joined.day, day)
    return {"anniversary_years": years} if here else None


def of_person(turn: Turn, moment: Moment, month_day: int | None, day: date) -> Facts | None:
    """Whether a day of the person's own is meant; of one who is gone, what was found when it was decided."""
    recalled = turn.book.recall()
    falls = recalled[FALLS] if FALLS in recalled else month_day is not None and comes_round(moment, month_day, day)
    return {FALLS: True} if falls else None


def comes_round(moment: Moment, month_day: int, day: date) -> bool:
    """Whether a day of the year is the one that a moment on a day is about."""
    first, last = moments.month_days_of(moment, day)
    return first <= month_day <= last


def everybody(turn: Turn, moment: Moment, day: date) -> Facts | None:
    """It is everybody's."""
    return {}


def inactive(turn: Turn, moment: Moment, day: date) -> Facts | None:
    """Whether the last purchase that stands, or joining where there was none, is just so long ago."""
    orders = (row for row in turn.book.of(Order, turn.member_id) if row.business_date == day)
    if any(row.occurred_at <= turn.instant and not all_back(row) for row in orders):
        return None
    bought = [row.day for row in turn.book.of(MemberDay, turn.member_id) if row.orders > 0 and row.day < day]
    if (
        not bought
        and turn.member.orders > 0
        and not any(row.orders > 0 for row in turn.book.of(MemberDay, turn.member_id))
    ):
        return None  # The last purchase lies further back than is looked.
    last = max(bought, default=turn.day(turn.member.joined_at))
    return {} if moment.idle_until(last) == day else None


def points_ending(turn: Turn, moment: Moment, day: date) -> Facts | None:
    """Points whose last day it is, and which nothing has used so far."""
    wallet = moment.when.wallet or turn.programme.main_wallet
    found = reminders.points(turn, wallet, moment.occasion(day))
    if found is None:
        return None
    turn.endings = (found,)
    return {f"{ENDING}{wallet}": found.amount}


def benefits_ending(turn: Turn, moment: Moment, day: date) -> Facts | None:
    """Benefits whose last day it is, and which have not been used."""
    found = reminders.benefits(turn, moment.occasion(day))
    if not found:
        return None
    turn.endings = tuple(found)
    pieces = sum(one.amount for one in found)
    return {"ending_benefits": tuple(one.name for one in found), "ending_pieces": pieces}


Falling = Callable[[Turn, Moment, date], Facts | None]
FALLING: Final[Mapping[str, Falling]] = {
    moments.BIRTHDAY: birthday,
    moments.ANNIVERSARY: anniversary,
    moments.FESTIVAL: everybody,
    moments.PERIOD: everybody,
    moments.INACTIVE: inactive,
    moments.POINTS_ENDING: points_ending,
    moments.BENEFIT_ENDING: benefits_ending,
}
