"""Claiming an order that nobody had: by the member who paid it, or by whoever serves that member."""

from typing import Annotated

import strawberry

from loyalty.access import may
from loyalty.events import OrderClaim
from schema.answers import KEY, Answer, answer, who
from schema.members import IdentityInput, MemberRef
from schema.needs import field, says
from schema.reader import Info, Reader

SERVICE = "events:write"


@strawberry.input(description="An order that nobody had, and whose it is.")
class OrderClaimInput:
    """Within the programme's `claim_days`."""

    idempotency_key: str = says(KEY)
    number: str = says("The order's number, as on the receipt.")
    member: MemberRef | None = says("Whose it is; oneself, unless said.", default=None)
    identity: IdentityInput | None = says(
        "The name the order was under, where the member is not known by it: a member's own token has to say it. "
        "Whoever holds `events:write` vouches for the member instead.",
        default=None,
    )
    shop: str = says("The system that numbered the order.", default="main")


@strawberry.type(description="What a claim did: `member` has the order now, and what it earned as of when it was paid.")
class OrderClaimPayload(Answer):
    """See the receipt."""


@strawberry.type
class ClaimMutation:
    """Orders without a member."""

    @field(
        needs=f"member or {SERVICE}",
        description="Claim an order that nobody had: it earns as it would have when it was paid. Once, and in time.",
    )
    async def order_claim(
        self, info: Info, input: Annotated[OrderClaimInput, strawberry.argument(description="Which order.")]
    ) -> OrderClaimPayload | None:
        """Through the one door."""
        return await answer(OrderClaimPayload, info.context, lambda: claim_of(info.context, input))


async def claim_of(reader: Reader, given: OrderClaimInput) -> OrderClaim:
    """The arrival an input means."""
    member = await who(reader, given.member, SERVICE)
    name = (given.identity.kind, given.identity.value) if given.identity else None
    return OrderClaim(given.idempotency_key, member, given.number, given.shop, name, vouched=may(reader.who, SERVICE))
