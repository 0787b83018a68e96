"""What an event would do, writing nothing: the same load and the same fold, on books that nobody flushes."""

from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Final

from loyalty import catalogue, counters, load_accounts
from loyalty.access import Caller, may
from loyalty.admission import declared
from loyalty.arrivals import validate
from loyalty.arrived import Arrived
from loyalty.book import NOBODY, Book
from loyalty.events import Arrival, MemberRef
from loyalty.fold import fold_one, instant_of
from loyalty.house import House
from loyalty.intake import keys_of
from loyalty.load import load
from loyalty.numbers import Numbers
from loyalty.reading import Loader
from loyalty.receipts import Receipt
from loyalty.refusals import Forbidden, Malformed
from loyalty.resolve import Resolver, Sent, sent
from loyalty.rulebook import Live
from loyalty.wanted import numbers_of, wanted_by
from models.events import Decision
from models.limits import Counter
from models.members import Member
from rules.compile import Ruleset

NUMBER: Final = 2**50  # Of the event that is not: no event that happened has it.


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be answered, and what was decided on the way, step by step."""

    receipt: Receipt
    decisions: tuple[Decision, ...]
    ruleset: Ruleset
    book: Book


async def preview(
    house: House, caller: Caller, arrival: Arrival, *, now: datetime, live: Live | None = None
) -> Preview:
    """Fold one event as if it came now. A member may preview for itself, a service or marketer for anybody.

    `live` is what decides instead of what is published: a marketer's own files.
    """
    current = live or await house.rulebook.programme(house.db, caller.programme)
    _require(caller, arrival)
    validate(arrival)
    declared(current, caller, arrival, now)
    book = Book(current.programme_id, current, keys_of(house, current.programme_id), now)
    async with house.db.snapshot() as reader:
        loader = Loader(reader, book, current)
        one = await _arrived(Resolver(loader, house.secrets), sent(house.secrets, caller, arrival), now)
        one = (await catalogue.filled(loader, {0: one}))[0]
        member = book.get(Member, one.holder)
        clocks = {member.id: member.clock} if member else {}
        numbers = numbers_of([one])
        if one.holder == NUMBER and load_accounts.weighs(loader):
            numbers += await load_accounts.orphans(loader, one.names)
        await loader.refs(numbers)
        await load_accounts.unclaimed(loader)
        wanted = wanted_by([one], clocks, [])
        wanted.whole = True  # There is no second attempt.
        await load(loader, [one], wanted)
        await loader.waiting(numbers_of([one]))
        fill_up(book, current)
    receipt = fold_one(book, one, Numbers(iter([NUMBER]), count(NUMBER + 1)))
    decisions = tuple(row for row in book.rows(Decision) if row.event_id == NUMBER)
    return Preview(receipt, decisions, current.at(one.instant).ruleset, book)


def fill_up(book: Book, live: Live) -> None:
    """Counters that only a draft has are as full as they will be when it is published."""
    for edition in live.editions:
        for name, total in sorted(counters.wanted(edition.ruleset).items()):
            if book.get(Counter, NOBODY, name) is None:
                book.load([Counter(book.programme_id, name, total, total)])


async def _arrived(resolver: Resolver, item: Sent, now: datetime) -> Arrived:
    names = resolver.names(item.arrival)
    known = await resolver.identities([(name.kind, name.hash) for name in names])
    holder = resolver.holder(item, NUMBER, known, {})
    if holder < 0 and names:
        holder = NUMBER  # A stranger, whom a policy may take in.
    found = await resolver.loader.rows(Member, "id = $2", holder)
    ref = getattr(item.arrival, "member", None)
    if isinstance(ref, MemberRef) and ref.id is not None and not found:
        raise Malformed("MEMBER_UNKNOWN", field="/member")  # An id is not an identity: nobody joins by it.
    return Arrived(
        arrival=item.arrival,
        number=NUMBER,
        holder=holder,
        subject=item.caller.subject,
        instant=instant_of(item.arrival, now),
        occurred_at=getattr(item.arrival, "occurred_at", now),
        received_at=now,
        body=item.body,
        body_hash=item.body_hash,
        names=names,
    )


def _require(caller: Caller, arrival: Arrival) -> None:
    ref = getattr(arrival, "member", None)
    own = may(caller, "member") and isinstance(ref, MemberRef) and ref.id == caller.member_id
    if not own and not may(caller, "events:write") and not may(caller, "rules:read"):
        raise Forbidden("events:write")
