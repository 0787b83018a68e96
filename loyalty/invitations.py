"""What a member may take part in now, and what it has there: read for whoever shows it, nothing moved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from loyalty import draws, gatherings, limits, polls, shares
from loyalty.refusals import Refused
from loyalty.rulebook import Live
from loyalty.views import Account
from models.database import Database
from models.draws import Drawn, Ticket
from models.gatherings import SignUp
from models.limits import Counter
from models.polls import Vote
from models.sql import any_of
from models.table import table_of
from rules.draws import Draw
from rules.gatherings import Gathering
from rules.polls import Poll

STATES: Final[Mapping[str, str]] = {
    "ENTRY_CLOSED": "CLOSED",
    "ENTRY_NOT_OPEN": "NOT_OPEN_YET",
    "GATHERING_FULL": "FULL",
    "LIMIT_REACHED": "DONE",
    "NO_TICKET_NOW": "DONE",
    "SIGNED_UP_ALREADY": "DONE",
    "VOTED_ALREADY": "DONE",
}
WAITING: Final = "WAITING_LIST"


@dataclass(frozen=True, slots=True)
class Entry:
    """Whether one can take part now, for programs; and if not, why."""

    state: str
    why: Refused | None = None


async def load(db: Database, account: Account) -> None:
    """Bring what a member has signed up for, entered and voted on, and what is left for all, into its book."""
    ruleset, member = account.turn.ruleset, account.member
    for kind in (SignUp, Ticket, Vote):
        table = table_of(kind)
        sql = f"SELECT {table.select} FROM {table.name} WHERE programme_id = $1 AND member_id = $2"
        account.turn.book.load(list(await db.read(kind, sql, member.programme_id, member.id)))
    if names := sorted(shares.wanted(ruleset)):
        sql = f"SELECT * FROM counters WHERE programme_id = $1 AND {any_of(db.dialect, 'name', 2)}"
        account.turn.book.load(list(await db.read(Counter, sql, member.programme_id, names)))


def _told(account: Account, why: Refused | None, otherwise: str = "OPEN") -> Entry:
    if account.member.status == "frozen":
        why = Refused("MEMBER_FROZEN")
    return Entry(otherwise) if why is None else Entry(STATES.get(why.code, "LOCKED"), why)


def gathering(account: Account, key: str, own: Gathering) -> Entry:
    """Whether the member can sign up now, for a seat or for a place in the line."""
    turn = account.turn
    why = gatherings.refusal(turn, key, own)
    if why is None and not _is_free(account, key):
        if own.waiting_list is not None and limits.left(turn, shares.places(key)) >= 1:
            return _told(account, None, WAITING)
        why = Refused("GATHERING_FULL", title=dict(own.title.by_language()))
    return _told(account, why)


def _is_free(account: Account, key: str) -> bool:
    nobody_waits = limits.left(account.turn, shares.line(key)) >= shares.LINE_MAX
    return nobody_waits and limits.left(account.turn, shares.seats(key)) >= 1


def draw(account: Account, key: str, own: Draw) -> Entry:
    """Whether the member can get a ticket now."""
    why = draws.refusal(account.turn, key, own)
    if why is None and next(draws.ways_in(account.turn, key, own), None) is None:
        why = Refused("NO_TICKET_NOW", title=dict(own.title.by_language()))
    return _told(account, why)


def poll(account: Account, key: str, own: Poll) -> Entry:
    """Whether the member can vote now, or vote again."""
    return _told(account, polls.refusal(account.turn, key, own))


async def place_in_line(db: Database, row: SignUp) -> int:
    """How many are served before this one, and one."""
    sql = (
        "SELECT COUNT(*) AS n FROM sign_ups WHERE programme_id = $1 AND gathering = $2 AND state = 'waiting' "
        "AND place <= $3"
    )
    return int((await db.rows(sql, row.programme_id, row.gathering, row.place))[0]["n"])


async def counts(db: Database, live: Live, key: str) -> dict[str, tuple[int, int]]:
    """Sign-ups and seats of a gathering, by state."""
    sql = (
        "SELECT state, COUNT(*) AS n, SUM(seats) AS seats FROM sign_ups "
        "WHERE programme_id = $1 AND gathering = $2 GROUP BY state"
    )
    return {row["state"]: (int(row["n"]), int(row["seats"])) for row in await db.rows(sql, live.programme_id, key)}


async def tickets(db: Database, live: Live) -> dict[str, int]:
    """How many tickets that count each draw has."""
    sql = "SELECT draw, COUNT(*) AS n FROM tickets WHERE programme_id = $1 AND state <> 'void' GROUP BY draw"
    return {row["draw"]: int(row["n"]) for row in await db.rows(sql, live.programme_id)}


async def drawn(db: Database, live: Live) -> dict[str, Drawn]:
    """The draws that are closed."""
    rows: Iterable[Any] = await db.read(Drawn, "SELECT * FROM draws WHERE programme_id = $1", live.programme_id)
    return {row.draw: row for row in rows}


async def left(db: Database, live: Live, names: Iterable[str]) -> dict[str, int]:
    """What is left of some counters."""
    sql = f'SELECT name, "left" AS n FROM counters WHERE programme_id = $1 AND {any_of(db.dialect, "name", 2)}'
    return {row["name"]: int(row["n"]) for row in await db.rows(sql, live.programme_id, sorted(names))}
