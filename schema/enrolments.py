"""Becoming a member, and filling in a profile. Personal values are sealed apart; no event keeps them."""

from datetime import datetime
from typing import Annotated

import strawberry

from loyalty.events import MemberEnrolled, ProfileChanged, ProfileCompleted
from schema.answers import KEY, Answer, answer, who
from schema.members import IdentityInput, MemberRef, ref_of
from schema.needs import field, says
from schema.profiles import ProfileInput, changed, personal, preferred
from schema.reader import Info, Reader
from schema.scalars import Locale


@strawberry.input(description="A person who registered.")
class MemberEnrolInput:
    """The names must be nobody else's."""

    idempotency_key: str = says(KEY)
    identities: list[IdentityInput] = says("The names the person is known by, 1 to 10.")
    occurred_at: datetime = says("When.")
    locale: Locale | None = says("The language the person reads; the programme's, unless said.", default=None)
    profile: ProfileInput | None = says("What is personal.", default=None)


@strawberry.input(description="A profile that was filled in.")
class ProfileCompleteInput:
    """The values replace the ones kept."""

    idempotency_key: str = says(KEY)
    occurred_at: datetime = says("When.")
    member: MemberRef | None = says("Whose; one's own, unless said.", default=None)
    profile: ProfileInput | None = says("What is personal.", default=None)


@strawberry.input(description="Part of a profile, or all of it: what is not named stays as it is.")
class ProfileUpdateInput:
    """Filling in the last of what counts completes the profile."""

    idempotency_key: str = says(KEY)
    occurred_at: datetime = says("When.")
    member: MemberRef | None = says("Whose; one's own, unless said.", default=None)
    profile: ProfileInput = says("What is so now.")


@strawberry.type(description="What a registration did.")
class MemberEnrolPayload(Answer):
    """See the receipt."""


@strawberry.type(description="What filling in the profile did.")
class ProfileCompletePayload(Answer):
    """See the receipt."""


@strawberry.type(description="What a change of the profile did.")
class ProfileUpdatePayload(Answer):
    """See the receipt."""


@strawberry.type
class EnrolmentMutation:
    """Coming in."""

    @field(needs="events:write", description="Register a member.")
    async def member_enrol(
        self, info: Info, input: Annotated[MemberEnrolInput, strawberry.argument(description="Who.")]
    ) -> MemberEnrolPayload | None:
        """Through the one door."""
        return await answer(MemberEnrolPayload, info.context, lambda: enrolled_of(info.context, input))

    @field(needs="member or events:write", description="Fill in a member's profile.")
    async def profile_complete(
        self, info: Info, input: Annotated[ProfileCompleteInput, strawberry.argument(description="The profile.")]
    ) -> ProfileCompletePayload | None:
        """Through the one door."""
        return await answer(ProfileCompletePayload, info.context, lambda: own_profile(info.context, input))

    @field(needs="member or members:write", description="Change a member's profile, its days and its preferences.")
    async def profile_update(
        self, info: Info, input: Annotated[ProfileUpdateInput, strawberry.argument(description="What is so now.")]
    ) -> ProfileUpdatePayload | None:
        """Through the one door."""
        return await answer(ProfileUpdatePayload, info.context, lambda: updated_of(info.context, input))


async def updated_of(reader: Reader, given: ProfileUpdateInput) -> ProfileChanged:
    """The arrival an input means."""
    member = await who(reader, given.member, "members:write")
    return changed(given.idempotency_key, member, given.occurred_at, given.profile)


async def enrolled_of(_reader: Reader, given: MemberEnrolInput) -> MemberEnrolled:
    """The arrival an input means."""
    names = tuple((one.kind, one.value) for one in given.identities)
    profile = personal(given.profile)
    wishes = preferred(given.profile)
    return MemberEnrolled(given.idempotency_key, names, given.occurred_at, given.locale or "", profile, wishes)


async def completed_of(reader: Reader, given: ProfileCompleteInput) -> ProfileCompleted:
    """The arrival an input means, from somebody who sends for members."""
    if given.member is None:
        return await own_profile(reader, given)
    member = await ref_of(reader, given.member, "/member")
    said = personal(given.profile), preferred(given.profile)
    return ProfileCompleted(given.idempotency_key, member, given.occurred_at, *said)


async def own_profile(reader: Reader, given: ProfileCompleteInput) -> ProfileCompleted:
    """The arrival an input means, from a member or somebody who sends for members."""
    member = await who(reader, given.member, "events:write")
    said = personal(given.profile), preferred(given.profile)
    return ProfileCompleted(given.idempotency_key, member, given.occurred_at, *said)
