"""Carrying out what a decision wishes for. A new effect is a new line in the table."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from loyalty import benefits, frozen, limits, lives, outbox, points, reminders, tier_effects, traits, usage
from loyalty.points import Why
from loyalty.refusals import Refused
from loyalty.turn import Turn
from models.benefits import Entitlement, EntitlementMove
from models.limits import CounterMove, LimitMove
from models.table import changed
from rules.decide import Verdict
from rules.effects import (
    ConvertPoints,
    EarnPoints,
    ExpirePoints,
    ExtendTier,
    FreezeWallet,
    IssueBenefit,
    MaturePoints,
    MoveTier,
    ProtectTier,
    RaiseAlert,
    RedatePoints,
    RevokeBenefit,
    SendMessage,
    SetTrait,
    UpgradeBenefit,
)

CONVERSIONS_MAX: Final = 1_000  # Pieces one step gives; what there are more follow.
BESIDES: Final = 96  # Rows of each table that are left to what else an event does.
OF_PIECES: Final = (Entitlement, EntitlementMove, LimitMove, CounterMove)  # A piece makes a row of each, at most.


def carry_out(turn: Turn, verdict: Verdict) -> None:
    """Do what was decided, in order, and count what it used up: a policy that came to nothing uses up nothing, and one
    whose points the wallet had no room for uses up what was given.
    """
    done: set[str] = set()
    idle: set[str] = set()
    lost: dict[str, int] = {}
    for effect in verdict.effects:
        handler = HANDLERS.get(type(effect))
        came = handler is None or handler(turn, effect)
        (done if came else idle).add(effect.policy)
        if isinstance(effect, EarnPoints):
            lost[effect.policy] = lost.get(effect.policy, 0) + effect.points - int(came)
    nothing = idle - done
    for used in usage.used([one for one in verdict.uses if one.policy not in nothing], lost):
        limits.use(turn, used.policy, used.limit, used.period_key, used.amount)
    for taken in usage.taken([one for one in verdict.takes if one.policy not in nothing], lost):
        limits.take(turn, taken.counter, taken.amount)


def earn_points(turn: Turn, effect: EarnPoints) -> int:
    """Credit a lot, as far as there is room for it."""
    given = points.fitting(turn, effect.wallet, effect.points, effect.policy)
    if given:
        points.earn(turn, replace(effect, points=given))
    return given


def convert_points(turn: Turn, effect: ConvertPoints) -> bool:
    """Give what whole steps of points are worth, and take the points of what was given; what is too much now follows.

    How many steps are there is asked again: another policy may have taken the points this one was decided on.
    """
    if frozen.is_frozen(turn, effect.wallet):
        return False
    there = max(points.shown(points.wallet_of(turn, effect.wallet)), 0)
    most = min(effect.times, there // effect.points, points.ENTRY_MAX // effect.points)
    benefit = effect.benefit
    times = min(most, CONVERSIONS_MAX, _pieces_left(turn)) if benefit else most
    given = _pieces(turn, benefit, effect.policy, times, most, points=effect.points) if benefit else []
    if benefit and times < most and len(given) == times:
        turn.unfinished.append(replace(effect, times=effect.times - times))
    total = effect.points * (len(given) if benefit else times)
    if not total:
        return False
    entry = points.spend(turn, effect.wallet, total, Why("converted", policy=effect.policy))
    for row in given:
        turn.book.put(changed(row, transfer_id=entry.id))
    return True


def go_on(turn: Turn) -> bool:
    """Give what conversions have left, as far as this event may still make rows; whether there was anything to do."""
    if not turn.unfinished or not _pieces_left(turn):
        return False
    left = list(turn.unfinished)
    turn.unfinished.clear()
    for effect in left:
        convert_points(turn, effect)
    return True


def _pieces_left(turn: Turn) -> int:
    return max(0, min(turn.book.ids_left(kind) for kind in OF_PIECES) - BESIDES)


def issue_benefit(turn: Turn, effect: IssueBenefit) -> bool:
    """Give entitlements."""
    return bool(_pieces(turn, effect.benefit, effect.policy, effect.count, effect.count))


def revoke_benefit(turn: Turn, effect: RevokeBenefit) -> bool:
    """Take entitlements back."""
    return bool(benefits.withdraw(turn, effect.benefit, effect.count))


def upgrade_benefit(turn: Turn, effect: UpgradeBenefit) -> bool:
    """Replace an entitlement by a better one; where that cannot be given, all stays as it is, and it is said."""
    mark = turn.book.mark()
    try:
        return benefits.upgrade(turn, effect.benefit, effect.to, effect.policy) is not None
    except Refused as refusal:
        turn.book.undo(mark)
        turn.note("not_given", {"benefit": effect.to, "policy": effect.policy, "code": refusal.code})
        return False


def send_message(turn: Turn, effect: SendMessage) -> bool:
    """Put a message into the outbox, to be committed with the books."""
    body = {"template": effect.template, "params": dict(effect.params), "policy": effect.policy}
    body |= {"purpose": effect.purpose} if effect.purpose else {}
    if not reminders.of_policy(turn, effect.policy, body):
        outbox.put(turn, "message", body)
    return True


def set_trait(turn: Turn, effect: SetTrait) -> bool:
    """Say of the member that it has a tag or is in a segment, or no longer."""
    return traits.put(turn, effect.what, effect.name, True if effect.there else None, policy=effect.policy)


def freeze_wallet(turn: Turn, effect: FreezeWallet) -> bool:
    """Freeze a wallet when the event is over: what it had been asked for is done first."""
    turn.to_freeze[effect.wallet] = effect.policy
    return True


def raise_alert(turn: Turn, effect: RaiseAlert) -> bool:
    """Put an alert into the outbox, to be committed with the books."""
    body = {"severity": effect.severity, "text": dict(effect.text), "policy": effect.policy}
    outbox.put(turn, "alert.policy", body)
    return True


def _pieces(turn: Turn, benefit: str, policy: str, count: int, wanted: int, **paid: Any) -> list[Entitlement]:
    """As many pieces as there are; what cannot be given is said, for what happened cannot be refused."""
    given: list[Entitlement] = []
    for _ in range(count):
        mark = turn.book.mark()
        try:
            given.append(benefits.issue(turn, benefit, policy=policy, **paid))
        except Refused as refusal:
            turn.book.undo(mark)
            missing = {"times": wanted - len(given)} if wanted - len(given) > 1 else {}
            turn.note("not_given", {"benefit": benefit, "policy": policy, "code": refusal.code} | missing)
            break
    return given


Handler = Callable[[Turn, Any], int]  # Whether anything came of it, or of points how many.
HANDLERS: Final[Mapping[type, Handler]] = {
    EarnPoints: earn_points,
    ConvertPoints: convert_points,
    ExpirePoints: lives.expire,
    RedatePoints: lives.redate,
    MaturePoints: lives.mature,
    IssueBenefit: issue_benefit,
    RevokeBenefit: revoke_benefit,
    UpgradeBenefit: upgrade_benefit,
    SendMessage: send_message,
    SetTrait: set_trait,
    RaiseAlert: raise_alert,
    FreezeWallet: freeze_wallet,
    MoveTier: tier_effects.move_tier,
    ProtectTier: tier_effects.protect_tier,
    ExtendTier: tier_effects.extend_tier,
}
