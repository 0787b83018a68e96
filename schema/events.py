"""Events of every kind: behaviour by declared type, many at once, and what became of one."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

import strawberry

from loyalty import statements
from loyalty.access import may
from loyalty.events import Arrival, Behaviour
from loyalty.refusals import Malformed, Refused, every_language
from loyalty.shapes import BATCH_MAX
from schema.answers import KEY, Answer, answer, rendered, send
from schema.enrolments import MemberEnrolInput, ProfileCompleteInput, completed_of, enrolled_of
from schema.members import MemberRef, ref_of
from schema.needs import field, says
from schema.node import Node
from schema.orders import (
    OrderCancelInput,
    OrderRecordInput,
    OrderReturnInput,
    cancelled_of,
    paid_of,
    returned_of,
)
from schema.problems import UserError, user_error
from schema.reader import Info, Reader
from schema.receipts import Receipt, receipt_of, stored
from schema.scalars import JSON


@strawberry.input(description="Something a member did, of a type the programme declares.")
class EventRecordInput:
    """Its payload by the type's schema."""

    idempotency_key: str = says(KEY)
    type: str = says("The declared type.")
    member: MemberRef = says("Who did it.")
    occurred_at: datetime = says("When.")
    payload: JSON | None = says("What the type's schema asks for; nothing where it asks for nothing.", default=None)


@strawberry.input(one_of=True, description="One event of a batch: exactly one of them.")
class EventInput:
    """As the mutation of its own takes it."""

    order: strawberry.Maybe[OrderRecordInput] = says("A paid order.")
    order_return: strawberry.Maybe[OrderReturnInput] = says("A return.")
    order_cancel: strawberry.Maybe[OrderCancelInput] = says("A cancellation.")
    event: strawberry.Maybe[EventRecordInput] = says("Something a member did.")
    enrol: strawberry.Maybe[MemberEnrolInput] = says("A registration.")
    profile: strawberry.Maybe[ProfileCompleteInput] = says("A profile filled in.")


@strawberry.input(description="Several events, handed in at once.")
class EventsRecordInput:
    """Each with a key of its own."""

    events: list[EventInput] = says(f"The events, {BATCH_MAX} at most. They count in the order they happened.")


@strawberry.type(description="What an event did.")
class EventRecordPayload(Answer):
    """See the receipt."""


@strawberry.type(description="What each event did.")
class EventsRecordPayload:
    """One result each, in the order they were sent."""

    results: list[EventRecordPayload] = says("One each, in the order they were sent.", default_factory=list)
    user_errors: list[UserError] = says("What was wrong with all of it.", default_factory=list)


@strawberry.type(description="An event in the log: what was answered, and what became of it since.")
class Event(Node):
    """As its sender, or its member, may see it."""

    kind: str = says("What happened.")
    occurred_at: datetime = says("When it happened.")
    received_at: datetime = says("When it came.")
    receipt: Receipt = says("What it did; for one that waited, what became of it.")


@strawberry.type
class EventQuery:
    """What became of an event."""

    @field(needs="member or events:write or members:read", description="An event, by the id its receipt named.")
    async def event(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The event.")]
    ) -> Event | None:
        """NOT_FOUND, whether there is none or it is not for this reader."""
        return await event_of(info.context, id)


@strawberry.type
class EventMutation:
    """What happens to be worth knowing."""

    @field(needs="events:write", description="Record something a member did, of a type the programme declares.")
    async def event_record(
        self, info: Info, input: Annotated[EventRecordInput, strawberry.argument(description="What happened.")]
    ) -> EventRecordPayload | None:
        """Through the one door."""
        return await answer(EventRecordPayload, info.context, lambda: behaviour_of(info.context, input))

    @field(needs="events:write", description="Record several events at once; each is answered by itself.")
    async def events_record(
        self, info: Info, input: Annotated[EventsRecordInput, strawberry.argument(description="The events.")]
    ) -> EventsRecordPayload | None:
        """Handed in together, so that one commit takes them."""
        reader = info.context
        if len(input.events) > BATCH_MAX:
            error = user_error(Malformed("TOO_MANY", "/events", most=BATCH_MAX), reader.lang())
            return EventsRecordPayload(user_errors=[error])
        sent = await asyncio.gather(*(send(reader, builder(reader, one)) for one in input.events))
        return EventsRecordPayload(results=[await rendered(EventRecordPayload, reader, one) for one in sent])


BUILDERS: dict[str, Callable[[Reader, Any], Awaitable[Arrival]]] = {
    "order": paid_of,
    "order_return": returned_of,
    "order_cancel": cancelled_of,
    "enrol": enrolled_of,
    "profile": completed_of,
}


def builder(reader: Reader, one: EventInput) -> Callable[[], Awaitable[Arrival]]:
    """How the one event that is given is built."""
    if one.event is not None:
        given = one.event.value
        return lambda: behaviour_of(reader, given)
    name = next(name for name in BUILDERS if getattr(one, name) is not None)
    return lambda: BUILDERS[name](reader, getattr(one, name).value)


async def behaviour_of(reader: Reader, given: EventRecordInput) -> Behaviour:
    """The arrival an input means."""
    payload: Any = {} if given.payload is None else given.payload
    if not isinstance(payload, dict):
        raise Malformed("INVALID_PAYLOAD", "/payload", detail=every_language("payload.object"))
    member = await ref_of(reader, given.member, "/member")
    return Behaviour(given.idempotency_key, given.type, member, given.occurred_at, payload)


async def event_of(reader: Reader, sealed: str) -> Event:
    """An event as its reader sees it: its sender, its member, or whoever reads members."""
    live = await reader.live()
    programme_id, member_id, number = reader.unseal("event", sealed)
    row = await statements.event(reader.house.db, programme_id, member_id, number)
    if programme_id != live.programme_id or row is None:
        raise Refused("NOT_FOUND")
    if not (row.subject == reader.who.subject or reader.own(member_id) or may(reader.who, "members:read")):
        raise Refused("NOT_FOUND")
    return Event(
        id=strawberry.ID(sealed),
        kind=row.kind,
        occurred_at=row.occurred_at,
        received_at=row.received_at,
        receipt=await receipt_of(reader, stored(row)),
    )
