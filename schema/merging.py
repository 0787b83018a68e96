"""Merging two accounts of one person: all that one has goes on in the other, for good."""

from typing import Annotated

import strawberry

from loyalty.events import MembersMerge
from loyalty.shapes import REASON_MAX
from schema.answers import KEY, Answer, answer
from schema.members import MemberRef, ref_of
from schema.needs import field, says
from schema.reader import Info, Reader


@strawberry.input(description="Two accounts that are one person's.")
class MembersMergeInput:
    """There is no way back: be sure."""

    idempotency_key: str = says(KEY)
    from_: MemberRef = strawberry.field(name="from", description="The account that goes on in the other.")
    into: MemberRef = says("The account that stays.")
    reason: str = says(f"Why, for the audit and the history: 1 to {REASON_MAX} characters.")


@strawberry.type(description="What merging did: the receipt is the old account's, `member` the one that stays.")
class MembersMergePayload(Answer):
    """See the receipt."""


@strawberry.type
class MergeMutation:
    """One person, one account."""

    @field(
        needs="members:merge",
        description="Merge two accounts of one person, for good: names, points with the life they have left, orders, "
        "entitlements, the higher level, what was used of caps; of consents the stricter. Holds are released.",
    )
    async def members_merge(
        self, info: Info, input: Annotated[MembersMergeInput, strawberry.argument(description="Which two.")]
    ) -> MembersMergePayload | None:
        """Through the one door."""
        return await answer(MembersMergePayload, info.context, lambda: merge_of(info.context, input))


async def merge_of(reader: Reader, given: MembersMergeInput) -> MembersMerge:
    """The arrival an input means."""
    gone, into = await ref_of(reader, given.from_, "/from"), await ref_of(reader, given.into, "/into")
    return MembersMerge(given.idempotency_key, gone, into, given.reason)
