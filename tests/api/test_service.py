"""What the service says of itself: health, readiness with reasons, version, figures; and the explorer, offline."""

import re
import subprocess
import sys
from pathlib import Path
from secrets import token_bytes

import httpx2
import pytest

from api.app import create_app
from api.graphiql import FILES, STATIC
from api.health import missing
from loyalty.house import House
from settings import Settings
from tests.story.conftest import SECRET

ROOT = Path(__file__).resolve().parents[2]
OUTSIDE = re.compile(r"(?:src|href)=[\"'](?:https?:)?//|@import|url\((?![\"']?data:)")


@pytest.fixture
async def open_door(shop):
    """The same shop with the explorer open."""
    app = create_app(Settings(secret=SECRET, graphiql=True), house=shop.house, clock=shop.clock)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://shop") as client:
        yield client


async def test_it_lives_is_ready_and_has_a_version(shop):
    assert (await shop.client.get("/healthz")).json() == {"status": "ok"}
    assert (await shop.client.get("/readyz")).json() == {"ready": True, "reasons": []}
    assert (await shop.client.get("/version")).json()["name"] == "perennial"


async def test_it_is_not_ready_without_a_programme_and_says_so(house):
    app = create_app(Settings(secret=SECRET), house=house)

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://shop") as client:
        response = await client.get("/readyz")

    assert (response.status_code, response.json()) == (503, {"ready": False, "reasons": ["no programme"]})


async def test_it_is_not_ready_before_the_migrations_and_says_what_to_do(tmp_path):
    empty = await House.open(f"sqlite://{tmp_path / 'empty.db'}", SECRET, token_bytes)

    try:
        reasons = await missing(empty)
    finally:
        await empty.close()

    assert reasons == ["migrations are missing: loyalty db upgrade"]


async def test_figures_count_requests_without_naming_anybody(shop):
    await shop.post("query { programme { key } }")
    await shop.client.get("/nowhere/13800138000")

    figures = (await shop.client.get("/metrics")).text

    assert 'http_requests_total{path="/graphql",status="200"} 1.0' in figures
    assert 'http_requests_total{path="other",status="404"} 1.0' in figures
    assert "13800138000" not in figures


async def test_the_explorer_is_served_only_where_it_is_wanted(shop, open_door):
    assert (await shop.client.get("/graphiql")).status_code == 404
    page = await open_door.get("/graphiql")

    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["content-security-policy"]
    for name in FILES:
        assert (await open_door.get(f"/graphiql/{name}")).status_code == 200
    for name in ("explorer.html", "../graphiql.py", "..%2fgraphiql.py", "react.LICENSE"):
        assert (await open_door.get(f"/graphiql/{name}")).status_code == 404


def test_the_explorer_asks_nobody_outside():
    for name in ("explorer.html", "explorer.js", "explorer.css", "graphiql.min.css"):
        assert OUTSIDE.search((STATIC / name).read_text(encoding="utf-8")) is None


async def test_with_the_explorer_the_schema_is_open_to_everybody_and_the_data_is_not(open_door):
    asked = {"query": "query { __schema { queryType { name } } programme { key } }"}

    answer = (await open_door.post("/graphql", json=asked)).json()

    assert answer["data"] == {"__schema": {"queryType": {"name": "Query"}}, "programme": None}
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_every_example_of_the_explorer_is_valid(shop, open_door):
    script = (STATIC / "explorer.js").read_text(encoding="utf-8")
    examples = re.findall(r"`((?:query|mutation) [^`]+)`", script)

    for example in examples:
        answer = (await open_door.post("/graphql", json={"query": example})).json()
        assert {one["extensions"]["code"] for one in answer["errors"]} == {"UNAUTHENTICATED"}
    assert len(examples) == 8


async def test_without_its_books_it_says_so_and_is_not_ready(shop, database_url, dialect):
    if dialect == "postgres":
        pytest.skip("a server of many databases is not taken away for one test; the faults' own tests do it")
    await shop.house.db.close()
    take_away(Path(database_url.removeprefix("sqlite://")))

    answer = await shop.post("query { programme { key } }")
    ready = await shop.client.get("/readyz")

    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (503, "UNAVAILABLE")
    assert (ready.status_code, ready.json()["reasons"]) == (503, ["database: Unavailable"])


def test_what_is_vendored_is_what_was_locked():
    checked = subprocess.run([sys.executable, "tools/vendor.py", "--check"], cwd=ROOT, capture_output=True, check=False)

    assert (checked.returncode, checked.stdout) == (0, b"6 files are as the lock says\n")


def take_away(books):
    """Where the file was nothing can be opened any more."""
    books.unlink()
    books.mkdir()
