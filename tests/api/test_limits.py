"""How much is taken at once: each limit at its edge and past it, and the bomb that wedges others."""

import json
from typing import Any

import pytest
from graphql import get_introspection_query, parse
from strawberry.extensions.parser_cache import _get_parse_cache
from strawberry.extensions.validation_cache import _get_validate_cache

from api import limits
from api.limits import BODY_MAX, BODY_MAX_WRITER, DOCUMENTS_MAX, too_large

ANY = "query { programme { key } }"


def aliases(number):
    """So many aliases."""
    return "query { " + " ".join(f"a{one}: programme {{ key }}" for one in range(number)) + " }"


def fields(number):
    """So many fields, by fragments that are spread twice."""
    return "query { " + "...F " * (number // 50) + "} fragment F on Query { " + "programme { key } " * 25 + "}"


def deep(number):
    """A field so deep."""
    return "query { " + "a { " * (number - 1) + "b" + " }" * (number - 1) + " }"


def directives(number):
    """So many directives."""
    return "query { programme { key " + "@skip(if: false) " * number + "} }"


def operations(number):
    """So many operations."""
    return " ".join(f"query Q{one} {{ programme {{ key }} }}" for one in range(number))


def bomb(number):
    """Fragments that double with each step."""
    steps = "".join(f"fragment f{one} on Query {{ ...f{one + 1} ...f{one + 1} }} " for one in range(number))
    return f"query {{ ...f0 }} {steps} fragment f{number} on Query {{ programme {{ key }} }}"


EDGES = {
    "depth": (deep(12), deep(13)),
    "aliases": (aliases(30), aliases(31)),
    "fields": (fields(500), fields(550)),
    "directives": (directives(50), directives(51)),
    "operations": (operations(5), operations(6)),
}


def test_the_explorer_may_ask_for_the_whole_schema():
    assert too_large(parse(get_introspection_query())) is None


@pytest.mark.parametrize("what", EDGES)
def test_a_document_may_go_to_the_edge_and_not_past_it(what):
    edge, past = (parse(document) for document in EDGES[what])

    assert too_large(edge) is None
    assert too_large(past) == (what, getattr(limits.MOST, what, limits.OPERATIONS_MAX))


def test_a_bomb_is_measured_in_one_pass():
    assert too_large(parse(bomb(60))) == ("fields", 500)


def test_a_fragment_that_leads_back_to_itself_ends():
    assert too_large(parse("query { ...A } fragment A on Query { ...B } fragment B on Query { ...A }")) is None


async def test_what_is_too_large_is_refused_before_it_runs(shop):
    for document in (aliases(31), bomb(40), fields(550)):
        (error,) = (await shop.post(document)).json()["errors"]
        assert error["extensions"]["code"] == "DOCUMENT_TOO_LARGE"


async def test_2000_tokens_are_parsed_and_no_more(shop):
    head = "query($a: [Int]) { programme { key } } "
    fine = "query { programme { " + "key " * 400 + "} }"
    past = "query { programme { " + "key " * 2000 + "} }"

    assert "errors" not in (await shop.post(fine)).json(), head
    assert (await shop.post(past)).json()["errors"][0]["extensions"]["code"] == "DOCUMENT_INVALID"


@pytest.mark.parametrize(("token", "most"), [("staff", BODY_MAX), ("service", BODY_MAX_WRITER)])
async def test_a_body_is_counted_to_the_byte(shop, token, most):
    edge, past = await sized(shop, most, token), await sized(shop, most + 1, token)

    assert (edge.status_code, past.status_code) == (200, 413)
    assert past.json()["errors"][0]["extensions"]["code"] == "BODY_TOO_LARGE"


async def test_bytes_are_counted_whatever_the_header_claims(shop):
    async def pieces():
        for _ in range(40):
            yield b" " * 10_000

    headers = {"content-type": "application/json", "authorization": f"Bearer {shop.tokens['staff']}"}
    response = await shop.client.post("/graphql", content=pieces(), headers=headers)

    assert response.status_code == 413


async def test_a_document_sent_again_is_neither_parsed_nor_validated_again(shop):
    parsed: Any = _get_parse_cache(DOCUMENTS_MAX)
    validated: Any = _get_validate_cache(DOCUMENTS_MAX)
    await shop.post(ANY)
    before = parsed.cache_info().hits, validated.cache_info().hits

    for _ in range(3):
        await shop.post(ANY)

    assert (parsed.cache_info().hits - before[0], validated.cache_info().hits - before[1]) == (3, 3)


async def test_the_schema_is_closed_to_members_and_partners(shop, lin):
    asked = "query { __schema { types { name } } }"

    opened = {
        token: "errors" not in (await shop.post(asked, token=token)).json()
        for token in ("service", "marketer", lin, "partner")
    }
    hint = (await shop.post("query { programm { key } }", token=lin)).json()["errors"][0]["message"]

    assert opened == {"service": True, "marketer": True, lin: False, "partner": False}
    assert "programm" not in hint


@pytest.mark.parametrize("first", [0, 101, -1])
async def test_a_page_has_1_to_100_items(shop, lin, first):
    answer = (
        await shop.post(f"query {{ me {{ points {{ entries(first: {first}) {{ nodes {{ id }} }} }} }} }}", token=lin)
    ).json()

    assert answer["errors"][0]["extensions"] == {"code": "INVALID_PAGE", "field": ["first"]}
    assert answer["data"]["me"]["points"]["entries"] is None


@pytest.mark.parametrize("cursor", ["", "x", "WzFd", "W251bGwsMV0", "WzEsMSwxXQ", "WzEuNSwxXQ", "💥", "W" * 5000])
async def test_a_cursor_that_is_none_is_named(shop, lin, cursor):
    document = "query ($after: String) { me { points { entries(after: $after) { nodes { id } } } } }"

    answer = (await shop.post(document, {"after": cursor}, token=lin)).json()

    assert answer["errors"][0]["extensions"] == {"code": "INVALID_CURSOR", "field": ["after"]}


async def sized(shop, size, token):
    """A good request of exactly so many bytes."""
    body = json.dumps({"query": ANY, "variables": {}}).encode()
    headers = {"content-type": "application/json", "authorization": f"Bearer {shop.tokens[token]}"}
    return await shop.client.post("/graphql", content=body + b" " * (size - len(body)), headers=headers)
