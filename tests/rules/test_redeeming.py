"""Requests and what happens by itself: prices, steps, conversion, refusals, enrolment."""

from rules.effects import ConvertPoints, Enrol, PriceRedemption, Refuse, SendMessage
from tests.rules.lab import Document, asks, because, decided, earned, earns, lab, multiplies, policy, rates, words

STEPS = [{"points": 600, "value": "5.00"}, {"points": 2600, "value": "20.00"}, {"points": 7000, "value": "50.00"}]


def priced(points, benefit="coupon", **more):
    return policy(("price_fixed", {"benefit": benefit, "points": points}), on="points.redeem", **more)


def stepped(**more):
    return policy(("price_stepped", {"benefit": "coupon", "steps": STEPS}), on="points.redeem", **more)


def refuses(on="points.redeem", **more):
    return policy(("refuse", {"text": words("Not today.", "今日不可。")}), on=on, **more)


def converts(points=100, on="points.available", **more):
    return policy(("convert_points", {"points": points, **more}), on=on)


def test_a_fixed_price_is_for_its_own_benefit():
    rules = lab(coupon=priced(1000), pack=priced(800, "pack"))

    verdict = decided(rules, "points.redeem", redeem_benefit="coupon")

    assert verdict.effects == (PriceRedemption("earn/coupon", "coupon", 1000, None, "points"),)


def test_a_step_is_chosen_by_its_value_or_by_its_points():
    rules = lab(steps=stepped())
    coupon: Document = {"redeem_benefit": "coupon"}
    twenty = PriceRedemption("earn/steps", "coupon", 2600, 2000, "points")

    assert decided(rules, "points.redeem", **coupon, redeem_value=2000).effects == (twenty,)
    assert decided(rules, "points.redeem", **coupon, redeem_points=2600).effects == (twenty,)
    assert decided(rules, "points.redeem", **coupon, redeem_value=1000).effects == ()
    assert decided(rules, "points.redeem", **coupon, redeem_value=2000, redeem_points=600).effects == ()


def test_where_no_step_is_chosen_all_are_offered():
    verdict = decided(lab(steps=stepped()), "points.redeem", redeem_benefit="coupon")

    assert [effect.points for effect in verdict.effects if isinstance(effect, PriceRedemption)] == [600, 2600, 7000]


def test_of_several_prices_for_the_same_thing_the_lowest_stands():
    rules = lab(usual=priced(1000), gold=priced(900, conditions=asks("member_tier", "equal_to", "gold")))

    assert decided(rules, "points.redeem", redeem_benefit="coupon", member_tier="gold").effects == (
        PriceRedemption("earn/gold", "coupon", 900, None, "points"),
    )
    assert decided(rules, "points.redeem", redeem_benefit="coupon", member_tier="normal").effects == (
        PriceRedemption("earn/usual", "coupon", 1000, None, "points"),
    )


def test_in_a_group_by_best_the_cheaper_price_counts():
    best: Document = {"stacking": {"group": "prices", "mode": "best"}}

    verdict = decided(lab(a=priced(1000, **best), b=priced(900, **best)), "points.redeem", redeem_benefit="coupon")

    assert because(verdict) == {"a": "stacking:best", "b": None}


def test_a_refusal_wins_over_every_price_whatever_the_priority():
    no = refuses(priority=-5, conditions=asks("member_days_joined", "less_than", 1))
    rules = lab(coupon=priced(1000, priority=9), no=no)

    verdict = decided(rules, "points.redeem", redeem_benefit="coupon", member_days_joined=0)

    refusal = Refuse("earn/no", {"en": "Not today.", "zh-CN": "今日不可。"})
    assert (verdict.effects, verdict.refused) == ((refusal,), refusal)
    assert because(verdict) == {"coupon": "refused", "no": None}
    assert decided(rules, "points.redeem", redeem_benefit="coupon", member_days_joined=1).refused is None


def test_on_a_fact_a_refusal_makes_it_earn_nothing_but_messages_still_go():
    thanks = policy(("send_message", {"template": "thanks"}))
    no = refuses(on="order.paid", conditions=asks("order_store", "equal_to", "outlet"))
    rules = lab(base=rates(limits={"times_per_member": 9}), double=multiplies("2"), thanks=thanks, no=no)

    verdict = decided(rules, order_paid=10000, order_store="outlet")

    assert [type(effect) for effect in verdict.effects] == [Refuse, SendMessage]
    assert (verdict.uses, verdict.refused is not None) == ((), True)
    assert because(verdict) == {"base": "refused", "double": "refused", "thanks": "refused", "no": None}


def test_the_first_refusal_by_priority_is_the_one_that_is_said():
    rules = lab(a=refuses(), b=refuses(priority=3))

    refused = decided(rules, "points.redeem", redeem_benefit="coupon").refused

    assert refused is not None
    assert refused.policy == "earn/b"


def test_conversion_takes_as_often_as_the_points_are_there_and_carries_the_rest():
    rules = lab(auto=converts(100))

    assert decided(rules, "points.available", balance_points=465).effects == (
        ConvertPoints("earn/auto", "points", 100, 4, None),
    )
    assert decided(rules, "points.available", balance_points=99).effects == ()
    assert decided(rules, "points.available", balance_points=-20).effects == ()


def test_conversion_can_give_a_benefit_and_counts_in_the_wallets_units():
    rules = lab(auto=converts("1.25", wallet="stars", benefit="pack"))

    assert decided(rules, "points.available", balance_stars=260).effects == (
        ConvertPoints("earn/auto", "stars", 125, 2, "pack"),
    )


def test_whoever_buys_is_enrolled_and_who_does_not_buy_is_not():
    enrol = policy(("enrol", {}), on="member.enrol_wanted", conditions=asks("order_paid", "greater_than", "0.00"))
    rules = lab(enrol=enrol)

    assert decided(rules, "member.enrol_wanted", order_paid=1).effects == (Enrol("earn/enrol"),)
    assert decided(rules, "member.enrol_wanted", order_paid=0).effects == ()
    assert decided(rules, "member.enrol_wanted", order_paid=None).effects == ()


def test_a_declared_event_earns_by_what_it_carries():
    review = earns(20, on="review.written", conditions=asks("payload_rating", "greater_than_or_equal_to", 4))
    rules = lab(review=review)

    assert earned(decided(rules, "review.written", payload_rating=5)) == {"review": 20}
    assert earned(decided(rules, "review.written", payload_rating=3)) == {}


def test_a_tier_change_gives_its_pack():
    up = {"all": [asks("tier_direction", "equal_to", "up"), asks("tier_to", "equal_to", "gold")]}
    rules = lab(pack=policy(("issue_benefit", {"benefit": "pack"}), on="tier.changed", conditions=up))

    assert decided(rules, "tier.changed", tier_direction="up", tier_to="gold").effects != ()
    assert decided(rules, "tier.changed", tier_direction="down", tier_to="gold").effects == ()
