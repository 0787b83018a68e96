"""Whom the clock asks at a moment: for each kind of moment one indexed query that finds too many rather than too few.

Who of them is meant is for the fold. Members are found as they are now, by what can only have been so then: whoever
joined later, or is gone, is left out. Each is asked once for an instant, by the key of the event.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from loyalty.clockwork import BATCH, Clockwork, Sent
from loyalty.events import ClockMoment, MemberRef
from loyalty.rulebook import Live
from models.codec import instant_text
from rules import calendar, moments
from rules.moments import Moment
from rules.ruleset import Ruleset

logger = logging.getLogger(__name__)

PAGE: Final = 20_000  # Members looked up at once: a moment of everybody's is not held in memory whole.
DAY: Final = timedelta(days=1)
MONTHS_DIFFER: Final = 4  # Days by which so many months may be longer here than there.
OF_MEMBER: Final = """
    SELECT m.id AS member_id FROM ({inner}) found
    JOIN members m ON m.programme_id = $1 AND m.id = found.member_id
    WHERE m.status IN ('active', 'frozen') AND m.joined_at <= $2
    ORDER BY m.id LIMIT $4
"""
EVERYBODY: Final = """
    SELECT id AS member_id FROM members
    WHERE programme_id = $1 AND joined_at <= $2 AND id > $3 AND status IN ('active', 'frozen') ORDER BY id LIMIT $4
"""
BORN: Final = """
    SELECT member_id FROM personal
    WHERE programme_id = $1 AND birthday_md >= $5 AND birthday_md <= $6 AND member_id > $3
"""
DATED: Final = """
    SELECT member_id FROM member_dates
    WHERE programme_id = $1 AND kind = $7 AND month_day >= $5 AND month_day <= $6 AND member_id > $3
"""
JOINED: Final = """
    SELECT id AS member_id FROM members WHERE programme_id = $1 AND joined_at >= ${} AND joined_at < ${} AND id > $3
"""
BOUGHT: Final = """
    SELECT d.member_id FROM member_days d
    WHERE d.programme_id = $1 AND d.day >= $5 AND d.day <= $6 AND d.orders > 0 AND d.member_id > $3
        AND NOT EXISTS (
            SELECT 1 FROM member_days l
            WHERE l.programme_id = $1 AND l.member_id = d.member_id AND l.id > $7 AND l.id < $8 AND l.orders > 0)
    UNION
    SELECT id FROM members WHERE programme_id = $1 AND joined_at >= $9 AND joined_at < $10 AND id > $3
"""
POINTS: Final = """
    SELECT l.member_id FROM wallets w
    JOIN lots l ON l.programme_id = w.programme_id AND l.member_id = w.member_id AND l.wallet = w.wallet
    WHERE w.programme_id = $1 AND w.due_at <= $6 AND w.member_id > $3 AND w.wallet = $7
        AND l.remaining > 0 AND NOT l.resting AND l.expires_at > $5 AND l.expires_at <= $6
"""
BENEFITS: Final = """
    SELECT member_id FROM entitlements
    WHERE programme_id = $1 AND state = 'issued' AND expires_at > $5 AND expires_at <= $6 AND member_id > $3
"""


@dataclass(frozen=True, slots=True)
class Search:
    """A query for members; its arguments from $5 on. $1 to $4: programme, due instant, last member, how many."""

    sql: str
    args: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A moment at an instant: what a search is made for."""

    moment: Moment
    due: datetime
    ruleset: Ruleset
    since: datetime  # When the first member joined.

    @property
    def day(self) -> date:
        """The day on which it falls due."""
        return calendar.business_date(self.due, self.ruleset.zone)

    def start(self, day: date) -> datetime:
        """The first instant of a day."""
        return calendar.day_start(day, self.ruleset.zone)


def everybody(asked: Asked) -> Search:
    """All members."""
    return Search(EVERYBODY)


def born(asked: Asked) -> Search:
    """By the day of the year of the birthday."""
    return Search(OF_MEMBER.format(inner=BORN), moments.month_days_of(asked.moment, asked.day))


def joined(asked: Asked) -> Search | None:
    """By the day, or the month, of joining in each earlier year; or by that of another day members have said."""
    if (kind := asked.moment.when.date) not in (None, moments.JOINED):
        return Search(OF_MEMBER.format(inner=DATED), (*moments.month_days_of(asked.moment, asked.day), kind))
    spans = list(_years(asked))
    if not spans:
        return None
    inner = " UNION ALL ".join(JOINED.format(5 + 2 * place, 6 + 2 * place) for place in range(len(spans)))
    return Search(OF_MEMBER.format(inner=inner), tuple(end for span in spans for end in span))


def _years(asked: Asked) -> Iterator[tuple[datetime, datetime]]:
    about = asked.moment.occasion(asked.day)
    first, last = moments.month_days_of(asked.moment, asked.day)
    for year in range(calendar.business_date(asked.since, asked.ruleset.zone).year, about.year):
        ends = (calendar.on_month_day(year, first), calendar.on_month_day(year, last))
        yield asked.start(ends[0]), asked.start(ends[1] + DAY)


def bought(asked: Asked) -> Search | None:
    """By the day of the last purchase; and by that of joining, for those who never bought."""
    day = asked.day
    spent = asked.moment.idle_until(day) - day
    around = (day - spent + DAY * off for off in range(-MONTHS_DIFFER, MONTHS_DIFFER + 1))
    found = [one for one in around if asked.moment.idle_until(one) == day]
    if not found:  # The 31st is a month after no day of a month that has none.
        return None
    first, last = min(found), max(found)
    later = (last.toordinal(), day.toordinal())
    return Search(OF_MEMBER.format(inner=BOUGHT), (first, last, *later, asked.start(first), asked.start(last + DAY)))


def points(asked: Asked) -> Search:
    """By the ends of points."""
    wallet = asked.moment.when.wallet or asked.ruleset.programme.main_wallet
    return Search(OF_MEMBER.format(inner=POINTS.replace("SELECT", "SELECT DISTINCT", 1)), (*_last_day(asked), wallet))


def benefits(asked: Asked) -> Search:
    """By the ends of what is unused."""
    return Search(OF_MEMBER.format(inner=BENEFITS.replace("SELECT", "SELECT DISTINCT", 1)), _last_day(asked))


def _last_day(asked: Asked) -> tuple[datetime, datetime]:
    """What ends after the first instant of its last day, and no later than the first of the next."""
    day = asked.moment.occasion(asked.day)
    return asked.start(day), asked.start(day + DAY)


SEARCHES: Final[Mapping[str, Callable[[Asked], Search | None]]] = {
    moments.BIRTHDAY: born,
    moments.ANNIVERSARY: joined,
    moments.FESTIVAL: everybody,
    moments.PERIOD: everybody,
    moments.INACTIVE: bought,
    moments.POINTS_ENDING: points,
    moments.BENEFIT_ENDING: benefits,
}


def first_of(live: Live) -> datetime | None:
    """When a programme first had a policy that the clock asks."""
    return next((edition.live_from for edition in live.editions if edition.ruleset.moments), None)


def next_due(live: Live, after: datetime) -> datetime:
    """The first instant after another at which a moment of the version that is live then falls due."""
    found = moments.NEVER
    for edition, until in zip(
        live.editions, [*(one.live_from for one in live.editions[1:]), moments.NEVER], strict=True
    ):
        if edition.ruleset.moments and after < until:
            begins = max(after, edition.live_from - timedelta(microseconds=1))
            due = moments.next_of(edition.ruleset.moments.values(), begins, edition.ruleset.zone)
            if due < until:
                found = min(found, due)
    return found


async def call(clockwork: Clockwork, due: datetime) -> bool:
    """Ask at every moment that falls due at an instant, in their order. False where somebody busy was left out."""
    ruleset, sent = clockwork.live.at(due).ruleset, Sent()
    falling = [one for one in ruleset.moments.values() if one.falls_on(due, ruleset.zone)]
    for moment in falling:
        if is_heard(clockwork.live, ruleset, moment):
            await _call(clockwork, ruleset, moment, due, sent)
    return not sent.left_out


def is_heard(live: Live, ruleset: Ruleset, moment: Moment) -> bool:
    """Whether anything would come of a moment: a policy that is not paused, or a reminder of the programme's own."""
    plan = ruleset.plans.get(moment.key)
    return plan is None or not live.paused.issuperset(plan.places)


async def _call(clockwork: Clockwork, ruleset: Ruleset, moment: Moment, due: datetime, sent: Sent) -> None:
    asked = Asked(moment, due, ruleset, await _since(clockwork, due))
    search, last, count = SEARCHES[moment.kind](asked), 0, 0
    while search is not None and (members := await _page(clockwork, search, due, last)):
        for start in range(0, len(members), BATCH):
            await clockwork.send([_event(moment, one, due) for one in members[start : start + BATCH]], sent)
        last, count = members[-1], count + len(members)
        if len(members) == PAGE:
            logger.info("%s of %s: %d members asked so far", moment.key, instant_text(due), count)


async def _page(clockwork: Clockwork, search: Search, due: datetime, last: int) -> Sequence[int]:
    rows = await clockwork.long(search.sql, due, last, PAGE, *search.args)
    return [int(row["member_id"]) for row in rows]


async def _since(clockwork: Clockwork, due: datetime) -> datetime:
    (row,) = await clockwork.rows("SELECT MIN(joined_at) AS since FROM members WHERE programme_id = $1")
    since: datetime | None = row["since"]
    return since or due


def _event(moment: Moment, member_id: int, due: datetime) -> ClockMoment:
    key = f"clock:{moment.key.removeprefix('clock.')}:{member_id}:{instant_text(due)}"
    return ClockMoment(key, MemberRef(id=member_id), moment.key, due)
