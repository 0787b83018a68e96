"""Who may: every field of the roots states its need, and every role is let in exactly where it says so."""

import re
from pathlib import Path
from typing import Any

import pytest
import strawberry
from graphql import (
    build_schema,
    get_named_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
)

from locales import texts
from loyalty.access import ROLES, SCOPES
from loyalty.refusals import worded
from schema import needs
from schema.build import Mutation, Query, printed
from schema.problems import ErrorCode, camel

ROOT = Path(__file__).resolve().parents[2]
ROOTS: tuple[Any, ...] = (Query, Mutation)
NEEDS: dict[str, Any] = {
    camel(one.python_name): needs.stated(one) for root in ROOTS for one in root.__strawberry_definition__.fields
}
TOKENS = {
    "service": "service",
    "marketer": "marketer",
    "staff": "staff",
    "admin": "admin",
    "partner": "partner",
    "member": "lin",
}
SAMPLES = {
    "ID": "x",
    "String": "x",
    "Int": 1,
    "Boolean": False,
    "Points": 1,
    "Decimal": "1.00",
    "DateTime": "2026-11-02T00:00:00Z",
    "Date": "2026-11-02",
    "JSON": {},
    "Locale": "en",
    "CurrencyCode": "CNY",
}


def test_every_need_is_a_scope_that_exists():
    for name, need in NEEDS.items():
        assert need, name
        assert set(need.split(needs.OR)) <= {*SCOPES, needs.ANY}


def test_needs_are_printed():
    sdl = printed()

    for name, need in NEEDS.items():
        assert re.search(rf"  {name}(\(.*?\))?: \S+ @scope\(needs: \"{need}\"\)", sdl, re.DOTALL), name


def test_a_root_field_without_a_need_is_not_built():
    @strawberry.type
    class Careless:
        """A root somebody forgot to guard."""

        @strawberry.field
        def secret(self) -> str | None:
            """Everybody's."""
            return "secret"

    with pytest.raises(LookupError, match=r"Careless\.secret does not state its need"):
        needs.check(Careless)


def test_a_root_field_that_could_blank_its_neighbours_is_not_built():
    @strawberry.type
    class Brittle:
        """A root whose refusals take the rest with them."""

        @needs.field(needs="member", description="Always there.")
        def name(self) -> str:
            """Never null."""
            return "x"

    with pytest.raises(LookupError, match="must be nullable"):
        needs.check(Brittle)


def test_a_need_that_is_no_scope_is_not_built():
    with pytest.raises(LookupError, match="no such scope: everything"):
        needs.Needs("everything")


@pytest.mark.parametrize("role", TOKENS)
async def test_each_role_is_let_in_exactly_where_it_says(shop, lin, role):
    scopes = set(ROLES[role])
    sdl: Any = build_schema(printed())
    let_in, told = {}, {}

    for root, kind in ((sdl.query_type, "query"), (sdl.mutation_type, "mutation")):
        for name, field in root.fields.items():
            answer = (
                await shop.post(f"{kind} {{ {name}{arguments(field)} {{ __typename }} }}", token=TOKENS[role])
            ).json()
            codes = [one["extensions"]["code"] for one in answer.get("errors", [])]
            let_in[name], told[name] = "FORBIDDEN" not in codes, codes

    assert let_in == {
        name: (need == needs.ANY and role != "partner") or bool(scopes & set(need.split(needs.OR)))
        for name, need in NEEDS.items()
    }
    refused = {"FORBIDDEN", "CARD_UNKNOWN", "INVALID_MONTH", "NOT_FOUND"}
    assert {code for codes in told.values() for code in codes} <= refused


async def test_a_refusal_names_the_scope_and_spares_its_neighbours(shop, lin):
    answer = (await shop.post("query { programme { key } ruleset { number } }", token=lin)).json()

    assert answer["data"] == {"programme": {"key": "demo"}, "ruleset": None}
    assert answer["errors"][0]["extensions"] == {"code": "FORBIDDEN", "needs": "rules:read"}
    assert answer["errors"][0]["message"].startswith("This needs the permission rules:read. Ask ")


def test_every_code_there_is_is_in_the_schema_and_worded():
    raised = set()
    for folder in ("loyalty", "schema", "api"):
        for path in (ROOT / folder).rglob("*.py"):
            raised |= set(
                re.findall(r"(?:Refused|Malformed|BadValue)\(\s*\"([A-Z_]+)\"", path.read_text(encoding="utf-8"))
            )

    # What only the command line says is no part of the API.
    assert {code for code in raised if not code.startswith("IMPORT_")} <= set(ErrorCode.__members__)
    for lang in ("en", "zh-CN"):
        assert [code for code in ErrorCode.__members__ if f"error.{code}" not in texts(lang)] == []


def arguments(field):
    """Arguments that are at least well formed."""
    given = {name: sample(arg.type) for name, arg in field.args.items() if is_non_null_type(arg.type)}
    return f"({', '.join(f'{name}: {literal(value)}' for name, value in given.items())})" if given else ""


def sample(type_):
    """A value of a type: what must be there, and one of what may be one of several."""
    if is_non_null_type(type_):
        return sample(type_.of_type)
    if is_list_type(type_):
        return []
    named = get_named_type(type_)
    if is_enum_type(named):
        return Bare(next(iter(named.values)))
    if not is_input_object_type(named):
        return SAMPLES[named.name]
    if named.is_one_of:
        name, field = next(iter(named.fields.items()))
        return {name: sample(field.type)}
    return {name: sample(field.type) for name, field in named.fields.items() if is_required_input_field(field)}


class Bare(str):
    """A word that GraphQL writes without quotes."""


def literal(value):
    """A value as GraphQL writes it."""
    if isinstance(value, Bare):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {literal(held)}" for name, held in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    return (
        {True: "true", False: "false"}[value]
        if isinstance(value, bool)
        else f'"{value}"'
        if isinstance(value, str)
        else str(value)
    )


def test_what_is_needed_is_said_in_the_readers_words():
    assert (
        worded("FORBIDDEN", {"needs": "member"}, "en")
        == "This needs a member's token. Ask with the one of the member's own app."
    )
    assert worded("FORBIDDEN", {"needs": "member"}, "zh-CN") == "此操作需要会员令牌。请使用会员本人应用的令牌。"
    assert worded("FORBIDDEN", {"needs": "member or members:read"}, "zh-CN").count("member 或 members:read") == 1
