"""Every text a person reads, in every language we speak: one flat dictionary a language, looked up by code."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from string import Formatter
from types import MappingProxyType

LANGUAGES = ("en", "zh-CN")
FALLBACK = "en"


@cache
def texts(lang: str) -> Mapping[str, str]:
    """All texts of one language, by code."""
    with resources.files(__name__).joinpath(f"{lang}.json").open(encoding="utf-8") as file:
        return MappingProxyType(json.load(file))


def language(*wanted: str | None) -> str:
    """The first of the wanted languages that we speak, a dialect counting as its language; else the fallback."""
    for lang in wanted:
        for ours in LANGUAGES:
            if lang and lang.lower().replace("_", "-").split("-")[0] == ours.split("-")[0]:
                return ours
    return FALLBACK


def text(code: str, lang: str, /, **params: object) -> str:
    """The text of a code in a language, its placeholders filled; KeyError for a code or a parameter that is not there.

    A placeholder is a bare name: a text can show a parameter, never reach into it.
    """
    return "".join(part + (str(params[name]) if name else "") for part, name in _parts(code, language(lang)))


def placeholders(template: str) -> frozenset[str]:
    """The names that a text wants filled; ValueError for anything but bare names."""
    return frozenset(name for _, name in _parse(template) if name)


@cache
def _parts(code: str, lang: str) -> tuple[tuple[str, str], ...]:
    return _parse(texts(lang)[code])


def _parse(template: str) -> tuple[tuple[str, str], ...]:
    parts = []
    for part, name, form, conversion in Formatter().parse(template):
        if name is not None and not (name.isidentifier() and not form and conversion is None):
            raise ValueError(f"not a bare placeholder: {{{name}}} in {template!r}")
        parts.append((part, name or ""))
    return tuple(parts)
