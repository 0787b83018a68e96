"""The schemas that editors read: valid, true to every programme's documents, and closed to names that do not exist."""

import json
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from rules import files, schemas
from rules.actions import ACTIONS
from rules.check import check
from tests.rules.faulty import POLICIES, SOUND, with_condition
from tests.rules.lab import DEFINITIONS, asks, lab

ROOT = Path(__file__).parents[2]
FOLDERS = sorted([*(ROOT / "rules/programmes").iterdir(), *(ROOT / "tests/data/programmes").iterdir()])
LAB = lab().definitions
# What a schema can tell without looking at anything else.
TOLD = {
    "FIELD_UNKNOWN", "FIELD_MISSING", "LANGUAGE_MISSING", "EVENT_UNKNOWN", "ACTION_UNKNOWN", "VARIABLE_UNKNOWN",
    "OPERATOR_UNKNOWN", "VALUE_OPTION", "WALLET_UNKNOWN", "BENEFIT_UNKNOWN", "BUDGET_UNKNOWN", "GROUP_NOT_ALONE",
    "VALUE_LIST", "VALUE_NOT_WANTED", "VALUE_MANY", "VALUE_DATE", "NOT_ALLOWED", "WRONG_TYPE", "BAD_LENGTH",
}  # fmt: skip
UNTOLD = {"examples", "steps", "table"}  # What is right there depends on something else.


@cache
def validator(kind, folder=None):
    definitions = LAB if folder is None else check(files.documents(folder)).definitions
    schema = schemas.document(kind, definitions)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def kind_of(path):
    first = path.split("/")[0]
    return first if first in schemas.KINDS else "policy"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_document_of_every_programme_is_valid_by_its_schema(folder):
    wrong = {}
    for path, document in files.documents(folder).items():
        wrong[path] = [error.message for error in validator(kind_of(path), folder).iter_errors(document)]

    assert {path: found for path, found in wrong.items() if found} == {}


def test_the_definitions_of_the_lab_are_valid_by_theirs():
    for path, document in DEFINITIONS.items():
        assert list(validator(kind_of(path)).iter_errors(document)) == [], path


@pytest.mark.parametrize("kind", schemas.KINDS)
def test_a_schema_without_a_programme_is_a_schema_too(kind):
    Draft202012Validator.check_schema(schemas.document(kind))
    assert json.loads(json.dumps(schemas.document(kind))) == schemas.document(kind)


def test_a_schema_refuses_what_it_can_tell():
    told = [(document, pointer, code) for document, pointer, code in POLICIES
            if code in TOLD and not set(pointer.split("/")) & UNTOLD]  # fmt: skip

    taken = [(pointer, code) for document, pointer, code in told if validator("policy").is_valid(document)]

    assert len(told) > 60
    assert taken == []


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda one: one["metrics"]["growth_365d"].update(wallet="gold"), "programme"),
        (lambda one: one.update(ladder="stairs"), "programme"),
        (lambda one: one["budgets"]["autumn"].update(wallet="gold"), "programme"),
        (lambda one: one["levels"][1].update(reach=asks("spend_9d", "is_set")), "tiers/grade"),
        (lambda one: one["levels"][1].update(reach=asks("member_tier", "at_least", "platinum")), "tiers/grade"),
        (lambda one: one.update(available_to=asks("member_tier", "greater_than", "gold")), "benefits/coupon"),
        (lambda one: one.update(kind="yacht"), "benefits/coupon"),
    ],
    ids=range(7),
)
def test_names_that_do_not_exist_are_refused_in_definitions(change, place):
    document = json.loads(json.dumps(DEFINITIONS[place]))
    change(document)

    assert not validator(kind_of(place)).is_valid(document)


def test_every_question_is_completed_by_its_variable():
    for one in LAB.catalogue.variables.values():
        for row in one.kind.operators.values():
            wrong = "a value" if row.input == "none" else {"no": "value"}
            assert not validator("policy").is_valid(with_condition(asks(one.name, row.name, wrong))), (
                one.name,
                row.name,
            )


def test_actions_are_told_apart_by_name():
    schema = schemas.document("policy", LAB)

    assert {one["properties"]["name"]["const"] for one in schema["$defs"]["Action"]["oneOf"]} == set(ACTIONS)
    assert validator("policy").is_valid(SOUND)


@pytest.mark.parametrize(
    ("audience", "right"),
    [
        ({"segments": ["friends"]}, True),
        ({"segments": ["friends", "foes"]}, False),
        ({"not_segments": ["foes"]}, False),
        ({"tiers": {"at_least": "gold"}}, True),
        ({"tiers": {"at_least": "golden"}}, False),
        ({"tiers": {"ladder": "layer", "one_of": ["core", "premier"]}}, True),
        ({"tiers": {"ladder": "layer", "one_of": ["core", "corner"]}}, False),
        ({"tiers": {"ladder": "stairs", "at_least": "gold"}}, False),
        ({"consents": ["marketing"]}, True),
        ({"consents": ["telepathy"]}, False),
        ({"tags": ["anything"]}, True),
    ],
    ids=range(11),
)
def test_an_audience_is_completed_by_what_the_programme_declares(audience, right):
    assert validator("policy").is_valid({**SOUND, "audience": audience}) is right
