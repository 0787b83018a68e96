"""What lies ahead on a ladder, in words; and what a member's page asks of the database, however much a member holds."""

import json
from typing import Any

import pytest

from models.database import Database
from tests.story import documents as says

QUERIES = 3  # The account, its entitlements, and what is left of stock and budgets.
LEAF = {
    "title": {"en": "A leaf an order", "zh-CN": "每单一片叶子"},
    "on": ["order.paid"],
    "conditions": {"name": "order_total", "operator": "less_than", "value": "2.00"},
    "actions": [{"name": "issue_benefit", "params": {"benefit": "leaf"}}],
    "examples": [
        {"given": {"order_total": "1.00"}, "then": [{"issue": "leaf"}]},
        {"given": {"order_total": "3.00"}, "then": []},
    ],
}
BENEFIT = {
    "title": {"en": "Leaf", "zh-CN": "叶子"},
    "description": {"en": "A leaf.", "zh-CN": "一片叶子。"},
    "kind": "gift",
    "valid": {"days": 90},
}


@pytest.fixture
def texts(texts: dict[str, str]) -> dict[str, str]:
    """The demo, in which a small order brings a leaf."""
    return texts | {"campaigns/leaf": json.dumps(LEAF), "benefits/leaf": json.dumps(BENEFIT)}


async def test_progress_says_in_a_sentence_what_is_missing_and_what_would_be_lost(shop, lin):
    await shop.order(lin, total=120000)
    shop.clock.wait(days=60)

    grade = (await shop.ask(says.AHEAD, token=lin))["me"]["standings"][0]["progress"]
    chinese = (await shop.ask(says.AHEAD, token=lin, lang="zh-CN"))["me"]["standings"][0]["progress"]

    assert [way["missing"] for way in grade["ways"]] == [[{"name": "growth_365d"}]]
    assert grade["ahead"] == "3,800 growth points more (growth value earned in the last 365 days) until “Gold”."
    assert (grade["atRisk"], grade["fallsTo"], grade["fallsAt"]) == (True, {"key": "normal"}, "2027-01-31T16:00:00Z")
    assert grade["warning"] == "Without a purchase that keeps “Silver”, it ends with 2027-01-31, and “Member” follows."
    assert grade["keepingWays"] == [{"words": "a purchase"}]
    assert grade["advice"] == "A purchase by 2027-01-31 keeps “Silver”."
    assert [chinese[name] for name in ("ahead", "warning", "advice")] == [
        "再增加3,800成长值（近365天获得的成长值），即可升至“金卡”。",
        "若2027-01-31前未再消费保级，“银卡”将于当日届满，届时降为“普通会员”。",
        "2027-01-31前再消费一次，即可保住“银卡”。",
    ]


@pytest.mark.parametrize("held", [3, 100])
async def test_a_page_asks_three_times_however_much_is_held(shop, lin, held, monkeypatch):
    for _ in range(held):
        await shop.order(lin, total=100)
    asked: list[str] = []
    rows, read = Database.rows, Database.read

    async def counted_rows(self: Database, sql: str, *args: Any) -> Any:
        asked.append(sql)
        return await rows(self, sql, *args)

    async def counted_read(self: Database, row: Any, sql: str, *args: Any) -> Any:
        asked.append(sql)
        return await read(self, row, sql, *args)

    monkeypatch.setattr(Database, "rows", counted_rows)
    monkeypatch.setattr(Database, "read", counted_read)

    me = (await shop.ask(says.PAGE, token=lin))["me"]

    assert sum(one["benefit"]["title"] == "Leaf" for one in me["entitlements"]["nodes"]) == held
    assert len(asked) == QUERIES


async def test_a_marketer_sees_who_would_move_before_anybody_does(shop, lin, texts):
    await shop.enrol("wang")
    await shop.order(lin, total=120000)
    dearer = texts["tiers/grade"].replace('"value": 1000}', '"value": 2000}')
    asked = {"path": "tiers/grade", "source": dearer}

    seen = (await shop.ask(says.LADDER_PREVIEW, asked, token="marketer"))["ladderPreview"]
    wrong = (await shop.ask(says.LADDER_PREVIEW, asked | {"source": "{}"}, token="marketer"))["ladderPreview"]

    assert (seen["members"], seen["lookedAt"], seen["complete"], seen["issues"]) == (2, 1, True, [])
    assert seen["moves"] == [
        {"tierFrom": "normal", "tierTo": "normal", "members": 1},
        {"tierFrom": "silver", "tierTo": "normal", "members": 1},
    ]
    assert (wrong["moves"], wrong["issues"][0]["code"]) == ([], "FIELD_MISSING")
    assert (await shop.member(lin))["tier"]["key"] == "silver"
