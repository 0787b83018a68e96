"""How a ruleset comes to decide: found a programme, publish a version, pause a policy.

Every fault is raised before anything is written; what is written is written under the programme's own lock, which no
batch of events holds at the same time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from loyalty import counters, quotas
from loyalty.access import Caller, require
from loyalty.audit import Change, record
from loyalty.refusals import Malformed, Refused, Throttled
from loyalty.rulebook import BEGINNING, Edition, Live, Rulebook, entries_of, parsed, paused, row_of, texts_of, versions
from models.database import Connection, Database
from models.errors import ConstraintBroken, Retryable
from models.limits import Counter
from models.rulesets import Document, Pause, ProgrammeRow, Version, VersionEntry
from rules.documents import content_hash
from rules.ruleset import Ruleset

LOCK_TRIES = 3  # Each waits 2 s for the programme's lock.
RETRY_MS = 2_000
ROWS_MAX = 250
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Bundle:
    """The documents of a version: their hashes by path, their texts by hash."""

    entries: dict[str, str]
    texts: dict[str, str]

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> "Bundle":
        """Hash the documents' content: how a text is laid out makes no difference."""
        hashes = {path: content_hash(document) for path, document in parsed(texts).items()}
        return cls(hashes, {hashes[path]: text for path, text in texts.items()})


async def create_programme(
    db: Database,
    rulebook: Rulebook,
    caller: Caller,
    name: str,
    texts: Mapping[str, str],
    *,
    now: datetime | None = None,
    live_from: datetime | None = None,
    note: str = "",
) -> Live:
    """Found a programme with its first version, which decides from the beginning of time unless told otherwise."""
    require(caller, "admin")
    bundle = await asyncio.to_thread(Bundle.of, texts)
    ruleset = await rulebook.compile(bundle.entries, bundle.texts)
    try:
        async with db.transaction() as connection:
            at = now or await connection.clock()
            (row,) = await connection.rows("SELECT COALESCE(MAX(id), 0) + 1 AS id FROM programmes")
            programme_id = int(row["id"])
            await connection.insert([ProgrammeRow(programme_id, name, 1, at)])
            first = Version(programme_id, 1, live_from or BEGINNING, at, 1, caller.subject, note, "founded")
            await _store(connection, first, bundle)
            await _stock_up(connection, programme_id, ruleset)
            after = {"version": 1, "documents": sorted(bundle.entries)}
            change = Change("programme.create", name, at, after=after, note=note)
            await record(connection, programme_id, caller, change)
    except ConstraintBroken as error:
        if await db.rows("SELECT 1 AS one FROM programmes WHERE name = $1", name):
            raise Refused("CONFLICT", reference=name) from error
        raise Throttled(RETRY_MS) from error  # Another programme was founded at the same moment.
    return await rulebook.learn(db, programme_id)


async def publish(
    db: Database,
    rulebook: Rulebook,
    caller: Caller,
    programme: str,
    texts: Mapping[str, str],
    *,
    live_from: datetime | None = None,
    note: str = "",
    source: str = "",
) -> Edition:
    """Make these documents the newest version. It decides from the moment of publication, or from `live_from` after it.

    What is the newest version already is not published again.
    """
    require(caller, "rules:publish")
    live = await rulebook.programme(db, programme)
    bundle = await asyncio.to_thread(Bundle.of, texts)
    ruleset = await rulebook.compile(bundle.entries, bundle.texts)
    # Number, revision and times are set once the programme is ours.
    draft = Version(live.programme_id, 0, live_from or BEGINNING, BEGINNING, 0, caller.subject, note, source)

    async def write(connection: Connection) -> int:
        newest, before = await _newest(connection, live.programme_id)
        if before == bundle.entries:
            return newest.number
        await _guard_fixed(connection, rulebook, (newest, before), ruleset)
        await _stock_up(connection, live.programme_id, ruleset)
        version = replace(draft, number=newest.number + 1)
        return await _publish(connection, caller, version, before, bundle)

    number = await owning(db, live.programme_id, write)
    return (await rulebook.learn(db, live.programme_id)).edition(number)


async def pause(
    db: Database, rulebook: Rulebook, caller: Caller, programme: str, path: str, *, stop: bool = True, note: str = ""
) -> Live:
    """Stop a policy at once, or let it go on: from the next batch it does not fire, late events included."""
    require(caller, "rules:publish")
    live = await rulebook.programme(db, programme)
    if all(path not in edition.ruleset.policies for edition in live.editions):
        raise Refused("NOT_FOUND")

    async def write(connection: Connection) -> None:
        at = await connection.clock()
        revision = (await row_of(connection, live.programme_id)).revision + 1
        stopped = path in await paused(connection, live.programme_id, revision)
        if stopped == stop:
            return
        await connection.insert([Pause(live.programme_id, path, revision, stop, caller.subject, at, note)])
        await _rise(connection, live.programme_id, revision)
        action = "rules.pause" if stop else "rules.resume"
        change = Change(action, path, at, before={"paused": stopped}, after={"paused": stop}, note=note)
        await record(connection, live.programme_id, caller, change)

    await owning(db, live.programme_id, write)
    return await rulebook.learn(db, live.programme_id)


async def owning(db: Database, programme_id: int, write: Callable[[Connection], Awaitable[T]]) -> T:
    """Write with the programme to oneself: no batch of events runs meanwhile."""
    for _ in range(LOCK_TRIES):
        try:
            async with db.transaction() as connection:
                await connection.own_programme(programme_id)
                return await write(connection)
        except Retryable:
            continue
    raise Throttled(RETRY_MS)


async def _newest(connection: Connection, programme_id: int) -> tuple[Version, dict[str, str]]:
    revision = (await row_of(connection, programme_id)).revision
    newest = (await versions(connection, programme_id, revision))[-1]
    return newest, await entries_of(connection, programme_id, newest.number)


async def _publish(
    connection: Connection, caller: Caller, draft: Version, before: Mapping[str, str], bundle: Bundle
) -> int:
    at = await connection.clock()
    if BEGINNING < draft.live_from < at:
        raise Malformed("LIVE_FROM_PAST", field="/live_from")
    revision = (await row_of(connection, draft.programme_id)).revision + 1
    version = replace(draft, live_from=max(draft.live_from, at), published_at=at, revision=revision)
    await _store(connection, version, bundle)
    await _rise(connection, version.programme_id, revision)
    after = {"version": version.number, **_changed(before, bundle.entries)}
    target = f"version {version.number}"
    await record(
        connection, version.programme_id, caller, Change("rules.publish", target, at, None, after, version.note)
    )
    return version.number


async def _rise(connection: Connection, programme_id: int, revision: int) -> None:
    await connection.run("UPDATE programmes SET revision = $2 WHERE id = $1", programme_id, revision)


async def _store(connection: Connection, version: Version, bundle: Bundle) -> None:
    pairs = bundle.texts.items()
    rows = [Document(version.programme_id, digest, text) for digest, text in sorted(pairs)]
    for some in slices(rows):
        await connection.insert(some, on_conflict="ignore")
        await asyncio.sleep(0)
    await connection.insert([version])
    entries = sorted(bundle.entries.items())
    for named in slices([VersionEntry(version.programme_id, version.number, *entry) for entry in entries]):
        await connection.insert(named)
        await asyncio.sleep(0)


def slices(rows: list[R]) -> Iterator[list[R]]:
    """Rows a few at a time: thousands of documents in one statement would hold the event loop."""
    return (rows[start : start + ROWS_MAX] for start in range(0, len(rows), ROWS_MAX))


async def _stock_up(connection: Connection, programme_id: int, ruleset: Ruleset) -> None:
    """Bring totals to what the ruleset says. What was taken stays taken: a total is never below it."""
    rows = await connection.read(Counter, "SELECT * FROM counters WHERE programme_id = $1", programme_id)
    there = {row.name: row for row in rows}
    fresh, changed = [], []
    periods = {name: quotas.total_of(ruleset.benefits, name) for name in there}
    running = {name: total for name, total in periods.items() if total is not None}
    for name, total in sorted((counters.wanted(ruleset) | running).items()):
        if (row := there.get(name)) is None:
            fresh.append(Counter(programme_id, name, total, total))
        elif row.total != total:
            taken = row.total - row.left
            changed.append(replace(row, total=max(total, taken), left=max(total - taken, 0)))
    if fresh:
        await connection.insert(fresh)
    if changed:
        await connection.update(changed)


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, list[str]]:
    both = before.keys() & after.keys()
    return {
        "added": sorted(after.keys() - before.keys()),
        "changed": sorted(path for path in both if before[path] != after[path]),
        "removed": sorted(before.keys() - after.keys()),
    }


async def _guard_fixed(
    connection: Connection, rulebook: Rulebook, newest: tuple[Version, Mapping[str, str]], ruleset: Ruleset
) -> None:
    """Zone, currency and each wallet's scale are fixed once the programme has events: the books are written in them."""
    version, entries = newest
    if not await connection.rows("SELECT 1 AS one FROM events WHERE programme_id = $1 LIMIT 1", version.programme_id):
        return
    texts = await texts_of(connection, version.programme_id, version.number)
    old = (await rulebook.compile(entries, texts)).programme
    new = ruleset.programme
    fixed = {"zone": (old.zone, new.zone), "currency": (old.currency, new.currency)}
    for key, wallet in old.wallets.items():
        now = new.wallets.get(key)
        fixed[f"wallets/{key}/scale"] = (str(wallet.scale), str(now and now.scale))
    for setting, (was, wanted) in fixed.items():
        if str(was) != str(wanted):
            raise Refused("FIXED_SETTING", setting=setting, was=str(was))
