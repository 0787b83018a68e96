"""What a batch needs of orders: those of which something comes back, what they brought, and what was burnt on them."""

from collections.abc import Iterable, Sequence

from loyalty import successors
from loyalty.arrived import Arrived
from loyalty.book import NOBODY
from loyalty.events import ClockClose, OrderPaid, PoolRepaid
from loyalty.reading import Loader
from loyalty.redeemed import burnt_on, paid_by
from loyalty.terms import reads
from loyalty.wanted import BACK, Wanted, named
from models.benefits import Entitlement, EntitlementMove
from models.limits import CounterMove, Limit, LimitMove
from models.orders import Order, OrderLine, OrderRef
from models.points import Lot, LotMove, Transfer


async def orders(loader: Loader, arrived: Sequence[Arrived], wanted: Wanted) -> None:
    """The orders that come back in this batch, with all they brought; `wanted` learns of them."""
    names = _coming_back(loader, arrived)
    wanted.late = wanted.late or any(isinstance(one.arrival, OrderPaid) and named(one) in names for one in arrived)
    refs = [loader.book.get(OrderRef, NOBODY, (*name, "order", "")) for name in sorted(names)]
    places = {
        (successors.of(loader.book, ref.member_id), ref.order_id)
        for ref in refs
        if ref and ref.order_id is not None and ref.member_id
    }
    members, ids = {place[0] for place in places}, sorted(place[1] for place in places)
    if places:
        wanted.back = await loader.of_members(Order, members, loader.any("id", 3), ids)
        await loader.of_members(OrderLine, members, loader.any("order_id", 3), ids)
    own = sorted(member for member in {*members, *wanted.members} if member > 0)
    if own and names:
        await _made_by(loader, own, wanted.back, [burnt_on(*name) for name in sorted(names)])


def _coming_back(loader: Loader, arrived: Sequence[Arrived]) -> set[tuple[str, str]]:
    """Orders of which something comes back in this batch: it arrives, or had waited for what arrives."""
    back = {named(one) for one in arrived if isinstance(one.arrival, (*BACK, ClockClose))}
    return back | {(ref.shop, ref.number) for ref in loader.book.rows(OrderRef) if ref.state == "waiting"}


async def pool_payments(loader: Loader, arrived: Sequence[Arrived]) -> None:
    """What family pools had paid for redemptions that are given back: the payments, and the lots they took."""
    for one in arrived:
        if isinstance(one.arrival, PoolRepaid):
            paid = await loader.of_members(Transfer, [one.holder], "burnt_on = $3", paid_by(one.arrival.paid_for))
            ids = sorted(row.id for row in paid)
            back = await loader.of_members(Transfer, [one.holder], loader.any("reverses", 3), ids)
            entries = sorted({*ids, *(row.id for row in back)})
            moves = await loader.of_members(LotMove, [one.holder], loader.any("transfer_id", 3), entries)
            await loader.of_members(Lot, [one.holder], loader.any("id", 3), sorted({row.lot_id for row in moves}))


async def _made_by(loader: Loader, members: list[int], found: list[Order], burnt: list[str]) -> None:
    """What these orders brought: lots, gifts, uses of caps; and the points that were burnt on them, which may have
    been spent before the order came.
    """
    ids, events = sorted(row.id for row in found), sorted(row.event_id for row in found)
    where = f"({loader.any('order_id', 3)} OR {loader.any('burnt_on', 4)})"
    transfers = sorted(row.id for row in await loader.of_members(Transfer, members, where, ids, burnt))
    moves = await loader.of_members(LotMove, members, loader.any("transfer_id", 3), transfers)
    lots = sorted({row.lot_id for row in moves})
    brought = await loader.of_members(
        Lot, members, f"({loader.any('order_id', 3)} OR {loader.any('id', 4)})", ids, lots
    )
    if came := sorted({lot.transfer_id for lot in brought if lot.order_id in ids} - set(transfers)):
        await loader.of_members(Transfer, members, loader.any("id", 3), came)  # They came with another account.
    given = f"({loader.any('order_id', 3)} OR {loader.any('transfer_id', 4)})"
    await loader.of_members(Entitlement, members, given, ids, transfers)
    await _withdrawn(loader, members, events)
    used = await loader.of_members(LimitMove, members, loader.any("event_id", 3), events)
    if used:
        await loader.of_members(Limit, members, loader.any("id", 3), sorted({row.limit_id for row in used}))
    taken = await loader.of_members(CounterMove, members, loader.any("event_id", 3), events)
    await loader.counters({row.name for row in taken})


async def _withdrawn(loader: Loader, members: list[int], events: list[int]) -> None:
    """What policies took back or replaced on these events: a return gives it back."""
    moves = await loader.of_members(EntitlementMove, members, loader.any("event_id", 3), events)
    if moves:
        ids = sorted({row.entitlement_id for row in moves})
        await loader.of_members(Entitlement, members, loader.any("id", 3), ids)


async def cancelled(loader: Loader, names: Iterable[tuple[str, ...]]) -> None:
    """Which of these orders (shop, number) were cancelled."""
    wanted = sorted(set(names))
    for shop in sorted({name[0] for name in wanted}):
        own = [name[1] for name in wanted if name[0] == shop]
        await loader.rows(OrderRef, f"kind = 'cancel' AND shop = $2 AND {loader.any('number', 3)}", shop, own)


async def redeemed(loader: Loader, names: Sequence[tuple[str, str]], wanted: Wanted) -> None:
    """What was redeemed on these orders already, and what of it was given back, where a price asks for that."""
    if (
        not names
        or not wanted.members
        or not any(reads(one.ruleset, "redeem_on_order") for one in loader.live.editions)
    ):
        return
    burnt = [burnt_on(*name) for name in names]
    spent = await loader.of_members(Transfer, wanted.members, loader.any("burnt_on", 3), burnt)
    if spent:
        ids = sorted(row.id for row in spent)
        await loader.of_members(Transfer, wanted.members, loader.any("reverses", 3), ids)
