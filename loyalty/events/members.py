"""Whoever an event is about, and what happens to a member: joining, the profile, what is said of it, what it does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

Preferences = Mapping[str, tuple[str, ...]]  # Of each preference that is spoken of, all options chosen.


@dataclass(frozen=True, slots=True)
class MemberRef:
    """A member, by id or by one of its identities (kind and value)."""

    id: int | None = None
    kind: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class MemberEnrolled:
    """A person registered. The identities must be nobody else's."""

    kind: ClassVar[str] = "member.enrolled"
    key: str
    identities: tuple[tuple[str, str], ...]
    occurred_at: datetime
    locale: str = ""
    profile: Mapping[str, str] = field(default_factory=dict)
    preferences: Preferences = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProfileCompleted:
    """A member filled in the profile. Personal values are sealed apart; the event keeps none."""

    kind: ClassVar[str] = "profile.completed"
    key: str
    member: MemberRef
    occurred_at: datetime
    profile: Mapping[str, str] = field(default_factory=dict)
    preferences: Preferences = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProfileChanged:
    """Fields of the profile, days and preferences were given, changed or taken away (empty): part of it, or all.

    Whatever is given is sealed apart; the event keeps none of it.
    """

    kind: ClassVar[str] = "profile.changed"
    key: str
    member: MemberRef
    occurred_at: datetime
    profile: Mapping[str, str] = field(default_factory=dict)
    preferences: Preferences = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MemberChanged:
    """What is said of a member changed: attributes set or (None) unset, tags, segments, consents given or withdrawn."""

    kind: ClassVar[str] = "member.changed"
    key: str
    member: MemberRef
    occurred_at: datetime
    attributes: Mapping[str, Any] = field(default_factory=dict)
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    join_segments: tuple[str, ...] = ()
    leave_segments: tuple[str, ...] = ()
    consents: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Something of a type the programme declares, with a payload by its schema."""

    key: str
    type: str
    member: MemberRef
    occurred_at: datetime
    payload: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The declared type."""
        return self.type
