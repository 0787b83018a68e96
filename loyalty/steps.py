"""One step of a turn: facts, decision, effects; and what follows from it for the same member, FOLLOW_UPS_MAX deep."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, Final

from loyalty import counters, effects, limits, outbox, sending, standings, tiers
from loyalty.book import IDS_PER_EVENT
from loyalty.facts import Scene, facts, line_facts
from loyalty.turn import Turn
from models.codec import canonical
from models.events import Decision
from rules import coarse, durations
from rules.actions import Price
from rules.decide import Outcome, Verdict, decide
from rules.facts import PERSONAL, RISEN

ENGINE: Final = 1  # Rises when the same documents and facts may come to another decision.
FOLLOW_UPS_MAX: Final = 5
CAPS: Final = ("limit:", "budget:")  # Why a policy gave less than it would have, or nothing.


def judge(scene: Scene) -> Verdict:
    """Ask the ruleset. Nothing changes."""
    turn = scene.turn
    needs = turn.ruleset.needs(scene.kind)
    by_line = {name for name in needs.variables if name.startswith("line_")}
    return decide(
        turn.ruleset,
        scene.kind,
        facts(scene, needs.variables - by_line),
        line_facts(scene) if by_line or needs.lines else [],
        at=turn.instant,
        usage=partial(limits.used, turn),
        paused=turn.book.live.paused,
        who=turn.who if turn.member_id > 0 else None,
    )


def take(scene: Scene) -> Verdict:
    """Decide one step, keep the decision, and carry it out."""
    verdict = judge(scene)
    do(scene, verdict)
    return verdict


def do(scene: Scene, verdict: Verdict) -> None:
    """Keep what was decided, and carry it out."""
    personal = not {*verdict.read, *scene.extra}.isdisjoint(PERSONAL)
    if verdict.outcomes or personal or counters.read_any(scene.turn.ruleset, verdict.read):
        keep(scene, verdict)
    for outcome in verdict.outcomes:
        if (outcome.because or "").startswith(CAPS):
            scene.turn.note("limited", _outcome(outcome, ("policy", "asked", "given", "because")))
    effects.carry_out(scene.turn, verdict)
    if verdict.refused is not None:
        refused = verdict.refused
        scene.turn.note("refused_by", {"policy": refused.policy, "text": dict(refused.text)})


def most_of(turn: Turn, verdict: Verdict, benefit: str) -> int | None:
    """How often a member may have a benefit by the policy that sells it, where that is what silenced it."""
    for outcome in verdict.outcomes:
        rule = turn.ruleset.rules[outcome.policy]
        sells = any(isinstance(one, Price) and one.benefit == benefit for one in rule.actions)
        if sells and not outcome.fired and (outcome.because or "").startswith("limit:"):
            return int(getattr(rule.policy.limits, (outcome.because or "").removeprefix("limit:")))
    return None


def keep(scene: Scene, verdict: Verdict) -> None:
    """Keep what the ruleset read that the event itself does not say, and what became of each policy."""
    turn = scene.turn
    recalled = turn.book.recall()  # In replay what was kept is kept as it is.
    number = turn.book.new_id(Decision)
    catalogue = turn.ruleset.definitions.catalogue.variables
    read = {
        name: _plain(value if name in recalled else coarse.kept(turn.ruleset, name, value))
        for name, value in verdict.read.items()
        if not catalogue[name].from_event
    }
    if scene.extra:
        read |= {name: _plain(value) for name, value in scene.extra.items()}
    turn.book.put(
        Decision(
            programme_id=turn.book.programme_id,
            member_id=turn.member_id,
            id=number,
            event_id=turn.event_id,
            step=number % IDS_PER_EVENT,
            kind=scene.kind,
            at=turn.instant,
            version=turn.version,
            revision=turn.book.live.revision,
            engine=ENGINE,
            read=canonical({"facts": read, "counted": dict(verdict.counted)}),
            outcome=canonical([_outcome(outcome) for outcome in verdict.outcomes]),
        )
    )


def follow(turn: Turn) -> None:
    """What follows for the same member is decided too, until nothing more comes of it."""
    if turn.is_pool:  # It has no policies, and no level.
        turn.fresh.clear()
        return
    sending.share(turn)
    for _ in range(FOLLOW_UPS_MAX):
        went_on, scenes = effects.go_on(turn), list(_waiting(turn))
        if not scenes and not went_on:
            return
        for scene in scenes:
            take(scene)
    dropped = [scene.kind for scene in _waiting(turn)]
    if dropped:
        outbox.put(turn, "alert.follow_ups", {"dropped": dropped, "most": FOLLOW_UPS_MAX})


def follow_up(turn: Turn) -> None:
    """What follows where only balances have changed: the ladders that read them are looked at too."""
    follow(turn)
    if turn.ruleset.balance_ladders and not turn.is_pool:
        climb(turn, turn.ruleset.balance_ladders)


def climb(turn: Turn, among: Collection[str] | None = None) -> None:
    """Look whether a higher tier is reached by now, and let follow what comes of it."""
    now = replace(turn, instant=turn.at, late=False)
    for _ in range(FOLLOW_UPS_MAX):
        turn.moved += tiers.evaluate(now, among)
        if not turn.moved and not turn.fresh:
            return
        follow(now)


def _waiting(turn: Turn) -> Iterable[Scene]:
    moved, fresh = list(turn.moved), set(turn.fresh)
    turn.moved.clear()
    turn.fresh.clear()
    for change in moved:
        extra: dict[str, Any] = {
            "tier_ladder": change.ladder,
            "tier_from": change.tier_from,
            "tier_to": change.tier_to,
            "tier_direction": change.direction,
        }
        if change.kind in turn.ruleset.kinds:
            if RISEN in turn.ruleset.needs(change.kind).variables:
                extra |= {RISEN: standings.risen_in_year(turn, change)}
            yield Scene(turn, change.kind, extra=extra)
    if fresh and "points.available" in turn.ruleset.kinds:
        yield Scene(turn, "points.available")


def _outcome(
    outcome: Outcome, names: Iterable[str] = ("policy", "fired", "asked", "given", "because")
) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(outcome, name)) is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, timedelta):
        return durations.written(value)
    return value.isoformat() if hasattr(value, "isoformat") else value
