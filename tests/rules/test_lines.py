"""Questions about an order's lines: any of them, every one, so many; walked, compiled and by the library alike."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import explain, index, library, telling, words
from rules.check_conditions import Reader
from rules.conditions import LINES, holds, quantified, variables
from rules.facts import Mistyped
from tests.rules import documents
from tests.rules.documents import CATALOGUE, KIND
from tests.rules.lab import Document, asks, decided, earned, earns, lab

MANY = settings(max_examples=200, deadline=None)
OF_LINE = [name for name in documents.NAMES if CATALOGUE.variables[name].group == "line"]
OF_EVENT = [name for name in documents.NAMES if CATALOGUE.variables[name].group in {"order", "time", "member"}]
VARIABLES = library.variables_class(CATALOGUE.variables)


@st.composite
def question(draw: st.DrawFn, names: list[str]) -> Document:
    variable = CATALOGUE.variables[draw(st.sampled_from(names))]
    row = draw(st.sampled_from(sorted(variable.kind.operators.values(), key=lambda one: one.name)))
    return {"name": variable.name, "operator": row.name, "value": draw(documents.value(variable, row))}


def trees(leaf):
    return st.recursive(
        leaf,
        lambda parts: st.one_of(
            st.lists(parts, min_size=1, max_size=3).map(lambda found: {"all": found}),
            st.lists(parts, min_size=1, max_size=3).map(lambda found: {"any": found}),
            parts.map(lambda found: {"not": found}),
        ),
        max_leaves=4,
    )


PARTS = trees(question(OF_LINE) | question(OF_LINE + OF_EVENT))
QUANTIFIED = st.one_of(
    PARTS.map(lambda part: {"any_line": part}),
    PARTS.map(lambda part: {"every_line": part}),
    st.builds(lambda part, least: {"lines": {"at_least": least, "where": part}}, PARTS, st.integers(1, 4)),
)
CONDITIONS = trees(QUANTIFIED | question(OF_EVENT))
LINE = st.fixed_dictionaries({name: documents.fact(CATALOGUE.variables[name]) for name in OF_LINE})
EVENT = st.fixed_dictionaries(
    {name: documents.fact(CATALOGUE.variables[name]) for name in documents.NAMES if name not in OF_LINE}
)


def typed(raw):
    reader = Reader("earn/drawn", CATALOGUE, (KIND,))
    condition = reader.read(raw)
    assert condition is not None, reader.faults
    return condition


@MANY
@given(st.lists(CONDITIONS, min_size=1, max_size=4), EVENT, st.lists(LINE, max_size=4))
def test_compiled_walked_and_library_agree_on_lines(raws, event, lines):
    asked, scene = [typed(raw) for raw in raws], {**event, LINES: lines}

    walked = [index for index, condition in enumerate(asked) if holds(condition, scene)]

    assert index.function(asked, KIND)(scene, scene) == walked
    variables_of = VARIABLES(scene)
    assert [i for i, one in enumerate(asked) if library.holds(library.document(one), variables_of)] == walked


@MANY
@given(CONDITIONS, EVENT, st.lists(LINE, max_size=3))
def test_the_trace_says_of_lines_what_the_decision_did(raw, event, lines):
    condition, scene = typed(raw), {**event, LINES: lines}

    traced = explain.trace(condition, scene)

    assert traced.met is holds(condition, scene)
    assert traced.met or list(explain.deciding(traced))


@settings(max_examples=60, deadline=None)
@given(QUANTIFIED, EVENT, st.lists(LINE, min_size=1, max_size=3), st.data())
def test_a_mistyped_line_is_refused_whether_or_not_it_would_be_reached(raw, event, lines, data):
    condition = typed(raw)
    name = data.draw(st.sampled_from(sorted(variables(condition)) or ["line_sku"]))
    place = data.draw(st.integers(0, len(lines) - 1))
    if name in OF_LINE:
        lines = [{**line, name: 1.5} if number == place else line for number, line in enumerate(lines)]
    scene = {**event, LINES: lines} | ({} if name in OF_LINE else {name: 1.5})

    with pytest.raises(Mistyped):
        index.function([condition], KIND)(scene, scene)


DEAR = asks("line_amount", "greater_than_or_equal_to", "100.00")
SERUM = asks("line_sku", "equal_to", "serum")


def line(sku: str, amount: int) -> Document:
    return {"line_sku": sku, "line_amount": amount}


@pytest.mark.parametrize(
    ("condition", "lines", "fires"),
    [
        ({"any_line": SERUM}, [line("soap", 1), line("serum", 1)], True),
        ({"any_line": SERUM}, [line("soap", 1)], False),
        ({"any_line": SERUM}, [], False),
        ({"any_line": {"all": [SERUM, DEAR]}}, [line("serum", 1), line("soap", 20000)], False),  # Of one and the same.
        ({"every_line": DEAR}, [line("a", 10000), line("b", 20000)], True),
        ({"every_line": DEAR}, [line("a", 10000), line("b", 9999)], False),
        ({"every_line": DEAR}, [], False),  # Of no lines nothing is so.
        ({"not": {"every_line": DEAR}}, [], True),
        ({"lines": {"at_least": 2, "where": DEAR}}, [line("a", 10000), line("b", 1), line("c", 10000)], True),
        ({"lines": {"at_least": 2, "where": DEAR}}, [line("a", 10000), line("b", 1)], False),
        ({"any_line": {"any": [SERUM, asks("weekday", "equal_to", "sat")]}}, [line("soap", 1)], True),
    ],
)
def test_how_many_lines_meet_it_decides(condition, lines, fires):
    ruleset = lab(earns(5, conditions=condition))

    verdict = decided(ruleset, lines=lines, weekday="sat")

    assert earned(verdict) == ({"p0": 5} if fires else {})


def test_the_question_and_what_was_found_read_plainly_in_both_languages():
    ruleset = lab(earns(5, conditions={"lines": {"at_least": 2, "where": {"all": [SERUM, DEAR]}}}))
    rule, definitions = ruleset.rules["earn/p0"], ruleset.definitions
    lines = [line("serum", 20000), line("soap", 1)]

    assert rule.condition is not None
    traced = explain.trace(rule.condition, {LINES: lines})

    assert words.condition(rule.condition, definitions, "en") == (
        "at least 2 order lines where (product of the line is “serum” and amount of the line after discount is at least"
        " ¥100)"
    )
    assert telling.leaf(definitions, traced, "en").endswith("– found: 1 of 2 lines")
    assert telling.leaf(definitions, traced, "zh-CN").endswith("（实际：2行中有1行）")
    assert [text.strip() for text in telling.tree(definitions, traced, "zh-CN")][1] == "第1行："
    assert quantified(rule.condition)
