"""What a person decides about its data, and what others may do with it only on the record: erase, export, unmask."""

from typing import Annotated

import strawberry

from loyalty import exporting, unmasking, views
from loyalty.events import MemberErase
from loyalty.refusals import Refused
from loyalty.shapes import REASON_MAX
from schema.answers import KEY, Answer, answer, who
from schema.consents import ConsentSetInput, consent_set
from schema.members import MemberRef
from schema.needs import field, says
from schema.problems import UserError, user_error
from schema.reader import Info, Reader
from schema.scalars import JSON


@strawberry.input(description="An answer about consent, of a member or of whoever sends for members.")
class MemberConsentSetInput(ConsentSetInput):
    """Of oneself, unless a member is named."""

    member: MemberRef | None = says("Whose; one's own, unless said.", default=None)


@strawberry.input(description="A person that is to be gone.")
class MemberEraseInput:
    """The books and their explanations stay, under a pseudonym."""

    idempotency_key: str = says(KEY)
    member: MemberRef | None = says("Who; oneself, unless said.", default=None)
    note: str = says(f"Why, for the audit, {REASON_MAX} characters at most; nothing personal.", default="")


@strawberry.input(description="Whose data is wanted.")
class MemberExportInput:
    """Each export is a row of the audit."""

    idempotency_key: str = says("A name of the sender's own for this request, kept in the audit.")
    member: MemberRef | None = says("Whose; one's own, unless said.", default=None)


@strawberry.input(description="Personal values that somebody needs to read as they are.")
class MemberUnmaskInput:
    """Each reading is a row of the audit, written before the values are shown."""

    idempotency_key: str = says("A name of the sender's own for this request, kept in the audit.")
    member: MemberRef = says("Whose.")
    fields: list[str] = says(f"Which, by name: 1 to {unmasking.FIELDS_MAX}.")
    reason: str = says(f"Why they are needed, 1 to {REASON_MAX} characters.")


@strawberry.type(description="What an answer about consent did.")
class ConsentSetPayload(Answer):
    """See the receipt."""


@strawberry.type(description="What erasing did.")
class MemberErasePayload(Answer):
    """See the receipt; there is no member to show any more."""


@strawberry.type(description="All that is kept of a member.")
class MemberExportPayload:
    """One document, by table."""

    export: JSON | None = says("By section; null where it was refused.", default=None)
    user_errors: list[UserError] = says("What was wrong; empty when all is well.", default_factory=list)


@strawberry.type(description="A personal value as it is.")
class UnmaskedValue:
    """Not to be kept."""

    name: str = says("Its name.")
    value: str = says("The value.")


@strawberry.type(description="The values asked for.")
class MemberUnmaskPayload:
    """What is not filled in is missing."""

    values: list[UnmaskedValue] = says("By name.", default_factory=list)
    user_errors: list[UserError] = says("What was wrong; empty when all is well.", default_factory=list)


@strawberry.type
class PrivacyMutation:
    """On the record."""

    @field(needs="member or members:write", description="Give, refuse or withdraw consent to one purpose.")
    async def consent_set(
        self, info: Info, input: Annotated[MemberConsentSetInput, strawberry.argument(description="The answer.")]
    ) -> ConsentSetPayload | None:
        """Through the one door."""
        reader = info.context

        async def build() -> object:
            return consent_set(input, await who(reader, input.member, "members:write"))

        return await answer(ConsentSetPayload, reader, build)  # type: ignore[arg-type]

    @field(
        needs="member or members:erase",
        description="Erase a member: whatever says who it was is deleted, what it held is written off and revoked.",
    )
    async def member_erase(
        self, info: Info, input: Annotated[MemberEraseInput, strawberry.argument(description="Who.")]
    ) -> MemberErasePayload | None:
        """Through the one door."""
        reader = info.context

        async def build() -> MemberErase:
            return MemberErase(input.idempotency_key, await who(reader, input.member, "members:erase"), input.note)

        return await answer(MemberErasePayload, reader, build)

    @field(
        needs="member or members:export",
        description=f"Export all that is kept of a member, {exporting.ROWS_MAX:,} rows at most; the command line "
        "writes any amount. Each export is in the audit.",
    )
    async def member_export(
        self, info: Info, input: Annotated[MemberExportInput, strawberry.argument(description="Whose.")]
    ) -> MemberExportPayload | None:
        """Read from one snapshot."""
        reader = info.context
        try:
            programme_id, member_id = await _meant(reader, input.member, exporting.SCOPE)
            await exporting.note(reader.house, reader.who, programme_id, member_id, reader.door)
            return MemberExportPayload(export=JSON(await exporting.whole(reader.house, programme_id, member_id)))
        except Refused as refused:
            return MemberExportPayload(user_errors=[user_error(refused, reader.lang())])

    @field(needs="members:unmask", description="Read personal values of a member as they are. Each reading is audited.")
    async def member_unmask(
        self, info: Info, input: Annotated[MemberUnmaskInput, strawberry.argument(description="Which, and why.")]
    ) -> MemberUnmaskPayload | None:
        """In the transaction that writes the row of the audit."""
        reader = info.context
        try:
            programme_id, member_id = await _meant(reader, input.member, unmasking.SCOPE)
            wish = unmasking.Wish(member_id, input.fields, input.reason, input.idempotency_key)
            found = await unmasking.unmask(reader.house, reader.who, programme_id, wish, now=reader.door)
            return MemberUnmaskPayload(values=[UnmaskedValue(name=name, value=value) for name, value in found.items()])
        except Refused as refused:
            return MemberUnmaskPayload(user_errors=[user_error(refused, reader.lang())])


async def _meant(reader: Reader, member: MemberRef | None, scope: str) -> tuple[int, int]:
    """Programme and member of a reference; NOT_FOUND where there is none."""
    live = await reader.live()
    return live.programme_id, await views.find(reader.house, live, await who(reader, member, scope))
