"""What editors are offered of what orders named: what is common, and no code of anybody's own."""

from loyalty import seen


async def test_a_coupon_that_one_order_named_is_nobody_elses_business(shop):
    await shop.order("lin", total=10000, coupon="SPRING", channel="app")
    await shop.order("lin", total=10000, coupon="SPRING", channel="web")
    await shop.order("lin", total=10000, coupon="K7Q2-9XWD", channel="web")

    options = await seen.options(shop.house.db, 1)

    assert options["order_coupon"] == ["SPRING"]
    assert options["order_channel"] == ["web", "app"]
