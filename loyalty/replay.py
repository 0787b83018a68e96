"""Folding a member's log again: the same events, in the same positions, must give the same books, bit for bit.

What the fold read of the person, of orders that waited and of shared counters comes from the kept decisions and moves;
all else is recomputed by the same code.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Any, Final

from loyalty import counters, thresholds
from loyalty.arrived import Arrived
from loyalty.book import Book, Keys, Live
from loyalty.counters import PREFIXES, counter_of
from loyalty.events import CodeVerify
from loyalty.flush import ORDER
from loyalty.fold import fold_one
from loyalty.log import arrival_of
from loyalty.numbers import Numbers
from loyalty.profiles import PROFILED
from models.codec import parse
from models.database import Database, Reader
from models.events import Decision, Event
from models.limits import Counter, CounterMove
from models.members import Member, MemberDate, Personal, TraitMove, Traits
from models.outbox import Message
from models.table import table_of
from rules.counters import shared
from rules.facts import PERSONAL, WAITING

# The log itself is what is folded; what is sealed was drawn by chance; what is sent changes as it is sent.
NOT_COMPARED: Final = frozenset({Event, Personal, MemberDate, Message})
OF_PERSON: Final = frozenset({Traits, TraitMove})  # Erasure takes them; what was decided on them stays.
COMPARED: Final[tuple[type[Any], ...]] = tuple(
    kind for kind in ORDER if table_of(kind).partition is not None and kind not in NOT_COMPARED
)
OUTSIDE: Final = (*PERSONAL, *WAITING)  # What a step had read that the member's own log does not say.
NO_EVENT: Final = 0  # What is queued for others in replay is of no account here.
LivesAt = Callable[[int], Live]


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that replay makes otherwise than it stands, or only one of the two has."""

    table: str
    key: Any
    stands: Any
    replayed: Any


@dataclass(frozen=True, slots=True)
class History:
    """A member's log and what was read outside it, by event."""

    events: Sequence[Event]
    decisions: Mapping[int, Sequence[Decision]]
    moves: Mapping[int, Sequence[CounterMove]]


def replay(book: Book, history: History, live_at: LivesAt) -> None:
    """Fold the log on an empty book. Refused events changed nothing and are passed over."""
    book.nothing_left = True
    for event in sorted(history.events, key=lambda event: event.position or 0):
        if event.position is None or event.state != "accepted":
            continue
        book.live = live_at(event.revision)
        book.recorded_at = event.received_at
        book.recalled_by_step = _recalled(history.decisions.get(event.id, ()))
        book.load(list(_counters(book, history.moves.get(event.id, ()), history.decisions.get(event.id, ()))))
        fold_one(book, _arrived(book, event), Numbers(iter([event.position]), repeat(NO_EVENT)))


def _arrived(book: Book, event: Event) -> Arrived:
    arrival = arrival_of(event)
    if isinstance(arrival, CodeVerify):
        arrival = replace(arrival, code=book.keys.code_of(parse(event.receipt)["changes"]["code"]["id"]))
    completes = isinstance(arrival, PROFILED) and bool(parse(event.receipt)["changes"].get("profile_completed"))
    return Arrived(
        arrival=arrival,
        number=event.id,
        holder=event.member_id,
        subject=event.subject,
        instant=event.instant,
        occurred_at=event.occurred_at,
        received_at=event.received_at,
        body=event.body,
        body_hash="0" * 64,
        caused_by=event.caused_by,
        completes=completes,
    )


def _recalled(decisions: Sequence[Decision]) -> dict[int, dict[str, Any]]:
    """What each step had read outside the log: at another instant the same person has another birthday month, and
    orders that waited were nobody's.
    """
    read = {row.step: parse(row.read)["facts"] for row in decisions}
    return {step: {name: _typed(facts[name]) for name in OUTSIDE if name in facts} for step, facts in read.items()}


def _typed(kept: Any) -> Any:
    """A set as the rules read it: JSON has lists."""
    return tuple(kept) if isinstance(kept, list) else kept


def _counters(book: Book, moves: Sequence[CounterMove], decisions: Sequence[Decision]) -> Iterator[Counter]:
    """Each counter as this event had read it; one that it took nothing of had nothing left for it."""
    read: dict[str, int] = {}
    for row in decisions:
        read |= _read_of(book, row)
        counted = parse(row.read)["counted"]
        names = ((key.split("|")[1], value) for key, value in counted.items())
        read |= {name: value for name, value in names if shared(name)}
    for move in reversed(moves):
        read[move.name] = move.read
    known = {row.name for row in book.rows(Counter)} | _declared(book)
    for name in known | read.keys():
        left = read.get(name, 0)
        yield Counter(book.programme_id, name, max(left, 0), left)


def _read_of(book: Book, row: Decision) -> dict[str, int]:
    """What the rules themselves had read of counters, as variables."""
    ruleset, facts = book.live.at(row.at).ruleset, parse(row.read)["facts"]
    names = {name: counter_of(ruleset, name) for name in facts if name.startswith(PREFIXES)}
    return {counter: facts[name] for name, counter in names.items() if counter is not None}


def _declared(book: Book) -> set[str]:
    return set(counters.wanted(book.live.at(book.recorded_at).ruleset))


def differences(book: Book, stands: Mapping[type, Sequence[Any]], member_id: int) -> list[Difference]:
    """Row by row: what stands in the database against what replay made."""
    found = []
    gone = any(row.status == "erased" or _is_forgotten(row, stands) for row in stands.get(Member, ()))
    for kind in COMPARED:
        if gone and kind in OF_PERSON:
            continue
        key = _key_of(kind)
        now = {key(row): row for row in stands.get(kind, ())}
        then = {key(row): row for row in book.of(kind, member_id)}
        for name in sorted(now.keys() | then.keys(), key=str):
            if now.get(name) != then.get(name):
                found += [Difference(table_of(kind).name, name, now.get(name), then.get(name))]
    return found


def _is_forgotten(row: Member, stands: Mapping[type, Sequence[Any]]) -> bool:
    """Whether nothing is said of an account any more that was merged: with its survivor's erasure all of it goes."""
    return row.merged_into is not None and not any(stands.get(kind) for kind in OF_PERSON)


async def replay_member(
    db: Database | Reader, programme_id: int, member_id: int, live_at: LivesAt, keys: Keys
) -> list[Difference]:
    """Replay one member from the database and compare; an empty list proves the books."""
    stands: dict[type, list[Any]] = {kind: await _rows(db, kind, programme_id, member_id) for kind in COMPARED}
    history = History(
        events=await _rows(db, Event, programme_id, member_id),
        decisions=_by_event(stands[Decision]),
        moves=_by_event(stands[CounterMove]),
    )
    if not history.events:
        return []
    book = Book(programme_id, live_at(history.events[0].revision), keys, history.events[0].received_at)
    book.load(await thresholds.every(db, programme_id))
    replay(book, history, live_at)
    return differences(book, stands, member_id)


def _by_event(rows: Sequence[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in sorted(rows, key=lambda row: row.id):
        found.setdefault(row.event_id, []).append(row)
    return found


async def _rows(db: Database | Reader, kind: type[Any], programme_id: int, member_id: int) -> list[Any]:
    table = table_of(kind)
    column = "id" if kind is Member else "member_id"
    sql = f"SELECT {table.select} FROM {table.name} WHERE programme_id = $1 AND {column} = $2"
    return list(await db.read(kind, sql, programme_id, member_id))


def _key_of(kind: type[Any]) -> Callable[[Any], Any]:
    names = [name for name in table_of(kind).key if name not in ("programme_id", "member_id")]
    return lambda row: tuple(getattr(row, name) for name in names)
