"""What a member's books say now: read in one statement, settled to `now` in memory, and nothing moved.

A settled account is a book like any other, so whatever the fold can read, a reader can.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from loyalty import benefits, lately, reach, settling, thresholds, tiers
from loyalty.book import Book, Keys
from loyalty.events import MemberRef
from loyalty.house import House
from loyalty.refusals import Refused
from loyalty.rulebook import Live
from loyalty.turn import Turn
from models.benefits import Entitlement
from models.codec import parse
from models.database import Database
from models.days import MemberDay
from models.events import Event
from models.limits import Counter, Limit
from models.members import Member, Personal, Traits
from models.orders import Order, OrderLine
from models.points import Hold, Lot, LotMove, Transfer, Wallet
from models.sql import any_of
from models.table import SPOKEN, Column, Kind, table_of
from models.thresholds import Threshold
from models.tiers import Standing, StandingMove

GONE: Final = ("merged", "erased")
OF_MEMBER: Final = "programme_id = $1 AND {members}"
HELD: Final = "SELECT h.transfer_id FROM holds h WHERE h.programme_id = $1 AND {members} AND h.state = 'held'"
# What only counts changes in no reading, but where it may have to pay a debt.
OWING: Final = "SELECT w.wallet FROM wallets w WHERE w.programme_id = $1 AND {members} AND w.owed > 0"
PARTS: Final[dict[type, str]] = {
    Wallet: "",
    Lot: f" AND remaining > 0 AND (NOT resting OR wallet IN ({OWING}))",
    Hold: " AND state = 'held'",
    LotMove: f" AND transfer_id IN ({HELD})",
    Entitlement: " AND state IN ('issued', 'reserved')",
    Standing: "",
    MemberDay: "",
    Personal: "",
    Traits: "",
    Limit: "",
}
ASKED: Final = ("points.redeem",)  # What a reader may ask of rules beside the standards: what there is for points.
PAST: Final[dict[type, str]] = {Order: "", OrderLine: "", Event: " AND state = 'accepted'", Lot: ""}
TYPES: Final[dict[Kind, str]] = {
    "int": "BIGINT",
    "str": "TEXT",
    "json": "TEXT",
    "bool": "BOOLEAN",
    "datetime": "TIMESTAMPTZ",
    "date": "DATE",
    "bytes": "BYTEA",
}
NO_KEYS: Final = Keys(code_of=str, code_hash=str)  # Settling issues no code.


@dataclass(frozen=True, slots=True)
class Account:
    """A member, and its books as of now."""

    member: Member
    turn: Turn

    def wallet(self, key: str) -> Wallet:
        """A wallet, empty where the member never had anything in it."""
        found = self.turn.book.get(Wallet, self.member.id, key)
        return found or Wallet(self.member.programme_id, self.member.id, 0, key, 0, 0, 0, 0, None)

    def rows(self, kind: type[Any]) -> list[Any]:
        """The member's rows of a kind."""
        return list(self.turn.book.of(kind, self.member.id))


async def find(house: House, live: Live, ref: MemberRef) -> int:
    """The id of the member that is meant; NOT_FOUND, whatever the reason."""
    if ref.id is not None:
        return ref.id
    hashed = house.secrets.identity_hash(live.programme_id, ref.kind or "", ref.value or "")
    sql = "SELECT member_id FROM identities WHERE programme_id = $1 AND kind = $2 AND hash = $3"
    rows = await house.db.rows(sql, live.programme_id, ref.kind, hashed)
    if not rows:
        raise Refused("NOT_FOUND")
    return int(rows[0]["member_id"])


@dataclass(frozen=True, slots=True)
class Merged:
    """An account that goes on in another: when it did, and why."""

    id: int
    at: datetime
    reason: str


async def survivor(db: Database, programme_id: int, member_id: int) -> int | None:
    """Who an account that was merged goes on in by now; None for one that was not."""
    sql = (
        "WITH RECURSIVE way AS (SELECT id, merged_into FROM members WHERE programme_id = $1 AND id = $2 "
        "UNION SELECT m.id, m.merged_into FROM members m JOIN way w ON m.id = w.merged_into WHERE m.programme_id = $1) "
        "SELECT id FROM way WHERE merged_into IS NULL AND id <> $2"
    )
    rows = await db.rows(sql, programme_id, member_id)
    return int(rows[0]["id"]) if rows else None


async def merged_from(db: Database, programme_id: int, member_id: int) -> list[Merged]:
    """The accounts that go on in this one, in the order they were merged; 100 at most."""
    sql = (
        "WITH RECURSIVE gone AS (SELECT id FROM members WHERE programme_id = $1 AND merged_into = $2 "
        "UNION SELECT m.id FROM members m JOIN gone g ON m.merged_into = g.id WHERE m.programme_id = $1) "
        "SELECT g.id, e.instant, e.body FROM gone g JOIN events e ON e.programme_id = $1 AND e.member_id = g.id "
        "AND e.kind = 'member.merge' AND e.state = 'accepted' ORDER BY e.instant, g.id LIMIT 100"
    )
    rows = await db.rows(sql, programme_id, member_id)
    return [Merged(int(row["id"]), row["instant"], parse(row["body"])["reason"]) for row in rows]


async def accounts(db: Database, live: Live, member_ids: Collection[int], now: datetime) -> dict[int, Account]:
    """The accounts of these members, by id; who is not there, or no longer, is missing."""
    ids = sorted(set(member_ids))
    read = await _together(db, live, ids)
    members = {row.id: row for row in read if isinstance(row, Member) and row.status not in GONE}
    rows: dict[int, list[Any]] = {member_id: [] for member_id in members}
    shares = [row for row in read if isinstance(row, Threshold)]
    for row in read:
        if isinstance(row, Threshold):
            continue
        holder = row.id if isinstance(row, Member) else row.member_id
        if holder in rows:
            rows[holder].append(row)
    return {member_id: _settled(live, members[member_id], [*rows[member_id], *shares], now) for member_id in members}


async def identities(db: Database, programme_id: int, member_id: int) -> list[tuple[str, datetime]]:
    """How a member can be found, and since when; the values are kept nowhere."""
    sql = (
        "SELECT i.kind, COALESCE(i.since, e.instant) AS since FROM identities i LEFT JOIN events e "
        "ON e.programme_id = i.programme_id AND e.member_id = i.member_id AND e.id = i.event_id "
        "WHERE i.programme_id = $1 AND i.member_id = $2 ORDER BY since, i.kind, i.hash"
    )
    return [(row["kind"], row["since"]) for row in await db.rows(sql, programme_id, member_id)]


def _settled(live: Live, member: Member, rows: list[Any], now: datetime) -> Account:
    book = Book(live.programme_id, live, NO_KEYS, now)
    book.load(rows)
    # What is reserved may have lapsed: stock goes back to a counter, of which a read moves nothing.
    reserved = (row for row in rows if isinstance(row, Entitlement) and row.state == "reserved")
    book.load([Counter(live.programme_id, benefits.stock(row.benefit), 0, 0) for row in reserved])
    turn = Turn(book, 0, "read", member.id, position=0, instant=now, at=now, late=False)
    book.nothing_left = True
    settling.settle(turn, now, lambda _turn: None)
    book.nothing_left = False
    tiers.refit(turn)
    return Account(member, turn)


async def _together(db: Database, live: Live, ids: list[int]) -> list[Any]:
    """All parts in one statement: between two of them the clock might settle, and points be counted twice."""
    members = any_of(db.dialect, "member_id", 2)
    tables: dict[type, str] = {Member: f"programme_id = $1 AND {any_of(db.dialect, 'id', 2)}"}
    more_rows = {kind: PAST[kind] for kind in reach.read_by(live, ASKED) if kind in PAST}
    more_rows |= {Transfer: f" AND {lately.REDEEMED}"} if lately.asked(live) else {}
    more_rows |= {StandingMove: ""} if reach.counts_moves(live) else {}
    for kind, more in (PARTS | more_rows).items():
        tables[kind] = OF_MEMBER.format(members=members) + more.format(members=members)
    if names := thresholds.named(live):
        tables[Threshold] = f"programme_id = $1 AND {any_of(db.dialect, 'name', 3)}"
    columns = dict(sorted((_cell(column), column.kind) for kind in tables for column in table_of(kind).columns))
    sql = " UNION ALL ".join(_part(kind, where, columns) for kind, where in tables.items())
    return list(
        _rows(
            await db.rows(sql, live.programme_id, ids, *([names] if names else [])),
            {table_of(kind).name: kind for kind in tables},
        )
    )


def _cell(column: Column) -> str:
    """What a column is called in that one statement: a name that stands for two kinds of thing is told apart."""
    return column.name if column.kind == SPOKEN[column.name] else f"{column.kind}_{column.name}"


def _part(kind: type, where: str, columns: Mapping[str, Kind]) -> str:
    own = table_of(kind)
    there = {_cell(column): column.name for column in own.columns}
    cells = (
        f'"{there[cell]}" AS "{cell}"' if cell in there else f'CAST(NULL AS {TYPES[of]}) AS "{cell}"'
        for cell, of in columns.items()
    )
    return f"SELECT '{own.name}' AS part, {', '.join(cells)} FROM {own.name} WHERE {where}"


def _rows(cells: Iterable[dict[str, Any]], kinds: dict[str, type]) -> Iterable[Any]:
    for cell in cells:
        own = table_of(kinds[cell["part"]])
        yield own.build(**{column.name: cell[_cell(column)] for column in own.columns})
