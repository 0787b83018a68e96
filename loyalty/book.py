"""The book: the rows a batch reads and changes, in memory. Nothing here speaks SQL or awaits.

Every row is a frozen value under its holder and key. Putting a row journals the one it replaces, so a refused event is
undone alone, and what is left at the end is exactly what has to be written.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, Final, Protocol, TypeVar, cast

from loyalty.refusals import Refused
from models.benefits import Code, Entitlement, EntitlementMove
from models.control import Audit
from models.days import DayDelta, MemberDay
from models.draws import Ticket
from models.events import Claim, Decision, Event
from models.gatherings import SignUp
from models.limits import Counter, CounterMove, Limit, LimitMove
from models.members import ConsentMove, Identity, Member, MemberDate, Personal, TraitMove, Traits
from models.orders import Order, OrderLine, OrderRef, Return
from models.outbox import Message
from models.points import Hold, Lot, LotMove, Transfer, Wallet
from models.polls import Vote
from models.pools import PoolInvitation, PoolMember
from models.thresholds import Threshold
from models.tiers import Standing, StandingMove
from rules.compile import Ruleset

IDS_PER_EVENT: Final = 4096
NOBODY: Final = 0  # Holder of what belongs to no member: references, identities, counters, deltas.

Key = Any
R = TypeVar("R")


class Edition(Protocol):
    """A published ruleset and its number."""

    @property
    def number(self) -> int: ...
    @property
    def ruleset(self) -> Ruleset: ...


class Live(Protocol):
    """What decides: the editions of a programme at one revision, and what is paused."""

    @property
    def revision(self) -> int: ...
    @property
    def editions(self) -> Sequence[Edition]: ...
    @property
    def paused(self) -> frozenset[str]: ...
    def at(self, instant: datetime) -> Edition: ...


def no_draws(_draw: str, _purpose: str, _number: int) -> str:
    """Whoever only reads draws no lots."""
    return "0" * 64


@dataclass(frozen=True, slots=True)
class Keys:
    """Keyed, deterministic functions handed in at the door: the fold itself holds no secret and draws no lot."""

    code_of: Callable[[int], str]
    code_hash: Callable[[str], str]
    draw_of: Callable[[str, str, int], str] = no_draws  # Of a draw, by purpose and number: 64 hexadecimal digits.


@dataclass(frozen=True, slots=True)
class Shape:
    """Where a kind of row stands in the book: under which holder, by which key."""

    holder: Callable[[Any], int]
    key: Callable[[Any], Key]


_member = attrgetter("member_id")
_id = attrgetter("id")


def _nobody(_row: Any) -> int:
    return NOBODY


SHAPES: Final[Mapping[type, Shape]] = {
    Member: Shape(_id, lambda row: ()),
    Personal: Shape(_member, lambda row: ()),
    Traits: Shape(_member, lambda row: ()),
    PoolMember: Shape(_member, _id),
    PoolInvitation: Shape(_member, _id),
    TraitMove: Shape(_member, _id),
    MemberDate: Shape(_member, attrgetter("kind")),
    ConsentMove: Shape(_member, _id),
    Identity: Shape(_nobody, attrgetter("kind", "hash")),
    Claim: Shape(_nobody, attrgetter("subject", "key")),
    Event: Shape(_member, _id),
    Decision: Shape(_member, _id),
    OrderRef: Shape(_nobody, attrgetter("shop", "number", "kind", "part")),
    Order: Shape(_member, _id),
    OrderLine: Shape(_member, _id),
    Return: Shape(_member, _id),
    Wallet: Shape(_member, attrgetter("wallet")),
    Transfer: Shape(_member, _id),
    Lot: Shape(_member, _id),
    LotMove: Shape(_member, attrgetter("transfer_id", "lot_id")),
    Hold: Shape(_member, _id),
    Standing: Shape(_member, attrgetter("ladder")),
    StandingMove: Shape(_member, _id),
    Entitlement: Shape(_member, _id),
    EntitlementMove: Shape(_member, _id),
    Code: Shape(_nobody, attrgetter("hash")),
    Limit: Shape(_member, attrgetter("policy", "name", "period")),
    LimitMove: Shape(_member, _id),
    Counter: Shape(_nobody, attrgetter("name")),
    Threshold: Shape(_nobody, attrgetter("name", "position")),
    CounterMove: Shape(_member, _id),
    MemberDay: Shape(_member, _id),
    DayDelta: Shape(_nobody, attrgetter("day", "channel", "tier")),
    SignUp: Shape(_member, _id),
    Ticket: Shape(_member, _id),
    Vote: Shape(_member, _id),
    Message: Shape(_member, _id),
    Audit: Shape(_nobody, _id),
}


class NeedsMore(Exception):
    """The fold reached for something that was not loaded: the batch starts anew, with it."""

    def __init__(self, what: str, key: Key) -> None:
        super().__init__(what, key)
        self.what = what
        self.key = key


class Book:
    """All rows of one batch, with an undo journal. `recorded_at` is the door's clock, one instant for the batch."""

    def __init__(self, programme_id: int, live: Live, keys: Keys, recorded_at: datetime) -> None:
        self.programme_id = programme_id
        self.live = live
        self.keys = keys
        self.recorded_at = recorded_at
        self.queues = False  # Whether an event of this batch has queued one for another member.
        self.first_day = 0  # Days before it, as ordinals, have not been loaded.
        self.first_of: dict[type, int] = {}  # The same of rows that metrics look at; what is not named is all there.
        self.periods: frozenset[str] | None = None  # Periods whose caps have been loaded; None for all of them.
        self.resting: frozenset[str] = frozenset()  # Wallets whose resting lots have not been loaded.
        self.awaited: set[tuple[str, str]] = set()  # Orders (shop, number) that some event in the book may wait for.
        self.recalled: Mapping[str, Any] = {}  # What a decision read of the person, who may be gone, for telling it.
        self.recalled_by_step: Mapping[int, Mapping[str, Any]] = {}  # The same in replay, of each step of an event.
        self.nothing_left = False  # In replay: of a counter that no event read or took from there was nothing left.
        self.unborn: set[str] = set()  # Counters of periods that nobody has taken from: the flush makes them.
        self.undone = 0  # How often something has been put back.
        self.agendas: dict[int, object] = {}  # What falls due, by member: kept by settling from event to event.
        self._rows: dict[type, dict[int, dict[Key, Any]]] = {kind: {} for kind in SHAPES}
        self._journal: list[tuple[type, int, Key, Any]] = []
        self._event = 0
        self._used: dict[type, int] = {}

    # What was there before the batch.

    def load(self, rows: list[Any]) -> None:
        """Take rows, of any kinds, as they stand in the database; they are not journaled."""
        for row in rows:
            kind = row.__class__
            shape = SHAPES[kind]
            self.agendas.pop(shape.holder(row), None)
            self._rows[kind].setdefault(shape.holder(row), {})[shape.key(row)] = row

    # Reading.

    def get(self, kind: type[R], holder: int, key: Key = ()) -> R | None:
        """The row under this holder and key, or None."""
        return cast("R | None", self._rows[kind].get(holder, {}).get(key))

    def need(self, kind: type[R], holder: int, key: Key = ()) -> R:
        """The row, which must have been loaded: its absence is a defect."""
        row = self.get(kind, holder, key)
        if row is None:
            raise LookupError(f"{kind.__name__} {key!r} of {holder} is not in the book")
        return row

    def of(self, kind: type[R], holder: int) -> Iterator[R]:
        """All rows of a kind under one holder, in order of key: what is done for each must not hang on how they were
        loaded. The rows may be replaced while walking.
        """
        shelf = self._rows[kind].get(holder, {})
        return iter(cast("list[R]", [shelf[key] for key in sorted(shelf)]))

    def recall(self) -> Mapping[str, Any]:
        """What the decision that is next to be made had read of the person, in replay; nothing otherwise."""
        return self.recalled_by_step.get(self._used.get(Decision, 0), self.recalled)

    # Writing.

    def put(self, row: R) -> R:
        """Set a row in its place."""
        kind = type(row)
        shape = SHAPES[kind]
        holder, key = shape.holder(row), shape.key(row)
        shelf = self._rows[kind].setdefault(holder, {})
        self._journal.append((kind, holder, key, shelf.get(key)))
        shelf[key] = row
        return row

    def remove(self, row: Any) -> None:
        """Take a row away: the flush deletes it. Only what may be forgotten: the ledger refuses to lose a row."""
        kind = type(row)
        shape = SHAPES[kind]
        holder, key = shape.holder(row), shape.key(row)
        self._journal.append((kind, holder, key, self._rows[kind][holder].pop(key)))

    def new_id(self, kind: type) -> int:
        """The next id of this table for the event being folded: event number × 4096 + n."""
        used = self._used.get(kind, 0)
        if used >= IDS_PER_EVENT:
            raise Refused("TOO_MUCH_AT_ONCE", most=IDS_PER_EVENT)
        self._used[kind] = used + 1
        return self._event * IDS_PER_EVENT + used

    def ids_left(self, kind: type) -> int:
        """How many more rows of this table the event being folded can make."""
        return IDS_PER_EVENT - self._used.get(kind, 0)

    def made(self, kind: type) -> range:
        """The ids of this table that the event being folded has drawn so far; what was undone has no row."""
        first = self._event * IDS_PER_EVENT
        return range(first, first + self._used.get(kind, 0))

    def begin(self, event_number: int) -> None:
        """Ids are from here on made of this event's number."""
        self._event = event_number
        self._used = {}

    # Undo, and what is left to write.

    def mark(self) -> int:
        """Where the journal stands."""
        return len(self._journal)

    def put_since(self, mark: int) -> Iterator[tuple[type, int, Key]]:
        """The places of the rows that have been put since the mark, and stand."""
        return ((kind, holder, key) for kind, holder, key, _ in self._journal[mark:])

    def undo(self, mark: int) -> None:
        """Put everything back as it was at the mark."""
        self.undone += 1
        while len(self._journal) > mark:
            kind, holder, key, before = self._journal.pop()
            shelf = self._rows[kind].setdefault(holder, {})
            if before is None:
                shelf.pop(key, None)
            else:
                shelf[key] = before

    def changes(self) -> dict[type, tuple[list[Any], list[Any]]]:
        """What the batch made of the books, by table: rows that are new, rows that differ from what was loaded."""
        changed: dict[type, tuple[list[Any], list[Any]]] = {}
        for (kind, holder, key), before in self._first().items():
            row = self._rows[kind][holder].get(key)
            new, other = changed.setdefault(kind, ([], []))
            if row is not None and before is None:
                new.append(row)
            elif row is not None and row != before:
                other.append(row)
        return changed

    def removed(self) -> dict[type, list[Any]]:
        """Rows that were loaded and are there no more, by table."""
        gone: dict[type, list[Any]] = {}
        for (kind, holder, key), before in self._first().items():
            if before is not None and key not in self._rows[kind][holder]:
                gone.setdefault(kind, []).append(before)
        return gone

    def taken(self, kind: type[Counter], row: Counter) -> int:
        """How much less is left of a counter than was loaded."""
        for of, _, key, before in self._journal:
            if of is kind and key == row.name and before is not None:
                return cast("int", before.left) - row.left
        return 0

    def _first(self) -> dict[tuple[type, int, Key], Any]:
        """What stood in each place that was written to, before the batch."""
        return {(kind, holder, key): before for kind, holder, key, before in reversed(self._journal)}

    def rows(self, kind: type[R]) -> list[R]:
        """Every row of a kind, of all holders."""
        return [row for shelf in self._rows[kind].values() for row in shelf.values()]
