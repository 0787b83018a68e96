"""Two years in the lives of the demo's people, as events in order of time: all that is told here is what happened."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

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

ZONE = ZoneInfo("Asia/Shanghai")
SPAN = timedelta(days=730)
OPENS, CLOSES = 9, 22
FREE_SHIPPING_FROM = 9_900
SHIPPING = 800
MATURES = timedelta(days=8)
STORES = ("上海静安店", "杭州湖滨店", "成都太古里店", "广州天河店")
PAYMENTS = ("wechat", "wechat", "wechat", "alipay", "alipay", "card")
REWARDS = (("coupon-10", None, 1_000), ("voucher", 500, 600), ("voucher", 2_000, 2_600), ("free-coffee", None, 800))
SHELF = (
    ("TEA-001", "明前龙井 100g", "春山", "tea", 16_800, ("new",)),
    ("TEA-002", "正山小种 125g", "春山", "tea", 9_800, ()),
    ("TEA-003", "陈年普洱 357g", "老曼峨", "tea", 26_800, ("classic",)),
    ("TEA-004", "茉莉花茶 200g", "春山", "tea", 6_900, ("classic",)),
    ("TEA-005", "凤凰单丛 150g", "老曼峨", "tea", 13_800, ()),
    ("WARE-01", "手工盖碗", "窑记", "ware", 12_900, ()),
    ("WARE-02", "紫砂小壶", "窑记", "ware", 39_900, ("classic",)),
    ("WARE-03", "旅行茶具", "窑记", "ware", 18_900, ("new",)),
    ("SNACK-1", "桂花糕", "点心铺", "snack", 3_900, ()),
    ("SNACK-2", "核桃酥", "点心铺", "snack", 2_900, ()),
    ("SNACK-3", "绿豆饼", "点心铺", "snack", 2_500, ("green",)),
    ("CARE-01", "茶籽洗护", "春山", "care", 8_800, ("green",)),
)

Told = tuple[datetime, int, Arrival]


@dataclass(slots=True)
class Teller:
    """Tells one person's story; numbers and keys rise through all stories."""

    chance: Random
    start: datetime
    now: datetime
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
        local = day.astimezone(ZONE).date()
        moment = time(self.chance.randint(OPENS, CLOSES - 1), self.chance.randint(0, 59), self.chance.randint(0, 59))
        return datetime.combine(local, moment, ZONE).astimezone(UTC)


def history(crowd: list[Person], chance: Random, now: datetime) -> list[tuple[datetime, Arrival]]:
    """Everything that happened up to `now`, in order of time."""
    teller = Teller(chance, now - SPAN, now)
    for person in crowd:
        _live(teller, person)
    return [(at, arrival) for at, _, arrival in sorted(teller.told, key=lambda one: one[:2])]


def _live(teller: Teller, person: Person) -> None:
    joined = teller.open_hour(teller.start + person.joins_after)
    if person.registers:
        _register(teller, person, joined)
    who = MemberRef(kind="external", value=person.card)
    wallet = 200 if person.registers else 0
    ripe: list[tuple[datetime, int]] = []
    for at in _visits(teller, person, joined):
        order = _order(teller, person, who, at)
        kept = _afterwards(teller, who, order)
        ripe.append((at + MATURES, kept // 100))
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
    items = teller.chance.sample(SHELF, teller.chance.randint(1, person.habit.items_most))
    quantities = [teller.chance.choices((1, 2, 3), weights=(75, 20, 5))[0] for _ in items]
    lines = tuple(
        Line(sku, quantity, price * quantity, brand, category, tags)
        for (sku, _, brand, category, price, tags), quantity in zip(items, quantities, strict=True)
    )
    goods = sum(line.amount for line in lines)
    channel = person.channel if teller.chance.random() < 0.8 else "app"
    shipping = 0 if channel == "store" or goods >= FREE_SHIPPING_FROM else SHIPPING
    order = OrderPaid(
        key=teller.key(),
        number=f"{at.astimezone(ZONE):%Y%m%d}-{teller.orders:05}",
        member=who,
        occurred_at=at,
        currency="CNY",
        total=goods + shipping,
        paid=goods + shipping,
        shipping=shipping,
        lines=lines,
        channel=channel,
        store=teller.chance.choice(STORES) if channel == "store" else "",
        payment=teller.chance.choice(PAYMENTS),
        shop={"tmall": "tmall", "store": "store"}.get(channel, "main"),
    )
    teller.tell(at, order)
    return order


def _afterwards(teller: Teller, who: MemberRef, order: OrderPaid) -> int:
    """Cancelled, returned in part or whole, reviewed, or simply kept; what of it was kept, in money."""
    dice = teller.chance.random()
    at = order.occurred_at
    if dice < 0.012:
        at += timedelta(minutes=teller.chance.randint(4, 200))
        teller.tell(at, OrderCancelled(teller.key(), order.number, at, shop=order.shop))
        return 0
    if dice < 0.07:
        at = teller.open_hour(at + timedelta(days=teller.chance.randint(2, 9)))
        whole = teller.chance.random() < 0.5
        lines = () if whole else (ReturnLine(0, 1),)
        number = f"R{order.number}"
        teller.tell(at, OrderReturned(teller.key(), order.number, number, at, lines=lines, shop=order.shop))
        return 0 if whole else order.paid - order.lines[0].amount
    if dice < 0.22:
        at = teller.open_hour(at + timedelta(days=teller.chance.randint(1, 12)))
        rating = teller.chance.choices((5, 4, 3, 2), weights=(60, 28, 9, 3))[0]
        payload = {"rating": rating, "sku": order.lines[0].sku}
        teller.tell(at, Behaviour(teller.key(), "review.written", who, at, payload))
    return order.paid


def _redeem(teller: Teller, who: MemberRef, at: datetime, wallet: int) -> int:
    """Whoever has enough takes something now and then; what it cost."""
    wanted = [reward for reward in REWARDS if reward[2] <= wallet]
    if not wanted or teller.chance.random() > 0.45:
        return 0
    benefit, value, points = teller.chance.choice(wanted)
    moment = at + timedelta(minutes=teller.chance.randint(2, 90))
    teller.tell(moment, PointsRedeem(teller.key(), who, benefit, value=value))
    return points
