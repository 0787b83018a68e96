"""The member page over HTTP: balance, tier, progress, entitlements and ten entries, of one member after another.

Two servers take turns on one database: as it is served, and without the caches of parsed and validated documents. The
server's processor time is what its process used; the client's own is not in it, nor is PostgreSQL's.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import orjson

from benchmarks.shop import ADMIN, BATCH, PROGRAMME, SECRET, Shop, dialects, opened
from benchmarks.table import Rounds, Table
from loyalty import keys
from loyalty.access import scopes_of
from models.sql import Dialect

MEMBERS: Final = 200
ORDERS: Final = 16 * BATCH
BETWEEN: Final = timedelta(minutes=15)
CONNECTIONS: Final = 8
ROUNDS: Final = 5
PAGES: Final = 120  # A round.
TICK: Final = os.sysconf("SC_CLK_TCK")
PAGE: Final = """query Page($by: MemberRef!) { member(by: $by) { id status joinedAt
  points { title balance available pending owed expiring(days: 90) { points on }
    entries(first: 10) { pageInfo { hasNextPage endCursor } nodes {
      id kind points amount balanceAfter at reason order { number } policy { title } } } }
  tier { key title }
  standings { ladder { title } tier { title } since
    progress { next { title } missing { label has needs } reviewAt atRisk } }
  entitlements(first: 10) { nodes { id state expiresAt benefit { title } } } } }"""
NAMES: Final[dict[Dialect, str]] = {"postgres": "PostgreSQL", "sqlite": "SQLite"}


@dataclass(frozen=True)
class Server:
    """A server that runs, and a token it knows."""

    process: asyncio.subprocess.Process
    port: int
    token: str
    members: int

    def used(self) -> float:
        """Processor seconds of its process so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK


async def run(*, quick: bool) -> list[Table]:
    """Two tables a database: time on the wall, and the server's processor."""
    rounds, pages = (2, 40) if quick else (ROUNDS, PAGES)
    return [table for dialect in await dialects() for table in await _measured(dialect, rounds, pages)]


async def _measured(dialect: Dialect, rounds: int, pages: int) -> list[Table]:
    where = NAMES[dialect]
    wall = Rounds(f"a member page, {where}, {CONNECTIONS} at a time", "µs a page", per_second=True)
    processor = Rounds("  of it processor of the server", "µs a page")
    started = datetime.now(UTC) - ORDERS * BETWEEN - timedelta(hours=1)
    async with AsyncExitStack() as stack:
        shop = await stack.enter_async_context(
            opened(dialect, members=MEMBERS, orders=ORDERS, now=started, between=BETWEEN)
        )
        token = await _token(shop)
        servers = {
            "nothing kept": await stack.enter_async_context(_server(shop, token, "bare")),
            "documents kept (as served)": await stack.enter_async_context(_server(shop, token)),
        }
        for server in servers.values():
            await _load(server, pages // 4)
        for _ in range(rounds):
            for name, server in servers.items():
                before, began = server.used(), time.perf_counter()
                await _load(server, pages)
                wall.add(name, (time.perf_counter() - began) / pages * 1e6)
                processor.add(name, max(server.used() - before, 1 / TICK) / pages * 1e6)
    return [wall, processor]


async def _token(shop: Shop) -> str:
    live = await shop.house.rulebook.programme(shop.house.db, PROGRAMME)
    grant = keys.Grant("client:page", scopes_of(["service"]))
    chance = os.urandom(keys.CHANCE_BYTES)
    _, text = await keys.issue(shop.house.db, shop.house.secrets, ADMIN, live, grant, chance=chance)
    return text


@asynccontextmanager
async def _server(shop: Shop, token: str, *options: str) -> AsyncIterator[Server]:
    """A server of its own process, ended with the measurement."""
    command = [sys.executable, "-m", "benchmarks.server", shop.url, SECRET, *options]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield Server(process, int(await process.stdout.readline()), token, shop.members)
    finally:
        process.terminate()
        await process.wait()


async def _load(server: Server, pages: int) -> None:
    """So many pages, over a few connections that stay open."""
    share = pages // CONNECTIONS
    await asyncio.gather(*(_visitor(server, first * share, share) for first in range(CONNECTIONS)))


async def _visitor(server: Server, first: int, pages: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        for number in range(first, first + pages):
            writer.write(_request(server, number % server.members))
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
            body = await reader.readexactly(length)
            if b'"errors"' in body or b'"balance"' not in body:
                raise RuntimeError(f"that was no member page: {body[:300]!r}")
    finally:
        writer.close()


def _request(server: Server, member: int) -> bytes:
    identity = {"kind": "external", "value": f"m{member}"}
    body = orjson.dumps({"query": PAGE, "variables": {"by": {"identity": identity}}})
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {server.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
