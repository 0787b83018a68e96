"""What a member's card looks like: the letters before its number go by level, the number itself stays."""

from typing import Annotated

from pydantic import Field, StringConstraints

from rules.parts import Key, Strict

Prefix = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,6}$")]


class CardLevel(Strict):
    """The card of one level of the main ladder, and how a till may print its holder's receipt."""

    prefix: Prefix | None = None
    receipt_style: Key | None = None


class Card(Strict):
    """The card of whoever is on no level that says otherwise; a code to show at a till is good for `seconds`."""

    prefix: Prefix = "M"
    receipt_style: Key = "plain"
    seconds: Annotated[int, Field(ge=15, le=3_600)] = 60
    levels: Annotated[dict[Key, CardLevel], Field(max_length=50)] = Field(default_factory=dict)

    def prefix_at(self, tier: str | None) -> str:
        """The letters before the number."""
        own = self.levels.get(tier or "")
        return (own.prefix if own else None) or self.prefix

    def style_at(self, tier: str | None) -> str:
        """How a receipt may look."""
        own = self.levels.get(tier or "")
        return (own.receipt_style if own else None) or self.receipt_style
