"""A member's card as it is shown, and what a till learns from one that is held before it."""

from datetime import datetime, timedelta
from typing import Annotated

import strawberry

from loyalty import cards, masking
from loyalty.refusals import Refused
from loyalty.views import Account
from rules.cards import Card as Declared
from schema.needs import field, says
from schema.reader import Info, Reader
from schema.tiers import Tier, standing_of


@strawberry.type(description="A member's card. The number stays; the letters before it go by level.")
class Card:
    """Null where the programme declares none."""

    number: str = says("As it is printed; masked for everybody but the member itself.")
    prefix: str = says("The letters of the level.")
    receipt_style: str = says("A hint to the till: how the holder's receipt may look.")
    code: str | None = says("What to show as a QR code; null for everybody but the member itself.")
    code_until: datetime | None = says("Until when a till takes that code. Ask again for a fresh one.")


@strawberry.type(description="Whoever holds a card, as a till may know it: nothing personal.")
class CardHolder:
    """A till of the house sees the level and how to treat its holder."""

    id: strawberry.ID = says("The member, for what the till sends next.")
    number: str = says("The card's number, masked.")
    tier: Tier | None = says("The level on the main ladder.")
    receipt_style: str = says("How the receipt may look.")
    frozen: bool = says("Whether it may not spend for now.")


@strawberry.type
class CardQuery:
    """At a till."""

    @field(needs="codes:verify", description="Whose card this is: a number, with or without its letters, or a code.")
    async def card_verify(
        self, info: Info, card: Annotated[str, strawberry.argument(description="What was typed or scanned.")]
    ) -> CardHolder | None:
        """CARD_UNKNOWN or CARD_EXPIRED, whatever else there is to know."""
        reader = info.context
        live = await reader.live()
        member_id = await cards.holder(reader.house, live.programme_id, card, reader.now)
        account = await reader.account.load(member_id)
        if account is None:
            raise Refused("CARD_UNKNOWN")
        return _holder(reader, account)


def card_of(reader: Reader, account: Account) -> Card | None:
    """A member's card as its reader sees it."""
    declared, row = account.turn.programme.card, account.member
    digits = cards.number_of(reader.house.secrets, row.programme_id, row.id)
    if declared is None or digits is None:
        return None
    own, tier = reader.own(row.id), _tier_key(reader, account)
    prefix, until = declared.prefix_at(tier), reader.now + timedelta(seconds=declared.seconds)
    return Card(
        number=cards.shown(prefix, digits) if own else masking.card(prefix, digits),
        prefix=prefix,
        receipt_style=declared.style_at(tier),
        code=cards.code_of(reader.house.secrets, row.programme_id, row.id, until) if own else None,
        code_until=until.replace(microsecond=0) if own else None,
    )


def _holder(reader: Reader, account: Account) -> CardHolder:
    row, declared = account.member, account.turn.programme.card or Declared()
    tier = _tier(reader, account)
    digits = cards.number_of(reader.house.secrets, row.programme_id, row.id) or ""
    return CardHolder(
        id=reader.seal("member", row.programme_id, row.id, row.id),
        number=masking.card(declared.prefix_at(tier.key if tier else None), digits),
        tier=tier,
        receipt_style=declared.style_at(tier.key if tier else None),
        frozen=row.status == "frozen",
    )


def _tier(reader: Reader, account: Account) -> Tier | None:
    ladder = account.turn.programme.ladder or ""
    return standing_of(reader, account, ladder).tier if ladder in account.turn.ruleset.ladders else None


def _tier_key(reader: Reader, account: Account) -> str | None:
    tier = _tier(reader, account)
    return tier.key if tier else None
