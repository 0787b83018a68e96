"""Carrying out what a decision wishes for. A new effect is a new line in the table."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from loyalty import benefits, limits, outbox, points
from loyalty.points import Why
from loyalty.refusals import Refused
from loyalty.turn import Turn
from models.benefits import Entitlement
from models.table import changed
from rules.decide import Verdict
from rules.effects import ConvertPoints, EarnPoints, IssueBenefit, SendMessage

CONVERSIONS_MAX: Final = 100  # Pieces one conversion gives; the points of more stay, and are for the next one.


def carry_out(turn: Turn, verdict: Verdict) -> None:
    """Do what was decided, in order, and count what it used up: a policy that came to nothing uses up nothing."""
    done: set[str] = set()
    idle: set[str] = set()
    for effect in verdict.effects:
        handler = HANDLERS.get(type(effect))
        came = handler is None or handler(turn, effect)
        (done if came else idle).add(effect.policy)
    for used in verdict.uses:
        if used.policy in done or used.policy not in idle:
            limits.use(turn, used.policy, used.limit, used.period_key, used.amount)
    for taken in verdict.takes:
        limits.take(turn, taken.counter, taken.amount)


def earn_points(turn: Turn, effect: EarnPoints) -> bool:
    """Credit a lot."""
    points.earn(turn, effect)
    return True


def convert_points(turn: Turn, effect: ConvertPoints) -> bool:
    """Give what whole steps of points are worth, and take the points of what was given.

    How many steps are there is asked again: another policy may have taken the points this one was decided on.
    """
    there = max(points.shown(points.wallet_of(turn, effect.wallet)), 0)
    most = min(effect.times, there // effect.points, points.ENTRY_MAX // effect.points)
    benefit = effect.benefit
    times = min(most, CONVERSIONS_MAX) if benefit else most
    given = _pieces(turn, benefit, effect.policy, times, points=effect.points) if benefit else []
    total = effect.points * (len(given) if benefit else times)
    if not total:
        return False
    entry = points.spend(turn, effect.wallet, total, Why("converted", policy=effect.policy))
    for row in given:
        turn.book.put(changed(row, transfer_id=entry.id))
    return True


def issue_benefit(turn: Turn, effect: IssueBenefit) -> bool:
    """Give entitlements."""
    return bool(_pieces(turn, effect.benefit, effect.policy, effect.count))


def send_message(turn: Turn, effect: SendMessage) -> bool:
    """Put a message into the outbox, to be committed with the books."""
    outbox.put(turn, "message", {"template": effect.template, "params": dict(effect.params), "policy": effect.policy})
    return True


def _pieces(turn: Turn, benefit: str, policy: str, count: int, **paid: Any) -> list[Entitlement]:
    """As many pieces as there are; what cannot be given is said, for what happened cannot be refused."""
    given: list[Entitlement] = []
    for _ in range(count):
        mark = turn.book.mark()
        try:
            given.append(benefits.issue(turn, benefit, policy=policy, **paid))
        except Refused as refusal:
            turn.book.undo(mark)
            missing = {"times": count - len(given)} if count - len(given) > 1 else {}
            turn.note("not_given", {"benefit": benefit, "policy": policy, "code": refusal.code} | missing)
            break
    return given


Handler = Callable[[Turn, Any], bool]  # Whether anything came of it.
HANDLERS: Final[Mapping[type, Handler]] = {
    EarnPoints: earn_points,
    ConvertPoints: convert_points,
    IssueBenefit: issue_benefit,
    SendMessage: send_message,
}
