"""What a decision read of the person is recalled step by step: at another instant the same person reads otherwise."""

from typing import Any

import pytest

from models.codec import parse
from models.database import Database
from tests.loyalty.conftest import shop_of
from tests.loyalty.programme import FILES, documents
from tests.loyalty.test_points import NOTHING

BIRTHDAY: dict[str, Any] = {
    "title": {"en": "A pack for points that come in the month of birth", "zh-CN": "生日月到账礼"},
    "on": ["points.available"],
    "conditions": {"name": "member_birthday_month", "operator": "is_true"},
    "actions": [{"name": "issue_benefit", "params": {"benefit": "gold-pack"}}],
    "examples": [
        {"given": {"member_birthday_month": True}, "then": [{"issue": "gold-pack"}]},
        {"given": {"member_birthday_month": False}, "then": []},
    ],
}

BASE: dict[str, Any] = FILES["earn/base"] | {
    "actions": FILES["earn/base"]["actions"][:1],
    "examples": [
        {"given": {"order_paid": "300.00"}, "then": [{"earn": "points", "points": 300}]},
        {"given": {"order_paid": "0.99"}, "then": []},
    ],
}


@pytest.mark.parametrize("birthday", ["1990-03-20", "1990-04-20"])
async def test_two_instants_settled_by_one_event_read_the_month_of_each(db: Database, birthday: str) -> None:
    shop = await shop_of(db, documents(campaigns__birthday=BIRTHDAY, earn__base=BASE))
    await shop.enrol("lin", profile={"birthday": birthday})
    for days in (20, 4):  # The orders are of 22 and 26 March; what they earn can be spent on 29 March and 2 April.
        shop.later(days=days)
        await shop.order("lin", 10_000)
    shop.later(days=20)

    await shop.settle("lin")

    assert await shop.wallet("lin") == NOTHING | {"available": 200}
    assert await shop.count("entitlements", "benefit = 'gold-pack'") == 1
    rows = await db.rows("SELECT read FROM decisions WHERE kind = 'points.available' ORDER BY step")
    read = [parse(row["read"])["facts"]["member_birthday_month"] for row in rows]
    assert read == [birthday[6] == "3", birthday[6] == "4"]
    await shop.prove()
