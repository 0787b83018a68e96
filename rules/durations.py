"""Lengths of time as a document writes them, "90m", "48h", "30d", "2w", "1d12h", and times of day, "HH:MM"."""

import re
from datetime import time, timedelta
from itertools import pairwise

UNITS = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}
PART = re.compile(r"([0-9]{1,6})(?:\.([0-9]{6}))?([wdhms])", re.ASCII)
WHOLE = re.compile(rf"-?(?:{PART.pattern})+", re.ASCII)
CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
TEXT_MAX = 40


def read(text: object) -> timedelta | None:
    """The length of time a text says, from the largest unit down, each once; None if it says none."""
    if not isinstance(text, str) or len(text) > TEXT_MAX or not WHOLE.fullmatch(text):
        return None
    parts = PART.findall(text)
    places = [list(UNITS).index(unit) for _, _, unit in parts]
    if any(one >= other for one, other in pairwise(places)) or any(split and unit != "s" for _, split, unit in parts):
        return None
    total = sum((int(number) * UNITS[unit] for number, _, unit in parts), timedelta())
    total += timedelta(microseconds=sum(int(split) for _, split, _ in parts if split))
    return -total if text.startswith("-") else total


def written(length: timedelta) -> str:
    """The text of a length of time, exactly: what `read` reads back."""
    rest, parts = abs(length), []
    for name, unit in list(UNITS.items())[1:-1]:
        count, rest = divmod(rest, unit)
        parts += [f"{count}{name}"] if count else []
    if rest or not parts:
        split = f".{rest.microseconds:06}" if rest.microseconds else ""
        parts.append(f"{rest.seconds}{split}s")
    return ("-" if length < timedelta() else "") + "".join(parts)


def read_clock(text: object) -> time | None:
    """The time of day that HH:MM says; None if it says none."""
    found = CLOCK.fullmatch(text) if isinstance(text, str) else None
    return time(int(found[1]), int(found[2])) if found else None


def clock(at: time) -> str:
    """HH:MM."""
    return f"{at:%H:%M}"
