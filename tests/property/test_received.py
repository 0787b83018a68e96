"""Random histories through the one door, on a real database: they prove, and are the same in any batches."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count, zip_longest
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from loyalty.events import CLOCKS, FACTS, Arrival, ClockDue, ClockReview, MemberRef, PointsAdjust
from loyalty.intake import keys_of
from loyalty.replay import COMPARED, replay_member
from loyalty.verify import verify
from models.database import Database
from models.members import Member
from models.table import table_of
from tests.loyalty.conftest import POS, Shop, ref, shop_of
from tests.property.counting import counted
from tests.property.histories import ALL, HOUR, Person, Step, enrolled, histories
from tests.property.histories import FACTS as FACT_KINDS
from tests.property.programme import rich_documents, unshared_documents
from tests.property.pure import START

TOGETHER = 30  # Histories that run side by side in one database, a batch a step.
APART = (9, 1, 30, 9, 400, 3, 60)  # Days from one step to the next: what falls due may lie far behind the next event.
ROUNDS = max(8, settings().max_examples // 60)
CALLER = replace(POS, scopes=POS.scopes | {"points:adjust", "events:import", "members:freeze", "members:merge"})
NAMES: Iterator[int] = count(1)
WITHOUT_SHRINKING = settings(max_examples=ROUNDS, phases=[Phase.explicit, Phase.generate])


@pytest.fixture
def shops() -> dict[str, Shop]:
    """The shop of this test, once its first history has opened it: what is drawn shares one database."""
    return {}


async def the_shop(shops: dict[str, Shop], db: Database, files: Mapping[str, str]) -> Shop:
    """The one shop of a test."""
    if not shops:
        shops["one"] = await shop_of(db, files)
    return shops["one"]


def people(number: int, now: datetime) -> list[Person]:
    """So many people nobody knows yet."""
    names = [f"p{next(NAMES)}" for _ in range(number)]
    return [Person(ref(name), now, f"{name}-") for name in names]


@WITHOUT_SHRINKING
@given(drawn=st.lists(histories(ALL, 14, 6), min_size=TOGETHER, max_size=TOGETHER))
async def test_histories_through_the_door_prove(db: Database, shops: dict[str, Shop], drawn: list[list[Step]]) -> None:
    shop = await the_shop(shops, db, rich_documents())
    everybody = people(len(drawn), START)
    await handed_in(shop, [enrolled(person) for person in everybody], START)
    gifts = [PointsAdjust(person.key(), person.ref, "points", 400, "a start") for person in everybody]
    await handed_in(shop, [*gifts], START)
    now = START + 8 * HOUR
    for number, together in enumerate(zip_longest(*drawn)):
        now += timedelta(days=APART[number % len(APART)])
        await round_of(shop, everybody, together, now)
        if number % 3 == 2:
            await clock_comes_by(shop, everybody, now + HOUR)
    counted("histories through the door", len(drawn))

    await proved(shop, everybody)


async def round_of(shop: Shop, everybody: Sequence[Person], together: Sequence[Step | None], now: datetime) -> None:
    """One step of each, at the same time, in one batch: some happened a little before they came."""
    sent: list[tuple[Person, Arrival]] = []
    for person, step in zip(everybody, together, strict=True):
        if step is not None:
            person.now = now - timedelta(minutes=step.size)
            if (arrival := person.does(replace(step, gap=timedelta(0)))) is not None:
                sent.append((person, arrival))
    receipts = await handed_in(shop, [arrival for _, arrival in sent], now)
    for (person, _), receipt in zip(sent, receipts, strict=True):
        person.heard(receipt)


async def handed_in(shop: Shop, arrivals: Sequence[Arrival], now: datetime) -> list[Any]:
    """Hand in a batch, twice: the second time every answer is the first."""
    shop.now = now
    first = await shop.send(*arrivals, caller=CALLER)
    assert all(answer.state not in {"failed"} for answer in first), [answer for answer in first if answer.code]
    counted("events through the door", len(first))
    if len(arrivals) % 2:
        again = await shop.send(*arrivals, caller=CALLER)
        kept = [(a, b) for a, b in zip(first, again, strict=True) if a.event_id is not None]
        assert all(b.replayed and (a.event_id, a.changes) == (b.event_id, b.changes) for a, b in kept)
    return first


async def clock_comes_by(shop: Shop, everybody: Sequence[Person], now: datetime) -> None:
    """Whatever is due is settled, and both ladders are reviewed."""
    ids = [MemberRef(id=await shop.member_id(person.ref.value or "")) for person in everybody]
    due = [ClockDue(f"clock:due:{one.id}:{now}", one, now) for one in ids]
    reviews = [
        ClockReview(f"clock:{ladder}:{one.id}:{now}", one, ladder, now) for one in ids for ladder in ("grade", "layer")
    ]
    shop.now = now
    answers = await shop.send(*due, *reviews, caller=CALLER)
    assert all(answer.state == "accepted" for answer in answers)
    counted("events of the clock", len(answers))


async def proved(shop: Shop, everybody: Sequence[Person]) -> None:
    """Their logs, folded again, give the same books; the books hold; a reader sees what settling makes."""
    live = await shop.house.rulebook.programme(shop.house.db, "story")
    keys = keys_of(shop.house, 1)
    for person in everybody:
        member_id = await shop.member_id(person.ref.value or "")
        assert await replay_member(shop.house.db, 1, member_id, lambda _revision: live, keys) == []
        counted("members replayed")
    report = await verify(shop.house.db, 1)
    assert report.findings == []


@WITHOUT_SHRINKING
@given(drawn=st.lists(histories(FACT_KINDS, 10, 4), min_size=4, max_size=8))
async def test_the_same_history_in_other_batches_gives_the_same_books(
    db: Database, shops: dict[str, Shop], drawn: list[list[Step]]
) -> None:
    shop = await the_shop(shops, db, unshared_documents())
    ends = []
    for size in (1, 7, 256):
        everybody = people(len(drawn), START)
        sent = sorted(in_order(everybody, drawn), key=lambda arrival: (instant_of(arrival), arrival.key.split("-")[1]))
        shop.now = max(person.now for person in everybody) + HOUR
        for start in range(0, len(sent), size):
            receipts = await shop.send(*sent[start : start + size], caller=CALLER)
            assert all(receipt.state != "failed" for receipt in receipts)
        ends.append([await books_of(shop, person) for person in everybody])
        await proved(shop, everybody)
        counted("events through the door", len(sent))
    counted("histories through the door", len(drawn) * 3)

    for other in ends[1:]:
        for mine, theirs in zip(ends[0], other, strict=True):
            assert {name: rows for name, rows in theirs.items() if rows != mine[name]} == {}


def in_order(everybody: Sequence[Person], drawn: Sequence[list[Step]]) -> Iterator[Arrival]:
    """Everything that happens to these people: facts, and what the clock brings."""
    for person, history in zip(everybody, drawn, strict=True):
        yield enrolled(person)
        for step in history:
            arrival = person.does(replace(step, gap=step.gap + timedelta(minutes=1)))
            if isinstance(arrival, (*FACTS, *CLOCKS)):
                yield arrival


def instant_of(arrival: Any) -> datetime:
    at: datetime = getattr(arrival, "occurred_at", None) or arrival.due_at
    return at


async def books_of(shop: Shop, person: Person) -> dict[str, Any]:
    """A member's rows, its ids told by the place of their event in the log: numbers differ from batch to batch."""
    member_id = await shop.member_id(person.ref.value or "")
    sql = "SELECT id FROM events WHERE member_id = $1 AND position IS NOT NULL ORDER BY position"
    place = {row["id"]: number for number, row in enumerate(await shop.house.db.rows(sql, member_id))}
    found = {}
    for kind in COMPARED:
        table = table_of(kind)
        where = "id" if kind is Member else "member_id"
        rows = await shop.house.db.read(kind, f"SELECT * FROM {table.name} WHERE {where} = $1", member_id)
        told = [json.dumps(_told(row, table.names, place, person.prefix), sort_keys=True, default=str) for row in rows]
        found[table.name] = sorted(told)
    return found


LEFT_OUT = ("recorded_at", "received_at", "position", "member_id", "programme_id")


def _told(row: Any, names: Sequence[str], place: dict[int, int], prefix: str) -> dict[str, Any]:
    said = {}
    for name in names:
        value = getattr(row, name)
        if name not in LEFT_OUT and name != "id":
            said[name] = value.replace(prefix, "") if isinstance(value, str) else value
        elif name == "id" and not hasattr(row, "day"):
            said[name] = value
    return {name: _placed(name, value, place) for name, value in said.items()}


def _placed(name: str, value: Any, place: dict[int, int]) -> Any:
    if name in {"event_id", "origin_event"}:
        return place.get(value)
    if isinstance(value, int) and value >= IDS and (name == "id" or name.endswith("_id") or name == "reverses"):
        return (place.get(value // IDS), value % IDS)
    return value


IDS = 4096
