"""Programmes around one ladder, for stories about how standings live: a point per unit of money, spend by the year."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from jobs.worker import Worker
from models.database import Database
from tests.loyalty.conftest import Shop, shop_of

ZONE = "Asia/Shanghai"
YEAR_AFTER = {"end_of": {"period": "year", "after": 1}}


def words(en: str, zh: str = "") -> dict[str, str]:
    return {"en": en, "zh-CN": zh or en}


def least(name: str, value: Any) -> dict[str, Any]:
    """So much of a figure, or more."""
    return {"name": name, "operator": "greater_than_or_equal_to", "value": value}


def level(key: str, reach: Any = None, **more: Any) -> dict[str, Any]:
    """A rung, by what it takes in the calendar year where that is a number."""
    asked = least("spend_year", reach) if isinstance(reach, str) else reach
    return {"key": key, "title": words(key), **({"reach": asked} if asked else {}), **more}


def told(kind: str, action: dict[str, Any], direction: str, **conditions: Any) -> dict[str, Any]:
    """A policy on what becomes of standings."""
    asked = [{"name": name, "operator": "equal_to", "value": value} for name, value in conditions.items()]
    asked.append({"name": "tier_direction", "operator": "equal_to", "value": direction})
    given = {one["name"]: one["value"] for one in asked}
    return {
        "title": words("Told"),
        "on": [kind],
        "conditions": {"all": asked},
        "actions": [action],
        "examples": [{"given": given, "then": [printed(action)]}, {"given": {}, "then": []}],
    }


def printed(action: dict[str, Any]) -> dict[str, Any]:
    """What such a policy wishes for, as its examples state it."""
    name, params = action["name"], action.get("params", {})
    if name == "send_message":
        return {"send": params["template"]}
    if name == "expire_points":
        return {"expire": params.get("wallet", "points")}
    ladder = params.get("ladder", "grade")
    return {name: ladder} | {key: value for key, value in params.items() if key != "ladder"}


def programme(*levels: dict[str, Any], zone: str = ZONE, currency: str = "CNY", **ladder: Any) -> dict[str, Any]:
    """A programme with one ladder; `files` adds documents."""
    files = ladder.pop("files", {})
    wallet = {"title": words("Points"), "unit": words("points"), "expires": {"never": True}, "main": True}
    document = {
        "title": words("Ladders"),
        "zone": zone,
        "currency": currency,
        "wallets": {"points": wallet},
        "metrics": {
            "spend_year": {"title": words("Spend"), "sum": "spend", "over": {"calendar": "year"}},
            "orders_60d": {"title": words("Orders"), "count": "orders", "over": {"days": 60}},
        },
        "event_types": {
            "app.opened": {
                "title": words("Opened"),
                "schema": {"type": "object", "properties": {}, "additionalProperties": False},
            }
        },
        "ladder": "grade",
    }
    grade = {"title": words("Grade", "等级"), "levels": list(levels), **ladder}
    return {"programme": document, "tiers/grade": grade, "earn/base": BASE, **files}


BASE = {
    "title": words("A point each"),
    "on": ["order.paid"],
    "actions": [
        {
            "name": "earn_points_per_amount",
            "params": {"points": "1", "per": "1.00", "base": "order_paid", "rounding": "floor_order"},
        }
    ],
    "examples": [
        {"given": {"order_paid": "5.00"}, "then": [{"earn": "points", "points": 5}]},
        {"given": {"order_paid": "0.50"}, "then": []},
    ],
}


class Story:
    """A shop whose clock runs: before every step, the worker does what fell due."""

    def __init__(self, shop: Shop, zone: str) -> None:
        self.shop, self.zone = shop, ZoneInfo(zone)
        self.worker = Worker(shop.house, "story")

    def at(self, text: str) -> datetime:
        """An instant on the wall of the programme; a day alone is its noon."""
        local = datetime.fromisoformat(text if "T" in text else f"{text}T12:00")
        return local.replace(tzinfo=self.zone).astimezone(UTC)

    def go(self, text: str) -> None:
        """The time is; nobody has looked at the clock."""
        self.shop.now = self.at(text)

    async def tick(self, text: str) -> None:
        """The time is, and the clock has done its work."""
        self.go(text)
        await self.worker.tick(self.shop.now)

    async def day(self, value: datetime | None) -> str | None:
        """An instant on that wall."""
        return None if value is None else f"{value.astimezone(self.zone):%Y-%m-%dT%H:%M}"

    async def standing(self, name: str, ladder: str = "grade") -> dict[str, Any]:
        """The row, its instants on the programme's wall."""
        sql = "SELECT * FROM standings WHERE member_id = $1 AND ladder = $2"
        (row,) = await self.shop.house.db.rows(sql, await self.shop.member_id(name), ladder)
        return {key: await self.day(value) if isinstance(value, datetime) else value for key, value in row.items()}

    async def tier(self, name: str, ladder: str = "grade") -> str:
        """Where the member stands."""
        return str((await self.standing(name, ladder))["tier"])

    async def ends(self, name: str) -> str | None:
        """The first instant at which the standing is valid no more."""
        found: str | None = (await self.standing(name))["ends_at"]
        return found

    async def moves(self, name: str) -> list[tuple[str, str, str]]:
        """Every move but the first: to where, why, and when."""
        sql = (
            "SELECT tier_to, reason, at FROM standing_moves WHERE member_id = $1 AND tier_from IS NOT NULL ORDER BY id"
        )
        rows = await self.shop.house.db.rows(sql, await self.shop.member_id(name))
        return [(row["tier_to"], row["reason"], str(await self.day(row["at"]))) for row in rows]


@asynccontextmanager
async def story(db: Database, files: Mapping[str, Any], begins: str = "2018-01-02") -> AsyncIterator[Story]:
    """A story in a programme of its own, proved at its end."""
    texts = {path: json.dumps(document, ensure_ascii=False) for path, document in files.items()}
    shop = await shop_of(db, texts)
    await db.run("UPDATE programmes SET created_at = $1", datetime(2017, 1, 1, tzinfo=UTC))
    made = Story(shop, files["programme"]["zone"])
    made.go(begins)
    yield made
    await shop.prove()
