"""What a person decides about its data: what it consents to, and that it is to be forgotten."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from loyalty.events.members import MemberRef


@dataclass(frozen=True, slots=True)
class ConsentSet:
    """An answer to one purpose, on one channel or (empty) on all of them, with the notice that had been shown."""

    kind: ClassVar[str] = "consent.set"
    key: str
    member: MemberRef
    occurred_at: datetime
    purpose: str
    granted: bool = False
    channel: str = ""
    notice: str = ""
    notice_version: str = ""


@dataclass(frozen=True, slots=True)
class MemberErase:
    """The person is to be gone; the books and their explanations stay under a pseudonym."""

    kind: ClassVar[str] = "member.erase"
    key: str
    member: MemberRef
    note: str = ""
