"""What an action looks at, and what comes of it before stacking and limits: amounts exact until rounded once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from rules import actions, carry, exact
from rules.carry import Carried
from rules.effects import Effect
from rules.expiry import Expiry, Pending
from rules.rule import Definitions, Rule

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Earned:
    """What one action earned: points for each part (a line, or None for the whole), from exact amounts."""

    policy: str
    wallet: str
    lines: tuple[int | None, ...]
    exact: tuple[Fraction, ...]
    points: tuple[int, ...]
    rounding: str = ""  # Empty, like the exact amounts, for fixed points, which nothing multiplies.
    pending: Pending | None = None
    expires: Expiry | None = None
    of: int | None = None  # Of a surplus: which of the scene's amounts it was made from.
    source: "Earned | None" = None  # Of a surplus, for explaining it: that amount, and the factor for each part.
    factors: tuple[Fraction, ...] = ()
    before: "Earned | None" = None  # What it was before it was cut, for explaining.
    carried: Carried | None = None  # What is kept of it for the next time.

    @property
    def total(self) -> int:
        """All its points."""
        return sum(self.points)

    def of_lines(self, kept: Sequence[int]) -> "Earned":
        """The same for some lines only."""
        picked = [index for index, line in enumerate(self.lines) if line is None or line in kept]
        parts = tuple(self.exact[index] for index in picked) if self.exact else ()
        lines, points = tuple(self.lines[i] for i in picked), tuple(self.points[i] for i in picked)
        return replace(self, lines=lines, exact=parts, points=points)

    def cut(self, points: int) -> "Earned":
        """The same with no more than so many points; what was cut off cannot be multiplied either."""
        if points >= self.total:
            return self
        parts = exact.split(points, [Fraction(part) for part in self.points])
        left = tuple(Fraction(part) for part in parts)
        return replace(self, points=tuple(parts), exact=left, before=self.before or self)


@dataclass(frozen=True, slots=True)
class Unmet:
    """A price that would stand but for something: the basket, the order, the range of its values."""

    policy: str
    benefit: str
    because: str


@dataclass(frozen=True, slots=True)
class Wish:
    """All one policy wishes for on one event."""

    rule: Rule
    lines: tuple[int, ...]
    earned: tuple[Earned, ...] = ()
    effects: tuple[Effect, ...] = ()
    unmet: tuple[Unmet, ...] = ()

    @property
    def points(self) -> int:
        """All its points, whatever the wallet."""
        return sum(one.total for one in self.earned)

    @property
    def empty(self) -> bool:
        """Whether it comes to nothing, now or the next time."""
        return not self.points and not self.effects and not any(one.carried for one in self.earned)

    def first_lines(self, count: int | None) -> "Wish":
        """The same for the first so many of the lines that matched."""
        if count is None or len(self.lines) <= count:
            return self
        kept = self.lines[:count]
        return replace(self, lines=kept, earned=tuple(one.of_lines(kept) for one in self.earned))


@dataclass(frozen=True, slots=True)
class Scene:
    """What an action looks at: the facts, the order's lines, and which of them the policy matched."""

    definitions: Definitions
    facts: Facts
    lines: Sequence[Facts] = ()
    matched: tuple[int, ...] = ()
    base: tuple[Earned, ...] = field(default=())  # What amounts have earned so far: for multipliers.
    kept: carry.Kept = carry.nothing  # What is left of earlier roundings.

    def wallet(self, params: actions.Params) -> str:
        """The wallet an action means."""
        return actions.wallet_of(params) or self.definitions.main_wallet

    def units(self, points: Decimal, wallet: str) -> int:
        """Points as a document writes them, in the wallet's units; `check` has seen that they come out even."""
        return scaled(points, self.definitions.scale(wallet))


@lru_cache(maxsize=4096)
def scaled(number: Decimal, scale: int) -> int:
    """A number in whole units of 10^-scale."""
    return exact.floor(Fraction(number) * 10**scale)
