"""Polls: voting."""

from typing import Annotated

import strawberry

from loyalty.events import PollVote
from schema.answers import KEY, Answer, answer, who
from schema.invitations import HOST, OWN_OR_HOST, WHO
from schema.members import MemberRef
from schema.needs import field, says
from schema.reader import Info


@strawberry.input(description="A vote.")
class PollVoteInput:
    """One a member."""

    idempotency_key: str = says(KEY)
    poll: str = says("The poll's key.")
    choices: list[str] = says("The keys of the options that are chosen.")
    member: MemberRef | None = says(WHO, default=None)


@strawberry.type(description="What a vote did.")
class PollVotePayload(Answer):
    """See the receipt."""


@strawberry.type
class PollMutation:
    """Vote."""

    @field(needs=OWN_OR_HOST, description="Vote in a poll; where a vote can be changed, the last one counts.")
    async def poll_vote(
        self, info: Info, input: Annotated[PollVoteInput, strawberry.argument(description="The vote.")]
    ) -> PollVotePayload | None:
        """Through the one door."""

        async def wish() -> PollVote:
            member = await who(info.context, input.member, HOST)
            return PollVote(input.idempotency_key, member, input.poll, tuple(input.choices))

        return await answer(PollVotePayload, info.context, wish)
