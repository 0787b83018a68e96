"""Sums of steps and rates: the cheapest there is, against trying everything; and bounded, whatever is asked."""

from fractions import Fraction
from itertools import product
from math import ceil
from time import perf_counter

from hypothesis import given
from hypothesis import strategies as st

from rules.actions import PriceRate
from rules.effects import PriceRedemption
from rules.pricing import CELLS_MAX, bought, chosen, combined, cost_of
from tests.rules.lab import decided, lab, policy

OFFERS = st.lists(
    st.tuples(st.integers(1, 60), st.integers(1, 12), st.sampled_from([0, 0, 3])), min_size=1, max_size=3,
    unique_by=lambda offer: offer[1],
).map(tuple)  # fmt: skip
UNITS = (0, 2)


def tried(offers, value):
    """Every way to make a value, up to as many pieces of each as fit."""
    counts = product(*(range(value // worth + 1) for _, worth, _ in offers))
    sums = [
        (sum(n * cost for n, (cost, _, _) in zip(many, offers, strict=True)),
         sum(n * beside for n, (_, _, beside) in zip(many, offers, strict=True)))
        for many in counts
        if sum(n * worth for n, (_, worth, _) in zip(many, offers, strict=True)) == value
    ]  # fmt: skip
    return min(sums, default=None)


@given(OFFERS, st.integers(1, 40))
def test_the_cheapest_sum_is_the_cheapest_of_all(offers, value):
    best = tried(offers, value)

    found = chosen(offers, None, value, None)

    assert found == (() if best is None else ((best[0], value, best[1]),))


@given(OFFERS, st.integers(1, 200))
def test_points_buy_the_greatest_value_they_reach(offers, points):
    sums = {value: tried(offers, value) for value in range(1, 41)}
    reached = [value for value, best in sums.items() if best is not None and best[0] <= points]

    found = chosen(offers, 40, None, points)

    assert [value for _, value, _ in found] == reached[-1:]


def test_no_table_is_longer_than_a_table_may_be():
    offers = tuple((index + 1, index + 1, 0) for index in range(50))
    start = perf_counter()

    grid, sums = combined(offers, None)

    assert (grid, len(sums)) == (1, CELLS_MAX + 1)
    assert chosen(offers, None, 10**12, None) == ()
    assert perf_counter() - start < 5


DEARER = st.lists(st.tuples(st.integers(1, 1_500), st.integers(1, 20)), max_size=3, unique_by=lambda step: step[0])


@given(st.integers(1, 200_000), st.sampled_from(["1.00", "0.30"]), st.integers(1, 7), DEARER)
def test_a_rate_costs_what_each_cent_costs_and_sells_the_most_it_can(value, per, points, steps):
    steps = sorted(steps)
    params = PriceRate.model_validate(
        {"benefit": "coupon", "points": points, "per": per,
         "steps": tuple({"from": start, "points": dearer} for start, dearer in steps)}
    )  # fmt: skip
    starts, rates = [0, *(start * 100 for start, _ in steps)], [points, *(dearer for _, dearer in steps)]
    ends = [*starts[1:], max(value, starts[-1])]
    minor = int(Fraction(per) * 100)
    exact = sum(Fraction(r, minor) * max(min(value, e) - s, 0) for s, e, r in zip(starts, ends, rates, strict=True))

    cost = cost_of(params, value, UNITS)
    most = bought(params, cost, 10**9, UNITS)

    assert cost == ceil(exact)
    assert most >= value
    assert cost_of(params, most, UNITS) <= cost < cost_of(params, most + 1, UNITS)


def test_a_rate_costs_on_however_much_is_sold():
    params = PriceRate.model_validate({"benefit": "coupon", "points": 1, "per": "1.00", "most": "30000000.00"})

    assert cost_of(params, 3_000_000_000, UNITS) == 30_000_000
    assert bought(params, 15_000_000, 3_000_000_000, UNITS) == 1_500_000_000


def test_a_price_in_a_wallet_with_decimals_rounds_up_once():
    rate = {"benefit": "coupon", "points": "0.333", "per": "1.00", "wallet": "stars"}
    rules = lab(policy(("price_rate", rate), on="points.redeem"))

    (price,) = decided(rules, "points.redeem", redeem_benefit="coupon", redeem_value=200).effects

    assert isinstance(price, PriceRedemption)
    assert (price.points, price.value) == (67, 200)  # 0.666 stars, held in hundredths.


def test_a_basket_or_an_order_in_the_way_is_told():
    asked = {"benefit": "coupon", "points": 5, "minimum_basket": "10.00", "one_per_order": True}
    rules = lab(policy(("price_fixed", asked), on="points.redeem"))

    def told(**facts):
        verdict = decided(rules, "points.redeem", redeem_benefit="coupon", **facts)
        return [(one.fired, one.because) for one in verdict.outcomes], len(verdict.effects)

    assert told(redeem_basket=999) == ([(False, "basket")], 0)
    assert told() == ([(False, "basket")], 0)
    assert told(redeem_basket=1_000, redeem_on_order=1) == ([(False, "order")], 0)
    assert told(redeem_basket=1_000, redeem_on_order=0) == ([(True, None)], 1)
