"""What time brings, as events: worklists of whoever has something due, sent through the one door in batches.

A member that is busy elsewhere is left out, its key unclaimed, and stays on the worklist. Keys name the due instant, so
an event that was sent before a crash is not sent twice.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from typing import Any

from loyalty.access import CLOCK, Caller
from loyalty.events import Clock, ClockClose, ClockDue, MemberRef
from loyalty.house import House
from loyalty.intake import receive, take_queued
from loyalty.rulebook import Live
from models.codec import instant_text
from models.days import DayDelta
from models.sql import any_of

BATCH = 256
SUBJECT = "clock"
KEYS_KEPT = timedelta(days=400)
LEFT_OUT = frozenset({"THROTTLED", "UNAVAILABLE"})  # Others were in the way: the event has to be sent again.
NOTED_MAX = 20
Beat = Callable[[], Awaitable[None]]

DUE = """
    WITH due AS (
        SELECT member_id FROM (
            SELECT member_id FROM wallets WHERE programme_id = $1 AND due_at <= $2 AND member_id > $3
            UNION
            SELECT member_id FROM entitlements
            WHERE programme_id = $1 AND state IN ('issued', 'reserved') AND expires_at <= $2 AND member_id > $3
                AND reserved_until IS NULL
            UNION
            SELECT member_id FROM entitlements
            WHERE programme_id = $1 AND state = 'reserved' AND reserved_until <= $2 AND member_id > $3
            UNION
            SELECT member_id FROM standings WHERE programme_id = $1 AND due_at <= $2 AND member_id > $3
        ) members ORDER BY member_id LIMIT $4
    )
    SELECT member_id, MAX(due_at) AS due_at FROM (
        SELECT l.member_id, l.available_at AS due_at FROM lots l JOIN due d ON d.member_id = l.member_id
        WHERE l.programme_id = $1 AND l.remaining > l.held AND NOT l.matured AND l.available_at <= $2
        UNION ALL
        SELECT l.member_id, l.expires_at AS due_at FROM lots l JOIN due d ON d.member_id = l.member_id
        WHERE l.programme_id = $1 AND l.remaining > l.held AND l.expires_at <= $2
        UNION ALL
        SELECT h.member_id, h.lapses_at AS due_at FROM holds h JOIN due d ON d.member_id = h.member_id
        WHERE h.programme_id = $1 AND h.state = 'held' AND h.lapses_at <= $2
        UNION ALL
        SELECT e.member_id, COALESCE(e.reserved_until, e.expires_at) AS due_at
        FROM entitlements e JOIN due d ON d.member_id = e.member_id
        WHERE e.programme_id = $1 AND e.state IN ('issued', 'reserved')
            AND COALESCE(e.reserved_until, e.expires_at) <= $2
        UNION ALL
        SELECT s.member_id, s.due_at FROM standings s JOIN due d ON d.member_id = s.member_id
        WHERE s.programme_id = $1 AND s.due_at <= $2
    ) dues GROUP BY member_id ORDER BY member_id
"""

UNFITTED = """
    SELECT member_id FROM standings
    WHERE programme_id = $1 AND ladder = $2 AND {timed} AND since <= $4 AND due_at IS NULL AND member_id > $5
    ORDER BY member_id LIMIT $6
"""

WAITING = """
    SELECT id, shop, order_number, due_at FROM events
    WHERE programme_id = $1 AND state = 'waiting' AND due_at <= $2 AND id > $3 ORDER BY id LIMIT $4
"""

CROWDED = """
    SELECT DISTINCT day FROM (
        SELECT day FROM day_deltas WHERE programme_id = $1 GROUP BY day, channel, tier HAVING COUNT(*) > 1
    ) days ORDER BY day LIMIT 400
"""


async def no_beat() -> None:
    """A heartbeat nobody listens to."""


@dataclass(slots=True)
class Sent:
    """How many events were new, and how many were left out because their member, or the database, was busy."""

    fresh: int = 0
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Clockwork:
    """One programme's clock, at the instant it is asked: `beat` is called before every batch.

    A member whose event meets a defect of ours is noted in `defects` and holds nobody up: the clock goes on.
    """

    house: House
    live: Live
    now: datetime
    beat: Beat = no_beat
    defects: dict[str, str] = field(default_factory=dict)  # The key of an event that failed → its error id.
    caller: Caller = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "caller", Caller(SUBJECT, self.live.name, CLOCK))

    async def settle(self, until: datetime) -> bool:
        """Post what matured, expired or lapsed up to an instant. False where somebody busy was left out."""
        await self.take_queued()
        sent = Sent()
        while True:
            before, last = sent.fresh, 0
            while rows := await self.rows(DUE, until, last, BATCH):
                await self.send([_due(int(row["member_id"]), row["due_at"]) for row in rows], sent)
                last = int(rows[-1]["member_id"])
            # What fell due may have made something else fall due before `until`: a new instant, a new key.
            if sent.left_out or sent.fresh == before:
                return not sent.left_out

    async def take_queued(self) -> None:
        """Fold what events of others left for members: busy ones are met again next time."""
        while await take_queued(self.house, self.live.name, now=self.now):
            await self.beat()

    async def fit(self, due: datetime) -> bool:
        """Give standings the ends and reviews that a newer version of their ladder says. False where some were busy."""
        sent, sql = Sent(), UNFITTED.format(timed=any_of(self.house.db.dialect, "tier", 3))
        for key, ladder in self.live.at(due).ruleset.ladders.items():
            last = 0
            timed = [level.key for rank, level in enumerate(ladder.levels) if ladder.is_timed(rank)]
            while timed and (rows := await self.long(sql, key, timed, due, last, BATCH)):
                await self.send([_fit(int(row["member_id"]), due) for row in rows], sent)
                last = int(rows[-1]["member_id"])
        return not sent.left_out

    async def close(self, until: datetime) -> bool:
        """Give up events whose order never came."""
        sent, last = Sent(), 0
        while rows := await self.rows(WAITING, until, last, BATCH):
            await self.send([_close(row) for row in rows], sent)
            last = int(rows[-1]["id"])
        return not sent.left_out

    async def roll(self) -> int:
        """Fold many deltas of a day into one for each channel and tier; how many rows that saved."""
        saved = 0
        for row in await self.rows(CROWDED):
            await self.beat()
            async with self.house.db.transaction() as connection:
                sql = "DELETE FROM day_deltas WHERE programme_id = $1 AND day = $2 RETURNING *"
                deltas = await connection.read(DayDelta, sql, self.live.programme_id, row["day"])
                rolled = roll_up(deltas)
                await connection.insert(rolled)
            saved += len(deltas) - len(rolled)
        return saved

    async def forget(self, until: datetime) -> int:
        """Let go of keys that have been kept for 400 days, as of `until`: from there on the order's number guards."""
        sql = "DELETE FROM claims WHERE programme_id = $1 AND claimed_at < $2"
        async with self.house.db.transaction(patient=True) as connection:
            return await connection.run(sql, self.live.programme_id, until - KEYS_KEPT)

    async def rows(self, sql: str, *args: Any) -> list[dict[str, Any]]:
        """Rows of this programme: its number is $1."""
        return await self.house.db.rows(sql, self.live.programme_id, *args)

    async def long(self, sql: str, *args: Any) -> list[dict[str, Any]]:
        """The same, where what is looked for is rare or much: a large programme takes longer than 5 s."""
        async with self.house.db.snapshot(patient=True) as reader:
            return await reader.rows(sql, self.live.programme_id, *args)

    async def send(self, events: Sequence[Clock], sent: "Sent") -> None:
        """Hand in a batch, and count what came of it."""
        await self.beat()
        for receipt in await receive(self.house, self.caller, events, now=self.now):
            sent.left_out += receipt.code in LEFT_OUT
            sent.fresh += receipt.state != "failed" and not receipt.replayed
            if receipt.code == "INTERNAL":
                self.defects[receipt.key] = receipt.params["error_id"]

    def note(self) -> str:
        """What a job says of the events that failed; empty where none did."""
        told = [f"{key}: {error_id}" for key, error_id in self.defects.items()]
        return "; ".join(told[:NOTED_MAX]) + (f"; … {len(told)}" if len(told) > NOTED_MAX else "")


def roll_up(deltas: Sequence[DayDelta]) -> list[DayDelta]:
    """The sum of deltas by day, channel and tier, each under the first of their ids."""
    grouped: dict[tuple[object, str, str], list[DayDelta]] = {}
    for delta in sorted(deltas, key=lambda delta: delta.id):
        grouped.setdefault((delta.day, delta.channel, delta.tier), []).append(delta)
    return [reduce(_plus, same) for same in grouped.values()]


def _plus(one: DayDelta, other: DayDelta) -> DayDelta:
    return DayDelta(
        programme_id=one.programme_id,
        id=one.id,
        day=one.day,
        channel=one.channel,
        tier=one.tier,
        orders=one.orders + other.orders,
        spend=one.spend + other.spend,
        refunds=one.refunds + other.refunds,
        joined=one.joined + other.joined,
        earned=one.earned + other.earned,
        redeemed=one.redeemed + other.redeemed,
        expired=one.expired + other.expired,
    )


def _due(member_id: int, due: datetime) -> ClockDue:
    return ClockDue(f"clock:settle:{member_id}:{instant_text(due)}", MemberRef(id=member_id), due)


def _fit(member_id: int, due: datetime) -> ClockDue:
    return ClockDue(f"clock:fit:{member_id}:{instant_text(due)}", MemberRef(id=member_id), due)


def _close(row: Mapping[str, Any]) -> ClockClose:
    return ClockClose(f"clock:close:{row['id']}", row["shop"], row["order_number"], row["due_at"])
