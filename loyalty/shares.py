"""What members share of gatherings and draws, as counters: seats, places in line, prizes; and who waits."""

from typing import Final

from rules.ruleset import Ruleset

LINE_MAX: Final = 1_000_000_000  # More than can ever wait: what is missing of it is how many do.


def seats(key: str) -> str:
    """The counter of a gathering's seats that are free."""
    return f"seats:{key}"


def places(key: str) -> str:
    """The counter of the places in its line that are free."""
    return f"places:{key}"


def line(key: str) -> str:
    """The counter that says how many wait."""
    return f"line:{key}"


def prize(draw: str, benefit: str) -> str:
    """The counter of the pieces of a prize that nobody has won yet."""
    return f"prize:{draw}/{benefit}"


def wanted(ruleset: Ruleset) -> dict[str, int]:
    """Each with what it starts with. They are loaded by the events that name them, not by every batch."""
    found: dict[str, int] = {}
    for key, one in ruleset.gatherings.items():
        waiting = one.waiting_list.places if one.waiting_list else 0
        found |= {seats(key): one.seats, places(key): waiting, line(key): LINE_MAX}
    for key, draw in ruleset.draws.items():
        found |= {prize(key, own.benefit): own.count for own in draw.prizes}
    return found
