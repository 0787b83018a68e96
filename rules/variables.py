"""A variable: its name, its type, where it exists and what it is called. The catalogue of them is `rules/facts.py`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import locales
from rules.operators import TYPES, Type

WANTED = "member.enrol_wanted"  # An order or event of an identity that nobody has: there is no member yet.


class Mistyped(TypeError):
    """A fact of the wrong type reached a decision: a defect of whoever made the facts."""


@dataclass(frozen=True)
class Variable:
    """One variable. `kinds` None: on every event there is a member for (or, `anywhere`, on every event)."""

    name: str
    type: str
    group: str
    kinds: frozenset[str] | None = None
    anywhere: bool = False
    nullable: bool = False
    options: tuple[str, ...] = ()
    closed: bool = False  # A set whose members are the options and no others, even where there are none.
    scale: int = 0
    unit: str = ""
    least: int | None = None
    most: int | None = None
    of: str = ""  # The metric by which somebody is in a percentile or not.
    threshold: str = ""  # What the figure that one must have for it is kept under.
    labels: Mapping[str, str] = field(default_factory=dict, compare=False)
    option_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict, compare=False)

    @property
    def kind(self) -> Type:
        """The type with its operators."""
        return TYPES[self.type]

    @property
    def from_event(self) -> bool:
        """Whether the event's own body says it, so that a decision need not keep it."""
        return self.group in {"order", "line", "payload", "redemption", "tier_change", "time", "taking_part"}

    def exists_on(self, kind: str) -> bool:
        """Whether an event of this kind has it."""
        if self.kinds is None:
            return self.anywhere or kind != WANTED
        return kind in self.kinds

    def unknown_on(self, kind: str) -> bool:
        """Whether it can be None on this kind: an order's figures are, where an event may want enrolment too."""
        return self.nullable or (kind == WANTED and self.group in {"order", "line"})

    def label(self, lang: str) -> str:
        """What a person calls it."""
        return self.labels[lang] if self.labels else locales.text(f"variable.{self.name}", lang)

    def rank(self, value: Any) -> Any:
        """What is compared: the rank of a level (None for one the ladder lost), anything else as it is."""
        if self.type != "tier":
            return value
        return self.options.index(value) if value in self.options else None

    def fits(self, value: Any, kind: str | None = None) -> bool:
        """Whether a fact has the type that is declared here."""
        if value is None:
            return self.nullable if kind is None else self.unknown_on(kind)
        return value.__class__ in ((str,) if self.type == "tier" else self.kind.classes)


def variable(name: str, kind: str, group: str, kinds: Iterable[str] | None = None, **more: Any) -> Variable:
    """A row of the table below."""
    return Variable(name, kind, group, None if kinds is None else frozenset(kinds), **more)


def money(name: str, group: str, kinds: Iterable[str] | None, **more: Any) -> Variable:
    """A row for an amount; the programme's currency gives it its scale."""
    return variable(name, "money", group, kinds, unit="currency", **more)
