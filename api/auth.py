"""Who is calling: a key of a client, or a member's token, as `Authorization: Bearer …`. Nobody without one."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from loyalty import keys
from loyalty.access import Caller
from loyalty.house import House

BEARER: Final = "bearer"
STAFF: Final = frozenset({"rules:read", "books:read", "events:write", "members:read", "admin"})


class Unauthenticated(Exception):
    """A token was shown, and it is not a good one. Which way it is bad is nobody's business."""


async def caller_of(house: House, headers: Mapping[str, str], now: datetime, address: str = "") -> Caller | None:
    """The caller a request names; None where it names nobody. Raises Unauthenticated for a token that is not good.

    `address` is the other end of the connection, or what a proxy that the server trusts says of it.
    """
    header = headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != BEARER or not token.isascii():
        raise Unauthenticated
    token = token.strip()
    if token.startswith(f"{keys.PREFIX}_"):
        found = await keys.find(house.db, house.secrets, token, now, address)
    else:
        found = keys.read_member_token(house.secrets, token, [live.name for live in house.rulebook.all()], now)
    if found is None:
        raise Unauthenticated
    return replace(found, address=address)


def sees_schema(caller: Caller | None) -> bool:
    """Whether the schema is open to a caller: to staff and services, not to members and partners."""
    return caller is not None and bool(caller.scopes & STAFF)
