"""What a programme's demo is made of: goods, shops, what people do after an order, what they take for points.

One description a programme, `seeds/scenes/<programme>.json`; zone, currency, shops and types of event are the
programme's own. There is no code for any of them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

FOLDER = Path(__file__).with_name("scenes")


@dataclass(frozen=True, slots=True)
class Article:
    """Something on the shelf; the price of one in minor units."""

    sku: str
    name: str
    brand: str
    category: str
    price: int
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody may do some days after an order: how likely, and with which payload."""

    type: str
    chance: float
    days: tuple[int, int]
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reward:
    """What somebody takes for points, and from how many of them on."""

    benefit: str
    value: int | None
    points: int


@dataclass(frozen=True, slots=True)
class Scene:
    """A programme's world."""

    programme: str
    zone: ZoneInfo
    currency: str
    shops: tuple[str, ...]
    shelf: tuple[Article, ...]
    stores: tuple[str, ...]
    payments: tuple[str, ...]
    channels: Mapping[str, int]  # Channel → how common.
    shop_of: Mapping[str, str]  # Channel → the shop that numbers its orders.
    free_shipping_from: int
    shipping: int
    welcome: int  # Points a registration brings.
    points_per: int  # Minor units of money that bring one point, about.
    matures_days: int
    deeds: tuple[Deed, ...]
    rewards: tuple[Reward, ...]


def names() -> list[str]:
    """The programmes that have a scene."""
    return sorted(file.stem for file in FOLDER.glob("*.json"))


def scene_of(name: str, texts: Mapping[str, str]) -> Scene:
    """The scene of a programme whose documents are these texts; what it does not declare is not done in it."""
    said = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    programme = json.loads(texts["programme"])
    shops, types = tuple(programme.get("shops", ["main"])), programme.get("event_types", {})
    deeds = (Deed(one["type"], one["chance"], tuple(one["days"]), one["payload"]) for one in said["deeds"])
    rewards = (Reward(one["benefit"], one.get("value"), one["points"]) for one in said["rewards"])
    return Scene(
        programme=name,
        zone=ZoneInfo(programme["zone"]),
        currency=programme["currency"],
        shops=shops,
        shelf=tuple(_article(*one) for one in said["shelf"]),
        stores=tuple(said["stores"]),
        payments=tuple(said["payments"]),
        channels=said["channels"],
        shop_of={channel: shop for channel, shop in said["shops"].items() if shop in shops},
        free_shipping_from=said["shipping"]["free_from"],
        shipping=said["shipping"]["fee"],
        welcome=said["points"]["welcome"],
        points_per=said["points"]["per"],
        matures_days=said["points"]["matures_days"],
        deeds=tuple(deed for deed in deeds if deed.type in types),
        rewards=tuple(reward for reward in rewards if f"benefits/{reward.benefit}" in texts),
    )


def _article(sku: str, name: str, brand: str, category: str, price: int, tags: list[str]) -> Article:
    return Article(sku, name, brand, category, price, tuple(tags))
