"""Spending points: redeem, hold, capture, release; and putting a balance right by name and with a reason."""

from decimal import Decimal
from typing import Annotated, Any

import strawberry

from loyalty.access import may
from loyalty.events import HoldCapture, HoldRelease, PointsAdjust, PointsRedeem
from loyalty.events import MemberRef as Ref
from loyalty.refusals import Malformed
from schema.answers import KEY, Answer, answer, rendered, send, who
from schema.members import MemberRef
from schema.money import minor
from schema.needs import field, says
from schema.reader import Info, Reader
from schema.scalars import Points

OWN_OR_ANY = "member or points:redeem"
WHO = "Whose points; one's own, unless said."


@strawberry.input(description="A benefit wished for points.")
class PointsRedeemInput:
    """At once, or held until it is captured."""

    idempotency_key: str = says(KEY)
    benefit: str = says("The benefit's key.")
    member: MemberRef | None = says(WHO, default=None)
    value: Decimal | None = says("Which value, where there are several: its worth in money.", default=None)
    points: Points | None = says(
        "How many whole points of the main wallet to use, instead of a value: of a price by steps exactly so many, "
        "of a rate or of combined steps no more, for the greatest value they buy.",
        default=None,
    )
    order_number: str | None = says("The order it is used on: a return of it gives the points back.", default=None)
    basket: Decimal | None = says("What is in the basket, where the benefit has a minimum.", default=None)
    hold: bool = says("Only set the points aside; capture or release them later.", default=False)
    shop: str = says("The shop that numbered the order.", default="main")
    from_pool: bool = says("Whether the family pool pays; not for holds.", default=False)


@strawberry.input(description="A hold to end.")
class HoldInput:
    """Captured or released."""

    idempotency_key: str = says(KEY)
    hold: strawberry.ID = says("The hold, as `pointsRedeem` named it.")


@strawberry.input(description="A balance to put right.")
class PointsAdjustInput:
    """By name, with a reason."""

    idempotency_key: str = says(KEY)
    member: MemberRef = says("Whose balance.")
    points: Points = says("How many whole points to give; below zero takes.")
    reason: str = says("Why. The member can read it.")
    wallet: str | None = says("Which wallet; the main one, unless said.", default=None)


@strawberry.type(description="What a redemption did.")
class PointsRedeemPayload(Answer):
    """See the receipt."""

    hold: strawberry.ID | None = says("The hold, where points were only set aside.", default=None)


@strawberry.type(description="What capturing a hold did.")
class HoldCapturePayload(Answer):
    """See the receipt."""


@strawberry.type(description="What releasing a hold did.")
class HoldReleasePayload(Answer):
    """See the receipt."""


@strawberry.type(description="What an adjustment did.")
class PointsAdjustPayload(Answer):
    """See the receipt."""


@strawberry.type
class RedemptionMutation:
    """What is done with points."""

    @field(
        needs=OWN_OR_ANY,
        description="Redeem points for a benefit, at once or held. Refused, it changes nothing.",
    )
    async def points_redeem(
        self, info: Info, input: Annotated[PointsRedeemInput, strawberry.argument(description="The wish.")]
    ) -> PointsRedeemPayload | None:
        """Through the one door."""
        reader = info.context
        one = await send(reader, lambda: redeem_of(reader, input))
        hold = None
        if one.data is not None and one.data.hold_id is not None and one.data.member_id is not None:
            live = await reader.live()
            hold = reader.seal("hold", live.programme_id, one.data.member_id, one.data.hold_id)
        return await rendered(PointsRedeemPayload, reader, one, hold=hold)

    @field(needs=OWN_OR_ANY, description="Spend what was held.")
    async def hold_capture(
        self, info: Info, input: Annotated[HoldInput, strawberry.argument(description="Which hold.")]
    ) -> HoldCapturePayload | None:
        """Through the one door."""
        return await answer(HoldCapturePayload, info.context, lambda: hold_of(info.context, HoldCapture, input))

    @field(needs=OWN_OR_ANY, description="Give back what was held.")
    async def hold_release(
        self, info: Info, input: Annotated[HoldInput, strawberry.argument(description="Which hold.")]
    ) -> HoldReleasePayload | None:
        """Through the one door."""
        return await answer(HoldReleasePayload, info.context, lambda: hold_of(info.context, HoldRelease, input))

    @field(needs="points:adjust", description="Put a balance right, by name and with a reason.")
    async def points_adjust(
        self, info: Info, input: Annotated[PointsAdjustInput, strawberry.argument(description="What to put right.")]
    ) -> PointsAdjustPayload | None:
        """Through the one door."""
        return await answer(PointsAdjustPayload, info.context, lambda: adjust_of(info.context, input))


async def redeem_of(reader: Reader, given: PointsRedeemInput) -> PointsRedeem:
    """The arrival an input means."""
    currency = (await reader.programme()).currency
    return PointsRedeem(
        key=given.idempotency_key,
        member=await who(reader, given.member, "points:redeem"),
        benefit=given.benefit,
        value=None if given.value is None else minor(given.value, currency, "/value"),
        order_number=given.order_number,
        basket=None if given.basket is None else minor(given.basket, currency, "/basket"),
        hold=given.hold,
        shop=given.shop,
        from_pool=given.from_pool,
        points=None if given.points is None else (await units_of(reader, None, given.points))[1],
    )


async def hold_of(reader: Reader, kind: type[Any], given: HoldInput) -> Any:
    """The arrival an input means; the hold's own id says whose it is."""
    live = await reader.live()
    programme_id, member_id, number = reader.unseal("hold", given.hold)
    if programme_id != live.programme_id or not (reader.own(member_id) or may(reader.who, "points:redeem")):
        raise Malformed("NOT_FOUND", "/hold")
    return kind(key=given.idempotency_key, member=Ref(id=member_id), hold_id=number)


async def adjust_of(reader: Reader, given: PointsAdjustInput) -> PointsAdjust:
    """The arrival an input means."""
    wallet, units = await units_of(reader, given.wallet, given.points)
    member = await who(reader, given.member, "points:adjust")
    return PointsAdjust(given.idempotency_key, member, wallet, units, given.reason)


async def units_of(reader: Reader, key: str | None, points: int) -> tuple[str, int]:
    """The wallet that is meant, and so many whole points in its own units."""
    programme = await reader.programme()
    wallet = key or programme.main_wallet
    if wallet not in programme.wallets:
        raise Malformed("NOT_FOUND", "/wallet")
    return wallet, points * 10 ** programme.wallets[wallet].scale
