"""Moments at which a policy is never live: the clock asks it in vain."""

from datetime import UTC, datetime
from itertools import islice
from typing import Final

from rules import window
from rules.lint_desk import Desk, Warnings, warning
from rules.moments import Moment
from rules.rule import Rule

SINCE: Final = datetime(2020, 1, 1, tzinfo=UTC)
LOOKED_AT_MAX: Final = 2_000  # Instants, one after another: what is never live in so many is told.


def idle(desk: Desk) -> Warnings:
    """Policies whose calendar has no instant at which the clock asks them."""
    for path, rule in desk.rules.items():
        moment = rule.policy.moment
        if moment is not None and rule.policy.valid is not None and not meets(desk, rule, moment):
            yield warning(path, "WHEN_NEVER", "when")


def meets(desk: Desk, rule: Rule, moment: Moment) -> bool:
    """Whether the clock ever asks while a policy is live; where the calendar has an end that is looked at in full."""
    zone, valid = desk.definitions.zone, rule.policy.valid
    day = valid.start if valid is not None and valid.start is not None else SINCE
    at = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    for found in islice(moment.days(at.date()), LOOKED_AT_MAX):
        instant = moment.instant(found, zone)
        part = window.unmet(valid, instant, zone)
        if part is None or part == "until":
            return part is None
    return False
