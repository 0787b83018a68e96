"""What changes of accounts want to read: all the names of who is linked or unlinked, all that is merged."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from loyalty import erasure
from loyalty import unclaimed as waiting
from loyalty.arrived import Arrived
from loyalty.book import NeedsMore
from loyalty.enrolment import Named
from loyalty.events import LINKS, MemberErase, MembersMerge, OrderClaim
from loyalty.reading import Loader
from loyalty.terms import reads
from loyalty.unclaimed import named
from models.benefits import Code, Entitlement
from models.connection import Query
from models.draws import Ticket
from models.events import Event
from models.gatherings import SignUp
from models.limits import CounterMove, LimitMove
from models.members import Identity, Member, MemberDate, Personal
from models.orders import Order, OrderLine, OrderRef, Return
from models.points import Lot, LotMove, Transfer
from models.polls import Vote
from rules.facts import WAITING

# What may come back later: what was burnt on orders, what paid for seats, and what of that has come back.
BACK: Final = (
    "(burnt_on IS NOT NULL OR reverses IS NOT NULL OR id IN (SELECT transfer_id FROM sign_ups "
    "WHERE programme_id = $1 AND {members} AND state = 'signed_up' AND transfer_id IS NOT NULL))"
)
# What goes along when an account goes on in another, beside what every event of a member reads.
GOING: Final = {
    Order: "",
    OrderLine: "",
    Return: "",
    Lot: "",
    Transfer: f"({BACK} OR partner IS NOT NULL)",  # What partners gave is settled with them.
    LotMove: f"transfer_id IN (SELECT id FROM transfers WHERE programme_id = $1 AND {{members}} AND {BACK})",
    LimitMove: "order_id IS NOT NULL",
    CounterMove: "order_id IS NOT NULL",
    Entitlement: "state IN ('issued', 'reserved')",
    Identity: "",
    Event: "id IN (SELECT event_id FROM identities WHERE programme_id = $1 AND {members})",
    SignUp: "",
    Ticket: "",
    Vote: "",
}


async def orphans(loader: Loader, names: Iterable[Named]) -> list[tuple[str, str]]:
    """The orders (shop, number) that nobody has under these names; of too many the ones that came last."""
    own = sorted({waiting.named(name) for name in names})
    if not own:
        return []
    where = f"named IS NOT NULL AND {loader.any('named', 2)} AND member_id < 0"
    sql = f"SELECT shop, number FROM order_refs WHERE programme_id = $1 AND {where} ORDER BY event_id DESC LIMIT $3"
    found = await loader.tx.rows(sql, loader.book.programme_id, own, waiting.CLAIMS_MAX * len(own))
    return sorted((row["shop"], row["number"]) for row in found)


def weighs(loader: Loader) -> bool:
    """Whether some version asks what waits, before it takes somebody in."""
    return any(reads(edition.ruleset, *WAITING) for edition in loader.live.editions)


async def unclaimed(loader: Loader) -> int:
    """The orders that nobody has and somebody here may claim; how many."""
    refs = [ref for ref in loader.book.rows(OrderRef) if ref.kind == "order" and (ref.member_id or 0) < 0]
    if refs:
        holders, ids = {ref.member_id or 0 for ref in refs}, sorted(ref.order_id for ref in refs if ref.order_id)
        await loader.of_members(Order, holders, loader.any("id", 3), ids)
    return len(refs)


def names(loader: Loader, arrived: Sequence[Arrived]) -> Iterator[Query]:
    """Every name of the members whose names change: the last one stays, and there are not too many."""
    kinds = (*LINKS, MemberErase, OrderClaim)
    if members := sorted({one.holder for one in arrived if isinstance(one.arrival, kinds) and one.holder > 0}):
        yield loader.query_of(Identity, members)


async def persons(loader: Loader, arrived: Sequence[Arrived]) -> None:
    """Everything of members who are to be forgotten: what they hold, what says who they are, and their codes."""
    members = sorted({one.holder for one in arrived if isinstance(one.arrival, MemberErase) and one.holder > 0})
    if not members:
        return
    members = await _with_former(loader, arrived, members)
    everything = [loader.query_of(kind, members) for kind in (*erasure.FORGOTTEN, Entitlement, Identity)]
    spoken = sorted(erasure.kinds(edition.ruleset for edition in loader.live.editions))
    events = loader.query_of(Event, members, loader.any("kind", 3), spoken)  # What was refused is kept too.
    found = await loader.take(*everything, *([events] if spoken else []))
    keys, given = loader.book.keys, (row.id for rows in found for row in rows if isinstance(row, Entitlement))
    hashes = sorted(keys.code_hash(keys.code_of(number)) for number in given)
    if hashes:
        await loader.rows(Code, loader.any("hash", 2), hashes)
    await _named(loader, set(members))


async def _with_former(loader: Loader, arrived: Sequence[Arrived], members: Sequence[int]) -> list[int]:
    """These, and whoever went on in them or does so in this batch: a merge is for good, all are forgotten together."""
    everybody, asked = set(members), set(members)
    merges = [(one.holder, one.arrival.to.id) for one in arrived if isinstance(one.arrival, MembersMerge)]
    while asked:
        rows = await loader.rows(Member, loader.any("merged_into", 2), sorted(asked))
        asked = {row.id for row in rows} | {gone for gone, into in merges if into in asked}
        asked -= everybody
        everybody |= asked
    return sorted(everybody)


async def _named(loader: Loader, members: set[int]) -> None:
    """Orders that nobody had, under the names of these members. Numbers are locked before members: else begin anew."""
    names = sorted(named(row) for row in loader.book.rows(Identity) if row.member_id in members)
    sql = f"SELECT shop, number FROM order_refs WHERE programme_id = $1 AND {loader.any('named', 2)}"
    found = await loader.tx.rows(sql, loader.book.programme_id, names) if names else []
    known = {(row.shop, row.number) for row in loader.book.rows(OrderRef)}
    if missing := {(row["shop"], row["number"]) for row in found} - known:
        raise NeedsMore("orders", frozenset(missing))


async def merging(loader: Loader, arrived: Sequence[Arrived]) -> None:
    """All that accounts have which go on in others; the codes of what they hold."""
    going = sorted({one.holder for one in arrived if isinstance(one.arrival, MembersMerge) and one.holder > 0})
    if not going:
        return
    members = loader.any("member_id", 2)
    await loader.take(*(loader.query_of(kind, going, more.format(members=members)) for kind, more in GOING.items()))
    both = sorted({*going, *(one.arrival.to.id or 0 for one in arrived if isinstance(one.arrival, MembersMerge))})
    await loader.take(*(loader.query_of(kind, both) for kind in (Personal, MemberDate)))
    keys, own = loader.book.keys, set(going)
    held = [row.id for row in loader.book.rows(Entitlement) if row.member_id in own]
    hashes = sorted(keys.code_hash(keys.code_of(number)) for number in held)
    if hashes:
        await loader.rows(Code, loader.any("hash", 2), hashes)
