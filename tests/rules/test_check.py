"""What is wrong with a document is said by code and place, in both languages, and it never becomes a ruleset."""

from typing import get_args

import pytest

import locales
from rules.compile import compile_ruleset
from rules.faults import Fault, Faulty, fault_text
from rules.parts import LANGUAGES, Warned
from tests.rules.faulty import (
    DEFINED,
    POLICIES,
    SOUND,
    asked,
    changed,
    limited,
    nested,
    wide,
    with_action,
    with_condition,
)
from tests.rules.lab import BY_LINE, DEFINITIONS, asks, earns, faults, folder, multiplies, rates


@pytest.mark.parametrize("number", range(len(POLICIES)), ids=lambda number: f"{number}-{POLICIES[number][2]}")
def test_a_faulty_policy_is_refused_by_code_and_place(number):
    document, pointer, code = POLICIES[number]
    documents = folder(wrong=document)

    found = {(fault.path, fault.pointer, fault.code) for fault in faults(documents)}

    assert ("earn/wrong", pointer, code) in found
    with pytest.raises(Faulty):
        compile_ruleset(documents)


@pytest.mark.parametrize("number", range(len(DEFINED)), ids=lambda number: f"{number}-{DEFINED[number][3]}")
def test_a_faulty_definition_is_refused_by_code_and_place(number):
    path, change, pointer, code = DEFINED[number]
    documents = changed(path, change)

    assert (path, pointer, code) in {(fault.path, fault.pointer, fault.code) for fault in faults(documents)}
    with pytest.raises(Faulty):
        compile_ruleset(documents)


def test_a_percentage_is_a_percentage():
    documents = changed("benefits/coupon", lambda one: one.update(kind="percent_off", value="101"))

    assert [fault.code for fault in faults(documents)] == ["OUT_OF_RANGE"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("earn/../../etc", "BAD_PATH"), ("Earn/base", "BAD_PATH"), ("/earn/base", "BAD_PATH"),
        ("earn//base", "BAD_PATH"), ("earn/base\n", "BAD_PATH"), ("earn/" + "a" * 128, "BAD_PATH"),
        ("earn", "FOLDER_UNKNOWN"), ("shelves/loyal", "FOLDER_UNKNOWN"), ("tiers/a/b", "BAD_PATH"),
    ],
)  # fmt: skip
def test_a_path_is_an_id(path, code):
    document = DEFINITIONS["tiers/layer"] if path.startswith("tiers") else SOUND

    assert [fault.code for fault in faults({**folder(), path: document})] == [code]


def test_without_a_programme_there_is_nothing_to_check_against():
    documents = folder(base=SOUND)
    del documents["programme"]

    assert [(fault.path, fault.code) for fault in faults(documents)] == [("programme", "PROGRAMME_MISSING")]


def test_policies_of_a_group_must_agree():
    best, first = ({"stacking": {"group": "g", "mode": mode}} for mode in ("best", "exclusive"))

    assert [(f.path, f.pointer, f.code) for f in faults(folder(a=earns(1, **best), b=earns(1, **first)))] == [
        ("earn/b", "/stacking/mode", "GROUP_MODES")
    ]
    assert [f.code for f in faults(folder(a=earns(1, **best), b=multiplies("2", **best)))] == ["GROUP_MIXED"]


def test_one_look_finds_all_there_is():
    document = {
        **with_condition({"all": [asks("__class__", "x"), asks("order_paid", "__eq__", 1)]}),
        "title": {"en": "Half"},
        "colour": "red",
    }
    document["actions"] = [{"name": "__init__"}, {"name": "earn_points", "params": {"points": "x"}}]

    assert {fault.pointer for fault in faults(folder(wrong=document))} == {
        "/title/zh-CN", "/colour", "/conditions/all/0/name", "/conditions/all/1/operator", "/actions/0/name",
        "/actions/1/params/points",
    }  # fmt: skip


@pytest.mark.parametrize(
    "document",
    [
        SOUND, nested(8), wide(200), earns(1, valid={"from": "2026-11-01", "until": "2026-11-01"}),
        earns(1, scope="line", conditions=asks("line_tags", "contains_any", ["a", "b"])), rates(**BY_LINE),
        limited(budget="autumn", points_per_member_per_quarter=3), asked("order_paid", "is_set", True),
        with_action("price_fixed", {"benefit": "coupon", "points": 5}, on="points.redeem",
            conditions=asks("redeem_basket", "greater_than", "5.00")),
    ],
)  # fmt: skip
def test_what_is_just_within_bounds_is_taken(document):
    assert faults(folder(fine=document)) == []


@pytest.mark.parametrize(
    ("document", "near"),
    [
        (asked("member_teir", "equal_to", "gold"), "member_tier"),
        (asked("order_pade", "is_set"), "order_paid"),
        (asked("order_paid", "greater_then", "1.00"), "greater_than"),
        (with_action("earn_point", {"points": 1}), "earn_points"),
        ({**SOUND, "on": ["order.payed"]}, "order.paid"),
        ({**SOUND, "titel": "x"}, "title"),
    ],
)
def test_the_nearest_name_comes_before_the_list(document, near):
    (fault, *_) = [one for one in faults(folder(wrong=document)) if one.code.endswith("_UNKNOWN")]

    assert f"Did you mean {near}? " in fault_text(fault, "en")
    assert f"您要写的是 {near} 吗？" in fault_text(fault, "zh-CN")


def test_a_name_like_none_has_no_nearest():
    (fault,) = [one for one in faults(folder(wrong={**SOUND, "zzzz": 1})) if one.code == "FIELD_UNKNOWN"]

    assert "Did you mean" not in fault_text(fault, "en")


def every_code() -> set[str]:
    return {key.removeprefix("fault.") for key in locales.texts("en") if key.startswith("fault.")}


def test_every_fault_is_worded_in_both_languages():
    produced: dict[str, Fault] = {}
    for document, *_ in POLICIES:
        produced |= {fault.code: fault for fault in faults(folder(wrong=document))}
    for path, change, *_ in DEFINED:
        produced |= {fault.code: fault for fault in faults(changed(path, change))}

    for fault in produced.values():
        texts = [fault_text(fault, lang) for lang in LANGUAGES]
        assert all(texts)
        assert texts[0] != texts[1]
    assert set(produced) <= every_code()
    elsewhere = {
        "BAD_PATH", "FOLDER_UNKNOWN", "PROGRAMME_MISSING", "GROUP_MODES", "GROUP_MIXED", "EXAMPLES_TOO_FEW",
        "TOO_LARGE", "TOO_DEEP", "NOT_UTF8", "NOT_JSON", "KEY_REPEATED", "VALUE_MOMENT", "INVALID",
        "METRIC_NOT_RANKED", "STEP_EARLIER", "LADDER_NOT_SAID", "PRIZE_COUNTED",
    }  # fmt: skip
    assert every_code() - set(produced) <= elsewhere | set(get_args(Warned))
