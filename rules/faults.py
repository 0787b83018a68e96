"""What is wrong with a document, where, and what is allowed there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

import locales

NEAR = 0.5  # How alike a name must be to be what was meant.

ALLOWED_SHOWN = 30  # A list longer than this helps nobody.
SHOWN_MAX = 80


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: in which document, at which JSON pointer (RFC 6901), by code."""

    path: str
    pointer: str
    code: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    severity: Literal["error", "warning"] = "error"


class Faulty(Exception):
    """Documents that cannot be a ruleset, with everything that is wrong with them."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.path}{fault.pointer}: {fault.code}" for fault in faults[:5]))
        self.faults = tuple(faults)


def fault_text(fault: Fault, lang: str) -> str:
    """The fault in words: what is wrong and what is allowed."""
    params = dict(fault.params)
    if "allowed" in params:
        params["allowed"] = listed(str(params["allowed"]).split(", "))
    return locales.text(f"fault.{fault.code}", lang, **(params | {"hint": hint(fault, lang)}))


def hint(fault: Fault, lang: str) -> str:
    """What was probably meant, or what probably went wrong."""
    if "cause" in fault.params:
        return locales.text(f"hint.{fault.params['cause']}", lang, **fault.params)
    asked, allowed = fault.params.get("name", fault.params.get("field")), fault.params.get("allowed")
    near = get_close_matches(str(asked), str(allowed).split(", "), 1, NEAR) if asked and allowed else []
    return locales.text("hint.nearest", lang, name=near[0]) if near else ""


def at(*steps: str | int) -> str:
    """A JSON pointer from its steps."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)


def known(names: Iterable[str]) -> str:
    """All the names there are: the nearest may be any of them, and it is the words that are cut."""
    return ", ".join(names)


def listed(allowed: Iterable[object]) -> str:
    """What is allowed, as one line."""
    names = [str(name) for name in allowed]
    return ", ".join(names[:ALLOWED_SHOWN]) + (" …" if len(names) > ALLOWED_SHOWN else "")


def shown(value: object) -> str:
    """A value from a document, short enough to print and harmless to."""
    text = value if isinstance(value, str) else repr(value)
    text = "".join(char if char.isprintable() else "·" for char in text[: SHOWN_MAX + 1])
    return text if len(text) <= SHOWN_MAX else text[:SHOWN_MAX] + "…"
