"""Carrying out what a decision wishes for. A new effect is a new line in the table."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from loyalty import benefits, limits, outbox, points
from loyalty.points import Why
from loyalty.refusals import Refused
from loyalty.turn import Turn
from rules.decide import Verdict
from rules.effects import ConvertPoints, EarnPoints, IssueBenefit, SendMessage


def carry_out(turn: Turn, verdict: Verdict) -> None:
    """Do what was decided, in order, and count what it used up."""
    for effect in verdict.effects:
        handler = HANDLERS.get(type(effect))
        if handler is not None:
            handler(turn, effect)
    for used in verdict.uses:
        limits.use(turn, used.policy, used.limit, used.period_key, used.amount)
    for taken in verdict.takes:
        limits.take(turn, taken.counter, taken.amount)


def earn_points(turn: Turn, effect: EarnPoints) -> None:
    """Credit a lot."""
    points.earn(turn, effect)


def convert_points(turn: Turn, effect: ConvertPoints) -> None:
    """Take whole steps of points and give what they are worth."""
    total = effect.points * effect.times
    entry = points.spend(turn, effect.wallet, total, Why("converted", policy=effect.policy))
    for _ in range(effect.times if effect.benefit else 0):
        _issue(turn, effect.benefit or "", effect.policy, points=effect.points, transfer_id=entry.id)


def issue_benefit(turn: Turn, effect: IssueBenefit) -> None:
    """Give entitlements; what cannot be given is said, for what happened cannot be refused."""
    for _ in range(effect.count):
        _issue(turn, effect.benefit, effect.policy)


def send_message(turn: Turn, effect: SendMessage) -> None:
    """Put a message into the outbox, to be committed with the books."""
    outbox.put(turn, "message", {"template": effect.template, "params": dict(effect.params), "policy": effect.policy})


def _issue(turn: Turn, benefit: str, policy: str, **paid: Any) -> None:
    mark = turn.book.mark()
    try:
        benefits.issue(turn, benefit, policy=policy, **paid)
    except Refused as refusal:
        turn.book.undo(mark)
        turn.note("not_given", {"benefit": benefit, "policy": policy, "code": refusal.code})


Handler = Callable[[Turn, Any], None]
HANDLERS: Final[Mapping[type, Handler]] = {
    EarnPoints: earn_points,
    ConvertPoints: convert_points,
    IssueBenefit: issue_benefit,
    SendMessage: send_message,
}
