"""The index against the walk and the library: tables answer as asking does, many documents at once."""

import gc
import weakref
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rules import codegen, index, library, tables
from rules.conditions import Condition, holds, leaves
from rules.facts import Mistyped
from rules.operators import ask
from tests.rules import documents
from tests.rules.documents import CATALOGUE, KIND, conditions, facts, typed
from tests.rules.lab import Document, asks

UNIT_LINES_MAX = 400
VARIABLES = library.variables_class(CATALOGUE.variables)
# 25 documents × 8 sets of facts an example: 10,000 pairs.
PAIRS = settings(max_examples=50, deadline=None)
SOME = settings(max_examples=60, deadline=None)


@PAIRS
@given(st.lists(conditions, min_size=25, max_size=25), st.lists(facts, min_size=8, max_size=8))
def test_ten_thousand_pairs_of_documents_and_facts_agree_with_the_library(raws, scenes):
    asked = [typed(raw) for raw in raws]
    compiled = index.function(asked, KIND)

    for scene in scenes:
        variables = VARIABLES(scene)
        by_library = [i for i, condition in enumerate(asked) if library.holds(library.document(condition), variables)]
        assert compiled(scene, scene) == by_library


@SOME
@given(st.lists(conditions, min_size=5, max_size=5), facts, st.data(), st.sampled_from([1.5, object(), b"x", ["a"]]))
def test_a_mistyped_fact_raises_on_both_sides(raws, scene, data, wrong):
    asked = [typed(raw) for raw in raws]
    name = data.draw(st.sampled_from(sorted(codegen.union(asked))))
    scene = {**scene, name: wrong}

    # The library looks at a fact when it comes to it, we at all of them: so no answer hangs on the order.
    for leaf in (leaf for condition in asked for leaf in leaves(condition) if leaf.variable.name == name):
        with pytest.raises(AssertionError):
            library.holds(library.document(leaf), VARIABLES(scene))
    with pytest.raises(Mistyped):
        index.function(asked, KIND)(scene, scene)


@settings(max_examples=200, deadline=None)
@given(conditions, facts)
def test_a_condition_by_itself_agrees_with_the_walk(raw, scene):
    condition = typed(raw)
    assume(not any(variable.group == "line" for variable in codegen.union([condition]).values()))

    assert codegen.whole(condition)(scene) == holds(condition, scene)


def test_a_condition_by_itself_looks_at_its_facts():
    asked = codegen.whole(typed({"name": "order_paid", "operator": "greater_than", "value": "1.00"}))

    with pytest.raises(Mistyped):
        asked({"order_paid": 1.5})


@SOME
@given(st.lists(conditions, min_size=4, max_size=12), facts, st.integers(0, 2**12 - 1))
def test_of_some_only_those_are_asked_for(raws, scene, among):
    asked = [typed(raw) for raw in raws]

    found = index.function(asked, KIND)(scene, scene, among)

    assert found == [i for i, condition in enumerate(asked) if among >> i & 1 and holds(condition, scene)]


@SOME
@given(st.data())
def test_a_table_gives_for_a_value_what_the_operator_says(data):
    name = data.draw(st.sampled_from(documents.NAMES))
    variable = CATALOGUE.variables[name]
    rows = sorted(variable.kind.operators.values(), key=lambda one: one.name)
    drawn = data.draw(st.lists(st.sampled_from(rows), min_size=4, max_size=9))
    raws = [{"name": name, "operator": row.name, "value": data.draw(documents.value(variable, row))} for row in drawn]
    asked: list[Condition | None] = [typed(raw) for raw in raws]
    compiled = index.function(asked, KIND)

    for found in data.draw(st.lists(documents.fact(variable), min_size=1, max_size=6)):
        scene = {name: found}
        said = [i for i, one in enumerate(asked) if ask(one.operator, variable.rank(found), one.value)]  # type: ignore[union-attr]
        assert compiled(scene, scene) == said


@pytest.mark.parametrize("most", [1, 3, 1_024])
def test_a_table_of_many_values_that_keeps_few_masks_says_the_same(most, monkeypatch):
    monkeypatch.setattr(tables, "DENSE_MAX", most)
    names = ["order_paid", "orders_count", "order_store", "today"]
    asked = [typed(asks("order_paid", "between", [f"{n}.00", f"{n + 3}.50"])) for n in range(20)]
    asked += [typed(asks("orders_count", "greater_than", value)) for value in ("1.5", 3, 4, 5, 9)]
    asked += [typed(asks("order_store", "equal_to", f"s{n}")) for n in range(9)]
    asked += [typed(asks("today", "after", f"2026-11-0{n}")) for n in range(1, 9)]
    compiled = index.function(asked, KIND)
    scene = {"order_paid": 0, "orders_count": 0, "order_store": "", "today": date(2026, 11, 4)}
    assert set(names) == set(codegen.union(asked))

    for paid in range(-1, 2_400, 7):
        count = [paid // 100, Decimal(paid) / 100][paid % 2]
        scene |= {"order_paid": paid, "orders_count": count, "order_store": f"s{paid % 11}"}
        assert compiled(scene, scene) == [i for i, condition in enumerate(asked) if holds(condition, scene)]


def test_clauses_beyond_the_planes_and_two_questions_to_one_set_are_asked_of_candidates():
    several = {"any": [asks("order_paid", "greater_than", "1.00"), asks("order_channel", "equal_to", "web")]}
    tags = [asks("order_skus", "contains", sku) for sku in "abc"]
    raws: list[Document] = [
        {"all": [several] * 5},
        {"all": tags},
        {"any": tags},
        {"not": {"any": tags}},
        {"not": {"all": tags}},
    ]
    asked = [typed(raw) for raw in raws]
    compiled = index.function(asked, KIND)

    for paid in (0, 200):
        for channel in ("web", "app"):
            for skus in ((), ("a",), ("a", "b", "c"), ("d",)):
                scene = {"order_paid": paid, "order_channel": channel, "order_skus": skus}
                assert compiled(scene, scene) == [i for i, one in enumerate(asked) if holds(one, scene)]


@pytest.mark.parametrize("count", [10, 1_500])
def test_no_unit_that_is_compiled_is_long_however_many_policies_there_are(count, monkeypatch):
    lengths = []

    def spying(source, bound):
        lengths.append(source.count("\n") + 1)
        return compiled(source, bound)

    compiled = codegen.compiled
    monkeypatch.setattr(codegen, "compiled", spying)
    names = sorted(documents.NAMES)
    raws = [
        {"any": [{"not": {"all": [asks(name, "is_set"), asks("order_paid", "greater_than", f"{number}.00")]}}]}
        for number in range(count)
        for name in names[number % len(names) : number % len(names) + 1]
        if "is_set" in CATALOGUE.variables[name].kind.operators
    ]

    index.function([typed({"any": [raw, {"all": [raw, raw["any"][0]]}]}) for raw in raws], KIND)

    assert lengths
    assert max(lengths) <= UNIT_LINES_MAX


def test_what_is_dropped_is_freed_without_a_collector(monkeypatch):
    made: list[weakref.ref[Any]] = []
    compiled = codegen.compiled

    def spying(source, bound):
        unit = compiled(source, bound)
        made.extend(weakref.ref(one) for one in (unit if isinstance(unit, tuple) else (unit,)))
        return unit

    monkeypatch.setattr(codegen, "compiled", spying)
    asked = [typed(asks("order_store", "starts_with", f"s{number}")) for number in range(50)]
    asked += [typed(asks("order_paid", "greater_than", f"{number}.00")) for number in range(50)]
    gc.disable()
    try:
        index.function(asked, KIND)
        assert len(made) > 50
        assert all(one() is None for one in made)
    finally:
        gc.enable()
