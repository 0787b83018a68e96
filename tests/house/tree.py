"""The project's own files, as the house tests read them."""

import ast
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parents[2]
Node = TypeVar("Node", bound=ast.AST)
DOORS = ("api", "cli", "jobs")


@dataclass(frozen=True)
class Module:
    """One Python file of ours, read and parsed."""

    path: str
    source: str
    tree: ast.Module

    @property
    def floor(self) -> str:
        return self.path.split("/")[0].removesuffix(".py")

    def at(self, node: ast.AST) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 1)}"

    def nodes(self, kind: type[Node]) -> Iterator[Node]:
        return (node for node in ast.walk(self.tree) if isinstance(node, kind))


@cache
def files() -> tuple[str, ...]:
    """Every file that is ours: what Git tracks, and what it would if it were added now."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return tuple(sorted(path for path in set(listed.stdout.split("\0")) if path and (ROOT / path).is_file()))


@cache
def project() -> Mapping[str, Any]:
    """`pyproject.toml`."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@cache
def shipped() -> tuple[str, ...]:
    """The packages and modules that a wheel carries, by name."""
    return tuple(project()["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"])


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """The Python files below the named folders; of the whole product when none is named."""
    wanted = folders or shipped()
    return tuple(
        parse(path, (ROOT / path).read_text(encoding="utf-8"))
        for path in files()
        if path.endswith(".py") and (path in wanted or path.split("/")[0] in wanted)
    )


def parse(path: str, source: str) -> Module:
    return Module(path, source, ast.parse(source, path))
