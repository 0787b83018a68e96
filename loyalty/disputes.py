"""Disputes about a month: a partner names lines, staff answers. What is put right is a line of the month that is open.

A closed month stays as it was: whatever an answer is worth is money in a line of its own, recorded now.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from loyalty import settlements
from loyalty.access import Caller
from loyalty.audit import Change, record
from loyalty.refusals import Malformed, Refused
from loyalty.rulebook import Live
from loyalty.seals import Secrets
from loyalty.shapes import REASON_MAX, key, text
from models.codec import canonical
from models.connection import Connection
from models.database import Database
from models.settlements import Dispute, SettlementLine
from rules import exact

LINES_MAX: Final = 100
AMOUNT_MAX: Final = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class Claim:
    """What a partner does not agree with: lines by (source, holder, number); none for the month as a whole."""

    key: str
    month: date
    lines: Sequence[tuple[int, int, int]]
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What staff says to it: `amount` to the partner (from it below zero), or none where it is turned down."""

    key: str
    amount: Decimal | None
    reason: str


async def open_dispute(
    db: Database, secrets: Secrets, caller: Caller, live: Live, claim: Claim, *, now: datetime | None = None
) -> tuple[Dispute, bool]:
    """Keep what a partner says; whether it had been said under this key before."""
    key(claim.key, "/idempotency_key")
    text(REASON_MAX, least=1)(claim.reason, "/reason")
    if len(claim.lines) > LINES_MAX:
        raise Malformed("TOO_MANY", "/lines", most=LINES_MAX)
    body = canonical(
        {"month": claim.month.isoformat(), "lines": [list(one) for one in claim.lines], "why": claim.reason}
    )
    async with db.transaction() as connection:
        at = now or await connection.clock()
        if settlements.Months(live, at).start(claim.month) > at:
            raise Malformed("INVALID_MONTH", "/month")
        (number,) = await connection.draw("event", 1)
        row = Dispute(
            programme_id=live.programme_id,
            id=number,
            partner=caller.partner or "",
            month=claim.month,
            lines=canonical([list(one) for one in claim.lines]),
            reason=claim.reason,
            subject=caller.subject,
            key=claim.key,
            body_hash=secrets.body_hash(body),
            opened_at=at,
            state="open",
            answered_at=None,
            answer="",
        )
        if not await connection.insert([row], on_conflict="ignore", returning=("id",)):
            return await _same(connection, row), True
        about = {"month": claim.month.isoformat(), "lines": len(claim.lines)}
        change = Change("dispute.open", f"partner {row.partner}", at, after=about, note=claim.reason)
        await record(connection, live.programme_id, caller, change)
    return row, False


async def _same(connection: Connection, row: Dispute) -> Dispute:
    """The dispute that this key opened before; with other input it is a mismatch."""
    sql = "SELECT * FROM disputes WHERE programme_id = $1 AND subject = $2 AND key = $3"
    (kept,) = await connection.read(Dispute, sql, row.programme_id, row.subject, row.key)
    if kept.body_hash != row.body_hash:
        raise Malformed("IDEMPOTENCY_MISMATCH", "/idempotency_key", key=row.key)
    return kept


async def answer(
    db: Database,
    secrets: Secrets,
    caller: Caller,
    live: Live,
    dispute_id: int,
    said: Answer,
    *,
    now: datetime | None = None,
) -> tuple[Dispute, bool]:
    """Answer a dispute once: with money, which is a line of the month that is open now, or with a reason why not."""
    key(said.key, "/idempotency_key")
    text(REASON_MAX, least=1)(said.reason, "/reason")
    _must_fit(live, said.amount)
    body = secrets.body_hash(canonical({"dispute": dispute_id, "amount": str(said.amount), "why": said.reason}))
    async with db.transaction() as connection:
        await connection.share_programme(live.programme_id)
        at = now or await connection.clock()
        found = await _of(connection, live, dispute_id)
        done = await _answered(connection, live, caller, said, body)
        if done:
            return found, True
        if found.state != "open":
            raise Refused("DISPUTE_CLOSED")
        state = "rejected" if said.amount is None else "adjusted"
        row = replace(found, state=state, answered_at=at, answer=said.reason)
        claimed = "UPDATE disputes SET state = $3 WHERE programme_id = $1 AND id = $2 AND state = 'open'"
        if not await connection.run(claimed, live.programme_id, dispute_id, state):
            raise Refused("DISPUTE_CLOSED")
        await connection.update([row], ("state", "answered_at", "answer"))
        (number,) = await connection.draw("event", 1)
        line = SettlementLine(
            programme_id=live.programme_id,
            id=number,
            partner=found.partner,
            recorded_at=at,
            amount=str(said.amount or Decimal(0)),
            reason=said.reason,
            dispute_id=dispute_id,
            subject=caller.subject,
            key=said.key,
            body_hash=body,
        )
        await connection.insert([line])
        about = {"state": state, "amount": line.amount, "dispute": dispute_id}
        change = Change("dispute.answer", f"partner {found.partner}", at, after=about, note=said.reason)
        await record(connection, live.programme_id, caller, change)
    return row, False


def _must_fit(live: Live, amount: Decimal | None) -> None:
    scale = exact.currency_scale(live.newest.ruleset.programme.currency)
    if amount is not None and (not amount or abs(amount) > AMOUNT_MAX or exact.units(abs(amount), scale) is None):
        raise Malformed("INVALID_AMOUNT", "/amount", least=-AMOUNT_MAX, most=AMOUNT_MAX)


async def _of(connection: Connection, live: Live, dispute_id: int) -> Dispute:
    sql = "SELECT * FROM disputes WHERE programme_id = $1 AND id = $2"
    rows: list[Dispute] = await connection.read(Dispute, sql, live.programme_id, dispute_id)
    if not rows:
        raise Refused("NOT_FOUND")
    return rows[0]


async def _answered(connection: Connection, live: Live, caller: Caller, said: Answer, body: str) -> bool:
    """Whether this key has answered before; with other input it is a mismatch."""
    sql = "SELECT * FROM settlement_lines WHERE programme_id = $1 AND subject = $2 AND key = $3"
    rows = await connection.read(SettlementLine, sql, live.programme_id, caller.subject, said.key)
    if rows and rows[0].body_hash != body:
        raise Malformed("IDEMPOTENCY_MISMATCH", "/idempotency_key", key=said.key)
    return bool(rows)


async def listed(db: Database, live: Live, partner: str) -> list[Dispute]:
    """A partner's disputes, the newest first; 100 at most."""
    sql = "SELECT * FROM disputes WHERE programme_id = $1 AND partner = $2 ORDER BY id DESC LIMIT 100"
    return await db.read(Dispute, sql, live.programme_id, partner)
