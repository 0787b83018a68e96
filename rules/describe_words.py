"""What the parts of a guide share: the page they are written on, and text that Markdown takes as text."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import locales
from rules import exact, words
from rules.rule import Definitions, Rule


@dataclass(frozen=True)
class Page:
    """One programme, told in one language; its policies in the order they are heard."""

    definitions: Definitions
    rules: tuple[Rule, ...]
    lang: str

    def money(self, amount: Decimal) -> str:
        """An amount that a document wrote."""
        minor = exact.floor(Fraction(amount) * 10**self.definitions.catalogue.currency_scale)
        return words.money(minor, self.definitions, self.lang)


def guide(code: str, lang: str, **params: object) -> str:
    """A phrase of the guide."""
    return locales.text(f"guide.{code}", lang, **params)


def bullet(text: str) -> str:
    """An item of a list."""
    return f"- {text}"


def clean(text: str) -> str:
    """Text of a document on one line, with nothing in it that Markdown would take for its own."""
    for mark in ("\\", "`", "*", "_", "[", "]", "<", "|", "#"):
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())
