"""The measurements can be run: what nobody runs rots."""

import subprocess
import sys

from tests.house.tree import ROOT


def test_a_measurement_runs_and_names_its_command():
    command = [sys.executable, "-m", "benchmarks", "--quick", "--only", "rules"]

    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)

    assert answer.returncode == 0, answer.stderr
    assert "python -m benchmarks --only rules" in answer.stdout
    assert "business_rules.run_all" in answer.stdout
