"""Who may hand what in: scopes, shapes, and what the programme has declared. Nothing here writes."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from loyalty import arrivals as shapes
from loyalty.access import Caller, require
from loyalty.events import (
    CLOCKS,
    FACTS,
    Arrival,
    CodeVerify,
    HoldCapture,
    HoldRelease,
    OrderPaid,
    PointsAdjust,
    PointsRedeem,
    PointsTransfer,
    ProfileCompleted,
)
from loyalty.payloads import check_payload
from loyalty.refusals import Malformed
from loyalty.resolve import Sent
from loyalty.rulebook import Live

FUTURE: Final = timedelta(minutes=5)
NEEDS: Final[Mapping[type, str]] = {
    PointsRedeem: "points:redeem",
    HoldCapture: "points:redeem",
    HoldRelease: "points:redeem",
    PointsAdjust: "points:adjust",
    PointsTransfer: "points:adjust",
    CodeVerify: "partner:verify",
    **dict.fromkeys(CLOCKS, "clock"),
    **dict.fromkeys(FACTS, "events:write"),
}
# What a member may do with its own account.
BY_MEMBER: Final = (PointsRedeem, HoldCapture, HoldRelease, ProfileCompleted)


def admit(live: Live, caller: Caller, arrival: Arrival) -> None:
    """Whether this may come in at all: its scope, then `check`. Raises Forbidden or Malformed."""
    own = isinstance(arrival, BY_MEMBER) and "member" in caller.scopes and caller.member_id == arrival.member.id
    if not own:
        require(caller, NEEDS[type(arrival)])
    check(live, caller, arrival)


def check(live: Live, caller: Caller, arrival: Arrival) -> None:
    """Shape, shop, currency, and what the programme has declared. Raises Malformed."""
    if not isinstance(arrival, CLOCKS):
        shapes.validate(arrival)
    shop = getattr(arrival, "shop", None)
    declared = live.newest.ruleset.programme.shops
    if shop is not None and not isinstance(arrival, CLOCKS) and (shop not in declared or shop not in caller.shops):
        raise Malformed("SHOP_UNKNOWN", field="/shop", shop=shop, allowed=sorted(set(declared) & set(caller.shops)))
    currency = live.newest.ruleset.programme.currency
    if isinstance(arrival, OrderPaid) and arrival.currency != currency:
        raise Malformed("CURRENCY_RATE_MISSING", field="/currency", currency=arrival.currency, allowed=currency)
    check_payload(live, arrival)


def in_time(live: Live, item: Sent, at: datetime) -> None:
    """A fact lies at most 5 minutes ahead, and no further back than the programme's late days (imports excepted)."""
    occurred_at: datetime | None = getattr(item.arrival, "occurred_at", None)
    if occurred_at is None:
        return
    if occurred_at > at + FUTURE:
        raise Malformed("OCCURRED_IN_FUTURE", field="/occurred_at", most=int(FUTURE.total_seconds() // 60))
    days = live.newest.ruleset.programme.late_days
    if occurred_at < at - timedelta(days=days) and "events:import" not in item.caller.scopes:
        raise Malformed("TOO_LATE", field="/occurred_at", most=days)
