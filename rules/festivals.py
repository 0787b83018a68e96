"""The days of festivals that move with moon and sun, year by year: a table kept as data, not computed.

Its source stands in the data itself. Outside its years there are no festivals, and `check` warns of it.
"""

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, Literal

Name = Literal[
    "spring-festival",
    "lantern",
    "qingming",
    "dragon-boat",
    "qixi",
    "zhongyuan",
    "mid-autumn",
    "double-ninth",
    "winter-solstice",
    "laba",
    "little-new-year",
    "new-years-eve",
]


@cache
def table() -> Mapping[str, Any]:
    """The data as it stands: source, first and last year, days by festival."""
    found: Mapping[str, Any] = json.loads(
        resources.files("rules").joinpath("data", "festivals.json").read_text(encoding="utf-8")
    )
    return found


@cache
def years() -> tuple[int, int]:
    """The first and the last year of the table."""
    return int(table()["first"]), int(table()["last"])


@cache
def by_year(name: str) -> Mapping[int, tuple[date, ...]]:
    """A festival's days by calendar year: of those at the turn of the year some have two, some none."""
    held: dict[int, list[date]] = {}
    for text in table()["days"][name]:
        day = date.fromisoformat(text)
        held.setdefault(day.year, []).append(day)
    return {year: tuple(days) for year, days in held.items()}


@cache
def around(name: str, year: int) -> tuple[date, ...]:
    """A festival's days in a year and its neighbours."""
    held = by_year(name)
    return tuple(day for near in (year - 1, year, year + 1) for day in held.get(near, ()))
