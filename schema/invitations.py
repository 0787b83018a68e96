"""What members are invited to: gatherings, whether one can sign up, sign-ups and the codes that hosts scan."""

from datetime import datetime
from enum import Enum

import strawberry

from loyalty import gatherings, invitations
from loyalty.access import may
from loyalty.refusals import worded
from loyalty.views import Account
from models.gatherings import SignUp as Row
from rules.calendar import from_instant
from rules.gatherings import Gathering as Declared
from rules.occasions import closes_at
from schema.needs import says
from schema.reader import Info, Reader
from schema.scalars import Points

HOST = "gatherings:host"
OWN_OR_HOST = f"member or {HOST}"
WHO = "Whose; one's own, unless said."


@strawberry.enum(description="Whether a member can take part in something now.")
class EntryState(Enum):
    """Each but the first two comes with a reason."""

    OPEN = strawberry.enum_value("OPEN", description="It can.")
    WAITING_LIST = strawberry.enum_value("WAITING_LIST", description="It can wait for a seat.")
    CLOSED = strawberry.enum_value("CLOSED", description="It is over.")
    DONE = strawberry.enum_value("DONE", description="It has taken part, as often as it may for now.")
    FULL = strawberry.enum_value("FULL", description="There is no seat left, and no place in the line.")
    LOCKED = strawberry.enum_value("LOCKED", description="It is not for this member.")
    NOT_OPEN_YET = strawberry.enum_value("NOT_OPEN_YET", description="It opens later.")


@strawberry.type(description="Whether one can take part now, and if not, why.")
class TakingPart:
    """For one member."""

    state: EntryState = says("Whether, for programs.")
    reason: str | None = says("Why not, in words a customer can read.")


@strawberry.type(description="An event with seats that members sign up for.")
class Gathering:
    """As `gatherings/<key>.json` declares it."""

    key: str = says("Its key in the programme.")
    title: str = says("What it is called.")
    description: str = says("What happens there.")
    kind: str = says("What sort it is: `salon`, `tasting`, `seminar`, `launch`, `other`.")
    place: str = says("Where.")
    starts_at: datetime = says("From when.")
    ends_at: datetime = says("Until when.")
    seats: int = says("How many seats there are.")
    guests: int = says("How many guests a member may bring; each takes a seat.")
    points: Points | None = says("What a sign-up costs in points of the main wallet; null where nothing.")
    opens_at: datetime = says("From when the public can sign up.")
    closes_at: datetime = says("Until when one can sign up.")
    cancel_until: datetime = says("Until when a seat can be given back.")
    waiting_places: int = says("How many may wait at a time for a seat to come free.")


@strawberry.enum(description="What became of a sign-up.")
class SignUpState(Enum):
    """Waiting or signed up at first."""

    SIGNED_UP = strawberry.enum_value("SIGNED_UP", description="There is a seat.")
    WAITING = strawberry.enum_value("WAITING", description="It waits for a seat to come free.")
    CANCELLED = strawberry.enum_value("CANCELLED", description="It was given back.")
    ATTENDED = strawberry.enum_value("ATTENDED", description="The member came.")
    MISSED = strawberry.enum_value("MISSED", description="The member did not come.")
    LAPSED = strawberry.enum_value("LAPSED", description="It waited in vain.")


@strawberry.type(description="A member's sign-up for a gathering.")
class SignUp:
    """With its guests."""

    row: strawberry.Private[Row]
    gathering: str = says("The gathering's key.")
    state: SignUpState = says("What became of it.")
    seats: int = says("How many seats it has or waits for, the member's own included.")
    signed_up_at: datetime = says("Since when.")
    changed_at: datetime = says("When something became of it last.")

    @strawberry.field(description="What a host scans; only its owner and hosts see it, as long as there is a seat.")
    def code(self, info: Info) -> str | None:
        """Sealed: it cannot be guessed, and is kept nowhere."""
        reader = info.context
        if self.row.state != "signed_up" or not (reader.own(self.row.member_id) or may(reader.who, HOST)):
            return None
        return reader.seal("pass", self.row.programme_id, self.row.member_id, self.row.id)

    @strawberry.field(description="Where it stands in the line, from 1; null when it does not wait.")
    async def place(self, info: Info) -> int | None:
        """First come, first served."""
        return await invitations.place_in_line(info.context.house.db, self.row) if self.row.state == "waiting" else None


@strawberry.type(description="A gathering, whether this member can sign up, and its sign-up if it has one.")
class Invitation:
    """One of the calendar, for one member."""

    gathering: Gathering = says("What there is.")
    entry: TakingPart = says("Whether the member can sign up now.")
    sign_up: SignUp | None = says("Its last sign-up.")


def entry_of(reader: Reader, account: Account, found: invitations.Entry) -> TakingPart:
    """Whether and why not, in words."""
    lang = reader.lang(account.member.locale)
    reason = worded(found.why.code, found.why.params, lang) if found.why is not None else None
    return TakingPart(state=EntryState(found.state), reason=reason)


def gathering_of(reader: Reader, account: Account, key: str, own: Declared) -> Gathering:
    """A gathering in the reader's language."""
    zone, locale = account.turn.ruleset.zone, account.member.locale
    return Gathering(
        key=key,
        title=reader.say(own.title, locale),
        description=reader.say(own.description, locale),
        kind=own.kind,
        place=reader.say(own.place, locale),
        starts_at=from_instant(own.starts, zone),
        ends_at=from_instant(own.ends, zone),
        seats=own.seats,
        guests=own.guests,
        points=None if own.points is None else Points(own.points),
        opens_at=from_instant(own.sign_up.opens_at, zone),
        closes_at=closes_at(own.sign_up, zone),
        cancel_until=gatherings.cancel_until(account.turn, own),
        waiting_places=own.waiting_list.places if own.waiting_list else 0,
    )


def sign_up_of(row: Row) -> SignUp:
    """A sign-up as its owner sees it."""
    return SignUp(
        row=row,
        gathering=row.gathering,
        state=SignUpState(row.state.upper()),
        seats=row.seats,
        signed_up_at=row.at,
        changed_at=row.changed_at,
    )


async def invitations_of(reader: Reader, account: Account) -> list[Invitation]:
    """Every gathering that is not over, in the order they begin."""
    await invitations.load(reader.house.db, account)
    told = []
    for key, own in account.turn.ruleset.gatherings.items():
        made, row = gathering_of(reader, account, key, own), gatherings.own_sign_up(account.turn, key)
        if made.ends_at > reader.now:
            entry = entry_of(reader, account, invitations.gathering(account, key, own))
            told.append(Invitation(gathering=made, entry=entry, sign_up=sign_up_of(row) if row else None))
    return sorted(told, key=lambda one: (one.gathering.starts_at, one.gathering.key))


async def sign_ups_of(reader: Reader, account: Account) -> list[SignUp]:
    """All of a member's, newest first."""
    await invitations.load(reader.house.db, account)
    return [sign_up_of(row) for row in reversed(account.rows(Row))]
