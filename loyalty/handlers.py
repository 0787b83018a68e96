"""What each kind of arrival does on the book. A new kind is a new line in the table at the end.

Facts are never refused for a limit or a policy: they earn less, and the receipt says so. Requests may be refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from loyalty import (
    absorbing,
    audit,
    benefits,
    claiming,
    consents,
    days,
    draws,
    effects,
    enrolment,
    entitlements,
    erasure,
    freezing,
    gatherings,
    holds,
    identities,
    limits,
    lives,
    merging,
    moments,
    orders,
    points,
    polls,
    pools,
    prices,
    profiles,
    steps,
    tiers,
    traits,
    transfers,
    transitions,
    unclaimed,
    undoing,
)
from loyalty.arrived import Arrived
from loyalty.events import (
    Behaviour,
    BenefitClaim,
    BenefitFulfil,
    BenefitGrant,
    BenefitRelease,
    BenefitReserve,
    BenefitRevoke,
    BenefitUse,
    ClockChange,
    ClockDraw,
    ClockDue,
    ClockGathering,
    ClockMoment,
    ClockReview,
    ClockSeat,
    CodeUndo,
    CodeVerify,
    ConsentSet,
    DrawEnter,
    GatheringAttend,
    GatheringCancel,
    GatheringMoveUp,
    GatheringSignUp,
    HoldCapture,
    HoldRelease,
    IdentityLink,
    IdentityUnlink,
    MemberAbsorbed,
    MemberChanged,
    MemberEnrolled,
    MemberErase,
    MemberFreeze,
    MembersMerge,
    MemberUnfreeze,
    OrderCancelled,
    OrderClaim,
    OrderClaimed,
    OrderPaid,
    OrderReturned,
    PointsAdjust,
    PointsConvert,
    PointsRedeem,
    PointsTransfer,
    PollVote,
    ProfileChanged,
    ProfileCompleted,
    WalletFreeze,
    WalletUnfreeze,
)
from loyalty.facts import Scene
from loyalty.points import Why
from loyalty.redeemed import burnt_on, paid_to
from loyalty.refusals import Refused
from loyalty.settling import settle
from loyalty.turn import Done, Turn
from models.codec import canonical
from models.control import Audit
from models.members import Personal
from models.points import Hold
from rules.effects import ConvertPoints, EarnPoints, Enrol
from rules.facts import WAITING, WANTED


class Waits(Exception):
    """The order has not come yet: the event waits for it."""


def order_paid(turn: Turn, one: Arrived, arrival: OrderPaid) -> None:
    """Record the order; let the ruleset decide what it earns; look whether it lifts the member."""
    orders.record(turn, arrival, one.body_hash, next(map(unclaimed.named, one.names), None))
    if turn.member_id < 0:
        return
    days.happened(turn, turn.day(turn.instant), arrival.kind)
    if arrival.total > 0:  # A zero order is recorded and earns nothing.
        steps.take(Scene(turn, arrival.kind, arrival))
    steps.follow(turn)
    steps.climb(turn)
    draws.of_order(turn, arrival)


def order_back(turn: Turn, one: Arrived, arrival: OrderReturned | OrderCancelled) -> None:
    """Take back what the order had brought."""
    ref = orders.ref_of(turn, arrival.shop, arrival.number)
    if ref is None or ref.order_id is None:
        raise Waits
    found = orders.find(turn, arrival)
    undoing.cancelled(turn, one, found)
    order = orders.give_back(turn, found, arrival, one.body_hash)
    if turn.member_id > 0:
        if limits.all_back(order):
            lives.undone(turn, order)
            draws.undone(turn, order)
        tiers.take_back(replace(turn, instant=turn.at, late=False), order)
        settle(turn, turn.at, steps.follow_up)  # What came back after its end is gone before a policy can use it.
        steps.follow_up(replace(turn, order_id=None))  # And what follows is not what the order had brought.


def member_enrolled(turn: Turn, one: Arrived, arrival: MemberEnrolled) -> None:
    """Make the member, and let the ruleset welcome it."""
    enrolment.enrol(turn, one.names, arrival.locale)
    unclaimed.claim_for(turn, one.names)
    completed = profiles.keep(turn, arrival, one.seal, completes=one.completes)
    steps.take(Scene(turn, arrival.kind, arrival))
    if completed:
        steps.take(Scene(turn, profiles.COMPLETED))
    steps.follow(turn)
    steps.climb(turn)


def wants_in(turn: Turn, one: Arrived) -> bool:
    """Whether a policy takes in an identity that nobody has; if so it is a member from here on."""
    scene = Scene(turn, WANTED, one.arrival, extra=unclaimed.weighed(turn, one))
    verdict = steps.judge(scene)
    if not any(isinstance(effect, Enrol) for effect in verdict.effects):
        return False
    if not verdict.read.keys().isdisjoint(WAITING):
        steps.keep(scene, verdict)
    enrolment.enrol(turn, one.names, "")
    unclaimed.claim_for(turn, one.names)
    steps.take(Scene(turn, "member.enrolled"))
    steps.follow(turn)
    return True


def profile_completed(turn: Turn, one: Arrived, arrival: ProfileCompleted) -> None:
    """Keep the profile, sealed; say that it is complete."""
    if one.seal is not None:
        turn.book.put(one.seal(turn.book.get(Personal, turn.member_id)))
    profiles.remember(turn, arrival.profile)
    turn.book.put(replace(turn.member, profile_complete=True))
    behaviour(turn, one, arrival)


def profile_changed(turn: Turn, one: Arrived, arrival: ProfileChanged) -> None:
    """Keep what was given, sealed; when that fills in the last of what counts, the profile is complete."""
    if profiles.keep(turn, arrival, one.seal, completes=one.completes):
        steps.take(Scene(turn, profiles.COMPLETED))
    steps.follow(turn)
    steps.climb(turn)


def member_changed(turn: Turn, one: Arrived, arrival: MemberChanged) -> None:
    """Keep what is said of the member now, and let the ruleset decide what comes of it."""
    traits.change(turn, arrival)
    steps.take(Scene(turn, arrival.kind, arrival))
    steps.follow(turn)
    steps.climb(turn)


def behaviour(turn: Turn, one: Arrived, arrival: Behaviour | ProfileCompleted) -> None:
    """Count it, and let the ruleset decide what it earns."""
    if isinstance(arrival, Behaviour) and arrival.type not in turn.programme.event_types:
        raise Refused("EVENT_TYPE_UNKNOWN", type=arrival.type, allowed=sorted(turn.programme.event_types))
    days.happened(turn, turn.day(turn.instant), arrival.kind)
    if isinstance(arrival, Behaviour):
        turn.doing = Done(arrival.type, turn.instant, arrival.payload)
    steps.take(Scene(turn, arrival.kind, arrival))
    steps.follow(turn)
    steps.climb(turn)


def points_redeem(turn: Turn, one: Arrived, arrival: PointsRedeem) -> None:
    """Sell a benefit for points, at once or held until captured."""
    price, uses = prices.price_of(turn, arrival)
    most = {"day": turn.programme.redemptions_per_day}
    transfers.use_caps(turn, "programme", "redeemed", 1, most, 1, "REDEMPTIONS_REACHED")
    burnt = burnt_on(arrival.shop, arrival.order_number) if arrival.order_number else None
    if burnt is not None:
        orders.must_stand(turn, burnt)
    if arrival.hold and not arrival.from_pool:
        turn.notes["hold"] = holds.reserve(turn, price, uses, burnt).id
        return
    partner = _partner(turn, arrival.benefit) or paid_to(turn, burnt)
    why = Why("redeemed", policy=price.policy, burnt_on=burnt, partner=partner)
    wallet = price.wallet or turn.programme.main_wallet
    if arrival.from_pool:
        entry = pools.pay(turn, arrival, wallet, price.points, why)
    else:
        entry = points.spend(turn, wallet, price.points, why)
    benefits.sell(turn, price, entry)
    steps.follow(turn)


def hold_capture(turn: Turn, one: Arrived, arrival: HoldCapture) -> None:
    """Spend what was held, and give what it was held for."""
    held = _open_hold(turn, arrival.hold_id)
    if held.burnt_on is not None:
        orders.must_stand(turn, held.burnt_on)
    holds.capture(turn, held)
    turn.notes["hold"] = held.id
    steps.follow(turn)


def hold_release(turn: Turn, one: Arrived, arrival: HoldRelease) -> None:
    """Give back what was held."""
    held = _open_hold(turn, arrival.hold_id)
    holds.release(turn, held)
    settle(turn, turn.at, steps.follow_up)  # What expired while it was held is gone before a policy can use it.
    turn.notes["hold"] = held.id
    steps.follow_up(turn)


def points_adjust(turn: Turn, one: Arrived, arrival: PointsAdjust) -> None:
    """Put a balance right: a credit lives as long as earned points do, a debit spends in the usual order."""
    wallet = turn.programme.wallets.get(arrival.wallet)
    if wallet is None:
        raise Refused("WALLET_UNKNOWN", wallet=arrival.wallet, allowed=sorted(turn.programme.wallets))
    note = canonical({"reason": arrival.reason, "by": one.subject})
    if arrival.points > 0:
        end = lives.end_now(turn, arrival.wallet, turn.instant)
        effect = EarnPoints("", arrival.wallet, arrival.points, None, turn.instant, end.expires_at, idle=end.idle)
        points.earn(turn, effect, reason="adjusted", debit="adjusted", note=note)
    else:
        points.spend(turn, arrival.wallet, -arrival.points, Why("adjusted", note=note), credit="adjusted")
    turn.book.put(_adjustment(turn, one, arrival))
    steps.follow_up(turn)


def _adjustment(turn: Turn, one: Arrived, arrival: PointsAdjust) -> Audit:
    """Who put right how much, and why: under the event's own number, which nothing else has."""
    by = {"wallet": arrival.wallet, "points": arrival.points, "event": turn.event_id}
    change = audit.Change(
        "points.adjust", f"member {turn.member_id}", turn.book.recorded_at, after=by, note=arrival.reason
    )
    return audit.row(turn.event_id, turn.book.programme_id, one.subject, change)


def points_convert(turn: Turn, one: Arrived, arrival: PointsConvert) -> None:
    """Conversions go on where another event had to leave off, with what is still there of the points."""
    for left in arrival.conversions:
        effects.convert_points(turn, ConvertPoints(left.policy, left.wallet, left.points, left.times, left.benefit))
    steps.follow(turn)


def code_verify(turn: Turn, one: Arrived, arrival: CodeVerify) -> None:
    """Look a code up for a till, and use it up if the till says so."""
    benefits.verify(turn, arrival.code, use=arrival.use, part=arrival.part)


def clock_due(turn: Turn, one: Arrived, arrival: ClockDue) -> None:
    """What fell due is settled before any event; there is nothing more to do."""


def clock_review(turn: Turn, one: Arrived, arrival: ClockReview) -> None:
    """Look at one ladder again."""
    turn.moved += tiers.review(turn, arrival.ladder)
    steps.follow(turn)


def clock_moment(turn: Turn, one: Arrived, arrival: ClockMoment) -> None:
    """Let the policies of a moment decide."""
    moments.ask(turn, arrival)


def _open_hold(turn: Turn, hold_id: int) -> Hold:
    held = turn.book.get(Hold, turn.member_id, hold_id)
    if held is None:
        raise Refused("NOT_FOUND")
    if held.state != "held":
        raise Refused("HOLD_CLOSED", state=held.state)
    return held


def _partner(turn: Turn, benefit: str) -> str | None:
    return benefits.benefit_of(turn, benefit).partner


Handler = Callable[[Turn, Arrived, Any], None]
HANDLERS: Final[Mapping[type, Handler]] = {
    OrderPaid: order_paid,
    OrderReturned: order_back,
    OrderCancelled: order_back,
    MemberEnrolled: member_enrolled,
    ProfileCompleted: profile_completed,
    ProfileChanged: profile_changed,
    MemberChanged: member_changed,
    ConsentSet: consents.agree,
    MemberErase: erasure.erase,
    Behaviour: behaviour,
    PointsRedeem: points_redeem,
    HoldCapture: hold_capture,
    HoldRelease: hold_release,
    PointsAdjust: points_adjust,
    PointsTransfer: transfers.transfer,
    **pools.HANDLERS,
    PointsConvert: points_convert,
    CodeVerify: code_verify,
    OrderClaim: claiming.claim,
    OrderClaimed: claiming.claimed,
    MembersMerge: merging.merge,
    MemberAbsorbed: absorbing.absorb,
    CodeUndo: undoing.code_undo,
    IdentityLink: identities.link,
    IdentityUnlink: identities.unlink,
    MemberFreeze: freezing.member_freeze,
    MemberUnfreeze: freezing.member_unfreeze,
    WalletFreeze: freezing.wallet_freeze,
    WalletUnfreeze: freezing.wallet_unfreeze,
    BenefitGrant: entitlements.grant,
    BenefitClaim: entitlements.claim,
    BenefitReserve: entitlements.reserve,
    BenefitRelease: entitlements.release,
    BenefitUse: entitlements.use,
    BenefitRevoke: entitlements.revoke,
    BenefitFulfil: entitlements.fulfil,
    ClockDue: clock_due,
    ClockReview: clock_review,
    ClockChange: lambda turn, _one, arrival: transitions.change(turn, arrival.ladder),
    ClockMoment: clock_moment,
    GatheringSignUp: gatherings.sign_up,
    GatheringCancel: gatherings.cancel,
    GatheringAttend: gatherings.attend,
    GatheringMoveUp: gatherings.move_up,
    ClockSeat: gatherings.move_up,
    ClockGathering: gatherings.end,
    DrawEnter: draws.enter,
    ClockDraw: draws.drawn,
    PollVote: polls.vote,
}

# Whoever is not a member yet may become one by buying; a request needs a member.
MAY_JOIN: Final = (OrderPaid, Behaviour)  # By which an identity that nobody has may be taken in.
MAY_BE_STRANGERS: Final = (OrderPaid, OrderReturned, OrderCancelled)
