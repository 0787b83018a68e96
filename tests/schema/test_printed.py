"""The schema as it is printed: nothing changes in it unseen, and everything in it is described."""

from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
    find_schema_changes,
    get_introspection_query,
    get_named_type,
    graphql_sync,
    is_list_type,
    is_non_null_type,
)

from schema.build import PRINTED, build, printed

HINT = "python -c 'from schema.build import PRINTED, printed; PRINTED.write_text(printed(), encoding=\"utf-8\")'"
# Lists that are as long as the programme's own documents, or one event's doing, and no longer.
CONNECTED = {
    "Query.products",
    "Member.entitlements",
    "Member.timeline",
    "PartnerSettlement.lines",
    "Wallet.entries",
    "Standing.history",
}


@pytest.fixture(scope="module")
def sdl():
    return build_schema(printed())


def types(schema):
    return [one for name, one in schema.type_map.items() if not name.startswith("__")]


def test_the_printed_schema_is_the_schema():
    kept, now = PRINTED.read_text(encoding="utf-8"), printed()
    changes = [
        f"{one.type.name}: {one.description}" for one in find_schema_changes(build_schema(kept), build_schema(now))
    ]

    assert changes == [], f"if that is meant: {HINT}"
    assert kept == now, f"only words differ; if that is meant: {HINT}"


def test_explorers_can_read_the_whole_schema():
    answer = graphql_sync(build()._schema, get_introspection_query())

    assert answer.errors is None
    assert answer.data is not None


def test_a_breaking_change_would_be_seen():
    kept = printed()

    broken = build_schema(kept.replace("  replayed: Boolean!\n", "  replayed: Boolean\n"))

    assert any("replayed" in one.description for one in find_schema_changes(build_schema(kept), broken))


def test_everything_is_described(sdl):
    silent = [
        one.name for one in types(sdl) if not one.description and one.name not in ("String", "Int", "Boolean", "ID")
    ]
    for one in types(sdl):
        if isinstance(one, GraphQLObjectType | GraphQLInputObjectType | GraphQLInterfaceType):
            for name, field in one.fields.items():
                silent += [] if field.description else [f"{one.name}.{name}"]
                silent += [
                    f"{one.name}.{name}({arg})"
                    for arg, given in getattr(field, "args", {}).items()
                    if not given.description
                ]

    assert silent == []


def test_every_mutation_takes_one_input_and_answers_with_one_nullable_payload(sdl):
    for name, field in sdl.mutation_type.fields.items():
        assert list(field.args) == ["input"]
        assert is_non_null_type(field.args["input"].type)
        assert not is_non_null_type(field.type)
        assert field.type.name == f"{name[0].upper()}{name[1:]}Payload"
        assert "userErrors" in field.type.fields
        given: Any = get_named_type(field.args["input"].type)
        assert name == "eventsRecord" or str(given.fields["idempotencyKey"].type) == "String!"


def test_long_lists_are_connections(sdl):
    found = {
        f"{one.name}.{name}"
        for one in types(sdl)
        if isinstance(one, GraphQLObjectType)
        for name, field in one.fields.items()
        if get_named_type(field.type).name.endswith("Connection")
    }

    assert found == CONNECTED


def test_the_walk_would_see_a_way(sdl):
    assert "Member" in reached(sdl.type_map["OrderRecordPayload"])


def test_lists_hold_no_nulls(sdl):
    for one in types(sdl):
        if isinstance(one, GraphQLObjectType):
            for name, field in one.fields.items():
                inner = field.type.of_type if is_non_null_type(field.type) else field.type
                assert not is_list_type(inner) or is_non_null_type(inner.of_type), f"{one.name}.{name}"


def test_the_schema_is_sorted_and_its_enums_too(sdl):
    names = [name for name in sdl.type_map if not name.startswith("__")]

    assert sorted(names) == sorted(
        build()._schema.type_map.keys() - {name for name in build()._schema.type_map if name.startswith("__")}
    )
    for one in types(sdl):
        if isinstance(one, GraphQLEnumType):
            assert list(one.values) == sorted(one.values)


def reached(start):
    """The names of all types that can be reached by following fields."""
    seen, todo = set(), [start]
    while todo:
        one = get_named_type(todo.pop())
        if one.name in seen:
            continue
        seen.add(one.name)
        todo += [field.type for field in getattr(one, "fields", {}).values()]
    return seen
