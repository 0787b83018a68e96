"""Every scheduled job, in one table: when it falls due, and what it does then.

Jobs of a programme run one at a time in the order of their due instants. A job that judges by the books, as a review
does, is made up for at each instant that was missed, with everything settled up to then: so the books are the same
whether the clock was watched or caught up with.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from loyalty import callings, closings, reviews, settlements, thresholds
from loyalty.clockwork import Clockwork
from loyalty.rulebook import Live
from rules.calendar import next_period_start
from rules.tiers import Transition
from rules.transitions import next_instant

SETTLE = "settle"
NEVER = datetime(9999, 1, 1, tzinfo=UTC)  # Of a change that is through.
SCHEDULE = "schedule"  # After the reviews of its instant: what a period brings goes by the level it begins with.
SETTLE_EVERY = timedelta(seconds=10)

Run = Callable[[Clockwork, datetime], Awaitable[bool]]
After = Callable[[Live, datetime], datetime]


@dataclass(frozen=True, slots=True)
class Task:
    """One line of the timetable: `after` is the due instant that follows another, `run` is False where work is left."""

    name: str
    after: After
    run: Run
    since: datetime | None = None  # When the programme first had it; None: from its beginning.
    at_once: bool = False  # Due for the first time when the programme first has it.
    moves: bool = False  # A new version may make it due sooner.
    judges: bool = False  # Every instant that was missed is made up for, in order; else once, for all of them.


async def settle(clockwork: Clockwork, due: datetime) -> bool:
    """Post what fell due. Members who are busy just now are met again next time."""
    await clockwork.settle(due)
    return True


async def review(ladder: str, clockwork: Clockwork, due: datetime) -> bool:
    """Everybody's standing on a ladder, as of the due instant."""
    return await clockwork.settle(due) and await reviews.review(clockwork, ladder, due)


async def change(ladder: str, clockwork: Clockwork, due: datetime) -> bool:
    """Everybody to where a changed ladder puts them, as its stages come and its grace ends."""
    return await clockwork.settle(due) and await reviews.change(clockwork, ladder, due)


async def percentile(key: str, clockwork: Clockwork, due: datetime) -> bool:
    """Where a share of the members begins, as of the due instant."""
    if not await clockwork.settle(due):
        return False
    await thresholds.compute(clockwork.house.db, clockwork.live, clockwork.caller, key, due)
    return True


async def end_day(clockwork: Clockwork, due: datetime) -> bool:
    """Close what has waited too long, fit standings to ladders, fold figures, let go of old keys, close months."""
    closed = await clockwork.close(due) and await clockwork.fit(due)
    await clockwork.roll()
    await clockwork.forget(due)
    await settlements.close(clockwork.house.db, clockwork.live, clockwork.caller, due)
    return closed


async def call(clockwork: Clockwork, due: datetime) -> bool:
    """Ask the policies of whoever a moment is for, as of the due instant."""
    return await clockwork.settle(due) and await callings.call(clockwork, due)


def every(period: str, live: Live, instant: datetime) -> datetime:
    """The first instant of the next day, month, quarter or year, in the programme's zone."""
    return next_period_start(period, instant, live.at(instant).ruleset.zone)


def soon(_live: Live, instant: datetime) -> datetime:
    """A little later."""
    return instant + SETTLE_EVERY


ALWAYS = (Task(SETTLE, soon, settle), Task("day_end", partial(every, "day"), end_day))


def timetable(live: Live) -> Mapping[str, Task]:
    """The jobs of a programme: those that everybody has, a review for each ladder that has one, its percentiles, and
    one for all the moments at which the clock asks policies, as they come in order of time.

    Of two that are due at one instant the first by name is done first: a review reads the percentiles of its own.
    """
    tasks = {task.name: task for task in (*ALWAYS, *_percentiles(live))}
    if any(one.ruleset.gatherings or one.ruleset.draws for one in live.editions):
        tasks["occasions"] = Task("occasions", closings.soon, closings.attend_to)
    for key, ladder in live.newest.ruleset.ladders.items():
        if ladder.review is not None and ladder.review.every is not None:
            name = f"review.{key}"
            after = partial(every, ladder.review.every)
            tasks[name] = Task(name, after, partial(review, key), _first_with(live, key), judges=True)
    tasks |= {task.name: task for task in _changes(live)}
    if (first := callings.first_of(live)) is not None:
        tasks[SCHEDULE] = Task(SCHEDULE, callings.next_due, call, first, judges=True, moves=True)
    return tasks


def _changes(live: Live) -> Iterator[Task]:
    """A changed ladder falls due when it is published, when each stage comes, and when the grace is over."""
    newest = live.newest
    for key, ladder in newest.ruleset.ladders.items():
        if (transition := ladder.transition) is None:
            continue
        first = newest
        for edition in sorted(live.editions, key=lambda edition: -edition.number):
            own = edition.ruleset.ladders.get(key)
            if own is None or own.transition != transition:
                break
            first = edition
        after = partial(_next_of, transition, newest.ruleset.zone)
        # The number tells it from every other change there was of this ladder.
        name = f"change.{key}.{first.number}"
        yield Task(name, after, partial(change, key), first.live_from, at_once=True, judges=True)


def _next_of(transition: Transition, zone: ZoneInfo, _live: Live, instant: datetime) -> datetime:
    return next_instant(transition, instant, zone) or NEVER


def _percentiles(live: Live) -> Iterator[Task]:
    for key, declared in live.newest.ruleset.programme.percentiles.items():
        name = thresholds.share_of(live.newest.ruleset, key).name
        first = next(
            edition.live_from
            for edition in live.editions
            if key in edition.ruleset.programme.percentiles and thresholds.share_of(edition.ruleset, key).name == name
        )
        after, run = partial(every, declared.every), partial(percentile, key)
        yield Task(f"percentile.{name}", after, run, first, at_once=True, judges=True)


def _first_with(live: Live, ladder: str) -> datetime:
    return next(edition.live_from for edition in live.editions if ladder in edition.ruleset.ladders)
