"""A programme's stories, played through the door that everything goes through, and looked at as a reader would.

The clock is handed in, and does before each step what fell due: a story is true of the books, not of a calculation.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from loyalty import views
from loyalty.access import SCOPES, Caller
from loyalty.events import (
    Arrival,
    Behaviour,
    CodeVerify,
    Line,
    MemberEnrolled,
    MemberRef,
    OrderCancelled,
    OrderPaid,
    OrderReturned,
    PointsAdjust,
    PointsRedeem,
    ReturnLine,
)
from loyalty.house import House
from loyalty.intake import keys_of, receive
from loyalty.points import shown
from loyalty.receipts import Receipt
from loyalty.refusals import Refused
from loyalty.rulebook import Live
from loyalty.views import Account
from models.benefits import Entitlement
from models.codec import parse
from models.points import Lot
from models.tiers import Standing
from rules import exact
from rules.calendar import business_date
from rules.scene import scaled
from rules.stories import Adjusted, Back, Deed, Joining, Sale, Step, Story, Use, Wanted

NOON: Final = time(12)
MOMENT: Final = timedelta(microseconds=1)
KIND: Final = "external"
REASON: Final = "story"

Advance = Callable[[datetime], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Miss:
    """What was found otherwise than the story says: at which step, of what."""

    step: int
    at: str
    what: str
    expected: Any
    found: Any


@dataclass(slots=True)
class Stage:
    """One story being played in a programme of its own."""

    house: House
    live: Live
    advance: Advance
    numbers: int = 0
    orders: dict[str, str] = field(default_factory=dict)

    @property
    def caller(self) -> Caller:
        """Who plays: somebody who may do anything."""
        scopes = frozenset(SCOPES) - {"member", "partner", "partner:verify"}
        return Caller("story", self.live.name, scopes, shops=self.live.newest.ruleset.programme.shops)

    def key(self) -> str:
        """A fresh idempotency key."""
        self.numbers += 1
        return f"story-{self.numbers}"

    def instant(self, at: date | datetime) -> datetime:
        """When a step is: a day is its noon, and what has no offset is in the programme's zone."""
        local = at if isinstance(at, datetime) else datetime.combine(at, NOON)
        zone = self.live.newest.ruleset.zone
        return (local if local.tzinfo else local.replace(tzinfo=zone)).astimezone(UTC)

    def minor(self, amount: Any) -> int:
        """Money in minor units."""
        return scaled(amount, self.live.newest.ruleset.definitions.catalogue.currency_scale)

    def units(self, points: Any, wallet: str) -> int:
        """Points in a wallet's units."""
        return scaled(points, self.live.newest.ruleset.definitions.scale(wallet))

    def written(self, units: int, wallet: str) -> str:
        """Points as a document writes them, without needless zeros."""
        text = exact.text(units, self.live.newest.ruleset.definitions.scale(wallet))
        return text.rstrip("0").rstrip(".") if "." in text else text


def begins(story: Story) -> datetime:
    """When a programme has to be founded for its clock to tick through the story: two days before the first step."""
    first = story.steps[0].at
    day = first.date() if isinstance(first, datetime) else first
    return datetime.combine(day, time.min, UTC) - timedelta(days=2)


async def rehearse(house: House, live: Live, story: Story, advance: Advance) -> list[Miss]:
    """Play one story in a programme that nobody else uses; what came out otherwise than it says."""
    stage, misses = Stage(house, live, advance), []
    for number, step in enumerate(story.steps):
        at = stage.instant(step.at)
        await advance(at)
        receipt = await do(stage, step, at)
        await advance(at)
        looked = await look(stage, step, at, receipt)
        misses += [Miss(number, str(step.at), what, wanted, found) for what, wanted, found in looked if wanted != found]
    return misses


async def do(stage: Stage, step: Step, at: datetime) -> Receipt | None:
    """What happens in a step; nothing in one that only looks."""
    for name in step.deeds:
        arrival = await ARRIVALS[name](stage, step, getattr(step, name), at)
        if isinstance(arrival, Receipt):
            return arrival
        (receipt,) = await receive(stage.house, stage.caller, [arrival], now=at)
        return receipt
    return None


async def _enrol(stage: Stage, step: Step, said: bool | Joining, at: datetime) -> Arrival:
    own = said if isinstance(said, Joining) else Joining()
    names = ((KIND, step.member),)
    return MemberEnrolled(stage.key(), names, at, profile=own.profile, preferences=own.preferences)


async def _order(stage: Stage, step: Step, sale: Sale, at: datetime) -> Arrival:
    number = sale.number or f"order-{stage.numbers + 1}"
    money: dict[str, Any] = {name: stage.minor(getattr(sale, name) or 0) for name in ("discount", "tax", "shipping")}
    lines = tuple(
        Line(part.sku, part.quantity, stage.minor(part.amount), part.brand, part.category, part.tags)
        for part in sale.lines
    )
    texts = {name: getattr(sale, name) for name in ("channel", "store", "payment", "coupon")}
    total = stage.minor(sale.total)
    paid = total if sale.paid is None else stage.minor(sale.paid)
    programme = stage.live.newest.ruleset.programme
    return OrderPaid(
        stage.key(), number, _who(step), at, programme.currency, total, paid, lines=lines, **money, **texts,
        shop=programme.shops[0],
    )  # fmt: skip


async def _cancel(stage: Stage, step: Step, number: str, at: datetime) -> Arrival:
    return OrderCancelled(stage.key(), number, at, _shop(stage))


async def _returned(stage: Stage, step: Step, back: Back, at: datetime) -> Arrival:
    key = stage.key()
    amount = None if back.amount is None else stage.minor(back.amount)
    lines = tuple(ReturnLine(part.line, part.quantity) for part in back.lines)
    return OrderReturned(key, back.number, f"return-{key}", at, lines, amount, _shop(stage))


async def _event(stage: Stage, step: Step, deed: Deed, at: datetime) -> Arrival:
    return Behaviour(stage.key(), deed.type, _who(step), at, dict(deed.payload))


async def _redeem(stage: Stage, step: Step, wish: Wanted, at: datetime) -> Arrival:
    value, basket = (None if one is None else stage.minor(one) for one in (wish.value, wish.basket))
    main = stage.live.newest.ruleset.programme.main_wallet
    more: dict[str, Any] = {} if wish.points is None else {"points": stage.units(wish.points, main)}
    return PointsRedeem(stage.key(), _who(step), wish.benefit, value, wish.order, basket, shop=_shop(stage), **more)


async def _use(stage: Stage, step: Step, use: Use, at: datetime) -> Arrival | Receipt:
    """By the code of the oldest open piece; a member who has none is told what a till is told."""
    key = stage.key()
    account = await account_of(stage, step, at)
    own = [row for row in account.rows(Entitlement) if row.benefit == use.benefit and row.state == "issued"]
    if not own:
        return Receipt(key, "refused", code="CODE_UNKNOWN")
    code = keys_of(stage.house, stage.live.programme_id).code_of(min(own, key=lambda row: row.id).id)
    more: dict[str, Any] = {} if use.part is None else {"part": use.part}
    return CodeVerify(key, code, use=True, **more)


async def _adjust(stage: Stage, step: Step, put: Adjusted, at: datetime) -> Arrival:
    wallet = put.wallet or stage.live.newest.ruleset.programme.main_wallet
    return PointsAdjust(stage.key(), _who(step), wallet, stage.units(put.points, wallet), REASON)


ARRIVALS: Final[Mapping[str, Callable[[Stage, Step, Any, datetime], Awaitable[Arrival | Receipt]]]] = {
    "enrol": _enrol,
    "order": _order,
    "cancel": _cancel,
    "returned": _returned,
    "event": _event,
    "redeem": _redeem,
    "use": _use,
    "adjust": _adjust,
}


def _who(step: Step) -> MemberRef:
    return MemberRef(kind=KIND, value=step.member)


def _shop(stage: Stage) -> str:
    return stage.live.newest.ruleset.programme.shops[0]


# What a reader sees.


async def account_of(stage: Stage, step: Step, at: datetime) -> Account:
    """The member's account, settled to the step's instant."""
    member_id = await views.find(stage.house, stage.live, _who(step))
    return (await views.accounts(stage.house.db, stage.live, [member_id], at))[member_id]


async def look(stage: Stage, step: Step, at: datetime, receipt: Receipt | None) -> list[tuple[str, Any, Any]]:
    """What is expected and what is there, by name."""
    then = step.then
    seen: list[tuple[str, Any, Any]] = [("refused", then.refused if then else None, _refusal(receipt))]
    if then is None:
        return seen
    try:
        account = await account_of(stage, step, at)
    except Refused:
        return [*seen, ("member", True, False)] if then.model_fields_set - {"refused"} else seen
    if then.earned is not None:
        seen += await _earned(stage, then.earned, receipt)
    if then.messages is not None:
        seen += await _messages(stage, then.messages, account.member.id)
    for name, read in SIGHTS.items():
        for key, wanted in (getattr(then, name) or {}).items():
            seen.append((f"{name} {key}", _plain(stage, name, key, wanted), read(stage, account, key)))
    return seen


def _refusal(receipt: Receipt | None) -> str | None:
    if receipt is None:
        return None
    return receipt.code or ("REFUSED_BY_POLICY" if receipt.changes.get("refused_by") else None)


async def _earned(stage: Stage, wanted: Mapping[str, Any], receipt: Receipt | None) -> list[tuple[str, Any, Any]]:
    sql = (
        "SELECT wallet, SUM(CASE WHEN debit = 'issued' THEN amount ELSE -amount END) AS points FROM transfers "
        "WHERE programme_id = $1 AND event_id = $2 AND 'issued' IN (debit, credit) GROUP BY wallet"
    )
    rows = await stage.house.db.rows(sql, stage.live.programme_id, receipt.event_id or 0 if receipt else 0)
    found = {row["wallet"]: int(row["points"]) for row in rows}
    return [
        (f"earned {key}", _plain(stage, "balance", key, wanted.get(key, 0)), stage.written(found.get(key, 0), key))
        for key in sorted({*wanted, *found})
    ]


async def _messages(stage: Stage, wanted: Mapping[str, int], member_id: int) -> list[tuple[str, Any, Any]]:
    sql = "SELECT kind, body FROM outbox WHERE programme_id = $1 AND member_id = $2"
    rows = await stage.house.db.rows(sql, stage.live.programme_id, member_id)
    sent = [parse(row["body"])["template"] if row["kind"] == "message" else row["kind"] for row in rows]
    return [(f"messages {key}", wanted[key], sent.count(key)) for key in sorted(wanted)]


def _plain(stage: Stage, name: str, key: str, wanted: Any) -> Any:
    """An expectation as it is compared and shown."""
    if name in ("balance", "pending"):
        return stage.written(stage.units(wanted, key), key)
    if name == "expires":
        return {day: stage.written(stage.units(points, key), key) for day, points in sorted(wanted.items())}
    return str(wanted) if isinstance(wanted, date) else wanted


def _through(stage: Stage, ends_at: datetime | None) -> str | None:
    """The last day on which something that ends is still there."""
    return None if ends_at is None else str(business_date(ends_at - MOMENT, stage.live.newest.ruleset.zone))


def _valid_through(stage: Stage, account: Account, ladder: str) -> str | None:
    standing = account.turn.book.get(Standing, account.member.id, ladder)
    return _through(stage, standing.ends_at) if standing else None


def _tier(stage: Stage, account: Account, ladder: str) -> str | None:
    standing = account.turn.book.get(Standing, account.member.id, ladder)
    return standing.tier if standing else None


def _open(account: Account, benefit: str) -> list[Entitlement]:
    return [row for row in account.rows(Entitlement) if row.benefit == benefit and row.state == "issued"]


def _benefit_through(stage: Stage, account: Account, benefit: str) -> str | None:
    ends = [row.expires_at for row in _open(account, benefit) if row.expires_at is not None]
    return str(business_date(min(ends), stage.live.newest.ruleset.zone)) if ends else None


def _expires(stage: Stage, account: Account, wallet: str) -> dict[str, str]:
    gone: dict[str, int] = {}
    for lot in account.rows(Lot):
        if lot.wallet == wallet and lot.remaining and lot.expires_at is not None:
            day = str(business_date(lot.expires_at, stage.live.newest.ruleset.zone))
            gone[day] = gone.get(day, 0) + lot.remaining
    return {day: stage.written(points, wallet) for day, points in sorted(gone.items())}


Sight = Callable[[Stage, Account, str], Any]
SIGHTS: Final[Mapping[str, Sight]] = {
    "balance": lambda stage, account, key: stage.written(shown(account.wallet(key)), key),
    "pending": lambda stage, account, key: stage.written(account.wallet(key).pending, key),
    "tier": _tier,
    "valid_through": _valid_through,
    "benefits": lambda stage, account, key: len(_open(account, key)),
    "benefit_through": _benefit_through,
    "expires": _expires,
}
