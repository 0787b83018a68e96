"""Points that change hands: from member to member, by staff, or by whoever gives within what the wallet allows."""

from typing import Annotated

import strawberry

from loyalty import views
from loyalty.access import may
from loyalty.events import MemberRef as Ref
from loyalty.events import PointsTransfer
from schema.answers import KEY, Answer, answer, who
from schema.members import MemberRef, ref_of
from schema.needs import field, says
from schema.reader import Info, Reader
from schema.redemptions import units_of
from schema.scalars import Points


@strawberry.input(description="Points that change hands.")
class PointsTransferInput:
    """From one member to another."""

    idempotency_key: str = says(KEY)
    to: MemberRef = says("Who receives. Nothing is said of that member.")
    points: Points = says("How many whole points, above zero.")
    member: MemberRef | None = says("Who gives; oneself, unless said.", default=None)
    wallet: str | None = says("Which wallet; the main one, unless said.", default=None)
    gift: bool = says("Whether both statements call it a gift.", default=False)


@strawberry.type(description="What a transfer did to the wallet of who gives.")
class PointsTransferPayload(Answer):
    """See the receipt."""


@strawberry.type
class TransferMutation:
    """What members give each other."""

    @field(
        needs="member or points:adjust",
        description="Move points from one member to another. Members do it within what the wallet allows.",
    )
    async def points_transfer(
        self, info: Info, input: Annotated[PointsTransferInput, strawberry.argument(description="What to move.")]
    ) -> PointsTransferPayload | None:
        """Through the one door."""
        return await answer(PointsTransferPayload, info.context, lambda: transfer_of(info.context, input))


async def transfer_of(reader: Reader, given: PointsTransferInput) -> PointsTransfer:
    """The arrival an input means; who receives is named by id from the door on."""
    wallet, units = await units_of(reader, given.wallet, given.points)
    member = await who(reader, given.member, "points:adjust")
    to = await ref_of(reader, given.to, "/to")
    if may(reader.who, "points:adjust"):
        to = Ref(id=await views.find(reader.house, await reader.live(), to))
    return PointsTransfer(given.idempotency_key, member, to, wallet, units, given.gift)
