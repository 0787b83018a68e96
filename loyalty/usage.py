"""What a decision really uses up: of the prices for one thing the one that was taken, of points those that were given.

A decision counts what it wishes for; the book may have sold at one price only, or had no room for all points.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from rules.counters import KEPT, by_times
from rules.decide import Take, Use, Verdict
from rules.effects import PriceRedemption

POINTS = "points"


def used(uses: Sequence[Use], lost: Mapping[str, int]) -> Iterator[Use]:
    """What members' caps count, less the points of a policy that were not given."""
    for one in uses:
        less = lost.get(one.policy, 0) if one.limit.startswith(POINTS) else 0
        if one.amount != less:
            yield replace(one, amount=one.amount - less)


def taken(takes: Sequence[Take], lost: Mapping[str, int]) -> Iterator[Take]:
    """What shared counters give, less the same: what is kept goes first, so the rest has it back first."""
    left: dict[tuple[str, str], int] = {}
    for one in takes:  # By name: a counter comes before its kept part.
        if by_times(one.counter):
            yield one
            continue
        pot = (one.counter.removesuffix(KEPT), one.policy)
        back = min(left.get(pot, lost.get(one.policy, 0)), one.amount)
        left[pot] = left.get(pot, lost.get(one.policy, 0)) - back
        if one.amount > back:
            yield replace(one, amount=one.amount - back)


def sold(verdict: Verdict, price: PriceRedemption) -> Verdict:
    """The same decision once one of its prices is taken: what else only named a price has done nothing."""
    offered = {found.rule.path for found in verdict.heard if any(_is_price(one) for one in found.effects)}
    at_work = {one.policy for one in verdict.effects if not _is_price(one)} | {price.policy}
    idle = offered - at_work
    return replace(
        verdict,
        effects=tuple(one for one in verdict.effects if not _is_price(one) or one == price),
        uses=tuple(one for one in verdict.uses if one.policy not in idle),
        takes=tuple(one for one in verdict.takes if one.policy not in idle),
    )


def _is_price(effect: object) -> bool:
    return isinstance(effect, PriceRedemption)
