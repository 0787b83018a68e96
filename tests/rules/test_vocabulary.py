"""What editors are offered: complete, worded in both languages, and a schema that takes what the check takes."""

import json

import pytest
from jsonschema import Draft202012Validator

from rules import vocabulary
from rules.actions import ACTIONS
from rules.policy import LANGUAGES
from tests.rules.faulty import POLICIES, SOUND, nested
from tests.rules.lab import BY_LINE, asks, earns, faults, folder, lab, multiplies, rates

RULES = lab()
WORDS = vocabulary.vocabulary(RULES.definitions)


def test_everything_a_policy_can_name_is_there_with_its_words():
    assert {one["name"] for one in WORDS["variables"]} == set(RULES.definitions.catalogue.variables)
    assert {one["name"] for one in WORDS["actions"]} == set(ACTIONS)
    assert {one["kind"] for one in WORDS["events"]} == RULES.definitions.catalogue.kinds
    for group in ("variables", "actions", "events"):
        assert all(set(one["label"]) == set(LANGUAGES) and all(one["label"].values()) for one in WORDS[group])
    for rows in WORDS["operators"].values():
        assert all(set(row["phrase"]) == set(LANGUAGES) for row in rows)


def test_options_come_from_the_programme():
    by_name = {one["name"]: one for one in WORDS["variables"]}

    assert [one["value"] for one in by_name["member_tier"]["options"]] == ["normal", "silver", "gold"]
    assert by_name["member_tier"]["options"][2]["label"] == {"en": "Gold", "zh-CN": "金卡"}
    assert by_name["hour"]["range"] == [0, 23]
    assert by_name["payload_rating"]["on"] == ["review.written"]
    assert "order.paid" not in by_name["redeem_benefit"]["on"]


def test_it_is_plain_json():
    assert json.loads(json.dumps(WORDS)) == WORDS


@pytest.mark.parametrize("kind", sorted(vocabulary.SCHEMAS))
def test_every_schema_is_a_schema(kind):
    Draft202012Validator.check_schema(vocabulary.schema(kind))


def test_the_schema_of_a_policy_takes_what_is_sound():
    validator = Draft202012Validator(WORDS["schema"])
    Draft202012Validator.check_schema(WORDS["schema"])
    fine = [
        SOUND,
        nested(3),
        rates(**BY_LINE),
        multiplies("1.5"),
        earns(5, conditions=asks("order_is_first", "is_true")),
    ]

    for document in fine:
        assert faults(folder(fine=document)) == []
        assert list(validator.iter_errors(json.loads(json.dumps(document)))) == []


def test_the_schema_refuses_unknown_names_and_fields():
    validator = Draft202012Validator(WORDS["schema"])
    codes = {
        "EVENT_UNKNOWN",
        "FIELD_UNKNOWN",
        "ACTION_UNKNOWN",
        "OPERATOR_UNKNOWN",
        "VARIABLE_UNKNOWN",
        "FIELD_MISSING",
    }

    for document, pointer, code in POLICIES:
        if code in codes and not pointer.startswith("/examples") and code != "OPERATOR_UNKNOWN":
            assert not validator.is_valid(document), (pointer, code)
