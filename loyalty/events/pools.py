"""Family pools: a pool is a holder like a member, made by one, joined by invitation, and left or closed again.

`person` and `pool` are filled in at the door, once it is known who is meant: the log names both by id.
"""

from dataclasses import dataclass
from typing import ClassVar

from loyalty.events.members import MemberRef

NAMELESS = MemberRef()


@dataclass(frozen=True, slots=True)
class PoolCreate:
    """A member opens a pool and owns it. The pool's own first event."""

    kind: ClassVar[str] = "pool.create"
    key: str
    member: MemberRef
    person: int = 0


@dataclass(frozen=True, slots=True)
class PoolInvite:
    """The owner wants a code by which one other person may join."""

    kind: ClassVar[str] = "pool.invite"
    key: str
    member: MemberRef
    person: int = 0


@dataclass(frozen=True, slots=True)
class PoolJoin:
    """A member joins the pool an invitation leads to; handing in its code is the consent."""

    kind: ClassVar[str] = "pool.join"
    key: str
    member: MemberRef
    to: MemberRef = NAMELESS  # The pool, by the code of an invitation; not in the log.
    person: int = 0
    invitation: str = ""  # The code's keyed hash.


@dataclass(frozen=True, slots=True)
class PoolClose:
    """The owner ends the pool: its points go where the programme says."""

    kind: ClassVar[str] = "pool.close"
    key: str
    member: MemberRef
    person: int = 0


@dataclass(frozen=True, slots=True)
class PoolLeave:
    """A member leaves its pool."""

    kind: ClassVar[str] = "pool.leave"
    key: str
    member: MemberRef
    pool: int = 0


@dataclass(frozen=True, slots=True)
class PoolContribute:
    """A member puts points of its own into its pool."""

    kind: ClassVar[str] = "pool.contribute"
    key: str
    member: MemberRef
    points: int
    pool: int = 0


@dataclass(frozen=True, slots=True)
class PoolEntered:
    """The other side of joining: the member is in the pool from now on."""

    kind: ClassVar[str] = "pool.entered"
    key: str
    member: MemberRef
    pool: int


@dataclass(frozen=True, slots=True)
class PoolReleased:
    """The other side of closing: the member is in no pool any more."""

    kind: ClassVar[str] = "pool.released"
    key: str
    member: MemberRef
    pool: int


@dataclass(frozen=True, slots=True)
class PoolDeparted:
    """The other side of leaving: the pool is without that person; `heir` has what is due to it, if anybody."""

    kind: ClassVar[str] = "pool.departed"
    key: str
    member: MemberRef
    person: int
    heir: int | None = None


@dataclass(frozen=True, slots=True)
class PoolPaid:
    """The other side of a member's redemption that the pool pays."""

    kind: ClassVar[str] = "pool.paid"
    key: str
    member: MemberRef
    wallet: str
    points: int
    paid_for: int  # The redemption's event.


@dataclass(frozen=True, slots=True)
class PoolRepaid:
    """What such a redemption gives back goes to the lots it came from."""

    kind: ClassVar[str] = "pool.repaid"
    key: str
    member: MemberRef
    points: int
    paid_for: int


POOL_REQUESTS = (PoolCreate, PoolInvite, PoolJoin, PoolClose, PoolLeave, PoolContribute)
POOL_CONSEQUENCES = (PoolEntered, PoolReleased, PoolDeparted, PoolPaid, PoolRepaid)
PoolRequest = PoolCreate | PoolInvite | PoolJoin | PoolClose | PoolLeave | PoolContribute
PoolConsequence = PoolEntered | PoolReleased | PoolDeparted | PoolPaid | PoolRepaid
