"""Conditions as one generated Python function.

Names in the source are ours (`v0`, `c0`, …); every value of a document is bound in the function's namespace, never
written into the source. Each fact is read once and its type checked: a decision on a mistyped fact never happens.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from rules.conditions import All, Condition, Leaf, Not, Some, variables
from rules.facts import Mistyped, Variable

SHARED_MIN = 2
INDENT_MAX = 40  # Python takes a hundred levels; long before that nothing is gained.
Holds = Callable[[Mapping[str, Any], Mapping[str, Any]], list[int]]


class Source:
    """The lines of one function and the values its names are bound to."""

    def __init__(self, kind: str | None) -> None:
        self.kind = kind
        self.lines: list[str] = []
        self.bound: dict[str, Any] = {"mistyped": mistyped}
        self.names: dict[tuple[type, Any], str] = {}
        self.locals: dict[str, str] = {}

    def bind(self, value: Any) -> str:
        """The name a value has in the function; equal values share one."""
        key = (value.__class__, value)
        if key not in self.names:
            self.names[key] = f"c{len(self.names)}"
            self.bound[self.names[key]] = value
        return self.names[key]

    def read(self, variable: Variable) -> None:
        """Lines that read one fact into a local, checked."""
        local = self.locals[variable.name] = f"v{len(self.locals)}"
        name = self.bind(variable.name)
        self.lines.append(f"{local} = {'line' if variable.group == 'line' else 'facts'}[{name}]")
        classes = (str,) if variable.type == "tier" else variable.kind.classes
        wrong = " and ".join(f"{local}.__class__ is not {self.bind(one)}" for one in classes)
        known = f"{local} is not None and " if self.unknown(variable) else ""
        self.lines.append(f"if {known}{wrong}: mistyped({name}, {local})")
        if variable.type == "tier":
            rank = f"r{len(self.locals)}"
            self.bound[rank] = {level: rank for rank, level in enumerate(variable.options)}.get
            self.lines.append(f"{local} = {rank}({local})")

    def unknown(self, variable: Variable) -> bool:
        """Whether the fact can be None here."""
        return variable.nullable if self.kind is None else variable.unknown_on(self.kind)

    def expression(self, condition: Condition) -> str:
        """A condition as an expression over the locals."""
        match condition:
            case Leaf(variable, operator, value):
                local = self.locals[variable.name]
                constant = "" if operator.input == "none" else self.bind(value)
                asked = operator.code.format(v=local, c=constant)
                # A level the ladder has lost has no rank: unknown, like any other.
                guarded = not operator.total and (self.unknown(variable) or variable.type == "tier")
                return f"({local} is not None and {asked})" if guarded else f"({asked})"
            case All(parts):
                return f"({' and '.join(map(self.expression, parts))})"
            case Some(parts):
                return f"({' or '.join(map(self.expression, parts))})"
            case Not(part):
                return f"(not {self.expression(part)})"

    def function(self) -> Holds:
        """The function, compiled."""
        head = ["def holds(facts, line):", "found = []", "add = found.append"]
        source = "\n    ".join([*head, *self.lines, "found.sort()", "return found"])
        exec(compile(source, "<ruleset>", "exec"), self.bound)  # noqa: S102 — nothing in the source comes from a document.
        made: Holds = self.bound["holds"]
        return made

    def tree(self, wanted: Sequence[tuple[int, frozenset[str]]], indent: str = "") -> None:
        """Lines that note every index all of whose parts hold; a part that several share is asked once for them all.

        Parts are equal if they read the same: equal values are bound to one name. Asking in another order changes no
        answer, for no question can fail: every fact has been looked at before.
        """
        rest = list(wanted)
        while rest:
            counts = Counter(part for _, parts in rest for part in parts)
            part, count = max(counts.items(), key=lambda pair: (pair[1], pair[0]), default=("", 0))
            if count < SHARED_MIN or len(indent) >= INDENT_MAX:
                break
            self.lines.append(f"{indent}if {part}:")
            self.tree([(index, parts - {part}) for index, parts in rest if part in parts], f"{indent} ")
            rest = [(index, parts) for index, parts in rest if part not in parts]
        for index, parts in rest:
            test = f"if {' and '.join(sorted(parts, key=len))}: " if parts else ""
            self.lines.append(f"{indent}{test}add({index})")

    def parts(self, condition: Condition | None) -> frozenset[str]:
        """What must hold together, as expressions: the parts of an `all`, or the one there is."""
        if condition is None:
            return frozenset()
        if isinstance(condition, All):
            return frozenset[str]().union(*(self.parts(part) for part in condition.parts))
        return frozenset({self.expression(condition)})


def mistyped(name: str, value: object) -> None:
    """A fact that is not of its declared type stops the decision."""
    raise Mistyped(f"{name} is {value.__class__.__name__}")


def function(conditions: Sequence[Condition | None], kind: str | None = None) -> Holds:
    """One function for many conditions: facts (and an order line) in, the indices of those that hold out."""
    source = Source(kind)
    for variable in union(conditions).values():
        source.read(variable)
    source.tree([(index, source.parts(condition)) for index, condition in enumerate(conditions)])
    return source.function()


def union(conditions: Iterable[Condition | None]) -> dict[str, Variable]:
    """Every variable that any of the conditions reads."""
    return {name: one for condition in conditions for name, one in variables(condition).items()}
