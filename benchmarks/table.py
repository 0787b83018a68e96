"""What was measured, and how it is printed: medians, and ratios within each round with the range they had.

The machine's mood changes from minute to minute; contenders that took turns had the same moods. So ratios are taken
round by round, and no figure stands without the range it had.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Protocol


@dataclass
class Rounds:
    """What each contender's work cost, round by round. Less is better; the first contender is what others stand by."""

    title: str
    unit: str
    costs: dict[str, list[float]] = field(default_factory=dict)
    per_second: bool = False  # Whether a cost is microseconds of one worker, and so a rate as well.

    def add(self, name: str, cost: float) -> None:
        """One more round of a contender."""
        self.costs.setdefault(name, []).append(cost)

    def lines(self) -> Iterator[str]:
        """The table."""
        names = list(self.costs)
        first = self.costs[names[0]]
        rate = f" {'a second':>10}" if self.per_second else ""
        yield f"  {self.title:<34} {self.unit:>12}{rate} {'times':>9}   range of {len(first)} rounds"
        for name in names:
            own = self.costs[name]
            ratios = [base / cost for base, cost in zip(first, own, strict=True)]
            middle = median(own)
            rate = f" {1e6 / middle:>10,.0f}" if self.per_second else ""
            span = f"{min(ratios):.1f} – {max(ratios):.1f}" if name != names[0] else ""
            yield f"    {name:<32} {middle:>12,.1f}{rate} {median(ratios):>8.1f}x   {span}".rstrip()


@dataclass
class Shares:
    """A whole and its parts."""

    title: str
    unit: str
    parts: Sequence[tuple[str, float]]

    def lines(self) -> Iterator[str]:
        """The table, the largest part first."""
        whole = sum(part for _, part in self.parts)
        yield f"  {self.title:<34} {self.unit:>12} {'share':>9}"
        for name, part in sorted(self.parts, key=lambda pair: -pair[1]):
            yield f"    {name:<32} {part:>12,.0f} {part / whole:>8.0%}"
        yield f"    {'all':<32} {whole:>12,.0f}"


class Table(Protocol):
    """What a measurement gives: something that prints itself."""

    def lines(self) -> Iterator[str]:
        """The lines, the first of them a title."""
