"""Documents before anybody trusts them: text to JSON within bounds, and JSON of which every node is looked at.

Nothing here recurses: a document 100,000 levels deep is refused like any other.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from rules.exact import MAGNITUDE_MAX
from rules.faults import Fault, at, shown

SIZE_MAX = 65_536
NESTING_MAX = 40  # Of the whole document; conditions have their own, tighter bound.
NODES_MAX = 20_000
PATH = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)*", re.ASCII)
PATH_MAX = 128
# A string that never ends is taken whole and never looked at twice: the scan stays linear whatever it is given.
TOKENS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
KEYS = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[{\]},]', re.DOTALL)
TYPOGRAPHIC = "“”‘’„«»＂"
BROKEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
INTEGER_DIGITS_MAX = 20


class Repeated(ValueError):
    """An object that names the same key twice."""


def canonical(document: Any) -> str:
    """The one text of a document: keys sorted, no spaces, nothing escaped that need not be."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def content_hash(document: Any) -> str:
    """What a version refers to: SHA-256 of the canonical text."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()


def parse(path: str, text: str | bytes) -> tuple[Any, list[Fault]]:
    """A document from its text, or why it is none."""
    size = len(text) if isinstance(text, bytes) else len(text.encode("utf-8", "surrogatepass"))
    if size > SIZE_MAX:
        return None, [Fault(path, "", "TOO_LARGE", {"size": size, "most": SIZE_MAX})]
    try:
        # A text read with surrogates in place of what was no UTF-8 is told as such, like the bytes themselves.
        text = (text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")).decode("utf-8")
    except UnicodeError:
        return None, [Fault(path, "", "NOT_UTF8")]
    if nesting(text) > NESTING_MAX:
        return None, [Fault(path, "", "TOO_DEEP", {"most": NESTING_MAX})]
    try:
        document = json.loads(
            text, object_pairs_hook=once, parse_constant=str_constant, parse_float=Decimal, parse_int=bounded
        )
    except Repeated:
        key, place = second(text)
        return None, [Fault(path, "", "KEY_REPEATED", {"key": shown(key), **position(text, place)})]
    except json.JSONDecodeError as error:
        cause = likely(text, error)
        return None, [Fault(path, "", "NOT_JSON", position(text, error.pos) | ({"cause": cause} if cause else {}))]
    return document, guard(path, document)


def nesting(text: str) -> int:
    """How deep the brackets of a JSON text go, those inside strings not counted."""
    depth = deepest = 0
    for token in TOKENS.finditer(text):
        if token[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif token[0] in "]}":
            depth -= 1
    return deepest


def position(text: str, place: int) -> dict[str, str | int]:
    """Line and column of a place, both from 1."""
    return {"line": text.count("\n", 0, place) + 1, "column": place - text.rfind("\n", 0, place)}


def second(text: str) -> tuple[str, int]:
    """The first key that its object has already, and where it stands: of a text whose objects are JSON up to there."""
    open_objects: list[set[str] | None] = []
    expects_key = False
    for token in KEYS.finditer(text):
        if token[0] in "{[":
            open_objects.append(set() if token[0] == "{" else None)
        elif token[0] in "}]":
            open_objects.pop()
        elif token[0] != "," and expects_key and open_objects and (keys := open_objects[-1]) is not None:
            key = str(json.loads(token[0]))
            if key in keys:
                return key, token.start()
            keys.add(key)
        expects_key = token[0] in "{,"
    return "", 0


def likely(text: str, error: json.JSONDecodeError) -> str | None:
    """What probably makes a text no JSON: quotes of a word processor, or a comma left out."""
    line = text[error.pos : error.pos + 1]
    if error.msg.startswith(("Unterminated", "Invalid control")):
        line = text[text.rfind("\n", 0, error.pos) + 1 :].partition("\n")[0]
    if any(mark in line for mark in TYPOGRAPHIC):
        return "quotes"
    return "comma" if "',' delimiter" in error.msg and line not in ("", "]", "}") else None


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, each of its keys once."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Repeated
    return made


def str_constant(name: str) -> Decimal:
    """NaN and Infinity, which are not JSON: kept as what they are, so that the guard can say where they stand."""
    return Decimal(name)


def bounded(digits: str) -> int:
    """A whole number; one of absurd length becomes just as absurd, and cheap."""
    return int(digits) if len(digits) <= INTEGER_DIGITS_MAX else 10**INTEGER_DIGITS_MAX


def walk(document: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every node with the steps that lead to it, without recursion."""
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    while waiting:
        steps, node = waiting.pop()
        yield steps, node
        if isinstance(node, Mapping):
            waiting += [((*steps, key), value) for key, value in node.items()]
        elif isinstance(node, list | tuple):
            waiting += [((*steps, index), value) for index, value in enumerate(node)]


def guard(path: str, document: Any) -> list[Fault]:
    """What no document may contain, wherever it stands: floats, huge numbers, broken text, endless nesting."""
    if not PATH.fullmatch(path) or len(path) > PATH_MAX:
        return [Fault(path, "", "BAD_PATH", {"path": shown(path)})]
    if not isinstance(document, Mapping):
        return [Fault(path, "", "WRONG_TYPE", {"expected": "object"})]
    faults: list[Fault] = []
    for count, (steps, node) in enumerate(walk(document)):
        if count > NODES_MAX:
            return [Fault(path, "", "TOO_LARGE", {"size": count, "most": NODES_MAX})]
        if len(steps) > NESTING_MAX:
            return [Fault(path, "", "TOO_DEEP", {"most": NESTING_MAX})]
        code = wrong(node)
        if code:
            faults.append(Fault(path, at(*steps), code, {"value": shown(str(node)), "most": MAGNITUDE_MAX}))
        if isinstance(node, Mapping) and any(wrong(key) or not isinstance(key, str) for key in node):
            faults.append(Fault(path, at(*steps), "BAD_TEXT"))
    if not faults and len(canonical(document).encode()) > SIZE_MAX:
        faults.append(Fault(path, "", "TOO_LARGE", {"size": len(canonical(document).encode()), "most": SIZE_MAX}))
    return faults


def wrong(node: Any) -> str | None:
    """The code of what is wrong with a single value, if anything is."""
    if node is None or isinstance(node, bool | Mapping | list | tuple):
        return None
    if isinstance(node, str):
        return None if node.isprintable() or printable(node) else "BAD_TEXT"
    if isinstance(node, int):
        return None if abs(node) <= MAGNITUDE_MAX else "NUMBER_TOO_LARGE"
    return "FLOAT" if isinstance(node, float | Decimal) else "WRONG_TYPE"


def printable(text: str) -> bool:
    """Whether text holds no control characters but line breaks and tabs, and no half of a surrogate pair."""
    return not BROKEN.search(text)
