"""Small programmes in which points live in one way or another, for stories of how they end."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from models.database import Database
from models.points import Lot
from tests.loyalty.conftest import Shop, shop_of
from tests.loyalty.programme import FILES, documents

SHANGHAI = ZoneInfo("Asia/Shanghai")
WALLET = FILES["programme"]["wallets"]["points"]
NEVER = {"never": True}
IDLE = {"inactive": {"after": {"months": 18}}}


QUIET = {"earn__gold": None, "earn__review": None, "campaigns__gold_pack": None}


def noon(day: str) -> datetime:
    """Noon in Shanghai."""
    return datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=SHANGHAI).astimezone(UTC)


def morning(day: str) -> datetime:
    """The first instant of a day in Shanghai."""
    return datetime.fromisoformat(day).replace(tzinfo=SHANGHAI).astimezone(UTC)


def programme(points: Mapping[str, Any], **wallets: Any) -> dict[str, Any]:
    """The story's programme with its points like this, and other wallets besides."""
    own = {name: value for name, value in {**WALLET, "pending": None, **points}.items() if value is not None}
    declared: dict[str, Any] = FILES["programme"]
    return declared | {"wallets": declared["wallets"] | {"points": own} | wallets}


def rate(points: str, per: str, given: int | str = "", **more: Any) -> dict[str, Any]:
    """The one way to earn: so many points for so much; `given` is how a wallet with decimals writes them."""
    wallet = more.get("wallet", "points")
    params = {"points": points, "per": per, "base": "order_paid", "rounding": "floor_order", **more}
    return {
        "title": {"en": "Points", "zh-CN": "积分"},
        "on": ["order.paid"],
        "actions": [{"name": "earn_points_per_amount", "params": params}],
        "examples": [
            {"given": {"order_paid": "0.00"}, "then": []},
            {
                "given": {"order_paid": per},
                "then": [{"earn": wallet, "points": given or int(points)}],
            },
        ],
    }


def does(kind: str, name: str, params: Mapping[str, Any], then: Mapping[str, Any], condition: Any) -> dict[str, Any]:
    """A policy of one action on an event, under a condition on a rating or a tier."""
    met, unmet = condition["met"], condition["unmet"]
    return {
        "title": {"en": name, "zh-CN": f"动作 {name}"},
        "on": [kind],
        "conditions": condition["asks"],
        "actions": [{"name": name, "params": dict(params)}],
        "examples": [{"given": met, "then": [dict(then)]}, {"given": unmet, "then": []}],
    }


FIVE: dict[str, Any] = {
    "asks": {"name": "payload_rating", "operator": "equal_to", "value": 5},
    "met": {"payload_rating": 5},
    "unmet": {"payload_rating": 1},
}
DOWN: dict[str, Any] = {
    "asks": {"name": "tier_direction", "operator": "equal_to", "value": "down"},
    "met": {"tier_direction": "down"},
    "unmet": {"tier_direction": "up"},
}


async def living(db: Database, points: Mapping[str, Any], at: datetime, **changes: Any) -> Shop:
    """A shop at an instant whose points live like this: ¥1 is a point, and nothing but orders earns."""
    more = {"earn__base": rate("1", "1.00")} | changes
    shop = await shop_of(db, documents(**{"programme": programme(points), **QUIET, **more}))
    shop.now = at
    return shop


async def balance(shop: Shop, name: str, wallet: str = "points") -> int:
    """What is available now, once everything due is settled."""
    await shop.settle(name)
    return (await shop.wallet(name, wallet))["available"]


async def ends(shop: Shop, name: str) -> list[tuple[int, datetime | None]]:
    """What is open in a member's lots and when it ends, in order of earning."""
    sql = "SELECT * FROM lots WHERE member_id = $1 AND remaining > 0 AND wallet = 'points' ORDER BY id"
    lots = await shop.house.db.read(Lot, sql, await shop.member_id(name))
    return [(lot.remaining, lot.expires_at) for lot in lots]
