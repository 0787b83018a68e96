"""What policies do to standings: move them, protect them, put their end off."""

from datetime import datetime

from loyalty import standings
from loyalty.standings import Promise, promised, promises, put
from loyalty.turn import Turn
from models.tiers import Standing
from rules import calendar
from rules.effects import ExtendTier, MoveTier, ProtectTier

YEARS_MAX = 100  # A standing is promised no further ahead, however often a policy does.


def move_tier(turn: Turn, effect: MoveTier) -> bool:
    """Put the member on the level, unless that is where it stands."""
    ladder = turn.ruleset.ladders[effect.ladder]
    rank, standing = ladder.rank(effect.tier), standings.find(turn, effect.ladder, ladder)
    if rank is None or standing.tier == effect.tier:
        return False
    turn.moved.append(standings.move(turn, effect.ladder, ladder, rank, "policy"))
    return True


def protect_tier(turn: Turn, effect: ProtectTier) -> bool:
    """Nothing takes the member down until then; a longer protection stays."""
    standing = _standing(turn, effect.ladder)
    until = _later(turn, turn.at, effect)
    if standing.protected_at is not None and until <= standing.protected_at:
        return False
    put(turn, promised(standing, "protects", [*promises(standing, "protects"), Promise(until, order=turn.order_id)]))
    return True


def extend_tier(turn: Turn, effect: ExtendTier) -> bool:
    """Put the end off; where there is none, there is nothing to put off."""
    standing = _standing(turn, effect.ladder)
    until = None if standing.ends_at is None else _later(turn, standing.ends_at, effect)
    if until is None or standing.ends_at is None or until <= standing.ends_at:
        return False
    put(turn, promised(standing, "ends", [*promises(standing, "ends"), Promise(until, order=turn.order_id)]))
    return True


def _standing(turn: Turn, key: str) -> Standing:
    return standings.find(turn, key, turn.ruleset.ladders[key])


def _later(turn: Turn, at: datetime, effect: ProtectTier | ExtendTier) -> datetime:
    zone = turn.ruleset.zone
    most = calendar.months_later(turn.at, 12 * YEARS_MAX, zone)
    return min(calendar.later(at, effect.span, zone), most)
