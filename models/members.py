"""Who belongs to a programme: the member, the names it is known by, and what is personal, kept apart and sealed."""

from dataclasses import dataclass
from datetime import datetime

from models.codec import Json
from models.table import Foreign, Index, table


@table(
    "members",
    key=("programme_id", "id"),
    partition="id",
    checks=("id > 0",),
    indexes=(
        Index("members_merged", ("programme_id", "merged_into"), where="merged_into IS NOT NULL"),
        Index("members_joined", ("programme_id", "joined_at")),
    ),
)
@dataclass(frozen=True, slots=True)
class Member:
    """One member of one programme. `clock` is the latest instant folded for it: nothing is posted before it."""

    programme_id: int
    id: int
    event_id: int
    status: str  # active, frozen, merged, erased; of a family pool: pool, closed.
    joined_at: datetime
    clock: datetime
    locale: str
    profile_complete: bool
    orders: int  # Purchases that stand: not cancelled, not wholly returned.
    merged_into: int | None
    frozen_at: datetime | None = None
    frozen_for: str | None = None  # Why, as a code: one of `shapes.FREEZE_REASONS`.
    pool_id: int | None = None  # The family pool it is in.


@table(
    "identities",
    key=("programme_id", "kind", "hash"),
    indexes=(Index("identities_member", ("programme_id", "member_id")),),
)
@dataclass(frozen=True, slots=True)
class Identity:
    """A name a member is known by. Only a keyed hash of the normalised value is kept, never the value."""

    programme_id: int
    kind: str
    hash: str
    member_id: int
    event_id: int
    since: datetime | None = None  # Where it is not when that event happened: it was another account's before.


@table(
    "personal",
    key=("programme_id", "member_id", "id"),
    partition="member_id",
    indexes=(Index("personal_birthday", ("programme_id", "birthday_md"), where="birthday_md IS NOT NULL"),),
    foreign=(Foreign(("programme_id", "member_id"), "members", ("programme_id", "id")),),
)
@dataclass(frozen=True, slots=True)
class Personal:
    """What is personal, sealed under a key of this member's own. Erasure deletes the row, and with it the key."""

    programme_id: int
    member_id: int
    id: int
    key: str  # The member's key, wrapped by the deployment's.
    sealed: str
    birthday_md: int | None  # Month × 100 + day, for finding birthdays.
    birth_year: int | None = None  # For the age, and read only if a live policy asks for it.
    preferences: Json | None = None  # [preference.option, …], sorted: for matching, as the month-day is.
    filled: Json | None = None  # [name, …], sorted: which fields, days and preferences have a value.


@table(
    "member_dates",
    key=("programme_id", "member_id", "id"),
    partition="member_id",
    unique=(("programme_id", "member_id", "kind"),),
    indexes=(Index("member_dates_day", ("programme_id", "kind", "month_day"), where="month_day IS NOT NULL"),),
    foreign=(Foreign(("programme_id", "member_id"), "members", ("programme_id", "id")),),
)
@dataclass(frozen=True, slots=True)
class MemberDate:
    """A day the programme remembers every year, for finding it; the year is sealed with the rest of the person.

    Birthdays are found by `personal.birthday_md`. Erasure deletes these rows.
    """

    programme_id: int
    member_id: int
    id: int
    kind: str  # As `programme.json` names it, in `profile.dates`.
    month_day: int | None  # Month × 100 + day; nothing where the day was taken away.


@table(
    "traits",
    key=("programme_id", "member_id", "id"),
    partition="member_id",
    foreign=(Foreign(("programme_id", "member_id"), "members", ("programme_id", "id")),),
)
@dataclass(frozen=True, slots=True)
class Traits:
    """What is said of a member that policies may ask for, and that is nobody's secret: one row a member, `id` 0."""

    programme_id: int
    member_id: int
    id: int
    tags: Json  # [tag, …], sorted.
    segments: Json  # [segment, …], sorted.
    attributes: Json  # {name: value}, by the programme's JSON Schema.
    consents: Json  # {purpose: true or false}


@table(
    "trait_moves",
    key=("programme_id", "member_id", "id"),
    partition="member_id",
    foreign=(Foreign(("programme_id", "member_id", "event_id"), "events", ("programme_id", "member_id", "id")),),
)
@dataclass(frozen=True, slots=True)
class TraitMove:
    """One change of what is said of a member, so that it can be read as of then, and consent be proved.

    Rows may be deleted, unlike those of the ledger: erasure takes them with the traits.
    """

    programme_id: int
    member_id: int
    id: int
    event_id: int
    position: int
    at: datetime  # From when it counts for what is folded after it.
    instant: datetime  # When it was so in the world; later than a late event that would say otherwise.
    what: str  # tags, segments, attributes, consents.
    name: str
    before: Json  # null where there was nothing.
    after: Json
    policy: str | None
    order_id: int | None  # The order it came of: it goes when the whole order does.


@table(
    "consent_moves",
    key=("programme_id", "member_id", "id"),
    partition="member_id",
    append_only=True,
    foreign=(Foreign(("programme_id", "member_id", "event_id"), "events", ("programme_id", "member_id", "id")),),
)
@dataclass(frozen=True, slots=True)
class ConsentMove:
    """One answer to a purpose, given or withdrawn: who said it, when, and which notice had been shown.

    It says nothing of the person, so it outlives an erasure: whoever was asked must be able to prove it.
    """

    programme_id: int
    member_id: int
    id: int
    event_id: int
    position: int
    instant: datetime
    purpose: str
    channel: str  # Empty for all of them.
    granted: bool
    notice: str | None
    notice_version: str | None
    subject: str  # Who said it: the member itself, or somebody who sends for members.
