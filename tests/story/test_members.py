"""Members rise, see what is missing, and hold what they were given."""

from tests.story import documents as says
from tests.story.conftest import named


async def test_reaching_silver_brings_its_pack(shop, lin):
    answer = await shop.order(lin, total=100000)

    assert answer.receipt["tiers"] == [{"ladder": "grade", "tierFrom": "normal", "tierTo": "silver", "title": "Silver"}]
    me = await shop.member(lin)
    assert me["tier"] == {"key": "silver", "title": "Silver", "rank": 1}
    assert "silver-pack" in [one["benefit"]["key"] for one in me["entitlements"]["nodes"]]
    history = me["standings"][0]["history"]["nodes"]
    assert [(one["tierTo"], one["reason"], one["words"]) for one in history] == [
        ("silver", "REACHED", "What the level asks for was met."),
        ("normal", "ENROLLED", "Everybody begins here."),
    ]


async def test_progress_says_what_is_missing_and_when_it_is_looked_at(shop, lin):
    await shop.order(lin, total=40000)

    progress = (await shop.member(lin))["standings"][0]["progress"]

    assert progress["next"]["key"] == "silver"
    (missing,) = progress["missing"]
    assert (missing["name"], missing["has"], missing["needs"]) == ("growth_365d", "400", "1000")
    assert (progress["reviewAt"], progress["atRisk"]) == ("2026-11-30T16:00:00Z", False)


async def test_whoever_stays_away_is_told_what_the_next_review_does(shop, lin):
    await shop.order(lin, total=100000)
    shop.clock.wait(days=91)

    progress = (await shop.member(lin))["standings"][0]["progress"]

    assert (progress["atRisk"], progress["fallsTo"]) == (True, {"key": "normal"})


async def test_a_benefit_says_why_not(shop, lin):
    benefits = {one["benefit"]["key"]: one["availability"] for one in (await shop.member(lin))["benefits"]}

    assert benefits["coupon-10"] == {
        "state": "TOO_FEW_POINTS",
        "reason": "800 more points are needed.",
        "prices": [
            {"wallet": "points", "points": 1000, "value": None, "money": None, "upTo": None, "minimumBasket": None}
        ],
    }
    assert benefits["silver-pack"]["state"] == "NOT_FOR_POINTS"
    assert [price["value"]["amount"] for price in benefits["voucher"]["prices"]] == ["5.00", "20.00", "50.00"]


async def test_the_first_day_locks_in_words_of_the_policy(shop):
    await shop.enrol("wu")

    benefits = {
        one["benefit"]["key"]: one["availability"] for one in (await shop.member("wu", lang="zh-CN"))["benefits"]
    }

    assert (benefits["coupon-10"]["state"], benefits["coupon-10"]["reason"]) == ("LOCKED", "入会次日起可兑换积分。")


async def test_a_service_finds_a_member_by_name_and_sees_no_value_of_it(shop, lin):
    found = (await shop.ask(says.MEMBER, {"by": named(lin)}))["member"]

    assert found["identities"] == [{"kind": "external", "since": "2026-11-02T02:00:00Z"}]
    assert (await shop.ask(says.MEMBER, {"by": {"id": found["id"]}}))["member"]["id"] == found["id"]


async def test_a_name_belongs_to_one_member(shop, lin):
    before = await shop.member(lin)

    answer = await shop.enrol(lin)

    assert answer.code == "IDENTITY_TAKEN"
    assert await shop.member(lin) == before


async def test_a_completed_profile_earns_once(shop, lin):
    given = {"member": named(lin), "occurredAt": shop.iso(), "profile": {"name": "Lin", "birthday": "1990-11-05"}}

    first = await shop.do(says.PROFILE, {**given, "idempotencyKey": "1"})
    again = await shop.do(says.PROFILE, {**given, "idempotencyKey": "2"})

    assert (first.state, again.state) == ("ACCEPTED", "ACCEPTED")
    assert await shop.balance(lin) == 250


async def test_a_declared_event_earns_by_its_payload(shop, lin):
    given = {"idempotencyKey": "1", "type": "review.written", "member": named(lin), "occurredAt": shop.iso()}

    answer = await shop.do(says.EVENT, {**given, "payload": {"rating": 5, "sku": "tea"}})

    assert answer.state == "ACCEPTED"
    assert await shop.balance(lin) == 220


async def test_a_preview_promises_what_the_order_then_earns(shop, lin):
    before = await shop.rows()

    told = (await shop.ask(says.PREVIEW, {"input": {"total": "1000.00"}}, token=lin))["orderPreview"]

    assert await shop.rows() == before
    assert (told["earns"], told["userErrors"]) == (1000, [])
    assert told["tiers"] == [{"ladder": "grade", "tierFrom": "normal", "tierTo": "silver", "title": "Silver"}]
    assert "silver-pack" in [one["key"] for one in told["benefits"]]
    answer = await shop.order(lin, total=100000)
    assert next(one for one in answer.receipt["points"] if one["wallet"] == "points")["pending"] == 1000


async def test_every_node_is_found_again_by_its_id_by_whoever_may(shop, lin):
    await shop.order(lin, total=100000)
    await shop.enrol("wu")
    me = await shop.member(lin)
    ids = [me["id"], me["points"]["entries"]["nodes"][0]["id"], me["entitlements"]["nodes"][0]["id"]]
    document = "query ($id: ID!) { node(id: $id) { __typename id } }"

    own = [(await shop.ask(document, {"id": one}, token=lin))["node"]["id"] for one in ids]
    others = [(await shop.ask(document, {"id": one}, token="wu"))["node"] for one in ids]

    assert own == ids
    assert others == [None, None, None]


async def test_a_member_fills_in_its_own_profile_and_nobody_elses(shop, lin):
    await shop.enrol("wu")
    given = {"occurredAt": shop.iso(), "profile": {"name": "Lin"}}

    own = await shop.do(says.PROFILE, {**given, "idempotencyKey": "1"}, token=lin)
    other = await shop.do(says.PROFILE, {**given, "idempotencyKey": "2", "member": named("wu")}, token=lin)

    assert (own.state, other.code) == ("ACCEPTED", "NOT_FOUND")
    assert ((await shop.member(lin))["profileComplete"], (await shop.member("wu"))["profileComplete"]) == (True, False)


async def test_points_change_hands_and_keep_their_life(shop, lin):
    await shop.enrol("wu")
    given = {"member": named(lin), "to": named("wu"), "points": 150}

    answer = await shop.do(says.TRANSFER, {**given, "idempotencyKey": "1"}, token="staff")
    to_oneself = await shop.do(says.TRANSFER, {**given, "to": named(lin), "idempotencyKey": "2"}, token="staff")

    assert (answer.state, to_oneself.code) == ("ACCEPTED", "NOT_TO_ONESELF")
    assert (await shop.balance(lin), await shop.balance("wu")) == (50, 350)
    assert (await shop.member("wu"))["points"]["expiring"] == [
        {"points": 150, "on": "2027-11-02"},
        {"points": 200, "on": "2027-11-03"},
    ]


async def test_a_member_is_answered_in_its_own_language_where_none_is_asked_for(shop):
    await shop.enrol("chen", locale="zh-CN")

    asked, own = await shop.member("chen"), await shop.member("chen", lang="")

    assert (asked["points"]["title"], own["points"]["title"]) == ("Points", "积分")
    assert own["points"]["entries"]["nodes"][0]["reason"] == "获得：注册送200积分"
