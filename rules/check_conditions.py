"""Conditions of a document against the catalogue: typed trees, or every fault with its pointer."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from rules.conditions import All, Condition, Leaf, Lines, Not, Some, Unfit, read_value
from rules.facts import Catalogue, Variable
from rules.faults import Fault, at, known, listed, shown
from rules.operators import Operator

DEPTH_MAX = 8
WIDTH_MAX = 200
GROUPS: Mapping[str, type[All] | type[Some]] = {"all": All, "any": Some}
QUANTIFIERS = ("any_line", "every_line", "lines")
WORDS = ("all", "any", "not", *QUANTIFIERS)
ORDER = "order.paid"
COUNTED = ("at_least", "where")
LINES_MAX = 1_000
LEAF = ("name", "operator", "value")
Steps = tuple[str | int, ...]


class Wrong(Exception):
    """A node that is no condition: where, and why."""

    def __init__(self, steps: Steps, code: str, **params: str | int) -> None:
        super().__init__(code)
        self.steps, self.code, self.params = steps, code, params


@dataclass
class Reader:
    """Reads the conditions of one document; `kinds` are the events they must make sense on, None for definitions."""

    path: str
    catalogue: Catalogue
    kinds: Collection[str] | None
    lines: bool = False  # Whether it is asked of one line: then there are no others to ask.
    faults: list[Fault] = field(default_factory=list)
    count: int = 0
    inside: bool = False  # Inside a quantifier, where each line has its say.

    def read(self, raw: object, *steps: str | int) -> Condition | None:
        """A typed condition, or None with the faults noted. It goes no deeper than DEPTH_MAX, whatever it is given."""
        return self._read(raw, steps, 0)

    def _read(self, raw: object, steps: Steps, depth: int) -> Condition | None:
        try:
            return self._node(raw, steps, depth)
        except Wrong as wrong:
            self.faults.append(Fault(self.path, at(*wrong.steps), wrong.code, wrong.params))
            return None

    def _node(self, raw: object, steps: Steps, depth: int) -> Condition | None:
        if not isinstance(raw, Mapping):
            raise Wrong(steps, "WRONG_TYPE", expected="object")
        word = next((word for word in WORDS if word in raw), None)
        if word is None:
            return self._leaf(raw, steps)
        if len(raw) > 1:
            raise Wrong(steps, "GROUP_NOT_ALONE", group=word, others=listed(shown(key) for key in raw if key != word))
        if depth == DEPTH_MAX:
            raise Wrong(steps, "CONDITIONS_TOO_DEEP", most=DEPTH_MAX)
        if word == "not":
            part = self._read(raw["not"], (*steps, "not"), depth + 1)
            return None if part is None else Not(part)
        if word in QUANTIFIERS:
            return self._lines(word, raw[word], (*steps, word), depth)
        return self._group(word, raw[word], (*steps, word), depth)

    def _group(self, word: str, raw: object, steps: Steps, depth: int) -> Condition | None:
        if not isinstance(raw, list | tuple):
            raise Wrong(steps, "WRONG_TYPE", expected="array")
        if not raw:
            raise Wrong(steps, "GROUP_EMPTY", group=word)
        if len(raw) > WIDTH_MAX:
            raise Wrong(steps, "CONDITIONS_TOO_MANY", most=WIDTH_MAX)
        parts = [self._read(part, (*steps, index), depth + 1) for index, part in enumerate(raw)]
        known = tuple(part for part in parts if part is not None)
        return GROUPS[word](known) if len(known) == len(parts) else None

    def _lines(self, word: str, raw: object, steps: Steps, depth: int) -> Condition | None:
        if self.inside:
            raise Wrong(steps, "LINES_WITHIN_LINES", group=word)
        if self.lines or self.kinds is None or set(self.kinds) != {ORDER}:
            raise Wrong(steps, "LINES_NOT_HERE", group=word, allowed=ORDER)
        count = 1
        if word == "lines":
            count, raw, steps = self._least(raw, steps)
        self.inside = True
        part = self._read(raw, steps, depth + 1)
        self.inside = False
        return None if part is None else Lines(word, count, part)

    def _least(self, raw: object, steps: Steps) -> tuple[int, object, Steps]:
        if not isinstance(raw, Mapping):
            raise Wrong(steps, "WRONG_TYPE", expected="object")
        for key in raw:
            if key not in COUNTED:
                raise Wrong((*steps, key), "FIELD_UNKNOWN", field=shown(key), allowed=listed(COUNTED))
        for key in COUNTED:
            if key not in raw:
                raise Wrong(steps, "FIELD_MISSING", field=key)
        least = raw["at_least"]
        if type(least) is not int:
            raise Wrong((*steps, "at_least"), "WRONG_TYPE", expected="integer")
        if not 1 <= least <= LINES_MAX:
            raise Wrong((*steps, "at_least"), "OUT_OF_RANGE", allowed=f"1 … {LINES_MAX}")
        return least, raw["where"], (*steps, "where")

    def _leaf(self, raw: Mapping[str, Any], steps: Steps) -> Condition | None:
        self.count += 1
        if self.count == WIDTH_MAX + 1:
            raise Wrong((), "CONDITIONS_TOO_MANY", most=WIDTH_MAX)
        if self.count > WIDTH_MAX:
            return None
        for key in raw:
            if key not in LEAF:
                raise Wrong((*steps, key), "FIELD_UNKNOWN", field=shown(key), allowed=listed((*LEAF, *WORDS)))
        for key in ("name", "operator"):
            if key not in raw:
                raise Wrong(steps, "FIELD_MISSING", field=key)
        variable = self._variable(raw["name"], (*steps, "name"))
        operator = self._operator(variable, raw["operator"], (*steps, "operator"))
        try:
            return Leaf(variable, operator, read_value(variable, operator, raw.get("value")), raw.get("value"))
        except Unfit as unfit:
            raise Wrong((*steps, "value"), unfit.code, **unfit.params) from None

    def _variable(self, name: object, steps: Steps) -> Variable:
        variable = self.catalogue.variables.get(name) if isinstance(name, str) else None
        if variable is None:
            allowed = known(sorted(one.name for one in self.catalogue.variables.values() if self._fits(one)))
            raise Wrong(steps, "VARIABLE_UNKNOWN", name=shown(name), allowed=allowed)
        if variable.group == "line" and not (self.lines or self.inside):
            raise Wrong(steps, "VARIABLE_OF_LINE", name=variable.name)
        if not self._fits(variable):
            kinds = listed(sorted(kind for kind in self.catalogue.kinds if variable.exists_on(kind)))
            raise Wrong(steps, "VARIABLE_NOT_HERE", name=variable.name, allowed=kinds)
        return variable

    def _fits(self, variable: Variable) -> bool:
        if variable.group == "line" and not (self.lines or self.inside):
            return False
        if self.kinds is None:
            return variable.kinds is None
        return all(variable.exists_on(kind) for kind in self.kinds)

    def _operator(self, variable: Variable, name: object, steps: Steps) -> Operator:
        operators = variable.kind.operators
        if isinstance(name, str) and name in operators:
            return operators[name]
        raise Wrong(steps, "OPERATOR_UNKNOWN", name=shown(name), type=variable.type, allowed=listed(operators))
