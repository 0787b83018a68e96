"""The one door into the ledger: claim, load, fold, flush, in one transaction for the whole batch.

One bad event never fails strangers: what is refused is undone alone, what breaks the flush is found by halving, and
whoever's member is locked elsewhere leaves the batch and waits in one of its own.
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from loyalty import arrivals as shapes
from loyalty import log, privacy
from loyalty.access import Caller, require
from loyalty.book import Book, Keys, NeedsMore
from loyalty.claim import Claimer, Claims
from loyalty.events import (
    CLOCKS,
    FACTS,
    Arrival,
    CodeVerify,
    HoldCapture,
    HoldRelease,
    MemberEnrolled,
    MemberRef,
    OrderCancelled,
    OrderPaid,
    OrderReturned,
    PointsAdjust,
    PointsRedeem,
    PointsTransfer,
    ProfileCompleted,
)
from loyalty.flush import flush
from loyalty.fold import Numbers, arrived_of, fold, fold_one, instant_of, queued
from loyalty.handlers import Arrived
from loyalty.house import House
from loyalty.load import Loader, Wanted, numbers_of, wanted_by
from loyalty.payloads import check_payload
from loyalty.receipts import Receipt, again
from loyalty.refusals import Malformed, Refused
from loyalty.resolve import Resolver, Sent, sent
from loyalty.rulebook import Live
from models.codec import Json
from models.connection import Connection
from models.errors import DatabaseError, Retryable, Unavailable
from models.events import Event
from models.members import Member, Personal
from models.sql import clock, lock

logger = logging.getLogger(__name__)

FUTURE: Final = timedelta(minutes=5)
PATIENCE_MS: Final = 100  # For members, at the first attempt: then the batch goes on without the busy ones.
LOCK_MS: Final = 2_000
RETRIES: Final = 3
RETRY_MS: Final = 500
QUEUED_MAX: Final = 256


@dataclass(frozen=True, slots=True)
class Plan:
    """How an attempt goes about it; each setback makes the next one more careful."""

    skip_busy: bool = False
    learn: bool = False  # First the revision that this process has not compiled.
    lock_ms: int = PATIENCE_MS
    tries: int = 0
    counters: frozenset[str] = frozenset()  # To be locked in load: a guard failed, or the fold asked for one.
    whole: bool = False  # All of the members' past: the fold reached further back than the events had said.


class NotCompiled(Exception):
    """The programme has a revision this process has not compiled yet."""


async def receive(
    house: House, caller: Caller, arrivals: Sequence[Arrival], *, now: datetime | None = None
) -> list[Receipt]:
    """Take what arrived, all of one caller; a receipt each, in the order given."""
    return await receive_all(house, caller.programme, [(caller, arrival) for arrival in arrivals], now=now)


async def receive_all(
    house: House, programme: str, pairs: Sequence[tuple[Caller, Arrival]], *, now: datetime | None = None
) -> list[Receipt]:
    """Take a batch of one programme, of any callers. What may not come in at all is answered without being kept."""
    live = await house.rulebook.programme(house.db, programme)
    receipts: dict[int, Receipt] = {}
    items: dict[int, Sent] = {}
    for index, (caller, arrival) in enumerate(pairs):
        try:
            admit(live, caller, arrival)
            items[index] = sent(house.secrets, caller, arrival)
        except Refused as refusal:
            receipts[index] = Receipt(arrival.key, "rejected", code=refusal.code, params=refusal.params)
    if items:
        answers = await house.unbroken(_take(house, live.programme_id, list(items.values()), now, Plan()))
        receipts |= dict(zip(items, answers, strict=True))
    return [receipts[index] for index in range(len(pairs))]


NEEDS: Final[Mapping[type, str]] = {
    PointsRedeem: "points:redeem",
    HoldCapture: "points:redeem",
    HoldRelease: "points:redeem",
    PointsAdjust: "points:adjust",
    PointsTransfer: "points:adjust",
    CodeVerify: "partner:verify",
    **dict.fromkeys(CLOCKS, "clock"),
    **dict.fromkeys(FACTS, "events:write"),
}
FOLLOWED: Final = (PointsTransfer, OrderReturned, OrderCancelled)  # Each may bring one more event into its batch.
# What a member may do with its own account.
BY_MEMBER: Final = (PointsRedeem, HoldCapture, HoldRelease, ProfileCompleted)


def admit(live: Live, caller: Caller, arrival: Arrival) -> None:
    """Whether this may come in at all: its scope, then `check`. Raises Forbidden or Malformed."""
    own = isinstance(arrival, BY_MEMBER) and "member" in caller.scopes and caller.member_id == arrival.member.id
    if not own:
        require(caller, NEEDS[type(arrival)])
    check(live, caller, arrival)


def check(live: Live, caller: Caller, arrival: Arrival) -> None:
    """Shape, shop, currency, and what the programme has declared. Raises Malformed."""
    if not isinstance(arrival, CLOCKS):
        shapes.validate(arrival)
    shop = getattr(arrival, "shop", None)
    declared = live.newest.ruleset.programme.shops
    if shop is not None and not isinstance(arrival, CLOCKS) and (shop not in declared or shop not in caller.shops):
        raise Malformed("SHOP_UNKNOWN", field="/shop", shop=shop, allowed=sorted(set(declared) & set(caller.shops)))
    currency = live.newest.ruleset.programme.currency
    if isinstance(arrival, OrderPaid) and arrival.currency != currency:
        raise Malformed("CURRENCY_RATE_MISSING", field="/currency", currency=arrival.currency, allowed=currency)
    check_payload(live, arrival)


async def _take(house: House, programme_id: int, items: list[Sent], now: datetime | None, plan: Plan) -> list[Receipt]:
    """Attempt a batch until it is committed, each time a little more careful; at the last every event alone."""
    while True:
        try:
            if plan.learn:
                await house.rulebook.learn(house.db, programme_id)
            receipts, busy = await _attempt(house, programme_id, items, now, plan)
        except NotCompiled:
            plan = replace(plan, learn=True)
        except (NeedsMore, Retryable) as setback:
            careful = _more_careful(plan, setback, alone=len(items) == 1)
            if careful is None:
                return await _halve(house, programme_id, items, now, setback)
            plan = careful
        except Unavailable as gone:
            return [_unavailable(item, gone) for item in items]
        except DatabaseError as defect:
            return await _halve(house, programme_id, items, now, defect)
        else:
            for index in sorted(busy):  # A batch of its own, which waits for as long as a lock may be waited for.
                alone = Plan(lock_ms=LOCK_MS, tries=RETRIES)
                receipts[index] = (await _take(house, programme_id, [items[index]], now, alone))[0]
            return [receipts[index] for index in range(len(items))]


def _more_careful(plan: Plan, setback: NeedsMore | Retryable, *, alone: bool) -> Plan | None:
    """The next attempt after a setback, or None when there has been enough of them."""
    if isinstance(setback, NeedsMore) or setback.what == "guard":
        more = _with_more(plan, setback)
        return more if more != plan else None  # What it had already will not help it.
    if plan.tries >= RETRIES:
        return None
    skip_busy = plan.skip_busy or (setback.what == "lock" and not alone)
    return replace(plan, lock_ms=LOCK_MS, tries=plan.tries + 1, skip_busy=skip_busy)


def _with_more(plan: Plan, setback: NeedsMore | Retryable) -> Plan:
    if isinstance(setback, NeedsMore) and setback.what != "counter":
        return replace(plan, whole=True)
    counter = setback.key if isinstance(setback, NeedsMore) else setback.detail
    return replace(plan, counters=plan.counters | {counter})


async def _halve(
    house: House, programme_id: int, items: list[Sent], now: datetime | None, defect: Exception
) -> list[Receipt]:
    """Find the one that breaks the batch: each half alone, in order; what breaks alone is answered."""
    if len(items) == 1:
        return [_busy(items[0]) if isinstance(defect, Retryable) else _internal(house, items[0], defect)]
    middle = len(items) // 2
    first = await _take(house, programme_id, items[:middle], now, Plan())
    return first + await _take(house, programme_id, items[middle:], now, Plan())


async def _attempt(
    house: House, programme_id: int, items: list[Sent], now: datetime | None, plan: Plan
) -> tuple[dict[int, Receipt], set[int]]:
    """One transaction: the receipts, and the items that left because their member is busy."""
    async with house.db.transaction() as tx:
        await tx.share_programme(programme_id, lock_ms=plan.lock_ms)
        live, begun_at = await _live(house, tx, programme_id)
        book = Book(programme_id, live, keys_of(house, programme_id), now or begun_at)
        claimer = Claimer(tx, Resolver(Loader(tx, book, live), house.secrets))
        numbers = await tx.draw("event", len(items))
        claims = await claimer.claim(items, numbers, book.recorded_at, skip_busy=plan.skip_busy)
        locked_at, positions = await tx.stand(len(items))
        at = book.recorded_at = now or locked_at  # Once the locks are held: never the transaction's start.
        receipts, arrived = _arrived(house, live, items, claims, at)
        if arrived:
            waiting = await _load(claimer.loader, claims, arrived.values(), plan)
            arrived = {index: _sealed(house, book, one) for index, one in arrived.items()}
            receipts |= await _fold(tx, book, arrived, positions, waiting)
        gone = claimer.settle(items, claims, receipts, at)
        if arrived:
            await flush(tx, book, min(one.number for one in arrived.values()))
        await claimer.release_identities(claims)
        await claimer.unclaim(gone)
    return _answers(items, claims, receipts), claims.busy


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
        await loader.load([arrived_of(book, event) for event in ready], wanted)
        numbers = Numbers(iter(await tx.draw("position", len(ready))), iter(()))
        for event in ready:
            _guarded(book, arrived_of(book, event), numbers)
        await flush(tx, book, ready[0].id)
        return len(ready)


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
            in_time(live, item, at)
            _must_be_known(item, claims, index)
        except Malformed as refusal:
            receipts[index] = Receipt(item.arrival.key, "rejected", code=refusal.code, params=refusal.params)
            continue
        arrival, body = _addressed(item, claims.others.get(index))
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


def _addressed(item: Sent, other: int | None) -> tuple[Arrival, Json]:
    """A transfer names its receiver by id from here on: the log keeps no identity."""
    if other is None or not isinstance(item.arrival, PointsTransfer):
        return item.arrival, item.body
    return replace(item.arrival, to=MemberRef(id=other)), log.addressed(item.body, other)


def in_time(live: Live, item: Sent, at: datetime) -> None:
    """A fact lies at most 5 minutes ahead, and no further back than the programme's late days (imports excepted)."""
    occurred_at: datetime | None = getattr(item.arrival, "occurred_at", None)
    if occurred_at is None:
        return
    if occurred_at > at + FUTURE:
        raise Malformed("OCCURRED_IN_FUTURE", field="/occurred_at", most=int(FUTURE.total_seconds() // 60))
    days = live.newest.ruleset.programme.late_days
    if occurred_at < at - timedelta(days=days) and "events:import" not in item.caller.scopes:
        raise Malformed("TOO_LATE", field="/occurred_at", most=days)


def _must_be_known(item: Sent, claims: Claims, index: int) -> None:
    """An id is not an identity: an order for a member that does not exist is a mistake, not a stranger's."""
    ref = getattr(item.arrival, "member", None)
    if isinstance(ref, MemberRef) and ref.id is not None and ref.id not in claims.members:
        raise Malformed("MEMBER_UNKNOWN", field="/member")
    if isinstance(item.arrival, PointsTransfer):
        other = claims.members.get(claims.others.get(index) or 0)
        if other is None or other.status != "active":
            raise Malformed("MEMBER_UNKNOWN", field="/to")


async def _load(loader: Loader, claims: Claims, arrived: Collection[Arrived], plan: Plan) -> int:
    """Load what the fold will ask for; how many events wait for these orders."""
    clocks = {member.id: member.clock for member in claims.members.values()}
    wanted = wanted_by(list(arrived), clocks, claims.shown)
    wanted.whole = plan.whole
    await loader.load(list(arrived), wanted)
    if plan.counters:
        await loader.counters(plan.counters, lock(loader.tx.dialect, "FOR UPDATE"))
    return await loader.waiting(set(numbers_of(arrived)) - claims.fresh)


def _sealed(house: House, book: Book, one: Arrived) -> Arrived:
    """Personal values are sealed at the door: the fold and the log never see them."""
    if not isinstance(one.arrival, MemberEnrolled | ProfileCompleted) or not one.arrival.profile or one.holder < 0:
        return one
    whose = privacy.Whose(book.programme_id, one.holder)
    key = house.chance(privacy.KEY_BYTES)
    sealed = privacy.seal(house.secrets, whose, book.get(Personal, one.holder), one.arrival.profile, key)
    return replace(one, personal=sealed)


async def _fold(
    tx: Connection, book: Book, arrived: Mapping[int, Arrived], positions: list[int], waiting: int
) -> dict[int, Receipt]:
    """Fold what arrived. There is one event more for whatever waits, may come to wait, or has another side."""
    follow = waiting + sum(isinstance(one.arrival, FOLLOWED) for one in arrived.values())
    later = await tx.draw("position", follow) if follow else []
    more = await tx.draw("event", follow) if follow else []
    numbers = Numbers(iter([*positions, *later]), iter(more))
    return dict(zip(arrived, fold(book, list(arrived.values()), numbers, _guarded), strict=True))


def _guarded(book: Book, one: Arrived, numbers: Numbers) -> Receipt:
    """Fold one event; a defect undoes that event alone, is logged with an error id, and nothing is kept of it."""
    mark = book.mark()
    try:
        return fold_one(book, one, numbers)
    except NeedsMore:
        raise
    except Exception as defect:  # The one place below a door that catches everything.
        book.undo(mark)
        error_id = f"{one.number:x}"  # Numbers are drawn once: no other event has it.
        logger.exception("event failed", extra={"error_id": error_id, "kind": one.arrival.kind}, exc_info=defect)
        return Receipt(one.arrival.key, "failed", code="INTERNAL", params={"error_id": error_id})


def _answers(items: Sequence[Sent], claims: Claims, receipts: Mapping[int, Receipt]) -> dict[int, Receipt]:
    answers = claims.answers | dict(receipts)
    for index, receipt in claims.answers.items():
        if receipt.state == "twin":
            answers[index] = again(answers[receipt.params["of"]], items[index].arrival.key)
    return answers


def _internal(house: House, item: Sent, defect: Exception) -> Receipt:
    error_id = house.chance(8).hex()
    extra = {"error_id": error_id, "kind": item.arrival.kind}
    logger.error("event failed", extra=extra, exc_info=defect)
    return Receipt(item.arrival.key, "failed", code="INTERNAL", params={"error_id": error_id})


def _busy(item: Sent) -> Receipt:
    return Receipt(item.arrival.key, "failed", code="THROTTLED", params={"retry_after_ms": RETRY_MS})


def _unavailable(item: Sent, gone: Unavailable) -> Receipt:
    logger.warning("database unavailable", exc_info=gone)
    return Receipt(item.arrival.key, "failed", code="UNAVAILABLE", params={"retry_after_ms": RETRY_MS})
