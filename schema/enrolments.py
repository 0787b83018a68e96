"""Becoming a member, and filling in a profile. Personal values are sealed apart; no event keeps them."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from loyalty.events import MemberEnrolled, ProfileCompleted
from schema.answers import KEY, Answer, answer, who
from schema.members import IdentityInput, MemberRef, ref_of
from schema.needs import field, says
from schema.reader import Info, Reader
from schema.scalars import Locale


@strawberry.input(description="What is personal. All of it can be left out.")
class ProfileInput:
    """Sealed under a key of the member's own."""

    name: str | None = says("The name.", default=None)
    birthday: date | None = says("The birthday.", default=None)
    gender: str | None = says("The gender, in any words.", default=None)
    phone: str | None = says("A phone number to write to.", default=None)
    email: str | None = says("An e-mail address to write to.", default=None)
    address: str | None = says("A postal address.", default=None)


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


@strawberry.type(description="What a registration did.")
class MemberEnrolPayload(Answer):
    """See the receipt."""


@strawberry.type(description="What filling in the profile did.")
class ProfileCompletePayload(Answer):
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


async def enrolled_of(_reader: Reader, given: MemberEnrolInput) -> MemberEnrolled:
    """The arrival an input means."""
    names = tuple((one.kind, one.value) for one in given.identities)
    profile = personal(given.profile)
    return MemberEnrolled(given.idempotency_key, names, given.occurred_at, given.locale or "", profile)


async def completed_of(reader: Reader, given: ProfileCompleteInput) -> ProfileCompleted:
    """The arrival an input means, from somebody who sends for members."""
    if given.member is None:
        return await own_profile(reader, given)
    member = await ref_of(reader, given.member, "/member")
    return ProfileCompleted(given.idempotency_key, member, given.occurred_at, personal(given.profile))


async def own_profile(reader: Reader, given: ProfileCompleteInput) -> ProfileCompleted:
    """The arrival an input means, from a member or somebody who sends for members."""
    member = await who(reader, given.member, "events:write")
    return ProfileCompleted(given.idempotency_key, member, given.occurred_at, personal(given.profile))


def personal(given: ProfileInput | None) -> dict[str, str]:
    """What was given, as text by name."""
    names = ("name", "birthday", "gender", "phone", "email", "address")
    found = {name: getattr(given, name) for name in names} if given else {}
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in found.items()
        if value is not None
    }
