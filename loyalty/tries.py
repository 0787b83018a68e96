"""How often somebody may get a code wrong: so many in a quarter of an hour, by key and by address, in every process.

Tries are counted beside the books: whatever becomes of an event, and of the batch it came in, its try stays counted.
Only what is unknown counts, so that a till with good codes never waits. What is under way at the same instant is still
answered; after that there is no answer until the quarter of an hour is over, not even to a good code.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from loyalty.access import Caller
from loyalty.events import Arrival, BenefitClaim, CodeVerify
from loyalty.receipts import Receipt
from loyalty.refusals import Throttled
from loyalty.seals import Secrets
from models.benefits import CodeTries
from models.database import Database
from models.sql import any_of, clock, select
from models.table import table_of

TRIES_MAX: Final = 50
WINDOW: Final = timedelta(minutes=15)
WRONG: Final = frozenset({"CODE_UNKNOWN"})
MILLISECOND: Final = timedelta(milliseconds=1)
LOOKED_AT: Final = CodeVerify(key="", code="")  # Whichever code it was: tries are counted by who tries.

COUNT: Final = (
    "INSERT INTO code_tries (programme_id, name, since, failed) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (programme_id, name) DO UPDATE SET "
    "failed = CASE WHEN code_tries.since <= $5 THEN excluded.failed ELSE code_tries.failed + excluded.failed END, "
    "since = CASE WHEN code_tries.since <= $5 THEN excluded.since ELSE code_tries.since END"
)

Pairs = Sequence[tuple[Caller, Arrival]]


def names(secrets: Secrets, caller: Caller, arrival: Arrival) -> tuple[str, ...]:
    """By whom a try is counted: the key and the address, or, where a house asks for its members, the member.

    No address is kept, and nothing of who a member is: only keyed hashes.
    """
    if not isinstance(arrival, CodeVerify) and not (isinstance(arrival, BenefitClaim) and arrival.promo):
        return ()
    if isinstance(arrival, BenefitClaim) and caller.member_id is None:
        ref = arrival.member
        who = secrets.body_hash(f"{ref.id}/{ref.kind}/{ref.value}")
        return (f"for:{caller.subject}/{who}",)
    own = (f"key:{caller.subject}",)
    return (*own, f"address:{secrets.body_hash(caller.address)}") if caller.address else own


async def barred(
    db: Database, secrets: Secrets, programme_id: int, pairs: Pairs, now: datetime | None
) -> Mapping[int, Receipt]:
    """Who has had all its tries: by place in the batch, with the answer."""
    asked = {index: own for index, (who, what) in enumerate(pairs) if (own := names(secrets, who, what))}
    if not asked:
        return {}
    every = sorted({name for own in asked.values() for name in own})
    where = f"programme_id = $1 AND failed >= $3 AND {any_of(db.dialect, 'name', 2)}"
    rows = await db.read(CodeTries, select(table_of(CodeTries), where), programme_id, every, TRIES_MAX)
    at = now or await _clock(db)
    ends = {row.name: row.since + WINDOW for row in rows if row.since + WINDOW > at}
    found = {index: max((ends[name] for name in own if name in ends), default=None) for index, own in asked.items()}
    return {index: _throttled(pairs[index][1], end - at) for index, end in found.items() if end is not None}


async def count(
    db: Database, secrets: Secrets, programme_id: int, pairs: Pairs, answers: Mapping[int, object], now: datetime | None
) -> None:
    """Count what was wrong, each in a statement of its own that nothing takes back."""
    failed: dict[str, int] = {}
    for index, answer in answers.items():
        if isinstance(answer, Receipt) and answer.code in WRONG and not answer.replayed:
            for name in names(secrets, *pairs[index]):
                failed[name] = failed.get(name, 0) + 1
    if failed:
        at = now or await _clock(db)
        for name, more in sorted(failed.items()):
            await db.run(COUNT, programme_id, name, at, more, at - WINDOW)


async def must_be_let(db: Database, secrets: Secrets, programme_id: int, who: Caller, now: datetime) -> None:
    """Raise Throttled for a reader that has had all its tries: a code that is only looked at can be guessed too."""
    if found := (await barred(db, secrets, programme_id, [(who, LOOKED_AT)], now)).get(0):
        raise Throttled(found.params["retry_after_ms"])


async def count_look(db: Database, secrets: Secrets, programme_id: int, who: Caller, now: datetime) -> None:
    """Count a look at a code that opened nothing."""
    unknown = Receipt(LOOKED_AT.key, "refused", code="CODE_UNKNOWN")
    await count(db, secrets, programme_id, [(who, LOOKED_AT)], {0: unknown}, now)


async def _clock(db: Database) -> datetime:
    found: datetime = (await db.rows(f"SELECT {clock(db.dialect)} AS read_at"))[0]["read_at"]
    return found


def _throttled(arrival: Arrival, span: timedelta) -> Receipt:
    return Receipt(arrival.key, "failed", code="THROTTLED", params={"retry_after_ms": -(-span // MILLISECOND)})
