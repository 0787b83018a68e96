"""Documents meant to harm: refused before anything recurses, evaluates or reaches the library."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.check import check_folder
from rules.compile import compile_checked, compile_ruleset
from rules.documents import SIZE_MAX, parse
from rules.faults import Faulty, fault_text
from rules.lint import lint
from rules.parts import LANGUAGES
from tests.rules.faulty import SOUND
from tests.rules.lab import asks, decided, earns, faults, folder, looked_at, policy

HOSTILE_NAMES = (
    "__class__", "__init__", "__eq__", "__dict__", "_assert_valid_value_and_cast", "get_all_variables", "facts",
    "value", "get_all_operators", "__globals__", "order_paid.__class__", "order_paid\n", "Order_paid", "order paid",
    "", "ordér",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[" * 100_000, "TOO_LARGE"),
        ("[" * 60_000, "TOO_DEEP"),
        ('{"a":' * 10_000 + "1" + "}" * 10_000, "TOO_DEEP"),
        ("[" * 400 + "]" * 400, "TOO_DEEP"),
        ('{"not":' * 400 + "{}" + "}" * 400, "TOO_DEEP"),
        (json.dumps(["x"] * 200_000), "TOO_LARGE"),
        ("{", "NOT_JSON"),
        ("", "NOT_JSON"),
        ("{'a': 1}", "NOT_JSON"),
        ('{"a": 1,}', "NOT_JSON"),
        ('{"a": 1, "a": 2}', "KEY_REPEATED"),
        ('{"b": {"a": 1, "\\u0061": 2}}', "KEY_REPEATED"),
        ('{"a": NaN}', "FLOAT"),
        ('{"a": Infinity}', "FLOAT"),
        ('{"a": -Infinity}', "FLOAT"),
        ('{"a": 0.1}', "FLOAT"),
        ('{"a": 1e9}', "FLOAT"),
        ('{"a": 1e999999999}', "FLOAT"),
        ('{"a": ' + "9" * 5_000 + "}", "NUMBER_TOO_LARGE"),
        ('{"a": "\\u0000"}', "BAD_TEXT"),
        ('{"a": "\\ud800"}', "BAD_TEXT"),
        ('{"\\ud800": 1}', "BAD_TEXT"),
        ('"' + '\\"' * 32_000, "NOT_JSON"),
        ('{"a": "' + "\\" * 60_000, "NOT_JSON"),
        ("[]", "WRONG_TYPE"),
        ("null", "WRONG_TYPE"),
        ('"{}"', "WRONG_TYPE"),
        (b'{"a": "\xff"}', "NOT_UTF8"),
        (b"\xff\xfe{\x00}\x00", "NOT_UTF8"),
    ],
    ids=range(29),
)
def test_a_text_that_is_no_sound_document_is_refused(text, code):
    document, found = parse("earn/wrong", text)

    assert [fault.code for fault in found] == [code]
    assert all(fault_text(found[0], lang) for lang in LANGUAGES)
    assert document is None or check_folder(folder(wrong=document))


def test_size_is_bounded_to_the_byte():
    def of(size: int) -> str:
        return json.dumps({"a": "x" * (size - len('{"a": ""}'))})

    assert parse("earn/a", of(SIZE_MAX))[1] == []
    assert [fault.code for fault in parse("earn/a", of(SIZE_MAX + 1))[1]] == ["TOO_LARGE"]


def test_brackets_in_text_are_only_text():
    assert parse("earn/a", json.dumps({"a": "[" * 100 + '\\"{' * 100})) == ({"a": "[" * 100 + '\\"{' * 100}, [])


def test_faults_are_bounded_too():
    document = {**SOUND, **{f"field_{number}": 1 for number in range(3_000)}}

    assert len(check_folder(folder(wrong=document))) == 100


def deep(levels: int) -> Any:
    made: Any = {}
    for _ in range(levels):
        made = {"not": made}
    return made


@pytest.mark.parametrize("levels", [9, 38, 400, 100_000])
def test_conditions_of_any_depth_are_refused_without_recursion(levels):
    document = earns(1, conditions=deep(levels))

    found = {fault.code for fault in check_folder(folder(wrong=document))}

    assert found & {"CONDITIONS_TOO_DEEP", "TOO_DEEP"}


def test_a_document_that_contains_itself_is_refused():
    document = dict(SOUND)
    document["conditions"] = {"all": [document]}

    assert {fault.code for fault in check_folder(folder(wrong=document))} & {"TOO_DEEP", "TOO_LARGE"}


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
def test_hostile_names_are_refused_everywhere(name):
    documents = folder(
        variable=earns(1, conditions=asks(name, "is_set")),
        operator=earns(1, conditions=asks("order_paid", name, "1.00")),
        action=policy((name, {})),
        event=earns(1, on=name),
    )

    assert {fault.path for fault in faults(documents)} == {
        "earn/variable",
        "earn/operator",
        "earn/action",
        "earn/event",
    }
    with pytest.raises(Faulty):
        compile_ruleset(documents)


@pytest.mark.parametrize("value", [b"1", object(), {1, 2}, 1.5, float("nan"), complex(1, 2)])
def test_what_is_not_json_is_refused_even_when_it_comes_parsed(value):
    assert check_folder({**folder(), "earn/wrong": {**SOUND, "priority": value}})


def test_two_documents_are_never_mixed_up_by_a_shared_name():
    found = faults(folder(a=earns(1, conditions={"all": []}), b=SOUND))

    assert {fault.path for fault in found} == {"earn/a"}


junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 10**14)
    | st.floats()
    | st.text(max_size=4)
    | st.sampled_from(HOSTILE_NAMES),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=4), parts, max_size=3),
    max_leaves=8,
)
FIELDS = sorted({*SOUND, "scope", "valid", "conditions", "stacking", "priority", "limits"})


def steps_of(node: Any, steps: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [steps, *(found for key, child in children for found in steps_of(child, (*steps, key)))]


PLACES = [steps for steps in steps_of(json.loads(json.dumps(SOUND))) if steps] + [(field,) for field in FIELDS]


@settings(max_examples=400)
@given(st.sampled_from(PLACES), junk)
def test_a_mutated_policy_is_refused_or_compiles_and_never_breaks_the_check(steps, value):
    document = json.loads(json.dumps(SOUND))
    place = document
    for step in steps[:-1]:
        place = place[step]
    place[steps[-1]] = value

    found = check_folder(folder(mutant=document))

    for fault in found:
        assert all(fault_text(fault, lang) for lang in LANGUAGES)
        assert fault.code != "INVALID"
    if not found:
        compile_ruleset(folder(mutant=document))


@pytest.mark.parametrize(
    ("text", "key", "place"),
    [
        ('{"a": 1,\n  "b": "a",\n  "a": 2}', "a", (3, 3)),
        ('{"b": [{"a": "{", "c": ["a"]}, {"a": {"a": 1}, "\\u0061": 2}]}', "a", (1, 48)),
        ('{"a": {"x": 1}, "x": 2, "y": ["a", "a"], "a": 3}', "a", (1, 42)),
    ],
)
def test_a_repeated_key_is_pointed_at_where_it_stands_again(text, key, place):
    _, (fault,) = parse("earn/base", text)

    assert (fault.code, fault.params["key"]) == ("KEY_REPEATED", key)
    assert (fault.params["line"], fault.params["column"]) == place


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ('{"a": 1\n  "b": 2}', (2, 3), "a comma is missing"),
        ("{“a”: 1}", (1, 2), "typographic"),
        ('{"a": “b”}', (1, 7), "typographic"),
        ('{"a”: 1}', (1, 2), "typographic"),
        ('{"a": 1,}', (1, 9), None),
        ("", (1, 1), None),
    ],
)
def test_what_is_no_json_says_the_likely_cause(text, place, words):
    _, (fault,) = parse("earn/base", text)

    assert (fault.code, fault.params["line"], fault.params["column"]) == ("NOT_JSON", *place)
    assert (words or "Probably") in fault_text(fault, "en") if words else "Probably" not in fault_text(fault, "en")


def asked_of(name, condition):
    return {f"segments/{name}": {"title": {"en": name, "zh-CN": f"中{name}"}, "condition": condition}}


def within(*names):
    return asks("member_segments", "contains_any", list(names))


def metric(where=None, **over):
    own = {"title": {"en": "x", "zh-CN": "某"}, "count": "orders", "over": over or {"ever": True}}
    return own | ({"where": where} if where else {})


MANY_X = asks("x", "greater_than", 1)
ROUND = [
    ("segments of each other", {**asked_of("a", within("b")), **asked_of("b", within("a"))}, {}, "SEGMENT_CYCLE",
        ["segments/a/condition", "segments/b/condition"]),
    ("a segment of itself", asked_of("a", within("a")), {}, "SEGMENT_CYCLE", ["segments/a/condition"]),
    ("a segment of what is not so", asked_of("a", {"not": {"any": [within("a"), MANY_X]}}), {"x": metric()},
        "SEGMENT_CYCLE", ["segments/a/condition"]),
    ("a metric of itself", {}, {"x": metric(MANY_X)}, "VARIABLE_UNKNOWN", ["programme/metrics/x/where/name"]),
    ("a metric of a segment of it", asked_of("a", MANY_X), {"x": metric(within("a"))}, "VARIABLE_UNKNOWN",
        ["programme/metrics/x/where/name"]),
    ("a metric of a level of it", {}, {"x": metric(asks("member_tier", "at_least", "gold"))}, "VARIABLE_UNKNOWN",
        ["programme/metrics/x/where/name"]),
]  # fmt: skip


@pytest.mark.parametrize(("documents", "metrics", "code", "places"), [one[1:] for one in ROUND], ids=range(len(ROUND)))
def test_what_goes_round_in_circles_is_refused_where_it_does(documents, metrics, code, places):
    made = folder() | documents
    made["programme"]["metrics"] |= metrics

    found = faults(made)

    assert [(fault.code, f"{fault.path}{fault.pointer}") for fault in found] == [(code, place) for place in places]
    assert all(fault_text(fault, lang) for fault in found for lang in LANGUAGES)


@pytest.mark.parametrize(
    "reach",
    [within("a"), asks("tier_grade", "at_least", "silver"), asks("tier_layer", "at_least", "core")],
    ids=range(3),
)
def test_levels_that_hang_on_levels_are_decided_by_what_stands_and_end(reach):
    """A level, a segment of it and a metric since it: each reads what stood before, so that nothing is asked twice."""
    made = folder(one=earns(1)) | asked_of("a", {"any": [MANY_X, asks("member_tier", "at_least", "silver")]})
    del made["segments/young"]
    made["programme"]["metrics"]["x"] = metric(since="tier", ladder="grade")
    made["tiers/grade"]["levels"][2]["reach"] = reach
    made["tiers/layer"]["levels"][1]["reach"] = asks("member_tier", "at_least", "gold")

    assert faults(made) == []
    ruleset = compile_checked(looked_at(made))
    assert decided(ruleset).effects
    lint(looked_at(made))
