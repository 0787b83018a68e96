"""What the clock would do to members, writing nothing: the same load and the same fold, on books nobody flushes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import count

from loyalty.arrived import Arrived
from loyalty.book import Book
from loyalty.events import Clock
from loyalty.fold import fold_one
from loyalty.house import House
from loyalty.intake import keys_of
from loyalty.load import load
from loyalty.numbers import Numbers
from loyalty.previewing import NUMBER, fill_up
from loyalty.reading import Loader
from loyalty.refusals import Refused
from loyalty.rulebook import Live
from loyalty.wanted import wanted_by
from models.codec import canonical
from models.members import Member
from models.tiers import Standing

SUBJECT = "nobody"


async def levels_after(
    house: House, live: Live, ladder: str, members: Sequence[int], event: Callable[[int], Clock], now: datetime
) -> Mapping[int, tuple[str, str]]:
    """From which level to which an event of the clock would take each of these members; who is gone is left out."""
    book = Book(live.programme_id, live, keys_of(house, live.programme_id), now)
    async with house.db.snapshot(patient=True) as reader:
        loader = Loader(reader, book, live)
        found = await loader.rows(Member, loader.any("id", 2), sorted(members))
        clocks = {row.id: row.clock for row in found}
        arrived = [_arrived(event(member), member, NUMBER + place) for place, member in enumerate(sorted(clocks))]
        wanted = wanted_by(arrived, clocks, [])
        wanted.whole = True  # There is no second attempt.
        await load(loader, arrived, wanted)
    fill_up(book, live)
    numbers, moved = Numbers(count(NUMBER), count(NUMBER + len(arrived))), {}
    for one in arrived:
        before = _tier(book, one.holder, ladder)
        try:
            fold_one(book, one, numbers)
        except Refused:
            continue
        if before is not None:
            moved[one.holder] = (before, _tier(book, one.holder, ladder) or before)
    return moved


def _tier(book: Book, member: int, ladder: str) -> str | None:
    standing = book.get(Standing, member, ladder)
    return standing.tier if standing else None


def _arrived(event: Clock, member: int, number: int) -> Arrived:
    at, nothing = event.due_at, canonical({})
    return Arrived(event, number, member, SUBJECT, at, at, at, nothing, "")
