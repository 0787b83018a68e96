"""Who may hand what in: scopes, shapes, and what the programme has declared. Nothing here writes."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from loyalty import arrivals
from loyalty.access import Caller, require
from loyalty.changes import check_change
from loyalty.consents import check_consent
from loyalty.events import (
    CLOCKS,
    FACTS,
    FREEZES,
    LINKS,
    POOL_REQUESTS,
    Arrival,
    Behaviour,
    BenefitClaim,
    BenefitFulfil,
    BenefitGrant,
    BenefitRelease,
    BenefitReserve,
    BenefitRevoke,
    BenefitUse,
    CodeUndo,
    CodeVerify,
    ConsentSet,
    DrawEnter,
    GatheringCancel,
    GatheringSignUp,
    HoldCapture,
    HoldRelease,
    MemberChanged,
    MemberErase,
    MembersMerge,
    OrderCancelled,
    OrderClaim,
    OrderPaid,
    PointsAdjust,
    PointsRedeem,
    PointsTransfer,
    PollVote,
    ProfileChanged,
    ProfileCompleted,
    occasions,
)
from loyalty.payloads import check_payload
from loyalty.profiles import PROFILED, check_profile
from loyalty.refusals import Malformed
from loyalty.rulebook import Live
from rules.programme import Programme
from rules.ruleset import Ruleset

FUTURE: Final = timedelta(minutes=5)
NEEDS: Final[Mapping[type, str]] = {
    PointsRedeem: "points:redeem",
    HoldCapture: "points:redeem",
    HoldRelease: "points:redeem",
    PointsAdjust: "points:adjust",
    PointsTransfer: "points:adjust",
    CodeVerify: "codes:verify",
    CodeUndo: "codes:verify",
    **dict.fromkeys(FREEZES, "members:freeze"),
    **dict.fromkeys(LINKS, "members:identify"),
    **dict.fromkeys(POOL_REQUESTS, "points:redeem"),
    **dict.fromkeys((BenefitGrant, BenefitRevoke, BenefitFulfil), "benefits:grant"),
    **dict.fromkeys((BenefitClaim, BenefitReserve, BenefitRelease, BenefitUse), "benefits:use"),
    **dict.fromkeys(occasions.REQUESTS, "gatherings:host"),
    MembersMerge: "members:merge",
    OrderClaim: "events:write",
    **dict.fromkeys(CLOCKS, "clock"),
    **dict.fromkeys(FACTS, "events:write"),
    MemberChanged: "members:write",
    ProfileChanged: "members:write",
    ConsentSet: "members:write",
    MemberErase: "members:erase",
}
OF_PARTNER: Final[Mapping[type, str]] = {
    CodeVerify: "partner:verify",
    CodeUndo: "partner:verify",
    OrderPaid: "partner:report",
    OrderCancelled: "partner:report",
}
# What a member may do with its own account.
BY_MEMBER: Final = (
    OrderClaim,
    PointsRedeem,
    HoldCapture,
    HoldRelease,
    PointsTransfer,
    ProfileCompleted,
    ProfileChanged,
    MemberChanged,
    *POOL_REQUESTS,
    BenefitClaim,
    BenefitReserve,
    BenefitRelease,
    GatheringSignUp,
    GatheringCancel,
    DrawEnter,
    PollVote,
    ConsentSet,
    MemberErase,
)


def admit(caller: Caller, arrival: Arrival) -> None:
    """Whether this may be handed in at all: its scope, then its shape. Raises Forbidden or Malformed."""
    own = isinstance(arrival, BY_MEMBER) and "member" in caller.scopes and caller.member_id == arrival.member.id
    if own and isinstance(arrival, MemberChanged) and not arrivals.only_consents(arrival):
        own = False  # What others say of a member is not the member's to change.
    if own and isinstance(arrival, OrderClaim) and arrival.vouched:
        own = False  # Nobody vouches for itself.
    if not own:
        require(caller, _needed(caller, arrival))
    if not isinstance(arrival, CLOCKS):
        arrivals.validate(arrival)


def _needed(caller: Caller, arrival: Arrival) -> str:
    """A partner shows codes of its own benefits and reports orders of its own shops; the house anybody's."""
    return (OF_PARTNER if caller.partner is not None else NEEDS).get(type(arrival), NEEDS[type(arrival)])


def declared(live: Live, caller: Caller, arrival: Arrival, at: datetime) -> None:
    """Shop, currency, type and payload, as the programme has declared them by now. Raises Malformed.

    What was published and is not live yet says nothing here; a type is asked for as of the day it happened.
    """
    if isinstance(arrival, CLOCKS):
        return
    programme = live.at(at).ruleset.programme
    if (shop := _shop(arrival)) is not None:
        allowed = _shops_of(live.at(at).ruleset, caller)
        if shop not in allowed:
            raise Malformed("SHOP_UNKNOWN", field="/shop", shop=shop, allowed=sorted(allowed))
    if isinstance(arrival, OrderPaid) and arrival.currency != programme.currency:
        params = {"currency": arrival.currency, "allowed": programme.currency}
        raise Malformed("CURRENCY_RATE_MISSING", field="/currency", **params)
    if isinstance(arrival, Behaviour):
        check_payload(live.at(min(arrival.occurred_at, at)).ruleset.programme, arrival)
    if isinstance(arrival, PointsTransfer) and caller.member_id is not None:
        _transferable(programme, arrival)
    if isinstance(arrival, PROFILED):
        check_profile(live.at(min(arrival.occurred_at, at)).ruleset.programme, arrival)
    if isinstance(arrival, ConsentSet):
        then = live.at(min(arrival.occurred_at, at)).ruleset.programme
        check_consent(then, arrival, own=caller.member_id is not None)
    if isinstance(arrival, MemberChanged):
        check_change(live.at(min(arrival.occurred_at, at)).ruleset, arrival)


def _transferable(programme: Programme, arrival: PointsTransfer) -> None:
    """A member sends its own points only where the wallet says that members may."""
    wallet = programme.wallets.get(arrival.wallet)
    if wallet is not None and wallet.spendable and wallet.transfers is None:
        title = dict(wallet.title.by_language())
        raise Malformed("TRANSFER_NOT_ALLOWED", field="/wallet", wallet=arrival.wallet, title=title)


def _shops_of(ruleset: Ruleset, caller: Caller) -> set[str]:
    """The shops a caller may speak for; a partner's key for the partner's own and no others."""
    shops = set(ruleset.programme.shops)
    if caller.member_id is not None:
        return shops
    if caller.partner is not None:
        own = ruleset.partners.get(caller.partner)
        return set(own.shops if own else ()) & set(caller.shops)
    return shops & set(caller.shops)


def _shop(arrival: Arrival) -> str | None:
    """The shop an arrival speaks of: a redemption does so only where it names an order."""
    if isinstance(arrival, PointsRedeem | BenefitUse) and arrival.order_number is None:
        return None
    return getattr(arrival, "shop", None)


def in_time(live: Live, caller: Caller, arrival: Arrival, at: datetime) -> None:
    """A fact lies at most 5 minutes ahead, and no further back than the programme's late days (imports excepted)."""
    occurred_at: datetime | None = getattr(arrival, "occurred_at", None)
    if occurred_at is None:
        return
    if occurred_at > at + FUTURE:
        raise Malformed("OCCURRED_IN_FUTURE", field="/occurred_at", most=int(FUTURE.total_seconds() // 60))
    days = live.at(at).ruleset.programme.late_days
    if occurred_at < at - timedelta(days=days) and "events:import" not in caller.scopes:
        raise Malformed("TOO_LATE", field="/occurred_at", most=days)
