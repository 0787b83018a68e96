"""What the programme and a partner owe each other, by the month: read from the ledger at the rates that were agreed.

A month has what was recorded in it, in the programme's zone, whenever it happened: so a month that is over stays as it
is, and what comes late is in the next one. Points and uses are priced by the version that decided them, and what takes
them back by the version it takes back. Amounts are exact decimals of the currency; the balance is rounded once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from loyalty.access import Caller
from loyalty.audit import Change, record
from loyalty.refusals import Malformed, Refused
from loyalty.rulebook import Live
from models.codec import canonical, parse
from models.database import Database, Reader
from models.settlements import Settlement
from rules import exact

MONTHS_MAX: Final = 240  # Closed in one go: a programme older than that is closed by several.
NOTHING: Final = Decimal(0)
EARNED, EARN_REVERSED, BURNT, BURN_REVERSED = "earned", "earn_reversed", "burnt", "burn_reversed"
USED, USE_REVERSED, ADJUSTED = "used", "use_reversed", "adjusted"
# What each kind does to the balance: the programme pays for what was burnt and used, the partner for what was earned.
SIGNS: Final[Mapping[str, int]] = {
    EARNED: -1,
    EARN_REVERSED: 1,
    BURNT: 1,
    BURN_REVERSED: -1,
    USED: 1,
    USE_REVERSED: -1,
    ADJUSTED: 1,
}
KINDS: Final = tuple(SIGNS)

POINTS: Final = """
    SELECT t.member_id, t.id, t.event_id, t.recorded_at, t.amount, COALESCE(o.version, t.version) AS version,
        t.order_id, t.burnt_on, NULL AS benefit,
        CASE WHEN t.debit = 'issued' THEN 'earned' WHEN t.credit = 'issued' THEN 'earn_reversed'
            WHEN t.credit = 'redeemed' THEN 'burnt' ELSE 'burn_reversed' END AS kind
    FROM transfers t LEFT JOIN transfers o
        ON o.programme_id = t.programme_id AND o.member_id = t.member_id AND o.id = t.reverses
    WHERE t.programme_id = $1 AND t.partner = $2 AND t.recorded_at >= $3 AND t.recorded_at < $4 AND t.wallet = $5
        AND (t.debit IN ('issued', 'redeemed') OR t.credit IN ('issued', 'redeemed'))
"""
USES: Final = """
    SELECT m.member_id, m.id, m.event_id, v.received_at AS recorded_at, 1 AS amount, e.version,
        e.order_id, NULL AS burnt_on, e.benefit,
        CASE WHEN m.reason LIKE 'undone:%' THEN 'use_reversed' ELSE 'used' END AS kind
    FROM entitlements e
    JOIN entitlement_moves m
        ON m.programme_id = e.programme_id AND m.member_id = e.member_id AND m.entitlement_id = e.id
    JOIN events v ON v.programme_id = m.programme_id AND v.member_id = m.member_id AND v.id = m.event_id
    WHERE e.programme_id = $1 AND e.partner = $2 AND v.received_at >= $3 AND v.received_at < $4
        AND (m.reason = 'code' OR m.state_to = 'used' OR m.reason LIKE 'undone:%'
            OR (m.state_from = 'issued' AND m.state_to = 'issued'))
"""
OWN: Final = """
    SELECT 0 AS member_id, id, id AS event_id, recorded_at, amount, reason
    FROM settlement_lines WHERE programme_id = $1 AND partner = $2 AND recorded_at >= $3 AND recorded_at < $4
    ORDER BY recorded_at, id
"""
SUMMED: Final = """
    SELECT kind, benefit, version, COUNT(*) AS pieces, SUM(amount) AS amount FROM ({rows}) found
    GROUP BY kind, benefit, version ORDER BY kind, benefit, version
"""
PAGED: Final = """
    SELECT f.member_id, f.id, f.event_id, f.recorded_at, f.amount, f.version, f.benefit, f.kind, v.shop, v.order_number
    FROM ({rows}) f
    JOIN events v ON v.programme_id = $1 AND v.member_id = f.member_id AND v.id = f.event_id
"""


AFTER: Final = """
    (f.recorded_at > {0} OR (f.recorded_at = {0} AND (f.member_id > {1} OR (f.member_id = {1} AND f.id > {2}))))
"""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MOST: Final = 2**62
BEFORE_ALL: Final = (-1, 0, -MOST, -MOST)
LINES_MAX: Final = 1_000_000
SOURCES: Final = ("points", "use", "own")


@dataclass(frozen=True, slots=True)
class Sum:
    """What one kind came to at one rate. `quantity` is points of the main wallet, or uses; `amount` to the partner."""

    kind: str
    benefit: str | None
    rate: Decimal | None
    pieces: int
    quantity: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was recorded: a transfer, a step of an entitlement, or money that puts something right."""

    source: int  # An index of SOURCES.
    member_id: int
    number: int
    event_id: int
    recorded_at: datetime
    kind: str
    benefit: str | None
    rate: Decimal | None
    quantity: Decimal
    amount: Decimal
    reference: str | None  # The order it was about, as the partner numbered it.
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A month of one partner. `balance` is what the programme owes; below zero the partner owes."""

    partner: str
    month: date
    starts_at: datetime
    ends_at: datetime
    closed_at: datetime | None
    currency: str
    sums: tuple[Sum, ...]
    balance: Decimal
    owed: int  # The balance in minor units, rounded once, half away from zero.


@dataclass(frozen=True, slots=True)
class Months:
    """The months of a programme, in its own zone."""

    live: Live
    now: datetime

    def start(self, month: date) -> datetime:
        """When a month begins."""
        zone = self.live.at(self.now).ruleset.zone
        return datetime(month.year, month.month, 1, tzinfo=zone).astimezone(UTC)

    def of(self, instant: datetime) -> date:
        """The month an instant is in."""
        return instant.astimezone(self.live.at(self.now).ruleset.zone).date().replace(day=1)


def after(month: date) -> date:
    """The month that follows."""
    return (month + timedelta(days=31)).replace(day=1)


def read_month(text: str, at: str = "/month") -> date:
    """A month as it is written, 2026-11. Raises Malformed."""
    try:
        if len(text) != 7 or text[4] != "-" or not text.replace("-", "").isascii():
            raise ValueError
        return date(int(text[:4]), int(text[5:]), 1)
    except ValueError:
        raise Malformed("INVALID_MONTH", at) from None


async def statement(db: Database | Reader, live: Live, partner: str, month: date, now: datetime) -> Statement:
    """A month's statement: as it was closed, or as it stands. NOT_FOUND for a month that has not begun."""
    months = Months(live, now)
    starts_at, ends_at = months.start(month), months.start(after(month))
    if starts_at > now:
        raise Refused("NOT_FOUND")
    kept = await _kept(db, live.programme_id, partner, month)
    if kept is not None:
        return _of_row(kept)
    sums = tuple(await _sums(db, live, partner, (starts_at, ends_at)))
    balance = sum((one.amount for one in sums), NOTHING)
    currency = live.at(now).ruleset.programme.currency
    owed = int(balance.scaleb(exact.currency_scale(currency)).quantize(Decimal(1), ROUND_HALF_UP))
    return Statement(partner, month, starts_at, ends_at, None, currency, sums, balance, owed)


async def lines(
    db: Database | Reader, live: Live, found: Statement, *, after_key: Sequence[int] | None = None, most: int = 100
) -> list[Line]:
    """The lines of a month in the order they were recorded, from the key of one on."""
    key = tuple(after_key) if after_key else BEFORE_ALL
    every = await _lines(db, live, found.partner, (found.starts_at, found.ends_at), key, most)
    return sorted(every, key=key_of)[:most]


async def between(db: Database | Reader, live: Live, partner: str, span: tuple[datetime, datetime]) -> list[Line]:
    """Every line that was recorded in a stretch of time."""
    return sorted(await _lines(db, live, partner, span, BEFORE_ALL, LINES_MAX), key=key_of)


def key_of(line: Line) -> tuple[int, int, int, int]:
    """Where a line stands: microseconds since 1970, where it was read from, its holder, its number there."""
    return (micros(line.recorded_at), line.source, line.member_id, line.number)


def micros(instant: datetime) -> int:
    """An instant as a number that sorts: microseconds since 1970."""
    return (instant - EPOCH) // timedelta(microseconds=1)


async def _lines(
    db: Database | Reader, live: Live, partner: str, span: tuple[datetime, datetime], key: tuple[int, ...], most: int
) -> list[Line]:
    """As many as wanted of each source, after a key."""
    at = EPOCH + timedelta(microseconds=key[0])
    found: list[Line] = []
    for source, (sql, more) in enumerate(((POINTS, (_wallet(live),)), (USES, ()))):
        place = key[2:] if key[1] == source else ((-MOST, -MOST) if source > key[1] else (MOST, MOST))
        args = (live.programme_id, partner, *span, *more)
        where = AFTER.format(*(f"${len(args) + n}" for n in (1, 2, 3)))
        paged = f"{PAGED.format(rows=sql)} WHERE {where} ORDER BY f.recorded_at, f.member_id, f.id LIMIT {int(most)}"
        found += [_line(live, partner, source, row) for row in await db.rows(paged, *args, at, *place)]
    own = [_adjusted(row) for row in await db.rows(OWN, live.programme_id, partner, *span)]
    return found + [line for line in own if key_of(line) > key]


async def _sums(db: Database | Reader, live: Live, partner: str, span: tuple[datetime, datetime]) -> list[Sum]:
    grouped: dict[tuple[str, str | None, Decimal | None], tuple[int, Decimal]] = {}
    for sql, more in ((POINTS, (_wallet(live),)), (USES, ())):
        for row in await db.rows(SUMMED.format(rows=sql), live.programme_id, partner, *span, *more):
            name = (row["kind"], row["benefit"], rate_of(live, partner, row))
            pieces, quantity = grouped.get(name, (0, NOTHING))
            grouped[name] = (pieces + int(row["pieces"]), quantity + _quantity(live, row))
    found = [
        Sum(kind, benefit, rate, pieces, quantity, SIGNS[kind] * quantity * (rate or NOTHING))
        for (kind, benefit, rate), (pieces, quantity) in grouped.items()
    ]
    own = [_adjusted(row).amount for row in await db.rows(OWN, live.programme_id, partner, *span)]
    if own:
        found.append(Sum(ADJUSTED, None, None, len(own), Decimal(len(own)), sum(own, NOTHING)))
    return sorted(found, key=lambda one: (KINDS.index(one.kind), one.benefit or "", one.rate or NOTHING))


def rate_of(live: Live, partner: str, row: Mapping[str, Any]) -> Decimal | None:
    """The rate that was agreed in the version that decided; None where it said none."""
    edition = next((one for one in live.editions if one.number == row["version"]), None)
    declared = edition.ruleset.partners.get(partner) if edition else None
    if declared is None:
        return None
    if row["benefit"] is not None:
        return declared.settles.used.get(row["benefit"])
    return declared.settles.earned if row["kind"] in (EARNED, EARN_REVERSED) else declared.settles.burnt


def _line(live: Live, partner: str, source: int, row: Mapping[str, Any]) -> Line:
    rate, quantity = rate_of(live, partner, row), _quantity(live, row)
    return Line(
        source=source,
        member_id=int(row["member_id"]),
        number=int(row["id"]),
        event_id=int(row["event_id"]),
        recorded_at=instant_of(row["recorded_at"]),
        kind=row["kind"],
        benefit=row["benefit"],
        rate=rate,
        quantity=quantity,
        amount=SIGNS[row["kind"]] * quantity * (rate or NOTHING),
        reference=row["order_number"] if row["shop"] in _shops(live, partner) else None,
    )


def _shops(live: Live, partner: str) -> frozenset[str]:
    declared = [one.ruleset.partners.get(partner) for one in live.editions]
    return frozenset(shop for one in declared if one is not None for shop in one.shops)


def _adjusted(row: Mapping[str, Any]) -> Line:
    amount, at = Decimal(row["amount"]), instant_of(row["recorded_at"])
    number = int(row["id"])
    return Line(2, 0, number, number, at, ADJUSTED, None, None, Decimal(1), amount, None, row["reason"])


def instant_of(value: Any) -> datetime:
    """An instant as either database hands it out."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def _quantity(live: Live, row: Mapping[str, Any]) -> Decimal:
    amount = Decimal(int(row["amount"]))
    if row["benefit"] is not None:
        return amount
    programme = live.newest.ruleset.programme
    return amount.scaleb(-programme.wallets[programme.main_wallet].scale)


def _wallet(live: Live) -> str:
    return live.newest.ruleset.programme.main_wallet


# Closing.


async def close(db: Database, live: Live, caller: Caller, due: datetime) -> int:
    """Close every month that has been over for its partner's days by then; how many. What is closed never changes."""
    closed = 0
    (row,) = await db.rows("SELECT created_at FROM programmes WHERE id = $1", live.programme_id)
    begun = Months(live, due).of(instant_of(row["created_at"]))
    for partner in partners_of(live):
        for month in await _due_months(db, live, partner, begun, due):
            closed += await _close_one(db, live, caller, partner, month, due)
    return closed


def partners_of(live: Live) -> list[str]:
    """Every partner that any version declared: who left is still owed."""
    return sorted({key for one in live.editions for key in one.ruleset.partners})


async def _due_months(db: Database, live: Live, partner: str, begun: date, due: datetime) -> list[date]:
    sql = "SELECT MAX(month) AS month FROM settlements WHERE programme_id = $1 AND partner = $2"
    (row,) = await db.rows(sql, live.programme_id, partner)
    last = row["month"]
    month = begun if last is None else after(last if isinstance(last, date) else date.fromisoformat(last))
    declared = [one.ruleset.partners[partner] for one in live.editions if partner in one.ruleset.partners]
    wait, months = timedelta(days=declared[-1].closes_after_days), Months(live, due)
    found: list[date] = []
    while months.start(after(month)) + wait <= due and len(found) < MONTHS_MAX:
        found.append(month)
        month = after(month)
    return found


async def _close_one(db: Database, live: Live, caller: Caller, partner: str, month: date, due: datetime) -> bool:
    async with db.transaction(patient=True) as connection:
        found = await statement(connection, live, partner, month, due)
        if found.closed_at is not None:
            return False
        row = Settlement(
            programme_id=live.programme_id,
            partner=partner,
            month=month,
            starts_at=found.starts_at,
            ends_at=found.ends_at,
            closed_at=due,
            currency=found.currency,
            sums=canonical([_written(one) for one in found.sums]),
            balance=str(found.balance),
            owed=found.owed,
        )
        new = await connection.insert([row], on_conflict="ignore", returning=("partner",))
        if new:
            after_ = {"month": month.isoformat(), "balance": row.balance}
            change = Change("settlement.close", f"partner {partner}", due, after=after_)
            await record(connection, live.programme_id, caller, change)
        return bool(new)


async def _kept(db: Database | Reader, programme_id: int, partner: str, month: date) -> Settlement | None:
    sql = "SELECT * FROM settlements WHERE programme_id = $1 AND partner = $2 AND month = $3"
    rows: list[Settlement] = await db.read(Settlement, sql, programme_id, partner, month)
    return rows[0] if rows else None


def _written(one: Sum) -> dict[str, Any]:
    numbers = {"quantity": str(one.quantity), "amount": str(one.amount)}
    rate = None if one.rate is None else str(one.rate)
    return {"kind": one.kind, "benefit": one.benefit, "rate": rate, "pieces": one.pieces, **numbers}


def _of_row(row: Settlement) -> Statement:
    sums = tuple(_read(one) for one in parse(row.sums))
    span = (row.starts_at, row.ends_at, row.closed_at)
    return Statement(row.partner, row.month, *span, row.currency, sums, Decimal(row.balance), row.owed)


def _read(one: Mapping[str, Any]) -> Sum:
    rate = None if one["rate"] is None else Decimal(one["rate"])
    return Sum(one["kind"], one["benefit"], rate, one["pieces"], Decimal(one["quantity"]), Decimal(one["amount"]))


async def faults(db: Database, live: Live) -> Iterator[tuple[str, date, Decimal, Decimal]]:
    """Closed months that the ledger tells otherwise by now: partner, month, what was closed, what it says."""
    sql = "SELECT * FROM settlements WHERE programme_id = $1 ORDER BY partner, month"
    found: list[tuple[str, date, Decimal, Decimal]] = []
    for row in await db.read(Settlement, sql, live.programme_id):
        kept = _of_row(row)
        sums = await _sums(db, live, row.partner, (row.starts_at, row.ends_at))
        balance = sum((one.amount for one in sums), NOTHING)
        if balance != kept.balance or [_written(one) for one in sums] != [_written(one) for one in kept.sums]:
            found.append((row.partner, row.month, kept.balance, balance))
    return iter(found)
