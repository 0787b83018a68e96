"""What a batch needs of the books, read into memory: of its members only what the ruleset and these events ask for."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from loyalty import lately, load_accounts, load_occasions, load_orders, reach, terms, thresholds
from loyalty.arrived import Arrived
from loyalty.counters import bear, dated, reached
from loyalty.events import (
    BenefitUse,
    ClockChange,
    ConsentSet,
    MemberAbsorbed,
    MemberChanged,
    MemberErase,
    MembersMerge,
    PointsRedeem,
)
from loyalty.profiles import PROFILED
from loyalty.reading import Loader
from loyalty.redeemed import burnt_on
from loyalty.terms import reads
from loyalty.wanted import Wanted
from models.benefits import Code, Entitlement, EntitlementMove
from models.connection import Query
from models.days import MemberDay
from models.events import Decision, Event
from models.limits import Counter, Limit
from models.members import Member, MemberDate, Personal, TraitMove, Traits
from models.orders import Order, OrderLine
from models.points import Hold, Lot, LotMove, Transfer, Wallet
from models.pools import PoolInvitation, PoolMember
from models.thresholds import Threshold
from models.tiers import Standing, StandingMove
from rules import calendar
from rules.facts import PERSONAL
from rules.moments import ANNIVERSARY, BIRTHDAY, INACTIVE
from rules.parts import PERIODS

FIRST_DAY: Final = date(2, 1, 1)  # Before it instants cannot be told in every zone.
SAYING: Final = (MemberChanged, ConsentSet, MemberErase, MembersMerge, MemberAbsorbed)
OF_DATES: Final = (BIRTHDAY, ANNIVERSARY)
HELD: Final = ("held_", "uses_left_")  # Variables that count what a member has; what takes it back reads them too.


async def load(loader: Loader, arrived: Sequence[Arrived], wanted: Wanted) -> None:
    """Everything but references, identities and members, which claiming has loaded."""
    await load_orders.orders(loader, arrived, wanted)
    wishes = (one.arrival for one in arrived if isinstance(one.arrival, PointsRedeem))
    paid_for = sorted({(wish.shop, wish.order_number) for wish in wishes if wish.order_number})
    await load_orders.cancelled(loader, paid_for)
    await load_orders.redeemed(loader, paid_for, wanted)
    await _codes(loader, wanted)
    await load_accounts.merging(loader, arrived)
    await _uses(loader, wanted)
    await load_orders.pool_payments(loader, arrived)
    await _pieces(loader, arrived, wanted)
    named = reached(loader.live, *_between(loader, arrived, wanted))
    periods = dated(loader.live, (loader.book.recorded_at, *(one.instant for one in arrived)))
    queries = [*_counters(loader, named | periods)]
    if wanted.members:
        queries += [
            *_points(loader, wanted),
            *_lives(loader, arrived, wanted),
            *_standing(loader, arrived, wanted),
            *_decided(loader, arrived),
            *_history(loader, arrived, wanted),
            _limits(loader, arrived, wanted),
            *_bought(loader, arrived, wanted),
            *_personal(loader, arrived, wanted),
            *_traits(loader, arrived, wanted),
            *_thresholds(loader),
            *_pools(loader, wanted),
            *_lately(loader, arrived, wanted),
        ]
    queries += load_accounts.names(loader, arrived)
    await load_occasions.load(loader, arrived, wanted)
    found = await loader.take(*queries)
    rows: dict[type, list[Any]] = {}
    for query, read in zip(queries, found, strict=True):
        rows.setdefault(query.row, []).extend(read)
    bear(loader.book, loader.live, periods)
    await _behind(loader, wanted, rows)
    await load_accounts.persons(loader, arrived)


def _between(loader: Loader, arrived: Sequence[Arrived], wanted: Wanted) -> tuple[datetime, datetime]:
    if wanted.whole:
        return datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    instants = [loader.book.recorded_at, *(one.instant for one in arrived)]
    return min(instants), max(instants)


def _lately(loader: Loader, arrived: Sequence[Arrived], wanted: Wanted) -> Iterator[Query]:
    """What was redeemed lately, as seen from the earliest instant that may be decided, where a policy asks."""
    if lately.asked(loader.live):
        clocks = (row.clock for row in loader.book.rows(Member))
        first = min([*(one.instant for one in arrived), *clocks]) - lately.FURTHEST
        yield loader.query_of(Transfer, wanted.members, f"{lately.REDEEMED} AND effective_at > $3", first)


def _pools(loader: Loader, wanted: Wanted) -> Iterator[Query]:
    """Who is in the family pools among these, and who may join them; where there are pools at all."""
    if any(edition.ruleset.programme.pools is not None for edition in loader.live.editions):
        yield loader.query_of(PoolMember, wanted.members)
        yield loader.query_of(PoolInvitation, wanted.members, "used_by IS NULL")


def _counters(loader: Loader, names: Collection[str]) -> Iterator[Query]:
    if names:
        yield loader.query(Counter, loader.any("name", 2), sorted(names))


async def _codes(loader: Loader, wanted: Wanted) -> None:
    if wanted.codes:
        found = await loader.rows(Code, loader.any("hash", 2), sorted(wanted.codes))
        ids = sorted(row.entitlement_id for row in found)
        await loader.of_members(Entitlement, {row.member_id for row in found}, loader.any("id", 3), ids)


async def _pieces(loader: Loader, arrived: Sequence[Arrived], wanted: Wanted) -> None:
    """Pieces that are named, and what was used on the orders that they are to be used on."""
    if wanted.pieces:
        uses = [one.arrival for one in arrived if isinstance(one.arrival, BenefitUse)]
        orders = sorted({burnt_on(use.shop, use.order_number) for use in uses if use.order_number})
        where = f"({loader.any('id', 3)} OR {loader.any('used_on', 4)})"
        await loader.of_members(Entitlement, wanted.members, where, wanted.pieces, orders)


async def _uses(loader: Loader, wanted: Wanted) -> None:
    """Uses of codes that are taken back: what was used, and every step of it."""
    if wanted.uses and wanted.members:
        moves = await loader.of_members(EntitlementMove, wanted.members, loader.any("event_id", 3), sorted(wanted.uses))
        ids = sorted({row.entitlement_id for row in moves})
        await loader.of_members(Entitlement, wanted.members, loader.any("id", 3), ids)
        await loader.of_members(EntitlementMove, wanted.members, loader.any("entitlement_id", 3), ids)


async def _behind(loader: Loader, wanted: Wanted, found: Mapping[type, list[Any]]) -> None:
    """What rows that were found lead to: the lots of holds, and the moves that led to where members stand."""
    if wanted.late and terms.idle_days(loader.live) and (ended := _ended(found.get(Lot, ()))):
        moves = await loader.of_members(LotMove, wanted.members, loader.any("lot_id", 3), ended)
        entries = sorted({row.transfer_id for row in moves})
        await loader.of_members(Transfer, wanted.members, loader.any("id", 3), entries)
    if held := sorted(row.transfer_id for row in found.get(Hold, ())):
        await loader.of_members(LotMove, wanted.members, loader.any("transfer_id", 3), held)
    burnt = (row.burnt_on for row in found.get(Hold, ()) if row.id in wanted.holds and row.burnt_on)
    await load_orders.cancelled(loader, (tuple(name.split("/", 1)) for name in burnt))
    moves = sorted(row.move_id for row in found.get(Standing, ()))
    if moves and wanted.back and not wanted.late:
        where, ids = f"({loader.any('id', 3)} OR {loader.any('order_id', 4)})", sorted(row.id for row in wanted.back)
        await loader.of_members(StandingMove, wanted.members, where, moves, ids)


def _points(loader: Loader, wanted: Wanted) -> Iterator[Query]:
    yield loader.query_of(Wallet, wanted.members)
    yield _open_lots(loader, wanted)
    held = f"(state = 'held' OR {loader.any('id', 3)})"
    yield loader.query_of(Hold, wanted.members, held, sorted(wanted.holds))
    counted = any(reads(edition.ruleset, *HELD) for edition in loader.live.editions)
    unused = "state IN ('issued', 'reserved')" + (
        "" if counted else " AND (expires_at IS NOT NULL OR reserved_until IS NOT NULL)"
    )
    yield loader.query_of(Entitlement, wanted.members, unused)


def _open_lots(loader: Loader, wanted: Wanted) -> Query:
    """Open lots; what only counts, and never ends, is left where it is until something wants all of it."""
    counting, spent = terms.counting(loader.live), terms.spendable(loader.live)
    loader.book.resting = frozenset() if wanted.whole else counting - spent
    if wanted.whole:
        return loader.query_of(Lot, wanted.members, "remaining > 0")
    if awake := sorted(counting & spent):  # What only counted once may be spent today.
        where = f"remaining > 0 AND (NOT resting OR {loader.any('wallet', 3)})"
        return loader.query_of(Lot, wanted.members, where, awake)
    return loader.query_of(Lot, wanted.members, "remaining > 0 AND NOT resting")


def _lives(loader: Loader, arrived: Sequence[Arrived], wanted: Wanted) -> Iterator[Query]:
    """What inactivity asks for: lots that a late event may bring back, and what was done before what comes back."""
    if not (days := terms.idle_days(loader.live)):
        return
    if wanted.late:
        first = min(one.instant for one in arrived)
        yield loader.query_of(Lot, wanted.members, "idle IS NOT NULL AND remaining = 0 AND expires_at > $3", first)
    if wanted.back:
        since = min(row.occurred_at for row in wanted.back) - timedelta(days=days)
        yield loader.query_of(Order, wanted.members, "occurred_at >= $3", since)
        kinds = terms.activity_kinds(loader.live)
        yield loader.query_of(
            Event, wanted.members, f"state = 'accepted' AND {loader.any('kind', 3)} AND instant >= $4", kinds, since
        )


def _standing(loader: Loader, arrived: Sequence[Arrived], wanted: Wanted) -> Iterator[Query]:
    yield loader.query_of(Standing, wanted.members)
    changes = any(isinstance(one.arrival, ClockChange) for one in arrived)
    if wanted.late or changes or reach.counts_moves(loader.live):
        yield loader.query_of(StandingMove, wanted.members)


def _decided(loader: Loader, arrived: Sequence[Arrived]) -> Iterator[Query]:
    """What had been decided for members after the instants of events that come late: a receipt says how much."""
    clocks = {one.holder: member.clock for one in arrived if (member := loader.book.get(Member, one.holder))}
    late = [one for one in arrived if one.holder in clocks and one.instant < clocks[one.holder]]
    if late:
        members, first = {one.holder for one in late}, min(one.instant for one in late)
        yield loader.query_of(Decision, members, "at > $3", first)


def _history(loader: Loader, arrived: Sequence[Arrived], wanted: Wanted) -> Iterator[Query]:
    """The past, as far back as live rules may look from the earliest of these events."""
    instants = [one.instant for one in arrived] + [row.occurred_at for row in wanted.back]
    earliest = calendar.business_date(min(instants), loader.live.newest.ruleset.zone)
    first = reach.first_days(loader.live, {one.arrival.kind for one in arrived}, earliest)
    # The day itself is written to, and a day on either side: versions may differ in where their days begin.
    first[MemberDay] = min(first[MemberDay], earliest.toordinal()) - 1
    if wanted.whole:
        first = {kind: 0 if reach.looked_at(loader.live, kind) else day for kind, day in first.items()}
        first[MemberDay] = 0
    loader.book.first_day = first.pop(MemberDay)
    loader.book.first_of = dict(first)
    yield loader.query_of(MemberDay, wanted.members, "id >= $3", loader.book.first_day)
    for kind, day in first.items():
        if day != reach.NOTHING:
            yield _since(loader, kind, wanted, max(date.fromordinal(max(day, 1)), FIRST_DAY))


def _since(loader: Loader, kind: type[Any], wanted: Wanted, first: date) -> Query:
    """Rows of a kind that metrics look at, since a day."""
    of_orders = f"SELECT id FROM orders WHERE programme_id = $1 AND {loader.any('member_id', 2)}"
    start = datetime.combine(first, time.min, UTC) - timedelta(days=1)  # Wherever the programme's days begin.
    asked: Mapping[type[Any], tuple[Any, ...]] = {
        Order: ("business_date >= $3", first),
        OrderLine: (f"order_id IN ({of_orders} AND business_date >= $3)", first),
        Lot: ("earned_at >= $3", start),
        Event: (f"instant >= $3 AND {loader.any('kind', 4)} AND state = 'accepted'", start, _types(loader)),
    }
    return loader.query_of(kind, wanted.members, *asked[kind])


def _types(loader: Loader) -> list[str]:
    return reach.types_of(loader.live)


def _limits(loader: Loader, arrived: Sequence[Arrived], wanted: Wanted) -> Query:
    if wanted.whole:
        return loader.query_of(Limit, wanted.members)
    zone = loader.live.newest.ruleset.zone
    days = {calendar.business_date(at, zone) for at in {loader.book.recorded_at, *(one.instant for one in arrived)}}
    keys = {calendar.PERIOD_KEYS[period](day) for period in PERIODS for day in days} | {""}
    loader.book.periods = frozenset(keys)
    return loader.query_of(Limit, wanted.members, loader.any("period", 3), sorted(keys))


def _thresholds(loader: Loader) -> Iterator[Query]:
    if names := thresholds.named(loader.live):
        yield loader.query(Threshold, loader.any("name", 2), names)


def _bought(loader: Loader, arrived: Sequence[Arrived], wanted: Wanted) -> Iterator[Query]:
    """The orders of the very day on which the clock asks who has bought nothing: before that instant, or after it."""
    zone = loader.live.newest.ruleset.zone
    days = {calendar.business_date(one.instant, zone) for one in arrived if one.arrival.kind == INACTIVE}
    if days:
        yield loader.query_of(
            Order, wanted.members, "business_date >= $3 AND business_date <= $4", min(days), max(days)
        )


def _personal(loader: Loader, arrived: Sequence[Arrived], wanted: Wanted) -> Iterator[Query]:
    named = any(not edition.ruleset.reads.isdisjoint(PERSONAL) for edition in loader.live.editions)
    if named or any(isinstance(one.arrival, PROFILED) or one.arrival.kind in OF_DATES for one in arrived):
        yield loader.query_of(Personal, wanted.members)
        yield loader.query_of(MemberDate, wanted.members)


def _traits(loader: Loader, arrived: Sequence[Arrived], wanted: Wanted) -> Iterator[Query]:
    """What is said of the members, where anything asks; with its history for what is late or comes back."""
    changes = any(isinstance(one.arrival, SAYING) for one in arrived)
    if changes or any(edition.ruleset.says for edition in loader.live.editions):
        yield loader.query_of(Traits, wanted.members)
        if wanted.late or wanted.back:
            yield loader.query_of(TraitMove, wanted.members)


def _ended(lots: Iterable[Lot]) -> list[int]:
    return sorted(lot.id for lot in lots if lot.idle is not None and lot.expired > 0)
