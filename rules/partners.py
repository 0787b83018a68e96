"""`partners/<key>.json`: a brand that shares the programme: its shops, what it pays, what it may learn.

A partner learns of a member only what the member consented to by every purpose named here. Rates are exact decimals of
the programme's currency: for one point of the main wallet, and for one use of a benefit.
"""

from typing import Annotated

from pydantic import Field

from rules.parts import Exact, Key, OneOf, Positive, Purpose, Strict, Text

SHARING = "partner_sharing"
CLOSES_AFTER = 5  # Days after a month's end: by then what was under way at its end has long been recorded.
Rate = Annotated[Exact, Field(ge=0)]


class CancelWindow(OneOf):
    """How long after it happened a partner may take a purchase, or a use of a code, back by itself."""

    minutes: Annotated[int, Field(ge=1, le=525_600)] | None = None
    hours: Annotated[int, Field(ge=1, le=8_760)] | None = None
    days: Annotated[int, Field(ge=1, le=365)] | None = None


class Settles(Strict):
    """What is paid for what: `earned` by the partner for each point its shops gave, the others to the partner."""

    earned: Rate | None = None
    burnt: Rate | None = None
    used: Annotated[dict[Key, Rate], Field(max_length=500)] = Field(default_factory=dict)


class Partner(Strict):
    """`partners/<key>.json`: a brand that shares the programme."""

    title: Text
    shops: Annotated[tuple[Key, ...], Field(max_length=100)] = ()
    earn_rate: Positive | None = None  # Points for one unit of the currency, for policies that look it up.
    consents: Annotated[tuple[Purpose, ...], Field(min_length=1, max_length=20)] = (SHARING,)
    cancel_window: CancelWindow | None = None
    settles: Settles = Field(default_factory=Settles)
    closes_after_days: Annotated[int, Field(ge=1, le=27)] = CLOSES_AFTER
