"""The walls around a partner: no type and no field leads to a member, and what is another's is as if it were not."""

from typing import Any

import pytest
from graphql import GraphQLEnumType, GraphQLScalarType, build_schema, get_named_type, is_interface_type

from loyalty.access import ROLES, scopes_of
from loyalty.keys import Grant
from schema import needs, nodes
from schema.build import printed
from tests.schema.listening import listening
from tests.schema.test_needs import NEEDS, arguments
from tests.story import documents as says

SHARED = {"Money", "UserError"}
NODES = {one.__name__ for one in nodes.OF_PARTNER}
UNKNOWN = "AAAA-BBBB-CCCC-DDDD"


@pytest.fixture(scope="module")
def sdl() -> Any:
    return build_schema(printed())


def open_to_partners(names=NEEDS):
    """The root fields that a partner's scopes open."""
    own = set(ROLES["partner"])
    return sorted(name for name, need in names.items() if own & set(need.split(needs.OR)))


def reached(sdl, field):
    """Every type that a field's answer can have in it; of what has an id only what partners are shown."""
    seen, todo = set(), [field.type]
    while todo:
        one = get_named_type(todo.pop())
        if one.name in seen:
            continue
        if is_interface_type(one):
            todo += [sdl.type_map[name] for name in NODES]
            continue
        seen.add(one.name)
        todo += [inner.type for inner in getattr(one, "fields", {}).values()]
    return seen


def foreign(sdl, field):
    """What of that is neither a partner's own type nor shared."""
    plain = (GraphQLScalarType, GraphQLEnumType)
    named = reached(sdl, field) - SHARED
    return {one for one in named if not one.startswith("Partner") and not isinstance(sdl.type_map[one], plain)}


def field_of(sdl, name):
    return sdl.query_type.fields.get(name) or sdl.mutation_type.fields[name]


def test_no_field_that_a_partner_opens_leads_out_of_its_own_types(sdl):
    fields = open_to_partners()

    assert {"node", "partnerView", "partnerCodeRedeem", "partnerPurchaseRecord"} <= set(fields)
    assert {name: foreign(sdl, field_of(sdl, name)) for name in fields} == {name: set() for name in fields}
    assert all(name.startswith("Partner") for name in NODES)


def test_the_walk_would_see_a_planted_way(sdl):
    planted: Any = build_schema(printed().replace("type PartnerView {\n", "type PartnerView {\n  planted: Benefit\n"))

    assert foreign(planted, planted.query_type.fields["partnerView"]) == {"Benefit", "PartLimit"}
    assert "Member" in foreign(sdl, sdl.mutation_type.fields["orderRecord"])


def test_what_opens_to_any_token_does_not_open_to_partners():
    everybodys = {name for name, need in NEEDS.items() if need == needs.ANY}

    assert {"programme", "benefits"} <= everybodys
    assert not everybodys & set(open_to_partners())


async def test_a_partners_key_meets_refusals_or_types_of_its_own_everywhere(shop, lin, sdl):
    met = {}
    for root, kind in ((sdl.query_type, "query"), (sdl.mutation_type, "mutation")):
        for name, field in root.fields.items():
            text = f"{kind} {{ {name}{arguments(field)} {{ __typename }} }}"
            answer = (await shop.post(text, token="partner")).json()
            data = (answer.get("data") or {}).get(name)
            found = data if isinstance(data, list) else [data] if data else []
            met[name] = {one["__typename"] for one in found} | {
                one["extensions"]["code"] for one in answer.get("errors", ())
            }

    assert set(met) == set(NEEDS)
    assert {code for codes in met.values() for code in codes if not code.startswith("Partner")} <= {
        "FORBIDDEN", "NOT_FOUND", "INVALID_MONTH", "INVALID_PERIOD",
    }  # fmt: skip
    closed = set(NEEDS) - set(open_to_partners())
    assert {name: met[name] for name in closed} == {name: {"FORBIDDEN"} for name in closed}


async def test_nothing_tells_another_partners_code_from_one_that_does_not_exist(shop, lin):
    await shop.order(lin, total=120000)
    shop.clock.wait(days=7)
    theirs = (await shop.redeem(lin, "free-coffee")).receipt["entitlements"][0]["code"]
    await shop.let_in("rival", Grant("partner:tea-house", scopes_of(["partner"]), partner="tea-house"))
    told = {}

    for name, code in (("theirs", theirs), ("unknown", UNKNOWN)):
        given = {"input": {"idempotencyKey": f"till-{name}", "code": code}}
        with listening() as statements:
            used = await shop.post(says.REDEEM_CODE, given, token="rival")
        with listening() as looked_up:
            looked = await shop.post(says.ELIGIBLE, {"shown": {"code": code}}, token="rival")
        told[name] = (used.content, looked.content, used.status_code, list(statements), list(looked_up))

    assert told["theirs"] == told["unknown"]
    assert b"CODE_UNKNOWN" in told["theirs"][0]
    assert len(told["theirs"][3]) > 1
