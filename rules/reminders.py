"""What a programme reminds of by itself, with no policy that says so: points and benefits about to end."""

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from rules.moments import BENEFIT_ENDING, DAYS_BEFORE_MAX, MIDNIGHT, POINTS_ENDING, At, Moment, When
from rules.parts import Strict

if TYPE_CHECKING:
    from rules.programme import Programme

PURPOSE = "service"  # What reminders are for, where a policy says no other.
Before = Annotated[int, Field(ge=0, le=DAYS_BEFORE_MAX)]


class Reminder(Strict):
    """So many days before the last day, once for each of them."""

    days_before: Annotated[tuple[Before, ...], Field(min_length=1, max_length=10)]
    at: At = MIDNIGHT


class Reminders(Strict):
    """What is reminded of."""

    points: Reminder | None = None
    benefits: Reminder | None = None


def moments(programme: "Programme") -> Iterator[Moment]:
    """The moments at which a programme reminds: of points for each wallet that can be spent."""
    own = programme.reminders or Reminders()
    if own.points is not None:
        main = programme.main_wallet
        wallets = [None if key == main else key for key, wallet in programme.wallets.items() if wallet.spendable]
        for days, wallet in product(own.points.days_before, wallets):
            yield Moment(POINTS_ENDING, When(days_before=days, wallet=wallet, at=own.points.at))
    if own.benefits is not None:
        for days in own.benefits.days_before:
            yield Moment(BENEFIT_ENDING, When(days_before=days, at=own.benefits.at))
