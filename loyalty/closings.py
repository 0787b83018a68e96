"""What time does to gatherings and draws: seats that nobody was told of, gatherings that are over, draws that close.

A draw that closes is drawn once: behind the programme's own lock no entry is under way any more, so its list of tickets
is final, and who won is kept before anybody is told. Killed anywhere, the next attempt finds what was kept, and each
member's own event by its key.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from loyalty.clockwork import BATCH, LEFT_OUT, Clockwork
from loyalty.draws import NUMBER_DIGITS
from loyalty.events import Clock, ClockDraw, ClockGathering, ClockSeat, MemberRef
from loyalty.house import House
from loyalty.intake import receive
from loyalty.publishing import owning
from loyalty.rulebook import Live
from loyalty.shares import seats
from models.codec import canonical, instant_text, parse
from models.database import Connection, Database
from models.draws import Drawn, Ticket
from models.table import table_of
from rules import lots
from rules.calendar import from_instant
from rules.draws import Draw
from rules.occasions import closes_at

EVERY: Final = timedelta(seconds=10)
HERE: Final = """
    EXISTS (SELECT 1 FROM members m WHERE m.programme_id = s.programme_id AND m.id = s.member_id
        AND m.status NOT IN ('merged', 'erased'))
"""
LINES: Final = """
    SELECT DISTINCT gathering, state FROM sign_ups WHERE programme_id = $1 AND state IN ('signed_up', 'waiting')
"""
FIRST: Final = f"""
    SELECT s.member_id FROM sign_ups s
    WHERE s.programme_id = $1 AND s.gathering = $2 AND s.state = 'waiting' AND {HERE}
        AND s.seats <= (SELECT c."left" FROM counters c WHERE c.programme_id = $1 AND c.name = $3)
        AND s.place = (SELECT MIN(s.place) FROM sign_ups s WHERE s.programme_id = $1 AND s.gathering = $2
            AND s.state = 'waiting' AND {HERE})
"""
OVER: Final = f"""
    SELECT DISTINCT s.member_id FROM sign_ups s
    WHERE s.programme_id = $1 AND s.gathering = $2 AND s.state IN ('signed_up', 'waiting') AND s.member_id > $3
        AND {HERE} ORDER BY s.member_id LIMIT $4
"""
TO_JUDGE: Final = f"""
    SELECT DISTINCT s.member_id FROM tickets s
    WHERE s.programme_id = $1 AND s.draw = $2 AND s.state = 'open' AND s.member_id > $3 AND {HERE}
    ORDER BY s.member_id LIMIT $4
"""

SETTLED: Final = f"""
    SELECT d.draw FROM draws d
    WHERE d.programme_id = $1 AND NOT EXISTS (SELECT 1 FROM tickets s
        WHERE s.programme_id = d.programme_id AND s.draw = d.draw AND s.state = 'open' AND {HERE})
"""


def soon(_live: Live, instant: datetime) -> datetime:
    """A little later."""
    return instant + EVERY


async def attend_to(clockwork: Clockwork, due: datetime) -> bool:
    """Everything that time does here, up to an instant. False where somebody busy was left out."""
    ended = await _end(clockwork, due)
    await _call(clockwork, due)
    return await _close(clockwork, due) and ended


# Gatherings.


async def _end(clockwork: Clockwork, due: datetime) -> bool:
    left_out = 0
    for key in await _lines(clockwork, "signed_up", "waiting"):
        ends = _ends_at(clockwork.live, key)
        if ends is not None and ends <= due:
            async for members in _pages(clockwork, OVER, key):
                name = f"clock:gathering.{key}"
                events = [ClockGathering(f"{name}:{one}", MemberRef(id=one), key, ends) for one in members]
                left_out += await _send(clockwork, events)
    return not left_out


async def _call(clockwork: Clockwork, due: datetime) -> None:
    """Seats that came free without a cancellation, or whose next one could not be told: one at a time, in order."""
    for key in await _lines(clockwork, "waiting"):
        told: set[int] = set()
        while rows := await _rows(clockwork, FIRST, key, seats(key)):
            member = int(rows[0]["member_id"])
            if member in told:
                break
            told.add(member)
            name = f"clock:seat.{key}:{member}:{instant_text(due)}"
            if await _send(clockwork, [ClockSeat(name, MemberRef(id=member), key, due)]):
                break


async def _lines(clockwork: Clockwork, *states: str) -> list[str]:
    return sorted({row["gathering"] for row in await _rows(clockwork, LINES) if row["state"] in states})


def _ends_at(live: Live, key: str) -> datetime | None:
    """When a gathering is over, as the last version that declares it says."""
    rulesets = [edition.ruleset for edition in live.editions if key in edition.ruleset.gatherings]
    return from_instant(rulesets[-1].gatherings[key].ends, rulesets[-1].zone) if rulesets else None


# Draws.


async def _close(clockwork: Clockwork, due: datetime) -> bool:
    left_out = 0
    live = clockwork.live
    for key, (own, closed) in (await unsettled(clockwork, due)).items():
        drawn = await kept(clockwork.house, live, key) or await draw(clockwork.house, live, key, own, closed)
        async for members in _pages(clockwork, TO_JUDGE, key):
            won: dict[int, list[tuple[int, str]]] = {one: [] for one in members}
            for member, ticket, prize in parse(drawn.winners):
                won.get(member, []).append((ticket, prize))
            events = [_outcome(key, closed, member, wins) for member, wins in won.items()]
            left_out += await _send(clockwork, events)
    return not left_out


def _outcome(key: str, closed: datetime, member: int, won: Sequence[tuple[int, str]]) -> ClockDraw:
    return ClockDraw(f"clock:draw.{key}:{member}", MemberRef(id=member), key, closed, tuple(won))


def closing(live: Live, due: datetime) -> dict[str, tuple[Draw, datetime]]:
    """The draws that are closed by an instant, with when they closed."""
    return {key: (own, closed) for key, (own, closed) in declared(live).items() if closed <= due}


def declared(live: Live) -> dict[str, tuple[Draw, datetime]]:
    """Every draw with when it closes, as the last version says that was live before: what is published once a draw is
    closed changes neither its prizes nor its proof.
    """
    last: dict[str, tuple[Draw, datetime]] = {}
    for edition in live.editions:
        for key, own in edition.ruleset.draws.items():
            if key not in last or edition.live_from < last[key][1]:
                last[key] = (own, closes_at(own.entry, edition.ruleset.zone))
    return last


async def unsettled(clockwork: Clockwork, due: datetime) -> dict[str, tuple[Draw, datetime]]:
    """Those of them with anything left to do: one question, however many draws there were."""
    closed = closing(clockwork.live, due)
    settled = {row["draw"] for row in await _rows(clockwork, SETTLED)} if closed else set()
    return {key: one for key, one in closed.items() if key not in settled}


async def kept(house: House, live: Live, key: str) -> Drawn | None:
    """A draw that was drawn."""
    sql = "SELECT * FROM draws WHERE programme_id = $1 AND draw = $2"
    rows: list[Drawn] = await house.db.read(Drawn, sql, live.programme_id, key)
    return rows[0] if rows else None


async def draw(house: House, live: Live, key: str, own: Draw, closed: datetime) -> Drawn:
    """Draw the lots of a draw that is closed, and keep who won; what was kept stands."""

    async def write(connection: Connection) -> None:
        rows = await tickets_of(connection, live, key)
        seed = house.secrets.draw_of(live.programme_id, key, "seed", 0)
        won = winners(house, live, key, own, rows) if own.kind == "at_close" else []
        row = Drawn(live.programme_id, key, closed, seed, lots.commitment(seed), len(rows), canonical(won))
        await connection.insert([row], on_conflict="ignore")

    await owning(house.db, live.programme_id, write)
    found = await kept(house, live, key)
    if found is None:
        raise LookupError(f"the draw {key} was not kept")
    return found


async def tickets_of(connection: Connection | Database, live: Live, key: str) -> list[Ticket]:
    """Every ticket of a draw that counts, in no order that means anything."""
    table = table_of(Ticket)
    where = "programme_id = $1 AND draw = $2 AND state <> 'void' ORDER BY number"
    sql = f"SELECT {table.select} FROM tickets WHERE {where}"
    return list(await connection.read(Ticket, sql, live.programme_id, key))


def winners(house: House, live: Live, key: str, own: Draw, rows: Sequence[Ticket]) -> list[tuple[int, int, str]]:
    """Member, ticket and prize of each that won."""
    seed = house.secrets.draw_of(live.programme_id, key, "seed", 0)
    prizes = [(prize.benefit, prize.count) for prize in own.prizes]
    published = [lots.Ticket(row.number, entrant(house, live, row)) for row in rows]
    won = lots.at_close(seed, key, published, prizes, own.wins_per_member)
    by_number = {row.number: row for row in rows}
    return [(by_number[number].member_id, by_number[number].id, prize) for number, prize in sorted(won.items())]


def entrant(house: House, live: Live, row: Ticket) -> str:
    """Whose ticket it is, by a tag that means nothing outside this draw."""
    return house.secrets.draw_of(live.programme_id, row.draw, "entrant", row.member_id)[:NUMBER_DIGITS]


async def proof(house: House, live: Live, key: str, own: Draw) -> Mapping[str, Any] | None:
    """All that anybody needs to check a draw that is closed; None before."""
    drawn = await kept(house, live, key)
    if drawn is None:
        return None
    rows = await tickets_of(house.db, live, key)
    won = {ticket: prize for _, ticket, prize in parse(drawn.winners)}
    return {
        "draw": key,
        "kind": own.kind,
        "closed_at": instant_text(drawn.closed_at),
        "commitment": drawn.commitment,
        "seed": drawn.seed,
        "wins_per_member": own.wins_per_member,
        "prizes": list(_prizes(own)),
        "count": drawn.tickets,
        "tickets": [
            {"number": row.number, "entrant": entrant(house, live, row), "prize": row.prize or won.get(row.id)}
            for row in rows
        ],
    }


def _prizes(own: Draw) -> Iterator[dict[str, Any]]:
    for prize in own.prizes:
        odds = {"odds": str(prize.odds)} if prize.odds is not None else {}
        yield {"benefit": prize.benefit, "count": prize.count, **odds}


# What both need.


async def _pages(clockwork: Clockwork, sql: str, key: str) -> AsyncIterator[list[int]]:
    last = 0
    while rows := await _rows(clockwork, sql, key, last, BATCH):
        last = int(rows[-1]["member_id"])
        yield [int(row["member_id"]) for row in rows]


async def _rows(clockwork: Clockwork, sql: str, *args: Any) -> list[dict[str, Any]]:
    return await clockwork.house.db.rows(sql, clockwork.live.programme_id, *args)


async def _send(clockwork: Clockwork, events: Iterable[Clock]) -> int:
    """Send events of the clock; how many were left out because somebody was busy."""
    await clockwork.beat()
    receipts = await receive(clockwork.house, clockwork.caller, list(events), now=clockwork.now)
    for receipt in receipts:
        if receipt.code == "INTERNAL":
            clockwork.defects[receipt.key] = receipt.params["error_id"]
    return sum(receipt.code in LEFT_OUT for receipt in receipts)
