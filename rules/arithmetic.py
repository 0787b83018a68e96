"""How each posting came about, as figures: the exact amount, what it was rounded to, what a cap left of it.

What a decision heard is kept with it, so nothing is computed a second time by other rules than the first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from rules import actions
from rules.decide import Verdict
from rules.effects import EarnPoints, Effect
from rules.rule import Rule
from rules.scene import Earned


@dataclass(frozen=True, slots=True)
class Working:
    """One posting of points: where it stands in what its action earned, and what that was before it was cut."""

    rule: Rule
    params: actions.Params
    earned: Earned
    index: int

    @property
    def uncut(self) -> Earned:
        """What the action earned before its cap and the policy's limits."""
        return self.earned.before or self.earned

    @property
    def place(self) -> int:
        """Where the posting's line stands in that."""
        return self.uncut.lines.index(self.earned.lines[self.index])

    @property
    def points(self) -> int:
        """What it comes to before it is cut."""
        return self.uncut.points[self.place]

    @property
    def exactly(self) -> Fraction | None:
        """Before it is rounded; None for points that are fixed, or on top of others."""
        return self.uncut.exact[self.place] if self.uncut.exact else None

    @property
    def shared(self) -> bool:
        """Whether it is a share of what was rounded once for all lines."""
        return shared(self.source or self.uncut)

    @property
    def source(self) -> Earned | None:
        """For points on top: what they are on top of."""
        return self.uncut.source

    @property
    def factor(self) -> Fraction:
        """For points on top: what was multiplied by."""
        return self.uncut.factors[self.place] if self.uncut.factors else Fraction(1)


def shared(earned: Earned) -> bool:
    """Whether lines share what was rounded once."""
    return len(earned.lines) > 1 and not earned.rounding.endswith("_line")


def workings(verdict: Verdict) -> Iterator[tuple[EarnPoints, Working]]:
    """Each posting of points with its working, in the order of the decision."""
    postings = (effect for effect in verdict.effects if isinstance(effect, EarnPoints))
    for found in verdict.heard:
        for params, earned in paired(found.rule, found.earned):
            for index, points in enumerate(earned.points):
                if points:
                    yield next(postings), Working(found.rule, params, earned, index)


def working(verdict: Verdict, effect: Effect) -> Working | None:
    """The working of one posting."""
    return next((found for one, found in workings(verdict) if one is effect), None)


def paired(rule: Rule, earned: tuple[Earned, ...]) -> Iterator[tuple[actions.Params, Earned]]:
    """What was earned, each with the action it comes from: one each, but for multipliers, which may earn many."""
    plain = [one for one in rule.actions if actions.limited(one) and not isinstance(one, actions.Multiply)]
    factors = {actions.wallet_of(one): one for one in rule.actions if isinstance(one, actions.Multiply)}
    for one in earned:
        if one.source is not None:
            yield factors.get(one.wallet) or factors.get(None) or next(iter(factors.values())), one
        else:
            yield plain.pop(0), one
