"""Refusals are codes with parameters; words are made from them where somebody reads.

Refused            the event or request is turned down; a receipt says so and is kept under its key
  Malformed        the input has a wrong shape or value; nothing is kept
  Forbidden        the caller lacks a scope; nothing is kept
  Throttled        too many are waiting; try again after `retry_after_ms`
"""

from collections.abc import Mapping, Sequence
from typing import Any

from locales import LANGUAGES, placeholders, text, texts

ELLIPSIS = "…"


class Refused(Exception):
    """Expected, and nobody's defect: `code` is one of the schema's ErrorCode, `params` fill its words."""

    def __init__(self, code: str, /, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class Malformed(Refused):
    """The input itself is wrong; `field` is a JSON pointer into it."""

    def __init__(self, code: str, /, field: str = "", **params: Any) -> None:
        super().__init__(code, field=field, **params)


class Forbidden(Refused):
    """The caller may not do this; `needs` names the scope that would."""

    def __init__(self, needs: str) -> None:
        super().__init__("FORBIDDEN", needs=needs)


class Throttled(Refused):
    """More is waiting than can be served; nothing was begun."""

    def __init__(self, retry_after_ms: int) -> None:
        super().__init__("THROTTLED", retry_after_ms=retry_after_ms)


def worded(code: str, params: Mapping[str, Any], lang: str) -> str:
    """A refusal in words: what is wrong, then what to do about it. A parameter nobody gave shows as an ellipsis rather
    than as a second error.
    """
    if code == "FORBIDDEN":
        needs = str(params.get("needs", ELLIPSIS))
        if needs == "member":
            return text("forbidden.member", lang)
        params = {"needs": text("forbidden.or", lang).join(needs.split(" or "))}
    if code == "REFUSED_BY_POLICY":  # What a marketer wrote stands alone, and says what to do itself.
        return _said(f"error.{code}", params, lang)
    return text("error.joined", lang, what=_said(f"error.{code}", params, lang), do=advice(code, params, lang))


def advice(code: str, params: Mapping[str, Any], lang: str) -> str:
    """What to do about a refusal."""
    return _said(f"error.{code}.do", params, lang)


def _said(key: str, params: Mapping[str, Any], lang: str) -> str:
    wanted = placeholders(texts(lang)[key])
    return text(key, lang, **{name: _shown(params.get(name, ELLIPSIS), lang) for name in wanted})


def every_language(code: str, /, **params: Any) -> dict[str, str]:
    """A text as a parameter: said in the reader's language when it is shown."""
    return {
        lang: text(code, lang, **{name: _shown(value, lang) for name, value in params.items()}) for lang in LANGUAGES
    }


def either(names: Sequence[str]) -> dict[str, str]:
    """One of these, in every language; where there are none, that."""
    if not names:
        return every_language("either.none")
    first, last = names[:-1], names[-1]
    if not first:
        return dict.fromkeys(LANGUAGES, last)
    return {
        lang: text("either.some", lang, first=text("either.comma", lang).join(first), last=last) for lang in LANGUAGES
    }


def _shown(value: Any, lang: str) -> Any:
    # What policies and programmes say comes in every language they speak.
    if isinstance(value, Mapping) and value.keys() & set(LANGUAGES):
        return value.get(lang) or next(iter(value.values()))
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or text("list.none", lang)
    return value
