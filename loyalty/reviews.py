"""Reviews of everybody, and changes of a ladder: the database names whom they could move, the fold decides of each."""

from collections.abc import AsyncIterator
from datetime import datetime

from loyalty import candidates, clockwork, thresholds
from loyalty.clockwork import Clockwork, Sent
from loyalty.events import Clock, ClockChange, ClockReview, MemberRef
from models.codec import instant_text
from rules import transitions
from rules.audience import Who

MOVED = """
    SELECT DISTINCT member_id FROM standing_moves
    WHERE programme_id = $1 AND ladder = $2 AND reason IN ('changed', 'lapsed') AND version >= $3 AND member_id > $4
    ORDER BY member_id LIMIT $5
"""


async def review(clock: Clockwork, ladder: str, due: datetime) -> bool:
    """Look at a ladder again, as of an instant. False where somebody busy was left out."""
    named = f"clock:review.{ladder}"
    return await _each(clock, (_review(named, ladder, member, due) async for member, _ in movable(clock, ladder, due)))


async def change(clock: Clockwork, ladder: str, due: datetime) -> bool:
    """Put those whose stage has come where a changed ladder says, or take a change back; False where some were busy."""
    edition = clock.live.at(due)
    declared, zone = edition.ruleset.ladders[ladder], edition.ruleset.zone
    named = f"clock:change.{ladder}.{edition.number}"
    if declared.transition is None:
        return True
    if declared.transition.takes_back is not None:
        moved = _moved_since(clock, ladder, declared.transition.takes_back)
        return await _each(clock, (_change(named, ladder, member, due) async for member in moved))

    def counts(member: int, tier: str) -> bool:
        begins = transitions.begins(declared, ladder, tier, Who(clock.live.programme_id, member), zone)
        return begins is None or begins <= due

    found = movable(clock, ladder, due, changes=True)
    events = (_change(named, ladder, member, due) async for member, tier in found if counts(member, tier))
    return await _each(clock, events)


async def movable(
    clock: Clockwork, ladder: str, due: datetime, *, changes: bool = False
) -> AsyncIterator[tuple[int, str]]:
    """Whom a review, or a change, may move, with where they stand; a page of standings at a time."""
    db, programme_id, last = clock.house.db, clock.live.programme_id, 0
    shares = await thresholds.every(db, programme_id)
    asked = candidates.question(clock.live, ladder, due, db.dialect, shares, changes=changes)
    while rows := await clock.long(asked.sql, *asked.args(programme_id, last)[1:]):
        await clock.beat()
        last = int(rows[-1]["member_id"])
        for row in rows:
            if row["moves"]:
                yield int(row["member_id"]), row["tier"]


async def _moved_since(clock: Clockwork, ladder: str, version: int) -> AsyncIterator[int]:
    last = 0
    while rows := await clock.long(MOVED, ladder, version, last, clockwork.BATCH):
        last = int(rows[-1]["member_id"])
        for row in rows:
            yield int(row["member_id"])


async def _each(clock: Clockwork, events: AsyncIterator[Clock]) -> bool:
    """Send events as they come, in batches. False where somebody busy was left out."""
    sent, ready = Sent(), list[Clock]()
    async for event in events:
        ready.append(event)
        if len(ready) == clockwork.BATCH:
            await clock.send(ready, sent)
            ready = []
    if ready:
        await clock.send(ready, sent)
    return not sent.left_out


def _review(named: str, ladder: str, member: int, due: datetime) -> ClockReview:
    return ClockReview(f"{named}:{member}:{instant_text(due)}", MemberRef(id=member), ladder, due)


def _change(named: str, ladder: str, member: int, due: datetime) -> ClockChange:
    return ClockChange(f"{named}:{member}:{instant_text(due)}", MemberRef(id=member), ladder, due)
