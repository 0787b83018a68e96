"""The catalogue brought in from a file: a CSV with a header, or a JSON list of objects, each row a product.

A row that differs from what the catalogue says makes a new version; one that says the same makes none. Rows go in by
batches, each in one transaction with how far the import has come: broken off, it goes on where it stopped.
"""

import asyncio
import csv
import hashlib
import json
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from loyalty import catalogue, importing
from loyalty.access import Caller, require
from loyalty.house import House
from loyalty.importing import Progress, Refusals, Report, silent
from loyalty.payloads import wrong_field
from loyalty.refusals import Malformed
from loyalty.sheets import Sheet, Turned
from models.codec import canonical
from models.control import Import
from models.database import Connection
from models.products import Product
from rules import exact
from rules.programme import Programme

KIND: Final = "products"
BATCH: Final = 500
TEXT_MAX: Final = 128
WARRANTY_MAX: Final = 1_200
OWN: Final = ("sku", "title", "brand", "category", "tags", "price", "warranty_months", "withdrawn")
TRUE: Final = frozenset({"true", "1", "yes", "y"})
SAME: Final = ("title", "brand", "category", "tags", "attributes", "price", "warranty_months", "withdrawn")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file: where it begins, and what it says."""

    row: int
    cells: Mapping[str, Any]


async def import_products(
    house: House,
    caller: Caller,
    path: Path,
    *,
    lang: str = "en",
    refused_file: Path | None = None,
    since: datetime | None = None,
    progress: Progress = silent,
    now: datetime | None = None,
) -> Report:
    """Bring the products of a file in, as they are from `since` on, or from now. Done once, it stays done."""
    require(caller, "rules:publish")
    live = await house.rulebook.programme(house.db, caller.programme)
    programme = live.newest.ruleset.programme
    if programme.products is None:
        raise Malformed("PRODUCTS_UNDECLARED", field="programme")
    sheet, rows = await asyncio.to_thread(read, path)
    report = Report(rows=len(rows))
    row = await _claim(house, live.programme_id, sheet, since, now)
    report.resumed_at, report.already_done = row.rows_done, row.state == "done"
    if report.already_done:
        return replace(report, accepted=row.accepted, refused=row.refused)
    refusals = Refusals(refused_file or path.with_name(f"{path.name}.refused.csv"), lang, sheet)
    for start in range(row.rows_done, len(rows), BATCH):
        made = [_product(one, programme) for one in rows[start : start + BATCH]]
        turned = [one for one in made if isinstance(one, Turned)]
        row = await _put(house, row, [one for one in made if isinstance(one, Product)], len(made), len(turned), since)
        refusals.write(turned)
        importing.turn_down(report, turned)
        progress(row.rows_done, len(rows))
    async with house.db.transaction() as connection:
        await connection.update([replace(row, state="done")])
    return replace(report, accepted=row.accepted, refused=row.refused, refused_file=refusals.written)


def read(path: Path) -> tuple[Sheet, list[Row]]:
    """The rows of a file, and the sheet that says where each begins. Malformed for what is no list of products."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        rows = _objects(text) if path.suffix == ".json" else _lines(text)
    except (OSError, UnicodeError, csv.Error, ValueError) as error:
        raise Malformed("IMPORT_UNREADABLE", field="file", file=path.name, detail=str(error)) from error
    header = sorted({name for one in rows for name in one.cells})
    if rows and "sku" not in header:
        raise Malformed("IMPORT_NO_SKU", field="file", header=", ".join(header[:50]))
    sheet = Sheet(hashlib.sha256(text.encode()).hexdigest(), tuple(header), rows=len(rows))
    sheet.lines = array("L", range(1, max((one.row for one in rows), default=0) + 1))
    return sheet, rows


def _objects(text: str) -> list[Row]:
    """A JSON list; a product's place in it counts from 1."""
    said = json.loads(text, parse_float=Decimal)
    if not isinstance(said, list) or not all(isinstance(one, Mapping) for one in said):
        raise ValueError("not a list of objects")
    return [Row(number, {**one, **one.get("attributes", {})}) for number, one in enumerate(said, 1)]


def _lines(text: str) -> list[Row]:
    """A CSV; a row is named by the line it ends at."""
    reader = csv.DictReader(text.splitlines())
    rows = []
    for cells in reader:
        said = {name.strip(): cell.strip() for name, cell in cells.items() if name and cell and cell.strip()}
        rows.append(Row(reader.line_num, said))
    return rows


def _product(one: Row, programme: Programme) -> Product | Turned:
    """The product a row means, without its place in time; or why it is none."""
    try:
        return _read(one.cells, programme)
    except Malformed as reason:
        return Turned(one.row, reason.code, reason.params)


def _read(cells: Mapping[str, Any], programme: Programme) -> Product:
    texts = {name: _text(cells, name) for name in ("sku", "title", "brand", "category")}
    if not texts["sku"]:
        raise Malformed("INVALID_TEXT", "sku", least=1, most=TEXT_MAX)
    withdrawn = str(cells.get("withdrawn", "")).lower() in TRUE
    return Product(
        programme_id=0,
        since=catalogue.BEGINNING,
        number=0,
        **texts,
        tags=canonical(sorted(set(_several(cells.get("tags", ""))))),
        attributes=canonical(_attributes(cells, programme)),
        price=_price(cells.get("price"), programme.currency),
        warranty_months=_months(cells.get("warranty_months")),
        withdrawn=withdrawn,
        recorded_at=catalogue.BEGINNING,
        source="",
    )


def _text(cells: Mapping[str, Any], name: str) -> str:
    value = cells.get(name, "")
    if not isinstance(value, str) or len(value) > TEXT_MAX or not value.isprintable():
        raise Malformed("INVALID_TEXT", name, least=0, most=TEXT_MAX)
    return value


def _several(said: Any) -> list[str]:
    """A list, or text parted by semicolons."""
    parts = said if isinstance(said, list) else str(said).split(";")
    found = [part.strip() for part in parts if isinstance(part, str) and part.strip()]
    if any(len(part) > TEXT_MAX for part in found):
        raise Malformed("INVALID_TEXT", "tags", least=0, most=TEXT_MAX)
    return found


def _price(said: Any, currency: str) -> int | None:
    if said is None:
        return None
    number = exact.read(str(said))
    amount = None if number is None else exact.units(number, exact.currency_scale(currency))
    if amount is None or amount < 0:
        raise Malformed("IMPORT_AMOUNT", "price", value=str(said)[:40])
    return amount


def _months(said: Any) -> int | None:
    if said is None:
        return None
    if not str(said).isdecimal() or int(str(said)) > WARRANTY_MAX:
        raise Malformed("INVALID_QUANTITY", "warranty_months", least=0, most=WARRANTY_MAX)
    return int(str(said))


def _attributes(cells: Mapping[str, Any], programme: Programme) -> dict[str, Any]:
    """What the programme declares of products, typed; a column that it does not is left alone."""
    declared = programme.products
    own = declared.schema_.properties if declared else {}
    given = {name: _typed(cells[name], own[name].type) for name in own if name in cells}
    wrong = wrong_field(declared.schema_, given, exact.currency_scale(programme.currency)) if declared else None
    if wrong is not None:
        raise Malformed("INVALID_ATTRIBUTE", wrong[0], detail=wrong[1])
    return given


def _typed(said: Any, kind: str) -> Any:
    """A cell of text as its attribute's type; what does not read so is left for the schema to refuse."""
    if not isinstance(said, str):
        return said
    if kind == "array":
        return _several(said)
    if kind == "boolean":
        return said.lower() in TRUE if said.lower() in TRUE | {"false", "0", "no", "n"} else said
    whole = kind in {"integer", "number"} and said.removeprefix("-").isdecimal()
    return int(said) if whole else said


async def _claim(house: House, programme_id: int, sheet: Sheet, since: datetime | None, now: datetime | None) -> Import:
    """The import's row, made or taken up again."""
    async with house.db.transaction() as connection:
        at = now or await connection.clock()
        told = f"--since {since.isoformat()}" if since else ""
        fresh = Import(programme_id, sheet.digest, KIND, "running", at, at, 0, 0, 0, told)
        await connection.insert([fresh], on_conflict="ignore")
        return await importing.take_up(connection, fresh)


async def _put(
    house: House, row: Import, products: Sequence[Product], rows: int, refused: int, since: datetime | None
) -> Import:
    """New versions of what has changed, and how far the import has come, in one transaction."""
    async with house.db.transaction() as connection:
        known = await catalogue.versions(connection, row.programme_id, [one.sku for one in products])
        numbers = await connection.draw("event", len(products)) if products else []
        fresh: dict[str, Product] = {}
        for one, number in zip(products, numbers, strict=True):
            before = fresh.get(one.sku) or known.get(one.sku)
            if before is None or any(getattr(before, name) != getattr(one, name) for name in SAME):
                fresh[one.sku] = _placed(one, row, number, since, known.get(one.sku))
        await connection.insert(list(fresh.values()), on_conflict="ignore")
        done = replace(
            row,
            rows_done=row.rows_done + rows,
            accepted=row.accepted + rows - refused,
            refused=row.refused + refused,
            heartbeat_at=await _now(connection, row),
        )
        await connection.update([done])
    return done


def _placed(one: Product, row: Import, number: int, since: datetime | None, before: Product | None) -> Product:
    """A version in its place: from the instant that was said; the first of a SKU from the beginning."""
    begins = since or (row.started_at if before else catalogue.BEGINNING)
    return replace(
        one,
        programme_id=row.programme_id,
        since=begins,
        number=number,
        recorded_at=row.started_at,
        source=f"import:{row.file_hash}",
    )


async def _now(connection: Connection, row: Import) -> datetime:
    return max(row.started_at, await connection.clock())
