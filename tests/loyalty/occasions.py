"""A gathering, draws and a poll for stories, open the week that follows the start; and a clock to move on."""

from datetime import timedelta
from typing import Any

from loyalty import closings
from loyalty.clockwork import Clockwork
from loyalty.events import DrawEnter, GatheringAttend, GatheringCancel, GatheringSignUp, PollVote
from loyalty.receipts import Receipt
from tests.loyalty.conftest import Shop, ref


def words(en: str, zh: str) -> dict[str, str]:
    return {"en": en, "zh-CN": zh}


PRIZE = {"title": words("Bag", "提袋"), "description": words("A bag", "一只提袋"), "kind": "gift"}
SALON: dict[str, Any] = {
    "title": words("Salon", "沙龙"),
    "description": words("An evening", "一个夜晚"),
    "kind": "salon",
    "place": words("Shop", "门店"),
    "starts": "2026-03-07T19:00",
    "ends": "2026-03-07T21:00",
    "seats": 2,
    "guests": 1,
    "sign_up": {"opens_at": "2026-03-02", "closes_at": "2026-03-07T18:00"},
    "cancel_until": "2026-03-06T12:00",
    "waiting_list": {"places": 2},
}
WHEEL: dict[str, Any] = {
    "title": words("Wheel", "转盘"),
    "description": words("A turn a day", "每天一次"),
    "kind": "instant",
    "entry": {"opens_at": "2026-03-02", "closes_at": "2026-03-08"},
    "tickets": {"per_day": 1},
    "prizes": [{"benefit": "bag", "count": 2, "odds": "1"}],
}
EDITION: dict[str, Any] = {
    "title": words("Edition", "限量版"),
    "description": words("Drawn at the close", "截止后抽出"),
    "kind": "at_close",
    "entry": {"opens_at": "2026-03-02", "closes_at": "2026-03-08"},
    "tickets": {"free": 1, "points": 50},
    "tickets_per_member": 3,
    "prizes": [{"benefit": "bag", "count": 2}],
}
POLL: dict[str, Any] = {
    "question": words("What next year?", "明年要什么？"),
    "options": {"tea": words("Tea", "茶"), "cake": words("Cake", "蛋糕"), "rest": words("Rest", "休息")},
    "voting": {"opens_at": "2026-03-02", "closes_at": "2026-03-08"},
    "choices": 2,
}


async def sign_up(shop: Shop, name: str, **more: Any) -> Receipt:
    return await shop.one(GatheringSignUp(shop.key(), ref(name), "salon", **more))


async def cancel(shop: Shop, name: str) -> Receipt:
    return await shop.one(GatheringCancel(shop.key(), ref(name), "salon"))


async def attend(shop: Shop, name: str) -> Receipt:
    sql = "SELECT id FROM sign_ups WHERE member_id = $1 ORDER BY id DESC"
    rows = await shop.house.db.rows(sql, await shop.member_id(name))
    return await shop.one(GatheringAttend(shop.key(), ref(name), rows[0]["id"]))


async def enter(shop: Shop, name: str, draw: str, **more: Any) -> Receipt:
    return await shop.one(DrawEnter(shop.key(), ref(name), draw, **more))


async def vote(shop: Shop, name: str, *choices: str) -> Receipt:
    return await shop.one(PollVote(shop.key(), ref(name), "next-year", choices))


async def states(shop: Shop, table: str = "sign_ups") -> list[str]:
    """The states in the order of the sign-ups, or tickets."""
    return [row["state"] for row in await shop.house.db.rows(f"SELECT state FROM {table} ORDER BY event_id, id")]


async def left(shop: Shop, counter: str) -> int:
    sql = 'SELECT "left" FROM counters WHERE name = $1'
    return int((await shop.house.db.rows(sql, counter))[0]["left"])


async def tick(shop: Shop, **time: float) -> None:
    """Time passes, and the clock comes by."""
    shop.now += timedelta(**time)
    live = await shop.house.rulebook.learn(shop.house.db, 1)
    clockwork = Clockwork(shop.house, live, shop.now)
    assert await clockwork.settle(shop.now)
    assert await closings.attend_to(clockwork, shop.now)
    assert clockwork.note() == ""
