"""`gatherings/<key>.json`: an event with seats that members sign up for: a salon, a tasting, a seminar, a launch."""

from typing import Annotated, Literal

from pydantic import Field

from rules.occasions import Occasion
from rules.parts import Count, Moment, Strict, Text

SEATS_MAX = 1_000_000
GUESTS_MAX = 20
WAITING_MAX = 100_000


class WaitingList(Strict):
    """Whoever finds no seat can wait for one: so many at a time, first come, first served."""

    places: Annotated[int, Field(ge=1, le=WAITING_MAX)]


class Gathering(Strict):
    """`gatherings/<key>.json`: what it is, when and where, how many seats there are and who may have one."""

    title: Text
    description: Text
    kind: Literal["launch", "other", "salon", "seminar", "tasting"]
    place: Text
    starts: Moment
    ends: Moment
    seats: Annotated[int, Field(ge=1, le=SEATS_MAX)]
    guests: Annotated[int, Field(ge=0, le=GUESTS_MAX)] = 0  # Whom a member may bring; each takes a seat.
    points: Count | None = None  # What a place costs, whatever the number of guests: whole points of the main wallet.
    sign_up: Occasion
    cancel_until: Moment | None = None  # Until it starts, unless said.
    waiting_list: WaitingList | None = None
