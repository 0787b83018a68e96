"""What an order would do if it were paid now. Writes nothing."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from loyalty import applicable
from loyalty.arrivals import validate
from loyalty.events import OrderPaid
from loyalty.previewing import Preview, preview
from loyalty.refusals import Refused
from models.codec import parse
from models.events import Decision
from rules import telling
from rules.decide import Outcome
from schema.answers import turned_down, who
from schema.benefits import Benefit, Entitlement, benefit_of, entitlement_of
from schema.members import MemberRef, ref_of
from schema.money import minor
from schema.needs import field, says
from schema.orders import OrderLineInput, lines_of
from schema.points import PolicyReference
from schema.problems import UserError
from schema.reader import Info, Reader
from schema.receipts import PointsChange, TierChange, errors_of, points_changes, tier_changes
from schema.scalars import CurrencyCode, Points

NOT_YET = "preview"


@strawberry.input(description="An order that might be paid.")
class OrderPreviewInput:
    """As much of it as is known."""

    total: Decimal = says("Goods less discount, with tax and shipping.")
    member: MemberRef | None = says("Who would buy; oneself, unless said.", default=None)
    occurred_at: datetime | None = says("When it would be paid; now, unless said.", default=None)
    currency: CurrencyCode | None = says("The currency of its amounts; the programme's, unless said.", default=None)
    paid: Decimal | None = says("What would be paid in money; the total, unless said.", default=None)
    discount: Decimal | None = says("Taken off the whole order.", default=None)
    tax: Decimal | None = says("The tax in the total.", default=None)
    shipping: Decimal | None = says("The shipping in the total.", default=None)
    lines: list[OrderLineInput] = says("What is in the basket, 500 lines at most.", default_factory=list)
    channel: str = says("Where it would be sold.", default="")
    store: str = says("Which store.", default="")
    payment: str = says("How it would be paid.", default="")
    coupon: str = says("The coupon that would be used.", default="")


@strawberry.type(description="What one policy would do.")
class PreviewLine:
    """Those whose conditions hold."""

    policy: PolicyReference = says("The policy.")
    points: Points | None = says("The points it would give; null where it gives none.")
    fired: bool = says("Whether it would give anything.")
    words: str = says("What would become of it, in words.")


@strawberry.type(description="What an order would do.")
class OrderPreview:
    """Nothing of it is promised: budgets and stock are others' too."""

    points: list[PointsChange] = says("What would change in each wallet.", default_factory=list)
    earns: Points = says("The points it would earn in the main wallet, pending or not.", default=0)
    tiers: list[TierChange] = says("The steps on ladders it would cause.", default_factory=list)
    benefits: list[Benefit] = says("What it would bring.", default_factory=list)
    lines: list[PreviewLine] = says("What each policy would do.", default_factory=list)
    entitlements: list[Entitlement] = says(
        "Pieces the member could use on it: what takes something off, brings a gift or ships it.", default_factory=list
    )
    standing: list[Benefit] = says("The same of what the member has without a piece.", default_factory=list)
    user_errors: list[UserError] = says("What would be wrong with it.", default_factory=list)


@strawberry.type
class PreviewQuery:
    """Before anything is paid."""

    @field(
        needs="member or events:write or rules:read",
        description="What an order would earn if it were paid now: for product and basket pages. Writes nothing.",
    )
    async def order_preview(
        self, info: Info, input: Annotated[OrderPreviewInput, strawberry.argument(description="The order.")]
    ) -> OrderPreview | None:
        """The same load and the same fold, on books that nobody flushes."""
        reader = info.context
        try:
            arrival = await wished(reader, input)
            validate(arrival)
            found = await preview(reader.house, reader.who, arrival, now=reader.now)
        except Refused as refused:
            return OrderPreview(user_errors=turned_down(refused, reader).errors)
        preview_of = told(reader, found)
        await at_the_till(reader, arrival, found, preview_of)
        return preview_of


async def at_the_till(reader: Reader, arrival: OrderPaid, found: Preview, told: OrderPreview) -> None:
    """Add what the member could use on the order, for whoever may see the member."""
    holder = found.receipt.member_id or 0
    account = await reader.account.load(holder) if holder > 0 and reader.may_see(holder) else None
    if account is None:
        return
    programme, locale = account.turn.programme, account.member.locale
    told.entitlements = [entitlement_of(reader, account, row) for row in applicable.pieces(account, arrival)]
    told.standing = [
        benefit_of(reader, programme, key, account.turn.ruleset.benefits[key], locale)
        for key in applicable.standing(account, arrival)
    ]


async def wished(reader: Reader, given: OrderPreviewInput) -> OrderPaid:
    """The arrival an input means."""
    currency = given.currency or (await reader.programme()).currency
    if given.member is not None and reader.who.member_id is None:
        member = await ref_of(reader, given.member, "/member")
    else:
        member = await who(reader, given.member, "events:write")
    total = minor(given.total, currency, "/total")
    return OrderPaid(
        key=NOT_YET,
        number=NOT_YET,
        member=member,
        occurred_at=given.occurred_at or reader.now,
        currency=currency,
        total=total,
        paid=total if given.paid is None else minor(given.paid, currency, "/paid"),
        discount=minor(given.discount or Decimal(0), currency, "/discount"),
        tax=minor(given.tax or Decimal(0), currency, "/tax"),
        shipping=minor(given.shipping or Decimal(0), currency, "/shipping"),
        lines=lines_of(given.lines, currency),
        channel=given.channel,
        store=given.store,
        payment=given.payment,
        coupon=given.coupon,
        shop=(await reader.programme()).shops[0] if reader.who.member_id is not None else reader.who.shops[0],
    )


def told(reader: Reader, found: Preview) -> OrderPreview:
    """A preview as its reader sees it."""
    receipt, programme = found.receipt, found.ruleset.programme
    brought = [one["benefit"] for one in receipt.changes.get("entitlements", ()) if one["state"] == "issued"]
    declared = found.ruleset.benefits
    points = points_changes(reader, programme, receipt)
    return OrderPreview(
        points=points,
        earns=Points(sum(one.pending + one.available for one in points if one.wallet == programme.main_wallet)),
        tiers=tier_changes(reader, found.ruleset, receipt),
        benefits=[benefit_of(reader, programme, key, declared[key]) for key in brought if key in declared],
        lines=[line for decision in found.decisions for line in _lines(reader, found, decision)],
        user_errors=errors_of(receipt, reader.lang()),
    )


def _lines(reader: Reader, found: Preview, decision: Decision) -> list[PreviewLine]:
    lang = reader.lang()
    lines = []
    for kept in parse(decision.outcome):
        outcome = Outcome(**kept)
        policy = found.ruleset.policies[outcome.policy]
        lines.append(
            PreviewLine(
                policy=PolicyReference(path=outcome.policy, title=policy.title.say(lang)),
                points=None if outcome.given is None else Points(outcome.given),
                fired=outcome.fired,
                words=telling.outcome(found.ruleset, outcome, lang),
            )
        )
    return lines
