"""Which policies are open at an instant, by the days they begin and end: one look, however many there are.

Weekdays, hours and what else a window says are asked of the policies that are left.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from rules import calendar
from rules.rule import Rule
from rules.tables import Turns
from rules.window import Window

ALWAYS = -1  # Every bit.
Span = tuple[datetime | None, datetime | None]  # When something opens and closes; None: it does not.


@dataclass(frozen=True, slots=True)
class Openings:
    """The instants at which policies open or close, and who is open between them, as masks of their places."""

    edges: tuple[datetime, ...] = ()
    masks: Turns | None = None

    def at(self, instant: datetime) -> int:
        """Who is open."""
        return ALWAYS if self.masks is None else self.masks.at(bisect_right(self.edges, instant))


OPEN = Openings()


def openings(rules: Sequence[Rule], zone: ZoneInfo) -> Openings:
    """When each of some policies is open; those that name no day always are."""
    turns: dict[datetime, list[int]] = {}
    first = (1 << len(rules)) - 1
    for place, rule in enumerate(rules):
        opens, closes = days(rule.policy.valid, zone)
        if opens is not None:
            first ^= 1 << place
            turns.setdefault(opens, []).append(place)
        if closes is not None:
            turns.setdefault(closes, []).append(place)
    if not turns:
        return OPEN
    edges = tuple(sorted(turns))
    return Openings(edges, Turns.of(first, [[], *(turns[edge] for edge in edges)]))


def days(valid: Window | None, zone: ZoneInfo) -> Span:
    """The instants a window opens and closes, where it names them."""
    if valid is None:
        return None, None
    opens = None if valid.start is None else calendar.from_instant(valid.start, zone)
    return opens, None if valid.until is None else calendar.until_instant(valid.until, zone)


def is_open(rule: Rule, at: datetime, zone: ZoneInfo) -> bool:
    """Whether an instant is between the days a policy names."""
    opens, closes = days(rule.policy.valid, zone)
    return (opens is None or at >= opens) and (closes is None or at < closes)


def overlaps(span: Span, first: datetime, last: datetime) -> bool:
    """Whether what opens and closes then is open at some instant between two, both in."""
    opens, closes = span
    return (opens is None or opens <= last) and (closes is None or closes > first)
