"""The rulesets of every programme, compiled: which version decides at an instant.

A process compiles a version once, off the event loop, and never trusts that it has the newest: each batch reads the
programme's revision under the programme's lock, and `watch` looks every second so that this is rarely news.
"""

import asyncio
import gc
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from loyalty.refusals import Refused
from models.database import Connection, Database
from models.rulesets import Pause, ProgrammeRow, Version, VersionEntry
from rules.compile import compile_ruleset
from rules.documents import parse
from rules.faults import Faulty
from rules.ruleset import Ruleset

# A programme's first version is live from here unless told otherwise. (Year 1 comes back from asyncpg without a zone.)
BEGINNING = datetime(1000, 1, 1, tzinfo=UTC)
LIVES_MAX = 64  # Revisions kept compiled in one process, all programmes together.
RULESETS_MAX = 256
DOCUMENTS_MAX = 16_384  # Documents kept parsed, by their hash: versions share most of theirs.
WATCH_SECONDS = 1.0
MANY = 100  # Documents of a version from which on the collector would be felt.
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Edition:
    """One published version, ready to decide."""

    number: int
    live_from: datetime
    ruleset: Ruleset


@dataclass(frozen=True, slots=True)
class Live:
    """A programme at one revision: its versions in order of `live_from`, and the policies that are paused."""

    programme_id: int
    name: str
    revision: int
    editions: tuple[Edition, ...]
    paused: frozenset[str]

    def at(self, instant: datetime) -> Edition:
        """The version that decides at the instant: the last one live; the first is live from the beginning of time."""
        index = bisect_right(self.editions, instant, key=lambda edition: edition.live_from)
        return self.editions[max(index - 1, 0)]

    def edition(self, number: int) -> Edition:
        """The version of that number."""
        return next(edition for edition in self.editions if edition.number == number)

    @property
    def newest(self) -> Edition:
        """The version published last."""
        return max(self.editions, key=lambda edition: edition.number)


class Rulebook:
    """What this process has compiled."""

    def __init__(self) -> None:
        self._lives: OrderedDict[tuple[int, int], Live] = OrderedDict()
        self._newest: dict[int, Live] = {}
        self._names: dict[str, int] = {}
        self._rulesets: OrderedDict[frozenset[tuple[str, str]], Ruleset] = OrderedDict()
        self._parsed: OrderedDict[str, Any] = OrderedDict()

    def known(self, programme_id: int, revision: int) -> Live | None:
        """The programme at that revision, if it is compiled here."""
        return _used(self._lives, (programme_id, revision))

    def programme_id(self, name: str) -> int | None:
        """The id of a programme that was learned here."""
        return self._names.get(name)

    def newest(self, programme_id: int) -> Live | None:
        """The newest revision compiled here."""
        return self._newest.get(programme_id)

    def all(self) -> list[Live]:
        """Every programme that was learned here, at its newest revision."""
        return [live for _, live in sorted(self._newest.items())]

    async def programme(self, db: Database, name: str) -> Live:
        """The programme of that name, learned when it is new here; Refused when there is none."""
        programme_id = self._names.get(name)
        if programme_id is None:
            rows = await db.rows("SELECT id FROM programmes WHERE name = $1", name)
            if not rows:
                raise Refused("NOT_FOUND")
            programme_id = int(rows[0]["id"])
        return self._newest.get(programme_id) or await self.learn(db, programme_id)

    async def learn(self, db: Database, programme_id: int) -> Live:
        """Read the programme's revision and compile what it needs."""
        programme = await row_of(db, programme_id)
        live = self.known(programme_id, programme.revision) or await self.recall(db, programme_id, programme.revision)
        newest = self._newest.get(programme_id)
        if newest is None or newest.revision <= live.revision:
            self._newest[programme_id] = live
        self._names[live.name] = programme_id
        return live

    async def recall(self, db: Database, programme_id: int, revision: int) -> Live:
        """The programme as it was at a revision: its versions and pauses up to then."""
        if live := self.known(programme_id, revision):
            return live
        programme = await row_of(db, programme_id)
        editions = [await self._edition(db, row) for row in await versions(db, programme_id, revision)]
        live = Live(
            programme_id=programme_id,
            name=programme.name,
            revision=revision,
            editions=tuple(sorted(editions, key=lambda edition: (edition.live_from, edition.number))),
            paused=await paused(db, programme_id, revision),
        )
        return self.keep(live)

    def keep(self, live: Live) -> Live:
        """Keep a compiled programme; of too many the one not used for longest goes."""
        return _kept(self._lives, (live.programme_id, live.revision), live, LIVES_MAX)

    async def compile(self, entries: Mapping[str, str], texts: Mapping[str, str]) -> Ruleset:
        """The ruleset of (path → hash), compiled off the event loop unless it is known; documents are parsed once."""
        content = frozenset(entries.items())
        if found := _used(self._rulesets, content):
            return found
        known = {digest: _used(self._parsed, digest) for digest in entries.values() if digest in self._parsed}
        ruleset, fresh = await asyncio.to_thread(_compile, dict(entries), dict(texts), known)
        for digest, document in fresh.items():
            _kept(self._parsed, digest, document, DOCUMENTS_MAX)
        return _kept(self._rulesets, content, ruleset, RULESETS_MAX)

    async def _edition(self, db: Database, version: Version) -> Edition:
        entries = await entries_of(db, version.programme_id, version.number)
        texts = {}
        if frozenset(entries.items()) not in self._rulesets:
            texts = await texts_of(db, version.programme_id, version.number)
        return Edition(version.number, version.live_from, await self.compile(entries, texts))


def _compile(
    entries: Mapping[str, str], texts: Mapping[str, str], known: Mapping[str, Any]
) -> tuple[Ruleset, dict[str, Any]]:
    """The ruleset, and the documents that had to be parsed for it: run in a thread, which shares nothing."""
    fresh: dict[str, Any] = {}
    with uncollected() if len(entries) >= MANY else nullcontext():
        for path, digest in entries.items():
            if digest not in known and digest not in fresh:
                fresh[digest] = parsed({path: texts[digest]})[path]
        documents = {**known, **fresh}
        return compile_ruleset({path: documents[digest] for path, digest in entries.items()}), fresh


@contextmanager
def uncollected() -> Iterator[None]:
    """No collector meanwhile, nor ever over what was made: going once through the objects of some thousand policies
    holds the interpreter for half a second, now and at each full collection after. They hold no cycles: what is
    dropped is freed all the same.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _used(kept: OrderedDict[K, V], key: K) -> V | None:
    """What is kept under a key, which is used just now."""
    if key not in kept:
        return None
    kept.move_to_end(key)
    return kept[key]


def _kept(kept: OrderedDict[K, V], key: K, value: V, most: int) -> V:
    """Keep a value; of too many the one not used for longest goes."""
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > most:
        kept.popitem(last=False)
    return value


def parsed(texts: Mapping[str, str]) -> dict[str, Any]:
    """Documents from their texts; Faulty, with all that is wrong, if one of them is none."""
    read = {path: parse(path, text) for path, text in texts.items()}
    if faults := [fault for _, wrong in read.values() for fault in wrong]:
        raise Faulty(faults)
    return {path: document for path, (document, _) in read.items()}


async def row_of(db: Database | Connection, programme_id: int) -> ProgrammeRow:
    """The programme's row; Refused when there is none."""
    rows = await db.read(ProgrammeRow, "SELECT * FROM programmes WHERE id = $1", programme_id)
    if not rows:
        raise Refused("NOT_FOUND")
    return rows[0]


async def versions(db: Database | Connection, programme_id: int, revision: int) -> list[Version]:
    """The versions published up to a revision, oldest first."""
    sql = "SELECT * FROM versions WHERE programme_id = $1 AND revision <= $2 ORDER BY number"
    return await db.read(Version, sql, programme_id, revision)


async def paused(db: Database | Connection, programme_id: int, revision: int) -> frozenset[str]:
    """The policies that were paused at a revision."""
    sql = "SELECT * FROM pauses WHERE programme_id = $1 AND revision <= $2 ORDER BY revision"
    last = {row.path: row.paused for row in await db.read(Pause, sql, programme_id, revision)}
    return frozenset(path for path, paused in last.items() if paused)


async def texts_of(db: Database | Connection, programme_id: int, version: int) -> dict[str, str]:
    """The documents of a version: hash → text."""
    sql = (
        "SELECT d.hash, d.text FROM documents d WHERE d.programme_id = $1 AND d.hash IN "
        "(SELECT e.hash FROM version_entries e WHERE e.programme_id = $1 AND e.version = $2)"
    )
    return {row["hash"]: row["text"] for row in await db.rows(sql, programme_id, version)}


async def entries_of(db: Database | Connection, programme_id: int, version: int) -> dict[str, str]:
    """What a version is: path → hash."""
    sql = "SELECT * FROM version_entries WHERE programme_id = $1 AND version = $2"
    return {row.path: row.hash for row in await db.read(VersionEntry, sql, programme_id, version)}


async def documents(db: Database, programme_id: int, version: int) -> dict[str, str]:
    """The documents of a version: path → text as it was published."""
    texts = await texts_of(db, programme_id, version)
    return {path: texts[digest] for path, digest in sorted((await entries_of(db, programme_id, version)).items())}


async def look(db: Database, rulebook: Rulebook) -> list[Live]:
    """Learn every revision that is news to this process; answers what was learned."""
    rows = await db.rows("SELECT id, revision FROM programmes ORDER BY id")
    news = [int(row["id"]) for row in rows if rulebook.known(int(row["id"]), int(row["revision"])) is None]
    return [await rulebook.learn(db, programme_id) for programme_id in news]


async def watch(
    db: Database,
    rulebook: Rulebook,
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    every: float = WATCH_SECONDS,
) -> None:
    """Look every second until cancelled."""
    while True:
        await look(db, rulebook)
        await sleep(every)
