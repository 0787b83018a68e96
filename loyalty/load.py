"""What a batch needs of the books, read into memory: of its members only what the ruleset and these events ask for."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from loyalty import reach, terms, thresholds
from loyalty.book import NOBODY, Book
from loyalty.events import (
    ClockClose,
    HoldCapture,
    HoldRelease,
    MemberChanged,
    MemberEnrolled,
    OrderCancelled,
    OrderPaid,
    OrderReturned,
    PointsRedeem,
    ProfileCompleted,
)
from loyalty.handlers import Arrived
from loyalty.redeemed import burnt_on
from loyalty.rulebook import Live
from loyalty.supplies import reached
from models.benefits import Code, Entitlement, EntitlementMove
from models.connection import Query, Reader
from models.days import MemberDay
from models.events import Decision, Event
from models.limits import Counter, CounterMove, Limit, LimitMove
from models.members import Member, Personal, TraitMove, Traits
from models.orders import Order, OrderLine, OrderRef
from models.points import Hold, Lot, LotMove, Transfer, Wallet
from models.sql import any_of, select
from models.table import table_of
from models.thresholds import Threshold
from models.tiers import Standing, StandingMove
from rules import calendar
from rules.facts import PERSONAL
from rules.parts import PERIODS

FIRST_DAY: Final = date(2, 1, 1)  # Before it instants cannot be told in every zone.
BACK: Final = (OrderReturned, OrderCancelled)
PROFILED: Final = (MemberEnrolled, ProfileCompleted)
HELD: Final = ("held_", "uses_left_")  # Variables that count what a member has; what takes it back reads them too.


@dataclass(slots=True)
class Wanted:
    """What the events of a batch point at."""

    members: list[int]
    late: bool = False  # Some event is behind its member's clock: history is wanted.
    back: list[Order] = field(default_factory=list)
    holds: list[int] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    whole: bool = False  # All days and all periods: an earlier attempt reached further back than the events had said.


@dataclass(frozen=True, slots=True)
class Loader:
    """Reads rows of one programme into one book."""

    tx: Reader
    book: Book
    live: Live

    async def load(self, arrived: Sequence[Arrived], wanted: Wanted) -> None:
        """Everything but references, identities and members, which claiming has loaded."""
        await self._orders(arrived, wanted)
        wishes = (one.arrival for one in arrived if isinstance(one.arrival, PointsRedeem))
        paid_for = sorted({(wish.shop, wish.order_number) for wish in wishes if wish.order_number})
        await self._cancelled(paid_for)
        await self._redeemed(paid_for, wanted)
        await self._codes(wanted)
        queries = [*self._counters(reached(self.live, *self._between(arrived, wanted)))]
        if wanted.members:
            queries += [
                *self._points(wanted),
                *self._lives(arrived, wanted),
                *self._standing(wanted),
                *self._decided(arrived),
                *self._history(arrived, wanted),
                self._limits(arrived, wanted),
                *self._personal(arrived, wanted),
                *self._traits(arrived, wanted),
                *self._thresholds(),
            ]
        found = await self.take(*queries)
        rows: dict[type, list[Any]] = {}
        for query, read in zip(queries, found, strict=True):
            rows.setdefault(query.row, []).extend(read)
        await self._behind(wanted, rows)

    async def take(self, *queries: Query) -> list[list[Any]]:
        """The rows of several tables, put into the book."""
        found = await self.tx.read_each(queries) if queries else []
        for rows in found:
            self.book.load(rows)
        return found

    def query(self, row: type[Any], where: str, *args: Any) -> Query:
        """Rows of a table in this programme."""
        return Query(row, f"programme_id = $1 AND {where}", (self.book.programme_id, *args))

    def query_of(self, row: type[Any], members: Collection[int], where: str = "", *args: Any) -> Query:
        """The same, of some members."""
        clause = self.any("member_id", 2) + (f" AND {where}" if where else "")
        return self.query(row, clause, sorted(members), *args)

    async def rows(self, row: type[Any], where: str, *args: Any) -> list[Any]:
        """Rows of a table in this programme, put into the book."""
        query = self.query(row, where, *args)
        found: list[Any] = await self.tx.read(row, select(table_of(row), query.where), *query.args)
        self.book.load(found)
        return found

    async def of_members(self, row: type[Any], members: Collection[int], where: str = "", *args: Any) -> list[Any]:
        """The same, of some members."""
        return (await self.take(self.query_of(row, members, where, *args)))[0]

    def any(self, column: str, number: int) -> str:
        """`column` is one of a list."""
        return any_of(self.tx.dialect, column, number)

    async def refs(self, numbers: Iterable[tuple[str, str]]) -> list[OrderRef]:
        """All references of these orders (shop, number), and the first receipts they stand for."""
        names = sorted(set(numbers))
        if not names:
            return []
        found = []
        for shop in sorted({shop for shop, _ in names}):
            own = [number for held_by, number in names if held_by == shop]
            found += await self.rows(OrderRef, f"shop = $2 AND {self.any('number', 3)}", shop, own)
        firsts = [ref for ref in found if ref.event_id is not None and ref.member_id is not None]
        if firsts:
            events = sorted({ref.event_id for ref in firsts})
            await self.of_members(Event, {ref.member_id for ref in firsts}, self.any("id", 3), events)
        return found

    async def waiting(self, numbers: Iterable[tuple[str, str]]) -> int:
        """What waits for these orders; how many."""
        names = sorted(set(numbers))
        found = []
        for shop in sorted({shop for shop, _ in names}):
            own = [number for held_by, number in names if held_by == shop]
            where = f"state = 'waiting' AND shop = $2 AND {self.any('order_number', 3)}"
            found += await self.rows(Event, where, shop, own)
        self.book.awaited.update((event.shop, event.order_number or "") for event in found)
        return len(found)

    async def counters(self, names: Collection[str], lock: str = "") -> None:
        """Shared counters, by name; read without a lock unless one is asked for."""
        if names:
            await self.rows(Counter, f"{self.any('name', 2)} ORDER BY name {lock}", sorted(names))

    def _between(self, arrived: Sequence[Arrived], wanted: Wanted) -> tuple[datetime, datetime]:
        if wanted.whole:
            return datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
        instants = [self.book.recorded_at, *(one.instant for one in arrived)]
        return min(instants), max(instants)

    def _counters(self, names: Collection[str]) -> Iterator[Query]:
        if names:
            yield self.query(Counter, self.any("name", 2), sorted(names))

    async def _orders(self, arrived: Sequence[Arrived], wanted: Wanted) -> None:
        names = self._coming_back(arrived)
        wanted.late = wanted.late or any(isinstance(one.arrival, OrderPaid) and named(one) in names for one in arrived)
        refs = [self.book.get(OrderRef, NOBODY, (*name, "order", "")) for name in sorted(names)]
        places = {(ref.member_id, ref.order_id) for ref in refs if ref and ref.order_id is not None and ref.member_id}
        members, ids = {place[0] for place in places}, sorted(place[1] for place in places)
        if places:
            wanted.back = await self.of_members(Order, members, self.any("id", 3), ids)
            await self.of_members(OrderLine, members, self.any("order_id", 3), ids)
        own = sorted(member for member in {*members, *wanted.members} if member > 0)
        if own and names:
            await self._made_by(own, wanted.back, [burnt_on(*name) for name in sorted(names)])

    def _coming_back(self, arrived: Sequence[Arrived]) -> set[tuple[str, str]]:
        """Orders of which something comes back in this batch: it arrives, or had waited for what arrives."""
        back = {named(one) for one in arrived if isinstance(one.arrival, (*BACK, ClockClose))}
        return back | {(ref.shop, ref.number) for ref in self.book.rows(OrderRef) if ref.state == "waiting"}

    async def _made_by(self, members: list[int], found: list[Order], burnt: list[str]) -> None:
        """What these orders brought: lots, gifts, uses of caps; and the points that were burnt on them, which may have
        been spent before the order came.
        """
        ids, events = sorted(row.id for row in found), sorted(row.event_id for row in found)
        where = f"({self.any('order_id', 3)} OR {self.any('burnt_on', 4)})"
        transfers = sorted(row.id for row in await self.of_members(Transfer, members, where, ids, burnt))
        moves = await self.of_members(LotMove, members, self.any("transfer_id", 3), transfers)
        lots = sorted({row.lot_id for row in moves})
        await self.of_members(Lot, members, f"({self.any('order_id', 3)} OR {self.any('id', 4)})", ids, lots)
        given = f"({self.any('order_id', 3)} OR {self.any('transfer_id', 4)})"
        await self.of_members(Entitlement, members, given, ids, transfers)
        await self._withdrawn(members, events)
        used = await self.of_members(LimitMove, members, self.any("event_id", 3), events)
        if used:
            await self.of_members(Limit, members, self.any("id", 3), sorted({row.limit_id for row in used}))
        taken = await self.of_members(CounterMove, members, self.any("event_id", 3), events)
        await self.counters({row.name for row in taken})

    async def _withdrawn(self, members: list[int], events: list[int]) -> None:
        """What policies took back or replaced on these events: a return gives it back."""
        moves = await self.of_members(EntitlementMove, members, self.any("event_id", 3), events)
        if moves:
            ids = sorted({row.entitlement_id for row in moves})
            await self.of_members(Entitlement, members, self.any("id", 3), ids)

    async def _cancelled(self, names: Iterable[tuple[str, ...]]) -> None:
        """Which of these orders (shop, number) were cancelled."""
        wanted = sorted(set(names))
        for shop in sorted({name[0] for name in wanted}):
            own = [name[1] for name in wanted if name[0] == shop]
            await self.rows(OrderRef, f"kind = 'cancel' AND shop = $2 AND {self.any('number', 3)}", shop, own)

    async def _redeemed(self, names: Sequence[tuple[str, str]], wanted: Wanted) -> None:
        """What was redeemed on these orders already, and what of it was given back, where a price asks for that."""
        if (
            not names
            or not wanted.members
            or not any(reads(one.ruleset, "redeem_on_order") for one in self.live.editions)
        ):
            return
        burnt = [burnt_on(*name) for name in names]
        spent = await self.of_members(Transfer, wanted.members, self.any("burnt_on", 3), burnt)
        if spent:
            ids = sorted(row.id for row in spent)
            await self.of_members(Transfer, wanted.members, self.any("reverses", 3), ids)

    async def _codes(self, wanted: Wanted) -> None:
        if wanted.codes:
            found = await self.rows(Code, self.any("hash", 2), sorted(wanted.codes))
            ids = sorted(row.entitlement_id for row in found)
            await self.of_members(Entitlement, {row.member_id for row in found}, self.any("id", 3), ids)

    async def _behind(self, wanted: Wanted, found: Mapping[type, list[Any]]) -> None:
        """What rows that were found lead to: the lots of holds, and the moves that led to where members stand."""
        if wanted.late and terms.idle_days(self.live) and (ended := _ended(found.get(Lot, ()))):
            moves = await self.of_members(LotMove, wanted.members, self.any("lot_id", 3), ended)
            entries = sorted({row.transfer_id for row in moves})
            await self.of_members(Transfer, wanted.members, self.any("id", 3), entries)
        if held := sorted(row.transfer_id for row in found.get(Hold, ())):
            await self.of_members(LotMove, wanted.members, self.any("transfer_id", 3), held)
        burnt = (row.burnt_on for row in found.get(Hold, ()) if row.id in wanted.holds and row.burnt_on)
        await self._cancelled(tuple(name.split("/", 1)) for name in burnt)
        moves = sorted(row.move_id for row in found.get(Standing, ()))
        if moves and wanted.back and not wanted.late:
            where, ids = f"({self.any('id', 3)} OR {self.any('order_id', 4)})", sorted(row.id for row in wanted.back)
            await self.of_members(StandingMove, wanted.members, where, moves, ids)

    def _points(self, wanted: Wanted) -> Iterator[Query]:
        yield self.query_of(Wallet, wanted.members)
        yield self._open_lots(wanted)
        held = f"(state = 'held' OR {self.any('id', 3)})"
        yield self.query_of(Hold, wanted.members, held, sorted(wanted.holds))
        counted = any(reads(edition.ruleset, *HELD) for edition in self.live.editions)
        unused = "state IN ('issued', 'reserved')" + ("" if counted else " AND expires_at IS NOT NULL")
        yield self.query_of(Entitlement, wanted.members, unused)

    def _open_lots(self, wanted: Wanted) -> Query:
        """Open lots; what only counts, and never ends, is left where it is until something wants all of it."""
        counting, spent = terms.counting(self.live), terms.spendable(self.live)
        self.book.resting = frozenset() if wanted.whole else counting - spent
        if wanted.whole:
            return self.query_of(Lot, wanted.members, "remaining > 0")
        if awake := sorted(counting & spent):  # What only counted once may be spent today.
            where = f"remaining > 0 AND (NOT resting OR {self.any('wallet', 3)})"
            return self.query_of(Lot, wanted.members, where, awake)
        return self.query_of(Lot, wanted.members, "remaining > 0 AND NOT resting")

    def _lives(self, arrived: Sequence[Arrived], wanted: Wanted) -> Iterator[Query]:
        """What inactivity asks for: lots that a late event may bring back, and what was done before what comes back."""
        if not (days := terms.idle_days(self.live)):
            return
        if wanted.late:
            first = min(one.instant for one in arrived)
            yield self.query_of(Lot, wanted.members, "idle IS NOT NULL AND remaining = 0 AND expires_at > $3", first)
        if wanted.back:
            since = min(row.occurred_at for row in wanted.back) - timedelta(days=days)
            yield self.query_of(Order, wanted.members, "occurred_at >= $3", since)
            kinds = terms.activity_kinds(self.live)
            yield self.query_of(
                Event, wanted.members, f"state = 'accepted' AND {self.any('kind', 3)} AND instant >= $4", kinds, since
            )

    def _standing(self, wanted: Wanted) -> Iterator[Query]:
        yield self.query_of(Standing, wanted.members)
        if wanted.late or reach.counts_falls(self.live):
            yield self.query_of(StandingMove, wanted.members)

    def _decided(self, arrived: Sequence[Arrived]) -> Iterator[Query]:
        """What had been decided for members after the instants of events that come late: a receipt says how much."""
        clocks = {one.holder: member.clock for one in arrived if (member := self.book.get(Member, one.holder))}
        late = [one for one in arrived if one.holder in clocks and one.instant < clocks[one.holder]]
        if late:
            members, first = {one.holder for one in late}, min(one.instant for one in late)
            yield self.query_of(Decision, members, "at > $3", first)

    def _history(self, arrived: Sequence[Arrived], wanted: Wanted) -> Iterator[Query]:
        """The past, as far back as live rules may look from the earliest of these events."""
        instants = [one.instant for one in arrived] + [row.occurred_at for row in wanted.back]
        earliest = calendar.business_date(min(instants), self.live.newest.ruleset.zone)
        first = reach.first_days(self.live, {one.arrival.kind for one in arrived}, earliest)
        # The day itself is written to, and a day on either side: versions may differ in where their days begin.
        first[MemberDay] = min(first[MemberDay], earliest.toordinal()) - 1
        if wanted.whole:
            first = {kind: 0 if reach.looked_at(self.live, kind) else day for kind, day in first.items()}
            first[MemberDay] = 0
        self.book.first_day = first.pop(MemberDay)
        self.book.first_of = dict(first)
        yield self.query_of(MemberDay, wanted.members, "id >= $3", self.book.first_day)
        for kind, day in first.items():
            if day != reach.NOTHING:
                yield self._since(kind, wanted, max(date.fromordinal(max(day, 1)), FIRST_DAY))

    def _since(self, kind: type[Any], wanted: Wanted, first: date) -> Query:
        """Rows of a kind that metrics look at, since a day."""
        of_orders = f"SELECT id FROM orders WHERE programme_id = $1 AND {self.any('member_id', 2)}"
        start = datetime.combine(first, time.min, UTC) - timedelta(days=1)  # Wherever the programme's days begin.
        asked: Mapping[type[Any], tuple[Any, ...]] = {
            Order: ("business_date >= $3", first),
            OrderLine: (f"order_id IN ({of_orders} AND business_date >= $3)", first),
            Lot: ("earned_at >= $3", start),
            Event: (f"instant >= $3 AND {self.any('kind', 4)} AND state = 'accepted'", start, self._types()),
        }
        return self.query_of(kind, wanted.members, *asked[kind])

    def _types(self) -> list[str]:
        return reach.types_of(self.live)

    def _limits(self, arrived: Sequence[Arrived], wanted: Wanted) -> Query:
        if wanted.whole:
            return self.query_of(Limit, wanted.members)
        zone = self.live.newest.ruleset.zone
        days = {calendar.business_date(at, zone) for at in {self.book.recorded_at, *(one.instant for one in arrived)}}
        keys = {calendar.PERIOD_KEYS[period](day) for period in PERIODS for day in days} | {""}
        self.book.periods = frozenset(keys)
        return self.query_of(Limit, wanted.members, self.any("period", 3), sorted(keys))

    def _thresholds(self) -> Iterator[Query]:
        if names := thresholds.named(self.live):
            yield self.query(Threshold, self.any("name", 2), names)

    def _personal(self, arrived: Sequence[Arrived], wanted: Wanted) -> Iterator[Query]:
        named = any(not edition.ruleset.reads.isdisjoint(PERSONAL) for edition in self.live.editions)
        if named or any(isinstance(one.arrival, PROFILED) for one in arrived):
            yield self.query_of(Personal, wanted.members)

    def _traits(self, arrived: Sequence[Arrived], wanted: Wanted) -> Iterator[Query]:
        """What is said of the members, where anything asks; with its history for what is late or comes back."""
        changes = any(isinstance(one.arrival, MemberChanged) for one in arrived)
        if changes or any(edition.ruleset.says for edition in self.live.editions):
            yield self.query_of(Traits, wanted.members)
            if wanted.late or wanted.back:
                yield self.query_of(TraitMove, wanted.members)


def _ended(lots: Iterable[Lot]) -> list[int]:
    return sorted(lot.id for lot in lots if lot.idle is not None and lot.expired > 0)


def wanted_by(arrived: Sequence[Arrived], clocks: dict[int, datetime], codes: Iterable[str]) -> Wanted:
    """What these events point at, given the clocks of their members."""
    return Wanted(
        members=sorted(clocks),
        late=any(one.instant < clocks[one.holder] for one in arrived if one.holder in clocks),
        holds=[one.arrival.hold_id for one in arrived if isinstance(one.arrival, HoldCapture | HoldRelease)],
        codes=list(codes),
    )


def numbers_of(arrived: Iterable[Arrived]) -> list[tuple[str, str]]:
    """The order numbers a batch is about."""
    kinds = (OrderPaid, *BACK, ClockClose)
    return [named(one) for one in arrived if isinstance(one.arrival, kinds)]


def named(one: Arrived) -> tuple[str, str]:
    """The order an arrival is about: shop and number."""
    arrival: Any = one.arrival
    return (arrival.shop, arrival.number)


def reads(ruleset: Any, *names: str) -> bool:
    """Whether a live policy names one of these variables; one that ends in `_` stands for all that begin so."""
    needs = [ruleset.needs(kind).variables for kind in ruleset.kinds]
    needs += [ruleset.ladder_needs.variables, ruleset.benefit_needs.variables]
    families = tuple(name for name in names if name.endswith("_"))
    return any(not own.isdisjoint(names) or any(one.startswith(families) for one in own) for own in needs)
