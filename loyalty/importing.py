"""History brought in from a file: its orders go through the one door, in order of time, and may stop and go on.

While an import runs its row's heartbeat holds the programme's clock jobs; what fell due between two orders is posted by
the fold of the later one.
"""

import asyncio
import csv
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from loyalty import sheets
from loyalty.access import Caller, require
from loyalty.admission import declared, in_time
from loyalty.events import OrderPaid
from loyalty.house import House
from loyalty.intake import receive
from loyalty.receipts import Receipt
from loyalty.refusals import Malformed, Refused, worded
from loyalty.rulebook import Live
from loyalty.sheets import Layout, Sheet, Turned
from models.control import Import
from models.database import Connection
from rules import exact

BATCH = 256
SHOWN_MAX = 10
REFUSED = ("line", "code", "words")
KIND = "orders"
TRIES = 3
IN_THE_WAY = ("THROTTLED", "UNAVAILABLE")  # Nothing is wrong with the row: others were, or the database was.
HEARTBEAT_MAX = timedelta(minutes=5)  # After a silence this long an import has stopped, and holds nothing.
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Report:
    """What became of a file."""

    rows: int = 0
    orders: int = 0
    accepted: int = 0
    refused: int = 0
    members: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    resumed_at: int = 0
    already_done: bool = False
    reasons: Counter[str] = field(default_factory=Counter)
    refused_file: Path | None = None
    shown: list[Turned] = field(default_factory=list)  # The first rows that were turned down, by their lines.


def silent(_done: int, _total: int) -> None:
    """A progress callback that shows nothing."""


async def dry_run(house: House, caller: Caller, path: Path, layout: Layout, *, now: datetime | None = None) -> Report:
    """Count what an import would bring in and what the door would turn down, and say why. Writes nothing."""
    require(caller, "events:import")
    live = await house.rulebook.programme(house.db, caller.programme)
    sheet = await _sheet(live, path, layout)
    report = _begun(sheet)
    sender = _importer(caller, sheet, layout)
    at = now or await _clock(house)
    for entry in sheet.entries:
        turned = _tried(live, sender, sheet, entry, layout, at)
        turn_down(report, turned)
        report.accepted += not turned
    report.shown = [turned._replace(row=sheet.line(turned.row)) for turned in report.shown]
    return report


async def import_orders(
    house: House,
    caller: Caller,
    path: Path,
    layout: Layout,
    *,
    lang: str = "en",
    refused_file: Path | None = None,
    progress: Progress = silent,
    now: datetime | None = None,
) -> Report:
    """Bring the orders of a file in. Started again it goes on where it stopped; a file that is done stays done."""
    require(caller, "events:import")
    live = await house.rulebook.programme(house.db, caller.programme)
    sheet = await _sheet(live, path, layout)
    report = _begun(sheet)
    row = await _claim(house, live, sheet, layout, now)
    report.resumed_at, report.already_done = row.rows_done, row.state == "done"
    if report.already_done:
        return replace(report, accepted=row.accepted, refused=row.refused)
    run = Run(house, _importer(caller, sheet, layout), live, sheet, layout, row, now)
    refusals = Refusals(refused_file or path.with_name(f"{path.name}.refused.csv"), lang, sheet)
    if row.rows_done == 0:
        row = replace(row, refused=len(sheet.refused))
    refusals.write(sheet.refused)
    for start in range(row.rows_done, len(sheet.entries), BATCH):
        turned, accepted = await run.batch(start)
        refusals.write(turned)
        turn_down(report, turned)
        row = replace(row, rows_done=min(start + BATCH, len(sheet.entries)), accepted=row.accepted + accepted)
        row = await run.beat(replace(row, refused=row.refused + len(turned)))
        progress(row.rows_done, len(sheet.entries))
    if refusals.written:
        await asyncio.to_thread(refusals.complete, path, layout)
    await run.beat(replace(row, state="done"))
    return replace(report, accepted=row.accepted, refused=row.refused, refused_file=refusals.written)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of an import: what it reads, and as whom it sends."""

    house: House
    caller: Caller
    live: Live
    sheet: Sheet
    layout: Layout
    row: Import
    now: datetime | None

    async def batch(self, start: int) -> tuple[list[Turned], int]:
        """Send the entries of one batch; what was turned down, and how many were accepted."""
        entries = self.sheet.entries[start : start + BATCH]
        currency = self.live.newest.ruleset.programme.currency
        made = [_order(self.sheet, entry, self.layout, currency) for entry in entries]
        receipts = await self._sent([order for order in made if isinstance(order, OrderPaid)])
        rows = [entry.row for entry, order in zip(entries, made, strict=True) if isinstance(order, OrderPaid)]
        turned = [order for order in made if isinstance(order, Turned)]
        turned += [_refusal(row, receipt) for row, receipt in zip(rows, receipts, strict=True) if not _taken(receipt)]
        return sorted(turned, key=lambda refused: refused.row), sum(map(_taken, receipts))

    async def _sent(self, orders: Sequence[OrderPaid]) -> list[Receipt]:
        """The receipts. What others were in the way of is sent again; if they stay, the import stops for now."""
        receipts = {order.key: receipt for order, receipt in zip(orders, await self._receive(orders), strict=True)}
        for _ in range(TRIES):
            again = [order for order in orders if receipts[order.key].code in IN_THE_WAY]
            receipts |= {order.key: receipt for order, receipt in zip(again, await self._receive(again), strict=True)}
        for receipt in receipts.values():
            if receipt.code in IN_THE_WAY:
                raise Refused(receipt.code, **receipt.params)
        return [receipts[order.key] for order in orders]

    async def _receive(self, orders: Sequence[OrderPaid]) -> list[Receipt]:
        return await receive(self.house, self.caller, orders, now=self.now) if orders else []

    async def beat(self, row: Import) -> Import:
        """Keep how far the import has come, and that it lives."""
        async with self.house.db.transaction() as connection:
            row = replace(row, heartbeat_at=self.now or await connection.clock())
            await connection.update([row])
        return row


class Refusals:
    """The file of refused rows: line, code, words, and in the end the row itself. None is written twice."""

    def __init__(self, path: Path, lang: str, sheet: Sheet) -> None:
        self.sheet = sheet
        self.path = path
        self.lang = lang
        self.written: Path | None = None
        self._known: set[int] = set()

    def write(self, turned: Sequence[Turned]) -> None:
        """Append rows, with a header before the first."""
        if not turned:
            return
        if self.written is None:
            self._known = self._read()
            self.written = self.path
        told = {self.sheet.line(refused.row): refused for refused in turned}
        fresh = {line: refused for line, refused in told.items() if line not in self._known}
        with self.path.open("a", encoding="utf-8", errors="replace", newline="") as file:
            writer = csv.writer(file)
            if file.tell() == 0:
                writer.writerow(REFUSED)
            writer.writerows((line, refused.code, words(refused, self.lang)) for line, refused in fresh.items())
        self._known |= fresh.keys()

    def complete(self, source: Path, layout: Layout) -> None:
        """Put beside each reason the row as it stands in the file. All at once, or not at all."""
        with self.path.open(encoding="utf-8", newline="") as file:
            head, *rows = [cells[: len(REFUSED)] for cells in csv.reader(file)]
        if tuple(head) != REFUSED:
            return
        header, cells = sheets.originals(source, layout, self._known)
        part = self.path.with_name(f"{self.path.name}.part")
        with part.open("w", encoding="utf-8", errors="replace", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*REFUSED, *map(quoted, header)])
            writer.writerows([*row, *map(quoted, cells.get(int(row[0]), []))] for row in rows)
        part.replace(self.path)

    def _read(self) -> set[int]:
        if not self.path.exists():
            return set()
        with self.path.open(encoding="utf-8", newline="") as file:
            return {int(cells[0]) for cells in csv.reader(file) if cells and cells[0].isdigit()}


def words(turned: Turned, lang: str) -> str:
    """The reason as a person reads it."""
    return quoted(worded(turned.code, turned.params, lang))


def quoted(cell: str) -> str:
    """A cell that a spreadsheet takes for text, whatever it begins with."""
    harmless = exact.read(cell) is not None or not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    return cell if harmless else f"'{cell}"


async def running(house: House, programme_id: int, now: datetime) -> bool:
    """Whether an import of the programme is alive: the clock's jobs wait for it."""
    sql = "SELECT 1 AS one FROM imports WHERE programme_id = $1 AND state = 'running' AND heartbeat_at > $2 LIMIT 1"
    return bool(await house.db.rows(sql, programme_id, now - HEARTBEAT_MAX))


async def _sheet(live: Live, path: Path, layout: Layout) -> Sheet:
    return await asyncio.to_thread(sheets.read, path, layout, ZoneInfo(live.newest.ruleset.programme.zone))


async def _claim(house: House, live: Live, sheet: Sheet, layout: Layout, now: datetime | None) -> Import:
    """The import's row, made or taken up again. Two processes at one file send the same keys: nothing counts twice."""
    read_as = sheets.told(sheet, layout)
    async with house.db.transaction() as connection:
        at = now or await connection.clock()
        fresh = Import(live.programme_id, sheet.digest, KIND, "running", at, at, 0, 0, 0, read_as)
        await connection.insert([fresh], on_conflict="ignore")
        row = await take_up(connection, fresh)
    # One file read in two ways would mix orders of two mappings under the same keys.
    if row.layout != read_as:
        raise Malformed("IMPORT_LAYOUT", field="map", before=row.layout, now=read_as)
    return row


async def take_up(connection: Connection, fresh: Import) -> Import:
    """The import's row as it stands: this one's, or that of the run before."""
    sql = "SELECT * FROM imports WHERE programme_id = $1 AND file_hash = $2 AND kind = $3"
    (row,) = await connection.read(Import, sql, fresh.programme_id, fresh.file_hash, fresh.kind)
    return row


def _importer(caller: Caller, sheet: Sheet, layout: Layout) -> Caller:
    scopes = frozenset({"events:write", "events:import"})
    return Caller(f"import:{sheet.digest}", caller.programme, scopes, shops=(layout.shop,))


def _begun(sheet: Sheet) -> Report:
    report = Report(rows=sheet.rows, orders=len(sheet.entries))
    if sheet.entries:
        report.first_at, report.last_at = sheet.entries[0].at, sheet.entries[-1].at
    if "member" in sheet.fields:
        place = sheet.fields.index("member")
        report.members = len({entry.cells[0][place] for entry in sheet.entries} - {""})
    turn_down(report, sheet.refused)
    return report


def turn_down(report: Report, turned: Sequence[Turned]) -> None:
    """Count rows that were turned down, and keep the first of them to be shown."""
    report.refused += len(turned)
    report.reasons.update(refused.code for refused in turned)
    report.shown = sorted((*report.shown, *turned), key=lambda refused: refused.row)[:SHOWN_MAX]


def _order(sheet: Sheet, entry: sheets.Entry, layout: Layout, currency: str) -> OrderPaid | Turned:
    try:
        return sheets.order(sheet, entry, layout, currency)
    except Malformed as reason:
        return Turned(entry.row, reason.code, reason.params)


def _tried(live: Live, sender: Caller, sheet: Sheet, entry: sheets.Entry, layout: Layout, at: datetime) -> list[Turned]:
    """What the door would say to an entry before anything is folded: one reason, or none."""
    made = _order(sheet, entry, layout, live.newest.ruleset.programme.currency)
    if isinstance(made, Turned):
        return [made]
    try:
        in_time(live, sender, made, at)
        declared(live, sender, made, at)
    except Malformed as reason:
        return [Turned(entry.row, reason.code, reason.params)]
    return []


async def _clock(house: House) -> datetime:
    async with house.db.transaction() as connection:
        return await connection.clock()


def _taken(receipt: Receipt) -> bool:
    return receipt.state in ("accepted", "waiting", "queued")


def _refusal(row: int, receipt: Receipt) -> Turned:
    params: Mapping[str, Any] = receipt.params
    return Turned(row, receipt.code or "INTERNAL", params)
