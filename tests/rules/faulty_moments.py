"""Moments of the clock that cannot be meant, each with the place and the code of what is wrong with it."""

from typing import Any

from tests.rules.lab import Document, earns


def asked(on: str, when: Any = None, **more: Any) -> Document:
    return earns(1, on=on, **({} if when is None else {"when": when}), **more)


POLICIES: list[tuple[Any, str, str]] = [
    (asked("order.paid", {"every": "month"}), "/when", "WHEN_NOT_HERE"),
    ({**asked("clock.period", {"every": "month"}), "on": ["clock.period", "order.paid"]}, "/on", "CLOCK_ALONE"),
    (asked("clock.period"), "", "WHEN_MISSING"),
    (asked("clock.inactive", {"at": "10:00"}), "/when", "FIELD_MISSING"),
    (asked("clock.birthday", {"every": "month"}), "/when/every", "FIELD_NOT_HERE"),
    (asked("clock.period", {"every": "week", "day": 3}), "/when/day", "FIELD_NOT_HERE"),
    (asked("clock.period", {"every": "quarter", "month": 4}), "/when/month", "OUT_OF_RANGE"),
    (asked("clock.points_ending", {"days_before": 7, "wallet": "miles"}), "/when/wallet", "WALLET_UNKNOWN"),
    (asked("clock.anniversary", {"date": "graduation"}), "/when/date", "DATE_UNKNOWN"),
    (asked("clock.festival", {"festival": "easter-monday"}), "/when/festival", "NOT_ALLOWED"),
]
