"""Two years in the lives of a demo's people, as events in order of time: all that is told here is what happened."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any

from loyalty.events import (
    Arrival,
    Behaviour,
    Line,
    MemberEnrolled,
    MemberRef,
    OrderCancelled,
    OrderPaid,
    OrderReturned,
    PointsRedeem,
    ProfileCompleted,
    ReturnLine,
)
from seeds.people import STAR, Person
from seeds.scene import Scene

SPAN = timedelta(days=730)
OPENS, CLOSES = 9, 22
CANCELLED, RETURNED = 0.012, 0.07  # Of all orders, the second with the first.

Told = tuple[datetime, int, Arrival]


@dataclass(slots=True)
class Teller:
    """Tells one person's story; numbers and keys rise through all stories."""

    chance: Random
    start: datetime
    now: datetime
    scene: Scene
    told: list[Told] = field(default_factory=list)
    orders: int = 0

    def tell(self, at: datetime, arrival: Arrival) -> None:
        """Something happened, unless it has not happened yet."""
        if at <= self.now:
            self.told.append((at, len(self.told), arrival))

    def key(self) -> str:
        """A fresh idempotency key."""
        return f"seed:{len(self.told)}:{self.orders}"

    def open_hour(self, day: datetime) -> datetime:
        """Some moment of a day while shops are open."""
        local = day.astimezone(self.scene.zone).date()
        moment = time(self.chance.randint(OPENS, CLOSES - 1), self.chance.randint(0, 59), self.chance.randint(0, 59))
        return datetime.combine(local, moment, self.scene.zone).astimezone(UTC)


def history(scene: Scene, crowd: list[Person], chance: Random, now: datetime) -> list[tuple[datetime, Arrival]]:
    """Everything that happened up to `now`, in order of time."""
    teller = Teller(chance, now - SPAN, now, scene)
    for person in crowd:
        _live(teller, person)
    return [(at, arrival) for at, _, arrival in sorted(teller.told, key=lambda one: one[:2])]


def _live(teller: Teller, person: Person) -> None:
    joined = teller.open_hour(teller.start + person.joins_after)
    if person.registers:
        _register(teller, person, joined)
    who = MemberRef(kind="external", value=person.card)
    wallet = teller.scene.welcome if person.registers else 0
    ripe: list[tuple[datetime, int]] = []
    for at in _visits(teller, person, joined):
        order = _order(teller, person, who, at)
        kept = _afterwards(teller, who, order)
        ripe.append((at + timedelta(days=teller.scene.matures_days), kept // teller.scene.points_per))
        wallet += sum(points for moment, points in ripe if moment <= at)
        ripe = [one for one in ripe if one[0] > at]
        wallet -= _redeem(teller, who, at, wallet)


def _register(teller: Teller, person: Person, at: datetime) -> None:
    identities = (("external", person.card), ("phone", person.phone))
    teller.tell(at, MemberEnrolled(teller.key(), identities, at, locale=person.locale, profile={"name": person.name}))
    if teller.chance.random() < 0.7:
        later = at + timedelta(days=teller.chance.randint(0, 20), minutes=teller.chance.randint(3, 600))
        profile = {"name": person.name, "birthday": person.birthday.isoformat()}
        who = MemberRef(kind="external", value=person.card)
        teller.tell(later, ProfileCompleted(teller.key(), who, later, profile))


def _visits(teller: Teller, person: Person, joined: datetime) -> Iterator[datetime]:
    end = teller.start + person.leaves_after if person.leaves_after else teller.now
    at = joined + timedelta(minutes=teller.chance.randint(5, 3_000) if person.registers else 0)
    recent = teller.open_hour(teller.now - timedelta(days=3))
    if person.card == STAR:
        end = recent - timedelta(days=10)
    while at <= end:
        yield at
        days = max(1.0, teller.chance.gammavariate(2.0, person.habit.days_between / 2.0))
        at = teller.open_hour(at + timedelta(days=days))
    if person.card == STAR:
        yield recent


def _order(teller: Teller, person: Person, who: MemberRef, at: datetime) -> OrderPaid:
    teller.orders += 1
    scene = teller.scene
    items = teller.chance.sample(scene.shelf, teller.chance.randint(1, person.habit.items_most))
    quantities = [teller.chance.choices((1, 2, 3), weights=(75, 20, 5))[0] for _ in items]
    lines = tuple(
        Line(one.sku, quantity, one.price * quantity, one.brand, one.category, one.tags)
        for one, quantity in zip(items, quantities, strict=True)
    )
    goods = sum(line.amount for line in lines)
    channel = person.channel if teller.chance.random() < 0.8 else "app"
    free = channel == "store" or goods >= scene.free_shipping_from
    shipping = 0 if free else scene.shipping
    order = OrderPaid(
        key=teller.key(),
        number=f"{at.astimezone(scene.zone):%Y%m%d}-{teller.orders:05}",
        member=who,
        occurred_at=at,
        currency=scene.currency,
        total=goods + shipping,
        paid=goods + shipping,
        shipping=shipping,
        lines=lines,
        channel=channel,
        store=teller.chance.choice(scene.stores) if channel == "store" else "",
        payment=teller.chance.choice(scene.payments),
        shop=scene.shop_of.get(channel, scene.shops[0]),
    )
    teller.tell(at, order)
    return order


def _afterwards(teller: Teller, who: MemberRef, order: OrderPaid) -> int:
    """Cancelled, returned in part or whole, reviewed, or simply kept; what of it was kept, in money."""
    dice = teller.chance.random()
    at = order.occurred_at
    if dice < CANCELLED:
        at += timedelta(minutes=teller.chance.randint(4, 200))
        teller.tell(at, OrderCancelled(teller.key(), order.number, at, shop=order.shop))
        return 0
    if dice < RETURNED:
        at = teller.open_hour(at + timedelta(days=teller.chance.randint(2, 9)))
        whole = teller.chance.random() < 0.5
        lines = () if whole else (ReturnLine(0, 1),)
        number = f"R{order.number}"
        teller.tell(at, OrderReturned(teller.key(), order.number, number, at, lines=lines, shop=order.shop))
        return 0 if whole else order.paid - order.lines[0].amount
    _do_something(teller, who, order, dice - RETURNED)
    return order.paid


def _do_something(teller: Teller, who: MemberRef, order: OrderPaid, dice: float) -> None:
    """One of the scene's deeds, or none: each has its part of the dice."""
    for deed in teller.scene.deeds:
        if dice < deed.chance:
            at = teller.open_hour(order.occurred_at + timedelta(days=teller.chance.randint(*deed.days)))
            payload = {name: _said(teller, order, how) for name, how in deed.payload.items()}
            teller.tell(max(at, order.occurred_at), Behaviour(teller.key(), deed.type, who, at, payload))
            return
        dice -= deed.chance


def _said(teller: Teller, order: OrderPaid, how: Mapping[str, Any]) -> Any:
    """What a payload says: something of the order's first line, when the order was, or one of several."""
    if "line" in how:
        return getattr(order.lines[0], how["line"])
    if "order" in how:
        return getattr(order, how["order"]).isoformat()
    return teller.chance.choices(how["pick"], weights=how["weights"])[0]


def _redeem(teller: Teller, who: MemberRef, at: datetime, wallet: int) -> int:
    """Whoever has enough takes something now and then; what it cost."""
    wanted = [reward for reward in teller.scene.rewards if reward.points <= wallet]
    if not wanted or teller.chance.random() > 0.45:
        return 0
    reward = teller.chance.choice(wanted)
    moment = at + timedelta(minutes=teller.chance.randint(2, 90))
    teller.tell(moment, PointsRedeem(teller.key(), who, reward.benefit, value=reward.value))
    return reward.points
