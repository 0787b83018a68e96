"""Becoming a member: by registering, or because a policy takes in whoever buys for the first time."""

from collections.abc import Callable
from dataclasses import dataclass

from loyalty import days, tiers
from loyalty.book import NOBODY
from loyalty.refusals import Refused
from loyalty.turn import Turn
from models.members import Identity, Member, Personal

Seal = Callable[[Personal | None], Personal]


@dataclass(frozen=True, slots=True)
class Named:
    """An identity as the book knows it: kind and keyed hash."""

    kind: str
    hash: str


def enrol(turn: Turn, names: tuple[Named, ...], locale: str, seal: Seal | None = None) -> Member:
    """Make the member this turn is about. Its identities were set aside for it before the fold."""
    for name in names:
        taken = turn.book.get(Identity, NOBODY, (name.kind, name.hash))
        if taken is not None and taken.member_id not in (turn.member_id, NOBODY):
            raise Refused("IDENTITY_TAKEN", kind=name.kind)
    if turn.book.get(Member, turn.member_id) is not None:
        raise Refused("IDENTITY_TAKEN", kind=names[0].kind)
    member = turn.book.put(
        Member(
            programme_id=turn.book.programme_id,
            id=turn.member_id,
            event_id=turn.event_id,
            status="active",
            joined_at=turn.instant,
            clock=turn.instant,
            locale=locale or turn.programme.languages[0],
            profile_complete=False,
            orders=0,
            merged_into=None,
        )
    )
    for name in names:
        turn.book.put(Identity(member.programme_id, name.kind, name.hash, member.id, turn.event_id))
    if seal is not None:
        turn.book.put(seal(None))
    tiers.begin(turn)
    days.figure(turn, turn.day(turn.instant), joined=1)
    turn.notes["enrolled"] = True
    return member
