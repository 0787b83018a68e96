"""Writing a folded book: table by table and at once, the shared counters last, each with its guard in the statement.

This is the only place that writes the ledger.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from loyalty.book import IDS_PER_EVENT, NOBODY, Book
from models.benefits import Code, Entitlement, EntitlementMove
from models.connection import Connection, Write
from models.control import Audit
from models.days import DayDelta, MemberDay
from models.draws import Ticket
from models.errors import Retryable
from models.events import Claim, Decision, Event
from models.gatherings import SignUp
from models.limits import Counter, CounterMove, Limit, LimitMove
from models.members import ConsentMove, Identity, Member, MemberDate, Personal, TraitMove, Traits
from models.orders import Order, OrderLine, OrderRef, Return
from models.outbox import Message
from models.points import Hold, Lot, LotMove, Transfer, Wallet
from models.polls import Vote
from models.pools import PoolInvitation, PoolMember
from models.table import changed, table_of
from models.tiers import Standing, StandingMove

# Whom others point at comes first.
ORDER: Final[Sequence[type]] = (
    Event,
    Member,
    Identity,
    Personal,
    Traits,
    TraitMove,
    MemberDate,
    ConsentMove,
    PoolMember,
    PoolInvitation,
    OrderRef,
    Order,
    OrderLine,
    Return,
    Wallet,
    Transfer,
    Lot,
    LotMove,
    Hold,
    Standing,
    StandingMove,
    Entitlement,
    EntitlementMove,
    Code,
    Limit,
    LimitMove,
    CounterMove,
    Decision,
    MemberDay,
    SignUp,
    Ticket,
    Vote,
    Message,
    Audit,
    Claim,
)
# Counters are written with their guard, deltas get their ids here.
APART: Final = frozenset({Counter, DayDelta})


async def flush(tx: Connection, book: Book, delta_event: int) -> None:
    """Write what the batch made of the books. Retryable("guard") when a counter no longer has what was taken."""
    changes = book.changes()
    if missing := changes.keys() - set(ORDER) - APART:
        raise LookupError(f"no place in the order of writing for {sorted(kind.__name__ for kind in missing)}")
    for kind, rows in book.removed().items():
        await _delete(tx, kind, rows)
    writes: list[Write] = []
    for kind in ORDER:
        new, changed = changes.get(kind, ((), ()))
        if new:
            writes.append(Write(_sorted(new), new=True))
        if kind is Identity:
            changed = await _unlinked(tx, list(changed))
        if changed:
            writes.append(Write(_sorted(changed), new=False))
    deltas, _ = changes.get(DayDelta, ([], []))
    if deltas:
        writes.append(Write(numbered(deltas, delta_event), new=True))
    await tx.write(writes)
    for row in sorted(changes.get(Counter, ([], []))[1], key=lambda row: row.name):
        if row.name in book.unborn:  # Whoever is first in a period makes its counter; the others find it there.
            await tx.insert([Counter(row.programme_id, row.name, row.total, row.total)], on_conflict="ignore")
        await _take(tx, row, book.taken(Counter, row))


def numbered(deltas: Iterable[DayDelta], event: int) -> list[DayDelta]:
    """Deltas have ids of the batch's first event: nobody else makes them."""
    first = event * IDS_PER_EVENT
    rows = sorted(deltas, key=lambda row: (row.day, row.channel, row.tier))
    return [changed(row, id=first + number) for number, row in enumerate(rows)]


async def _unlinked(tx: Connection, rows: Sequence[Identity]) -> list[Identity]:
    """Delete the names that are nobody's any more; the rest of them."""
    for row in sorted((row for row in rows if row.member_id == NOBODY), key=SORT[Identity]):
        sql = "DELETE FROM identities WHERE programme_id = $1 AND kind = $2 AND hash = $3"
        await tx.run(sql, row.programme_id, row.kind, row.hash)
    return [row for row in rows if row.member_id != NOBODY]


async def _delete(tx: Connection, kind: type[Any], rows: Sequence[Any]) -> None:
    """Rows that are to be forgotten, one by one: few events take any away."""
    table = table_of(kind)
    where = " AND ".join(f'"{name}" = ${number}' for number, name in enumerate(table.key, 1))
    for row in _sorted(rows):
        await tx.run(f"DELETE FROM {table.name} WHERE {where}", *(getattr(row, name) for name in table.key))


async def _take(tx: Connection, row: Counter, amount: int) -> None:
    sql = (
        'UPDATE counters SET "left" = "left" - $3 '
        'WHERE programme_id = $1 AND name = $2 AND "left" >= $3 AND "left" - $3 <= total'
    )
    if not await tx.run(sql, row.programme_id, row.name, amount):
        raise Retryable("guard", row.name)


def _sorted(rows: Sequence[Any]) -> list[Any]:
    return sorted(rows, key=SORT.get(type(rows[0]), _by_id))


def _by_id(row: Any) -> tuple[Any, ...]:
    return (getattr(row, "member_id", 0) or 0, row.id)


SORT: Final[Mapping[type, Callable[[Any], tuple[Any, ...]]]] = {
    Identity: lambda row: (row.kind, row.hash),
    OrderRef: lambda row: (row.shop, row.number, row.kind, row.part),
    LotMove: lambda row: (row.transfer_id, row.lot_id),
    Code: lambda row: (row.hash,),
    Claim: lambda row: (row.subject, row.key),
}
