"""What a partner brand sees: its own benefits, whether somebody is entitled, its use by day. No way leads to a member.

Everything here is of types of its own, which share scalars, Money and UserError with the rest and nothing else.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from loyalty import keys, partners, tries
from loyalty.refusals import Refused
from models.benefits import Entitlement as Row
from rules.benefits import Benefit as Declared
from schema.money import Money
from schema.needs import field, says
from schema.reader import Info, Reader
from schema.scalars import CurrencyCode, Points

MEMBER = "The member, by an id that no other partner has; null unless it consents to being told of."


@strawberry.type(description="One of the partner's own benefits.")
class PartnerBenefit:
    """As `benefits/<key>.json` declares it, and what became of it. Counts, and nobody behind them."""

    key: str = says("Its key in the programme.")
    title: str = says("What it is called.")
    description: str = says("What one gets.")
    kind: str = says("What sort of thing it is.")
    value: Money | None = says("What it is worth, where it has one value.")
    minimum_spend: Money | None = says("From which spend on it can be used.")
    uses: int = says("How often one piece can be used.")
    quota: Points | None = says("How many there are; null where nothing limits it.")
    left: Points | None = says("How many of them have not been given.")
    per_member: Points | None = says("How many one member can have.")
    issued: Points = says("How many are out and unused.")
    used: Points = says("How many have been used.")
    expired: Points = says("How many ran out or were taken back.")
    usage_rate: Decimal | None = says("Used over all that were given, 0 to 1, to four places; null where none was.")


@strawberry.type(description="What a partner brand sees.")
class PartnerView:
    """Its own, and nothing else."""

    key: str = says("The partner's key.")
    title: str = says("What it is called.")
    shops: list[str] = says("The shops it numbers orders for.")
    consents: list[str] = says("What a member must have agreed to before the partner is told of it.")
    benefits: list[PartnerBenefit] = says("Its own co-branded benefits.")


@strawberry.input(one_of=True, description="What somebody shows: exactly one of these.")
class PartnerShown:
    """A code opens one benefit; a pass or an id says who it is, to this partner alone."""

    code: strawberry.Maybe[str] = says("A code, as it is shown; case and dashes make no difference.")
    member_pass: strawberry.Maybe[str] = says(
        "A pass that a member shows (`Member.partnerPass`), 15 minutes old at most."
    )
    member_id: strawberry.Maybe[strawberry.ID] = says("An id that this partner was told before.")


@strawberry.type(description="Yes or no, and until when. Nothing is said of who it is, unless that member consents.")
class PartnerEligibility:
    """What a till needs to know before it does anything."""

    entitled: bool = says("Whether there is something of this partner's that can be used now.")
    benefit: PartnerBenefit | None = says("What it is.")
    until: datetime | None = says("Until when; null where it has no end, or nobody is entitled.")
    uses_left: int = says("How often it can be used.")
    member_id: strawberry.ID | None = says(MEMBER)


@strawberry.type(description="One day at a partner, by when things were recorded, in the programme's zone.")
class PartnerDay:
    """Counts and points, and nobody behind them."""

    day: date = says("The day.")
    issued: Points = says("How many benefits were given.")
    used: Points = says("How many uses there were.")
    taken_back: Points = says("How many uses were taken back.")
    purchases: Points = says("How many purchases were recorded in the partner's shops.")
    earned: Decimal = says("Points earned there, less what was taken back.")
    burnt: Decimal = says("Points burnt there, less what was given back.")


@strawberry.type
class PartnerQuery:
    """For a partner's token."""

    @field(needs="partner", description="What the partner whose token this is may see.")
    async def partner_view(self, info: Info) -> PartnerView | None:
        """Its own benefits, counted."""
        reader, own = info.context, partner_of(info.context)
        live = await reader.live()
        ruleset = live.at(reader.now).ruleset
        declared = ruleset.partners.get(own)
        return PartnerView(
            key=own,
            title=reader.say(declared.title) if declared else own,
            shops=list(declared.shops) if declared else [],
            consents=list(declared.consents) if declared else [],
            benefits=await benefits_of(reader, own),
        )

    @field(needs="partner", description="Whether a code or a member is entitled to something of this partner's now.")
    async def partner_eligibility(
        self,
        info: Info,
        shown: Annotated[PartnerShown, strawberry.argument(description="What is shown.")],
        benefit: Annotated[str | None, strawberry.argument(description="To which; to any, unless said.")] = None,
    ) -> PartnerEligibility | None:
        """What is wrong, another's, or without consent is answered alike: no."""
        reader, own = info.context, partner_of(info.context)
        live, db = await reader.live(), reader.house.db
        if shown.code is not None:
            tried = (db, reader.house.secrets, live.programme_id, reader.who, reader.now)
            await tries.must_be_let(*tried)
            hashed = reader.house.secrets.code_hash(live.programme_id, shown.code.value)
            row = await partners.entitled_by_code(db, live, own, hashed, reader.now)
            rows = [row] if row is not None else []
            if row is None:
                await tries.count_look(*tried)
        else:
            member_id = await member_shown(reader, shown)
            rows = await partners.entitled_member(db, live, own, member_id, reader.now) if member_id else []
        found = next((row for row in rows if benefit in (None, row.benefit)), None)
        if found is None:
            return PartnerEligibility(entitled=False, benefit=None, until=None, uses_left=0, member_id=None)
        return PartnerEligibility(
            entitled=True,
            benefit=await benefit_named(reader, own, found.benefit),
            until=found.expires_at,
            uses_left=await uses_left(reader, found),
            member_id=await opaque(reader, found.member_id),
        )

    @field(needs="partner", description="What happened at this partner day by day; 31 days at most.")
    async def partner_usage(
        self,
        info: Info,
        first: Annotated[date, strawberry.argument(description="The first day.")],
        last: Annotated[date, strawberry.argument(description="The last day.")],
    ) -> list[PartnerDay] | None:
        """Sums, and nobody behind them."""
        reader = info.context
        days = await partners.days(reader.house.db, await reader.live(), partner_of(reader), first, last, reader.now)
        return [
            PartnerDay(
                day=one.day,
                issued=Points(one.issued),
                used=Points(one.used),
                taken_back=Points(one.taken_back),
                purchases=Points(one.purchases),
                earned=one.earned,
                burnt=one.burnt,
            )
            for one in days
        ]


def partner_of(reader: Reader) -> str:
    """The partner that reads; NOT_FOUND where the token is nobody's."""
    if reader.who.partner is None:
        raise Refused("NOT_FOUND")
    return reader.who.partner


async def member_shown(reader: Reader, shown: PartnerShown) -> int | None:
    """The member that shows a pass, or whose id this is, while it consents; None for everything else alike."""
    live, own = await reader.live(), partner_of(reader)
    member_id: int | None = None
    if shown.member_pass is not None:
        member_id = keys.read_partner_pass(reader.house.secrets, live, own, shown.member_pass.value, reader.now)
    elif shown.member_id is not None:
        try:
            programme_id, member_id, _ = reader.unseal("member", shown.member_id.value)
        except Refused:
            programme_id = -1
        member_id = member_id if programme_id == live.programme_id else None
    shares = await partners.shares(reader.house.db, live, own, member_id or 0, reader.now)
    return member_id if shares else None


async def opaque(reader: Reader, member_id: int) -> strawberry.ID | None:
    """The member's id for this partner, if it consents."""
    live, own = await reader.live(), partner_of(reader)
    if not await partners.shares(reader.house.db, live, own, member_id, reader.now):
        return None
    return reader.seal("member", live.programme_id, member_id, member_id)


async def uses_left(reader: Reader, row: Row) -> int:
    """How often a piece can still be used."""
    declared = (await reader.live()).at(row.issued_at).ruleset.benefits.get(row.benefit)
    return max(0, ((declared.uses if declared else None) or 1) - row.uses)


async def benefits_of(reader: Reader, own: str) -> list[PartnerBenefit]:
    """All benefits of a partner, counted in two statements."""
    live = await reader.live()
    ruleset = live.at(reader.now).ruleset
    counts = await partners.usage(reader.house.db, live.programme_id, own, reader.now)
    left = await partners.stock_left(reader.house.db, live.programme_id)
    found = []
    for key, declared in sorted(ruleset.benefits.items()):
        if declared.partner == own:
            fates = tuple(counts.get((key, fate), 0) for fate in ("issued", "used", "expired"))
            found.append(_benefit(reader, ruleset.programme.currency, key, declared, fates, left.get(key)))
    return found


async def benefit_named(reader: Reader, own: str, key: str) -> PartnerBenefit | None:
    """One benefit of a partner."""
    return next((one for one in await benefits_of(reader, own) if one.key == key), None)


def _benefit(
    reader: Reader, currency: str, key: str, declared: Declared, fates: tuple[int, ...], left: int | None
) -> PartnerBenefit:
    def worth(amount: Decimal | None) -> Money | None:
        return None if amount is None else Money(amount=amount, currency_code=CurrencyCode(currency))

    def pieces(count: int | None) -> Points | None:
        return None if count is None else Points(count)

    given = sum(fates)
    stock = getattr(declared, "stock", None)
    return PartnerBenefit(
        key=key,
        title=reader.say(declared.title),
        description=reader.say(declared.description),
        kind=declared.kind,
        value=worth(declared.value) if declared.kind != "percent_off" else None,
        minimum_spend=worth(declared.minimum_spend),
        uses=declared.uses or 1,
        quota=pieces(stock),
        left=pieces(left if left is not None else stock),
        per_member=pieces(getattr(declared, "per_member", None)),
        issued=Points(fates[0]),
        used=Points(fates[1]),
        expired=Points(fates[2]),
        usage_rate=(Decimal(fates[1]) / given).quantize(Decimal("0.0001")) if given else None,
    )
