"""A real history of 23,570 customers gives exactly the points that were computed for it by others.

The data are too large for the repository and lie beside it; without them these tests are skipped. A sample of customers
runs always, of both variants; all of them when LOYALTY_TEST_FULL is set, as the gate does: of both variants on SQLite,
and of the one without redemption on PostgreSQL, where each takes minutes.
"""

import csv
import gzip
import json
import os
from datetime import UTC, date, datetime
from pathlib import Path
from secrets import token_bytes
from typing import Any

import pytest
import pytest_asyncio

from loyalty import importing
from loyalty.access import Caller, scopes_of
from loyalty.clockwork import Clockwork
from loyalty.house import House
from loyalty.publishing import create_programme
from loyalty.sheets import Layout, parse_map
from loyalty.verify import verify
from rules.files import read_folder
from tests.loyalty.conftest import SECRETS

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
MASTER = SHARED / "data" / "cdnow" / "cdnow_master.csv.gz"
GOLDEN = SHARED / "golden" / "points_engine_cdnow.json"
PER_CUSTOMER = SHARED / "golden" / "points_engine_cdnow_variantB.csv.gz"
LAYOUT = Layout(parse_map("member=customer_id,date=date,amount=amount"))
END = datetime(1998, 6, 30, 23, 59, 59, 999_999, tzinfo=UTC)
VARIANTS = {"a": "A_no_redemption", "b": "B_auto_redeem_100"}
SAMPLE_EVERY = 40
WHOLE = ("a",) if os.environ.get("LOYALTY_TEST_DATABASE_URL") else tuple(VARIANTS)

pytestmark = pytest.mark.skipif(not MASTER.exists(), reason="the CDNOW data are not beside the repository")
full = pytest.mark.skipif(not os.environ.get("LOYALTY_TEST_FULL"), reason="LOYALTY_TEST_FULL is not set")


def golden(variant: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(GOLDEN.read_text())[VARIANTS[variant]]
    return found


def per_customer() -> dict[str, dict[str, int]]:
    with gzip.open(PER_CUSTOMER, "rt") as file:
        return {row.pop("customer_id"): {name: int(n) for name, n in row.items()} for row in csv.DictReader(file)}


def sample(folder: Path) -> Path:
    """Every fortieth customer and those the golden file lists, with all their rows, in the file's order."""
    wanted = set(golden("a")["customers"]) | set(sorted(per_customer())[::SAMPLE_EVERY])
    file = folder / "sample.csv"
    with gzip.open(MASTER, "rt") as master:
        header, *rows = master.read().splitlines()
    file.write_text("\n".join([header, *(row for row in rows if row.split(",")[0] in wanted)]) + "\n")
    return file


@pytest_asyncio.fixture
async def house(db) -> House:
    """A house without a programme yet."""
    return House(db, SECRETS, token_bytes)


async def bring(house: House, variant: str, file: Path) -> int:
    """Found the programme, import, and let the clock run to the end of the last day."""
    name = f"cdnow-{variant}"
    admin = Caller("staff:admin", name, scopes_of(["admin"]))
    texts = {path: text for path, (text, _) in read_folder(ROOT / "tests" / "data" / "programmes" / name).items()}
    live = await create_programme(house.db, house.rulebook, admin, name, texts)
    report = await importing.import_orders(house, admin, file, LAYOUT)
    assert report.refused == 0
    assert report.accepted == report.rows
    assert await Clockwork(house, live, END).settle(END)
    return live.programme_id


async def customers(house: House, programme_id: int) -> dict[str, dict[str, int]]:
    """What each customer earned, redeemed and lost, and has, by the file's own number."""
    sql = """
        SELECT t.member_id, SUM(CASE WHEN debit = 'issued' THEN amount ELSE 0 END) AS earned,
            SUM(CASE WHEN credit = 'redeemed' THEN amount ELSE 0 END) AS redeemed,
            SUM(CASE WHEN credit = 'expired' THEN amount ELSE 0 END) AS expired
        FROM transfers t WHERE t.programme_id = $1 GROUP BY t.member_id
    """
    sums = {row.pop("member_id"): row for row in await house.db.rows(sql, programme_id)}
    held = {
        row["member_id"]: row["available"] for row in await house.db.rows("SELECT member_id, available FROM wallets")
    }
    found = {}
    for number in per_customer():
        hashed = house.secrets.identity_hash(programme_id, "external", number)
        found[hashed] = number
    known = await house.db.rows("SELECT hash, member_id FROM identities")
    nothing = {"earned": 0, "redeemed": 0, "expired": 0}
    return {
        found[row["hash"]]: {name: int(n) for name, n in sums.get(row["member_id"], nothing).items()}
        | {"balance_1998_06_30": int(held.get(row["member_id"], 0))}
        for row in known
    }


async def outstanding(house: House, day: date) -> int:
    """What all held at the end of a day that is past, by when each transfer counts."""
    sql = """
        SELECT SUM(CASE WHEN credit = 'available' THEN amount WHEN debit = 'available' THEN -amount ELSE 0 END) AS n
        FROM transfers WHERE effective_at <= $1
    """
    end = datetime(day.year, day.month, day.day, 23, 59, 59, 999_999, tzinfo=UTC)
    (row,) = await house.db.rows(sql, end)
    return int(row["n"])


async def by_month(house: House) -> dict[str, dict[str, int]]:
    """What was earned, redeemed and lost in each month."""
    sql = "SELECT business_date, debit, credit, SUM(amount) AS n FROM transfers GROUP BY business_date, debit, credit"
    found: dict[str, dict[str, int]] = {}
    for row in await house.db.rows(sql):
        name = "earned" if row["debit"] == "issued" else row["credit"]
        month = found.setdefault(f"{row['business_date']:%Y-%m}", {"earned": 0, "redeemed": 0, "expired": 0})
        month[name] += int(row["n"])
    return found


@pytest.mark.parametrize("variant", VARIANTS)
async def test_a_sample_of_customers_comes_out_to_the_point(house, tmp_path, variant):
    programme_id = await bring(house, variant, sample(tmp_path))

    found = await customers(house, programme_id)

    expected = per_customer()
    assert len(found) > 500
    if variant == "b":
        assert found == {number: expected[number] for number in found}
    for number, row in found.items():
        assert row["earned"] == expected[number]["earned"]
        assert row["earned"] == row["redeemed"] + row["expired"] + row["balance_1998_06_30"]
    for number, row in golden(variant)["customers"].items():
        assert found[number] == {name: row[name] for name in found[number]}
    assert (await verify(house.db, programme_id)).findings == []


@pytest.mark.parametrize("variant", VARIANTS)
async def test_the_lots_of_the_listed_customers_are_those_of_their_months(house, tmp_path, variant):
    programme_id = await bring(house, variant, sample(tmp_path))

    for number, row in golden(variant)["customers"].items():
        hashed = house.secrets.identity_hash(programme_id, "external", number)
        sql = """
            SELECT earned_at, remaining FROM lots
            WHERE remaining > 0 AND member_id = (SELECT member_id FROM identities WHERE hash = $1)
        """
        lots: dict[str, int] = {}
        for lot in await house.db.rows(sql, hashed):
            month = f"{lot['earned_at']:%Y-%m}"
            lots[month] = lots.get(month, 0) + lot["remaining"]
        assert lots == row["lots"]


@full
@pytest.mark.parametrize("variant", WHOLE)
async def test_all_customers_come_out_to_the_point(house, tmp_path, variant):
    copy = tmp_path / MASTER.name
    copy.write_bytes(MASTER.read_bytes())
    programme_id = await bring(house, variant, copy)

    found = await customers(house, programme_id)

    expected = golden(variant)
    totals = expected["totals"]
    for name in ("earned", "redeemed", "expired"):
        assert sum(row[name] for row in found.values()) == totals[name]
    assert sum(row["balance_1998_06_30"] for row in found.values()) == totals["outstanding"]
    for day, points in expected["outstanding_at"].items():
        assert await outstanding(house, date.fromisoformat(day)) == points
    assert await by_month(house) == expected["monthly"]
    if variant == "b":
        assert found == per_customer()
    assert (await verify(house.db, programme_id)).findings == []
