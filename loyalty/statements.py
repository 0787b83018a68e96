"""Statements: the entries of a wallet as its owner sees them, what will expire, what a member holds, how it got there.

Pages are read newest first by a key that stays: position and id. Balances of a wallet are `loyalty/views.py`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from loyalty.points import free
from loyalty.views import Account
from models.benefits import Entitlement
from models.database import Database
from models.events import Event
from models.points import Lot, Transfer
from models.sql import any_of
from models.table import table_of
from models.tiers import StandingMove
from rules import calendar

Key = tuple[int, ...]
NEWEST: Final = (2**63 - 1, 2**63 - 1)
OWN: Final = frozenset({"pending", "available", "held", "owed"})  # A debt is the member's own too, below zero.
SHOWN: Final = frozenset({"available", "owed"})

KINDS: Final[Mapping[str, str]] = {
    "earned": "EARN",
    "enrolled": "EARN",
    "matured": "MATURE",
    "redeemed": "REDEEM",
    "captured": "REDEEM",
    "held": "HOLD",
    "released": "RELEASE",
    "lapsed": "RELEASE",
    "expired": "EXPIRE",
    "cleared": "EXPIRE",
    "restored": "EARN",
    "returned": "REVERSE",
    "cancelled": "REVERSE",
    "given_back": "GIVE_BACK",
    "adjusted": "ADJUST",
    "converted": "CONVERT",
    "debt_paid": "DEBT",
    "transferred": "TRANSFER",
    "gifted": "TRANSFER",
    "gift_received": "TRANSFER",
    "transfer_fee": "REDEEM",
    "pooled": "TRANSFER",
    "pool_shared": "TRANSFER",
    "pool_received": "TRANSFER",
    "pool_returned": "TRANSFER",
    "received_from_pool": "TRANSFER",
    "pool_paid": "REDEEM",
    "pool_repaid": "GIVE_BACK",
    "received": "TRANSFER",
    "merged": "MERGE",
    "undeliverable": "EXPIRE",
    "erased": "EXPIRE",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A transfer as one wallet sees it."""

    row: Transfer
    balance_after: int | None
    order_number: str | None
    shop: str | None
    expires_at: datetime | None

    @property
    def kind(self) -> str:
        """What sort of entry it is."""
        return KINDS.get(self.row.reason, "OTHER")

    @property
    def change(self) -> int:
        """What it changes in all the wallet holds: nothing, where points only become available or are set aside."""
        return self.row.amount * ((self.row.credit in OWN) - (self.row.debit in OWN))

    @property
    def shown_change(self) -> int:
        """What it changes in the balance shown."""
        return self.row.amount * ((self.row.credit in SHOWN) - (self.row.debit in SHOWN))


# A transfer from another member may have made several lots: the first of them to end is told.
ENDS: Final = """(
  SELECT MIN(l.expires_at) FROM lots l
  WHERE l.programme_id = $1 AND l.member_id = t.member_id AND l.transfer_id = t.id
) AS expires_at"""
JOINED: Final = """
LEFT JOIN orders o ON o.programme_id = $1 AND o.member_id = {member} AND o.id = t.order_id
"""
ENTRIES: Final = f"""
SELECT t.*, o.number AS order_number, o.shop, {ENDS} FROM (
  SELECT {table_of(Transfer).select}, CAST(SUM(
    CASE WHEN credit IN ('available', 'owed') THEN amount ELSE 0 END
    - CASE WHEN debit IN ('available', 'owed') THEN amount ELSE 0 END
  ) OVER (PARTITION BY wallet ORDER BY position, id) AS BIGINT) AS balance_after
  FROM transfers WHERE programme_id = $1 AND member_id = $2
) t
{JOINED.format(member="$2")}
"""


async def entries(
    db: Database, programme_id: int, member_id: int, wallet: str, after: Key | None, limit: int
) -> list[Entry]:
    """A page of a wallet's entries, newest first."""
    sql = (
        f"{ENTRIES} WHERE t.wallet = $3 AND (t.position, t.id) < ($4, $5) ORDER BY t.position DESC, t.id DESC LIMIT $6"
    )
    return [_entry(row) for row in await db.rows(sql, programme_id, member_id, wallet, *(after or NEWEST), limit)]


async def entries_by_id(db: Database, programme_id: int, member_id: int, ids: Collection[int]) -> dict[int, Entry]:
    """These entries of one member, by id."""
    sql = f"{ENTRIES} WHERE {any_of(db.dialect, 't.id', 3)}"
    return {row["id"]: _entry(row) for row in await db.rows(sql, programme_id, member_id, sorted(ids))}


async def entries_of_events(
    db: Database, programme_id: int, events: Collection[tuple[int, int]]
) -> dict[tuple[int, int], list[Entry]]:
    """What each of these events made, by member and event, in the order it was made; without balances."""
    sql = (
        f"SELECT {table_of(Transfer).select_from('t')}, o.number AS order_number, o.shop, {ENDS}, "
        f"CAST(NULL AS BIGINT) AS balance_after FROM transfers t {JOINED.format(member='t.member_id')} "
        f"WHERE t.programme_id = $1 AND {any_of(db.dialect, 't.member_id', 2)} "
        f"AND {any_of(db.dialect, 't.event_id', 3)} ORDER BY t.id"
    )
    members, numbers = (sorted({key[place] for key in events}) for place in (0, 1))
    found: dict[tuple[int, int], list[Entry]] = {}
    for row in await db.rows(sql, programme_id, members, numbers):
        found.setdefault((row["member_id"], row["event_id"]), []).append(_entry(row))
    return found


def _entry(row: Mapping[str, Any]) -> Entry:
    own = table_of(Transfer)
    extra = {name: row[name] for name in ("balance_after", "order_number", "shop", "expires_at")}
    return Entry(own.build(**{name: row[name] for name in own.names}), **extra)


def expiring(account: Account, wallet: str, days: int) -> list[tuple[date, int]]:
    """What will expire within so many days if it is not spent, by day in the programme's zone."""
    zone = ZoneInfo(account.turn.programme.zone)
    until = account.turn.instant + timedelta(days=days)
    by_day: dict[date, int] = {}
    for lot in account.rows(Lot):
        if lot.wallet == wallet and free(lot) > 0 and (lot.expires_at or calendar.FOREVER) <= until:
            # Points die at the first instant of a day: the last day they can be spent is the one before it.
            day = (lot.expires_at - timedelta(microseconds=1)).astimezone(zone).date()
            by_day[day] = by_day.get(day, 0) + free(lot)
    return sorted(by_day.items())


ENTITLEMENTS: Final = (
    f"SELECT {table_of(Entitlement).select} FROM entitlements WHERE programme_id = $1 AND member_id = $2"
)
# What has ended and was not settled yet is shown as the next event will find it.
ENDED: Final = "(expires_at IS NOT NULL AND expires_at <= $3)"
HELD: Final = "(state = 'reserved' AND reserved_until IS NULL)"  # By a hold on points, whose end is the piece's.
SET_ASIDE: Final = "(state = 'reserved' AND reserved_until IS NOT NULL AND reserved_until > $3)"
FREE: Final = "(state = 'issued' OR (state = 'reserved' AND reserved_until IS NOT NULL AND reserved_until <= $3))"
IN_STATE: Final[Mapping[str, str]] = {
    "ISSUED": f"{FREE} AND NOT {ENDED}",
    "RESERVED": f"({SET_ASIDE} OR ({HELD} AND NOT {ENDED}))",
    "USED": "state = 'used'",
    "EXPIRED": f"(state = 'expired' OR ({FREE} AND {ENDED}))",
    "REVOKED": f"(state = 'revoked' OR ({HELD} AND {ENDED}))",
    "": "CAST($3 AS TIMESTAMPTZ) IS NOT NULL",
}


async def entitlements(
    db: Database, programme_id: int, member_id: int, now: datetime, state: str, after: int | None, limit: int
) -> list[Entitlement]:
    """A page of what a member has been given, newest first; `state` empty for all."""
    sql = f"{ENTITLEMENTS} AND {IN_STATE[state]} AND id < $4 ORDER BY id DESC LIMIT $5"
    return await db.read(Entitlement, sql, programme_id, member_id, now, NEWEST[0] if after is None else after, limit)


async def entitlements_by_id(
    db: Database, programme_id: int, keys: Collection[tuple[int, int]]
) -> dict[tuple[int, int], Entitlement]:
    """These entitlements, by member and id."""
    sql = (
        f"SELECT {table_of(Entitlement).select} FROM entitlements WHERE programme_id = $1 "
        f"AND {any_of(db.dialect, 'member_id', 2)} AND {any_of(db.dialect, 'id', 3)}"
    )
    members, numbers = (sorted({key[place] for key in keys}) for place in (0, 1))
    rows = await db.read(Entitlement, sql, programme_id, members, numbers)
    return {(row.member_id, row.id): row for row in rows}


def state_now(row: Entitlement, now: datetime) -> str:
    """The state of an entitlement at an instant: what has ended is expired, or given up, settled or not."""
    ended = row.expires_at is not None and row.expires_at <= now
    if row.state == "reserved" and row.reserved_until is None:
        return "REVOKED" if ended else "RESERVED"
    if row.state == "reserved" and row.reserved_until is not None and row.reserved_until > now:
        return "RESERVED"
    if row.state in ("issued", "reserved"):
        return "EXPIRED" if ended else "ISSUED"
    return row.state.upper()


async def standing_moves(
    db: Database, programme_id: int, member_id: int, ladder: str, after: Key | None, limit: int
) -> list[StandingMove]:
    """A page of a member's way on one ladder, newest first."""
    sql = (
        f"SELECT {table_of(StandingMove).select} FROM standing_moves WHERE programme_id = $1 AND member_id = $2 "
        "AND ladder = $3 AND (position, id) < ($4, $5) ORDER BY position DESC, id DESC LIMIT $6"
    )
    return await db.read(StandingMove, sql, programme_id, member_id, ladder, *(after or NEWEST), limit)


async def event(db: Database, programme_id: int, member_id: int, number: int) -> Event | None:
    """One event of the log."""
    own = table_of(Event)
    sql = f"SELECT {own.select} FROM {own.name} WHERE programme_id = $1 AND member_id = $2 AND id = $3"
    return next(iter(await db.read(Event, sql, programme_id, member_id, number)), None)
