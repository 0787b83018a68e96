"""`loyalty benefits …`: the shell counts what became of each benefit."""

from tests.loyalty.programme import FILES


def test_figures_are_said_in_words_and_for_programs(house):
    stocked = FILES["benefits/coupon-10"] | {"stock": 5, "cost": "10.00", "supply": {"low_stock": 5}}
    house.programme(benefits__coupon_10=stocked)
    assert house("rules", "publish", "rules/programmes/story").code == 0

    said, data = house("benefits", "figures"), house("benefits", "figures", "--json", "--lang", "zh-CN")

    line = "coupon-10: 0 issued, 0 used, 0 open, 0 expired, 0 taken back; only 5 of 5 left; cost 0"
    assert (said.code, data.code) == (0, 0)
    assert line in said.out.splitlines()
    (row,) = [one for one in data.json if one["benefit"] == "coupon-10"]
    assert (row["issued"], row["usage_rate"], row["stock"], row["low"]) == (0, None, 5, True)
