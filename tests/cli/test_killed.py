"""Killed outright between two commits: whoever comes after finishes the work, and nothing happens twice."""

import os
import signal
import subprocess
import sys

import pytest

from tests.cli.conftest import SECRET

# Runs a command in a process that kills itself just before, or just after, the n-th call of a step.
DYING = """
import importlib, os, signal, sys
module, owner, step, when, count, batch = sys.argv[1:7]
found = importlib.import_module(module)
found.BATCH = int(batch) if hasattr(found, "BATCH") else None
place = getattr(found, owner) if owner else found
step_itself, calls = getattr(place, step), 0

async def dying(*args, **more):
    global calls
    calls += 1
    if calls == int(count) and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    answer = await step_itself(*args, **more)
    if calls == int(count) and when == "after":
        os.kill(os.getpid(), signal.SIGKILL)
    return answer

setattr(place, step, dying)
from cli.main import execute
sys.exit(execute(sys.argv[7:], os.environ))
"""
ROWS = "\n".join(f"{name},2026-01-{day:02},10.00,{name}{day}" for day in range(1, 8) for name in ("lin", "wang"))


def die(database_url: str, step: tuple[str, ...], *argv: str) -> None:
    environ = {**os.environ, "LOYALTY_DATABASE_URL": database_url, "LOYALTY_SECRET": SECRET}
    ended = subprocess.run([sys.executable, "-c", DYING, *step, *argv], env=environ, capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("step", "count"), [(("", "_claim"), 1), (("", "receive"), 3), (("Run", "beat"), 3)])
def test_an_import_killed_anywhere_brings_every_row_in_once(house, database_url, query, when, step, count):
    file = str(house.write("orders.csv", f"member,date,amount,number\n{ROWS}\n"))
    die(database_url, ("loyalty.importing", *step, when, str(count), "4"), "import", "orders", file)

    report = house("import", "orders", file, "--json").json

    assert (report["accepted"], report["refused"]) == (14, 0)
    assert query("SELECT COUNT(*) AS n FROM orders") == [14]
    assert query("SELECT COUNT(*) AS n FROM events") == [14]
    assert sorted(query("SELECT SUM(amount) AS n FROM transfers WHERE debit = 'issued' GROUP BY wallet")) == [140, 140]
    assert house("ledger", "verify").code == 0


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("module", "owner", "step"),
    [("loyalty.clockwork", "", "receive"), ("jobs.worker", "Worker", "_claim"), ("jobs.worker", "Worker", "_done")],
)
def test_a_worker_killed_anywhere_leaves_its_work_to_the_next(
    house, database_url, query, change, when, module, owner, step
):
    file = str(house.write("orders.csv", f"member,date,amount,number\n{ROWS}\n"))
    assert house("import", "orders", file).code == 0
    change("UPDATE programmes SET created_at = '2026-01-01 00:00:00.000000+00:00'")
    die(database_url, (module, owner, step, when, "1", "1"), "worker", "--once")
    change("UPDATE jobs SET lease_until = NULL")  # As if its minute were over.

    assert house("worker", "--once").code == 0

    # Of each member what the last order brought was still pending: the fold of the later ones posted the rest.
    assert query("SELECT COUNT(*) AS n FROM transfers WHERE reason = 'matured'") == [14]
    assert query("SELECT SUM(available) AS n FROM wallets WHERE wallet = 'points'") == [140]
    keys = query("SELECT key FROM events WHERE kind LIKE 'clock.%'")
    assert len(keys) == len(set(keys)) == 2
    assert house("ledger", "verify").code == 0
