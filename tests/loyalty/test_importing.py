"""History from a file: every row once, in order of time; what cannot come in is told with its reason."""

import csv
import gzip
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from loyalty import importing, sheets
from loyalty.access import Caller, scopes_of
from loyalty.events import MemberRef
from loyalty.refusals import Forbidden, Malformed
from loyalty.sheets import Layout, parse_map
from tests.loyalty.conftest import START, Shop

ADMIN = Caller("staff:admin", "story", scopes_of(["admin"]))
HEADER = "member,date,amount,number"
SHANGHAI = ZoneInfo("Asia/Shanghai")


def sheet(folder: Path, *rows: str, header: str = HEADER, name: str = "orders.csv") -> Path:
    file = folder / name
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


async def bring(shop: Shop, file: Path, columns: str = "", **more: Any) -> importing.Report:
    layout = Layout(parse_map(columns))
    return await importing.import_orders(shop.house, ADMIN, file, layout, now=shop.now, **more)


def read(file: Path, columns: str = "", zone: ZoneInfo = SHANGHAI) -> sheets.Sheet:
    return sheets.read(file, Layout(parse_map(columns)), zone)


async def test_orders_come_in_and_their_buyers_with_them(shop, tmp_path):
    file = sheet(tmp_path, "lin,2026-01-05,300.00,A1", "wang,2026-01-06,100.50,A2")

    report = await bring(shop, file)

    assert (report.rows, report.orders, report.accepted, report.refused) == (2, 2, 2, 0)
    assert (await shop.wallet("lin"))["pending"] == 300
    assert (await shop.wallet("wang"))["pending"] == 100
    assert not file.with_name("orders.csv.refused.csv").exists()


async def test_a_day_is_the_programmes_and_so_is_a_time_without_a_zone(tmp_path):
    file = sheet(tmp_path, "a,2026-01-05,1.00,1", "a,2026-01-05 10:30:00,1.00,2", "a,2026-01-05T10:30:00+02:00,1.00,3")

    times = {entry.row: entry.at for entry in read(file).entries}

    assert times == {
        1: datetime(2026, 1, 4, 16, 0, tzinfo=UTC),
        2: datetime(2026, 1, 5, 2, 30, tzinfo=UTC),
        3: datetime(2026, 1, 5, 8, 30, tzinfo=UTC),
    }


def test_rows_run_in_order_of_time_then_of_the_file(tmp_path):
    file = sheet(tmp_path, "a,2026-03-01,1.00,1", "a,2026-01-01,1.00,2", "a,2026-03-01,1.00,3", "a,2026-02-01,1.00,4")

    assert [entry.row for entry in read(file).entries] == [2, 4, 1, 3]


async def test_equal_rows_without_a_number_are_two_orders(shop, tmp_path):
    file = sheet(tmp_path, "lin,2026-01-05,100.00", "lin,2026-01-05,100.00", header="member,date,amount")

    report = await bring(shop, file)

    assert report.accepted == 2
    assert (await shop.wallet("lin"))["pending"] == 200
    assert await shop.count("orders") == 2


async def test_a_file_that_is_done_stays_done(shop, tmp_path):
    file = sheet(tmp_path, "lin,2026-01-05,100.00,A1")
    await bring(shop, file)

    again = await bring(shop, file)

    assert (again.already_done, again.accepted) == (True, 1)
    assert await shop.count("events") == 1


async def test_zipped_or_not_it_is_the_same_file(shop, tmp_path):
    file = sheet(tmp_path, "lin,2026-01-05,100.00")
    zipped = tmp_path / "orders.csv.gz"
    zipped.write_bytes(gzip.compress(file.read_bytes()))
    await bring(shop, file)

    assert (await bring(shop, zipped)).already_done


async def test_an_import_that_was_broken_off_goes_on_where_it_stopped(shop, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 2)
    file = sheet(tmp_path, *(f"lin,2026-01-0{day},10.00,A{day}" for day in range(1, 8)))

    class Broken(Exception):
        pass

    def break_off(done: int, _total: int) -> None:
        if done == 4:
            raise Broken

    with pytest.raises(Broken):
        await bring(shop, file, progress=break_off)
    (row,) = await shop.house.db.rows("SELECT state, rows_done, accepted FROM imports")
    assert (row["state"], row["rows_done"], row["accepted"]) == ("running", 4, 4)

    report = await bring(shop, file)

    assert (report.resumed_at, report.accepted) == (4, 7)
    assert await shop.count("orders") == 7
    assert (await shop.wallet("lin"))["pending"] == 70


async def test_an_import_goes_on_only_as_it_was_begun(shop, tmp_path):
    file = sheet(tmp_path, "lin,wang,2026-01-05,100.00", header="member,other,date,amount")
    await bring(shop, file, "member=member,date=date,amount=amount")
    await shop.house.db.run("UPDATE imports SET state = 'running', rows_done = 0, accepted = 0")

    with pytest.raises(Malformed, match="IMPORT_LAYOUT") as raised:
        await bring(shop, file, "member=other,date=date,amount=amount")

    assert "member=member" in raised.value.params["before"]
    assert "member=other" in raised.value.params["now"]
    assert await shop.count("orders") == 1
    assert (await bring(shop, file, "amount=amount,date=date,member=member")).accepted == 1
    assert (await bring(shop, file)).already_done


async def test_a_batch_that_was_sent_but_not_noted_is_not_counted_twice(shop, tmp_path):
    file = sheet(tmp_path, "lin,2026-01-05,100.00,A1", "lin,2026-01-06,100.00,A2")
    await bring(shop, file)
    await shop.house.db.run("UPDATE imports SET state = 'running', rows_done = 0, accepted = 0")

    report = await bring(shop, file)

    assert report.accepted == 2
    assert await shop.count("orders") == 2
    assert (await shop.wallet("lin"))["pending"] == 200


async def test_refused_rows_are_told_with_code_and_words_and_only_once(shop, tmp_path):
    file = sheet(
        tmp_path,
        "lin,2026-01-05,100.00,A1",
        "lin,yesterday,1.00,A2",
        "lin,2026-01-05,-3.00,A3",
        "lin,2026-01-05,1.005,A4",
        "lin,2026-01-05",
        "lin,2026-01-06,90.00,A1",
    )

    report = await bring(shop, file, lang="zh-CN")
    await shop.house.db.run("UPDATE imports SET state = 'running', rows_done = 0")
    await bring(shop, file, lang="zh-CN")

    with file.with_name("orders.csv.refused.csv").open(encoding="utf-8", newline="") as told:
        rows = list(csv.reader(told))
    assert rows[0] == ["line", "code", "words", "member", "date", "amount", "number"]
    assert {(line, code, *cells) for line, code, _, *cells in rows[1:]} == {
        ("3", "IMPORT_DATE", "lin", "yesterday", "1.00", "A2"),
        ("4", "IMPORT_AMOUNT", "lin", "2026-01-05", "-3.00", "A3"),
        ("5", "IMPORT_AMOUNT", "lin", "2026-01-05", "1.005", "A4"),
        ("6", "IMPORT_ROW_SHORT", "lin", "2026-01-05"),
        ("7", "CONFLICT", "lin", "2026-01-06", "90.00", "A1"),
    }
    assert len(rows) == 6
    assert all(words and not words.isascii() for _, _, words, *_ in rows[1:])
    assert (report.accepted, report.refused) == (1, 5)
    assert await shop.count("orders") == 1


async def test_a_cell_that_is_wrong_is_quoted_with_what_to_write(shop, tmp_path):
    file = sheet(tmp_path, "lin,2026-13-01,1.00,A1", 'lin,2026-01-01,"1,000.00",A2')

    report = await importing.dry_run(shop.house, ADMIN, file, Layout({}), now=shop.now)

    assert [importing.words(turned, "en") for turned in report.shown] == [
        "“2026-13-01” is not a date. Write 2026-01-31, or 2026-01-31 09:30.",
        "“1,000.00” is not an amount. Write 1000.00, without a minus, with no more places than the currency has.",
    ]


def test_a_line_is_that_of_the_file_even_after_blanks_and_cells_of_several_lines(tmp_path):
    file = sheet(tmp_path, "", 'lin,2026-01-05,1.00,"A\n1"', "lin,2026-01-06,1.00,A2")

    found = read(file)
    header, cells = sheets.originals(file, Layout({}), {5})

    assert [found.line(entry.row) for entry in found.entries] == [3, 5]
    assert (header[0], cells) == ("member", {5: ["lin", "2026-01-06", "1.00", "A2"]})


def test_words_cannot_become_a_formula():
    turned = sheets.Turned(1, "CONFLICT", {"reference": "=1+1"})

    assert not importing.words(turned, "en").startswith(("=", "+", "-", "@"))
    assert importing.quoted("=1+1") == "'=1+1"
    assert importing.quoted("-1.00") == "-1.00"


async def test_a_dry_run_counts_and_writes_nothing(shop, tmp_path):
    file = sheet(tmp_path, "lin,2026-01-05,100.00,A1", "wang,2026-02-05,5.00,A2", "lin,2026-01-05,nothing,A3")

    report = await importing.dry_run(shop.house, ADMIN, file, Layout({}))

    assert (report.rows, report.orders, report.accepted, report.refused, report.members) == (3, 3, 2, 1, 2)
    assert dict(report.reasons) == {"IMPORT_AMOUNT": 1}
    assert [await shop.count(table) for table in ("events", "imports", "members")] == [0, 0, 0]
    assert not file.with_name("orders.csv.refused.csv").exists()


async def test_a_dry_run_turns_down_what_the_run_would(shop, tmp_path):
    file = sheet(tmp_path, "lin,2099-01-05,100.00,A1,CNY", "lin,2026-01-05,1.00,A2,USD", header=f"{HEADER},currency")

    tried = await importing.dry_run(shop.house, ADMIN, file, Layout({}), now=shop.now)
    report = await bring(shop, file)

    assert tried.reasons == report.reasons == {"OCCURRED_IN_FUTURE": 1, "CURRENCY_RATE_MISSING": 1}
    assert (tried.accepted, report.accepted) == (0, 0)
    assert [(turned.row, turned.code) for turned in tried.shown] == [
        (2, "OCCURRED_IN_FUTURE"),
        (3, "CURRENCY_RATE_MISSING"),
    ]


async def test_rows_of_one_number_are_its_lines_where_there_are_articles(shop, tmp_path):
    header = "number,member,date,sku,quantity,amount,shipping"
    file = sheet(
        tmp_path,
        "A1,lin,2026-01-05,tea,2,60.00,8.00",
        "A2,lin,2026-01-05,tea,1,30.00,0.00",
        "A1,lin,2026-01-05,cup,1,40.00,8.00",
        header=header,
    )

    report = await bring(shop, file)

    assert (report.rows, report.orders) == (3, 2)
    rows = await shop.house.db.rows("SELECT number, total, net FROM orders ORDER BY number")
    assert [tuple(row.values()) for row in rows] == [("A1", 10_800, 10_000), ("A2", 3_000, 3_000)]
    assert await shop.count("order_lines") == 3


def test_rows_of_one_number_must_be_of_one_member_and_day(tmp_path):
    header = "number,member,date,sku,amount"
    file = sheet(tmp_path, "A1,lin,2026-01-05,tea,60.00", "A1,wang,2026-01-05,cup,40.00", header=header)

    found = read(file)

    assert found.entries == []
    assert [(turned.row, turned.code) for turned in found.refused] == [
        (1, "IMPORT_ROWS_DIFFER"),
        (2, "IMPORT_ROWS_DIFFER"),
    ]


async def test_an_order_without_a_member_is_recorded_and_earns_nothing(shop, tmp_path):
    file = sheet(tmp_path, ",2026-01-05,100.00,A1")

    report = await bring(shop, file)

    assert (report.accepted, report.members) == (1, 0)
    assert await shop.count("orders", "member_id < 0") == 1
    assert await shop.count("transfers") == 0


async def test_orders_of_nobody_come_in_only_where_that_is_said(shop, tmp_path):
    file = sheet(tmp_path, "2026-01-05,100.00", header="date,amount")

    for columns in ("", "date=date,amount=amount"):
        with pytest.raises(Malformed, match="IMPORT_COLUMNS") as raised:
            await bring(shop, file, columns)
        assert raised.value.params["missing"] == "member"
    assert await shop.count("orders") == 0

    assert (await bring(shop, file, "member=-")).accepted == 1
    assert (await bring(shop, file, "member=-,date=date,amount=amount")).already_done


@pytest.mark.parametrize("columns", ["member=nobody", "colour=member", "member", "amount=amount"])
def test_a_map_that_leads_nowhere_is_refused_before_anything_is_read(tmp_path, columns):
    file = sheet(tmp_path, "lin,2026-01-05,100.00,A1")

    with pytest.raises(Malformed) as raised:
        read(file, columns)

    assert raised.value.code in {"IMPORT_MAP", "IMPORT_COLUMNS"}


def test_a_file_that_is_no_table_is_told_as_such(tmp_path):
    file = tmp_path / "orders.csv.gz"
    file.write_bytes(gzip.compress(b"member,date,amount\n" * 100)[:40])

    with pytest.raises(Malformed, match="IMPORT_UNREADABLE"):
        read(file)


def test_a_file_in_another_encoding_keeps_its_names(tmp_path):
    file = tmp_path / "orders.csv"
    file.write_bytes("会员,日期,金额\n林晓梅,2026/01/05,8.00\n".encode("gb18030"))
    layout = Layout(parse_map("member=会员,date=日期,amount=金额"), encoding="gb18030")

    found = sheets.read(file, layout, SHANGHAI)

    assert sheets.order(found, found.entries[0], layout, "CNY").member == MemberRef(kind="external", value="林晓梅")


async def test_old_history_needs_its_scope(shop, tmp_path):
    file = sheet(tmp_path, "lin,2020-01-05,100.00,A1")
    till = Caller("client:pos", "story", scopes_of(["service"]))

    with pytest.raises(Forbidden):
        await importing.import_orders(shop.house, till, file, Layout({}), now=shop.now)

    assert (await bring(shop, file)).accepted == 1


async def test_what_fell_due_between_two_rows_is_posted_by_the_later_one(shop, tmp_path):
    await bring(shop, sheet(tmp_path, "lin,2024-01-05,100.00,A1", "lin,2026-01-05,50.00,A2"))

    assert await shop.wallet("lin") == {"pending": 50, "available": 0, "held": 0, "owed": 0}
    rows = await shop.house.db.rows("SELECT reason, effective_at FROM transfers WHERE wallet = 'points' ORDER BY id")
    told = {row["reason"]: row["effective_at"] for row in rows if row["reason"] != "earned"}
    paid = datetime(2024, 1, 4, 16, 0, tzinfo=UTC)
    assert told == {"matured": paid + timedelta(days=7), "expired": datetime(2025, 1, 4, 16, 0, tzinfo=UTC)}


async def test_only_a_living_import_holds_the_clock(shop, tmp_path):
    await bring(shop, sheet(tmp_path, "lin,2026-01-05,100.00,A1"))
    assert not await importing.running(shop.house, 1, START)

    await shop.house.db.run("UPDATE imports SET state = 'running', heartbeat_at = $1", START)

    assert await importing.running(shop.house, 1, START + timedelta(minutes=4))
    assert not await importing.running(shop.house, 1, START + timedelta(minutes=5))


def test_amounts_are_exact(tmp_path):
    file = sheet(tmp_path, "a,2026-01-05,0.1,1", "a,2026-01-05,12345678901.23,2")
    found = read(file)

    totals = [sheets.order(found, entry, Layout({}), "CNY").total for entry in found.entries]

    assert totals == [10, int(Decimal("12345678901.23") * 100)]
