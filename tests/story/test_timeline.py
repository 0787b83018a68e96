"""Everything that happened to a member, newest first, in words, with why, by pages that stay in place."""

from tests.story import documents as says
from tests.story.conftest import named

ENTRY = "kind words orderNumber why by policies { path } receipt { tiers { tierTo } }"
ME = f"""query ($first: Int! = 20, $after: String) {{ me {{ timeline(first: $first, after: $after) {{
  nodes {{ {ENTRY} }} pageInfo {{ hasNextPage endCursor }} }} }} }}"""
OF = f"query ($by: MemberRef!) {{ member(by: $by) {{ timeline {{ nodes {{ {ENTRY} }} }} }} }}"
UPDATE = "mutation ($input: MemberUpdateInput!) { memberUpdate(input: $input) { userErrors { code } } }"
ADJUST = "mutation ($input: PointsAdjustInput!) { pointsAdjust(input: $input) { userErrors { code } } }"


async def life(shop, lin):
    paid = await shop.order(lin, total=100000, number="A1")
    assert paid.state == "ACCEPTED"
    shop.clock.wait(days=8)
    await shop.redeem(lin)
    await shop.give_back("A1")
    given = {"idempotencyKey": "adjust", "member": named(lin), "points": 5, "reason": "a kindness"}
    await shop.do(ADJUST, given, token="staff")


async def test_what_happened_is_told_newest_first_with_why(shop, lin):
    await life(shop, lin)

    nodes = (await shop.ask(OF, {"by": named(lin)}, token="staff"))["member"]["timeline"]["nodes"]

    assert [(one["kind"], one["words"]) for one in nodes if not one["kind"].startswith("clock.")] == [
        ("points.adjust", "Staff put the balance right"),
        ("order.returned", "Goods came back"),
        ("points.redeem", "Redeemed points"),
        ("order.paid", "An order was paid"),
        ("member.enrolled", "Joined"),
    ]
    paid = next(one for one in nodes if one["kind"] == "order.paid")
    assert (paid["orderNumber"], paid["receipt"]["tiers"]) == ("A1", [{"tierTo": "silver"}])
    assert "earn/base" in [one["path"] for one in paid["policies"]]
    assert len(paid["why"]) == len(paid["policies"])
    assert nodes[0]["why"] == ["a kindness"]
    assert nodes[0]["by"] == "staff:wei"


async def test_a_member_reads_its_own_in_its_language_and_not_who_did_it(shop, lin):
    await life(shop, lin)

    nodes = (await shop.ask(ME, token=lin, lang="zh-CN"))["me"]["timeline"]["nodes"]

    assert nodes[0]["words"] == "工作人员调整积分"
    assert (nodes[0]["why"], {one["by"] for one in nodes}) == ([], {None})


async def test_pages_stay_in_place_while_more_happens(shop, lin):
    await life(shop, lin)
    whole = (await shop.ask(ME, token=lin))["me"]["timeline"]["nodes"]
    first = (await shop.ask(ME, {"first": 2}, token=lin))["me"]["timeline"]

    await shop.order(lin, total=1000)
    rest = (await shop.ask(ME, {"after": first["pageInfo"]["endCursor"]}, token=lin))["me"]["timeline"]

    assert first["nodes"] + rest["nodes"] == whole
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)


async def test_a_profile_is_told_without_its_values(shop, lin):
    given = {"occurredAt": shop.iso(), "profile": {"name": "Lin Xiaoyu"}, "idempotencyKey": "p"}
    await shop.do(says.PROFILE, given, token=lin)

    nodes = (await shop.ask(OF, {"by": named(lin)}, token="staff"))["member"]["timeline"]["nodes"]

    assert nodes[0]["words"] == "Completed the profile"
    assert "Xiaoyu" not in str(nodes)
