"""A programme as files: read within bounds, written in one form, hashed by what it says."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import files
from rules.documents import canonical, content_hash, parse
from rules.faults import Faulty
from tests.rules.documents import conditions
from tests.rules.faulty import SOUND
from tests.rules.lab import DEFINITIONS, folder


def test_a_folder_is_read_by_path_and_everything_else_is_left_alone(tmp_path):
    (tmp_path / "earn").mkdir()
    (tmp_path / "earn/base.json").write_text(json.dumps(SOUND))
    (tmp_path / "README.md").write_text("not a document")

    found = files.read_folder(tmp_path)

    assert found == {"earn/base": (json.dumps(SOUND), SOUND)}
    assert files.documents(tmp_path) == {"earn/base": SOUND}


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    (tmp_path / "inside").mkdir()
    (tmp_path / "secret.json").write_text("{}")
    (tmp_path / "inside/link.json").symlink_to(tmp_path / "secret.json")

    assert files.read_folder(tmp_path / "inside") == {}


def test_every_unreadable_file_is_named(tmp_path):
    for name, text in (("a", "{"), ("b", "[]"), ("c", '{"x": 1.5}'), ("d", "{}")):
        (tmp_path / f"{name}.json").write_text(text)

    with pytest.raises(Faulty) as caught:
        files.read_folder(tmp_path)

    assert [(fault.path, fault.code) for fault in caught.value.faults] == [
        ("a", "NOT_JSON"), ("b", "WRONG_TYPE"), ("c", "FLOAT"),
    ]  # fmt: skip


@pytest.mark.parametrize("path", [*DEFINITIONS, "earn/base"])
def test_writing_and_reading_gives_the_same_document_and_is_stable(path):
    document = {**DEFINITIONS, "earn/base": SOUND}[path]

    text = files.written(path, document)

    assert parse(path, text) == (document, [])
    assert files.written(path, json.loads(text)) == text
    assert text.endswith("}\n")
    assert max(len(line) for line in text.splitlines()) <= files.WIDTH + 1


@given(conditions)
def test_any_condition_survives_the_file(condition):
    document = {**SOUND, "conditions": condition}

    assert parse("earn/base", files.written("earn/base", document)) == (document, [])


def test_fields_come_in_the_order_of_the_reference():
    shuffled = dict(sorted(SOUND.items()))

    assert list(json.loads(files.written("earn/base", shuffled))) == ["title", "on", "actions", "examples"]


def test_a_hash_is_of_what_a_document_says_not_of_how_it_is_written():
    shuffled = dict(sorted(SOUND.items(), reverse=True))

    assert content_hash(shuffled) == content_hash(SOUND)
    assert content_hash({**SOUND, "priority": 1}) != content_hash(SOUND)
    assert len(content_hash(SOUND)) == 64
    assert canonical({"b": 1, "a": "金"}) == '{"a":"金","b":1}'


@given(st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3), max_size=4))
def test_canonical_text_says_the_same(document):
    assert json.loads(canonical(document)) == document


def test_a_folder_of_the_lab_can_be_written_and_read_back(tmp_path):
    documents = folder(base=SOUND)
    for path, document in documents.items():
        file = tmp_path / f"{path}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(files.written(path, document))

    assert files.documents(tmp_path) == documents
