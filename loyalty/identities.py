"""The names a member is known by: linked and unlinked, one holder each, and one balance whichever is used."""

from dataclasses import replace
from typing import Final

from loyalty import audit, unclaimed
from loyalty.arrived import Arrived
from loyalty.book import NOBODY
from loyalty.events import IdentityLink, IdentityUnlink
from loyalty.refusals import Refused
from loyalty.turn import Turn
from models.members import Identity

NAMES_MAX: Final = 50  # Of a member: whoever has more is no person.


def link(turn: Turn, one: Arrived, arrival: IdentityLink) -> None:
    """Let the member be found by this name too; a name that is its own already stays as it is.

    The name was set aside before the fold. Refused where somebody else has it: then both are accounts of one person,
    to be merged, or one of them is wrong.
    """
    for name in one.names:  # In replay there are none: the log keeps no names, and the names no log.
        taken = turn.book.get(Identity, NOBODY, (name.kind, name.hash))
        if taken is not None and taken.member_id not in (turn.member_id, NOBODY):
            raise Refused("IDENTITY_TAKEN", kind=name.kind)
        if len(_own(turn)) > NAMES_MAX:
            raise Refused("TOO_MANY", most=NAMES_MAX)
        news = taken is None or taken.member_id == NOBODY or taken.event_id == turn.event_id
        if news:
            turn.book.put(Identity(turn.book.programme_id, name.kind, name.hash, turn.member_id, turn.event_id))
            unclaimed.claim_for(turn, one.names)
        _told(turn, one, name.kind, linked=True, news=news)


def unlink(turn: Turn, one: Arrived, arrival: IdentityUnlink) -> None:
    """Let the member be found by this name no longer; the last one stays. A name it does not have changes nothing."""
    for name in one.names:
        own = turn.book.get(Identity, NOBODY, (name.kind, name.hash))
        news = own is not None and own.member_id == turn.member_id
        if news and len(_own(turn)) == 1:
            raise Refused("IDENTITY_LAST", kind=name.kind)
        if own is not None and news:
            turn.book.put(replace(own, member_id=NOBODY))  # The flush deletes it.
        _told(turn, one, name.kind, linked=False, news=news)


def _own(turn: Turn) -> list[Identity]:
    return [row for row in turn.book.of(Identity, NOBODY) if row.member_id == turn.member_id]


def _told(turn: Turn, one: Arrived, kind: str, *, linked: bool, news: bool) -> None:
    """What the receipt says, never the name; and a row of the audit, under the event's own number."""
    turn.notes["identity"] = {"kind": kind, "linked": linked, "changed": news}
    if news:
        target, at = f"member {turn.member_id}", turn.book.recorded_at
        change = audit.Change(one.arrival.kind, target, at, after={"kind": kind})
        turn.book.put(audit.row(turn.event_id, turn.book.programme_id, one.subject, change))
