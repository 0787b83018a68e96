"""Anything by its id, whatever it is. What is not there and what is not for this reader look alike."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Final

import strawberry

from loyalty import statements
from loyalty.refusals import Refused
from models.benefits import Entitlement as EntitlementRow
from schema.benefits import entitlement_of
from schema.events import event_of
from schema.members import member_of
from schema.needs import field
from schema.node import Node
from schema.points import entry_of
from schema.reader import Info, Reader
from schema.tills import PartnerRedemption, redemption_node


@strawberry.type
class NodeQuery:
    """By the Relay convention."""

    @field(
        needs="member or members:read or partner",
        description="A member, entry, entitlement or event, by its id; to a partner one of its own redemptions.",
    )
    async def node(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Its id.")]
    ) -> Node | None:
        """The kinds are tried one by one: an id says nothing by itself."""
        kinds = KINDS if info.context.who.partner is None else OF_PARTNER
        for read in kinds.values():
            try:
                return await read(info.context, id)
            except Refused as refused:
                if refused.code != "NOT_FOUND":
                    raise
        return None


async def _member(reader: Reader, sealed: str) -> Node:
    _, member_id, _ = await _whose(reader, "member", sealed)
    return await member_of(reader, member_id)


async def _entry(reader: Reader, sealed: str) -> Node:
    programme_id, member_id, number = await _whose(reader, "entry", sealed)
    found = await statements.entries_by_id(reader.house.db, programme_id, member_id, [number])
    if number not in found:
        raise Refused("NOT_FOUND")
    programme = await reader.programme()
    wallet = programme.wallets[found[number].row.wallet]
    return entry_of(reader, found[number], wallet.scale, programme.zone)


async def _entitlement(reader: Reader, sealed: str) -> Node:
    programme_id, member_id, number = await _whose(reader, "entitlement", sealed)
    rows: Mapping[tuple[int, int], EntitlementRow] = await statements.entitlements_by_id(
        reader.house.db, programme_id, [(member_id, number)]
    )
    account = await reader.account.load(member_id)
    if not rows or account is None:
        raise Refused("NOT_FOUND")
    return entitlement_of(reader, account, rows[member_id, number])


async def _event(reader: Reader, sealed: str) -> Node:
    return await event_of(reader, sealed)


async def _whose(reader: Reader, kind: str, sealed: str) -> tuple[int, int, int]:
    """What an id names, if this reader may see whose it is."""
    programme_id, member_id, number = reader.unseal(kind, sealed)
    if programme_id != (await reader.live()).programme_id or not reader.may_see(member_id):
        raise Refused("NOT_FOUND")
    return programme_id, member_id, number


KINDS: Final[Mapping[str, Callable[[Reader, str], Awaitable[Node]]]] = {
    "member": _member,
    "entry": _entry,
    "entitlement": _entitlement,
    "event": _event,
}
# What there is for a partner, and the type it is of.
OF_PARTNER: Final[Mapping[type[Node], Callable[[Reader, str], Awaitable[Node]]]] = {
    PartnerRedemption: redemption_node,
}
