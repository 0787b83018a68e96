"""The demo's history, played through the door that everything goes through: the same seed and `now`, the same books."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from loyalty.access import Caller, scopes_of
from loyalty.events import Arrival, PointsRedeem
from loyalty.house import House
from loyalty.intake import receive
from seeds.history import SPAN, history
from seeds.people import people
from seeds.scene import Scene

BATCH = 256
MEMBERS = 320
SEED = 7

Happened = tuple[datetime, Arrival]
Progress = Callable[[int, int], None]
Advance = Callable[[datetime], Awaitable[object]]


@dataclass(slots=True)
class Played:
    """How many events of which outcome."""

    events: int = 0
    states: dict[str, int] = field(default_factory=dict)


def begins(now: datetime) -> datetime:
    """When the demo's history begins: the programme is founded then."""
    return now - SPAN


async def play(
    house: House,
    scene: Scene,
    *,
    now: datetime,
    advance: Advance,
    progress: Progress,
    members: int = MEMBERS,
    seed: int = SEED,
) -> Played:
    """Play everything up to `now`; `advance` is the clock, which does at each month's turn what fell due."""
    chance = Random(seed)
    crowd = people(members, chance, now.astimezone(scene.zone).date(), SPAN, scene.channels)
    told = history(scene, crowd, chance, now)
    caller = Caller("client:demo-shop", scene.programme, scopes_of(["service"]), shops=scene.shops)
    played = Played()
    months = _months(begins(now), now, scene.zone)
    turn = next(months, None)
    for batch in batches(told, scene.zone):
        while turn is not None and turn <= batch[-1][0]:
            await advance(turn)
            turn = next(months, None)
        receipts = await receive(house, caller, [arrival for _, arrival in batch], now=batch[-1][0])
        for receipt in receipts:
            played.states[receipt.state] = played.states.get(receipt.state, 0) + 1
        played.events += len(batch)
        progress(played.events, len(told))
    await advance(now)
    return played


def batches(told: Sequence[Happened], zone: ZoneInfo) -> Iterator[list[Happened]]:
    """In order of time, 256 at most. A month's turn ends a batch; so does a request, which counts when it is made."""
    batch: list[Happened] = []
    for at, arrival in told:
        if batch and (len(batch) == BATCH or _month(at, zone) != _month(batch[-1][0], zone)):
            yield batch
            batch = []
        batch.append((at, arrival))
        if isinstance(arrival, PointsRedeem):
            yield batch
            batch = []
    if batch:
        yield batch


def _month(at: datetime, zone: ZoneInfo) -> tuple[int, int]:
    local = at.astimezone(zone)
    return local.year, local.month


def _months(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """The first instant of every month on the way."""
    at = start
    while at <= end:
        local = at.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        at = (local + timedelta(days=32)).replace(day=1).astimezone(start.tzinfo)
        if at <= end:
            yield at
