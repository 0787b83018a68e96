"""Partners as documents: whose shop an order is from, and what each partner's own rate earns there."""

from tests.rules.lab import asks, decided, earned, earns, faults, folder, lab, policy

AT_OWN_RATE = policy(("earn_points_by_table", {"by": "order_partner", "per": "1.00", "rounding": "floor_order"}))


def test_an_order_earns_at_the_rate_of_the_partner_it_is_from():
    ruleset = lab(AT_OWN_RATE)

    points = {name: earned(decided(ruleset, order_paid=10001, order_partner=name)) for name in ("tea", "cake", None)}

    assert points == {"tea": {"p0": 200}, "cake": {"p0": 50}, None: {}}


def test_a_policy_may_ask_whose_shop_it_is():
    ruleset = lab(earns(5, conditions=asks("order_partner", "equal_to", "tea")))

    assert [bool(earned(decided(ruleset, order_partner=name))) for name in ("tea", "cake", None)] == [
        True,
        False,
        False,
    ]


def test_a_table_of_anything_else_says_its_rates():
    wrong = policy(("earn_points_by_table", {"by": "order_payment", "per": "1.00"}))

    assert [(one.code, one.pointer) for one in faults(folder(wrong))] == [("FIELD_MISSING", "/actions/0/params/table")]


def test_every_shop_leads_to_its_partner_and_the_house_to_none():
    assert lab().sellers == {"tea": "tea", "till": "cake"}
