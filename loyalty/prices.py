"""What a wish costs a member now; and where it has no price, why not, and what there is instead."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from loyalty import benefits, steps, usage
from loyalty.events import PointsRedeem
from loyalty.facts import Scene, lazy_facts
from loyalty.refusals import Refused, either
from loyalty.turn import Turn
from rules import actions, exact, pricing
from rules.decide import Use, Verdict
from rules.effects import PriceRedemption
from rules.scene import scaled


def price_of(turn: Turn, arrival: PointsRedeem) -> tuple[PriceRedemption, tuple[Use, ...]]:
    """What the wish costs this member now, and what that used of caps; refused when no policy sells it, or one says
    no.
    """
    benefit = benefits.benefit_of(turn, arrival.benefit)
    available = turn.ruleset.available.get(arrival.benefit)
    if available is not None and not available(lazy_facts(Scene(turn, arrival.kind, arrival))):
        raise Refused("NOT_ELIGIBLE", benefit=arrival.benefit, title=dict(benefit.title.by_language()))
    scene = Scene(turn, arrival.kind, arrival)
    verdict = steps.judge(scene)
    if verdict.refused is not None:
        raise Refused("REFUSED_BY_POLICY", policy=verdict.refused.policy, text=dict(verdict.refused.text))
    prices = prices_in(verdict, arrival.benefit)
    chosen = [one for one in prices if one.upto is None and arrival.value in (None, one.value)]
    if len(chosen) == 1:
        verdict = usage.sold(verdict, chosen[0])
        steps.do(scene, verdict)
        return chosen[0], verdict.uses
    raise next(reasons(turn, arrival, verdict, prices))


def prices_in(verdict: Verdict, benefit: str) -> list[PriceRedemption]:
    """The prices of one benefit that a decision came to."""
    return [one for one in verdict.effects if isinstance(one, PriceRedemption) and one.benefit == benefit]


def reasons(turn: Turn, arrival: PointsRedeem, verdict: Verdict, prices: list[PriceRedemption]) -> Iterator[Refused]:
    """Why a wish has not one price: the first that is so."""
    if not prices:  # Which values there are is asked without the one that is wanted.
        for outcome in verdict.outcomes:
            if (why := UNMET.get(outcome.because or "")) is not None:
                wanting = actions_of(turn, outcome.policy, arrival.benefit)
                yield from (why(turn, arrival, params) for params in wanting)
        verdict = steps.judge(Scene(turn, arrival.kind, replace(arrival, value=None, points=None)))
        prices = prices_in(verdict, arrival.benefit)
    if not prices:
        if (most := steps.most_of(turn, verdict, arrival.benefit)) is not None:
            yield Refused("LIMIT_REACHED", benefit=arrival.benefit, most=most)
        yield Refused("NOT_FOR_POINTS", benefit=arrival.benefit)
    yield wrong_choice(turn, arrival, prices)


def wrong_choice(turn: Turn, arrival: PointsRedeem, prices: list[PriceRedemption]) -> Refused:
    """The wish names no value or number of points that is sold, or none where there are several."""
    scale = turn.ruleset.definitions.catalogue.currency_scale
    allowed = sorted({price.value for price in prices if price.value is not None})
    most = max((price.upto for price in prices if price.upto is not None), default=None)
    if most is not None:
        return out_of_range(turn, arrival, allowed[0] if allowed else 0, most)
    if arrival.points is not None and arrival.value in (None, *allowed):
        costs = sorted({price.points for price in prices if arrival.value in (None, price.value)})
        points = [exact.text(cost, turn.ruleset.definitions.scale(prices[0].wallet)) for cost in costs]
        return Refused("POINTS_DIFFER", field="/points", benefit=arrival.benefit, allowed=costs, values=either(points))
    values = either([exact.text(value, scale) for value in allowed])
    return Refused("VALUE_UNKNOWN", field="/value", benefit=arrival.benefit, allowed=allowed, values=values)


def out_of_range(turn: Turn, arrival: PointsRedeem, least: int, most: int) -> Refused:
    """A value, or what some points buy, that is not sold: from where to where it is."""
    scale = turn.ruleset.definitions.catalogue.currency_scale
    ends = {"least": exact.text(least, scale), "most": exact.text(most, scale)}
    field = "/points" if arrival.points is not None and arrival.value is None else "/value"
    return Refused("VALUE_OUT_OF_RANGE", field=field, benefit=arrival.benefit, **ends)


def actions_of(turn: Turn, policy: str, benefit: str) -> Iterator[actions.Price]:
    """What a policy has to say of a benefit's price."""
    own = turn.ruleset.rules[policy].actions
    return (one for one in own if isinstance(one, actions.Price) and one.benefit == benefit)


def basket_too_small(turn: Turn, arrival: PointsRedeem, params: actions.Price) -> Refused:
    """The basket does not come to what the price asks."""
    scale = turn.ruleset.definitions.catalogue.currency_scale
    least = exact.text(scaled(params.minimum_basket or Decimal(0), scale), scale)
    return Refused("BASKET_TOO_SMALL", field="/basket", benefit=arrival.benefit, least=least)


def once_an_order(turn: Turn, arrival: PointsRedeem, params: actions.Price) -> Refused:
    """The order has a redemption already."""
    return Refused("ORDER_HAS_REDEMPTION", field="/order_number", number=arrival.order_number or "")


def beyond(turn: Turn, arrival: PointsRedeem, params: actions.Price) -> Refused:
    """The rate does not sell that."""
    scale = turn.ruleset.definitions.catalogue.currency_scale
    least, most = pricing.bounds(params, scale) if isinstance(params, actions.PriceRate) else (0, 0)
    return out_of_range(turn, arrival, least, most)


Reason = Callable[[Turn, PointsRedeem, Any], Refused]
UNMET: Final[Mapping[str, Reason]] = {"basket": basket_too_small, "order": once_an_order, "range": beyond}
