"""The life of a benefit's piece: given, claimed, set aside, used, taken back, delivered."""

from decimal import Decimal
from typing import Annotated, Any, TypeVar

import strawberry

from loyalty.access import may
from loyalty.events import (
    BenefitClaim,
    BenefitFulfil,
    BenefitGrant,
    BenefitRelease,
    BenefitReserve,
    BenefitRevoke,
    BenefitUse,
)
from loyalty.events import MemberRef as Ref
from loyalty.refusals import Malformed
from schema.answers import KEY, Answer, answer, who
from schema.benefits import Entitlement, entitlement_in
from schema.members import MemberRef
from schema.money import minor
from schema.needs import field, says
from schema.orders import OrderLineInput, lines_of
from schema.reader import Info, Reader

OWN_OR_TILL = "member or benefits:use"
TILL, STAFF = "benefits:use", "benefits:grant"
WHICH = "The piece, as `entitlements` names it."

S = TypeVar("S", bound="OfPiece")


@strawberry.input(description="Pieces of a benefit to give.")
class BenefitGrantInput:
    """By name, with a reason."""

    idempotency_key: str = says(KEY)
    member: MemberRef = says("Who gets them.")
    benefit: str = says("The benefit's key.")
    reason: str = says("Why. It is kept in the audit.")
    count: int = says("How many, 100 at most.", default=1)
    value: Decimal | None = says("What each is worth, where the benefit has several values.", default=None)


@strawberry.input(description="A benefit to take: one that is free to take, or the one a promo code brings.")
class BenefitClaimInput:
    """One of the two."""

    idempotency_key: str = says(KEY)
    benefit: str | None = says("The benefit's key.", default=None)
    promo_code: str | None = says("A promo code; capitals and small letters are the same.", default=None)
    member: MemberRef | None = says("Who takes it; oneself, unless said.", default=None)


@strawberry.input(description="A piece to set aside.")
class BenefitReserveInput:
    """For a while."""

    idempotency_key: str = says(KEY)
    entitlement: strawberry.ID = says(WHICH)
    minutes: int | None = says("For how long; unless said, as long as the programme holds points.", default=None)


@strawberry.input(description="A piece that was set aside.")
class BenefitReleaseInput:
    """To be free again."""

    idempotency_key: str = says(KEY)
    entitlement: strawberry.ID = says(WHICH)


@strawberry.input(description="A piece to use, and where.")
class BenefitUseInput:
    """What the benefit asks of the place and the basket has to be said."""

    idempotency_key: str = says(KEY)
    entitlement: strawberry.ID = says(WHICH)
    order_number: str | None = says("The order it is used on.", default=None)
    shop: str = says("The shop that numbered the order.", default="main")
    part: str | None = says("Which part this use is of, where the benefit has sub-limits.", default=None)
    basket: Decimal | None = says("What the basket comes to, where the benefit has a minimum.", default=None)
    channel: str = says("The channel, where the benefit is for some.", default="")
    store: str = says("The store, where the benefit is for some.", default="")
    lines: list[OrderLineInput] = says(
        "What is in the basket, where the benefit is for some of it.", default_factory=list
    )


@strawberry.input(description="A piece to take back.")
class BenefitRevokeInput:
    """By name, with a reason."""

    idempotency_key: str = says(KEY)
    entitlement: strawberry.ID = says(WHICH)
    reason: str = says("Why. It is kept in the audit.")


@strawberry.input(description="A piece that was delivered.")
class BenefitFulfilInput:
    """As it had been promised."""

    idempotency_key: str = says(KEY)
    entitlement: strawberry.ID = says(WHICH)
    note: str = says("Anything to remember of it: a parcel's number, say.", default="")


@strawberry.type
class OfPiece(Answer):
    """The receipt, and the piece."""

    @strawberry.field(description="The piece as it stands now: of several the first; null when refused.")
    async def entitlement(self, info: Info) -> Entitlement | None:
        """Read when it is asked for."""
        reader: Reader = info.context
        told = self.data.changes.get("entitlements", ()) if self.data else ()
        holder = self.data.member_id if self.data else None
        if not told or holder is None:
            return None
        row = await reader.entitlement.load((holder, told[0]["id"]))
        ruleset = (await reader.live()).at(reader.now).ruleset
        return entitlement_in(reader, ruleset.programme, ruleset.benefits, row) if row is not None else None


@strawberry.type(description="What giving a piece did.")
class BenefitGrantPayload(OfPiece):
    """See the receipt."""


@strawberry.type(description="What taking a piece did.")
class BenefitClaimPayload(OfPiece):
    """See the receipt."""


@strawberry.type(description="What setting aside a piece did.")
class BenefitReservePayload(OfPiece):
    """See the receipt."""


@strawberry.type(description="What releasing a piece did.")
class BenefitReleasePayload(OfPiece):
    """See the receipt."""


@strawberry.type(description="What using a piece did.")
class BenefitUsePayload(OfPiece):
    """See the receipt."""


@strawberry.type(description="What taking back a piece did.")
class BenefitRevokePayload(OfPiece):
    """See the receipt."""


@strawberry.type(description="What delivering a piece did.")
class BenefitFulfilPayload(OfPiece):
    """See the receipt."""


@strawberry.type
class EntitlementMutation:
    """What is done with pieces of benefits."""

    @field(needs=STAFF, description="Give a member pieces of a benefit, by name and with a reason.")
    async def benefit_grant(
        self, info: Info, input: Annotated[BenefitGrantInput, strawberry.argument(description="What, to whom, why.")]
    ) -> BenefitGrantPayload | None:
        """Through the one door."""
        return await answer(BenefitGrantPayload, info.context, lambda: grant_of(info.context, input))

    @field(needs=OWN_OR_TILL, description="Take a benefit that is free to take, or what a promo code brings.")
    async def benefit_claim(
        self, info: Info, input: Annotated[BenefitClaimInput, strawberry.argument(description="What to take.")]
    ) -> BenefitClaimPayload | None:
        """Through the one door."""
        return await answer(BenefitClaimPayload, info.context, lambda: claim_of(info.context, input))

    @field(needs=OWN_OR_TILL, description="Set a piece aside for an order that is not final yet.")
    async def benefit_reserve(
        self, info: Info, input: Annotated[BenefitReserveInput, strawberry.argument(description="Which piece.")]
    ) -> BenefitReservePayload | None:
        """Through the one door."""
        return await stepped(BenefitReservePayload, info.context, BenefitReserve, input, minutes=input.minutes)

    @field(needs=OWN_OR_TILL, description="Let a piece that was set aside be used again.")
    async def benefit_release(
        self, info: Info, input: Annotated[BenefitReleaseInput, strawberry.argument(description="Which piece.")]
    ) -> BenefitReleasePayload | None:
        """Through the one door."""
        return await stepped(BenefitReleasePayload, info.context, BenefitRelease, input)

    @field(needs=TILL, description="Use a piece without a code, at a till of the house.")
    async def benefit_use(
        self, info: Info, input: Annotated[BenefitUseInput, strawberry.argument(description="Which piece, and where.")]
    ) -> BenefitUsePayload | None:
        """Through the one door."""
        return await answer(BenefitUsePayload, info.context, lambda: use_of(info.context, input))

    @field(needs=STAFF, description="Take a piece back that is not used up, by name and with a reason.")
    async def benefit_revoke(
        self, info: Info, input: Annotated[BenefitRevokeInput, strawberry.argument(description="Which piece, and why.")]
    ) -> BenefitRevokePayload | None:
        """Through the one door."""
        return await stepped(BenefitRevokePayload, info.context, BenefitRevoke, input, reason=input.reason)

    @field(needs=STAFF, description="Say that what was promised has been delivered.")
    async def benefit_fulfil(
        self, info: Info, input: Annotated[BenefitFulfilInput, strawberry.argument(description="Which piece.")]
    ) -> BenefitFulfilPayload | None:
        """Through the one door."""
        return await stepped(BenefitFulfilPayload, info.context, BenefitFulfil, input, note=input.note)


async def grant_of(reader: Reader, given: BenefitGrantInput) -> BenefitGrant:
    """The arrival an input means."""
    currency = (await reader.programme()).currency
    return BenefitGrant(
        key=given.idempotency_key,
        member=await who(reader, given.member, STAFF),
        benefit=given.benefit,
        reason=given.reason,
        count=given.count,
        value=None if given.value is None else minor(given.value, currency, "/value"),
    )


async def claim_of(reader: Reader, given: BenefitClaimInput) -> BenefitClaim:
    """The arrival an input means: one of the two is said."""
    if (given.benefit is None) == (given.promo_code is None):
        raise Malformed("ONE_OF_TWO", "/benefit", one="benefit", other="promoCode")
    member = await who(reader, given.member, TILL)
    return BenefitClaim(given.idempotency_key, member, given.benefit or "", given.promo_code or "")


async def stepped(payload: type[S], reader: Reader, kind: type[Any], given: Any, **more: Any) -> S:
    """One step of a piece's life, sent and answered."""
    return await answer(payload, reader, lambda: of_piece(reader, kind, given, more))


async def of_piece(reader: Reader, kind: type[Any], given: Any, more: dict[str, Any]) -> Any:
    """The arrival an input means; the piece's own id says whose it is."""
    live = await reader.live()
    programme_id, member_id, number = reader.unseal("entitlement", given.entitlement)
    allowed = reader.own(member_id) or may(reader.who, TILL) or may(reader.who, STAFF)
    if programme_id != live.programme_id or not allowed:
        raise Malformed("NOT_FOUND", "/entitlement")
    return kind(key=given.idempotency_key, member=Ref(id=member_id), entitlement_id=number, **more)


async def use_of(reader: Reader, given: BenefitUseInput) -> BenefitUse:
    """The arrival an input means."""
    currency = (await reader.programme()).currency
    more = {
        "order_number": given.order_number,
        "shop": given.shop,
        "part": given.part,
        "basket": None if given.basket is None else minor(given.basket, currency, "/basket"),
        "channel": given.channel,
        "store": given.store,
        "lines": lines_of(given.lines, currency),
    }
    found: BenefitUse = await of_piece(reader, BenefitUse, given, more)
    return found
