"""Gatherings: sign up, cancel, attend; and for hosts how many come."""

from typing import Annotated

import strawberry

from loyalty import gatherings, invitations
from loyalty.events import GatheringAttend, GatheringCancel, GatheringSignUp
from loyalty.events import MemberRef as Ref
from loyalty.refusals import Malformed, Refused
from schema.answers import KEY, Answer, answer, who
from schema.invitations import HOST, OWN_OR_HOST, WHO
from schema.members import MemberRef
from schema.needs import field, says
from schema.reader import Info


@strawberry.type(description="How many signed up for a gathering, wait, came, and did not.")
class Attendance:
    """Counts, and nobody behind them."""

    seats: int = says("How many seats there are.")
    taken: int = says("How many of them are taken, guests included.")
    free: int = says("How many are free.")
    signed_up: int = says("How many members are still expected.")
    waiting: int = says("How many wait.")
    attended: int = says("How many came.")
    missed: int = says("How many did not come.")
    cancelled: int = says("How many gave their seat back, or left the line.")


@strawberry.input(description="A wish for a seat.")
class GatheringSignUpInput:
    """For oneself, and guests."""

    idempotency_key: str = says(KEY)
    gathering: str = says("The gathering's key.")
    guests: int = says("How many guests come along.", default=0)
    member: MemberRef | None = says(WHO, default=None)


@strawberry.input(description="A seat to give back, or a place in the line.")
class GatheringCancelInput:
    """Of one gathering."""

    idempotency_key: str = says(KEY)
    gathering: str = says("The gathering's key.")
    member: MemberRef | None = says(WHO, default=None)


@strawberry.input(description="A sign-up that is scanned at the door.")
class GatheringAttendInput:
    """By its code."""

    idempotency_key: str = says(KEY)
    code: str = says("The code of the sign-up, as `SignUp.code` shows it.")


@strawberry.type(description="What a sign-up came to.")
class GatheringSignUpPayload(Answer):
    """See the receipt: `changes.sign_up` says whether there was a seat."""


@strawberry.type(description="What giving a seat back did.")
class GatheringCancelPayload(Answer):
    """See the receipt."""


@strawberry.type(description="What scanning a sign-up did.")
class GatheringAttendPayload(Answer):
    """See the receipt."""


@strawberry.type
class GatheringQuery:
    """For hosts."""

    @field(needs=HOST, description="How many signed up for a gathering, wait, came, and did not.")
    async def attendance(
        self, info: Info, gathering: Annotated[str, strawberry.argument(description="The gathering's key.")]
    ) -> Attendance | None:
        """Counted now."""
        reader = info.context
        live = await reader.live()
        own = live.at(reader.now).ruleset.gatherings.get(gathering)
        if own is None:
            raise Refused("NOT_FOUND")
        found = await invitations.counts(reader.house.db, live, gathering)
        taken = sum(found.get(state, (0, 0))[1] for state in gatherings.SEATED)
        return Attendance(
            seats=own.seats,
            taken=taken,
            free=max(0, own.seats - taken),
            **{
                name: found.get(name, (0, 0))[0] for name in ("signed_up", "waiting", "attended", "missed", "cancelled")
            },
        )


@strawberry.type
class GatheringMutation:
    """Sign up, cancel, attend."""

    @field(needs=OWN_OR_HOST, description="Sign up for a gathering: a seat, or a place in the line for one.")
    async def gathering_sign_up(
        self, info: Info, input: Annotated[GatheringSignUpInput, strawberry.argument(description="The wish.")]
    ) -> GatheringSignUpPayload | None:
        """Through the one door."""

        async def wish() -> GatheringSignUp:
            member = await who(info.context, input.member, HOST)
            return GatheringSignUp(input.idempotency_key, member, input.gathering, input.guests)

        return await answer(GatheringSignUpPayload, info.context, wish)

    @field(needs=OWN_OR_HOST, description="Give a seat back, with what it cost, or leave the line.")
    async def gathering_cancel(
        self, info: Info, input: Annotated[GatheringCancelInput, strawberry.argument(description="Which.")]
    ) -> GatheringCancelPayload | None:
        """Through the one door."""

        async def wish() -> GatheringCancel:
            return GatheringCancel(input.idempotency_key, await who(info.context, input.member, HOST), input.gathering)

        return await answer(GatheringCancelPayload, info.context, wish)

    @field(needs=HOST, description="Scan a sign-up at the door: its member is there.")
    async def gathering_attend(
        self, info: Info, input: Annotated[GatheringAttendInput, strawberry.argument(description="The code.")]
    ) -> GatheringAttendPayload | None:
        """Through the one door."""

        async def scanned() -> GatheringAttend:
            reader = info.context
            programme_id, member_id, number = reader.unseal("pass", input.code)
            if programme_id != (await reader.live()).programme_id:
                raise Malformed("NOT_FOUND", "/code")
            return GatheringAttend(input.idempotency_key, Ref(id=member_id), number)

        return await answer(GatheringAttendPayload, info.context, scanned)
