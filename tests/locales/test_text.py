"""Texts by code: the reader's language, filled in, and nothing but filled in."""

import pytest

import locales


@pytest.fixture
def lines(monkeypatch):
    """Two languages with a greeting each, instead of the product's own texts."""
    greetings = {"en": {"cli.hello": "Hello {name}, {{really}}"}, "zh-CN": {"cli.hello": "你好，{name}"}}
    monkeypatch.setattr(locales, "texts", greetings.__getitem__)
    locales._parts.cache_clear()
    yield greetings
    locales._parts.cache_clear()


def test_a_text_is_told_in_the_language_asked_for(lines):
    assert locales.text("cli.hello", "zh-CN", name="林") == "你好，林"
    assert locales.text("cli.hello", "en", name="Lin") == "Hello Lin, {really}"


def test_what_a_parameter_says_is_never_read_as_a_placeholder(lines):
    assert locales.text("cli.hello", "zh-CN", name="{name} {0} {}") == "你好，{name} {0} {}"


def test_a_code_nobody_wrote_is_an_error(lines):
    with pytest.raises(KeyError, match=r"cli\.bye"):
        locales.text("cli.bye", "en")


def test_a_parameter_left_out_is_an_error(lines):
    with pytest.raises(KeyError, match="name"):
        locales.text("cli.hello", "en")


@pytest.mark.parametrize("template", ["{name.__class__}", "{name[0]}", "{name!r}", "{name:>9}", "{}", "{0}"])
def test_a_text_can_show_a_parameter_but_not_reach_into_it(template):
    with pytest.raises(ValueError, match="not a bare placeholder"):
        locales.placeholders(template)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (["zh-CN"], "zh-CN"),
        (["zh"], "zh-CN"),
        (["zh_TW"], "zh-CN"),
        (["en-GB"], "en"),
        (["fr", "zh-CN"], "zh-CN"),
        ([None, "zh-CN"], "zh-CN"),
        (["fr"], "en"),
        ([], "en"),
    ],
)
def test_a_reader_gets_the_first_language_that_we_speak(wanted, found):
    assert locales.language(*wanted) == found
