"""What is said of a member, changed: tags, segments, attributes, consents."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from loyalty.events import MemberChanged
from loyalty.refusals import Malformed, every_language
from loyalty.shapes import TAGS_MAX
from schema.answers import KEY, Answer, answer, who
from schema.members import MemberRef
from schema.needs import field, says
from schema.reader import Info, Reader
from schema.scalars import JSON

MANY = f"{TAGS_MAX} at most."


@strawberry.input(description="What is to be said of a member, and what no longer. What is not named stays as it is.")
class MemberUpdateInput:
    """A member's own token may say its consents and nothing else."""

    idempotency_key: str = says(KEY)
    occurred_at: datetime = says("When. What was said of a later moment stays.")
    member: MemberRef | None = says("Which member; oneself, unless said.", default=None)
    attributes: JSON | None = says(
        "Values by name, as `programme.json` declares them; null takes one away.", default=None
    )
    add_tags: list[str] = says(f"Tags to put on. {MANY}", default_factory=list)
    remove_tags: list[str] = says(f"Tags to take off. {MANY}", default_factory=list)
    join_segments: list[str] = says(f"Segments that nothing else decides, to put it into. {MANY}", default_factory=list)
    leave_segments: list[str] = says(f"Segments to take it out of. {MANY}", default_factory=list)
    consents: JSON | None = says("true or false by purpose: given, or refused or withdrawn.", default=None)


@strawberry.type(description="What the change did.")
class MemberUpdatePayload(Answer):
    """See the receipt."""


@strawberry.type
class MemberMutation:
    """What is said of members."""

    @field(needs="member or members:write", description="Change what is said of a member.")
    async def member_update(
        self, info: Info, input: Annotated[MemberUpdateInput, strawberry.argument(description="What is so now.")]
    ) -> MemberUpdatePayload | None:
        """Through the one door."""
        return await answer(MemberUpdatePayload, info.context, lambda: changed_of(info.context, input))


async def changed_of(reader: Reader, given: MemberUpdateInput) -> MemberChanged:
    """The arrival an input means."""
    return MemberChanged(
        key=given.idempotency_key,
        member=await who(reader, given.member, "members:write"),
        occurred_at=given.occurred_at,
        attributes=named(given.attributes, "/attributes"),
        add_tags=tuple(given.add_tags),
        remove_tags=tuple(given.remove_tags),
        join_segments=tuple(given.join_segments),
        leave_segments=tuple(given.leave_segments),
        consents=named(given.consents, "/consents"),
    )


def named(given: Any, at: str) -> dict[str, Any]:
    """Values by name; nothing where nothing is said."""
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise Malformed("INVALID_PAYLOAD", at, detail=every_language("payload.object"))
    return dict(given)
