"""The measurements can be run: what nobody runs rots."""

import os
import subprocess

from benchmarks.__main__ import NAMES
from tests.house.tree import ROOT

NOWHERE = "postgres://nobody@127.0.0.1:9/none"


def test_make_bench_goes_its_whole_way_in_a_small_shop():
    command = ["make", "-o", ".venv/.made", "bench", "BENCH=--tiny"]  # The environment is the gate's to make.

    # On the database of this run: each of the gate's two runs sees to one.
    run = os.environ | {"LOYALTY_TEST_DATABASE_URL": os.environ.get("LOYALTY_TEST_DATABASE_URL") or NOWHERE}

    answer = subprocess.run(command, cwd=ROOT, env=run, capture_output=True, text=True, timeout=300, check=False)

    assert answer.returncode == 0, answer.stdout + answer.stderr
    for name in NAMES:
        assert f"python -m benchmarks --only {name}" in answer.stdout
    for contender in (
        "business_rules.run_all",
        "a transaction each, models",
        "batches of 256",
        "an order of two lines",
    ):
        assert contender in answer.stdout
