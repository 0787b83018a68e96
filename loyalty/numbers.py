"""What the door hands a fold: positions in it, and numbers for the events that follow from others."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(slots=True)
class Numbers:
    """What the door hands in: positions in the fold, and numbers for events that follow from others."""

    positions: Iterator[int]
    events: Iterator[int]
