"""How every mutation is answered: the arrival is checked, handed in at the one door, and its receipt rendered.

What is malformed or refused is told in `userErrors`; the payload stays, so that its neighbours do.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import strawberry

from loyalty.access import may
from loyalty.arrivals import validate
from loyalty.events import Arrival
from loyalty.events import MemberRef as Ref
from loyalty.receipts import Receipt as Data
from loyalty.refusals import Forbidden, Malformed, Refused
from schema.members import Member, MemberRef, member_of, ref_of
from schema.needs import says
from schema.problems import UserError, user_error
from schema.reader import Info, Reader
from schema.receipts import Receipt, errors_of, receipt_of

KEY = "Whatever moves points is named by its sender, 1 to 128 printable ASCII characters: sent again with the same "
KEY += "input it is answered with the first receipt, with other input it is refused. Kept 400 days."


@strawberry.type
class Answer:
    """What every payload says."""

    data: strawberry.Private[Data | None] = None
    receipt: Receipt | None = says("What the event did; null when it was malformed.", default=None)
    replayed: bool = says("Whether this key had been answered before: the receipt is the first one.", default=False)
    user_errors: list[UserError] = says("What was wrong; empty when all is well.", default_factory=list)

    @strawberry.field(description="The member it was about, as it stands now; null for readers without `members:read`.")
    async def member(self, info: Info) -> Member | None:
        """Read when it is asked for."""
        holder = self.data.member_id if self.data else None
        if holder is None or holder < 0 or not info.context.may_see(holder):
            return None
        return await member_of(info.context, holder)


A = TypeVar("A", bound=Answer)


@dataclass(frozen=True, slots=True)
class Sent:
    """An arrival's answer before it is rendered: a receipt, or why there is none."""

    data: Data | None
    errors: list[UserError]


async def send(reader: Reader, build: Callable[[], Awaitable[Arrival]]) -> Sent:
    """Build an arrival, check its shape, hand it in."""
    try:
        arrival = await build()
        validate(arrival)
        batcher = reader.house.batcher(reader.who.programme)
        data = await batcher.submit(reader.who, arrival, now=reader.door)
        reader.forget()
        return Sent(data, errors_of(data, reader.lang()))
    except Refused as refused:
        return turned_down(refused, reader)


def turned_down(refused: Refused, reader: Reader) -> Sent:
    """What never came to the door."""
    return Sent(None, [user_error(refused, reader.lang())])


async def answer(payload: type[A], reader: Reader, build: Callable[[], Awaitable[Arrival]], **more: Any) -> A:
    """Send, and answer with a payload."""
    return await rendered(payload, reader, await send(reader, build), **more)


async def rendered(payload: type[A], reader: Reader, one: Sent, **more: Any) -> A:
    """A payload of an answer."""
    kept = one.data if one.data is not None and one.data.event_id is not None else None
    return payload(
        data=one.data,
        receipt=await receipt_of(reader, kept) if kept else None,
        replayed=one.data.replayed if one.data else False,
        user_errors=one.errors,
        **more,
    )


async def who(reader: Reader, member: MemberRef | None, scope: str, at: str = "/member") -> Ref:
    """The member a request is about: one's own for a member's token, any for whoever holds the scope."""
    if may(reader.who, scope):
        if member is None:
            raise Malformed("INVALID_IDENTITY", at)
        return await ref_of(reader, member, at)
    own = reader.who.member_id
    if own is None:
        raise Forbidden(scope)
    if member is not None and (member.id is None or (await ref_of(reader, member, at)).id != own):
        raise Refused("NOT_FOUND")
    return Ref(id=own)
