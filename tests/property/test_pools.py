"""Random lives in and around a family pool, through the one door: whatever was asked, the books prove and replay.

The chance is seeded: a seed that fails fails again.
"""

from collections.abc import AsyncIterator, Callable
from random import Random
from typing import Any, Final

import pytest
import pytest_asyncio

from loyalty.events import (
    MemberRef,
    PointsRedeem,
    PointsTransfer,
    PoolClose,
    PoolContribute,
    PoolCreate,
    PoolInvite,
    PoolJoin,
    PoolLeave,
)
from loyalty.intake import take_queued
from loyalty.receipts import Receipt
from models.database import Database
from tests.loyalty.conftest import Shop, shop_of
from tests.loyalty.test_points import rich
from tests.loyalty.test_pools import asks, pooled

NAMES: Final = ("lin", "wang", "zhao", "chen")
STEPS: Final = 70
LIMITS: Final = {"least": 5, "most": 300, "per_day": 400, "per_month": 900, "fee_percent": "3"}
TERMS: Final = (
    {"share_percent": "10", "on_leave": "share", "on_close": "share", "spend_per_month": 700},
    {"on_leave": "stay", "on_close": "owner", "spend": "owner"},
)


class Life:
    """What happens, drawn step by step."""

    def __init__(self, shop: Shop, chance: Random) -> None:
        self.shop = shop
        self.chance = chance
        self.codes: list[str] = []
        self.orders: list[str] = []
        self.states: list[str] = []

    async def step(self) -> None:
        """Somebody does something, some time later."""
        self.shop.later(hours=self.chance.choice((0, 1, 30, 200)))
        receipt = await self.chance.choice(DOES)(self, self.chance.choice(NAMES))
        if receipt is not None:
            self.states.append(receipt.state)
            assert receipt.state != "failed", receipt
        if self.chance.random() < 0.3:
            await self.drained()

    async def drained(self) -> None:
        """What is queued is taken up, and what that brings."""
        while await take_queued(self.shop.house, "story", now=self.shop.now):
            pass

    def other(self, name: str) -> MemberRef:
        """Anybody, oneself too."""
        return MemberRef(kind="external", value=self.chance.choice(NAMES))


async def _order(life: Life, name: str) -> Receipt:
    number = f"n{len(life.orders)}"
    life.orders.append(number)
    return await life.shop.order(name, life.chance.choice((1_000, 33_333, 70_000)), number)


async def _cancel(life: Life, name: str) -> Receipt | None:
    return await life.shop.one(life.shop.cancelled(life.chance.choice(life.orders))) if life.orders else None


async def _give(life: Life, name: str) -> Receipt:
    points = life.chance.choice((4, 5, 120, 300, 301))
    return await asks(life.shop, name, PointsTransfer, to=life.other(name), wallet="points", points=points)


async def _invite(life: Life, name: str) -> Receipt:
    receipt = await asks(life.shop, name, PoolInvite)
    if receipt.ok:
        life.codes.append(life.shop.house.secrets.code_of(1, receipt.changes["invitation"]["id"]))
    return receipt


async def _join(life: Life, name: str) -> Receipt | None:
    if not life.codes:
        return None
    to = MemberRef(kind="pool", value=life.chance.choice(life.codes))
    return await asks(life.shop, name, PoolJoin, to=to)


async def _contribute(life: Life, name: str) -> Receipt:
    return await asks(life.shop, name, PoolContribute, points=life.chance.choice((1, 90, 400)))


async def _buy(life: Life, name: str) -> Receipt:
    number = life.chance.choice([None, *life.orders])
    return await asks(life.shop, name, PointsRedeem, benefit="coupon-10", from_pool=True, order_number=number)


def _plain(kind: type[Any]) -> Callable[[Life, str], Any]:
    async def does(life: Life, name: str) -> Receipt:
        return await asks(life.shop, name, kind)

    return does


DOES: Final = (
    *(_order, _order, _cancel, _give, _give, _invite, _invite, _join, _join, _join, _contribute, _contribute),
    *(_buy, _buy, _plain(PoolCreate), _plain(PoolCreate), _plain(PoolLeave), _plain(PoolClose)),
)


@pytest_asyncio.fixture(params=range(len(TERMS)))
async def shop(request: Any, db: Database) -> AsyncIterator[Shop]:
    """Four people with points, where there are pools and transfers."""
    made = await shop_of(db, pooled(LIMITS, **TERMS[request.param]))
    for name in NAMES:
        await rich(made, name, 1_500)
    yield made


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_happens_around_a_pool_the_books_prove_and_replay(shop: Shop, seed: int) -> None:
    life = Life(shop, Random(seed))
    await asks(shop, "lin", PoolCreate)
    await _invite(life, "lin")
    for _ in range(STEPS):
        await life.step()
    await life.drained()

    await shop.prove()
    assert await shop.count("events", "state = 'queued'") == 0
    assert await shop.count("wallets w", "w.available < 0") == 0
    assert life.states.count("accepted") > STEPS // 5
