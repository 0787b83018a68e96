"""Who may depend on whom: the contracts of `pyproject.toml`, kept by the tree and broken by what they forbid."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT, files, shipped

LINTER = Path(sys.executable).with_name("lint-imports")
FLOORS = "The floors"
DOORS_ALONE = "Settings are read at the doors alone"
FORBIDDEN = [
    ("rules", "import time", "Rules decide"),
    ("rules", "from tortoise.models import Model", "Rules decide"),
    ("rules", "import settings", DOORS_ALONE),
    ("models", "import rules", FLOORS),
    ("loyalty", "import starlette.requests", "knows nothing of the web"),
    ("loyalty", "import schema", FLOORS),
    ("schema", "import settings", DOORS_ALONE),
    ("adapters", "import models", "Adapters reach other systems"),
    ("seeds", "import models", "Seeds insert no rows"),
    ("jobs", "import api", FLOORS),
]


@pytest.fixture
def copy(tmp_path):
    """The product's packages in a copy that a test may spoil."""
    for path in files():
        if path.split("/")[0] in shipped() and path.endswith(".py"):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, tmp_path / path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(tree: Path) -> list[str]:
    """The contracts that a tree breaks. A process of its own, for this one has long imported the packages."""
    done = subprocess.run(
        [LINTER, "--no-cache"],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": str(tree), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert " kept, " in done.stdout, done.stdout + done.stderr
    return [line for line in done.stdout.splitlines() if line.endswith(" BROKEN")]


def test_the_floors_stand_as_they_were_drawn():
    assert lint(ROOT) == []


@pytest.mark.parametrize(("floor", "line", "contract"), FORBIDDEN)
def test_a_forbidden_import_breaks_its_contract(copy, floor, line, contract):
    (copy / floor / "planted.py").write_text(line + "\n", encoding="utf-8")

    assert any(contract in broken for broken in lint(copy))
