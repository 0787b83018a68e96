"""Loaders: what many fields of one request ask for, asked once. One set a request; nothing outlives the answer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from strawberry.dataloader import DataLoader

from loyalty import consents, statements, views
from loyalty.statements import Entry
from loyalty.views import Account
from models.benefits import Entitlement
from models.members import ConsentMove

if TYPE_CHECKING:
    from schema.reader import Reader

Key = tuple[int, int]  # Member, and the number of the event or of the thing itself.


def accounts(reader: "Reader") -> DataLoader[int, Account | None]:
    """Members' accounts as of now."""

    async def load(ids: Sequence[int]) -> list[Account | None]:
        found = await views.accounts(reader.house.db, await reader.live(), ids, reader.now)
        return [found.get(member_id) for member_id in ids]

    return DataLoader(load)


def entries_of_events(reader: "Reader") -> DataLoader[Key, list[Entry]]:
    """The entries each event made."""

    async def load(keys: Sequence[Key]) -> list[list[Entry]]:
        live = await reader.live()
        found = await statements.entries_of_events(reader.house.db, live.programme_id, keys)
        return [found.get(key, []) for key in keys]

    return DataLoader(load)


def consent_moves(reader: "Reader") -> DataLoader[int, list[ConsentMove]]:
    """Members' answers to what they were asked to consent to, newest first."""

    async def load(ids: Sequence[int]) -> list[list[ConsentMove]]:
        live = await reader.live()
        found = await consents.moves(reader.house.db, live.programme_id, ids)
        return [found.get(member_id, []) for member_id in ids]

    return DataLoader(load)


def entitlements(reader: "Reader") -> DataLoader[Key, Entitlement | None]:
    """Entitlements by id."""

    async def load(keys: Sequence[Key]) -> list[Entitlement | None]:
        live = await reader.live()
        found = await statements.entitlements_by_id(reader.house.db, live.programme_id, keys)
        return [found.get(key) for key in keys]

    return DataLoader(load)
