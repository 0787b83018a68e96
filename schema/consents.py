"""What a member consents to: by purpose and channel, what it is shown before, and the proof of each answer."""

from datetime import datetime
from typing import Annotated

import strawberry

from loyalty import consents, traits
from loyalty.access import may
from loyalty.events import ConsentSet
from loyalty.views import Account
from models.members import ConsentMove
from schema.needs import says
from schema.reader import Info, Reader

PROOFS = 50  # Of one purpose, the newest.


@strawberry.type(description="What a person is shown before it consents.")
class Notice:
    """Its version changes whenever its words do."""

    key: str = says("Its name.")
    version: str = says("Its version.")
    text: str = says("What it says, in the reader's language.")


@strawberry.type(description="The answer for one channel.")
class ConsentChannel:
    """By message, by post, in the app …"""

    channel: str = says("The channel, as `programme.json` names it.")
    given: bool | None = says("Whether it was given; null where nobody has answered.")


@strawberry.type(description="One answer, as it was given: the proof of a consent.")
class ConsentProof:
    """Kept for ever, and it says nothing of the person."""

    at: datetime = says("When.")
    channel: str | None = says("For which channel; null for all of them.")
    granted: bool = says("Whether consent was given or refused (or withdrawn).")
    notice: str | None = says("Which notice had been shown; null where none was named.")
    notice_version: str | None = says("Its version.")
    by_self: bool = says("Whether the member said so itself.")
    by: str | None = says("Who said so; null for readers without `members:read`.")


@strawberry.type(description="Whether a member consented to something.")
class Consent:
    """By purpose."""

    member_id: strawberry.Private[int]
    purpose: str = says("What for, as `programme.json` names it.")
    title: str = says("What it is called.")
    given: bool | None = says("Whether it was given, on one channel at least; null where the member was never asked.")
    channels: list[ConsentChannel] = says("The answer for each of its channels.")
    notice: Notice | None = says("What is shown before consenting now; null where the programme declares none.")

    @strawberry.field(description=f"Its answers, newest first, {PROOFS} at most: when, to which notice, and who.")
    async def proofs(self, info: Info) -> list[ConsentProof] | None:
        """For itself, and for whoever may read members."""
        reader = info.context
        rows = await reader.consent_moves.load(self.member_id)
        return [_proof(reader, row) for row in rows if row.purpose == self.purpose][:PROOFS]


@strawberry.input(description="An answer to one purpose.")
class ConsentSetInput:
    """A member's own token answers for itself."""

    idempotency_key: str = says(
        "Whatever changes a consent is named by its sender: sent again with the same input it is answered with the "
        "first receipt."
    )
    occurred_at: datetime = says("When. What was answered of a later moment stays.")
    purpose: str = says("What for, as `programme.json` names it.")
    granted: bool = says("Whether consent is given; false refuses or withdraws it.")
    channel: str | None = says("For which channel; all of them, unless said.", default=None)
    notice: str | None = says("Which notice was shown. Where the programme declares one it is wanted.", default=None)
    notice_version: str | None = says("Its version.", default=None)


def consents_of(reader: Reader, account: Account) -> list[Consent]:
    """Each purpose the programme asks consent to, as it stands."""
    held, programme = traits.read(account.turn, "consents"), account.turn.programme
    found = []
    for purpose in programme.consents:
        asked = programme.purposes.get(purpose)
        notice = asked.notice if asked else None
        found.append(
            Consent(
                member_id=account.member.id,
                purpose=purpose,
                title=reader.say(asked.title) if asked else purpose,
                given=held.get(purpose),
                channels=[
                    ConsentChannel(channel=channel, given=consents.granted(held, purpose, channel))
                    for channel in (asked.channels if asked else ())
                ],
                notice=Notice(key=notice.key, version=notice.version, text=reader.say(notice.text)) if notice else None,
            )
        )
    return found


def consent_set(given: ConsentSetInput, member: Annotated[object, "a reference"]) -> ConsentSet:
    """The arrival an input means."""
    return ConsentSet(
        key=given.idempotency_key,
        member=member,  # type: ignore[arg-type]
        occurred_at=given.occurred_at,
        purpose=given.purpose,
        granted=given.granted,
        channel=given.channel or "",
        notice=given.notice or "",
        notice_version=given.notice_version or "",
    )


def _proof(reader: Reader, row: ConsentMove) -> ConsentProof:
    return ConsentProof(
        at=row.instant,
        channel=row.channel or None,
        granted=row.granted,
        notice=row.notice,
        notice_version=row.notice_version,
        by_self=row.subject.startswith("member:"),
        by=row.subject if may(reader.who, "members:read") and not row.subject.startswith("member:") else None,
    )
