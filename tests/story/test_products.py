"""The catalogue as it is asked for: by members and by the house, never by a partner."""

import json

import pytest

from loyalty.access import Caller, scopes_of
from loyalty.products import import_products

PRODUCTS = """query ($first: Int!, $after: String, $brand: String! = "") {
  products(first: $first, after: $after, brand: $brand) {
    pageInfo { hasNextPage endCursor } nodes { sku title brand tags attributes price { amount } warrantyMonths } } }"""
PRODUCT = "query ($sku: String!) { product(sku: $sku) { sku category withdrawn since } }"
ROWS = "sku,title,brand,category,tags,price,warranty_months,withdrawn,eco\n"


@pytest.fixture
def texts(texts):
    """The demo with a catalogue."""
    programme = json.loads(texts["programme"])
    eco = {"type": "object", "properties": {"eco": {"type": "boolean"}}}
    programme["products"] = {"schema": eco, "labels": {"eco": {"en": "eco", "zh-CN": "环保"}}}
    return texts | {"programme": json.dumps(programme, ensure_ascii=False)}


@pytest.fixture
async def stocked(shop, tmp_path):
    """Three products, one of them no longer sold."""
    file = tmp_path / "products.csv"
    file.write_text(
        ROWS + "T1,Tea,spring,tea,new,16.80,,,yes\nT2,Pot,kiln,ware,,129.00,12,,\nT3,Old,spring,tea,,,,yes,\n",
        encoding="utf-8",
    )
    await import_products(shop.house, Caller("staff:a", "demo", scopes_of(["admin"])), file, now=shop.clock.now)
    return shop


async def test_a_member_leafs_through_what_is_sold(stocked, lin):
    first = (await stocked.ask(PRODUCTS, {"first": 1}, token=lin))["products"]
    rest = (await stocked.ask(PRODUCTS, {"first": 5, "after": first["pageInfo"]["endCursor"]}, token=lin))["products"]

    assert first["nodes"] == [
        {
            "sku": "T1",
            "title": "Tea",
            "brand": "spring",
            "tags": ["new"],
            "attributes": {"eco": True},
            "price": {"amount": "16.80"},
            "warrantyMonths": None,
        }
    ]
    assert [one["sku"] for one in rest["nodes"]] == ["T2"]
    assert rest["pageInfo"]["hasNextPage"] is False


async def test_products_can_be_asked_for_by_brand(stocked, lin):
    found = (await stocked.ask(PRODUCTS, {"first": 5, "brand": "kiln"}, token=lin))["products"]

    assert [one["sku"] for one in found["nodes"]] == ["T2"]


async def test_what_is_no_longer_sold_is_known_by_its_number(stocked, lin):
    gone = (await stocked.ask(PRODUCT, {"sku": "T3"}, token=lin))["product"]
    nobodys = (await stocked.post(PRODUCT, {"sku": "T9"}, token=lin)).json()

    assert gone == {"sku": "T3", "category": "tea", "withdrawn": True, "since": None}
    assert nobodys["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_an_order_that_names_only_numbers_is_filled_up(stocked, lin):
    line = {"sku": "T1", "quantity": 1, "amount": "16.80"}

    answer = await stocked.order(lin, total=1680, lines=[line])

    assert answer.state == "ACCEPTED"
    rows = await stocked.house.db.rows("SELECT brand, category FROM order_lines")
    assert rows == [{"brand": "spring", "category": "tea"}]
