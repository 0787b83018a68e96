"""What a partner's till does: redeem a code once, report a purchase that earns, take either back within its window.

It is told yes or no, and of the member an id that no other partner has, if that member consents: never points, nor why
a member is not let in.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from loyalty import partners, undoing
from loyalty.events import CodeUndo, CodeVerify, OrderCancelled, OrderPaid
from loyalty.events import MemberRef as Ref
from loyalty.receipts import Receipt
from loyalty.refusals import Malformed, Refused
from schema.answers import KEY, Sent, send
from schema.money import minor
from schema.needs import field, says
from schema.node import Node
from schema.orders import OrderLineInput, lines_of
from schema.partners import (
    MEMBER,
    PartnerBenefit,
    PartnerShown,
    benefit_named,
    member_shown,
    opaque,
    partner_of,
    uses_left,
)
from schema.problems import UserError
from schema.reader import Info, Reader
from schema.scalars import CurrencyCode

SHOP = "Which of the partner's shops numbered it; its first one, unless said."


@strawberry.type(description="A use of a code of this partner's.")
class PartnerRedemption(Node):
    """What was used and when. It can be taken back while `cancelUntil` is not over."""

    benefit: PartnerBenefit | None = says("What was used.")
    redeemed_at: datetime = says("When.")
    cancel_until: datetime | None = says("Until when this partner may take it back; null where it may not.")
    taken_back: bool = says("Whether it has been taken back.")
    uses_left: int = says("How often the code can be used after this.")
    member_id: strawberry.ID | None = says(MEMBER)


@strawberry.type(description="A purchase in one of this partner's shops.")
class PartnerPurchase:
    """As it was reported. What it earned is the member's to know."""

    number: str = says("Its number.")
    shop: str = says("The shop that numbered it.")
    state: str = says("`recorded`, `cancelled`, or `waiting`: a cancellation that came before its purchase.")
    cancel_until: datetime | None = says("Until when this partner may cancel it; null where it may not.")
    member_id: strawberry.ID | None = says(MEMBER)


@strawberry.input(description="A code that is redeemed.")
class PartnerCodeRedeemInput:
    """Once, under a key of the till's own."""

    idempotency_key: str = says(KEY)
    code: str = says("The code as it is shown; case and dashes make no difference.")
    part: str | None = says("Which part this use is of, where the benefit has sub-limits.", default=None)


@strawberry.input(description="A use of a code that is taken back.")
class PartnerRedemptionCancelInput:
    """By the id that the redemption was answered with."""

    idempotency_key: str = says(KEY)
    redemption: strawberry.ID = says("The redemption.")


@strawberry.input(description="A purchase in one of the partner's shops.")
class PartnerPurchaseRecordInput:
    """Total = goods − discount + tax + shipping."""

    idempotency_key: str = says(KEY)
    number: str = says("The purchase's number in its shop. It is never used for another one.")
    member: PartnerShown = says("Who bought: a pass, or an id that this partner was told before; never a code.")
    occurred_at: datetime = says("When it was paid.")
    currency: CurrencyCode = says("The currency of all its amounts.")
    total: Decimal = says("Goods less discount, with tax and shipping.")
    tax: Decimal | None = says("The tax in the total.", default=None)
    shipping: Decimal | None = says("The shipping in the total.", default=None)
    lines: list[OrderLineInput] = says("What was bought, 500 lines at most.", default_factory=list)
    store: str = says("Which store.", default="")
    shop: str | None = says(SHOP, default=None)


@strawberry.input(description="A purchase that is called off whole.")
class PartnerPurchaseCancelInput:
    """What it earned goes, what it burnt comes back."""

    idempotency_key: str = says(KEY)
    number: str = says("The purchase's number.")
    occurred_at: datetime = says("When it was called off.")
    shop: str | None = says(SHOP, default=None)


@strawberry.type(description="Whether the code was redeemed, and for what.")
class PartnerCodeRedeemPayload:
    """Yes or no."""

    redeemed: bool = says("Whether it was good, and is used now.", default=False)
    redemption: PartnerRedemption | None = says("The use.", default=None)
    replayed: bool = says("Whether this key had been answered before: the answer is the first one.", default=False)
    user_errors: list[UserError] = says("What was wrong; empty when all is well.", default_factory=list)


@strawberry.type(description="Whether the use was taken back.")
class PartnerRedemptionCancelPayload:
    """Yes or no."""

    redemption: PartnerRedemption | None = says("The use, as it stands now.", default=None)
    replayed: bool = says("Whether this key had been answered before: the answer is the first one.", default=False)
    user_errors: list[UserError] = says("What was wrong; empty when all is well.", default_factory=list)


@strawberry.type(description="Whether the purchase was recorded.")
class PartnerPurchaseRecordPayload:
    """Yes or no."""

    purchase: PartnerPurchase | None = says("The purchase; null where it was turned down.", default=None)
    replayed: bool = says("Whether this key had been answered before: the answer is the first one.", default=False)
    user_errors: list[UserError] = says("What was wrong; empty when all is well.", default_factory=list)


@strawberry.type(description="Whether the purchase was cancelled.")
class PartnerPurchaseCancelPayload:
    """Yes or no."""

    purchase: PartnerPurchase | None = says("The purchase; null where it was turned down.", default=None)
    replayed: bool = says("Whether this key had been answered before: the answer is the first one.", default=False)
    user_errors: list[UserError] = says("What was wrong; empty when all is well.", default_factory=list)


@strawberry.type
class TillMutation:
    """At a partner's till."""

    @field(needs="partner:verify", description="Redeem a code of this partner's own benefits, once.")
    async def partner_code_redeem(
        self, info: Info, input: Annotated[PartnerCodeRedeemInput, strawberry.argument(description="The code.")]
    ) -> PartnerCodeRedeemPayload | None:
        """A code that does not exist and one of another's are the same to it."""
        reader = info.context

        async def shown() -> CodeVerify:
            return CodeVerify(input.idempotency_key, input.code, True, input.part)

        one = await send(reader, shown)
        done = _done(one)
        redemption = await redemption_of(reader, done.member_id or 0, done.event_id or 0) if done else None
        return PartnerCodeRedeemPayload(
            redeemed=done is not None, redemption=redemption, replayed=_replayed(one), user_errors=one.errors
        )

    @field(needs="partner:verify", description="Take back a use of a code, within the partner's window.")
    async def partner_redemption_cancel(
        self, info: Info, input: Annotated[PartnerRedemptionCancelInput, strawberry.argument(description="Which.")]
    ) -> PartnerRedemptionCancelPayload | None:
        """The code can be used again."""
        reader = info.context
        place: list[int] = []

        async def taken_back() -> CodeUndo:
            place[:] = await _place(reader, input.redemption, "/redemption")
            return CodeUndo(input.idempotency_key, Ref(id=place[0]), place[1])

        one = await send(reader, taken_back)
        found = await redemption_of(reader, *place) if _done(one) else None
        return PartnerRedemptionCancelPayload(redemption=found, replayed=_replayed(one), user_errors=one.errors)

    @field(needs="partner:report", description="Report a purchase in one of this partner's shops, which may earn.")
    async def partner_purchase_record(
        self, info: Info, input: Annotated[PartnerPurchaseRecordInput, strawberry.argument(description="The purchase.")]
    ) -> PartnerPurchaseRecordPayload | None:
        """Only for a member that consents to this partner."""
        reader = info.context
        one = await send(reader, lambda: _paid(reader, input))
        purchase = await _purchase(reader, one, input.number, input.shop, "recorded", input.occurred_at)
        return PartnerPurchaseRecordPayload(purchase=purchase, replayed=_replayed(one), user_errors=one.errors)

    @field(needs="partner:report", description="Cancel a purchase of this partner's, within its window.")
    async def partner_purchase_cancel(
        self, info: Info, input: Annotated[PartnerPurchaseCancelInput, strawberry.argument(description="Which.")]
    ) -> PartnerPurchaseCancelPayload | None:
        """What it had earned goes."""
        reader = info.context

        async def called_off() -> OrderCancelled:
            shop = await _shop(reader, input.shop)
            return OrderCancelled(input.idempotency_key, input.number, input.occurred_at, shop)

        one = await send(reader, called_off)
        purchase = await _purchase(reader, one, input.number, input.shop, "cancelled", None)
        return PartnerPurchaseCancelPayload(purchase=purchase, replayed=_replayed(one), user_errors=one.errors)


async def redemption_of(reader: Reader, member_id: int, event_id: int) -> PartnerRedemption:
    """A use of a code as its partner sees it. NOT_FOUND for any other."""
    live, own = await reader.live(), partner_of(reader)
    found = await partners.redemption(reader.house.db, live, own, member_id, event_id)
    span = undoing.span(live.at(reader.now).ruleset, own)
    return PartnerRedemption(
        id=reader.seal("redemption", live.programme_id, member_id, event_id),
        benefit=await benefit_named(reader, own, found.row.benefit),
        redeemed_at=found.at,
        cancel_until=None if span is None else found.at + span,
        taken_back=found.undone,
        uses_left=await uses_left(reader, found.row),
        member_id=await opaque(reader, member_id),
    )


async def redemption_node(reader: Reader, sealed: str) -> Node:
    """A redemption by its id."""
    return await redemption_of(reader, *await _place(reader, sealed, ""))


async def _place(reader: Reader, sealed: str, at: str) -> tuple[int, int]:
    try:
        programme_id, member_id, event_id = reader.unseal("redemption", sealed)
    except Refused:
        raise Malformed("NOT_FOUND", at) from None
    if programme_id != (await reader.live()).programme_id:
        raise Malformed("NOT_FOUND", at)
    return member_id, event_id


async def _paid(reader: Reader, given: PartnerPurchaseRecordInput) -> OrderPaid:
    """The order a purchase is; MEMBER_UNKNOWN for whoever does not consent, and for whoever there is not."""
    member_id = await member_shown(reader, given.member)
    if member_id is None:
        raise Malformed("MEMBER_UNKNOWN", "/member")
    total = minor(given.total, given.currency, "/total")
    return OrderPaid(
        key=given.idempotency_key,
        number=given.number,
        member=Ref(id=member_id),
        occurred_at=given.occurred_at,
        currency=given.currency,
        total=total,
        paid=total,
        tax=minor(given.tax or Decimal(0), given.currency, "/tax"),
        shipping=minor(given.shipping or Decimal(0), given.currency, "/shipping"),
        lines=lines_of(given.lines, given.currency),
        store=given.store,
        shop=await _shop(reader, given.shop),
    )


async def _shop(reader: Reader, given: str | None) -> str:
    """The shop that is meant; whether it is the partner's is asked at the door."""
    if given is not None:
        return given
    declared = (await reader.live()).at(reader.now).ruleset.partners.get(partner_of(reader))
    return next((shop for shop in declared.shops if shop in reader.who.shops), "") if declared else ""


async def _purchase(
    reader: Reader, one: Sent, number: str, shop: str | None, state: str, since: datetime | None
) -> PartnerPurchase | None:
    if one.data is None or not one.data.ok:
        return None
    span = undoing.span((await reader.live()).at(reader.now).ruleset, partner_of(reader))
    holder = one.data.member_id or 0
    return PartnerPurchase(
        number=number,
        shop=await _shop(reader, shop),
        state=state if one.data.state == "accepted" else one.data.state,
        cancel_until=None if span is None or since is None else since + span,
        member_id=await opaque(reader, holder) if holder > 0 else None,
    )


def _done(one: Sent) -> Receipt | None:
    return one.data if one.data is not None and one.data.state == "accepted" else None


def _replayed(one: Sent) -> bool:
    return one.data.replayed if one.data is not None else False
