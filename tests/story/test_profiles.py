"""What a person says of itself: sealed, complete to a percent, remembered by month and day, and masked for others."""

import json

import pytest

from models.table import TABLES
from tests.story.conftest import named
from tests.story.documents import RECEIPT

READ = """{ completeness missing values { name title value masked counts } preferences { preference option title } }"""
ME = f"{{ me {{ profileComplete profile {READ} }} }}"
MEMBER = f"query ($by: MemberRef!) {{ member(by: $by) {{ profile {READ} }} }}"
UPDATE = f"""mutation ($input: ProfileUpdateInput!) {{ profileUpdate(input: $input) {{
  {RECEIPT} userErrors {{ code field message }} }} }}"""
ASKED = {
    "fields": {
        "name": {"title": {"en": "Name", "zh-CN": "姓名"}, "mask": "name"},
        "phone": {"title": {"en": "Phone", "zh-CN": "手机号"}, "mask": "phone"},
        "shoe_size": {"title": {"en": "Shoe size", "zh-CN": "鞋码"}, "counts": False},
    },
    "dates": {"wedding": {"title": {"en": "Wedding day", "zh-CN": "结婚纪念日"}, "counts": True}},
    "preferences": {
        "care": {
            "title": {"en": "Care", "zh-CN": "护理"},
            "options": {"skin": {"en": "Skin", "zh-CN": "皮肤"}, "hair": {"en": "Hair", "zh-CN": "头发"}},
            "counts": True,
        }
    },
}
MATCHED = {
    "title": {"en": "Something for the skin", "zh-CN": "护肤好礼"},
    "on": ["order.paid"],
    "conditions": {"all": [{"name": "member_preferences", "operator": "contains", "value": "care.skin"}]},
    "actions": [{"name": "earn_points", "params": {"points": 7, "wallet": "growth"}}],
    "accepts": ["NO_END_DATE"],
    "examples": [
        {"given": {"member_preferences": ["care.skin"]}, "then": [{"earn": "growth", "points": 7}]},
        {"given": {"member_preferences": []}, "then": []},
    ],
}
WHOLE = {
    "name": "林晓雨",
    "phone": "138 0013 1234",
    "more": {"wedding": "2015-05-20"},
    "preferences": {"care": ["skin", "hair"]},
}


@pytest.fixture
def texts(texts):
    programme = json.loads(texts["programme"])
    programme["profile"] = ASKED
    return texts | {
        "programme": json.dumps(programme),
        "campaigns/for-the-skin": json.dumps(MATCHED),
    }


async def says(shop, who, /, *, token="service", **profile):
    given = {"idempotencyKey": shop.key(), "occurredAt": shop.iso(), "profile": profile}
    return await shop.do(UPDATE, given | ({"member": named(who)} if who else {}), token=token)


async def own(shop, name):
    return (await shop.ask(ME, token=name))["me"]


async def test_a_profile_is_as_complete_as_what_counts_of_it(shop, lin):
    await says(shop, None, token=lin, name="林晓雨", more={"shoe_size": "38"})

    me = await own(shop, lin)

    assert (me["profileComplete"], me["profile"]["completeness"]) == (False, 25)
    assert me["profile"]["missing"] == ["phone", "wedding"]
    assert [one for one in me["profile"]["values"] if one["value"]] == [
        {"name": "name", "title": "Name", "value": "林晓雨", "masked": False, "counts": True},
        {"name": "shoe_size", "title": "Shoe size", "value": "38", "masked": False, "counts": False},
    ]


async def test_filling_in_the_last_of_it_earns_what_completing_earns_and_once(shop, lin):
    before = await shop.balance(lin)
    first = await says(shop, None, token=lin, **(WHOLE | {"phone": ""}))

    last = await says(shop, None, token=lin, phone="138 0013 1234")
    again = await says(shop, None, token=lin, **WHOLE)

    assert (first.state, last.state, again.state) == ("ACCEPTED", "ACCEPTED", "ACCEPTED")
    assert (first.receipt["points"], again.receipt["points"]) == ([], [])
    assert await shop.balance(lin) == before + 50
    assert (await own(shop, lin))["profile"]["completeness"] == 100


async def test_others_see_too_little_to_use(shop, lin):
    await says(shop, lin, token="service", email="lin@example.com", birthday="1990-11-05", **WHOLE)

    seen = (await shop.ask(MEMBER, {"by": named(lin)}, token="staff"))["member"]["profile"]["values"]

    assert {one["name"]: one["value"] for one in seen if one["value"]} == {
        "name": "林**",
        "phone": "138****1234",
        "email": "l***@e***.com",
        "birthday": "***",
        "wedding": "***",
    }
    assert all(one["masked"] for one in seen if one["value"])


async def test_what_is_taken_away_is_gone(shop, lin):
    await says(shop, None, token=lin, **WHOLE)

    await says(shop, None, token=lin, name="", more={"wedding": ""}, preferences={"care": []})

    me = await own(shop, lin)
    assert [one["name"] for one in me["profile"]["values"] if one["value"]] == ["phone"]
    assert (me["profile"]["preferences"], me["profile"]["completeness"]) == ([], 25)
    assert await shop.house.db.rows("SELECT kind, month_day FROM member_dates") == [
        {"kind": "wedding", "month_day": None}
    ]


async def test_policies_read_preferences_and_days_are_found_by_month_and_day(shop, lin):
    await shop.enrol("wu", profile={"preferences": {"care": ["hair"]}})
    await says(shop, None, token=lin, **WHOLE)

    fits, other = await shop.order(lin), await shop.order("wu")

    grown = [one for answer in (fits, other) for one in answer.receipt["points"] if one["wallet"] == "growth"]
    growth = [one["available"] for one in grown]
    assert growth[0] - growth[1] == 7
    assert await shop.house.db.rows("SELECT kind, month_day FROM member_dates") == [
        {"kind": "wedding", "month_day": 520}
    ]


async def test_no_table_holds_a_value_in_the_clear(shop, lin):
    await says(shop, None, token=lin, **WHOLE)

    for table in TABLES:
        for row in await shop.house.db.rows(f"SELECT * FROM {table}"):
            for canary in ("林晓雨", "13800131234", "138 0013 1234", "2015-05-20"):
                assert canary not in str(row), table


@pytest.mark.parametrize(
    ("profile", "code", "field"),
    [
        ({"more": {"hobby": "chess"}}, "PROFILE_FIELD_UNKNOWN", ["input", "profile", "hobby"]),
        ({"more": {"wedding": "last May"}}, "INVALID_DATE", ["input", "profile", "wedding"]),
        ({"preferences": {"food": ["tea"]}}, "PREFERENCE_UNKNOWN", ["input", "preferences", "food"]),
        ({"preferences": {"care": ["nails"]}}, "PREFERENCE_UNKNOWN", ["input", "preferences", "care", "0"]),
        ({"preferences": {"care": "skin"}}, "INVALID_PAYLOAD", ["input", "profile", "preferences", "care"]),
    ],
)
async def test_what_nobody_asked_for_is_not_kept(shop, lin, profile, code, field):
    before = await shop.rows()

    answer = await says(shop, None, token=lin, name="Lin", **profile)

    assert (answer.code, answer.problem["field"]) == (code, field)
    assert await shop.rows() == before
