"""GraphQL over HTTP: what is no request gets a status, what is one gets an answer, and nothing leaks."""

import json
import logging

import pytest

from schema.reader import Reader

ANY = "query { programme { key } }"
NEW = "application/graphql-response+json"

NOT_REQUESTS = {
    "not JSON": b"{",
    "a text": b'"x"',
    "a number": b"5",
    "nothing at all": b"",
    "null": b"null",
    "a list": b"[]",
    "a batch": json.dumps([{"query": ANY}]).encode(),
    "not UTF-8": b'{"query": "\xff"}',
    "not a number": b'{"query": "{ programme { key } }", "variables": {"a": NaN}}',
    "without end": b'{"query": "{ programme { key } }", "variables": {"a": Infinity}}',
    "a number of 5000 digits": b'{"query": "{ programme { key } }", "variables": {"a": ' + b"9" * 5000 + b"}}",
    "nested 100000 deep": b'{"variables": ' + b'{"a":' * 100000 + b"1" + b"}" * 100000 + b"}",
    "a query that is a number": b'{"query": 5}',
    "variables that are a list": b'{"query": "{ programme { key } }", "variables": []}',
    "an operation that is a number": b'{"query": "{ programme { key } }", "operationName": 5}',
    "no query": b"{}",
    "a NUL": b'{"query": "{ programme { key } }", "variables": {"a": "\\u0000"}}',
    "half a character": b'{"query": "{ programme { key } }", "variables": {"a": "\\ud800"}}',
    "an operation that is not there": b'{"query": "query A { programme { key } }", "operationName": "B"}',
}  # fmt: skip


@pytest.mark.parametrize("body", NOT_REQUESTS.values(), ids=NOT_REQUESTS)
async def test_what_is_no_request_is_a_bad_one(shop, body):
    response = await raw(shop, body)

    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_only_post_is_taken(shop, method):
    response = await shop.client.request(method, "/graphql?query={__typename}")

    assert response.status_code == 405


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "a/application/json"]
)
async def test_only_json_is_taken(shop, content_type):
    response = await raw(shop, json.dumps({"query": ANY}).encode(), content_type=content_type)

    assert response.status_code == 415


async def test_the_new_media_type_has_its_status_the_old_one_is_always_200(shop):
    broken = json.dumps({"query": "query { nothing }"}).encode()

    new, old = await raw(shop, broken, accept=NEW), await raw(shop, broken)

    assert (new.status_code, new.headers["content-type"]) == (400, f"{NEW}; charset=utf-8")
    assert (old.status_code, old.headers["content-type"]) == (200, "application/json; charset=utf-8")
    assert "data" not in new.json()
    assert "data" not in old.json()
    fine = await raw(shop, json.dumps({"query": ANY}).encode(), accept=NEW)
    assert (fine.status_code, fine.json()) == (200, {"data": {"programme": {"key": "demo"}}})


async def test_the_answer_says_its_language(shop):
    for asked, answered in (
        ("zh-TW,zh;q=0.9", "zh-CN"),
        ("fr, en;q=0.5", "en"),
        ("en;q=0, zh", "zh-CN"),
        ("x;q=y", "en"),
    ):
        assert (await shop.post(ANY, lang=asked)).headers["content-language"] == answered


async def test_every_answer_has_an_id_and_keeps_one_that_is_given(shop):
    own = await shop.post(ANY)
    given = await raw(shop, json.dumps({"query": ANY}).encode(), request_id="till-7.4711")
    hostile = await raw(shop, json.dumps({"query": ANY}).encode(), request_id="x y\tz")

    assert len(own.headers["x-request-id"]) == 16
    assert given.headers["x-request-id"] == "till-7.4711"
    assert hostile.headers["x-request-id"] != "x y\tz"
    assert own.headers["x-content-type-options"] == "nosniff"


async def test_a_defect_leaves_as_an_id_and_nothing_else(shop, monkeypatch, caplog):
    async def broken(_reader):
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(Reader, "programme", broken)

    with caplog.at_level(logging.INFO):
        response = await shop.post('query { orderPreview(input: { total: "1.00" }) { earns } }', token="service")

    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": "INTERNAL", "errorId": response.headers["x-request-id"]}
    assert response.headers["x-request-id"] in error["message"]
    assert "hunter2" not in response.text + caplog.text
    record = next(one for one in caplog.records if one.levelname == "ERROR")
    assert (record.type, record.request_id) == ("RuntimeError", response.headers["x-request-id"])


async def test_a_clients_mistake_is_information_without_its_text(shop, caplog):
    with caplog.at_level(logging.INFO):
        await shop.post('query { member(by: { identity: { kind: "phone", value: "13800138000" } }) { nothing } }')

    records = [one for one in caplog.records if one.name == "perennial.graphql"]
    assert [(one.levelname, one.code) for one in records] == [("INFO", "DOCUMENT_INVALID")]
    assert "13800138000" not in caplog.text


async def test_five_errors_are_enough(shop):
    fields = " ".join(f"f{number}" for number in range(40))

    assert len((await shop.post(f"query {{ {fields} }}")).json()["errors"]) == 5


async def raw(shop, body, *, content_type="application/json", accept="*/*", request_id=None, token="service"):
    """Send bytes as they are."""
    headers = {"content-type": content_type, "accept": accept, "authorization": f"Bearer {shop.tokens[token]}"}
    if request_id:
        headers["x-request-id"] = request_id
    return await shop.client.post("/graphql", content=body, headers=headers)
