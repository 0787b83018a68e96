"""Points come in with an order, wait until it can no longer be returned, and go out for a coupon."""

import asyncio

from tests.story import documents as says


async def test_an_order_earns_points_that_can_be_spent_a_week_later(shop, lin):
    answer = await shop.order(lin, total=30000)

    assert answer.state == "ACCEPTED"
    assert answer.receipt["points"][0] == {"wallet": "points", "pending": 300, "available": 0, "held": 0, "owed": 0}
    assert (await shop.pending(lin), await shop.balance(lin)) == (300, 200)

    shop.clock.wait(days=7)

    assert (await shop.pending(lin), await shop.balance(lin)) == (0, 500)


async def test_a_coupon_costs_what_its_policy_says(shop, lin):
    await shop.order(lin, total=120000)
    shop.clock.wait(days=7)

    answer = await shop.redeem(lin)

    assert answer.state == "ACCEPTED"
    assert await shop.balance(lin) == 400
    (coupon,) = answer.receipt["entitlements"]
    assert (coupon["state"], coupon["benefit"]["key"]) == ("ISSUED", "coupon-10")
    assert len(coupon["code"]) == 19


async def test_a_refused_redemption_leaves_the_wallet_alone(shop, lin):
    before = await shop.member(lin)

    answer = await shop.redeem(lin)

    assert (answer.state, answer.code) == ("REFUSED", "INSUFFICIENT_POINTS")
    assert answer.problem["message"].startswith("The wallet lacks 800 points for this. ")
    assert answer.receipt["entitlements"] == []
    assert await shop.member(lin) == before


async def test_a_policy_refuses_in_its_own_words(shop):
    await shop.enrol("wu")

    english = await shop.redeem("wu")
    chinese = await shop.redeem("wu", lang="zh-CN")

    assert (english.code, english.problem["policy"]) == ("REFUSED_BY_POLICY", "redeem/first-day")
    assert english.problem["message"] == "Points can be redeemed from the day after you joined."
    assert chinese.problem["message"] == "入会次日起可兑换积分。"


async def test_a_hold_sets_points_aside_until_it_is_captured(shop, lin):
    await shop.order(lin, total=120000)
    shop.clock.wait(days=7)

    held = await shop.redeem(lin, hold=True)
    wallet = (await shop.member(lin))["points"]

    assert (wallet["available"], wallet["held"]) == (400, 1000)

    captured = await shop.do(says.CAPTURE, {"idempotencyKey": "c", "hold": held.payload["hold"]}, token=lin)
    wallet = (await shop.member(lin))["points"]

    assert captured.state == "ACCEPTED"
    assert (wallet["available"], wallet["held"]) == (400, 0)
    assert [one["benefit"]["key"] for one in captured.receipt["entitlements"]] == ["coupon-10"]


async def test_a_code_is_shown_once_its_benefit_is_bought(shop, lin):
    await shop.order(lin, total=120000)
    shop.clock.wait(days=7)
    coupons = "query { me { entitlements(first: 50) { nodes { benefit { key } state code } } } }"

    async def seen():
        nodes = (await shop.ask(coupons, token=lin))["me"]["entitlements"]["nodes"]
        return [(one["state"], bool(one["code"])) for one in nodes if one["benefit"]["key"] == "coupon-10"]

    held = await shop.redeem(lin, hold=True)
    assert await seen() == [("RESERVED", False)]

    await shop.do(says.CAPTURE, {"idempotencyKey": "c", "hold": held.payload["hold"]}, token=lin)
    assert await seen() == [("ISSUED", True)]


async def test_a_hold_that_is_released_or_forgotten_gives_everything_back(shop, lin):
    await shop.order(lin, total=120000)
    shop.clock.wait(days=7)
    held = await shop.redeem(lin, hold=True)

    released = await shop.do(says.RELEASE, {"idempotencyKey": "r", "hold": held.payload["hold"]}, token=lin)

    assert released.state == "ACCEPTED"
    assert await shop.balance(lin) == 1400

    await shop.redeem(lin, hold=True)
    assert await shop.balance(lin) == 400
    shop.clock.wait(minutes=15)

    assert await shop.balance(lin) == 1400


async def test_somebody_elses_hold_is_not_found(shop, lin):
    await shop.order(lin, total=120000)
    await shop.enrol("wu")
    shop.clock.wait(days=7)
    held = await shop.redeem(lin, hold=True)

    answer = await shop.do(says.CAPTURE, {"idempotencyKey": "c", "hold": held.payload["hold"]}, token="wu")

    assert answer.code == "NOT_FOUND"
    assert (await shop.member(lin))["points"]["held"] == 1000


async def test_staff_put_a_balance_right_with_a_reason_the_member_can_read(shop, lin):
    given = {"idempotencyKey": "a", "member": {"identity": {"kind": "external", "value": lin}}, "points": 50}

    answer = await shop.do(says.ADJUST, {**given, "reason": "Sorry for the delay"}, token="staff")

    assert answer.state == "ACCEPTED"
    assert await shop.balance(lin) == 250
    newest = (await shop.member(lin))["points"]["entries"]["nodes"][0]
    assert (newest["kind"], newest["points"]) == ("ADJUST", 50)
    assert newest["reason"] == "Put right by our staff: Sorry for the delay"


async def test_a_statement_adds_up_line_by_line(shop, lin):
    await shop.order(lin, total=120000)
    shop.clock.wait(days=7)
    await shop.redeem(lin)

    wallet = (await shop.member(lin))["points"]
    told = [(one["kind"], one["points"], one["balanceAfter"]) for one in wallet["entries"]["nodes"]]

    assert told == [("REDEEM", -1000, 400), ("MATURE", 0, 1400), ("EARN", 1200, 200), ("EARN", 200, 200)]
    assert sum(points for _, points, _ in told) == wallet["balance"] == 400


async def test_points_tell_when_they_will_expire_and_then_do(shop, lin):
    await shop.order(lin, total=30000)
    shop.clock.wait(days=7)

    wallet = (await shop.member(lin))["points"]
    assert wallet["expiring"] == [{"points": 200, "on": "2027-11-02"}, {"points": 300, "on": "2027-11-03"}]

    shop.clock.wait(days=357, seconds=-1)
    assert await shop.balance(lin) == 500
    shop.clock.wait(seconds=1)
    assert await shop.balance(lin) == 300
    shop.clock.wait(days=1)
    assert await shop.balance(lin) == 0


async def test_of_two_tills_only_one_spends_the_last_points(shop, lin):
    await shop.order(lin, total=80000)
    shop.clock.wait(days=7)

    answers = await asyncio.gather(*(shop.redeem(lin) for _ in range(8)))

    assert sorted(answer.state for answer in answers) == ["ACCEPTED", *["REFUSED"] * 7]
    assert await shop.balance(lin) == 0


async def test_pages_of_entries_stay_in_place_while_new_ones_arrive(shop, lin):
    for _ in range(5):
        await shop.order(lin, total=10000)
    document = """query ($after: String) { me { points { entries(first: 2, after: $after) {
      nodes { id } pageInfo { hasNextPage endCursor } } } } }"""
    first = (await shop.ask(document, token=lin))["me"]["points"]["entries"]
    await shop.order(lin, total=10000)

    seen, page = [one["id"] for one in first["nodes"]], first["pageInfo"]
    while page["hasNextPage"]:
        found = (await shop.ask(document, {"after": page["endCursor"]}, token=lin))["me"]["points"]["entries"]
        seen += [one["id"] for one in found["nodes"]]
        page = found["pageInfo"]

    assert len(seen) == len(set(seen)) == 6


async def test_points_may_be_named_instead_of_a_value(shop, lin):
    await shop.order(lin, total=120000)
    shop.clock.wait(days=7)

    wrong = await shop.redeem(lin, points=999)
    right = await shop.redeem(lin, points=1_000)

    assert (wrong.code, wrong.problem["field"]) == ("POINTS_DIFFER", ["input", "points"])
    assert wrong.problem["message"].startswith("This costs 1000 points.")
    assert right.state == "ACCEPTED"
    assert await shop.balance(lin) == 400


async def test_a_use_names_a_part_only_where_there_is_one(shop, lin):
    await shop.order(lin, total=120000)
    shop.clock.wait(days=7)
    (coupon,) = (await shop.redeem(lin)).receipt["entitlements"]

    scratched = await shop.do(says.VERIFY, {"idempotencyKey": "a", "code": coupon["code"], "part": "scratch"})
    used = await shop.do(says.VERIFY, {"idempotencyKey": "b", "code": coupon["code"], "use": True})

    assert scratched.code == "PART_UNKNOWN"
    assert (used.payload["valid"], used.payload["used"], used.payload["usesLeft"]) == (True, True, 0)
    (own,) = [one for one in (await shop.member(lin))["entitlements"]["nodes"] if one["id"] == coupon["id"]]
    assert (own["state"], own["usesLeft"], own["parts"], own["money"]) == ("USED", 0, [], None)
