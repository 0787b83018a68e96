"""A payload that is not as declared: the first wrong field is named, and what is wanted there, in both languages."""

from copy import deepcopy
from typing import Any

import pytest

from loyalty.refusals import worded
from models.database import Database
from tests.loyalty.conftest import Shop, shop_of
from tests.loyalty.programme import FILES, documents

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "rating": {"type": "integer", "minimum": 1, "maximum": 5},
        "colour_of": {"type": "string", "enum": ["red", "blue"]},
        "day": {"type": "string", "format": "date"},
        "note": {"type": "string", "minLength": 2, "maxLength": 4},
        "weight": {"type": "number"},
        "nice": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 2},
    },
    "required": ["rating"],
    "additionalProperties": False,
}
EN, ZH = "The payload is not as this event type declares it: ", "负载不符合此事件类型的声明："
EN_DO = "Put the payload right, or change what the programme declares."
ZH_DO = "请更正负载，或修改计划中的声明。"
NAMES = "colour_of, day, nice, note, rating, tags, weight"
WRONG: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "lacking": ({}, "rating", "rating is required", "缺少必填字段 rating"),
    "text": ({"rating": "5"}, "rating", "rating: a whole number is wanted", "rating：应为整数"),
    "low": ({"rating": 0}, "rating", "rating: 1 at least", "rating：不得小于 1"),
    "high": ({"rating": 6}, "rating", "rating: 5 at most", "rating：不得大于 5"),
    "choice": (
        {"rating": 5, "colour_of": "green"},
        "colour_of",
        "colour_of: one of these is wanted: red, blue",
        "colour_of：应为以下之一：red, blue",
    ),
    "day": (
        {"rating": 5, "day": "31/12"},
        "day",
        "day: a day is wanted, YYYY-MM-DD",
        "day：应为日期，格式 YYYY-MM-DD",
    ),
    "short": ({"rating": 5, "note": "a"}, "note", "note: 2 characters at least", "note：至少 2 个字符"),
    "long": ({"rating": 5, "note": "abcde"}, "note", "note: 4 characters at most", "note：最多 4 个字符"),
    "number": ({"rating": 5, "weight": "1"}, "weight", "weight: a number is wanted", "weight：应为数字"),
    "boolean": ({"rating": 5, "nice": 1}, "nice", "nice: true or false is wanted", "nice：应为 true 或 false"),
    "list": ({"rating": 5, "tags": "a"}, "tags", "tags: a list is wanted", "tags：应为列表"),
    "entries": ({"rating": 5, "tags": list("abc")}, "tags", "tags: 2 entries at most", "tags：最多 2 项"),
    "entry": ({"rating": 5, "tags": ["a", 1]}, "tags/1", "tags.1: a text is wanted", "tags.1：应为文本"),
    "unknown": (
        {"rating": 5, "a/b~c": 1},
        "a~1b~0c",
        f"a/b~c is not declared; declared are: {NAMES}",
        f"a/b~c 未声明；已声明的字段：{NAMES}",
    ),
}


@pytest.mark.parametrize(("payload", "field", "english", "chinese"), WRONG.values(), ids=WRONG)
async def test_the_field_is_named_and_what_is_wanted(
    db: Database, payload: dict[str, Any], field: str, english: str, chinese: str
) -> None:
    programme = deepcopy(FILES["programme"])
    programme["event_types"]["review.written"]["schema"] = SCHEMA
    shop = await shop_of(db, documents(programme=programme))
    await shop.enrol("lin")

    answer = await shop.behave("lin", "review.written", **payload)

    assert (answer.state, answer.code) == ("rejected", "INVALID_PAYLOAD")
    assert answer.params["field"] == f"/payload/{field}"
    assert worded("INVALID_PAYLOAD", answer.params, "en") == f"{EN}{english}. {EN_DO}"
    assert worded("INVALID_PAYLOAD", answer.params, "zh-CN") == f"{ZH}{chinese}。{ZH_DO}"
    assert await shop.count("events", "kind = 'review.written'") == 0
    assert (await shop.wallet("lin"))["available"] == 0


async def test_every_field_as_declared_is_taken(db: Database) -> None:
    programme = deepcopy(FILES["programme"])
    programme["event_types"]["review.written"]["schema"] = SCHEMA
    shop: Shop = await shop_of(db, documents(programme=programme))
    await shop.enrol("lin")
    whole = {"colour_of": "red", "day": "2026-12-31", "note": "abcd", "weight": 1.5, "nice": True, "tags": ["a", "b"]}

    answers = [await shop.behave("lin", "review.written", rating=rating, **whole) for rating in (1, 5)]

    assert [one.ok for one in answers] == [True, True]
