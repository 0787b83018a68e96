"""Draws: what holds for everybody, and entering."""

from typing import Annotated

import strawberry

from loyalty.events import DrawEnter
from schema.answers import KEY, Answer, answer, who
from schema.chances import Draw, draws_of
from schema.invitations import HOST, OWN_OR_HOST, WHO
from schema.members import MemberRef
from schema.needs import field, says
from schema.reader import Info


@strawberry.input(description="A wish for a ticket.")
class DrawEnterInput:
    """One that costs nothing, if there is one."""

    idempotency_key: str = says(KEY)
    draw: str = says("The draw's key.")
    for_points: bool = says("Whether to pay for one with points where none is to be had for nothing.", default=False)
    member: MemberRef | None = says(WHO, default=None)


@strawberry.type(description="What a ticket came to.")
class DrawEnterPayload(Answer):
    """See the receipt: `changes.tickets` has its number, what is published of the seed, and what it won at once."""


@strawberry.type
class DrawQuery:
    """What holds for everybody."""

    @field(needs=OWN_OR_HOST, description="Every draw: its odds, its stock, and what is published to check it by.")
    async def draws(self, info: Info) -> list[Draw] | None:
        """As they stand now."""
        ruleset = (await info.context.live()).at(info.context.now).ruleset
        return list((await draws_of(info.context, ruleset)).values())


@strawberry.type
class DrawMutation:
    """Enter."""

    @field(needs=OWN_OR_HOST, description="Get a ticket of a draw.")
    async def draw_enter(
        self, info: Info, input: Annotated[DrawEnterInput, strawberry.argument(description="The wish.")]
    ) -> DrawEnterPayload | None:
        """Through the one door."""

        async def wish() -> DrawEnter:
            member = await who(info.context, input.member, HOST)
            return DrawEnter(input.idempotency_key, member, input.draw, input.for_points)

        return await answer(DrawEnterPayload, info.context, wish)
