"""What changes of accounts want to read: all the names of who is linked or unlinked."""

from collections.abc import Iterator, Sequence

from loyalty import erasure
from loyalty.arrived import Arrived
from loyalty.events import LINKS, MemberErase
from loyalty.reading import Loader
from models.benefits import Code, Entitlement
from models.connection import Query
from models.events import Event
from models.members import Identity


def names(loader: Loader, arrived: Sequence[Arrived]) -> Iterator[Query]:
    """Every name of the members whose names change: the last one stays, and there are not too many."""
    kinds = (*LINKS, MemberErase)
    if members := sorted({one.holder for one in arrived if isinstance(one.arrival, kinds) and one.holder > 0}):
        yield loader.query_of(Identity, members)


async def persons(loader: Loader, arrived: Sequence[Arrived]) -> None:
    """Everything of members who are to be forgotten: what they hold, what says who they are, and their codes."""
    members = sorted({one.holder for one in arrived if isinstance(one.arrival, MemberErase) and one.holder > 0})
    if not members:
        return
    everything = [loader.query_of(kind, members) for kind in (*erasure.FORGOTTEN, Entitlement)]
    spoken = sorted(erasure.kinds(edition.ruleset for edition in loader.live.editions))
    events = loader.query_of(Event, members, f"state = 'accepted' AND {loader.any('kind', 3)}", spoken)
    found = await loader.take(*everything, *([events] if spoken else []))
    keys, given = loader.book.keys, (row.id for rows in found for row in rows if isinstance(row, Entitlement))
    hashes = sorted(keys.code_hash(keys.code_of(number)) for number in given)
    if hashes:
        await loader.rows(Code, loader.any("hash", 2), hashes)
