"""`make bench`: every measurement of docs/performance.md, one after the other, a few minutes in all."""

import argparse
import asyncio
import importlib
import os
import platform
import sqlite3
import time

from benchmarks import shop

# Each a module of this package with `run(quick)`; named here so that one of them is loaded by itself.
NAMES = ("rules", "growth", "intake", "size", "page", "reviews", "stock")


def main() -> None:
    """Run what was asked for, and print it as it comes."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    asked.add_argument("--only", choices=NAMES, help="one measurement")
    asked.add_argument("--quick", action="store_true", help="few rounds: to see that it runs, not to learn from")
    asked.add_argument("--tiny", action="store_true", help="the same in a small shop: the whole way, and no figures")
    asked.add_argument("--members", type=int, help="how many members are reviewed")
    given = asked.parse_args()
    if given.tiny:
        shop.shrink()
    if given.members:
        shop.grow(given.members)
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}")
    for name in (given.only,) if given.only else NAMES:
        started = time.monotonic()
        measure = importlib.import_module(f"benchmarks.{name}")
        print(f"\n{name}: python -m benchmarks --only {name}{' --quick' if given.quick else ''}", flush=True)
        for table in asyncio.run(measure.run(quick=given.quick or given.tiny)):
            print("\n".join(table.lines()), flush=True)
        print(f"  ({time.monotonic() - started:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
