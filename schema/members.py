"""Members: who one is, and everything that hangs on it."""

from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry

from loyalty import cards, masking, shapes, statements, traits, views
from loyalty.access import may
from loyalty.events import MemberRef as Ref
from loyalty.facts import Scene, lazy_facts
from loyalty.refusals import Malformed, Refused
from loyalty.views import Account
from models.benefits import Entitlement as EntitlementRow
from schema.ballots import Poll, polls_of
from schema.benefits import Entitlement, EntitlementState, Obtainable, entitlement_of, obtainable
from schema.cards import Card, card_of
from schema.chances import Chance, chances_of
from schema.connections import PAGE, After, Connection, First, connect, page
from schema.consents import Consent, consents_of
from schema.freezes import Freeze, freeze_of
from schema.invitations import Invitation, SignUp, invitations_of, sign_ups_of
from schema.merged import MergedAccount
from schema.needs import field, says
from schema.node import Node
from schema.passes import ABOUT, Partner, partner_pass
from schema.points import Wallet, wallet_of
from schema.pooled import Pool, pool_of
from schema.profiles import Profile, profile_of
from schema.reader import Info, Reader
from schema.scalars import JSON, Locale
from schema.tiers import Standing, Tier, standing_of
from schema.timeline import TimelineEntry, timeline_of


@strawberry.enum(description="How a member stands with the programme.")
class MemberStatus(Enum):
    """Merged and erased members are not found any more."""

    ACTIVE = strawberry.enum_value("ACTIVE", description="Takes part.")
    FROZEN = strawberry.enum_value("FROZEN", description="Earns, but cannot spend for now.")


@strawberry.input(description="A name a person is known by outside: its kind and its value.")
class IdentityInput:
    """Only a keyed hash of the value is kept."""

    kind: str = says("Which sort: `external` (the shop's customer number), `phone`, `email`, `card` …")
    value: str = says("The name itself.")


@strawberry.input(one_of=True, description="A member, by its id here, a name it is known by or its card: one of them.")
class MemberRef:
    """Exactly one."""

    id: strawberry.Maybe[strawberry.ID] = says("Its id here.")
    identity: strawberry.Maybe[IdentityInput] = says("A name it is known by.")
    card: strawberry.Maybe[str] = says("The number of its card, or the code its screen shows, at a till.")


@strawberry.type(description="A name a member is known by outside; its value is kept nowhere.")
class Identity:
    """One for each name, of any number of the same sort."""

    kind: str = says("Which sort: `external`, `phone`, `wechat` …")
    since: datetime = says("Since when the member is known by it.")


@strawberry.type(description="One member of the programme.")
class Member(Node):
    """Its books as of the moment of reading."""

    account: strawberry.Private[Account]
    status: MemberStatus = says("How it stands with the programme.")
    joined_at: datetime = says("Since when.")
    locale: Locale = says("The language it reads.")
    profile_complete: bool = says("Whether the profile has been filled in.")
    wallets: list[Wallet] = says("One for each kind of points the programme has.")
    points: Wallet = says("The main wallet.")
    standings: list[Standing] = says("One for each ladder.")
    tier: Tier | None = says("The level on the main ladder; null where there is none.")

    @strawberry.field(description="Since when, and why, it may not spend; null where it may.")
    async def frozen(self, info: Info) -> Freeze | None:
        """The reason is for those who may read members."""
        return freeze_of(info.context, self.account.member)

    @strawberry.field(description="How it can be found: the names it is known by, never their values.")
    async def identities(self, info: Info) -> list[Identity] | None:
        """The values are kept nowhere."""
        row = self.account.member
        found = await views.identities(info.context.house.db, row.programme_id, row.id)
        return [Identity(kind=kind, since=since) for kind, since in found]

    @strawberry.field(description="What it says of itself; personal values are masked for everybody else.")
    async def profile(self, info: Info) -> Profile | None:
        """For itself, and for whoever may read members."""
        return profile_of(info.context, self.account)

    @strawberry.field(description="The accounts of the same person that go on in this one, by now or by way of others.")
    async def merged_from(self, info: Info) -> list[MergedAccount] | None:
        """The first to come first; 100 at most."""
        reader, row = info.context, self.account.member
        told = may(reader.who, "members:read")
        return [
            MergedAccount(
                id=reader.seal("member", row.programme_id, one.id, one.id),
                at=one.at,
                reason=one.reason if told else None,
            )
            for one in await views.merged_from(reader.house.db, row.programme_id, row.id)
        ]

    @strawberry.field(description="Its card; null where the programme declares none.")
    async def card(self, info: Info) -> Card | None:
        """Number and code are the member's own."""
        return card_of(info.context, self.account)

    @strawberry.field(description="Its badges: what it holds of benefits of that kind.")
    async def badges(self, info: Info) -> list[Entitlement] | None:
        """For itself, and for whoever may read members."""
        kinds = {key: one.kind for key, one in self.account.turn.ruleset.benefits.items()}
        held = (row for row in self.account.rows(EntitlementRow) if kinds.get(row.benefit) == "badge")
        return [entitlement_of(info.context, self.account, row) for row in held if row.state == "issued"]

    @strawberry.field(description="Its tags; null for readers without `members:read`.")
    async def tags(self, info: Info) -> list[str] | None:
        """What the house says of a member is not the member's to read."""
        return list(traits.names(self.account.turn, "tags")) if may(info.context.who, "members:read") else None

    @strawberry.field(description="The segments it is in now; null for readers without `members:read`.")
    async def segments(self, info: Info) -> list[str] | None:
        """By being put there, by a list, or by a condition that is met now."""
        if not may(info.context.who, "members:read"):
            return None
        return list(lazy_facts(Scene(self.account.turn, "read"))["member_segments"])

    @strawberry.field(
        description="What the programme knows of it besides, by the names `programme.json` declares. What is personal "
        "is masked for everybody but itself; `memberUnmask` reads it."
    )
    async def attributes(self, info: Info) -> JSON | None:
        """For itself, and for whoever may read members."""
        declared = self.account.turn.programme.attributes
        known = declared.schema_.properties if declared else {}
        own = info.context.own(self.account.member.id)
        hidden = declared.schema_.personal if declared and not own else frozenset()
        held = traits.read(self.account.turn, "attributes")
        told = {name: value for name, value in sorted(held.items()) if name in known}
        return JSON({name: masking.HIDDEN if name in hidden else value for name, value in told.items()})

    @strawberry.field(description="Each purpose the programme asks consent to.")
    async def consents(self, info: Info) -> list[Consent] | None:
        """For itself, and for whoever may read members."""
        return consents_of(info.context, self.account)

    @strawberry.field(description="What lists in documents call it; null for readers without `members:read`.")
    async def handle(self, info: Info) -> str | None:
        """The same for ever, and it says nothing of the person."""
        return self.account.turn.who.handle if may(info.context.who, "members:read") else None

    @strawberry.field(description="Everything that happened to it, newest first, each with its words and why.")
    async def timeline(self, info: Info, first: First = PAGE, after: After = None) -> Connection[TimelineEntry] | None:
        """A page by position; two statements however long it is."""
        return await timeline_of(info.context, self.account, first, after)

    @strawberry.field(description="What it has been given, newest first.")
    async def entitlements(
        self,
        info: Info,
        first: First = PAGE,
        after: After = None,
        state: Annotated[EntitlementState | None, strawberry.argument(description="Only those in this state.")] = None,
    ) -> Connection[Entitlement] | None:
        """A page by id."""
        reader, asked, row = info.context, page(first, after, keys=1), self.account.member
        last = asked.after[0] if asked.after else None
        rows = await statements.entitlements(
            reader.house.db, row.programme_id, row.id, reader.now, state.name if state else "", last, asked.limit
        )
        return connect(rows, asked, lambda one: (one.id,), lambda one: entitlement_of(reader, self.account, one))  # type: ignore[no-any-return]

    @strawberry.field(description="The family pool it is in; null where it is in none.")
    async def pool(self, info: Info) -> Pool | None:
        """Two statements more, for whoever is in one."""
        return await pool_of(info.context, self.account.member.id, self.account.member.pool_id)

    @strawberry.field(description=ABOUT)
    async def partner_pass(self, info: Info, partner: Partner) -> str | None:
        """Made when it is asked for."""
        return await partner_pass(info.context, self.account.member.id, partner)

    @strawberry.field(description="All there is, and for each whether it can be redeemed now and if not, why.")
    async def benefits(self, info: Info) -> list[Obtainable] | None:
        """The catalogue, asked for this member."""
        return await obtainable(info.context, self.account)

    @strawberry.field(description="Gatherings that are not over, whether it can sign up, and its sign-ups.")
    async def gatherings(self, info: Info) -> list[Invitation] | None:
        """In the order they begin."""
        return await invitations_of(info.context, self.account)

    @strawberry.field(description="All it ever signed up for, newest first.")
    async def sign_ups(self, info: Info) -> list[SignUp] | None:
        """Whatever became of it."""
        return await sign_ups_of(info.context, self.account)

    @strawberry.field(description="Every draw, whether it can enter, and its tickets.")
    async def draws(self, info: Info) -> list[Chance] | None:
        """With odds, stock, and what is published to check them by."""
        return await chances_of(info.context, self.account)

    @strawberry.field(description="Every poll, whether it can vote, and what it chose.")
    async def polls(self, info: Info) -> list[Poll] | None:
        """With the counts, where the poll shows them."""
        return await polls_of(info.context, self.account)


@strawberry.type
class MemberQuery:
    """Who one is."""

    @field(needs="member", description="The member whose token this is.")
    async def me(self, info: Info) -> Member | None:
        """One's own account."""
        return await member_of(info.context, info.context.who.member_id or 0)

    @field(needs="members:read", description="A member, by id or by a name it is known by.")
    async def member(
        self, info: Info, by: Annotated[MemberRef, strawberry.argument(description="Which member.")]
    ) -> Member | None:
        """NOT_FOUND, whether there is none or it is not for this reader."""
        reader = info.context
        ref = await ref_of(reader, by)
        return await member_of(reader, await views.find(reader.house, await reader.live(), ref))


async def ref_of(reader: Reader, by: MemberRef, at: str = "/by") -> Ref:
    """A reference as the floors below take it; a sealed id is opened."""
    if by.id is not None:
        live = await reader.live()
        kind_of, member_id, _ = reader.unseal("member", by.id.value)
        if kind_of != live.programme_id:
            raise Refused("NOT_FOUND")
        return Ref(id=member_id)
    if by.card is not None:
        live = await reader.live()
        return Ref(id=await cards.holder(reader.house, live.programme_id, by.card.value, reader.now))
    if by.identity is None:
        raise Malformed("INVALID_IDENTITY", at)
    ref = Ref(kind=by.identity.value.kind, value=by.identity.value.value)
    shapes.member(ref, at)
    return ref


async def member_of(reader: Reader, member_id: int) -> Member:
    """A member as its reader sees it; NOT_FOUND for one that is not there or not for this reader.

    One that was merged is the one it goes on in, but for its own token: that was for the old account.
    """
    found = await reader.account.load(member_id) if member_id > 0 else None
    if found is None and reader.may_see(member_id):
        live = await reader.live()
        survivor = await views.survivor(reader.house.db, live.programme_id, member_id)
        if survivor is not None and reader.own(member_id):
            raise Refused("MEMBER_MERGED")
        found = await reader.account.load(survivor) if survivor is not None else None
        member_id = survivor or member_id
    if found is None or not reader.may_see(member_id):
        raise Refused("NOT_FOUND")
    if reader.own(member_id):
        reader.locale = found.member.locale
    return told(reader, found)


def told(reader: Reader, account: Account) -> Member:
    """An account as a member."""
    row, programme, ruleset = account.member, account.turn.programme, account.turn.ruleset
    wallets = {key: wallet_of(reader, account, key) for key in programme.wallets}
    standings = {key: standing_of(reader, account, key) for key in ruleset.ladders}
    return Member(
        id=reader.seal("member", row.programme_id, row.id, row.id),
        account=account,
        status=MemberStatus(row.status.upper()),
        joined_at=row.joined_at,
        locale=Locale(row.locale),
        profile_complete=row.profile_complete,
        wallets=list(wallets.values()),
        points=wallets[programme.main_wallet],
        standings=list(standings.values()),
        tier=standings[programme.ladder].tier if programme.ladder in standings else None,
    )
