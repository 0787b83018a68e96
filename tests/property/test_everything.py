"""Everything at once: random histories over every room keep every law, and the log folds again to the same rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any, Final

import pytest

from loyalty import closings
from loyalty.access import Caller, scopes_of
from loyalty.clockwork import Clockwork
from loyalty.events import (
    Arrival,
    Behaviour,
    BenefitFulfil,
    BenefitGrant,
    BenefitRelease,
    BenefitReserve,
    BenefitRevoke,
    BenefitUse,
    ClockDue,
    ClockReview,
    CodeUndo,
    CodeVerify,
    DrawEnter,
    GatheringCancel,
    GatheringSignUp,
    HoldCapture,
    HoldRelease,
    IdentityLink,
    IdentityUnlink,
    MemberChanged,
    MemberErase,
    MemberFreeze,
    MemberRef,
    MembersMerge,
    MemberUnfreeze,
    OrderCancelled,
    OrderPaid,
    OrderReturned,
    PointsAdjust,
    PointsRedeem,
    PointsTransfer,
    PollVote,
    PoolClose,
    PoolContribute,
    PoolCreate,
    PoolInvite,
    PoolJoin,
    PoolLeave,
    WalletFreeze,
    WalletUnfreeze,
)
from loyalty.intake import take_queued
from models.database import Database
from tests.loyalty.brands import CHANGES
from tests.loyalty.conftest import Shop, back, lines, ref, shop_of
from tests.loyalty.occasions import EDITION, POLL, PRIZE, SALON, WHEEL
from tests.loyalty.programme import documents

PEOPLE: Final = 6
STEPS: Final = 150
KINDS_LEAST: Final = (
    24  # Of the deeds below, so many are taken in each history: a world that refuses all proves nothing.
)
SHOPS: Final = ("main", "main", "tea-till")
BENEFITS: Final = ("tea", "bag", "coupon-10")
ROLES: Final = ("admin", "marketer", "staff", "service", "privacy")
WHO: Final = Caller(
    "client:all",
    "story",
    scopes_of(ROLES) | {"clock", "members:merge", "members:freeze", "points:adjust", "events:import"},
    shops=("main", "tea-till", "sofa-till"),
)
# What erasure deletes: of an erased member there is no row in any of them.
OF_PERSONS: Final = ("traits", "trait_moves", "personal", "identities")


def rooms(seed: int) -> Any:
    """A programme with every room, its pools and debts by one of two ways."""
    share = ("share", "owner")[seed % 2]
    programme = CHANGES["programme"] | {
        "pools": {"members_most": 4, "share_percent": "10", "on_leave": ("share", "stay")[seed % 2], "on_close": share},
        "attributes": {"schema": {"type": "object", "properties": {"nick": {"type": "string", "personal": True}}}},
    }
    occasions = {"gatherings__salon": SALON, "draws__wheel": WHEEL, "draws__edition": EDITION}
    return documents(**CHANGES | {"programme": programme}, **occasions, polls__next_year=POLL, benefits__bag=PRIZE)


@dataclass
class World:
    """A shop, and what has come about in it that later deeds can be about."""

    shop: Shop
    chance: Random
    ids: list[int]
    orders: list[tuple[str, str, int, int]] = field(default_factory=list)
    pieces: list[tuple[int, int]] = field(default_factory=list)
    holds: list[tuple[int, int]] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    uses: list[tuple[int, int]] = field(default_factory=list)
    invitations: list[str] = field(default_factory=list)

    def who(self) -> MemberRef:
        """Somebody, by number or by name."""
        return self.by_id() if self.chance.random() < 0.5 else ref(f"p{self.chance.randrange(PEOPLE)}")

    def by_id(self) -> MemberRef:
        """Somebody, by number."""
        return MemberRef(id=self.chance.choice(self.ids))

    def phone(self) -> tuple[str, str]:
        """One of a few numbers that several may want."""
        return ("phone", f"x{self.chance.randrange(7)}")

    def learn(self, arrival: Any, receipt: Any) -> None:
        """What was answered opens the way to other deeds."""
        if receipt.state != "accepted":
            return
        if receipt.hold_id:
            self.holds.append((receipt.member_id, receipt.hold_id))
        for piece in receipt.changes.get("entitlements", ()):
            self.pieces.append((receipt.member_id, piece["id"]))
            self.codes.append(self.shop.house.secrets.code_of(1, piece["id"]))
        if isinstance(arrival, CodeVerify) and arrival.use:
            self.uses.append((receipt.member_id, receipt.event_id))
        if isinstance(arrival, PoolInvite):
            self.invitations.append(self.shop.house.secrets.code_of(1, receipt.changes["invitation"]["id"]))


def buys(world: World, key: str) -> Arrival:
    chance, total = world.chance, world.chance.choice((1_000, 30_000, 70_000, 120_000))
    number, shop = f"n{len(world.orders)}", chance.choice(SHOPS)
    parts = lines(total // 2, total - total // 2) if chance.random() < 0.5 else ()
    world.orders.append((number, shop, total, len(parts)))
    at = world.shop.now - timedelta(hours=chance.choice((0, 0, 0, 1, 300)))
    member = world.who() if chance.random() < 0.95 else None
    return OrderPaid(key, number, member, at, "CNY", total, total, lines=parts, shop=shop)


def brings_back(world: World, key: str) -> Arrival | None:
    if not world.orders:
        return None
    chance = world.chance
    number, shop, total, parts = chance.choice(world.orders)
    part: dict[str, Any] = {"amount": total // chance.choice((2, 3, 4))}
    if parts and chance.random() < 0.5:
        part = {"lines": back((chance.randrange(parts), 1))}
    elif chance.random() < 0.3:
        part = {}
    return OrderReturned(key, number, f"r{key}", world.shop.now, shop=shop, **part)


def calls_off(world: World, key: str) -> Arrival | None:
    if not world.orders:
        return None
    number, shop, *_ = world.chance.choice(world.orders)
    return OrderCancelled(key, number, world.shop.now, shop)


def redeems(world: World, key: str) -> Arrival:
    chance = world.chance
    number, shop = chance.choice([(None, "main"), *((number, shop) for number, shop, *_ in world.orders)])
    wish = chance.choice(("tea", "coupon-10"))
    ways = chance.choice(({}, {}, {"hold": True}, {"from_pool": True}))
    return PointsRedeem(key, world.who(), wish, order_number=number, shop=shop, **ways)


def ends_hold(world: World, key: str) -> Arrival | None:
    if not world.holds:
        return None
    member, hold = world.chance.choice(world.holds)
    kind = world.chance.choice((HoldCapture, HoldRelease))
    return kind(key, MemberRef(id=member), hold)


def handles_a_piece(world: World, key: str) -> Arrival | None:
    if not world.pieces:
        return None
    member, piece = world.chance.choice(world.pieces)
    whose = MemberRef(id=member)
    if world.chance.random() < 0.2:
        return BenefitRevoke(key, whose, piece, "a mistake")
    kind = world.chance.choice((BenefitReserve, BenefitRelease, BenefitUse, BenefitFulfil))
    return kind(key, whose, piece)


def shows_a_code(world: World, key: str) -> Arrival | None:
    if world.uses and world.chance.random() < 0.2:
        member, event = world.chance.choice(world.uses)
        return CodeUndo(key, MemberRef(id=member), event)
    return CodeVerify(key, world.chance.choice(world.codes), use=world.chance.random() < 0.8) if world.codes else None


def joins_a_pool(world: World, key: str) -> Arrival | None:
    if not world.invitations:
        return PoolInvite(key, world.by_id())
    return PoolJoin(key, world.by_id(), to=MemberRef(kind="pool", value=world.chance.choice(world.invitations)))


def says(world: World, key: str) -> Arrival:
    consents = {"partner_sharing": world.chance.random() < 0.7}
    return MemberChanged(key, world.who(), world.shop.now, {"nick": "Little Lin"}, ("vip",), consents=consents)


Deed = Callable[[World, str], Arrival | None]
DEEDS: Final[Mapping[str, tuple[int, Deed]]] = {
    "order": (4, buys),
    "return": (2, brings_back),
    "cancel": (1, calls_off),
    "redeem": (6, redeems),
    "hold": (3, ends_hold),
    "piece": (4, handles_a_piece),
    "code": (4, shows_a_code),
    "grant": (3, lambda world, key: BenefitGrant(key, world.who(), world.chance.choice(BENEFITS), "a gift", 1)),
    "merge": (
        1,
        lambda world, key: (
            MembersMerge(key, world.who(), world.who(), "one person") if world.chance.random() < 0.3 else None
        ),
    ),
    "erase": (1, lambda world, key: MemberErase(key, world.by_id()) if world.chance.random() < 0.1 else None),
    "freeze": (1, lambda world, key: MemberFreeze(key, world.who(), "fraud")),
    "unfreeze": (5, lambda world, key: MemberUnfreeze(key, world.who())),
    "wallet": (1, lambda world, key: WalletFreeze(key, world.who(), "points", "dispute")),
    "unwallet": (5, lambda world, key: WalletUnfreeze(key, world.who(), "points")),
    "adjust": (1, lambda world, key: PointsAdjust(key, world.who(), "points", world.chance.choice((300, -200)), "x")),
    "transfer": (2, lambda world, key: PointsTransfer(key, world.who(), world.who(), "points", 100)),
    "pool": (3, lambda world, key: PoolCreate(key, world.by_id())),
    "join": (4, joins_a_pool),
    "invite": (3, lambda world, key: PoolInvite(key, world.by_id())),
    "contribute": (4, lambda world, key: PoolContribute(key, world.by_id(), 300)),
    "leave": (2, lambda world, key: PoolLeave(key, world.by_id())),
    "close": (1, lambda world, key: PoolClose(key, world.by_id()) if world.chance.random() < 0.3 else None),
    "sign up": (4, lambda world, key: GatheringSignUp(key, world.who(), "salon", guests=world.chance.choice((0, 1)))),
    "sign off": (2, lambda world, key: GatheringCancel(key, world.who(), "salon")),
    "enter": (2, lambda world, key: DrawEnter(key, world.who(), "wheel")),
    "ask for": (2, lambda world, key: DrawEnter(key, world.who(), "edition", for_points=world.chance.random() < 0.6)),
    "vote": (2, lambda world, key: PollVote(key, world.who(), "next-year", ("tea",))),
    "say": (1, says),
    "link": (1, lambda world, key: IdentityLink(key, world.who(), world.phone())),
    "unlink": (1, lambda world, key: IdentityUnlink(key, world.who(), world.phone())),
    "behave": (1, lambda world, key: Behaviour(key, "review.written", world.who(), world.shop.now, {"rating": 5})),
    "due": (1, lambda world, key: ClockDue(f"clock:due:{key}", world.by_id(), world.shop.now)),
    "review": (1, lambda world, key: ClockReview(f"clock:review:{key}", world.by_id(), "grade", world.shop.now)),
}


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_happens_in_every_room_the_books_hold(db: Database, seed: int) -> None:
    shop, chance = await shop_of(db, rooms(seed)), Random(seed)
    for number in range(PEOPLE):
        await shop.enrol(f"p{number}")
    world = World(shop, chance, [await shop.member_id(f"p{number}") for number in range(PEOPLE)])
    await shop.send(*(PointsAdjust(shop.key(), MemberRef(id=one), "points", 9_000, "to begin") for one in world.ids))
    names, weights = list(DEEDS), [weight for weight, _ in DEEDS.values()]
    taken: dict[str, int] = dict.fromkeys(names, 0)

    for _ in range(STEPS):
        shop.later(hours=chance.choice((0, 0, 1, 3, 20, 100)))
        drawn = chance.choices(names, weights, k=chance.choice((1, 2, 4, 8)))
        batch = {name: made for name in drawn if (made := DEEDS[name][1](world, shop.key())) is not None}
        for (name, arrival), receipt in zip(
            batch.items(), await shop.send(*batch.values(), caller=WHO) if batch else [], strict=True
        ):
            assert receipt.state != "failed", arrival
            taken[name] += receipt.state == "accepted"
            world.learn(arrival, receipt)
        if chance.random() < 0.2:
            await catch_up(shop)

    await catch_up(shop)
    assert sum(count > 0 for count in taken.values()) >= KINDS_LEAST
    assert await shop.count("events", "state = 'queued'") == 0
    for row in await db.rows("SELECT id FROM members WHERE status = 'erased'"):
        assert [await shop.count(table, f"member_id = {row['id']}") for table in OF_PERSONS] == [0] * len(OF_PERSONS)
    await shop.prove()


async def catch_up(shop: Shop) -> None:
    """The clock, and whatever waits for others."""
    while await take_queued(shop.house, "story", now=shop.now):
        pass
    live = await shop.house.rulebook.learn(shop.house.db, 1)
    clockwork = Clockwork(shop.house, live, shop.now)
    await clockwork.settle(shop.now)
    await closings.attend_to(clockwork, shop.now)
    assert clockwork.note() == ""
