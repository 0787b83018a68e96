"""Where a JSON pointer is in the text of its document: line and column, for people and their editors."""

import json
import re
from collections.abc import Iterator

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+', re.DOTALL)

Place = tuple[int, int]


def places(text: str) -> dict[str, Place]:
    """Every pointer of a document with its value's line and column, from 1. A broken text gives what it can."""
    found: dict[str, Place] = {}
    for pointer, offset in _values(text):
        line = text.count("\n", 0, offset) + 1
        found.setdefault(pointer, (line, offset - text.rfind("\n", 0, offset)))
    return found


def place(text: str, pointer: str) -> Place:
    """Where a pointer is; what is missing is shown where it should be, at the nearest thing around it."""
    known = places(text)
    while pointer not in known and pointer:
        pointer = pointer.rpartition("/")[0]
    return known.get(pointer, (1, 1))


class _Around:
    """An object or array that is open: its pointer, and the key or index of the value that comes next."""

    def __init__(self, pointer: str, *, is_object: bool) -> None:
        self.pointer = pointer
        self.is_object = is_object
        self.step: str | int | None = None if is_object else 0

    def next(self) -> None:
        """After a comma."""
        self.step = None if self.is_object else int(self.step or 0) + 1


def _values(text: str) -> Iterator[tuple[str, int]]:
    around: list[_Around] = []
    for token in TOKEN.finditer(text):
        sign = token[0]
        if sign in "]}":
            if around:
                around.pop()
        elif sign == ",":
            if around:
                around[-1].next()
        elif sign == ":":
            continue
        elif around and around[-1].is_object and around[-1].step is None:
            around[-1].step = _key(sign)
        else:
            pointer = f"{around[-1].pointer}/{_escaped(around[-1].step)}" if around else ""
            yield pointer, token.start()
            if sign in "[{":
                around.append(_Around(pointer, is_object=sign == "{"))


def _key(token: str) -> str:
    try:
        return str(json.loads(token, strict=False))
    except ValueError:
        return token


def _escaped(step: str | int | None) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")
