"""`draws/<key>.json`: a draw of prizes whose odds and stock anybody can check.

The seed of a draw is fixed before the first ticket: its SHA-256 is published, the seed itself once the draw is closed.
What becomes of a ticket follows from the two alone (`rules/lots.py`).
"""

from typing import Annotated, Literal

from pydantic import Field

from rules.occasions import Occasion
from rules.parts import Count, Exact, Key, Positive, Strict, Text

PRIZES_MAX = 20
PIECES_MAX = 100_000
TICKETS_MAX = 1_000
Few = Annotated[int, Field(ge=1, le=TICKETS_MAX)]


class Prize(Strict):
    """A benefit that can be won, how often, and (of a draw that tells at once) how likely with each ticket."""

    benefit: Key
    count: Annotated[int, Field(ge=1, le=PIECES_MAX)]
    odds: Annotated[Exact, Field(gt=0, le=1)] | None = None


class PerOrder(Strict):
    """A ticket with every order, from so much net on."""

    minimum: Positive | None = None


class Tickets(Strict):
    """How a member comes by tickets; more than one way at a time is allowed."""

    free: Few | None = None  # So many in all.
    per_day: Few | None = None  # So many a day.
    points: Count | None = None  # What one costs: whole points of the main wallet.
    per_order: PerOrder | None = None


class Draw(Strict):
    """`draws/<key>.json`: what can be won, how one takes part, and when it is told: at once, or at the close."""

    title: Text
    description: Text
    kind: Literal["at_close", "instant"]
    entry: Occasion
    tickets: Tickets
    tickets_per_member: Few = 100
    wins_per_member: Few = 1
    prizes: Annotated[tuple[Prize, ...], Field(min_length=1, max_length=PRIZES_MAX)]
