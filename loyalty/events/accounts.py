"""What becomes of an account: the names it is known by, whether it may spend, and that it goes on in another."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from loyalty.events.members import MemberRef


@dataclass(frozen=True, slots=True)
class MemberFreeze:
    """A member goes on earning and cannot spend: `reason` is one of `shapes.FREEZE_REASONS`, `note` is in words."""

    kind: ClassVar[str] = "member.freeze"
    key: str
    member: MemberRef
    reason: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class MemberUnfreeze:
    """A frozen member may spend again."""

    kind: ClassVar[str] = "member.unfreeze"
    key: str
    member: MemberRef
    note: str = ""


@dataclass(frozen=True, slots=True)
class WalletFreeze:
    """What is in one wallet cannot be spent, whatever comes into it."""

    kind: ClassVar[str] = "wallet.freeze"
    key: str
    member: MemberRef
    wallet: str
    reason: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class WalletUnfreeze:
    """What is in a frozen wallet can be spent again."""

    kind: ClassVar[str] = "wallet.unfreeze"
    key: str
    member: MemberRef
    wallet: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class IdentityLink:
    """A member is known by one name more, in one more channel; the name must be nobody else's."""

    kind: ClassVar[str] = "identity.link"
    key: str
    member: MemberRef
    identity: tuple[str, str]


@dataclass(frozen=True, slots=True)
class IdentityUnlink:
    """A member is known by one name less; it keeps one at least."""

    kind: ClassVar[str] = "identity.unlink"
    key: str
    member: MemberRef
    identity: tuple[str, str]


@dataclass(frozen=True, slots=True)
class MembersMerge:
    """Two accounts are one person's: `member` goes on in `to`, with all it has, and for good."""

    kind: ClassVar[str] = "member.merge"
    key: str
    member: MemberRef
    to: MemberRef
    reason: str


@dataclass(frozen=True, slots=True)
class MemberAbsorbed:
    """The other side of a merge: queued by it, folded as an event of the survivor. `merged` is the old account."""

    kind: ClassVar[str] = "member.absorbed"
    key: str
    member: MemberRef
    merged: int
    reason: str
    carried: Mapping[str, Any]
