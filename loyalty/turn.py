"""One event's turn at the book: who it is about, when it counts, where it stands in the fold, and what it did."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from loyalty.book import Book
from models.members import Member
from models.orders import Order
from models.pools import POOL_STATES
from rules.audience import Who
from rules.compile import Ruleset
from rules.effects import ConvertPoints
from rules.moments import KINDS as MOMENTS
from rules.programme import Programme


@dataclass(frozen=True, slots=True)
class Done:
    """A declared event that happened."""

    type: str
    at: datetime
    payload: Mapping[str, Any]


@dataclass(slots=True)
class Turn:
    """What is at hand while one event is folded. `instant` decides; `at` is when it is posted, not before the clock."""

    book: Book
    event_id: int
    kind: str
    member_id: int  # A stand-in, below zero, where there is no member.
    position: int
    instant: datetime
    at: datetime
    late: bool
    order_id: int | None = None
    channel: str = ""
    partner: str | None = None  # Of a partner's caller: it finds its own codes and no others.
    doing: Done | None = None  # What the member did, where that is being folded: it is not in the log yet.
    notes: dict[str, Any] = field(default_factory=dict)  # What the receipt says besides the balances.
    queued: list[Any] = field(default_factory=list)  # What follows for other members.
    moved: list[Any] = field(default_factory=list)  # Changes and reviews of tiers, not yet followed up.
    wanting: frozenset[str] = frozenset()  # Ladders on which the member did not keep its level when this began.
    endings: tuple[Any, ...] = ()  # What is about to end, where the clock asks because of it.
    reminded: set[str] = field(default_factory=set)  # What has been reminded of in this turn.
    fresh: set[str] = field(default_factory=set)  # Wallets in which something became available, not yet followed up.
    counted: bool = False  # The programme's figures have the order this is about already.
    unfinished: list[ConvertPoints] = field(default_factory=list)  # Conversions with more pieces than one step gives.
    to_freeze: dict[str, str] = field(default_factory=dict)  # Wallets to freeze when the event is over → by policy.
    shared: set[int] = field(default_factory=set)  # Entries of which the family pool has had its share.
    ruleset: Ruleset = field(init=False)  # What decides at this turn's instant.
    version: int = field(init=False)  # The number of that ruleset.

    def __post_init__(self) -> None:
        edition = self.book.live.at(self.instant)
        self.ruleset, self.version = edition.ruleset, edition.number

    @property
    def programme(self) -> Programme:
        """The programme's own definition, at this turn's instant."""
        return self.ruleset.programme

    @property
    def is_pool(self) -> bool:
        """Whether this is about a family pool: a holder like a member, and no person."""
        member = self.book.get(Member, self.member_id)
        return member is not None and member.status in POOL_STATES

    @property
    def begins(self) -> datetime:
        """From when on what is given now counts: a moment that was missed gives what it would have given then."""
        return self.instant if self.kind in MOMENTS else self.at

    @property
    def who(self) -> Who:
        """The member as far as lots are drawn for it."""
        return Who(self.book.programme_id, self.member_id)

    @property
    def member(self) -> Member:
        """The member; a defect where there is none."""
        return self.book.need(Member, self.member_id)

    @property
    def seller(self) -> str | None:
        """The partner in whose shop the order was made that this turn is about."""
        order = None if self.order_id is None else self.book.get(Order, self.member_id, self.order_id)
        return self.ruleset.sellers.get(order.shop) if order else None

    def day(self, at: datetime) -> date:
        """The business date of an instant: the calendar day in the programme's zone."""
        return at.astimezone(self.ruleset.zone).date()

    def as_of(self, instant: datetime) -> "Turn":
        """The same turn at an instant that fell due before it: decided and posted then.

        What comes free again after its end falls due long ago: that is decided now, not then. None of it is the
        doing of the order this turn is about.
        """
        clock = self.member.clock
        return replace(self, instant=max(instant, min(self.instant, clock)), at=max(instant, clock), order_id=None)

    def note(self, name: str, value: Any) -> None:
        """Add one thing to what the receipt says."""
        self.notes.setdefault(name, []).append(value)
