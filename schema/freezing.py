"""Freezing members and wallets, and letting them spend again: by staff, with a reason, in the audit."""

from typing import Annotated

import strawberry

from loyalty.events import MemberFreeze, MemberUnfreeze, WalletFreeze, WalletUnfreeze
from loyalty.shapes import REASON_MAX
from schema.answers import KEY, Answer, answer
from schema.freezes import FreezeReason
from schema.members import MemberRef, ref_of
from schema.needs import field, says
from schema.reader import Info, Reader

NEEDS = "members:freeze"
NOTE = f"In words, for the audit: {REASON_MAX} characters at most."
WALLET = "Which wallet; the main one, unless said."


@strawberry.input(description="A member that may not spend for now.")
class MemberFreezeInput:
    """It goes on earning."""

    idempotency_key: str = says(KEY)
    member: MemberRef = says("Which member.")
    reason: FreezeReason = says("Why.")
    note: str = says(NOTE, default="")


@strawberry.input(description="A member that may spend again.")
class MemberUnfreezeInput:
    """Its wallets that are frozen stay so."""

    idempotency_key: str = says(KEY)
    member: MemberRef = says("Which member.")
    note: str = says(NOTE, default="")


@strawberry.input(description="A wallet of which nothing may be spent for now.")
class WalletFreezeInput:
    """Whatever it earns comes in."""

    idempotency_key: str = says(KEY)
    member: MemberRef = says("Whose wallet.")
    reason: FreezeReason = says("Why.")
    wallet: str | None = says(WALLET, default=None)
    note: str = says(NOTE, default="")


@strawberry.input(description="A wallet that can be spent from again.")
class WalletUnfreezeInput:
    """What converts by itself does so now."""

    idempotency_key: str = says(KEY)
    member: MemberRef = says("Whose wallet.")
    wallet: str | None = says(WALLET, default=None)
    note: str = says(NOTE, default="")


@strawberry.type(description="What freezing a member did.")
class MemberFreezePayload(Answer):
    """See the receipt."""


@strawberry.type(description="What letting a member spend again did.")
class MemberUnfreezePayload(Answer):
    """See the receipt."""


@strawberry.type(description="What freezing a wallet did.")
class WalletFreezePayload(Answer):
    """See the receipt."""


@strawberry.type(description="What letting a wallet be spent from again did.")
class WalletUnfreezePayload(Answer):
    """See the receipt."""


@strawberry.type
class FreezeMutation:
    """Who may not spend."""

    @field(needs=NEEDS, description="Freeze a member: it earns, and cannot redeem, transfer or use a code.")
    async def member_freeze(
        self, info: Info, input: Annotated[MemberFreezeInput, strawberry.argument(description="Whom, and why.")]
    ) -> MemberFreezePayload | None:
        """Through the one door."""
        return await answer(MemberFreezePayload, info.context, lambda: frozen_of(info.context, input))

    @field(needs=NEEDS, description="Let a frozen member spend again.")
    async def member_unfreeze(
        self, info: Info, input: Annotated[MemberUnfreezeInput, strawberry.argument(description="Whom.")]
    ) -> MemberUnfreezePayload | None:
        """Through the one door."""
        return await answer(MemberUnfreezePayload, info.context, lambda: unfrozen_of(info.context, input))

    @field(needs=NEEDS, description="Freeze one wallet of a member: it fills, and nothing of it can be spent.")
    async def wallet_freeze(
        self, info: Info, input: Annotated[WalletFreezeInput, strawberry.argument(description="Which, and why.")]
    ) -> WalletFreezePayload | None:
        """Through the one door."""
        return await answer(WalletFreezePayload, info.context, lambda: wallet_frozen_of(info.context, input))

    @field(needs=NEEDS, description="Let a frozen wallet be spent from again.")
    async def wallet_unfreeze(
        self, info: Info, input: Annotated[WalletUnfreezeInput, strawberry.argument(description="Which.")]
    ) -> WalletUnfreezePayload | None:
        """Through the one door."""
        return await answer(WalletUnfreezePayload, info.context, lambda: wallet_unfrozen_of(info.context, input))


async def frozen_of(reader: Reader, given: MemberFreezeInput) -> MemberFreeze:
    """The arrival an input means."""
    member = await ref_of(reader, given.member, "/member")
    return MemberFreeze(given.idempotency_key, member, given.reason.name.lower(), given.note)


async def unfrozen_of(reader: Reader, given: MemberUnfreezeInput) -> MemberUnfreeze:
    """The arrival an input means."""
    return MemberUnfreeze(given.idempotency_key, await ref_of(reader, given.member, "/member"), given.note)


async def wallet_frozen_of(reader: Reader, given: WalletFreezeInput) -> WalletFreeze:
    """The arrival an input means."""
    member, wallet = await ref_of(reader, given.member, "/member"), await _wallet(reader, given.wallet)
    return WalletFreeze(given.idempotency_key, member, wallet, given.reason.name.lower(), given.note)


async def wallet_unfrozen_of(reader: Reader, given: WalletUnfreezeInput) -> WalletUnfreeze:
    """The arrival an input means."""
    member, wallet = await ref_of(reader, given.member, "/member"), await _wallet(reader, given.wallet)
    return WalletUnfreeze(given.idempotency_key, member, wallet, given.note)


async def _wallet(reader: Reader, named: str | None) -> str:
    return named or (await reader.programme()).main_wallet
