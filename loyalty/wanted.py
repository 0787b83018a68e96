"""What the events of a batch point at: members, orders, holds, codes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from loyalty.arrived import Arrived
from loyalty.events import (
    BenefitFulfil,
    BenefitRelease,
    BenefitReserve,
    BenefitRevoke,
    BenefitUse,
    ClockClose,
    CodeUndo,
    HoldCapture,
    HoldRelease,
    IdentityLink,
    MembersMerge,
    OrderCancelled,
    OrderClaim,
    OrderPaid,
    OrderReturned,
)
from models.orders import Order

OF_PIECE: Final = (BenefitReserve, BenefitRelease, BenefitUse, BenefitRevoke, BenefitFulfil)
CLAIMING: Final = (OrderClaim, IdentityLink)  # What may bring an order that was paid long ago.
BACK: Final = (OrderReturned, OrderCancelled)


@dataclass(slots=True)
class Wanted:
    """What the events of a batch point at."""

    members: list[int]
    late: bool = False  # Some event is behind its member's clock: history is wanted.
    back: list[Order] = field(default_factory=list)
    holds: list[int] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    pieces: list[int] = field(default_factory=list)  # Entitlements, by id.
    uses: list[int] = field(default_factory=list)  # Events that used a code.
    whole: bool = False  # All days and all periods: an earlier attempt reached further back than the events had said.


def wanted_by(arrived: Sequence[Arrived], clocks: dict[int, datetime], codes: Iterable[str]) -> Wanted:
    """What these events point at, given the clocks of their members."""
    return Wanted(
        members=sorted(clocks),
        late=any(
            isinstance(one.arrival, CLAIMING) or one.instant < clocks[one.holder]
            for one in arrived
            if one.holder in clocks
        ),
        holds=[one.arrival.hold_id for one in arrived if isinstance(one.arrival, HoldCapture | HoldRelease)],
        codes=list(codes),
        pieces=sorted({one.arrival.entitlement_id for one in arrived if isinstance(one.arrival, OF_PIECE)}),
        whole=any(isinstance(one.arrival, (MembersMerge, *CLAIMING)) for one in arrived),
        uses=[one.arrival.event_id for one in arrived if isinstance(one.arrival, CodeUndo)],
    )


def numbers_of(arrived: Iterable[Arrived]) -> list[tuple[str, str]]:
    """The order numbers a batch is about."""
    kinds = (OrderPaid, *BACK, ClockClose)
    return [named(one) for one in arrived if isinstance(one.arrival, kinds)]


def named(one: Arrived) -> tuple[str, str]:
    """The order an arrival is about: shop and number."""
    arrival: Any = one.arrival
    return (arrival.shop, arrival.number)
