"""A sheet of orders: a CSV file, plain or gzipped, read into orders in the order of time, then of rows.

The whole sheet is sorted in memory, as light tuples of the mapped cells: about 0.4 KB a row, so a million rows want
less than half a gigabyte. Orders themselves are made of them batch by batch.
"""

import csv
import gzip
import hashlib
from array import array
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast
from zoneinfo import ZoneInfo

from loyalty.arrivals import validate
from loyalty.events import Line, MemberRef, OrderPaid
from loyalty.refusals import Malformed
from rules import exact
from rules.calendar import day_start

if TYPE_CHECKING:
    from _csv import Reader

FIELDS = (
    "member", "date", "amount", "number", "paid", "discount", "tax", "shipping", "currency", "channel", "store",
    "payment", "coupon", "sku", "quantity", "brand", "category",
)  # fmt: skip
REQUIRED = ("date", "amount")
NOBODY = ("member", "-")  # In a map: the orders have no member.
EXTRA = ("discount", "tax", "shipping")
NUMBER_DIGITS = 16  # Of the file's hash, in the number of an order that has none.
DAY = len("1997-01-01")
SHOWN_MAX = 40
CHUNK_BYTES = 1 << 20

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is to be read: which column says what, and what is meant where the file is silent."""

    columns: Mapping[str, str]  # Field → name of the column; empty: columns are named like the fields.
    identity: str = "external"
    shop: str = "main"
    delimiter: str = ","
    encoding: str = "utf-8-sig"


class Entry(NamedTuple):
    """One order to be: its instant, its first row, and the mapped cells of its rows."""

    at: datetime
    row: int
    cells: tuple[Cells, ...]


class Turned(NamedTuple):
    """A row that was turned down, by the code of the reason and what fills its words."""

    row: int
    code: str
    params: Mapping[str, Any]


@dataclass(slots=True)
class Sheet:
    """What a file holds. Row 1 is the first one after the header, line 1 the first one of the file."""

    digest: str
    fields: tuple[str, ...]
    rows: int = 0
    entries: list[Entry] = field(default_factory=list)
    refused: list[Turned] = field(default_factory=list)
    lines: "array[int]" = field(default_factory=lambda: array("L"))  # Where each row begins in the file.

    def line(self, row: int) -> int:
        """The line of the file a row begins at."""
        return self.lines[row - 1]


def parse_map(text: str) -> dict[str, str]:
    """`member=customer_id,date=day` as field → column; Malformed for a field that is none."""
    columns = {}
    for part in filter(None, text.split(",")):
        name, _, column = part.partition("=")
        if name.strip() not in FIELDS or not column.strip():
            raise Malformed("IMPORT_MAP", field="map", part=part, allowed=", ".join(FIELDS))
        columns[name.strip()] = column.strip()
    return columns


def read(path: Path, layout: Layout, zone: ZoneInfo) -> Sheet:
    """Read and sort a sheet. What cannot be read as an order at all is among `refused`."""
    try:
        sheet = _read(path, layout, zone)
    except (csv.Error, OSError, EOFError, LookupError) as error:
        raise Malformed("IMPORT_UNREADABLE", field="file", file=path.name, detail=str(error)) from error
    sheet.entries.sort(key=lambda entry: entry[:2])
    return sheet


def _read(path: Path, layout: Layout, zone: ZoneInfo) -> Sheet:
    with closing(_open(path)) as binary:
        digest = _digest(binary)
    with closing(_open(path)) as binary, closing(TextIOWrapper(binary, layout.encoding, "surrogateescape")) as text:
        reader = csv.reader(text, delimiter=layout.delimiter)
        places = _places(next(reader, []), layout.columns)
        sheet = Sheet(digest, tuple(places))
        _gather(sheet, _rows(reader, tuple(places.values()), sheet.lines), zone)
    return sheet


def originals(path: Path, layout: Layout, lines: Collection[int]) -> tuple[list[str], dict[int, list[str]]]:
    """The header, and the cells of the rows that begin at these lines, as they stand in the file."""
    found = {}
    with closing(_open(path)) as binary, closing(TextIOWrapper(binary, layout.encoding, "surrogateescape")) as text:
        reader = csv.reader(text, delimiter=layout.delimiter)
        header = next(reader, [])
        before = reader.line_num
        for cells in reader:
            if before + 1 in lines:
                found[before + 1] = cells
            before = reader.line_num
    return header, found


def told(sheet: Sheet, layout: Layout) -> str:
    """How a file is read, as one line: two layouts that read it alike say the same."""
    columns = {name: name for name in sheet.fields} | dict(layout.columns)
    read_as = [f"{name}={columns[name]}" for name in FIELDS if name in columns]
    more = (f"--identity {layout.identity}", f"--shop {layout.shop}", f"--delimiter {layout.delimiter!r}")
    return " ".join((f"--map {','.join(read_as)}", *more, f"--encoding {layout.encoding}"))


def order(sheet: Sheet, entry: Entry, layout: Layout, currency: str) -> OrderPaid:
    """The order an entry makes; Malformed where a cell does not say what it should."""
    rows = [dict(zip(sheet.fields, cells, strict=True)) for cells in entry.cells]
    head = rows[0]
    money = head.get("currency") or currency
    scale = exact.currency_scale(money)
    amounts = [_minor(row["amount"], "amount", scale) for row in rows]
    extra: dict[str, Any] = {name: _minor(head[name], name, scale) for name in EXTRA if head.get(name)}
    goods = sum(amounts) + (extra.get("tax", 0) + extra.get("shipping", 0) if "sku" in head else 0)
    extra["paid"] = _minor(head["paid"], "paid", scale) if head.get("paid") else goods
    extra |= {name: head[name] for name in ("channel", "store", "payment", "coupon") if head.get(name)}
    made = OrderPaid(
        key=f"import:{sheet.digest}:{entry.row}",
        number=head.get("number") or f"{sheet.digest[:NUMBER_DIGITS]}:{entry.row}",
        member=MemberRef(kind=layout.identity, value=head["member"]) if head.get("member") else None,
        occurred_at=entry.at,
        currency=money,
        total=goods,
        lines=tuple(_line(row, amount) for row, amount in zip(rows, amounts, strict=True) if row.get("sku")),
        shop=layout.shop,
        **extra,
    )
    validate(made)
    return made


def _line(row: Mapping[str, str], amount: int) -> Line:
    try:
        quantity = int(row.get("quantity") or 1)
    except ValueError:
        raise Malformed("INVALID_QUANTITY", field="quantity", least=1, most=1_000_000) from None
    return Line(row["sku"], quantity, amount, row.get("brand", ""), row.get("category", ""))


def _minor(cell: str, name: str, scale: int) -> int:
    number = exact.read(cell.strip().removeprefix("+"))
    amount = None if number is None else exact.units(number, scale)
    if amount is None or amount < 0:
        raise Malformed("IMPORT_AMOUNT", field=name, value=_shown(cell))
    return amount


def _shown(cell: str) -> str:
    """A cell as words quote it: short, and writable whatever its bytes were."""
    return cell.strip()[:SHOWN_MAX].encode(errors="replace").decode()


def _instant(cell: str, zone: ZoneInfo) -> datetime:
    """A day is its first instant; a time without an offset is the programme's."""
    text = cell.strip().replace("/", "-")
    try:
        if len(text) == DAY:
            return day_start(date.fromisoformat(text), zone)
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Malformed("IMPORT_DATE", field="date", value=_shown(cell)) from None


def _gather(sheet: Sheet, rows: Iterator[tuple[int, Cells | None]], zone: ZoneInfo) -> None:
    """Rows of one number are the lines of one order where the sheet has articles; else each row is an order."""
    places = {name: index for index, name in enumerate(sheet.fields)}
    grouped: dict[str, list[tuple[int, Cells]]] = {}
    days: dict[str, datetime] = {}
    for row, cells in rows:
        sheet.rows = row
        if cells is None:
            sheet.refused.append(Turned(row, "IMPORT_ROW_SHORT", {}))
            continue
        number = cells[places["number"]] if "number" in places else ""
        if number and "sku" in places:
            grouped.setdefault(number, []).append((row, cells))
        else:
            _add(sheet, [(row, cells)], places, zone, days)
    for several in grouped.values():
        _add(sheet, several, places, zone, days)


def _add(
    sheet: Sheet,
    rows: list[tuple[int, Cells]],
    places: Mapping[str, int],
    zone: ZoneInfo,
    days: dict[str, datetime],
) -> None:
    first, head = rows[0]
    same = [places[name] for name in ("member", "date") if name in places]
    try:
        if any(cells[place] != head[place] for _, cells in rows for place in same):
            raise Malformed("IMPORT_ROWS_DIFFER", field="number")
        text = head[places["date"]]
        at = days.get(text) or _instant(text, zone)
    except Malformed as reason:
        sheet.refused += [Turned(row, reason.code, reason.params) for row, _ in rows]
    else:
        if len(text) == DAY:
            days[text] = at
        sheet.entries.append(Entry(at, first, tuple(cells for _, cells in rows)))


def _rows(reader: "Reader", places: tuple[int, ...], lines: "array[int]") -> Iterator[tuple[int, Cells | None]]:
    last = max(places)
    row = 0
    before = reader.line_num
    for cells in reader:
        line, before = before + 1, reader.line_num
        if not cells:
            continue
        row += 1
        lines.append(line)
        yield row, tuple(cells[place] for place in places) if len(cells) > last else None


def _places(header: list[str], columns: Mapping[str, str]) -> dict[str, int]:
    names = [name.strip() for name in header]
    mapped = {name: column for name, column in columns.items() if (name, column) != NOBODY}
    wanted = mapped or {name: name for name in FIELDS if name in names and name not in columns}
    missing = [column for column in wanted.values() if column not in names]
    # Without members every order would be somebody's and nobody's: that has to be said, not forgotten.
    needed = REQUIRED if NOBODY in columns.items() else ("member", *REQUIRED)
    missing += [name for name in needed if name not in wanted]
    if missing:
        raise Malformed("IMPORT_COLUMNS", field="map", missing=", ".join(missing), header=", ".join(names[:50]))
    return {name: names.index(column) for name, column in wanted.items()}


def _open(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    return cast("IO[bytes]", gzip.open(path, "rb")) if zipped else path.open("rb")


def _digest(binary: IO[bytes]) -> str:
    """SHA-256 of the content: zipped or not, a file is the same file."""
    digest = hashlib.sha256()
    while chunk := binary.read(CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()
