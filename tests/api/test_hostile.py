"""Documents made to hurt: each is refused with a code of its own, quickly enough to be no use, and none as a defect."""

import json

import pytest

HOSTILE = {
    "fields 900 deep": "query { " + "a { " * 900 + "b" + " }" * 900 + " }",
    "lists 900 deep": "query { ruleCheck(source: " + "[" * 900 + "]" * 900 + ', path: "x") { code } }',
    "objects 600 deep": "query { member(by: " + "{a: " * 600 + "1" + "}" * 600 + ") { id } }",
    "types 900 deep": "query ($a: " + "[" * 900 + "Int" + "]" * 900 + ") { programme { key } }",
    "inline fragments 600 deep": "query { " + "... { " * 600 + "programme { key }" + " }" * 600 + " }",
    "fragments in a ring": "query { ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    "1900 directives": "query { programme { key " + "@a " * 900 + "} }",
    "1900 variables": "query (" + " ".join(f"$v{one}: Int" for one in range(600)) + ") { programme { key } }",
    "an endless text": 'query { member(by: { id: "' + "x" * 200_000 + '" }) { id } }',
    "a number of 4000 digits": "query { me { points { entries(first: " + "9" * 4000 + ") { nodes { id } } } } }",
    "an unfinished text": 'query { member(by: { id: "x',
    "a subscription": "subscription { programme { key } }",
    "a schema": "type Query { a: Int }",
    "nothing": "",
    "a comment": "# nothing",
    "a NUL in a text": 'query { member(by: { identity: { kind: "a\\u0000", value: "b" } }) { id } }',
    "half a character in a text": 'query { member(by: { identity: { kind: "phone", value: "\\ud800" } }) { id } }',
    "a NUL in a value": 'query { member(by: { identity: { kind: "phone", value: "a\\u0000" } }) { id } }',
    "internals by name": "query { __class__ { __init__ } }",
    "internals as a kind": 'query { member(by: { identity: { kind: "__class__", value: "x" } }) { id } }',
    "a hostile path": 'query { ruleCheck(source: "{}", path: "../../etc/passwd") { code } }',
}


def policy(**changes):
    """A policy's text, spoilt."""
    title = {"en": "x", "zh-CN": "x"}
    good = {"title": title, "on": ["order.paid"], "actions": [{"name": "earn_points", "params": {"points": 1}}]}
    return json.dumps(good | changes)


POLICIES = {
    "400 deep": '{"all": [' * 400 + "]}" * 400,
    "internals as an operator": policy(conditions={"name": "order_paid", "operator": "__class__", "value": 1}),
    "internals as a variable": policy(conditions={"name": "__init__", "operator": "equal_to", "value": 1}),
    "internals as an action": policy(actions=[{"name": "__init__"}]),
    "an empty all": policy(conditions={"all": []}),
    "a float": policy(actions=[{"name": "earn_points", "params": {"points": 1.5}}]),
    "not JSON": "{",
    "not an object": "[]",
    "more than 64 KB": "x" * 70_000,
}


@pytest.mark.parametrize("document", HOSTILE.values(), ids=HOSTILE)
async def test_a_hostile_document_is_refused_and_no_defect(shop, document):
    answer = (await shop.post(document, token="marketer")).json()

    codes = {error["extensions"]["code"] for error in answer.get("errors", [])}
    told = answer.get("data") and (answer["data"].get("ruleCheck") or [])
    assert codes or told
    assert "INTERNAL" not in codes


@pytest.mark.parametrize("source", POLICIES.values(), ids=POLICIES)
@pytest.mark.parametrize("lang", ["en", "zh-CN"])
async def test_a_hostile_policy_is_a_list_of_faults(shop, source, lang):
    document = (
        'query ($source: String!) { ruleCheck(source: $source, path: "earn/x") { severity code message pointer } }'
    )

    answer = (await shop.post(document, {"source": source}, token="marketer", lang=lang)).json()

    assert "errors" not in answer
    assert answer["data"]["ruleCheck"]
    assert all(one["severity"] == "ERROR" and one["message"] for one in answer["data"]["ruleCheck"])
