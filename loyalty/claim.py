"""Claiming: each key once, each order's number once, each new identity once; then the members, locked in order.

Locks are taken in one order everywhere: the programme, keys, order numbers, identities, members by id, counters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from loyalty import load_accounts, sides, successors
from loyalty.book import IDS_PER_EVENT, NOBODY, NeedsMore
from loyalty.enrolment import Named
from loyalty.events import Behaviour, IdentityLink, MemberEnrolled, OrderPaid
from loyalty.logbook import stand_in
from loyalty.reading import Loader
from loyalty.receipts import Receipt, read
from loyalty.resolve import Resolver, Sent, Shown
from models.connection import Connection
from models.errors import Retryable
from models.events import Claim, Event
from models.members import Identity, Member
from models.orders import OrderRef
from models.sql import any_of, lock
from models.table import table_of

JOINING: Final = (MemberEnrolled, OrderPaid, Behaviour, IdentityLink)  # By whose names orders may be waiting.


@dataclass(slots=True)
class Claims:
    """What claiming found out about a batch."""

    numbers: dict[int, int] = field(default_factory=dict)  # Index of the item → event number.
    holders: dict[int, int] = field(default_factory=dict)
    names: dict[int, tuple[Named, ...]] = field(default_factory=dict)
    answers: dict[int, Receipt] = field(default_factory=dict)  # What needs no fold: it was answered before.
    reserved: list[Identity] = field(default_factory=list)  # New identities, set aside for members to be.
    known: dict[tuple[str, str], int] = field(default_factory=dict)  # Identity (kind, hash) → member.
    shown: dict[Shown, int] = field(default_factory=dict)  # A code that is shown, and by whom → member.
    others: dict[int, int | None] = field(default_factory=dict)  # The other holder of what is about two.
    pools: dict[int, int | None] = field(default_factory=dict)  # Member → the pool it is in, where that is asked.
    invitations: dict[int, str] = field(default_factory=dict)  # Hashes of the codes that are handed in.
    members: dict[int, Member] = field(default_factory=dict)
    fresh: set[tuple[str, str]] = field(default_factory=set)  # Order numbers that nobody had named before.
    orphans: set[tuple[str, str]] = field(default_factory=set)  # Orders nobody has, under names that are given here.
    busy: set[int] = field(default_factory=set)  # Items that leave the batch: their member is locked elsewhere.

    def open(self, items: Sequence[Sent]) -> list[int]:
        """The items that are still to be folded."""
        return [index for index in range(len(items)) if index not in self.answers and index not in self.busy]


@dataclass(frozen=True, slots=True)
class Claimer:
    """Claims for one batch in one transaction."""

    tx: Connection
    resolver: Resolver
    merged: bool = False  # An attempt before this one met accounts that were merged.
    orders: frozenset[tuple[str, str]] = frozenset()  # It met orders (shop, number) of a name that is to be forgotten.

    @property
    def loader(self) -> Loader:
        """What reads into the batch's book."""
        return self.resolver.loader

    @property
    def programme_id(self) -> int:
        """The programme of the batch."""
        return self.resolver.programme_id

    async def claim(self, items: Sequence[Sent], numbers: Sequence[int], at: datetime, *, skip_busy: bool) -> Claims:
        """Take everything these items need, in the order of the locks."""
        claims = Claims(numbers=dict(enumerate(numbers)))
        await self._keys(items, claims, at)
        await self._order_numbers(items, claims)
        await self._identities(items, claims)
        await self._overtaken(items, claims)
        claims.shown = await self.resolver.codes(items[index] for index in claims.open(items))
        await self._pools(items, claims)
        self._holders(items, claims)
        if self.merged:
            await self._follow(items, claims)
        await self._members(items, claims, skip_busy=skip_busy)
        if claims.busy:
            await self._let_go(items, claims)
        return claims

    # Keys.

    async def _keys(self, items: Sequence[Sent], claims: Claims, at: datetime) -> None:
        first: dict[tuple[str, str], int] = {}
        for index, item in enumerate(items):
            first.setdefault(item.name, index)
        wanted = [
            Claim(self.programme_id, *items[index].name, items[index].body_hash, 0, claims.numbers[index], at)
            for index in sorted(first.values(), key=lambda index: items[index].name)
        ]
        new = await self.tx.insert(wanted, on_conflict="ignore", returning=("subject", "key"))
        mine = {(row["subject"], row["key"]) for row in new}
        self.loader.book.load([row for row in wanted if (row.subject, row.key) in mine])
        taken = await self._taken([name for name in first if name not in mine])
        for index, item in enumerate(items):
            if item.name in taken:
                claims.answers[index] = _first_answer(item, *taken[item.name])
            elif first[item.name] != index:
                claims.answers[index] = _twin(item, items[first[item.name]], first[item.name])

    async def _taken(self, names: Sequence[tuple[str, str]]) -> dict[tuple[str, str], tuple[Claim, Event]]:
        found: dict[tuple[str, str], tuple[Claim, Event]] = {}
        for subject in sorted({subject for subject, _ in names}):
            keys = [key for held_by, key in names if held_by == subject]
            where = f"programme_id = $1 AND subject = $2 AND {any_of(self.tx.dialect, 'key', 3)}"
            claimed: list[Claim] = await self.tx.read(Claim, _select(Claim, where), self.programme_id, subject, keys)
            events = await self._events(claimed)
            found |= {(row.subject, row.key): (row, events[row.member_id, row.event_id]) for row in claimed}
        return found

    async def _events(self, claimed: Sequence[Claim]) -> dict[tuple[int, int], Event]:
        members, ids = sorted({row.member_id for row in claimed}), sorted({row.event_id for row in claimed})
        dialect = self.tx.dialect
        where = f"programme_id = $1 AND {any_of(dialect, 'member_id', 2)} AND {any_of(dialect, 'id', 3)}"
        rows = await self.tx.read(Event, _select(Event, where), self.programme_id, members, ids)
        return {(row.member_id, row.id): row for row in rows}

    # Order numbers.

    async def _order_numbers(self, items: Sequence[Sent], claims: Claims) -> None:
        wanted = sorted(
            {
                (item.arrival.shop, item.arrival.number)
                for index, item in enumerate(items)
                if index not in claims.answers and hasattr(item.arrival, "shop") and hasattr(item.arrival, "number")
            }
        )
        claims.orphans = set(await self._orphans(items, claims))
        wanted = sorted({*wanted, *self.orders, *claims.orphans})
        if not wanted:
            return
        rows = [OrderRef(self.programme_id, *name, "order", "", "awaited", None, None, None, "") for name in wanted]
        new = await self.tx.insert(rows, on_conflict="ignore", returning=("shop", "number"))
        claims.fresh = {(row["shop"], row["number"]) for row in new}
        self.loader.book.load([row for row in rows if (row.shop, row.number) in claims.fresh])
        known = [name for name in wanted if name not in claims.fresh]
        await self._lock_numbers(known, "FOR UPDATE")
        await self.loader.refs(known)

    async def _lock_numbers(self, known: Sequence[tuple[str, str]], clause: str) -> int:
        """Lock orders (shop, number) in their order; how many there were."""
        locked = 0
        for shop in sorted({shop for shop, _ in known}):
            own = [number for held_by, number in known if held_by == shop]
            where = (
                f"programme_id = $1 AND shop = $2 AND {any_of(self.tx.dialect, 'number', 3)} AND kind = 'order' "
                f"ORDER BY number {lock(self.tx.dialect, clause)}"
            )
            locked += len(await self.tx.read(OrderRef, _select(OrderRef, where), self.programme_id, shop, own))
        return locked

    async def _orphans(self, items: Sequence[Sent], claims: Claims) -> list[tuple[str, str]]:
        """The orders that nobody has, under the names of whoever may join or is linked here."""
        names = {
            name
            for index, item in enumerate(items)
            if index not in claims.answers and isinstance(item.arrival, JOINING)
            for name in self.resolver.names(item.arrival)
        }
        return await load_accounts.orphans(self.loader, names)

    async def _overtaken(self, items: Sequence[Sent], claims: Claims) -> None:
        """Whoever was quicker may have left an order under a name that has been set aside here: it counts too.

        Numbers are locked before names, so nobody is waited for now: where somebody has one, it is begun anew.
        """
        if not claims.reserved or not load_accounts.weighs(self.loader):
            return
        missed = sorted(set(await self._orphans(items, claims)) - claims.orphans)
        if await self._lock_numbers(missed, "FOR UPDATE SKIP LOCKED") < len(missed):
            raise Retryable("lock", "an order came to wait")
        await self.loader.refs(missed)

    async def release_numbers(self, claims: Claims) -> None:
        """A number that nobody had named before, of an order that did not come and that nothing waits for, is free."""
        book, left = self.loader.book, set()
        for shop, number in claims.fresh - book.awaited:
            ref = book.need(OrderRef, NOBODY, (shop, number, "order", ""))
            if ref.state == "awaited":
                left.add((shop, number))
        for shop in sorted({shop for shop, _ in left}):
            own = sorted(number for held_by, number in left if held_by == shop)
            numbers = any_of(self.tx.dialect, "number", 3)
            sql = f"DELETE FROM order_refs WHERE programme_id = $1 AND shop = $2 AND {numbers} AND kind = 'order'"
            await self.tx.run(sql, self.programme_id, shop, own)

    # Identities.

    async def _identities(self, items: Sequence[Sent], claims: Claims) -> None:
        for index in claims.open(items):
            claims.names[index] = self.resolver.names(items[index].arrival)
        meant = ("member", "to")  # Whose names an arrival gives besides, where it is about another name.
        others = [getattr(items[index].arrival, name, None) for index in claims.open(items) for name in meant]
        named = [*claims.names.values(), *(self.resolver.named(other) for other in others)]
        names = sorted({(name.kind, name.hash) for found in named for name in found})
        claims.known = await self.resolver.identities(names)
        planned: dict[tuple[str, str], tuple[int, int]] = {}  # Name → member and event.
        # Registrations first: an order that takes nobody in leaves the identity to whoever registers with it.
        for index in sorted(
            claims.open(items), key=lambda index: isinstance(items[index].arrival, OrderPaid | Behaviour)
        ):
            member_id, number = self._taker(items[index], claims.numbers[index], claims.known), claims.numbers[index]
            for name in claims.names[index] if member_id else ():
                if (name.kind, name.hash) not in claims.known:
                    planned.setdefault((name.kind, name.hash), (member_id, number))
        rows = [Identity(self.programme_id, *name, *planned[name]) for name in sorted(planned)]
        if rows:
            new = await self.tx.insert(rows, on_conflict="ignore", returning=("kind", "hash"))
            mine = {(row["kind"], row["hash"]) for row in new}
            claims.reserved = [row for row in rows if (row.kind, row.hash) in mine]
            claims.known = await self.resolver.identities(names)

    def _taker(self, item: Sent, number: int, known: Mapping[tuple[str, str], int]) -> int:
        """Whose a name that nobody has would be by this arrival: a member's to be, or of one it is linked to; or 0."""
        if isinstance(item.arrival, OrderPaid | Behaviour | MemberEnrolled):
            return number * IDS_PER_EVENT
        return (self.resolver.meant(item.arrival.member, known) or 0) if isinstance(item.arrival, IdentityLink) else 0

    # Holders and members.

    def _holders(self, items: Sequence[Sent], claims: Claims) -> None:
        for index in claims.open(items):
            number = claims.numbers[index]
            arrival: Any = items[index].arrival
            claims.holders[index] = self.resolver.holder(items[index], number, claims.known, claims.shown)
            person = self.resolver.meant(getattr(arrival, "member", None), claims.known)
            to = getattr(arrival, "to", None)
            two = sides.placed(
                arrival, number, person, claims.pools.get(person or 0), self.resolver.meant(to, claims.known)
            )
            if two is not None:
                claims.holders[index], claims.others[index] = two[0] or stand_in(items[index].body_hash), two[1]
                claims.invitations[index] = "".join(name.hash for name in self.resolver.named(to))

    async def _pools(self, items: Sequence[Sent], claims: Claims) -> None:
        """The family pools of those who ask something of theirs."""
        asking: list[Any] = [items[index].arrival for index in claims.open(items)]
        persons = {
            self.resolver.meant(arrival.member, claims.known) for arrival in asking if sides.asks_for_pool(arrival)
        }
        if wanted := sorted(person for person in persons if person):
            sql = f"SELECT id, pool_id FROM members WHERE programme_id = $1 AND {any_of(self.tx.dialect, 'id', 2)}"
            claims.pools = {row["id"]: row["pool_id"] for row in await self.tx.rows(sql, self.programme_id, wanted)}

    async def _follow(self, items: Sequence[Sent], claims: Claims) -> None:
        """What comes for accounts that were merged is their survivors'. A merge is for good: it needs no lock."""
        book, asked = self.loader.book, {holder for holder in claims.holders.values() if holder > 0}
        asked |= {other for other in claims.others.values() if other}
        while asked:
            where = f"{self.loader.any('id', 2)} AND merged_into IS NOT NULL"
            asked = {row.merged_into for row in await self.loader.rows(Member, where, sorted(asked))}
        for index in claims.open(items):
            if successors.follows(items[index].arrival):
                claims.holders[index] = successors.of(book, claims.holders[index])
                if other := claims.others.get(index):
                    claims.others[index] = successors.of(book, other)

    async def _members(self, items: Sequence[Sent], claims: Claims, *, skip_busy: bool) -> None:
        holders = {holder for holder in claims.holders.values() if holder > 0}
        wanted = sorted(holders | {other for other in claims.others.values() if other})
        if wanted:
            clause = "FOR NO KEY UPDATE SKIP LOCKED" if skip_busy else "FOR NO KEY UPDATE"
            where = (
                f"programme_id = $1 AND {any_of(self.tx.dialect, 'id', 2)} ORDER BY id {lock(self.tx.dialect, clause)}"
            )
            rows = await self.tx.read(Member, _select(Member, where), self.programme_id, wanted)
            claims.members = {row.id: row for row in rows}
            self.loader.book.load(rows)
        for index in claims.open(items) if not self.merged else ():
            for number in (claims.holders[index], claims.others.get(index) or 0):
                row = claims.members.get(number)
                if row is not None and row.merged_into is not None and successors.follows(items[index].arrival):
                    raise NeedsMore("merged", row.id)
        if skip_busy:
            await self._find_busy(claims, wanted)
        names = sorted(claims.known)
        if names and await self.resolver.identities(names) != claims.known:
            raise Retryable("lock", "an identity changed hands")
        there = claims.members
        if any(person in there and there[person].pool_id != pool for person, pool in claims.pools.items()):
            raise Retryable("lock", "a member changed pools")

    async def _find_busy(self, claims: Claims, wanted: Sequence[int]) -> None:
        missing = [member for member in wanted if member not in claims.members]
        if missing:
            sql = f"SELECT id FROM members WHERE programme_id = $1 AND {any_of(self.tx.dialect, 'id', 2)}"
            there = {int(row["id"]) for row in await self.tx.rows(sql, self.programme_id, missing)}
            claims.busy = {index for index, holder in claims.holders.items() if holder in there}
            claims.busy |= {index for index, other in claims.others.items() if other in there}

    async def _let_go(self, items: Sequence[Sent], claims: Claims) -> None:
        """Events of busy members leave the batch, their keys unclaimed; with them whoever waits for their answers."""
        for index, answer in list(claims.answers.items()):
            if answer.state == "twin" and answer.params["of"] in claims.busy:
                del claims.answers[index]
                claims.busy.add(index)
                claims.holders[index] = claims.holders[answer.params["of"]]
        await self.unclaim([items[index].name for index in sorted(claims.busy)])

    async def unclaim(self, names: Sequence[tuple[str, str]]) -> None:
        """Give keys back: nothing was kept under them."""
        for subject in sorted({subject for subject, _ in names}):
            keys = sorted({key for held_by, key in names if held_by == subject})
            sql = f"DELETE FROM claims WHERE programme_id = $1 AND subject = $2 AND {any_of(self.tx.dialect, 'key', 3)}"
            await self.tx.run(sql, self.programme_id, subject, keys)

    def settle(
        self, items: Sequence[Sent], claims: Claims, receipts: Mapping[int, Receipt], at: datetime
    ) -> list[tuple[str, str]]:
        """Let each key lead to the event that answered it; the keys of what is not kept."""
        gone: list[tuple[str, str]] = []
        for index, receipt in receipts.items():
            if receipt.event_id is None or receipt.member_id is None:
                gone.append(items[index].name)
            else:
                place = (receipt.member_id, receipt.event_id)
                claim = Claim(self.programme_id, *items[index].name, items[index].body_hash, *place, at)
                self.loader.book.put(claim)
        return gone

    async def release_identities(self, claims: Claims) -> None:
        """An identity that was set aside and made nobody a member, or was not linked after all, is free again."""
        for row in claims.reserved:
            if not self._was_taken(row):
                sql = "DELETE FROM identities WHERE programme_id = $1 AND kind = $2 AND hash = $3"
                await self.tx.run(sql, self.programme_id, row.kind, row.hash)

    def _was_taken(self, row: Identity) -> bool:
        """Whether somebody has become a member by a name that was set aside, or it was linked to who is one."""
        if row.member_id == row.event_id * IDS_PER_EVENT:
            return self.loader.book.get(Member, row.member_id) is not None
        event = self.loader.book.get(Event, row.member_id, row.event_id)
        return event is not None and event.state == "accepted"


def _first_answer(item: Sent, claim: Claim, event: Event) -> Receipt:
    if claim.body_hash != item.body_hash:
        return _mismatch(item)
    return read(item.arrival.key, event.receipt)


def _twin(item: Sent, first: Sent, index: int) -> Receipt:
    """The same key twice in one batch: the second has the first one's answer, once there is one."""
    return (
        Receipt(item.arrival.key, "twin", params={"of": index})
        if item.body_hash == first.body_hash
        else _mismatch(item)
    )


def _mismatch(item: Sent) -> Receipt:
    return Receipt(item.arrival.key, "rejected", code="IDEMPOTENCY_MISMATCH", params={"key": item.arrival.key})


def _select(row: type[Any], where: str) -> str:
    table = table_of(row)
    return f"SELECT {table.select} FROM {table.name} WHERE {where}"
