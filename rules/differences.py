"""What differs between two folders of documents: which came, which went, and in those that stayed, field by field."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from rules.documents import canonical
from rules.faults import at

SHOWN_MAX = 120
Kind = Literal["added", "removed", "changed"]
Steps = tuple[str | int, ...]


@dataclass(frozen=True)
class Change:
    """One field: where it stands (in the older document if it went), and what it says on either side."""

    kind: Kind
    pointer: str
    before: Any = None
    after: Any = None

    def shown(self, side: Literal["before", "after"]) -> str:
        """A side as JSON, cut where it is long."""
        text = json.dumps(self.before if side == "before" else self.after, ensure_ascii=False)
        return text if len(text) <= SHOWN_MAX else text[: SHOWN_MAX - 1] + "…"


@dataclass(frozen=True)
class Difference:
    """One document that came, went, or says something else."""

    path: str
    kind: Kind
    changes: tuple[Change, ...] = ()


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Every document that differs, by path; how a text is laid out makes no difference."""
    found = []
    for path in sorted({*before, *after}):
        if path not in before:
            found.append(Difference(path, "added"))
        elif path not in after:
            found.append(Difference(path, "removed"))
        elif not same(before[path], after[path]):
            found.append(Difference(path, "changed", tuple(changes(before[path], after[path]))))
    return found


def changes(before: Any, after: Any, steps: Steps = ()) -> Iterator[Change]:
    """The smallest fields that differ."""
    if same(before, after):
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        # In the order they are written, what is new where it would be looked for: after the rest.
        for key in dict.fromkeys((*before, *after)):
            if key not in after:
                yield Change("removed", at(*steps, key), before=before[key])
            elif key not in before:
                yield Change("added", at(*steps, key), after=after[key])
            else:
                yield from changes(before[key], after[key], (*steps, key))
    elif isinstance(before, list) and isinstance(after, list):
        yield from items(before, after, steps)
    else:
        yield Change("changed", at(*steps), before, after)


def items(before: Sequence[Any], after: Sequence[Any], steps: Steps) -> Iterator[Change]:
    """The items of two lists, laid side by side so that as many as possible are the same."""
    was, now = [canonical(item) for item in before], [canonical(item) for item in after]
    matched = SequenceMatcher(None, was, now, autojunk=False).get_opcodes()
    for _, start, end, begin, until in (code for code in matched if code[0] != "equal"):
        paired = min(end - start, until - begin)
        for offset in range(paired):
            yield from changes(before[start + offset], after[begin + offset], (*steps, begin + offset))
        for index in range(start + paired, end):
            yield Change("removed", at(*steps, index), before=before[index])
        for index in range(begin + paired, until):
            yield Change("added", at(*steps, index), after=after[index])


def same(one: Any, other: Any) -> bool:
    """Whether two values are written the same: 1 is neither true nor "1"."""
    return canonical(one) == canonical(other)
