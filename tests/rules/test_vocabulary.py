"""What editors are offered: complete, worded in both languages, and a schema that takes what the check takes."""

import json
from typing import get_args

import pytest
from jsonschema import Draft202012Validator

import locales
from rules import action_words, examples, samples, schemas, telling, vocabulary
from rules.actions import ACTIONS
from rules.check_conditions import Reader
from rules.effects import EarnPoints, Effect
from rules.parts import LANGUAGES
from tests.rules.faulty import POLICIES, SOUND, nested
from tests.rules.lab import BY_LINE, asks, earns, faults, folder, lab, multiplies, policy, rates

RULES = lab()
WORDS = vocabulary.vocabulary(RULES.definitions)
POLICY = schemas.document("policy", RULES.definitions)


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
    validator = Draft202012Validator(POLICY)
    Draft202012Validator.check_schema(POLICY)
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
    validator = Draft202012Validator(POLICY)
    codes = {
        "EVENT_UNKNOWN",
        "FIELD_UNKNOWN",
        "ACTION_UNKNOWN",
        "OPERATOR_UNKNOWN",
        "VARIABLE_UNKNOWN",
        "FIELD_MISSING",
    }

    for document, pointer, code in POLICIES:
        if code in codes - {"OPERATOR_UNKNOWN"} and not set(pointer.split("/")) & {"examples", "steps", "table"}:
            assert not validator.is_valid(document), (pointer, code)


def test_every_variable_and_every_action_comes_with_an_example_that_is_sound():
    for one in RULES.definitions.catalogue.variables.values():
        asked = samples.question(one)
        kinds = sorted(kind for kind in RULES.definitions.catalogue.kinds if one.exists_on(kind))[:1]
        reader = Reader("earn/sample", RULES.definitions.catalogue, kinds, lines=True)
        assert reader.read(asked) is not None, (asked, reader.faults)
    for name, kind in ACTIONS.items():
        made = samples.action(name, RULES.definitions)
        if made is None:
            assert name == "extend_tier"  # No level of the lab has an end that could be put off.
            continue
        event = next(event for event in sorted(RULES.definitions.catalogue.kinds) if kind.allowed_on(event)
                     and (event == "order.paid" or not kind.allowed_on("order.paid")))  # fmt: skip
        assert faults(folder(sample=policy((name, made.get("params", {})), on=event))) == [], name


def test_nothing_can_be_wished_for_that_cannot_be_told_printed_or_written():
    kinds = set(get_args(Effect)) - {EarnPoints}  # What earns is told with its arithmetic, and printed by line.

    assert set(telling.EFFECTS) == kinds
    assert set(examples.PRINTED) == kinds
    assert set(samples.ACTIONS) == set(ACTIONS)
    assert set(action_words.WORDS) == {kind.params for kind in ACTIONS.values()}
    assert {one["name"] for one in WORDS["actions"]} == set(ACTIONS)
    for name in ACTIONS:
        assert vocabulary.action_schema(name, {})["properties"]["name"]["const"] == name
        for lang in LANGUAGES:
            assert f"action.{name}" in locales.texts(lang), name
