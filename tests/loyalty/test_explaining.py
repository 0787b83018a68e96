"""Every entry can be explained in both languages, by the version and the values of its day, and comes out the same."""

from typing import Any

import pytest

from loyalty.explaining import Explanation, explain
from loyalty.publishing import pause
from loyalty.refusals import Refused
from tests.loyalty.conftest import ADMIN, Shop, lines
from tests.loyalty.programme import FILES

GOLD = 150_000  # An order that reaches gold.


async def entries(shop: Shop, where: str) -> list[int]:
    rows = await shop.house.db.rows(f"SELECT id FROM transfers WHERE wallet = 'points' AND {where} ORDER BY id")
    return [row["id"] for row in rows]


async def told(shop: Shop, entry: int, lang: str = "en") -> Explanation:
    live = await shop.house.rulebook.programme(shop.house.db, "story")
    return await explain(shop.house, live, str(entry), lang)


async def the_last(shop: Shop, where: str, lang: str = "en") -> Explanation:
    return await told(shop, (await entries(shop, where))[-1], lang)


def has(explanation: Explanation, *parts: str) -> bool:
    text = "\n".join(explanation.lines)
    return all(part in text for part in parts)


async def test_a_multiplied_entry_shows_its_arithmetic(shop):
    await shop.order("lin", GOLD)
    await shop.order("lin", 10_050, "A2")

    english = await the_last(shop, "policy = 'earn/gold'")
    chinese = await the_last(shop, "policy = 'earn/gold'", "zh-CN")

    assert has(english, "Order A2", "Gold earns double (earn/gold, version 1)", "100.5 × 2 = 201", "found: Gold")
    assert has(chinese, "订单 A2", "金卡双倍（earn/gold，版本 1）", "100.5×2=201")


async def test_what_matured_is_explained_by_the_decision_that_promised_it(shop):
    await shop.order("lin", 10_000, "A1")
    shop.later(days=7)
    await shop.settle("lin")

    explanation = await the_last(shop, "reason = 'matured'")

    assert has(explanation, "from pending to available", "Order A1", "A point per yuan", "100 points, of which 100")


async def test_a_redemption_names_its_price(shop):
    await shop.order("lin", 40_000)
    shop.later(days=7)
    await shop.redeem("lin")

    explanation = await the_last(shop, "reason = 'redeemed'")

    assert has(explanation, "from available to redeemed", "¥10 for 300", "300 points")


async def test_a_redemption_is_not_told_the_prices_of_other_benefits(shop):
    pack = {
        "title": {"en": "A pack for 5", "zh-CN": "5分换礼包"},
        "on": ["points.redeem"],
        "actions": [{"name": "price_fixed", "params": {"benefit": "gold-pack", "points": "5"}}],
        "examples": [
            {"given": {"redeem_benefit": "gold-pack"}, "then": [{"price": "gold-pack", "points": 5}]},
            {"given": {"redeem_benefit": "coupon-10"}, "then": []},
        ],
    }
    await shop.publish(redeem__pack=pack)
    live = await shop.house.rulebook.programme(shop.house.db, "story")
    shop.now = live.newest.live_from
    await shop.order("lin", 30_000)
    shop.later(days=8)
    await shop.redeem("lin")

    explanation = await the_last(shop, "reason = 'redeemed'")

    assert has(explanation, "¥10 for 300")
    assert not has(explanation, "A pack for 5")


async def test_what_was_read_is_told_in_chinese_with_chinese_colons(shop):
    await shop.order("lin", 10_000)
    (entry,) = await entries(shop, "reason = 'earned'")

    explanation = await told(shop, entry, "zh-CN")

    assert has(explanation, "等级：普通会员")
    assert not has(explanation, ": ")


async def test_a_policy_that_gave_nothing_says_why(shop):
    await shop.order("lin", 10_000)

    explanation = await the_last(shop, "reason = 'earned'")

    assert has(
        explanation, "Gold earns double: did not apply", "wanted: level: Grade is Gold or higher – found: Normal"
    )


async def test_a_pause_of_that_day_is_remembered(shop):
    await shop.order("lin", GOLD)
    await pause(shop.house.db, shop.house.rulebook, ADMIN, "story", "earn/gold")
    await shop.order("lin", 10_000, "A2")
    await pause(shop.house.db, shop.house.rulebook, ADMIN, "story", "earn/gold", stop=False)

    explanation = await the_last(shop, "reason = 'earned'")

    assert has(explanation, "Gold earns double", "paused")
    assert all(decision["recomputed_the_same"] for decision in explanation.data["decisions"])


async def test_an_old_entry_is_explained_by_its_own_version(shop):
    await shop.order("lin", 10_000)
    base = FILES["earn/base"]
    await shop.publish(earn__base=base | {"title": {"en": "Renamed", "zh-CN": "改名"}})

    explanation = await the_last(shop, "reason = 'earned'")

    assert has(explanation, "A point per yuan (earn/base, version 1)")
    assert not has(explanation, "Renamed")


async def test_a_cap_that_was_hit_is_named(shop):
    action = {"name": "earn_points", "params": {"points": "20", "pending": {"days": 0}}}
    await shop.publish(earn__review=FILES["earn/review"] | {"actions": [action], "limits": {"points_per_member": 30}})
    live = await shop.house.rulebook.programme(shop.house.db, "story")
    shop.now = live.newest.live_from
    await shop.enrol("lin")
    await shop.behave("lin", "review.written", rating=5)
    await shop.behave("lin", "review.written", rating=5)

    explanation = await the_last(shop, "policy = 'earn/review'")

    assert explanation.data["amount"] == 10
    assert has(explanation, "10 points (of 20 points: ", "30")
    assert explanation.data["decisions"][0]["recomputed_the_same"]


async def test_every_entry_of_a_long_story_comes_out_as_it_was_kept(shop):
    await shop.order("lin", GOLD, "A1", lines=lines(50_000, 100_000))
    shop.later(days=8)
    await shop.order("lin", 10_050, "A2")
    await shop.one(shop.returned("A2"))
    await shop.redeem("lin", hold=True)
    await shop.redeem("lin")
    shop.later(days=400)
    await shop.settle("lin")

    explanations = [await told(shop, entry, lang) for entry in await entries(shop, "1 = 1") for lang in ("en", "zh-CN")]

    assert len(explanations) > 16
    for explanation in explanations:
        assert explanation.lines
        assert all(decision["recomputed_the_same"] for decision in explanation.data["decisions"])


async def test_a_birthday_is_never_told_only_whether_it_is_its_month(shop):
    birthday: dict[str, Any] = {
        "title": {"en": "Birthday", "zh-CN": "生日"},
        "on": ["order.paid"],
        "conditions": {"name": "member_birthday_month", "operator": "is_true"},
        "actions": [{"name": "earn_points", "params": {"points": "5"}}],
        "examples": [
            {"given": {"member_birthday_month": True}, "then": [{"earn": "points", "points": 5}]},
            {"given": {"member_birthday_month": False}, "then": []},
        ],
    }
    await shop.publish(earn__birthday=birthday)
    live = await shop.house.rulebook.programme(shop.house.db, "story")
    shop.now = live.newest.live_from
    await shop.enrol("lin", profile={"birthday": f"1990-{shop.now:%m}-17"})
    shop.later(minutes=1)
    await shop.order("lin", 10_000)

    explanation = await the_last(shop, "policy = 'earn/birthday'")

    assert has(explanation, "birthday month: yes")
    assert not has(explanation, "1990")
    assert "1990" not in str(explanation.data)


async def test_an_entry_is_found_by_its_opaque_id_and_by_no_other(shop):
    await shop.order("lin", 10_000)
    (entry,) = await entries(shop, "reason = 'earned'")
    member = await shop.member_id("lin")
    live = await shop.house.rulebook.programme(shop.house.db, "story")
    seal = shop.house.secrets.seal

    found = await explain(shop.house, live, seal("entry", 1, member, entry), "en")

    assert found.data["entry"] == entry
    for wrong in (
        seal("entry", 2, member, entry),
        seal("entry", 1, member + 1, entry),
        seal("event", 1, member, entry),
        "x",
    ):
        with pytest.raises(Refused, match="NOT_FOUND"):
            await explain(shop.house, live, wrong, "en")
