"""The names a member is known by in each channel: one balance, whichever is used."""

from typing import Annotated

import strawberry

from loyalty.events import IdentityLink, IdentityUnlink
from schema.answers import KEY, Answer, answer
from schema.members import IdentityInput, MemberRef, ref_of
from schema.needs import field, says
from schema.reader import Info, Reader

NEEDS = "members:identify"


@strawberry.input(description="A name a member is to be known by too; the caller has made sure of it.")
class IdentityLinkInput:
    """In one more channel."""

    idempotency_key: str = says(KEY)
    member: MemberRef = says("Which member.")
    identity: IdentityInput = says("The name; nobody else's.")


@strawberry.input(description="A name a member is to be known by no longer.")
class IdentityUnlinkInput:
    """It keeps one at least."""

    idempotency_key: str = says(KEY)
    member: MemberRef = says("Which member.")
    identity: IdentityInput = says("The name.")


@strawberry.type(description="What linking a name did.")
class IdentityLinkPayload(Answer):
    """See the receipt."""


@strawberry.type(description="What unlinking a name did.")
class IdentityUnlinkPayload(Answer):
    """See the receipt."""


@strawberry.type
class IdentityMutation:
    """By what members are known."""

    @field(
        needs=NEEDS,
        description="Let a member be known by one name more. IDENTITY_TAKEN where somebody else has it: then merge the "
        "accounts. Orders that waited under that name are claimed.",
    )
    async def identity_link(
        self, info: Info, input: Annotated[IdentityLinkInput, strawberry.argument(description="Which name.")]
    ) -> IdentityLinkPayload | None:
        """Through the one door."""
        return await answer(IdentityLinkPayload, info.context, lambda: linked_of(info.context, input))

    @field(needs=NEEDS, description="Let a member be known by one name less. IDENTITY_LAST for the only one it has.")
    async def identity_unlink(
        self, info: Info, input: Annotated[IdentityUnlinkInput, strawberry.argument(description="Which name.")]
    ) -> IdentityUnlinkPayload | None:
        """Through the one door."""
        return await answer(IdentityUnlinkPayload, info.context, lambda: unlinked_of(info.context, input))


async def linked_of(reader: Reader, given: IdentityLinkInput) -> IdentityLink:
    """The arrival an input means."""
    member = await ref_of(reader, given.member, "/member")
    return IdentityLink(given.idempotency_key, member, (given.identity.kind, given.identity.value))


async def unlinked_of(reader: Reader, given: IdentityUnlinkInput) -> IdentityUnlink:
    """The arrival an input means."""
    member = await ref_of(reader, given.member, "/member")
    return IdentityUnlink(given.idempotency_key, member, (given.identity.kind, given.identity.value))
