"""What changes of accounts want to read: all the names of who is linked or unlinked."""

from collections.abc import Iterator, Sequence

from loyalty.arrived import Arrived
from loyalty.events import LINKS
from loyalty.reading import Loader
from models.connection import Query
from models.members import Identity


def names(loader: Loader, arrived: Sequence[Arrived]) -> Iterator[Query]:
    """Every name of the members whose names change: the last one stays, and there are not too many."""
    if members := sorted({one.holder for one in arrived if isinstance(one.arrival, LINKS) and one.holder > 0}):
        yield loader.query_of(Identity, members)
