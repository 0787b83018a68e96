"""The compiled function, our own walk and the `business-rules` library give the same answer, whatever is asked."""

import ast
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import codegen, explain, index, library
from rules.conditions import holds
from rules.facts import Mistyped
from tests.rules import documents
from tests.rules.documents import CATALOGUE, KIND, conditions, facts, typed

VARIABLES = library.variables_class(CATALOGUE.variables)
MANY = settings(max_examples=300, deadline=None)
ATTRIBUTES = {"__class__", "startswith", "endswith", "isdisjoint", "issubset"}


@MANY
@given(st.lists(conditions, min_size=1, max_size=8), st.lists(facts, min_size=1, max_size=4))
def test_compiled_walked_and_library_agree(raws, scenes):
    asked = [typed(raw) for raw in raws]
    compiled = index.function(asked, KIND)

    for scene in scenes:
        walked = [index for index, condition in enumerate(asked) if holds(condition, scene)]
        variables = VARIABLES(scene)
        by_library = [i for i, condition in enumerate(asked) if library.holds(library.document(condition), variables)]
        assert compiled(scene, scene) == walked == by_library


@MANY
@given(conditions, facts)
def test_the_trace_says_what_the_decision_did(raw, scene):
    condition = typed(raw)

    traced = explain.trace(condition, scene)

    assert traced.met is holds(condition, scene)
    assert traced.met or list(explain.deciding(traced))


@MANY
@given(conditions, facts, st.sampled_from([1.5, object(), b"x", ["a"]]))
def test_a_mistyped_fact_is_refused_whether_or_not_it_would_be_reached(raw, scene, wrong):
    condition = typed(raw)
    read = sorted(codegen.union([condition]))

    with pytest.raises(Mistyped):
        index.function([condition], KIND)({**scene, read[0]: wrong}, {**scene, read[0]: wrong})


@given(conditions)
def test_nothing_of_a_document_stands_in_the_source(raw):
    source = codegen.Source(KIND)
    condition = typed(raw)
    for variable in codegen.union([condition]).values():
        source.read(variable)

    tree = ast.parse("\n".join([*source.lines, source.expression(condition)]))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert {name for name in names if not re.fullmatch(r"[vcr]\d+", name)} <= {"facts", "line", "mistyped", "bool"}
    assert {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} <= ATTRIBUTES
    assert {str(node.value) for node in ast.walk(tree) if isinstance(node, ast.Constant)} <= {
        "None",
        "True",
        "False",
        "0",
        "1",
    }


def test_the_library_exports_our_vocabulary():
    data = library.exported(CATALOGUE)

    assert {one["name"] for one in data["variables"]} == set(CATALOGUE.variables)
    assert {one["name"] for one in data["variable_type_operators"]["money"]} >= {"greater_than", "between", "is_set"}
    assert "earn_points" in {one["name"] for one in data["actions"]}


@settings(max_examples=5, deadline=None)
@given(st.data())
def test_every_variable_can_be_asked_everything_its_type_offers(data):
    for name in documents.NAMES:
        variable = CATALOGUE.variables[name]
        for row in variable.kind.operators.values():
            typed({"name": name, "operator": row.name, "value": data.draw(documents.value(variable, row))})
