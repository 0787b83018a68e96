"""More and more policies: what an event costs, how long compiling takes, and how long it keeps everybody waiting.

In the first table each policy is for one of the stores, so that as many policies could fire however many there are; in
the second one in eight holds. The third compiles as a process does that learns of a version, in a thread, while a task
on the event loop wakes every millisecond: what it was kept waiting longer than that is the hold.
"""

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from benchmarks.rules import AT, KIND, MONEY, Facts, compiled, documents, events, timed
from benchmarks.table import Rounds, Table
from loyalty.rulebook import Rulebook
from rules import exact
from rules.decide import decide
from rules.documents import content_hash
from rules.ruleset import Ruleset

MANY: Final = (200, 1_000, 5_000)
QUICK: Final = (200, 400)
FOR_A_STORE: Final = 25  # Policies that could fire, in the first table.
POOL: Final = 300  # Events among which examples are found.
TICK: Final = 0.001
Scenes = Mapping[int, tuple[Ruleset, Sequence[Mapping[str, Any]]]]


@dataclass
class Compiled:
    """Seconds and holds by number of policies."""

    title: str
    rows: list[tuple[int, float, float, float]] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """The table."""
        yield f"  {self.title:<34} {'seconds':>12} {'processor s':>12} {'longest hold ms':>16}"
        for count, wall, used, hold in self.rows:
            yield f"    {f'{count:,} policies':<32} {wall:>12.2f} {used:>12.2f} {hold:>16.1f}"


async def run(*, quick: bool) -> list[Table]:
    """The tables."""
    counts, rounds = (QUICK, 3) if quick else (MANY, 9)
    compiling = Compiled("compiled beside a busy loop")
    for count in counts:
        compiling.rows.append(await learned(count))
    for_stores = {count: scene(count, stores=count // FOR_A_STORE) for count in counts}
    for_all = {count: scene(count) for count in counts}
    return [
        grown(f"conditions, {FOR_A_STORE} could fire", for_stores, rounds),
        grown(f"decision, {FOR_A_STORE} could fire", for_stores, rounds, whole=True),
        grown("conditions, one in eight holds", for_all, rounds),
        compiling,
    ]


def scene(count: int, stores: int = 0) -> tuple[Ruleset, list[dict[str, Any]]]:
    """A ruleset and events for it."""
    chance = Random(7)
    ruleset = compiled(documents(chance, count, stores))
    found = events(chance)
    if stores:
        found = [one | {"order_store": f"s{chance.randrange(stores)}"} for one in found]
    return ruleset, found


def grown(title: str, scenes: Scenes, rounds: int, *, whole: bool = False) -> Rounds:
    """What an event costs: its conditions alone, or all of a decision."""
    found = Rounds(title, "processor µs")
    for _ in range(rounds):
        for count, (ruleset, given) in scenes.items():
            found.add(f"{count:,} policies", timed(decided(ruleset) if whole else held(ruleset), given))
    return found


def held(ruleset: Ruleset) -> Callable[[Facts], object]:
    """Only which policies hold."""
    holds = ruleset.plans[KIND].whole_holds
    return lambda facts: holds(facts, facts)


def decided(ruleset: Ruleset) -> Callable[[Facts], object]:
    """All of a decision."""
    return lambda facts: decide(ruleset, KIND, facts, at=AT, usage=lambda *_: 0)


async def learned(count: int) -> tuple[int, float, float, float]:
    """How many policies, seconds on the wall and of the processor to compile them, and the longest hold of the loop."""
    texts = {path: json.dumps(one) for path, one in whole(count).items()}
    entries = {path: content_hash(json.loads(text)) for path, text in texts.items()}
    waited: list[float] = []

    async def tick() -> None:
        while True:
            started = time.perf_counter()
            await asyncio.sleep(TICK)
            waited.append(time.perf_counter() - started - TICK)

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0)
    started, used = time.perf_counter(), time.process_time()
    await Rulebook().compile(entries, {entries[path]: text for path, text in texts.items()})
    wall, spent = time.perf_counter() - started, time.process_time() - used
    await asyncio.sleep(2 * TICK)
    ticking.cancel()
    return len(texts) - 1, wall, spent, max(waited) * 1_000


def whole(count: int) -> dict[str, Any]:
    """So many policies, each with two examples found among random events: one that fires and one that does not."""
    chance = Random(7)
    found, pool = documents(chance, 2 * count), events(chance, POOL)
    plan = compiled(found).plans[KIND]
    held = [{plan.whole[place].path for place in plan.whole_holds(facts, facts)} for facts in pool]
    made = {"programme": found.pop("programme")}
    for path, document in found.items():
        fires = next((facts for facts, paths in zip(pool, held, strict=True) if path in paths), None)
        silent = next((facts for facts, paths in zip(pool, held, strict=True) if path not in paths), None)
        if fires and silent and len(made) <= count:
            gives = [{"earn": "points", "points": 5}]
            made[path] = document | {"examples": [example(fires, gives), example(silent, [])]}
    return made


def example(facts: Mapping[str, Any], then: list[Any]) -> dict[str, Any]:
    """An event as an example writes it."""
    given = {
        name: exact.text(value, 2) if name in MONEY else list(value) if isinstance(value, tuple) else value
        for name, value in facts.items()
    }
    return {"given": given, "then": then}
