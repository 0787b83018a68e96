"""Arrivals that are about two holders: whose event it is, who the other one is, and how the log names that one.

Both are locked before the fold. What leads from one to the other (a name, an invitation, the pool somebody is in) is
looked up before, and looked at again under the lock.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from loyalty import log
from loyalty.book import IDS_PER_EVENT
from loyalty.events import (
    Arrival,
    ClockSeat,
    GatheringCancel,
    MemberRef,
    MembersMerge,
    OrderCancelled,
    OrderClaim,
    OrderReturned,
    PointsRedeem,
    PointsTransfer,
    PoolClose,
    PoolContribute,
    PoolCreate,
    PoolInvite,
    PoolJoin,
    PoolLeave,
)
from loyalty.refusals import Malformed
from models.codec import Json, canonical, parse
from models.members import Member

BY_POOL: Final = (PoolCreate, PoolInvite, PoolJoin, PoolClose)  # The pool's own events, asked for by a person.
OF_OWN_POOL: Final = (PoolInvite, PoolClose, PoolLeave, PoolContribute)  # Which pool follows from who asks.
CLOSING_MOST: Final = 42  # Everybody is let go and may be sent points.
# So many more events may each of these bring into its batch.
FOLLOWED: Final[Mapping[type, int]] = {
    PointsTransfer: 3,
    MembersMerge: 6,
    OrderClaim: 1,
    OrderReturned: 1,
    OrderCancelled: 1,
    PoolCreate: 1,
    PoolJoin: 1,
    PoolLeave: 4,
    PoolContribute: 3,
    PoolClose: CLOSING_MOST,
    GatheringCancel: 1,  # Whoever is first in line.
    ClockSeat: 1,
}


def followed(arrival: Arrival) -> int:
    """How many more events an arrival may bring into its batch."""
    if isinstance(arrival, PointsRedeem):
        return int(arrival.from_pool)
    return FOLLOWED.get(type(arrival), 0)


def asks_for_pool(arrival: Arrival) -> bool:
    """Whether the other holder is the pool the member is in."""
    return isinstance(arrival, OF_OWN_POOL) or (isinstance(arrival, PointsRedeem) and arrival.from_pool)


def placed(
    arrival: Arrival, number: int, person: int | None, pool: int | None, meant: int | None
) -> tuple[int | None, int | None] | None:
    """Holder and other of an arrival about two; None where there is one holder only.

    `pool` is the one the person is in, `meant` whom the arrival names as its receiver.
    """
    if isinstance(arrival, PointsTransfer | MembersMerge):
        return person, meant
    if isinstance(arrival, PoolCreate):
        return number * IDS_PER_EVENT, person
    if isinstance(arrival, PoolJoin):
        return meant, person
    if isinstance(arrival, PoolInvite | PoolClose):
        return pool, person
    return (person, pool) if asks_for_pool(arrival) else None


def must_be_known(arrival: Arrival, holder: int, other: int | None, there: Mapping[int, Member]) -> None:
    """Raise Malformed where one of the two is not there."""
    if isinstance(arrival, PointsTransfer):
        row = there.get(other or 0)
        if row is None or row.status != "active":
            raise Malformed("MEMBER_UNKNOWN", field="/to")
    elif isinstance(arrival, MembersMerge):
        row = there.get(other or 0)
        if row is None or row.status in ("pool", "closed"):  # A family pool is nobody.
            raise Malformed("MEMBER_UNKNOWN", field="/into")
    elif isinstance(arrival, PoolJoin) and holder not in there:
        raise Malformed("INVITATION_UNKNOWN", field="/code")
    elif asks_for_pool(arrival) and (holder not in there or other not in there):
        raise Malformed("POOL_NONE", field="/member")
    elif isinstance(arrival, PoolCreate | PoolJoin) and other not in there:
        raise Malformed("MEMBER_UNKNOWN", field="/member")


def addressed(arrival: Arrival, body: Json, other: int | None, shown: str) -> tuple[Arrival, Json]:
    """The arrival with the other holder by id, and so the body: the log keeps no identity. `shown` is the hash of the
    invitation's code.
    """
    if other is None:
        return arrival, body
    more: dict[str, Any] = {}
    if isinstance(arrival, PointsTransfer | MembersMerge):
        return replace(arrival, to=MemberRef(id=other)), log.addressed(body, other)
    if isinstance(arrival, BY_POOL):
        more = {"person": other} | ({"invitation": shown} if isinstance(arrival, PoolJoin) else {})
    elif asks_for_pool(arrival):
        more = {"pool": other}
    if not more:
        return arrival, body
    filled: Any = replace(arrival, **more)
    return filled, canonical({**parse(body), **more})
