"""Wallets, their entries, and what will expire."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated

import strawberry

from loyalty import statements
from loyalty.access import may
from loyalty.explaining import explain_entry
from loyalty.points import shown as balance_of
from loyalty.refusals import Forbidden, Malformed
from loyalty.statements import Entry as EntryRow
from loyalty.views import Account
from models.codec import parse
from rules.programme import Wallet as Declared
from schema.connections import PAGE, After, Connection, First, connect, page
from schema.freezes import Freeze, freeze_of
from schema.money import decimal, rounded_down, shown
from schema.needs import says
from schema.node import Node
from schema.reader import Info, Reader
from schema.scalars import Points
from schema.words import local, policy_of, reason_of

DAYS_MAX = 3_660


@strawberry.enum(description="What sort of entry it is.")
class EntryKind(Enum):
    """From the reason a transfer was made for."""

    ADJUST = strawberry.enum_value("ADJUST", description="Put right by staff.")
    CONVERT = strawberry.enum_value("CONVERT", description="Turned into a benefit by itself.")
    DEBT = strawberry.enum_value("DEBT", description="New points that paid what was owed.")
    EARN = strawberry.enum_value("EARN", description="Earned.")
    EXPIRE = strawberry.enum_value("EXPIRE", description="Expired.")
    GIVE_BACK = strawberry.enum_value("GIVE_BACK", description="Given back, because what they paid for was undone.")
    HOLD = strawberry.enum_value("HOLD", description="Set aside for a redemption that is not final yet.")
    MATURE = strawberry.enum_value("MATURE", description="Were pending, and can be spent from now on.")
    MERGE = strawberry.enum_value("MERGE", description="Brought along from another account of the same person.")
    OTHER = strawberry.enum_value("OTHER", description="Anything else.")
    REDEEM = strawberry.enum_value("REDEEM", description="Spent.")
    RELEASE = strawberry.enum_value("RELEASE", description="No longer set aside.")
    REVERSE = strawberry.enum_value("REVERSE", description="Taken back, because the order they came from was undone.")
    TRANSFER = strawberry.enum_value("TRANSFER", description="Given to another member, or received from one.")


@strawberry.type(description="Points that will expire on a day if they are not spent.")
class Expiring:
    """A reminder in the making."""

    points: Points = says("How many.")
    on: date = says("The last day on which they can be spent.")


@strawberry.type(description="The order something is about.")
class OrderReference:
    """As the shop numbered it."""

    number: str = says("The order's number.")
    shop: str = says("The system that numbered it.")


@strawberry.type(description="The policy something was decided by.")
class PolicyReference:
    """By its path, which is its id."""

    path: str = says("The path of the policy, without `.json`.")
    title: str | None = says("Its title; null when it is in no version any more.")


@strawberry.type(description="One line of a wallet's statement. Never changed: a correction is another entry.")
class Entry(Node):
    """A transfer, as one wallet sees it."""

    row: strawberry.Private[EntryRow]
    scale: strawberry.Private[int]
    kind: EntryKind = says("What sort of entry it is.")
    wallet: str = says("The wallet it is in.")
    points: Points = says(
        "What it adds to all the wallet holds, below zero for what it takes; 0 where points only become available or "
        "are set aside."
    )
    amount: Points = says("How many points it moves.")
    exact: Decimal = says("`points`, with the wallet's decimals.")
    balance_after: Points | None = says("The balance shown after it.")
    at: datetime = says("When it counts.")
    recorded_at: datetime = says("When it was written down.")
    order: OrderReference | None = says("The order it is about.")
    expires_on: date | None = says("The last day on which points earned here can be spent.")
    reverses: strawberry.ID | None = says("The entry this one undoes, in part or whole.")

    @strawberry.field(description="Why, in the reader's language.")
    async def reason(self, info: Info) -> str:
        """Words for what happened."""
        policy = await policy_of(info.context, self.row.row.policy, self.row.row.version)
        noted = parse(self.row.row.note) if self.row.row.note else {}
        return reason_of(info.context.lang(), self.row.row.reason, policy, noted.get("reason"))

    @strawberry.field(description="The policy that decided it.")
    async def policy(self, info: Info) -> PolicyReference | None:
        """Path and title."""
        path = self.row.row.policy
        if path is None:
            return None
        found = await policy_of(info.context, path, self.row.row.version)
        return PolicyReference(path=path, title=info.context.say(found.title) if found else None)

    @strawberry.field(
        description="How it came about, in the reader's language. Needs `books:read`, or one's own account."
    )
    async def explanation(self, info: Info) -> list[str] | None:
        """The decision, recomputed from what was kept and put into words."""
        reader = info.context
        if not reader.own(self.row.row.member_id) and not may(reader.who, "books:read"):
            raise Forbidden("books:read")
        row = self.row.row
        told = await explain_entry(reader.house, await reader.live(), row.member_id, row.id, reader.lang())
        return list(told.lines)


@strawberry.type(description="One kind of points a member has.")
class Wallet:
    """Settled to the moment of reading; a pending conversion is not shown as done."""

    account: strawberry.Private[Account]
    declared: strawberry.Private[Declared]
    key: str = says("The wallet's key in the programme.")
    title: str = says("What it is called.")
    unit: str = says("What one of them is called.")
    scale: int = says("How many decimals it keeps; shown are whole points.")
    balance: Points = says("What a member reads as the balance: available, less what is owed.")
    exact: Decimal = says("`balance`, with the wallet's decimals.")
    shown: Decimal = says("`balance`, with the decimals the programme shows, rounded down.")
    available: Points = says("Can be spent now.")
    pending: Points = says("Earned, and not yet available.")
    held: Points = says("Set aside for redemptions that are not final yet.")
    owed: Points = says("Taken back after they were spent: the next ones earned pay for them.")

    @strawberry.field(description="What will expire within so many days, by day.")
    def expiring(
        self, days: Annotated[int, strawberry.argument(description=f"How far to look, 1 to {DAYS_MAX}.")] = 30
    ) -> list[Expiring]:
        """From the lots, spending order left aside: as if nothing were spent."""
        if not 1 <= days <= DAYS_MAX:
            raise Malformed("INVALID_QUANTITY", "/days", least=1, most=DAYS_MAX)
        due = statements.expiring(self.account, self.key, days)
        return [Expiring(points=shown(points, self.scale), on=day) for day, points in due]

    @strawberry.field(description="Since when, and why, nothing of it may be spent; null where it may.")
    async def frozen(self, info: Info) -> Freeze | None:
        """Whatever is frozen goes on earning."""
        return freeze_of(info.context, self.account.wallet(self.key))

    @strawberry.field(description="Its entries, newest first.")
    async def entries(self, info: Info, first: First = PAGE, after: After = None) -> Connection[Entry] | None:
        """A page by position and id."""
        reader, asked, member = info.context, page(first, after), self.account.member
        rows = await statements.entries(
            reader.house.db, member.programme_id, member.id, self.key, asked.after, asked.limit
        )
        zone = self.account.turn.programme.zone
        return connect(  # type: ignore[no-any-return]
            rows,
            asked,
            lambda entry: (entry.row.position, entry.row.id),
            lambda entry: entry_of(reader, entry, self.declared.scale, zone),
        )


def wallet_of(reader: Reader, account: Account, key: str) -> Wallet:
    """One wallet of an account; empty where the member never had anything in it."""
    row, declared = account.wallet(key), account.turn.programme.wallets[key]
    locale, scale = account.member.locale, declared.scale
    return Wallet(
        account=account,
        declared=declared,
        key=key,
        title=reader.say(declared.title, locale),
        unit=reader.say(declared.unit, locale),
        scale=scale,
        balance=shown(balance_of(row), scale),
        exact=decimal(balance_of(row), scale),
        shown=rounded_down(balance_of(row), scale, declared.shown),
        available=shown(row.available, scale),
        pending=shown(row.pending, scale),
        held=shown(row.held, scale),
        owed=shown(row.owed, scale),
    )


def entry_of(reader: Reader, entry: EntryRow, scale: int, zone: str) -> Entry:
    """An entry as its reader sees it."""
    row = entry.row
    holder = (row.programme_id, row.member_id)
    return Entry(
        id=reader.seal("entry", *holder, row.id),
        row=entry,
        scale=scale,
        kind=EntryKind(entry.kind),
        wallet=row.wallet,
        points=shown(entry.change, scale),
        amount=shown(row.amount, scale),
        exact=decimal(entry.change, scale),
        balance_after=None if entry.balance_after is None else shown(entry.balance_after, scale),
        at=row.effective_at,
        recorded_at=row.recorded_at,
        order=OrderReference(number=entry.order_number, shop=entry.shop or "") if entry.order_number else None,
        expires_on=local(entry.expires_at, zone),
        reverses=reader.seal("entry", *holder, row.reverses) if row.reverses else None,
    )
