"""Whose event it is: identities and codes lead to members by keyed hashes, orders by their number."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from loyalty import log
from loyalty.access import Caller
from loyalty.book import IDS_PER_EVENT, NOBODY
from loyalty.enrolment import Named
from loyalty.events import (
    LINKS,
    Arrival,
    ClockClose,
    CodeVerify,
    MemberEnrolled,
    MemberRef,
    OrderCancelled,
    OrderClaim,
    OrderReturned,
)
from loyalty.logbook import stand_in
from loyalty.reading import Loader
from loyalty.seals import Secrets
from models.benefits import Code
from models.codec import Json
from models.members import Identity
from models.orders import OrderRef
from models.pools import INVITATION

Name = tuple[str, str]  # Kind and hash of an identity.
Shown = tuple[str, str]  # The partner that shows a code, empty for the house, and the code's hash.
OWN = """
    AND EXISTS (SELECT 1 FROM entitlements e WHERE e.programme_id = codes.programme_id
        AND e.member_id = codes.member_id AND e.id = codes.entitlement_id AND e.partner = $3)
"""


@dataclass(frozen=True, slots=True)
class Sent:
    """One arrival as its sender sent it, with the hash its key stands for."""

    caller: Caller
    arrival: Arrival
    body: Json
    body_hash: str

    @property
    def name(self) -> tuple[str, str]:
        """Whose key it is, and which."""
        return (self.caller.subject, self.arrival.key)


def sent(secrets: Secrets, caller: Caller, arrival: Arrival) -> Sent:
    """The arrival with what is kept of it, and the hash of all of it."""
    body, whole = log.written(arrival)
    return Sent(caller, arrival, body, secrets.body_hash(whole))


@dataclass(frozen=True, slots=True)
class Resolver:
    """Looks up the members of arrivals, and puts what it finds into the loader's book."""

    loader: Loader
    secrets: Secrets

    @property
    def programme_id(self) -> int:
        """The programme of the batch."""
        return self.loader.book.programme_id

    def names(self, arrival: Arrival) -> tuple[Named, ...]:
        """The identities an arrival names, hashed."""
        if isinstance(arrival, MemberEnrolled):
            return tuple(self._named(kind, value) for kind, value in arrival.identities)
        if isinstance(arrival, OrderClaim):
            return (self._named(*arrival.identity),) if arrival.identity else ()
        if isinstance(arrival, LINKS):
            return (self._named(*arrival.identity),)
        return self.named(getattr(arrival, "member", None))

    def named(self, ref: MemberRef | None) -> tuple[Named, ...]:
        """The identity a member is named by; empty where it is an id, or nobody."""
        return (self._named(ref.kind, ref.value),) if ref is not None and ref.kind and ref.value else ()

    def _named(self, kind: str, value: str) -> Named:
        if kind == INVITATION:  # A code, with its own leave to be written in any case.
            return Named(kind, self.secrets.code_hash(self.programme_id, value))
        return Named(kind, self.secrets.identity_hash(self.programme_id, kind, value))

    async def identities(self, names: Sequence[Name]) -> dict[Name, int]:
        """Whose these identities are, as of now."""
        hashes: dict[str, list[str]] = {}
        for kind, hashed in sorted(set(names)):
            hashes.setdefault(kind, []).append(hashed)
        # Kind by kind: the key of the table begins with it.
        where = f"kind = $2 AND {self.loader.any('hash', 3)}"
        found = await self.loader.take(*(self.loader.query(Identity, where, kind, own) for kind, own in hashes.items()))
        return {(row.kind, row.hash): row.member_id for rows in found for row in rows}

    async def codes(self, items: Iterable[Sent]) -> dict[Shown, int]:
        """The members behind the codes that are shown, by who shows them and the code's hash.

        A partner's are looked up among its own: what is another's takes the way of what does not exist.
        """
        wanted: dict[str, set[str]] = {}
        for item in items:
            if isinstance(item.arrival, CodeVerify):
                wanted.setdefault(item.caller.partner or "", set()).add(self.code_hash(item.arrival))
        found: dict[Shown, int] = {}
        for partner, hashes in sorted(wanted.items()):
            where = self.loader.any("hash", 2) + (OWN if partner else "")
            rows = await self.loader.rows(Code, where, sorted(hashes), *([partner] if partner else []))
            found |= {(partner, row.hash): row.member_id for row in rows}
        return found

    def code_hash(self, arrival: CodeVerify) -> str:
        """What a code that is shown is looked up by."""
        return self.secrets.code_hash(self.programme_id, arrival.code)

    def holder(self, item: Sent, number: int, known: Mapping[Name, int], shown: Mapping[Shown, int]) -> int:
        """Whose event this is: a member's, one's to be, or a stand-in's."""
        arrival = item.arrival
        if isinstance(arrival, MemberEnrolled):
            return number * IDS_PER_EVENT
        if isinstance(arrival, OrderReturned | OrderCancelled | ClockClose):
            ref = self.loader.book.get(OrderRef, NOBODY, (arrival.shop, arrival.number, "order", ""))
            return ref.member_id if ref and ref.member_id else stand_in(item.body_hash)
        if isinstance(arrival, CodeVerify):
            return shown.get((item.caller.partner or "", self.code_hash(arrival))) or stand_in(item.body_hash)
        return self.meant(getattr(arrival, "member", None), known) or stand_in(item.body_hash)

    def meant(self, ref: MemberRef | None, known: Mapping[Name, int]) -> int | None:
        """The member a reference leads to, if there is one."""
        if ref is not None and ref.id is not None:
            return ref.id
        names = self.named(ref)
        return known.get((names[0].kind, names[0].hash)) if names else None
