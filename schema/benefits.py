"""Benefits: what there is, what a member can have, what it has been given, and the codes that open it."""

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import strawberry

from locales import text
from loyalty import outlook, statements
from loyalty.access import may
from loyalty.benefits import OPEN
from loyalty.views import Account
from models.benefits import Entitlement as Row
from models.codec import parse
from rules import benefit_words
from rules.benefits import Benefit as Declared
from rules.describe_words import Page
from rules.programme import Programme
from rules.words import condition
from schema.money import Money, decimal, money, shown
from schema.needs import says
from schema.node import Node
from schema.reader import Info, Reader
from schema.scalars import Points


@strawberry.type(description="What a benefit costs in points.")
class Price:
    """As a policy prices it for this member now."""

    wallet: str = says("The wallet that pays.")
    points: Points = says("How many points.")
    value: Money | None = says("What it is worth, where there are several values; where any up to `upTo`, the least.")
    money: Money | None = says("What is paid beside the points.")
    up_to: Money | None = says("The greatest value, where any from `value` up to it can be had.")
    minimum_basket: Money | None = says("What the basket must come to.")


@strawberry.enum(description="Whether a benefit can be redeemed now.")
class AvailabilityState(Enum):
    """Each but the first comes with a reason."""

    AVAILABLE = strawberry.enum_value("AVAILABLE", description="It can be redeemed now.")
    LIMIT_REACHED = strawberry.enum_value("LIMIT_REACHED", description="The member has had its share.")
    LOCKED = strawberry.enum_value("LOCKED", description="It is not for this member, or not now.")
    NOT_FOR_POINTS = strawberry.enum_value("NOT_FOR_POINTS", description="It is given, not redeemed.")
    STANDING = strawberry.enum_value("STANDING", description="The member has it by standing, without a piece.")
    SOLD_OUT = strawberry.enum_value("SOLD_OUT", description="There is none left.")
    TOO_FEW_POINTS = strawberry.enum_value("TOO_FEW_POINTS", description="The points do not suffice yet.")


@strawberry.type(description="Whether a benefit can be redeemed now, and if not, why.")
class Availability:
    """For one member."""

    state: AvailabilityState = says("Whether, for programs.")
    reason: str | None = says("Why not, in words a customer can read.")
    prices: list[Price] = says("What it costs now; nothing, where it is free to take.")
    how: list[str] = says("How it is to be had, in words, whether or not it can be now.")


@strawberry.type(description="How often a benefit can be used for one part of it.")
class PartLimit:
    """A sub-limit of its uses."""

    part: str = says("The part, as `codeVerify` names it.")
    most: int = says("How many of the uses may be of it.")


@strawberry.type(description="How often one piece was used for one part of it.")
class PartUse:
    """Of a sub-limit, what is used and what is left."""

    part: str = says("The part, as `codeVerify` names it.")
    used: int = says("How many uses were of it.")
    left: int = says("How many may still be.")


@strawberry.type(description="Something a member can be given.")
class Benefit:
    """As `benefits/<key>.json` declares it."""

    key: str = says("Its key in the programme.")
    title: str = says("What it is called.")
    description: str = says("What one gets.")
    kind: str = says("What sort of thing it is: `amount_off`, `gift` …")
    value: Money | None = says("What it is worth, where it has one value.")
    percent: Decimal | None = says("The percentage off, or back.")
    most: Money | None = says("The greatest amount that a percentage comes to.")
    factor: Decimal | None = says("By what it multiplies the points of an order.")
    minimum_spend: Money | None = says("From which spend on it can be used.")
    instructions: str | None = says("How it is used.")
    link: str | None = says("Where its content is.")
    claimable: bool = says("Whether members take it themselves, for nothing.")
    standing: bool = says("Whether whoever may have it has it, without a piece.")
    partner: str | None = says("The partner brand that gives it.")
    uses: int = says("How often one piece can be used.")
    parts: list[PartLimit] = says("How many of these uses may be of some part.")

    @strawberry.field(description="Its terms in words: for whom, how long, where, how many, at what price.")
    async def terms(self, info: Info) -> list[str]:
        """As the guide says them."""
        reader = info.context
        definitions = (await reader.live()).at(reader.now).ruleset.definitions
        page = Page(definitions, (), reader.lang())
        return benefit_words.terms(self.key, page) if self.key in definitions.benefits else []


@strawberry.type(description="A benefit, and whether this member can redeem it now.")
class Obtainable:
    """One of the catalogue, for one member."""

    benefit: Benefit = says("What there is.")
    availability: Availability = says("Whether it can be had.")


@strawberry.enum(description="The life of an entitlement.")
class EntitlementState(Enum):
    """Issued, perhaps reserved, then used, expired or revoked."""

    ISSUED = strawberry.enum_value("ISSUED", description="It can be used.")
    RESERVED = strawberry.enum_value("RESERVED", description="It is set aside for something that is not final yet.")
    USED = strawberry.enum_value("USED", description="It has been used.")
    EXPIRED = strawberry.enum_value("EXPIRED", description="Its time ran out.")
    REVOKED = strawberry.enum_value("REVOKED", description="It was taken back.")


@strawberry.type(description="A benefit, given to a member.")
class Entitlement(Node):
    """One piece, with its own life."""

    row: strawberry.Private[Row]
    benefit: Benefit | None = says("What was given; null when it is declared no more.")
    state: EntitlementState = says("Where it is in its life.")
    value: Money | None = says("What this piece is worth, where its price had steps.")
    points: Points = says("What was paid for it.")
    money: Money | None = says("What was paid beside the points.")
    uses_left: int = says("How often it can still be used; 0 once it is used up, expired or revoked.")
    parts: list[PartUse] = says("What of its sub-limits is used and left.")
    issued_at: datetime = says("When it was given.")
    expires_at: datetime | None = says("Until when it can be used.")
    used_at: datetime | None = says("When it was used.")
    reserved_until: datetime | None = says("Until when a till has set it aside.", default=None)
    promised_at: datetime | None = says("By when it is to be delivered, where somebody has to.", default=None)
    fulfilled_at: datetime | None = says("When it was delivered.", default=None)

    @strawberry.field(description="The code to show; only its owner and those who may redeem for members see it.")
    def code(self, info: Info) -> str | None:
        """Made from the deployment's secret whenever it is asked for: it is kept nowhere."""
        reader = info.context
        coded = self.benefit is not None and self.row.state == "issued" and self.coded
        if not coded or not (reader.own(self.row.member_id) or may(reader.who, "points:redeem")):
            return None
        return reader.house.secrets.code_of(self.row.programme_id, self.row.id)

    coded: strawberry.Private[bool] = False


def benefit_of(reader: Reader, programme: Programme, key: str, declared: Declared, locale: str = "") -> Benefit:
    """A benefit in the reader's language."""

    def worth(amount: object) -> Money | None:
        return Money(amount=amount, currency_code=programme.currency) if amount is not None else None  # type: ignore[arg-type]

    return Benefit(
        key=key,
        title=reader.say(declared.title, locale),
        description=reader.say(declared.description, locale),
        kind=declared.kind,
        value=worth(declared.value) if declared.kind != "percent_off" else None,
        percent=declared.value if declared.kind == "percent_off" else declared.percent,
        most=worth(declared.most),
        factor=declared.factor,
        instructions=reader.say(declared.instructions, locale) if declared.instructions else None,
        link=declared.link,
        claimable=declared.claim,
        standing=declared.standing,
        minimum_spend=worth(declared.minimum_spend),
        partner=declared.partner,
        uses=declared.uses or 1,
        parts=[PartLimit(part=part, most=most) for part, most in sorted((declared.sub_limits or {}).items())],
    )


def entitlement_of(reader: Reader, account: Account, row: Row) -> Entitlement:
    """An entitlement as its reader sees it, at the moment of reading."""
    return entitlement_in(reader, account.turn.programme, account.turn.ruleset.benefits, row, account.member.locale)


def entitlement_in(reader: Reader, programme: Programme, declared: object, row: Row, locale: str = "") -> Entitlement:
    """The same, where there is no account at hand."""
    benefit = declared.get(row.benefit)  # type: ignore[attr-defined]
    scale = programme.wallets[programme.main_wallet].scale
    return Entitlement(
        id=reader.seal("entitlement", row.programme_id, row.member_id, row.id),
        row=row,
        benefit=benefit_of(reader, programme, row.benefit, benefit, locale) if benefit else None,
        state=EntitlementState(statements.state_now(row, reader.now)),
        value=money(row.value, programme.currency) if row.value is not None else None,
        points=shown(row.points, scale),
        money=money(row.money, programme.currency) if row.money is not None else None,
        uses_left=_uses_left(row, benefit, reader.now),
        parts=_parts(row, benefit, reader.now),
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        reserved_until=row.reserved_until,
        promised_at=row.promised_at,
        fulfilled_at=row.fulfilled_at,
        coded=bool(benefit and benefit.code),
    )


def _uses_left(row: Row, benefit: Declared | None, now: datetime) -> int:
    if statements.state_now(row, now) not in OPEN:
        return 0
    return max(0, ((benefit.uses if benefit else None) or 1) - row.uses)


def _parts(row: Row, benefit: Declared | None, now: datetime) -> list[PartUse]:
    """Of each sub-limit what is used and left; no more is left of one than of the whole."""
    used: dict[str, int] = parse(row.parts) if row.parts else {}
    whole = _uses_left(row, benefit, now)
    most = (benefit.sub_limits if benefit else None) or {}
    return [
        PartUse(part=part, used=used.get(part, 0), left=max(0, min(whole, most.get(part, 0) - used.get(part, 0))))
        for part in sorted({*most, *used})
    ]


def availability_of(reader: Reader, account: Account, found: outlook.Availability) -> Availability:
    """Whether and why not, in words."""
    programme, lang = account.turn.programme, reader.lang(account.member.locale)
    params = dict(found.params)
    if "missing" in params:
        params["missing"] = decimal(params["missing"], programme.wallets[params["wallet"]].scale)
    if isinstance(params.get("reason"), dict):
        params["reason"] = params["reason"].get(lang, "")
    if found.code == "not_for_you":
        definitions = account.turn.ruleset.definitions
        params["condition"] = condition(definitions.available_to.get(params.pop("benefit")), definitions, lang)

    def amount(minor: int | None) -> Money | None:
        return None if minor is None else money(minor, programme.currency)

    one = "_one" if found.code == "limit_reached" and params["most"] == 1 else ""
    return Availability(
        state=AvailabilityState(found.state),
        reason=text(f"availability.{found.code}{one}", lang, **params) if found.code else None,
        prices=[
            Price(
                wallet=price.wallet,
                points=shown(price.points, programme.wallets[price.wallet].scale),
                value=amount(price.value),
                money=amount(price.money),
                up_to=amount(price.upto),
                minimum_basket=amount(price.basket),
            )
            for price in found.prices
        ],
        how=[way_of(way, lang) for way in found.how],
    )


def way_of(way: tuple[str, dict[str, Any]], lang: str) -> str:
    """A way to a benefit, in words."""
    code, params = way
    return text(f"way.{code}", lang, **{name: own.get(lang, "") for name, own in params.items()})


async def obtainable(reader: Reader, account: Account) -> list[Obtainable]:
    """The whole catalogue, for one member."""
    await outlook.load_counters(reader.house.db, account)
    programme, locale = account.turn.programme, account.member.locale
    return [
        Obtainable(
            benefit=benefit_of(reader, programme, key, declared, locale),
            availability=availability_of(reader, account, outlook.availability(account, key, declared)),
        )
        for key, declared in sorted(account.turn.ruleset.benefits.items())
    ]
