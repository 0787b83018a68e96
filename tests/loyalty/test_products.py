"""The catalogue: brought in from files, by version, and lent to orders that name only a SKU."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from loyalty import catalogue
from loyalty.events import Line
from loyalty.importing import Report
from loyalty.products import import_products
from loyalty.refusals import Malformed
from models.database import Database
from tests.loyalty.conftest import ADMIN, Shop, shop_of
from tests.loyalty.programme import FILES, documents

HEADER = "sku,title,brand,category,tags,price,warranty_months,withdrawn,colour,watts,eco\n"
FRIDGE = "F1,Fridge,acme,kitchen,cold;new,1999.00,24,,white,120,yes\n"
LAMP = "L1,Lamp,lux,light,,49.50,,,black,9,no\n"
SCHEMA = {
    "type": "object",
    "properties": {
        "colour": {"type": "string", "enum": ["white", "black"]},
        "watts": {"type": "integer", "minimum": 1},
        "eco": {"type": "boolean"},
    },
    "required": [],
    "additionalProperties": False,
}
ECO = {
    "title": {"en": "Eco products", "zh-CN": "环保商品"},
    "on": ["order.paid"],
    "scope": "line",
    "conditions": {
        "all": [
            {"name": "line_eco", "operator": "is_true"},
            {"name": "line_watts", "operator": "less_than", "value": 200},
        ]
    },
    "actions": [{"name": "earn_points", "params": {"points": "50"}}],
    "examples": [
        {
            "given": {},
            "lines": [{"line_eco": True, "line_watts": 120}],
            "then": [{"earn": "points", "points": 50, "line": 0}],
        },
        {"given": {}, "lines": [{"line_eco": False, "line_watts": 120}], "then": []},
    ],
}


@pytest_asyncio.fixture
async def store(db: Database) -> AsyncIterator[Shop]:
    """A shop with a catalogue, that gives 50 points for what is eco."""
    programme = json.loads(json.dumps(FILES["programme"]))
    programme["products"] = {"schema": SCHEMA, "labels": {"eco": {"en": "eco", "zh-CN": "环保"}}}
    made = await shop_of(db, documents(programme=programme, earn__eco=ECO))
    yield made
    await made.prove()


async def brought(shop: Shop, folder: Path, text: str, *, name: str = "products.csv", **more: Any) -> Report:
    """A file with this text, brought in."""
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return await import_products(shop.house, ADMIN, file, now=shop.now, **more)


async def known(shop: Shop, sku: str) -> Any:
    """The last version of a SKU."""
    return (await catalogue.versions(shop.house.db, 1, [sku])).get(sku)


async def test_products_come_in_from_a_csv(store: Shop, tmp_path: Path) -> None:
    report = await brought(store, tmp_path, HEADER + FRIDGE + LAMP)

    assert (report.rows, report.accepted, report.refused) == (2, 2, 0)
    fridge = await known(store, "F1")
    assert (fridge.brand, fridge.category, json.loads(fridge.tags)) == ("acme", "kitchen", ["cold", "new"])
    assert (fridge.price, fridge.warranty_months, fridge.withdrawn) == (199900, 24, False)
    assert json.loads(fridge.attributes) == {"colour": "white", "watts": 120, "eco": True}


async def test_products_come_in_from_json_too(store: Shop, tmp_path: Path) -> None:
    said = [{"sku": "F1", "brand": "acme", "tags": ["cold"], "price": "19.90", "attributes": {"eco": True}}]

    report = await brought(store, tmp_path, json.dumps(said), name="products.json")

    assert report.accepted == 1
    assert json.loads((await known(store, "F1")).attributes) == {"eco": True}


async def test_a_row_that_is_wrong_is_refused_with_its_reason_and_the_rest_comes_in(
    store: Shop, tmp_path: Path
) -> None:
    bad = "X1,,,,,dear,,,,,\nX2,,,,,,,,red,,\n,nameless,,,,,,,,,\nX4,,,,,,soon,,,,\n"

    report = await brought(store, tmp_path, HEADER + FRIDGE + bad)

    assert (report.accepted, report.refused) == (1, 4)
    assert dict(report.reasons) == {
        "IMPORT_AMOUNT": 1,
        "INVALID_ATTRIBUTE": 1,
        "INVALID_TEXT": 1,
        "INVALID_QUANTITY": 1,
    }
    told = (tmp_path / "products.csv.refused.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[0] for line in told[1:]] == ["3", "4", "5", "6"]
    assert await store.count("products") == 1


async def test_the_same_file_again_does_nothing_and_the_same_rows_make_no_version(store: Shop, tmp_path: Path) -> None:
    await brought(store, tmp_path, HEADER + FRIDGE)

    again = await brought(store, tmp_path, HEADER + FRIDGE)
    store.later(days=1)
    longer = await brought(store, tmp_path, HEADER + FRIDGE + LAMP)

    assert (again.already_done, longer.already_done, longer.accepted) == (True, False, 2)
    assert await store.count("products") == 2


async def test_a_file_that_was_broken_off_goes_on_where_it_stopped(
    store: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(done: int, total: int) -> None:
        raise Killed

    monkeypatch.setattr("loyalty.products.BATCH", 1)
    with pytest.raises(Killed):
        await brought(store, tmp_path, HEADER + FRIDGE + LAMP, progress=killed)
    before = await store.count("products")

    report = await brought(store, tmp_path, HEADER + FRIDGE + LAMP)

    assert (before, report.resumed_at, report.accepted) == (1, 1, 2)
    assert await store.count("products") == 2


async def test_a_file_that_is_no_list_of_products_is_refused_whole(store: Shop, tmp_path: Path) -> None:
    codes = []
    for name, text in (("a.csv", "title\nFridge\n"), ("b.json", "{}"), ("c.json", "[")):
        with pytest.raises(Malformed) as refused:
            await brought(store, tmp_path, text, name=name)
        codes.append(refused.value.code)

    assert codes == ["IMPORT_NO_SKU", "IMPORT_UNREADABLE", "IMPORT_UNREADABLE"]
    assert await store.count("products") == 0


async def test_a_programme_without_a_catalogue_takes_none(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="PRODUCTS_UNDECLARED"):
        await brought(shop, tmp_path, HEADER + FRIDGE)

    assert await shop.count("imports") == 0


async def line_of(shop: Shop) -> dict[str, Any]:
    """The last order line."""
    sql = "SELECT sku, brand, category, tags, attributes FROM order_lines ORDER BY id DESC LIMIT 1"
    return (await shop.house.db.rows(sql))[0]


async def test_a_line_that_names_only_a_sku_takes_the_rest_from_the_catalogue(store: Shop, tmp_path: Path) -> None:
    await brought(store, tmp_path, HEADER + FRIDGE)
    await store.enrol("lin")

    receipt = await store.order("lin", 10_000, "n1", lines=(Line("F1", 1, 10_000),))

    assert receipt.changes["points"]["points"] == {"pending": 150}
    line = await line_of(store)
    assert (line["brand"], line["category"], json.loads(line["tags"])) == ("acme", "kitchen", ["cold", "new"])
    assert json.loads(line["attributes"]) == {"colour": "white", "watts": 120, "eco": True}


async def test_what_the_order_says_itself_stands(store: Shop, tmp_path: Path) -> None:
    await brought(store, tmp_path, HEADER + FRIDGE)
    await store.enrol("lin")

    await store.order("lin", 10_000, lines=(Line("F1", 1, 10_000, brand="other", tags=("gift",)),))

    line = await line_of(store)
    assert (line["brand"], line["category"], json.loads(line["tags"])) == ("other", "kitchen", ["gift"])


async def test_a_sku_that_nobody_knows_stays_bare(store: Shop, tmp_path: Path) -> None:
    await brought(store, tmp_path, HEADER + FRIDGE)
    await store.enrol("lin")

    receipt = await store.order("lin", 10_000, lines=(Line("F2", 1, 10_000),))

    assert receipt.changes["points"]["points"] == {"pending": 100}
    assert (await line_of(store))["attributes"] is None


async def test_an_order_takes_what_was_so_when_it_was(store: Shop, tmp_path: Path) -> None:
    await brought(store, tmp_path, HEADER + FRIDGE)
    await store.enrol("lin")
    then = store.now
    store.later(days=2)
    await brought(store, tmp_path, HEADER + FRIDGE.replace("yes", "no"), since=datetime(2026, 3, 3, tzinfo=UTC))

    late = await store.order("lin", 10_000, "late", occurred_at=then, lines=(Line("F1", 1, 10_000),))
    new = await store.order("lin", 10_000, "new", lines=(Line("F1", 1, 10_000),))

    assert late.changes["points"]["points"] == {"pending": 150}
    assert new.changes["points"]["points"] == {"pending": 100}


async def test_the_same_order_sent_again_has_its_first_receipt_whatever_the_catalogue_says_now(
    store: Shop, tmp_path: Path
) -> None:
    await brought(store, tmp_path, HEADER + FRIDGE)
    await store.enrol("lin")
    paid = store.paid("lin", 10_000, "n1", key="once", lines=(Line("F1", 1, 10_000),))
    first = await store.one(paid)
    store.later(days=1)
    await brought(store, tmp_path, HEADER + FRIDGE.replace("acme", "other").replace("yes", "no"))

    again = await store.one(paid)

    assert (again.replayed, again.event_id) == (True, first.event_id)
    assert (await line_of(store))["brand"] == "acme"


async def test_what_was_withdrawn_is_no_longer_listed_and_still_known(store: Shop, tmp_path: Path) -> None:
    await brought(store, tmp_path, HEADER + FRIDGE + LAMP)
    store.later(days=1)
    await brought(store, tmp_path, HEADER + FRIDGE.replace("24,,", "24,yes,"))

    listed = await catalogue.listed(store.house.db, 1, brand="", category="", after=0, limit=10)

    assert [row.sku for row in listed] == ["L1"]
    assert (await known(store, "F1")).withdrawn
