"""The hand the house is written in: short files, short functions, nothing swallowed, no clock below a door.

Every law is a function from a module to its faults. Each is shown a fault first, so that none of them can be blind.
"""

import ast
from collections.abc import Callable, Iterator

import pytest

from tests.house.tree import DOORS, ROOT, Module, files, modules, parse

FILE_MAX = 400
FUNCTION_MAX = 60
FUNCTION_MOST = 25
SHARE_OF_MOST = 0.9
# Tables rather than text: long because the thing they list is long.
LONG_TABLES: tuple[str, ...] = ("models/migrations/",)
DRAWERS = frozenset({"core", "common", "util", "utils", "helper", "helpers", "service", "services", "misc"})
CLOCKED = ("insight", "loyalty", "models", "rules", "schema")
CLOCKS = frozenset(
    {
        "datetime.datetime.now", "datetime.datetime.today", "datetime.datetime.utcnow", "datetime.date.today",
        "time.time", "time.time_ns", "time.monotonic", "time.localtime", "time.gmtime", "uuid.uuid1", "uuid.uuid4",
        "os.environ", "os.getenv", "os.urandom",
    }
)  # fmt: skip
CHANCE = ("random", "secrets")
# Written in two halves, so that this file does not contain what it looks for.
LEFT_OVER = ("TO" + "DO", "FIX" + "ME", "XX" + "X")

Law = Callable[[Module], Iterator[str]]
Function = ast.FunctionDef | ast.AsyncFunctionDef


def too_long(module: Module) -> Iterator[str]:
    if module.path.startswith(LONG_TABLES):
        return
    lines = module.source.count("\n")
    if lines > FILE_MAX:
        yield f"{module.path} has {lines} lines, at most {FILE_MAX}: it wants to be a folder"
    for function in functions(module):
        if length(function) > FUNCTION_MAX:
            yield f"{module.at(function)} {function.name} has {length(function)} lines, at most {FUNCTION_MAX}"


def swallowing(module: Module) -> Iterator[str]:
    """Handlers that catch everything and do not raise it again: clearing up before a raise swallows nothing."""
    if module.floor in DOORS:
        return
    for handler in module.nodes(ast.ExceptHandler):
        if catches_all(handler.type) and not raises_again(handler):
            yield f"{module.at(handler)} catches everything below a door"
    for call in module.nodes(ast.Call):
        if ast.unparse(call.func).endswith("suppress") and any(catches_all(arg) for arg in call.args):
            yield f"{module.at(call)} suppresses everything"


def asserting(module: Module) -> Iterator[str]:
    for node in module.nodes(ast.Assert):
        yield f"{module.at(node)} asserts: `python -O` removes it"


def silent(module: Module) -> Iterator[str]:
    if not ast.get_docstring(module.tree):
        yield f"{module.path} does not say what it is"


def careless_of_rows(module: Module) -> Iterator[str]:
    """The traps of the ORM: saving every column, limits that an update ignores, tables without their constraints."""
    for call in module.nodes(ast.Call):
        match call.func:
            case ast.Attribute(attr="save") if not any(word.arg == "update_fields" for word in call.keywords):
                yield f"{module.at(call)} saves every column: name `update_fields`, or update with a guard"
            case ast.Attribute(attr="update" | "delete", value=rows) if ".limit(" in ast.unparse(rows):
                yield f"{module.at(call)} limits an update or a delete, which ignores it"
            case ast.Attribute(attr="generate_schemas"):
                yield f"{module.at(call)} makes tables without their constraints: migrate instead"


def reading_the_world(module: Module) -> Iterator[str]:
    """Clocks, settings and chance come in at a door; the engines alone may ask the time, to wait."""
    if module.floor not in CLOCKED or module.path.startswith("models/engines"):
        return
    known = imported(module)
    for node in module.nodes(ast.Name):
        if known.get(node.id, "").split(".")[0] in CHANCE:
            yield f"{module.at(node)} asks chance"
        if known.get(node.id) in CLOCKS:
            yield f"{module.at(node)} reads {known[node.id]}"
    for attribute in module.nodes(ast.Attribute):
        dotted = ast.unparse(attribute)
        head, _, rest = dotted.partition(".")
        full = f"{known[head]}.{rest}" if head in known else dotted
        if full in CLOCKS:
            yield f"{module.at(attribute)} reads {full}"


LAWS: dict[Law, tuple[str, str]] = {
    too_long: ("loyalty/planted.py", "def long():\n" + "    x = 1\n" * FUNCTION_MAX),
    swallowing: ("loyalty/planted.py", "try:\n    x = 1\nexcept (ValueError, Exception):\n    x = 2\n"),
    asserting: ("rules/planted.py", "assert 1\n"),
    silent: ("api/planted.py", "x = 1\n"),
    careless_of_rows: ("models/planted.py", "async def f(row):\n    await row.save()\n"),
    reading_the_world: ("rules/planted.py", "from datetime import datetime as dt\nx = dt.now()\n"),
}
MORE_PLANTED: list[tuple[Law, str, str]] = [
    (too_long, "loyalty/planted.py", "x = 1\n" * (FILE_MAX + 1)),
    (swallowing, "models/planted.py", "try:\n    x = 1\nexcept:\n    x = 2\n"),
    (swallowing, "schema/planted.py", "import contextlib\nwith contextlib.suppress(Exception):\n    x = 1\n"),
    (careless_of_rows, "jobs/planted.py", "def f(rows):\n    return rows.filter(a=1).limit(5).delete()\n"),
    (reading_the_world, "loyalty/planted.py", "import os\nx = os.environ['HOME']\n"),
    (reading_the_world, "loyalty/planted.py", "from secrets import token_hex\nx = token_hex()\n"),
    (reading_the_world, "schema/planted.py", "import random\nx = random.random()\n"),
    (reading_the_world, "models/planted.py", "import time\nx = time.time()\n"),
]
PLANTED = [(law, *fault) for law, fault in LAWS.items()] + MORE_PLANTED


@pytest.mark.parametrize(("law", "path", "source"), PLANTED, ids=lambda value: getattr(value, "__name__", None))
def test_a_law_sees_a_planted_fault(law, path, source):
    assert list(law(parse(path, source)))


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_product_keeps_the_law(law):
    permitted = {the_one_place()} if law is swallowing else set()

    assert [fault for module in modules() for fault in law(module) if fault not in permitted] == []


def test_clearing_up_before_raising_again_swallows_nothing():
    source = "try:\n    x = 1\nexcept BaseException:\n    x = 2\n    raise\n"

    assert list(swallowing(parse("models/planted.py", source))) == []


def test_most_functions_fit_in_a_glance():
    lengths = [length(function) for module in modules() for function in functions(module)]

    assert sum(lines <= FUNCTION_MOST for lines in lengths) >= SHARE_OF_MOST * len(lengths)


def test_every_test_module_says_what_it_is():
    assert [fault for module in modules("tests", "benchmarks", "tools") for fault in silent(module)] == []


def test_nothing_is_a_drawer():
    parts = {(path, part.split(".")[0]) for path in files() if path.endswith(".py") for part in path.split("/")}

    assert sorted(path for path, part in parts if part in DRAWERS) == []


def test_nothing_is_left_for_later():
    texts = {path: (ROOT / path).read_bytes() for path in files() if path.endswith((".py", ".md", ".graphql", ".json"))}

    assert [path for path, text in texts.items() if any(word.encode() in text.split() for word in LEFT_OVER)] == []
    assert [path for path, text in texts.items() if any(f"{word}:".encode() in text for word in LEFT_OVER)] == []


def the_one_place() -> str | None:
    """The one handler below a door that may catch everything: the intake's, and only while it says that it is."""
    for module in modules("loyalty"):
        if module.path == "loyalty/intake.py":
            lines = module.source.splitlines()
            for handler in module.nodes(ast.ExceptHandler):
                if catches_all(handler.type) and "# The one place" in "".join(
                    lines[handler.lineno - 2 : handler.lineno + 1]
                ):
                    return f"{module.at(handler)} catches everything below a door"
    return None


def functions(module: Module) -> Iterator[Function]:
    yield from module.nodes(ast.FunctionDef)
    yield from module.nodes(ast.AsyncFunctionDef)


def length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def catches_all(caught: ast.expr | None) -> bool:
    if isinstance(caught, ast.Tuple):
        return any(catches_all(part) for part in caught.elts)
    return caught is None or ast.unparse(caught) in {"Exception", "BaseException"}


def raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def imported(module: Module) -> dict[str, str]:
    """What each imported name stands for, in full."""
    known: dict[str, str] = {}
    for node in module.nodes(ast.Import):
        known |= {alias.asname or alias.name.split(".")[0]: alias.name for alias in node.names}
    for origin in module.nodes(ast.ImportFrom):
        known |= {alias.asname or alias.name: f"{origin.module}.{alias.name}" for alias in origin.names}
    return known
