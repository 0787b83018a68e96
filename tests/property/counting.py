"""How much was tried: what a property counts is told at the end of the run."""

from collections import Counter
from typing import Final

from hypothesis import event

COUNTED: Final[Counter[str]] = Counter()


def counted(what: str, many: int = 1) -> None:
    """Count something, for hypothesis's own statistics and for the line at the end."""
    event(what)
    COUNTED[what] += many
