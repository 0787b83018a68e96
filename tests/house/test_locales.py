"""Every text exists in every language, with the same placeholders, and lies where one looks for it."""

import ast
import json
import re
from collections.abc import Iterator

import pytest

from locales import LANGUAGES, placeholders, texts
from schema.problems import ErrorCode
from tests.house.tree import ROOT, Module, modules, parse

# Each refusal, and what it brings to its words besides the keywords it is raised with.
REFUSALS: dict[str, set[str]] = {
    "Refused": set(),
    "Malformed": {"field"},
    "Forbidden": {"needs"},
    "Throttled": {"retry_after_ms"},
}
OTHERS = [lang for lang in LANGUAGES if lang != "en"]


def raw(lang: str) -> str:
    return (ROOT / "locales" / f"{lang}.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", OTHERS)
def test_both_languages_say_the_same_things(lang):
    assert sorted(texts(lang)) == sorted(texts("en"))


@pytest.mark.parametrize("lang", OTHERS)
def test_a_text_wants_the_same_words_filled_in_every_language(lang):
    shared = texts("en").keys() & texts(lang).keys()

    assert [code for code in shared if placeholders(texts("en")[code]) != placeholders(texts(lang)[code])] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_text_is_empty(lang):
    assert [code for code, text in texts(lang).items() if not text.strip()] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_file_is_sorted_and_has_one_text_a_line(lang):
    assert raw(lang) == json.dumps(dict(sorted(texts(lang).items())), ensure_ascii=False, indent=2) + "\n"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_code_is_written_twice(lang):
    codes = json.loads(raw(lang), object_pairs_hook=lambda pairs: [code for code, _ in pairs])

    assert len(codes) == len(set(codes))


def test_chinese_texts_are_chinese():
    alike = [code for code, text in texts("zh-CN").items() if text == texts("en").get(code)]

    # Only what is nothing but placeholders and names may read the same in both.
    assert [code for code in alike if any(word.isalpha() and word.islower() for word in bare(texts("en")[code]))] == []


def bare(text: str) -> list[str]:
    for name in placeholders(text):
        text = text.replace(f"{{{name}}}", " ")
    return text.split()


def speechless(module: Module) -> Iterator[str]:
    """Refusals whose code has no words, or whose words want something that is not handed to them."""
    for call in module.nodes(ast.Call):
        name = ast.unparse(call.func).split(".")[-1]
        match call.args:
            case [ast.Constant(value=str(code)), *_] if name in REFUSALS and code.isupper():
                bare = code == "REFUSED_BY_POLICY"
                said = [texts("en").get(key) for key in (f"error.{code}", *(() if bare else (f"error.{code}.do",)))]
                if None in said:
                    yield f"{module.at(call)} {code} lacks words: error.{code}, or error.{code}.do"
                    continue
                wanted = frozenset().union(*(placeholders(template) for template in said if template))
                given = {word.arg for word in call.keywords}
                if None not in given and (lacking := wanted - given - REFUSALS[name]):
                    yield f"{module.at(call)} {code} wants {sorted(lacking)}"


def test_every_refusal_has_words_and_what_they_want():
    assert [fault for module in modules() for fault in speechless(module)] == []


def errors() -> set[str]:
    """Every code that has words, be it of the API or of the command line."""
    keys = (key.removeprefix("error.") for key in texts("en") if key.startswith("error."))
    return {key.removesuffix(".do") for key in keys} - {"joined"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_says_what_is_wrong_and_what_to_do(lang):
    said = texts(lang)

    bare = {"REFUSED_BY_POLICY"}  # The policy's own words stand alone.
    assert [code for code in errors() - bare if f"error.{code}" not in said or f"error.{code}.do" not in said] == []
    # A sentence each, so that one can be shown without the other.
    ends = ("。",) if lang == "zh-CN" else (".",)
    open_ended = {"DOCUMENT_INVALID", "REFUSED_BY_POLICY"}  # What they quote brings its own end.
    assert [code for code in sorted(errors() - open_ended) if not said[f"error.{code}"].endswith(ends)] == []
    assert [code for code in sorted(errors() - bare) if not said[f"error.{code}.do"].endswith(ends)] == []


def test_every_code_of_the_api_is_said_somewhere_and_worded():
    declared = re.compile(r"^    (\w+) = \"\1\"$", re.MULTILINE)  # Being in the enum is not being said.
    source = "".join(declared.sub("", module.source) for module in modules())
    codes = set(ErrorCode.__members__)

    assert sorted(code for code in codes if f'"{code}"' not in source) == []
    assert sorted(codes - errors()) == []
    assert sorted(code for code in errors() - codes if not code.startswith("IMPORT_")) == []


@pytest.mark.parametrize("line", ['raise Refused("NEVER_WORDED")', 'raise refusals.Refused("TOO_LATE", day=4)'])
def test_a_refusal_without_its_words_is_seen(line):
    assert list(speechless(parse("loyalty/planted.py", line)))
