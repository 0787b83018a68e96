"""Conditions as generated Python, in small units: no unit holds the interpreter for long while it is compiled.

Names in the source are ours (`v0`, `c0`, …); every value of a document is bound in the unit's namespace, never written
into the source. Each fact is read once and its type checked: a decision on a mistyped fact never happens.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from rules.conditions import LINES, All, Condition, Leaf, Lines, Not, Some, variables
from rules.facts import Mistyped, Variable

READS_MAX = 40  # Facts that one unit reads.
CHECKS_MAX = 20  # Conditions that one unit asks.
Facts = Mapping[str, Any]
Look = Callable[[Facts, Facts, int], tuple[int, tuple[Any, ...]]]
Check = Callable[[Facts, Facts, Sequence[Facts], tuple[Any, ...]], bool]
Write = Callable[["Source", Variable], None]


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

    def hold(self, value: Any) -> str:
        """The name of a value that may not be hashable, or is not worth comparing."""
        name = f"t{len(self.bound)}"
        self.bound[name] = value
        return name

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

    def read_lines(self, own: Iterable[Variable]) -> None:
        """Lines that look at every fact of every order line once, before any question is asked."""
        self.lines.append(f"lines = facts[{self.bind(LINES)}]")
        checks = []
        for variable in own:
            name, place = self.bind(variable.name), f"line[{self.bind(variable.name)}]"
            self.locals[variable.name] = place
            wrong = " and ".join(f"{place}.__class__ is not {self.bind(one)}" for one in variable.kind.classes)
            checks.append(f" if {wrong}: mistyped({name}, {place})")
        if checks:
            self.lines += ["for line in lines:", *checks]

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
            case Lines(word, count, part):
                asked = self.expression(part)
                if word == "every_line":
                    return f"(bool(lines) and all({asked} for line in lines))"
                if count == 1:
                    return f"any({asked} for line in lines)"
                return f"(sum({asked} for line in lines) >= {self.bind(count)})"


def mistyped(name: str, value: object) -> None:
    """A fact that is not of its declared type stops the decision."""
    raise Mistyped(f"{name} is {value.__class__.__name__}")


def union(conditions: Iterable[Condition | None]) -> dict[str, Variable]:
    """Every variable that any of the conditions reads."""
    return {name: one for condition in conditions for name, one in variables(condition).items()}


def compiled(source: str, bound: dict[str, Any]) -> Any:
    """One unit. Nothing in the source comes from a document.

    It does not stay in its own namespace: so it is gone with the ruleset, and needs no collector for that.
    """
    exec(compile(source, "<ruleset>", "exec"), bound)  # noqa: S102
    return bound.pop("unit")


def looks(read: Sequence[Variable], kind: str | None, write: Write) -> list[Look]:
    """Functions that read facts and narrow a mask by them; `write` adds the lines that narrow."""
    made: list[Look] = []
    rest = iter(read)
    while own := list(islice(rest, READS_MAX)):
        source = Source(kind)
        for variable in own:
            source.read(variable)
            write(source, variable)
        seen = "".join(f"{source.locals[variable.name]}, " for variable in own)
        body = "\n    ".join(["def unit(facts, line, mask):", *source.lines, f"return mask, ({seen})"])
        made.append(compiled(body, source.bound))
    return made


def look_at_lines(read: Sequence[Variable]) -> Look:
    """A function that looks at every fact of every order line, before any question is asked."""
    source = Source(None)
    source.read_lines(read)
    return compiled("\n    ".join(["def unit(facts, line, mask):", *source.lines, "return mask, ()"]), source.bound)  # type: ignore[no-any-return]


def whole(condition: Condition) -> Callable[[Facts], bool]:
    """One condition by itself: it reads its facts, and answers. It has no order lines to look at."""
    source = Source(None)
    for variable in union([condition]).values():
        source.read(variable)
    body = "\n    ".join(["def unit(facts):", *source.lines, f"return {source.expression(condition)}"])
    return compiled(body, source.bound)  # type: ignore[no-any-return]


def checks(conditions: Sequence[Condition], kind: str | None, places: Mapping[str, int]) -> list[Check]:
    """A function for each condition, over facts that have been read: `places` says where each of them stands."""
    made: list[Check] = []
    rest = iter(conditions)
    while own := list(islice(rest, CHECKS_MAX)):
        source = Source(kind)
        for name, variable in union(own).items():
            place = places.get(name)
            source.locals[name] = f"line[{source.bind(variable.name)}]" if place is None else f"v[{place}]"
        asked = "".join(f"    lambda facts, line, lines, v: {source.expression(one)},\n" for one in own)
        made += compiled(f"unit = (\n{asked})", source.bound)
    return made
