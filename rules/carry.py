"""What is left of a rounding and kept for the next earning of the same policy and wallet.

Two figures are kept as a member's use of the policy: all that was earned exactly, in parts of a unit, and the whole
units awarded for it. Their difference is what is left. A return gives both back, so what stands is worth
what it should be; after one in between the difference may be below zero, and the next earning makes up for it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from rules import exact

ROUNDING = "carry"
PARTS_MAX = 1_000_000  # To the unit: what a member ever earns is kept as one whole number of parts.
Kept = Callable[[str, str], int]  # What a member has used of a policy under a name.


@dataclass(frozen=True, slots=True)
class Carried:
    """What one earning adds: `amount` parts of a unit, `parts` to the unit, for which `points` units are awarded."""

    wallet: str
    parts: int
    amount: int
    points: int
    before: int  # What was left before, in parts of a unit.

    @property
    def left(self) -> int:
        """What is left now."""
        return self.before + self.amount - self.points * self.parts

    def uses(self) -> tuple[tuple[str, int], ...]:
        """What is kept, by name."""
        exactly, awarded = names_of(self.parts, self.wallet)
        return tuple((name, used) for name, used in ((exactly, self.amount), (awarded, self.points)) if used)


def names_of(parts: int, wallet: str) -> tuple[str, str]:
    """Under which names the exact amount and the units awarded are kept."""
    return (f"carry/{parts}/{wallet}", f"carried/{parts}/{wallet}")


def parts_of(rates: Iterable[Fraction]) -> int:
    """How many parts to the unit it takes to say exactly what some rates earn."""
    return lcm(*(rate.denominator for rate in rates))


def earned(policy: str, wallet: str, exactly: Sequence[Fraction], parts: int, kept: Kept) -> Carried | None:
    """The whole units that an exact amount and what was left come to; nothing changes where nothing is earned."""
    amount = exact.floor(sum(exactly, Fraction(0)) * parts)
    if amount <= 0:
        return None
    so_far, awarded = (kept(policy, name) for name in names_of(parts, wallet))
    before = so_far - awarded * parts
    return Carried(wallet, parts, amount, max(0, (before + amount) // parts), before)


def nothing(_policy: str, _name: str) -> int:
    """Nobody has used anything yet: what an example starts from."""
    return 0
