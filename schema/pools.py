"""Family pools: opened, joined by invitation, fed, left and closed; and what a member sees of its own."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

import strawberry

from loyalty import pooled
from loyalty.events import (
    MemberRef as Ref,
)
from loyalty.events import (
    PoolClose,
    PoolContribute,
    PoolCreate,
    PoolInvite,
    PoolJoin,
    PoolLeave,
)
from schema.answers import KEY, Answer, answer, rendered, send, who
from schema.members import MemberRef
from schema.needs import field, says
from schema.reader import Info, Reader
from schema.redemptions import units_of
from schema.scalars import Points

OWN_OR_ANY = "member or points:redeem"
WHO = "Who asks; oneself, unless said."


@strawberry.input(description="Something asked of one's family pool.")
class PoolInput:
    """Open, invite, leave, close."""

    idempotency_key: str = says(KEY)
    member: MemberRef | None = says(WHO, default=None)


@strawberry.input(description="An invitation handed in.")
class PoolJoinInput:
    """Whoever hands the code in consents to join."""

    idempotency_key: str = says(KEY)
    code: str = says("The invitation's code.")
    member: MemberRef | None = says(WHO, default=None)


@strawberry.input(description="Points put into one's family pool.")
class PoolContributeInput:
    """From one's own wallet."""

    idempotency_key: str = says(KEY)
    points: Points = says("How many whole points, above zero.")
    member: MemberRef | None = says(WHO, default=None)


@strawberry.type(description="What opening a pool did.")
class PoolCreatePayload(Answer):
    """See the receipt."""


@strawberry.type(description="An invitation to a pool.")
class PoolInvitePayload(Answer):
    """The code is shown to whoever asked for it, and kept nowhere."""

    code: str | None = says("By which one person may join.", default=None)
    ends_at: datetime | None = says("Until when.", default=None)


@strawberry.type(description="What joining did.")
class PoolJoinPayload(Answer):
    """See the receipt."""


@strawberry.type(description="What leaving did.")
class PoolLeavePayload(Answer):
    """See the receipt."""


@strawberry.type(description="What putting points in did.")
class PoolContributePayload(Answer):
    """See the receipt."""


@strawberry.type(description="What closing did.")
class PoolClosePayload(Answer):
    """See the receipt."""


Given = Annotated[PoolInput, strawberry.argument(description="Who asks.")]


@strawberry.type
class PoolMutation:
    """What is done with family pools."""

    @field(needs=OWN_OR_ANY, description="Open a family pool and own it. One is in one pool at a time.")
    async def pool_create(self, info: Info, input: Given) -> PoolCreatePayload | None:
        """Through the one door."""
        return await answer(PoolCreatePayload, info.context, asked(info.context, PoolCreate, input))

    @field(needs=OWN_OR_ANY, description="A code by which one person may join the pool one owns.")
    async def pool_invite(self, info: Info, input: Given) -> PoolInvitePayload | None:
        """Through the one door."""
        reader = info.context
        one = await send(reader, asked(reader, PoolInvite, input))
        invitation = one.data.changes.get("invitation") if one.data else None
        more: dict[str, Any] = {}
        if invitation is not None:
            live = await reader.live()
            more["code"] = reader.house.secrets.code_of(live.programme_id, invitation["id"])
            more["ends_at"] = datetime.fromisoformat(invitation["ends_at"])
        return await rendered(PoolInvitePayload, reader, one, **more)

    @field(needs=OWN_OR_ANY, description="Join a pool by an invitation; handing it in is the consent.")
    async def pool_join(
        self, info: Info, input: Annotated[PoolJoinInput, strawberry.argument(description="The invitation.")]
    ) -> PoolJoinPayload | None:
        """Through the one door."""
        to = Ref(kind=pooled.INVITATION, value=input.code)
        return await answer(PoolJoinPayload, info.context, asked(info.context, PoolJoin, input, to=to))

    @field(needs=OWN_OR_ANY, description="Leave one's pool. An owner leaves last, or closes it.")
    async def pool_leave(self, info: Info, input: Given) -> PoolLeavePayload | None:
        """Through the one door."""
        return await answer(PoolLeavePayload, info.context, asked(info.context, PoolLeave, input))

    @field(needs=OWN_OR_ANY, description="Put points of one's own into one's pool.")
    async def pool_contribute(
        self, info: Info, input: Annotated[PoolContributeInput, strawberry.argument(description="How many.")]
    ) -> PoolContributePayload | None:
        """Through the one door."""
        reader = info.context
        terms = (await reader.programme()).pools
        _, units = await units_of(reader, terms.wallet if terms else None, input.points)
        return await answer(PoolContributePayload, reader, asked(reader, PoolContribute, input, points=units))

    @field(needs=OWN_OR_ANY, description="Close the pool one owns; its points go where the programme says.")
    async def pool_close(self, info: Info, input: Given) -> PoolClosePayload | None:
        """Through the one door."""
        return await answer(PoolClosePayload, info.context, asked(info.context, PoolClose, input))


def asked(
    reader: Reader, kind: type[Any], given: PoolInput | PoolJoinInput | PoolContributeInput, **more: Any
) -> Callable[[], Awaitable[Any]]:
    """The arrival an input means."""

    async def made() -> Any:
        return kind(given.idempotency_key, await who(reader, given.member, "points:redeem"), **more)

    return made
