"""Who is reading, when, and in which language: the context of one GraphQL request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TypeAlias

import strawberry
from strawberry.dataloader import DataLoader

from locales import LANGUAGES, language
from loyalty.access import Caller, may
from loyalty.house import House
from loyalty.refusals import Refused
from loyalty.rulebook import Live
from loyalty.statements import Entry
from loyalty.views import Account
from models.benefits import Entitlement
from models.members import ConsentMove
from rules.parts import Text
from rules.programme import Programme
from schema import loaders


@dataclass
class Reader:
    """One request: nothing of it outlives the answer. `door` is a clock handed in, where there is one."""

    house: House
    caller: Caller | None
    now: datetime
    request_id: str
    wanted: Sequence[str] = ()
    door: datetime | None = None
    open_schema: bool = False
    locale: str = ""  # The language of the member that reads, once it is known.

    @cached_property
    def who(self) -> Caller:
        """The caller; every root field has made sure that there is one."""
        if self.caller is None:
            raise Refused("UNAUTHENTICATED")
        return self.caller

    @cached_property
    def account(self) -> DataLoader[int, Account | None]:
        """Accounts by member."""
        return loaders.accounts(self)

    @cached_property
    def entries_of(self) -> DataLoader[loaders.Key, list[Entry]]:
        """Entries by member and event."""
        return loaders.entries_of_events(self)

    @cached_property
    def entitlement(self) -> DataLoader[loaders.Key, Entitlement | None]:
        """Entitlements by member and id."""
        return loaders.entitlements(self)

    @cached_property
    def consent_moves(self) -> DataLoader[int, list[ConsentMove]]:
        """Answers about consent by member, newest first."""
        return loaders.consent_moves(self)

    def forget(self) -> None:
        """What was read before something was written is read again."""
        for name in ("account", "entries_of", "entitlement", "consent_moves"):
            self.__dict__.pop(name, None)

    @property
    def audience(self) -> str:
        """Whom ids are sealed for: what one partner is shown means nothing to another."""
        return f"partner:{self.who.partner}" if self.who.partner else ""

    async def live(self) -> Live:
        """The caller's programme as it stands in this process."""
        return await self.house.rulebook.programme(self.house.db, self.who.programme)

    async def programme(self) -> Programme:
        """The programme's definition now."""
        return (await self.live()).at(self.now).ruleset.programme

    def lang(self, member_locale: str = "") -> str:
        """The language to answer in: as asked for, else the member's, else the programme's."""
        return language(*spoken(self.wanted), member_locale or self.locale, self._programme_language())

    def _programme_language(self) -> str:
        name = self.caller.programme if self.caller else ""
        programme_id = self.house.rulebook.programme_id(name)
        live = self.house.rulebook.newest(programme_id) if programme_id is not None else None
        return live.at(self.now).ruleset.programme.languages[0] if live else ""

    def say(self, text: Text, member_locale: str = "") -> str:
        """A document's words in the reader's language."""
        return text.say(self.lang(member_locale))

    def own(self, member_id: int) -> bool:
        """Whether this is the reader's own account."""
        return self.who.member_id == member_id

    def may_see(self, member_id: int) -> bool:
        """Whether the reader may see this member at all."""
        return self.own(member_id) or may(self.who, "members:read")

    def seal(self, kind: str, programme_id: int, member_id: int, number: int) -> strawberry.ID:
        """An id for the outside."""
        return strawberry.ID(self.house.secrets.seal(kind, programme_id, member_id, number, self.audience))

    def unseal(self, kind: str, text: str) -> tuple[int, int, int]:
        """What an id names: programme, member and number. Refused where it is not ours, or not for this reader."""
        return self.house.secrets.unseal(kind, text, self.audience)


Info: TypeAlias = strawberry.Info[Reader, None]


def spoken(wanted: Sequence[str]) -> list[str]:
    """Of the languages wanted those that we speak: `language` would take the fallback before a member's own."""
    return [lang for lang in wanted if any(lang.lower().split("-")[0] == ours.split("-")[0] for ours in LANGUAGES)]
