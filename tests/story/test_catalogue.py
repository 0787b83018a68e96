"""What an editor is offered over HTTP: names with their words, and what orders have named so far."""

CATALOGUE = """query { ruleCatalog {
  variables { name label type closed options { value label } operators { name } example }
  actions { name }
  events
} }"""
LINES = [
    {"sku": "MUG", "brand": "Kiln", "category": "cups", "quantity": 1, "amount": "100.00"},
    {"sku": "TEA", "brand": "Leaf", "category": "tea", "quantity": 1, "amount": "200.00"},
]

ORDERS = (
    {"channel": "app", "store": "bund", "payment": "wechat", "coupon": "ONLY-FOR-LIN"},
    {"channel": "web", "store": "bund", "payment": "wechat", "coupon": "AUTUMN", "lines": LINES},
    {"channel": "web", "store": "plaza", "payment": "card", "coupon": "AUTUMN", "lines": LINES[:1], "total": 10000},
)


async def test_options_are_what_orders_have_named_the_most_frequent_first(shop):
    before = await catalogue(shop)
    await shop.enrol("lin")
    for more in ORDERS:
        assert (await shop.order("lin", **more)).state == "ACCEPTED"

    after = await catalogue(shop)

    assert options(before, "order_channel") == options(before, "order_skus") == []
    assert options(after, "order_channel") == ["web", "app"]
    assert options(after, "order_store") == ["bund", "plaza"]
    assert options(after, "order_payment") == ["wechat", "card"]
    assert options(after, "order_coupon") == ["AUTUMN"]  # A code that one order alone has named may be a person's.
    assert options(after, "line_sku") == options(after, "order_skus") == ["MUG", "TEA"]
    assert options(after, "line_brand") == ["Kiln", "Leaf"]
    assert options(after, "line_category") == ["cups", "tea"]
    assert not after["order_channel"]["closed"]  # Tomorrow there may be another channel.


async def test_levels_come_from_the_programme_in_their_order_and_words(shop):
    found = await catalogue(shop)

    tier = found["member_tier"]
    assert [one["value"] for one in tier["options"]] == ["normal", "silver", "gold", "diamond"]
    assert {one["name"] for one in tier["operators"]} >= {"at_least", "equal_to"}
    assert tier["example"]["name"] == "member_tier"


async def test_only_who_may_read_rules_is_offered_anything(shop):
    await shop.enrol("lin")

    said = (await shop.post(CATALOGUE, token="lin")).json()

    assert (said.get("data") or {}).get("ruleCatalog") is None
    assert [one["extensions"]["code"] for one in said["errors"]] == ["FORBIDDEN"]


async def catalogue(shop):
    found = (await shop.ask(CATALOGUE, token="marketer"))["ruleCatalog"]
    return {one["name"]: one for one in found["variables"]}


def options(found, name):
    return [one["value"] for one in found[name]["options"]]
