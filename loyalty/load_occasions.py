"""What a batch needs of gatherings, draws and polls: what its members have there, who waits, what is left."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from loyalty import shares
from loyalty.arrived import Arrived
from loyalty.events import (
    ClockDraw,
    ClockGathering,
    ClockSeat,
    DrawEnter,
    GatheringAttend,
    GatheringCancel,
    GatheringMoveUp,
    GatheringSignUp,
    MemberAbsorbed,
    MemberErase,
    MembersMerge,
    OrderPaid,
    PollVote,
)
from loyalty.reading import Loader
from loyalty.rulebook import Live
from loyalty.wanted import Wanted
from models.draws import Ticket
from models.gatherings import SignUp
from models.points import Lot, LotMove, Transfer
from models.polls import Vote

GATHERED: Final = (GatheringSignUp, GatheringCancel, GatheringMoveUp, ClockSeat, ClockGathering)
FREEING: Final = (GatheringCancel, GatheringMoveUp, ClockSeat)  # After these somebody may move up.
FIRST: Final = 3  # Of a line: the first may be the very member that leaves it.
HERE: Final = "member_id IN (SELECT id FROM members WHERE programme_id = $1 AND status NOT IN ('merged', 'erased'))"


async def load(loader: Loader, arrived: Sequence[Arrived], wanted: Wanted) -> None:
    """All of it; nothing where no event of the batch is about any of it."""
    if not wanted.members:
        return
    arrivals: list[Any] = [one.arrival for one in arrived]
    await _gatherings(loader, arrivals, wanted)
    given_up = await _given_up(loader, arrivals, wanted)
    tickets = {one.draw for one in arrivals if isinstance(one, DrawEnter | ClockDraw)}
    if any(isinstance(one, OrderPaid) for one in arrivals):
        tickets |= with_orders(loader.live)
    if tickets:
        await loader.of_members(Ticket, wanted.members, loader.any("draw", 3), sorted(tickets))
    if wanted.back and with_orders(loader.live):
        orders = sorted(row.id for row in wanted.back)
        await loader.of_members(Ticket, wanted.members, loader.any("order_id", 3), orders)
    if polls := sorted({one.poll for one in arrivals if isinstance(one, PollVote)}):
        await loader.of_members(Vote, wanted.members, loader.any("poll", 3), polls)
    if any(isinstance(one, MembersMerge | MemberAbsorbed) for one in arrivals):
        await loader.of_members(Vote, wanted.members)
    gatherings = given_up | {one.gathering for one in arrivals if isinstance(one, GATHERED)}
    await loader.counters(_counters(loader.live, gatherings, tickets))


def with_orders(live: Live) -> set[str]:
    """The draws of which some version gives tickets with orders."""
    rulesets = [edition.ruleset for edition in live.editions]
    return {key for one in rulesets for key, own in one.draws.items() if own.tickets.per_order is not None}


async def _gatherings(loader: Loader, arrivals: Iterable[Any], wanted: Wanted) -> None:
    keys = sorted({one.gathering for one in arrivals if isinstance(one, GATHERED)})
    scanned = sorted({one.sign_up_id for one in arrivals if isinstance(one, GatheringAttend)})
    if keys or scanned:
        where = f"({loader.any('gathering', 3)} OR {loader.any('id', 4)})"
        rows = await loader.of_members(SignUp, wanted.members, where, keys, scanned)
        await _paid(loader, wanted, sorted({row.transfer_id for row in rows if row.transfer_id is not None}))
    for key in sorted({one.gathering for one in arrivals if isinstance(one, FREEING)}):
        most = FIRST + len(wanted.members)
        await loader.rows(SignUp, f"gathering = $2 AND state = 'waiting' AND {HERE} ORDER BY place LIMIT {most}", key)


async def _given_up(loader: Loader, arrivals: Iterable[Any], wanted: Wanted) -> set[str]:
    """What members have who are to be forgotten; the gatherings of which they give up seats."""
    if not any(isinstance(one, MemberErase) for one in arrivals):
        return set()
    await loader.of_members(Ticket, wanted.members, "state = 'open'")
    rows = await loader.of_members(SignUp, wanted.members, "state IN ('signed_up', 'waiting')")
    return {row.gathering for row in rows}


async def _paid(loader: Loader, wanted: Wanted, transfers: list[int]) -> None:
    """What was paid for them, to be given back."""
    if transfers:
        where = f"({loader.any('id', 3)} OR {loader.any('reverses', 4)})"
        found = await loader.of_members(Transfer, wanted.members, where, transfers, transfers)
        moves = await loader.of_members(
            LotMove, wanted.members, loader.any("transfer_id", 3), sorted(row.id for row in found)
        )
        await loader.of_members(Lot, wanted.members, loader.any("id", 3), sorted({row.lot_id for row in moves}))


def _counters(live: Live, gatherings: Iterable[str], tickets: Iterable[str]) -> set[str]:
    names = {name(key) for key in gatherings for name in (shares.seats, shares.places, shares.line)}
    for edition in live.editions:
        for key in tickets:
            own = edition.ruleset.draws.get(key)
            names |= {shares.prize(key, prize.benefit) for prize in own.prizes} if own is not None else set()
    return names
