"""Coupons that several processes give away: a thousand by each in a round, with a stock that all share and without.

Four processes on PostgreSQL, two on SQLite; each has members of its own, so that stock is all they share.
The contenders take turns in the same processes. In the end there is not one coupon more or less than was claimed.
"""

import asyncio
import json
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from secrets import token_bytes
from typing import Final

from benchmarks.shop import ADMIN, BATCH, DEMO, PROGRAMME, SECRET, TILL, Shop, dialects, opened, some
from benchmarks.table import Rounds, Table
from loyalty.events import BenefitClaim, MemberRef
from loyalty.house import House
from loyalty.intake import receive
from loyalty.publishing import publish
from models.sql import Dialect
from rules.files import read_folder

ROOT: Final = Path(__file__).parent.parent
COUPONS: Final = 10_000  # Of each contender, over all rounds.
ROUNDS: Final = 5
MEMBERS: Final = 1_000
PROCESSES: Final = {"sqlite": 2, "postgres": 4}
WITHOUT, WITH = "without stock", "with stock"
KEYS: Final = {WITHOUT: "bench-free", WITH: "bench-stocked"}


async def run(*, quick: bool) -> list[Table]:
    """A table a database."""
    return [await _measured(dialect, 2 if quick else ROUNDS) for dialect in await dialects()]


async def _measured(dialect: Dialect, rounds: int) -> Rounds:
    processes = PROCESSES[dialect]
    each = max(1, some(COUPONS) // ROUNDS // processes)
    name = "PostgreSQL" if dialect == "postgres" else "SQLite"
    found = Rounds(f"a coupon by {processes} processes, {name}", "µs a coupon", per_second=True)
    async with opened(dialect, members=MEMBERS, orders=256) as shop:
        await _stock_up(shop, each * processes * rounds)
        async with _crew(shop, processes) as crew:
            await _round(crew, WITHOUT, each, shop.members, "warm")
            for turn in range(rounds):
                for contender in KEYS:
                    seconds = await _round(crew, contender, each, shop.members, f"r{turn}")
                    found.add(contender, seconds / (each * processes) * 1e6)
        await _must_be_exact(shop, each * processes * rounds)
    return found


async def _stock_up(shop: Shop, coupons: int) -> None:
    plain = {
        "title": {"en": "Coupon", "zh-CN": "券"},
        "description": {"en": "A coupon.", "zh-CN": "一张券。"},
        "kind": "amount_off",
        "value": "10.00",
        "valid": {"days": 30},
        "code": True,
        "claim": True,
        "core": False,
    }
    texts = {path: text for path, (text, _) in read_folder(DEMO).items()}
    texts[f"benefits/{KEYS[WITHOUT]}"] = json.dumps(plain)
    texts[f"benefits/{KEYS[WITH]}"] = json.dumps({**plain, "stock": coupons})
    await publish(shop.house.db, shop.house.rulebook, ADMIN, PROGRAMME, texts, note="coupons")


@asynccontextmanager
async def _crew(shop: Shop, processes: int) -> AsyncIterator[list[Process]]:
    """The processes, each ready and each with its share of the members."""
    command = [sys.executable, "-m", "benchmarks.stock", shop.url]
    crew = [
        await asyncio.create_subprocess_exec(*command, str(place), str(processes), cwd=ROOT, stdin=PIPE, stdout=PIPE)
        for place in range(processes)
    ]
    try:
        for process in crew:
            await _heard(process)
        yield crew
    finally:
        for process in crew:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def _round(crew: list[Process], contender: str, each: int, members: int, name: str) -> float:
    started = time.perf_counter()
    for process in crew:
        if process.stdin is not None:
            process.stdin.write(f"{KEYS[contender]} {each} {members} {name}\n".encode())
            await process.stdin.drain()
    for process in crew:
        await _heard(process)
    return time.perf_counter() - started


async def _heard(process: Process) -> str:
    line = (await process.stdout.readline()).decode().strip() if process.stdout is not None else ""
    if line not in ("ready", "done"):
        raise RuntimeError(f"a process ended: {line or 'without a word'}")
    return line


async def _must_be_exact(shop: Shop, coupons: int) -> None:
    """Whatever it cost: all of the stock is given, and not one more."""
    sql = "SELECT COUNT(*) AS n FROM entitlements WHERE benefit = $1"
    given = int((await shop.house.db.rows(sql, KEYS[WITH]))[0]["n"])
    sql = 'SELECT "left" AS n FROM counters WHERE name = $1'
    left = int((await shop.house.db.rows(sql, f"stock:{KEYS[WITH]}"))[0]["n"])
    if (given, left) != (coupons, 0):
        raise RuntimeError(f"{given} coupons were given of {coupons}, and {left} are left")


async def _work(url: str, place: int, processes: int) -> None:
    """One process: claims for its own members, as many as it is told, batch after batch."""
    house = await House.open(url, SECRET, token_bytes)
    await house.rulebook.programme(house.db, PROGRAMME)
    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        key, each, members, name = line.split()
        own = [number for number in range(int(members)) if number % processes == place]
        claims = [
            BenefitClaim(
                f"{key}-{name}-{place}-{number}", MemberRef(kind="external", value=f"m{own[number % len(own)]}"), key
            )
            for number in range(int(each))
        ]
        for start in range(0, len(claims), BATCH // processes):
            receipts = await receive(house, TILL, claims[start : start + BATCH // processes])
            if wrong := [receipt for receipt in receipts if receipt.state != "accepted"]:
                raise RuntimeError(f"{len(wrong)} claims were not taken: {wrong[0]}")
        print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(_work(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
