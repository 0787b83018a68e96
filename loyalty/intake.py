"""The one door into the ledger: claim, load, fold, flush, in one transaction for the whole batch.

One bad event never fails strangers: what is refused is undone alone, what breaks the flush is found by halving, and
whoever's member is locked elsewhere leaves the batch and waits in one of its own.
"""

import asyncio
import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Final

from loyalty import catalogue, load_accounts, privacy, sides, tries
from loyalty.access import Caller
from loyalty.admission import admit, declared, in_time
from loyalty.arrived import Arrived
from loyalty.attempts import LOCK_MS, RETRIES, NotCompiled, Plan, more_careful
from loyalty.book import Book, Keys, NeedsMore
from loyalty.claim import Claimer, Claims
from loyalty.consequences import arrived_of, queued
from loyalty.counters import bear
from loyalty.events import (
    Arrival,
    MemberRef,
    MembersMerge,
)
from loyalty.flush import flush
from loyalty.fold import fold, fold_one, instant_of
from loyalty.house import House
from loyalty.load import load
from loyalty.numbers import Numbers
from loyalty.profiles import PROFILED
from loyalty.reading import Loader
from loyalty.receipts import Receipt, again
from loyalty.refusals import Malformed, Refused
from loyalty.resolve import Resolver, Sent, sent
from loyalty.rulebook import Live
from loyalty.wanted import Wanted, numbers_of, wanted_by
from models.connection import Connection
from models.errors import Retryable, Unavailable
from models.events import Event
from models.members import Member, Personal
from models.sql import clock, lock

logger = logging.getLogger(__name__)

RETRY_MS: Final = 500
QUEUED_MAX: Final = 256
MORE: Final = 4  # Events that one which was queued may bring in its turn.
Answer = Receipt | asyncio.Future[Receipt]  # Later, where somebody else has the member.


async def receive(
    house: House, caller: Caller, arrivals: Sequence[Arrival], *, now: datetime | None = None
) -> list[Receipt]:
    """Take what arrived, all of one caller; a receipt each, in the order given."""
    return await receive_all(house, caller.programme, [(caller, arrival) for arrival in arrivals], now=now)


async def receive_all(
    house: House, programme: str, pairs: Sequence[tuple[Caller, Arrival]], *, now: datetime | None = None
) -> list[Receipt]:
    """Take a batch of one programme, of any callers, and wait for every receipt."""
    answers = await hand_in(house, programme, pairs, now=now)
    return [one if isinstance(one, Receipt) else await asyncio.shield(one) for one in answers]


async def hand_in(
    house: House, programme: str, pairs: Sequence[tuple[Caller, Arrival]], *, now: datetime | None = None
) -> list[Answer]:
    """Take a batch; whoever's member is busy is answered later. What may not come in at all is not kept."""
    live = await house.rulebook.programme(house.db, programme)
    answers: dict[int, Answer] = {**await tries.barred(house.db, house.secrets, live.programme_id, pairs, now)}
    items: dict[int, Sent] = {}
    for index, (caller, arrival) in enumerate(pairs):
        if index in answers:
            continue
        try:
            admit(caller, arrival)
            items[index] = sent(house.secrets, caller, arrival)
        except Refused as refusal:
            answers[index] = Receipt(arrival.key, "rejected", code=refusal.code, params=refusal.params)
    if items:
        told = await house.unbroken(_take(house, live.programme_id, list(items.values()), now, Plan()))
        answers |= dict(zip(items, told, strict=True))
        await tries.count(house.db, house.secrets, live.programme_id, pairs, answers, now)
    return [answers[index] for index in range(len(pairs))]


async def _take(house: House, programme_id: int, items: list[Sent], now: datetime | None, plan: Plan) -> list[Answer]:
    """Attempt a batch until it is committed, each time a little more careful; at the last every event alone."""
    while True:
        defects: list[Exception] = []
        try:
            with _caught(defects):
                if plan.learn:
                    await house.rulebook.learn(house.db, programme_id)
            if defects:  # None of these events is to blame: no half would fare better.
                return [_internal(house, item, defects[0]) for item in items]
            with _caught(defects):
                receipts, busy = await _attempt(house, programme_id, items, now, plan)
                answers: dict[int, Answer] = {**receipts, **_apart(house, programme_id, items, busy, now)}
                return [answers[index] for index in range(len(items))]
        except NotCompiled:
            plan = replace(plan, learn=True)
        except (NeedsMore, Retryable) as setback:
            careful = more_careful(plan, setback, alone=len(items) == 1)
            if careful is None:
                return await _halve(house, programme_id, items, now, setback)
            plan = careful
        except Unavailable as gone:
            return [unavailable(item.arrival.key, gone) for item in items]
        if defects:
            return await _halve(house, programme_id, items, now, defects[0])


def _apart(
    house: House, programme_id: int, items: Sequence[Sent], busy: Mapping[int, int], now: datetime | None
) -> dict[int, asyncio.Future[Receipt]]:
    """Let the events of each busy member (index → whose) wait by themselves, in their order: nobody waits for them."""
    loop = asyncio.get_running_loop()
    answers = {index: loop.create_future() for index in sorted(busy)}
    for member in sorted(set(busy.values())):
        own = [(items[index], answer) for index, answer in answers.items() if busy[index] == member]
        house.start(_patiently(house, programme_id, own, now))
    return answers


async def _patiently(
    house: House, programme_id: int, own: Sequence[tuple[Sent, asyncio.Future[Receipt]]], now: datetime | None
) -> None:
    """A batch for each, which waits for as long as a lock may be waited for."""
    try:
        for item, answer in own:
            async with house.patience:
                (receipt,) = await _take(house, programme_id, [item], now, Plan(lock_ms=LOCK_MS, tries=RETRIES))
            if isinstance(receipt, Receipt) and not answer.done():
                answer.set_result(receipt)
    finally:
        for _, answer in own:
            if not answer.done():
                answer.cancel()  # The loop is being closed.


@contextmanager
def _caught(defects: list[Exception]) -> Iterator[None]:
    """Defects go into the list: whoever asks undoes what was begun and answers for it."""
    try:
        yield
    except (NeedsMore, NotCompiled, Retryable, Unavailable):  # Nobody's defect: the batch is begun anew, or given up.
        raise
    except Exception as defect:  # The one place below a door that catches everything.
        defects.append(defect)


async def _halve(
    house: House, programme_id: int, items: list[Sent], now: datetime | None, defect: Exception
) -> list[Answer]:
    """Find the one that breaks the batch: each half alone, in order; what breaks alone is answered."""
    if len(items) == 1:
        return [_busy(items[0]) if isinstance(defect, Retryable) else _internal(house, items[0], defect)]
    middle = len(items) // 2
    first = await _take(house, programme_id, items[:middle], now, Plan())
    return first + await _take(house, programme_id, items[middle:], now, Plan())


async def _attempt(
    house: House, programme_id: int, items: list[Sent], now: datetime | None, plan: Plan
) -> tuple[dict[int, Receipt], dict[int, int]]:
    """One transaction: the receipts, and the items that left because their member is busy, with whose they are."""
    async with house.db.transaction() as tx:
        await tx.share_programme(programme_id, lock_ms=plan.lock_ms)
        live, begun_at = await _live(house, tx, programme_id)
        book = Book(programme_id, live, keys_of(house, programme_id), now or begun_at)
        claimer = Claimer(tx, Resolver(Loader(tx, book, live), house.secrets), merged=plan.merged, orders=plan.orders)
        numbers = await tx.draw("event", len(items))
        claims = await claimer.claim(items, numbers, book.recorded_at, skip_busy=plan.skip_busy)
        locked_at, positions = await tx.stand(len(items))
        at = book.recorded_at = now or locked_at  # Once the locks are held: never the transaction's start.
        receipts, arrived = _arrived(house, live, items, claims, at)
        if arrived:
            arrived = await catalogue.filled(claimer.loader, arrived)
            waiting = await _load(claimer.loader, claims, arrived.values(), plan)
            arrived = {index: _sealed(house, book, one) for index, one in arrived.items()}
            receipts |= await _fold(tx, book, arrived, positions, waiting + len(arrived) * plan.more)
        gone = claimer.settle(items, claims, receipts, at)
        if arrived:
            await flush(tx, book, min(one.number for one in arrived.values()))
        await claimer.release_numbers(claims)
        await claimer.release_identities(claims)
        await claimer.unclaim(gone)
    return _answers(items, claims, receipts), {index: claims.holders[index] for index in claims.busy}


async def take_queued(house: House, programme: str, *, now: datetime | None = None, most: int = QUEUED_MAX) -> int:
    """Fold what was queued for members whom no batch had; how many. Busy members are left for the next time."""
    live = await house.rulebook.programme(house.db, programme)
    return await house.unbroken(_take_queued(house, live.programme_id, now, most))


async def _take_queued(house: House, programme_id: int, now: datetime | None, most: int) -> int:
    async with house.db.transaction() as tx:
        await tx.share_programme(programme_id)
        live, begun_at = await _live(house, tx, programme_id)
        book = Book(programme_id, live, keys_of(house, programme_id), now or begun_at)
        loader = Loader(tx, book, live)
        skip = lock(tx.dialect, "FOR UPDATE SKIP LOCKED")
        events = await loader.rows(Event, f"state = 'queued' ORDER BY id LIMIT {int(most)} {skip}")
        members = sorted({event.member_id for event in events})
        skip = lock(tx.dialect, "FOR NO KEY UPDATE SKIP LOCKED")
        found = await loader.rows(Member, f"{loader.any('id', 2)} ORDER BY id {skip}", members)
        ready = queued(book)
        if not ready:
            return 0
        wanted = Wanted(sorted(row.id for row in found), late=True, whole=True)
        await load(loader, [arrived_of(book, event) for event in ready], wanted)
        # Each may come back to its giver, or leave something over: an event more, folded by itself.
        numbers = Numbers(iter(await tx.draw("position", len(ready))), iter(await tx.draw("event", len(ready) * MORE)))
        receipts = [_guarded(book, arrived_of(book, event), numbers) for event in ready]
        await flush(tx, book, ready[0].id)
        return sum(receipt.state != "failed" for receipt in receipts)  # What fails stays queued, and is no progress.


async def _live(house: House, tx: Connection, programme_id: int) -> tuple[Live, datetime]:
    """What decides, and the database's time when that was read."""
    sql = f"SELECT revision, {clock(tx.dialect)} AS read_at FROM programmes WHERE id = $1"
    rows = await tx.rows(sql, programme_id)
    live = house.rulebook.known(programme_id, int(rows[0]["revision"])) if rows else None
    if live is None:
        raise NotCompiled
    return live, rows[0]["read_at"]


def keys_of(house: House, programme_id: int) -> Keys:
    """The keyed functions a fold is given."""
    return Keys(
        code_of=lambda number: house.secrets.code_of(programme_id, number),
        code_hash=lambda code: house.secrets.code_hash(programme_id, code),
        draw_of=lambda draw, purpose, number: house.secrets.draw_of(programme_id, draw, purpose, number),
    )


def _arrived(
    house: House, live: Live, items: Sequence[Sent], claims: Claims, at: datetime
) -> tuple[dict[int, Receipt], dict[int, Arrived]]:
    """What is to be folded, in order of time, then of arrival; what is too early or too old is turned away."""
    receipts: dict[int, Receipt] = {}
    arrived: dict[int, Arrived] = {}
    for index in claims.open(items):
        item = items[index]
        try:
            in_time(live, item.caller, item.arrival, at)
            declared(live, item.caller, item.arrival, at)
            _must_be_known(item, claims, index)
        except Malformed as refusal:
            receipts[index] = Receipt(item.arrival.key, "rejected", code=refusal.code, params=refusal.params)
            continue
        shown = claims.invitations.get(index, "")
        arrival, body = sides.addressed(item.arrival, item.body, claims.others.get(index), shown)
        arrived[index] = Arrived(
            arrival=arrival,
            number=claims.numbers[index],
            holder=claims.holders[index],
            subject=item.caller.subject,
            instant=instant_of(item.arrival, at),
            occurred_at=getattr(item.arrival, "occurred_at", at),
            received_at=at,
            body=body,
            body_hash=item.body_hash,
            partner=item.caller.partner,
            names=claims.names.get(index, ()),
        )
    ordered = sorted(arrived, key=lambda index: (arrived[index].instant, index))
    return receipts, {index: arrived[index] for index in ordered}


def _must_be_known(item: Sent, claims: Claims, index: int) -> None:
    """An id is not an identity: an order for a member that does not exist is a mistake, not a stranger's."""
    ref = getattr(item.arrival, "member", None)
    # What is a pool's own event is asked for by a person, who is its other side.
    whose = claims.others.get(index) if isinstance(item.arrival, sides.BY_POOL) else claims.holders[index]
    if isinstance(ref, MemberRef) and ref.id is not None and whose not in claims.members:
        raise Malformed("MEMBER_UNKNOWN", field="/member")
    sides.must_be_known(item.arrival, claims.holders[index], claims.others.get(index), claims.members)


async def _load(loader: Loader, claims: Claims, arrived: Collection[Arrived], plan: Plan) -> int:
    """Load what the fold will ask for; how many events wait for these orders."""
    clocks = {member.id: member.clock for member in claims.members.values()}
    wanted = wanted_by(list(arrived), clocks, {hashed for _, hashed in claims.shown})
    wanted.whole = wanted.whole or plan.whole
    await load(loader, list(arrived), wanted)
    if plan.counters:
        await loader.counters(plan.counters, lock(loader.tx.dialect, "FOR UPDATE"))
        bear(loader.book, loader.live, plan.counters)
    orphans = await load_accounts.unclaimed(loader)
    return orphans + await loader.waiting(set(numbers_of(arrived)) - claims.fresh)


def _sealed(house: House, book: Book, one: Arrived) -> Arrived:
    """Personal values are sealed at the door: the fold and the log never see them, only what adds them to a row."""
    arrival, programme_id = one.arrival, book.programme_id
    if isinstance(arrival, MembersMerge):
        into, theirs = privacy.Whose(programme_id, arrival.to.id or 0), book.get(Personal, one.holder)
        fresh = house.chance(privacy.KEY_BYTES)
        return replace(one, seal=lambda old: privacy.taken_over(house.secrets, into, old, theirs, fresh))
    if not isinstance(arrival, PROFILED) or not (arrival.profile or arrival.preferences) or one.holder < 0:
        return one
    whose, said = privacy.Whose(programme_id, one.holder), privacy.Said(arrival.profile, arrival.preferences)
    key = house.chance(privacy.KEY_BYTES)
    return replace(one, seal=lambda old: privacy.seal(house.secrets, whose, old, said, key))


async def _fold(
    tx: Connection, book: Book, arrived: Mapping[int, Arrived], positions: list[int], waiting: int
) -> dict[int, Receipt]:
    """Fold what arrived. There is one event more for whatever waits, may come to wait, or has another side, and
    one each for what comes back from there and for what is lost. `waiting` has those that are known of.
    """
    follow = waiting + sum(sides.followed(one.arrival) for one in arrived.values())
    later = await tx.draw("position", follow) if follow else []
    more = await tx.draw("event", follow) if follow else []
    numbers = Numbers(iter([*positions, *later]), iter(more))
    return dict(zip(arrived, fold(book, list(arrived.values()), numbers, _guarded), strict=True))


def _guarded(book: Book, one: Arrived, numbers: Numbers) -> Receipt:
    """Fold one event; a defect undoes that event alone, is logged with an error id, and nothing is kept of it."""
    mark = book.mark()
    defects: list[Exception] = []
    with _caught(defects):
        return fold_one(book, one, numbers)
    book.undo(mark)
    # Numbers are drawn once: no other event has it.
    return internal(one.arrival, f"{one.number:x}", defects[0])


def _answers(items: Sequence[Sent], claims: Claims, receipts: Mapping[int, Receipt]) -> dict[int, Receipt]:
    answers = claims.answers | dict(receipts)
    for index, receipt in claims.answers.items():
        if receipt.state == "twin":
            answers[index] = again(answers[receipt.params["of"]], items[index].arrival.key)
    return answers


def _internal(house: House, item: Sent, defect: Exception) -> Receipt:
    return internal(item.arrival, house.chance(8).hex(), defect)


def internal(arrival: Arrival, error_id: str, defect: BaseException) -> Receipt:
    """A defect of ours, in the log under its id; nothing is kept, so the event may be sent again."""
    logger.error("event failed", extra={"error_id": error_id, "kind": arrival.kind}, exc_info=defect)
    return Receipt(arrival.key, "failed", code="INTERNAL", params={"error_id": error_id})


def _busy(item: Sent) -> Receipt:
    return Receipt(item.arrival.key, "failed", code="THROTTLED", params={"retry_after_ms": RETRY_MS})


def unavailable(key: str, gone: Unavailable) -> Receipt:
    """The database is gone: what was sent may be sent again."""
    logger.warning("database unavailable", exc_info=gone)
    return Receipt(key, "failed", code="UNAVAILABLE", params={"retry_after_ms": RETRY_MS})
