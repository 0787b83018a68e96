"""What a partner brand may know: of its own benefits how many, of a member nothing that it did not consent to.

Whatever is looked up for a partner is looked up among what is the partner's own, in one statement: what is another's
and what does not exist take the same way and give the same answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from loyalty import settlements
from loyalty.refusals import Malformed, Refused
from loyalty.rulebook import Live
from models.benefits import Entitlement
from models.codec import parse
from models.database import Database
from models.limits import Counter
from models.sql import any_of
from models.table import table_of

DAYS_MAX: Final = 31
COUNTED: Final = """
SELECT benefit, CASE
    WHEN state = 'used' THEN 'used'
    WHEN state IN ('issued', 'reserved') AND (expires_at IS NULL OR expires_at > $3) THEN 'issued'
    ELSE 'expired'
  END AS fate, COUNT(*) AS pieces
FROM entitlements WHERE programme_id = $1 AND partner = $2
  AND (transfer_id IS NOT NULL OR points = 0 OR state = 'reserved')
GROUP BY 1, 2
"""
OPEN: Final = """
    e.programme_id = $1 AND e.partner = $2 AND e.state = 'issued' AND (e.expires_at IS NULL OR e.expires_at > $3)
    AND EXISTS (SELECT 1 FROM members m WHERE m.programme_id = e.programme_id AND m.id = e.member_id
        AND m.status = 'active')
"""
BY_CODE: Final = """
    AND EXISTS (SELECT 1 FROM codes c WHERE c.programme_id = e.programme_id AND c.hash = $4
        AND c.member_id = e.member_id AND c.entitlement_id = e.id)
"""
ISSUED: Final = """
    SELECT m.at FROM entitlements e
    JOIN entitlement_moves m
        ON m.programme_id = e.programme_id AND m.member_id = e.member_id AND m.entitlement_id = e.id
    WHERE e.programme_id = $1 AND e.partner = $2 AND m.at >= $3 AND m.at < $4
        AND m.state_to = 'issued' AND (m.state_from IS NULL OR m.state_from = 'reserved')
"""
PURCHASES: Final = """
    SELECT v.received_at AS at FROM order_refs r
    JOIN events v ON v.programme_id = r.programme_id AND v.member_id = r.member_id AND v.id = r.event_id
    WHERE r.programme_id = $1 AND r.kind = 'order' AND r.order_id IS NOT NULL
        AND v.received_at >= $2 AND v.received_at < $3 AND {shops}
"""


async def usage(db: Database, programme_id: int, partner: str, now: datetime) -> Mapping[tuple[str, str], int]:
    """How many of each of its benefits are out, used, or over, by benefit and fate."""
    rows = await db.rows(COUNTED, programme_id, partner, now)
    return {(row["benefit"], row["fate"]): int(row["pieces"]) for row in rows}


async def stock_left(db: Database, programme_id: int) -> Mapping[str, int]:
    """What is left of every benefit that has a stock and has been given."""
    sql = f"SELECT {table_of(Counter).select} FROM counters WHERE programme_id = $1 AND name LIKE 'stock:%'"
    rows: list[Counter] = await db.read(Counter, sql, programme_id)
    return {row.name.removeprefix("stock:"): row.left for row in rows}


async def shares(db: Database, live: Live, partner: str, member_id: int, now: datetime) -> bool:
    """Whether a member consents to all that the partner needs: only then it may learn that there is such a member."""
    declared = live.at(now).ruleset.partners.get(partner)
    sql = (
        "SELECT t.consents FROM members m LEFT JOIN traits t ON t.programme_id = m.programme_id AND t.member_id = m.id "
        "WHERE m.programme_id = $1 AND m.id = $2 AND m.status = 'active'"
    )
    rows = await db.rows(sql, live.programme_id, member_id)
    if declared is None or not rows or rows[0]["consents"] is None:
        return False
    given = parse(rows[0]["consents"])
    return all(given.get(purpose) is True for purpose in declared.consents)


async def entitled_by_code(db: Database, live: Live, partner: str, hashed: str, now: datetime) -> Entitlement | None:
    """The open entitlement behind a code of the partner's own."""
    found = await db.read(Entitlement, _select(BY_CODE), live.programme_id, partner, now, hashed)
    return found[0] if found else None


async def entitled_member(db: Database, live: Live, partner: str, member_id: int, now: datetime) -> list[Entitlement]:
    """What a member has of the partner's benefits that can be used now, what ends first before the rest."""
    order = " AND e.member_id = $4 ORDER BY e.expires_at IS NULL, e.expires_at, e.id"
    return await db.read(Entitlement, _select(order), live.programme_id, partner, now, member_id)


def _select(more: str) -> str:
    columns = ", ".join(f"e.{name.strip()}" for name in table_of(Entitlement).select.split(","))
    return f"SELECT {columns} FROM entitlements e WHERE {OPEN} {more}"


@dataclass(frozen=True, slots=True)
class Redemption:
    """A use of a code: which entitlement, when, and whether it has been taken back."""

    row: Entitlement
    event_id: int
    at: datetime
    undone: bool


async def redemption(db: Database, live: Live, partner: str, member_id: int, event_id: int) -> Redemption:
    """A use of a code of the partner's own, by the event that used it. NOT_FOUND for any other."""
    sql = (
        "SELECT m.id, m.entitlement_id, m.at FROM entitlement_moves m JOIN entitlements e ON "
        "e.programme_id = m.programme_id AND e.member_id = m.member_id AND e.id = m.entitlement_id "
        "WHERE m.programme_id = $1 AND m.member_id = $2 AND m.event_id = $3 AND e.partner = $4 AND m.reason = 'code'"
    )
    rows = await db.rows(sql, live.programme_id, member_id, event_id, partner)
    if not rows:
        raise Refused("NOT_FOUND")
    sql = "SELECT * FROM entitlements WHERE programme_id = $1 AND member_id = $2 AND id = $3"
    (row,) = await db.read(Entitlement, sql, live.programme_id, member_id, rows[0]["entitlement_id"])
    sql = (
        "SELECT id FROM entitlement_moves "
        "WHERE programme_id = $1 AND member_id = $2 AND entitlement_id = $3 AND reason = $4"
    )
    undone = await db.rows(sql, live.programme_id, member_id, row.id, f"undone:{rows[0]['id']}")
    return Redemption(row, event_id, settlements.instant_of(rows[0]["at"]), bool(undone))


def _between(zone: ZoneInfo, first: date, last: date) -> tuple[datetime, datetime]:
    starts = datetime(first.year, first.month, first.day, tzinfo=zone).astimezone(UTC)
    following = last + timedelta(days=1)
    return starts, datetime(following.year, following.month, following.day, tzinfo=zone).astimezone(UTC)


def _day(made: Mapping[date, "Day"], zone: ZoneInfo, at: Any) -> "Day":
    return made[settlements.instant_of(at).astimezone(zone).date()]


@dataclass(slots=True)
class Day:
    """What happened at a partner on one day, in the programme's zone. Counts and points, and nobody behind them."""

    day: date
    issued: int = 0
    used: int = 0
    taken_back: int = 0
    purchases: int = 0
    earned: Decimal = settlements.NOTHING
    burnt: Decimal = settlements.NOTHING


async def days(db: Database, live: Live, partner: str, first: date, last: date, now: datetime) -> list[Day]:
    """Every day from `first` to `last`, 31 at most, by when it was recorded. Malformed for a stretch that is none."""
    if not timedelta() <= last - first < timedelta(days=DAYS_MAX):
        raise Malformed("INVALID_PERIOD", "/last", most=DAYS_MAX)
    zone = live.at(now).ruleset.zone
    made = {first + timedelta(days=n): Day(first + timedelta(days=n)) for n in range((last - first).days + 1)}
    span = _between(zone, first, last)
    args = (live.programme_id, partner, *span)
    for row in await db.rows(ISSUED, *args):
        _day(made, zone, row["at"]).issued += 1
    shops = sorted(live.at(now).ruleset.partners[partner].shops) if partner in live.at(now).ruleset.partners else []
    for row in await db.rows(PURCHASES.format(shops=any_of(db.dialect, "r.shop", 4)), live.programme_id, *span, shops):
        _day(made, zone, row["at"]).purchases += 1
    for line in await settlements.between(db, live, partner, span):
        day = _day(made, zone, line.recorded_at)
        for name, change in COUNTS[line.kind].items():
            setattr(day, name, getattr(day, name) + change * line.quantity)
    return list(made.values())


COUNTS: Final[Mapping[str, Mapping[str, int]]] = {
    settlements.EARNED: {"earned": 1},
    settlements.EARN_REVERSED: {"earned": -1},
    settlements.BURNT: {"burnt": 1},
    settlements.BURN_REVERSED: {"burnt": -1},
    settlements.USED: {"used": 1},
    settlements.USE_REVERSED: {"taken_back": 1},
    settlements.ADJUSTED: {},
}
