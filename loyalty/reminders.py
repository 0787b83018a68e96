"""Reminders of what is unused and about to end, as rows of the outbox: once for each thing and each moment.

What a row is about is the wallet or the benefit with its last day: whoever sends it can tell by that what it has sent
before. Whether the member consents to the purpose is asked when it is sent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from loyalty import outbox
from loyalty.points import free
from loyalty.turn import Turn
from models.benefits import Entitlement
from models.points import Lot
from rules import reminders
from rules.moments import ENDINGS, Moment, kind_of

KINDS: Final = {"points": "points.ending", "benefit": "benefit.ending"}
MOMENT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Ending:
    """Something unused whose last day comes: how much of which wallet, or how many pieces of which benefit."""

    what: str  # points, benefit.
    name: str
    amount: int  # In the wallet's units, or pieces.
    ends_at: datetime  # The first of them.
    last_day: date


def points(turn: Turn, wallet: str, day: date) -> Ending | None:
    """The points of a wallet whose last day a day is, and that are neither spent nor set aside."""
    lots = [row for row in turn.book.of(Lot, turn.member_id) if row.wallet == wallet and free(row) > 0]
    ends = [(row.expires_at, free(row)) for row in lots if row.expires_at is not None]
    found = [(at, amount) for at, amount in ends if last_day(turn, at) == day]
    if not found:
        return None
    return Ending("points", wallet, sum(amount for _, amount in found), min(at for at, _ in found), day)


def benefits(turn: Turn, day: date) -> list[Ending]:
    """The benefits with unused pieces whose last day a day is."""
    ends: dict[str, list[datetime]] = {}
    for row in turn.book.of(Entitlement, turn.member_id):
        if row.state == "issued" and row.expires_at is not None and last_day(turn, row.expires_at) == day:
            ends.setdefault(row.benefit, []).append(row.expires_at)
    return [Ending("benefit", key, len(found), min(found), day) for key, found in sorted(ends.items())]


def last_day(turn: Turn, ends_at: datetime) -> date:
    """The last day on which something that ends is still there."""
    return turn.day(ends_at - MOMENT)


def by_default(turn: Turn, moment: Moment) -> None:
    """Remind of what no policy has reminded of, where the programme wants that at this moment."""
    if moment.kind in ENDINGS and moment.key in {one.key for one in reminders.moments(turn.programme)}:
        put(turn, moment.key, {"purpose": reminders.PURPOSE})


def of_policy(turn: Turn, policy: str, body: Mapping[str, Any]) -> bool:
    """Whether a message is a reminder; if so it is put for each thing that ends."""
    heard = turn.ruleset.policies[policy].moment
    if not turn.endings or heard is None or heard.kind not in ENDINGS:
        return False
    put(turn, heard.key, {"purpose": reminders.PURPOSE, **body})
    return True


def put(turn: Turn, moment: str, body: Mapping[str, Any]) -> None:
    """A row for each thing that ends, unless there is one already."""
    for ending in turn.endings:
        dedup = f"{kind_of(moment).removeprefix('clock.')}:{ending.name}:{ending.last_day}:{moment}"
        if dedup not in turn.reminded:
            turn.reminded.add(dedup)
            outbox.put(turn, KINDS[ending.what], {**body, "dedup": dedup, **dict(_told(ending))})


def _told(ending: Ending) -> Iterator[tuple[str, Any]]:
    yield "wallet" if ending.what == "points" else "benefit", ending.name
    yield "amount", ending.amount
    yield "ends_at", ending.ends_at.isoformat()
    yield "last_day", ending.last_day.isoformat()
