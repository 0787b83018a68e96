"""What is said of a member, on the book: tags, segments, attributes and consents, each change with what was before.

A late event reads them as they were at its instant, and changes nothing that was said of a later one.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from loyalty.events import MemberChanged
from loyalty.turn import Turn
from models.codec import canonical, parse
from models.members import TraitMove, Traits
from models.orders import Order
from models.table import changed

LISTS: Final = ("tags", "segments")
TAGS_MAX: Final = 200  # Of a member: whoever goes on tagging has mistaken tags for something else.
NOTHING: Final = canonical(None)
Said = dict[str, Any]


def read(turn: Turn, what: str) -> Said:
    """What was said at the turn's instant, by name; of a list, every name that is in it with True."""
    said = _now(turn, what)
    if turn.late:
        for move in reversed(_moves(turn, what)):
            if move.at > turn.instant:
                _set(said, move.name, parse(move.before))
    return said


def names(turn: Turn, what: str) -> tuple[str, ...]:
    """What is in a list, or consented to."""
    return tuple(sorted(name for name, value in read(turn, what).items() if value is True))


def change(turn: Turn, arrival: MemberChanged) -> None:
    """All that one event says."""
    for what, added, removed in (
        ("tags", arrival.add_tags, arrival.remove_tags),
        ("segments", arrival.join_segments, arrival.leave_segments),
    ):
        for name in removed:
            put(turn, what, name, None)
        for name in added:
            put(turn, what, name, True)
    for what, said in (("attributes", arrival.attributes), ("consents", arrival.consents)):
        for name, value in sorted(said.items()):
            put(turn, what, name, value)


def put(turn: Turn, what: str, name: str, value: Any, *, policy: str | None = None) -> bool:
    """Say something, or (None) no longer; whether that was news."""
    said = _now(turn, what)
    before = said.get(name)
    if before == value and type(before) is type(value):
        return False
    if _said_since(turn, what, name):
        turn.note("traits_kept", {"what": what, "name": name})
        return False
    if what in LISTS and value is not None and len(said) >= TAGS_MAX:
        turn.note("traits_full", {"what": what, "name": name, "most": TAGS_MAX})
        return False
    _set(said, name, value)
    _write(turn, what, said)
    turn.book.put(
        TraitMove(
            programme_id=turn.book.programme_id,
            member_id=turn.member_id,
            id=turn.book.new_id(TraitMove),
            event_id=turn.event_id,
            position=turn.position,
            at=turn.at,
            instant=turn.instant,
            what=what,
            name=name,
            before=canonical(before),
            after=canonical(value),
            policy=policy,
            order_id=turn.order_id,
        )
    )
    return True


def take_back(turn: Turn, order: Order) -> None:
    """What policies said because of an order that is gone, as far as nobody has said otherwise since."""
    made = [row for what in LISTS for row in _moves(turn, what) if row.order_id == order.id and row.policy]
    for move in reversed(made):
        since = [row for row in _moves(turn, move.what) if row.name == move.name and _place(row) > _place(move)]
        if all(row.order_id == order.id for row in since):
            put(turn, move.what, move.name, parse(move.before))


def _said_since(turn: Turn, what: str, name: str) -> bool:
    """Whether something was said of a later instant than a late event's."""
    if not turn.late:
        return False
    return any(row.name == name and row.instant > turn.instant for row in _moves(turn, what))


def _moves(turn: Turn, what: str) -> list[TraitMove]:
    return sorted((row for row in turn.book.of(TraitMove, turn.member_id) if row.what == what), key=_place)


def _place(row: TraitMove) -> tuple[int, int]:
    return (row.position, row.id)


def _now(turn: Turn, what: str) -> Said:
    row = turn.book.get(Traits, turn.member_id)
    if row is None:
        return {}
    held: Any = parse(getattr(row, what))
    return dict.fromkeys(held, True) if what in LISTS else dict(held)


def _set(said: Said, name: str, value: Any) -> None:
    if value is None:
        said.pop(name, None)
    else:
        said[name] = value


def _write(turn: Turn, what: str, said: Mapping[str, Any] | Iterable[str]) -> None:
    row = turn.book.get(Traits, turn.member_id) or Traits(
        programme_id=turn.book.programme_id,
        member_id=turn.member_id,
        id=0,
        tags=canonical([]),
        segments=canonical([]),
        attributes=canonical({}),
        consents=canonical({}),
    )
    turn.book.put(changed(row, **{what: canonical(sorted(said) if what in LISTS else said)}))
