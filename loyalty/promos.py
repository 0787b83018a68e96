"""Promo codes: words shared by many, each of which brings a benefit.

They are looked up by a digest, so that the time it takes says nothing of how near a guess was.
"""

from loyalty.refusals import Refused
from loyalty.turn import Turn
from rules import calendar
from rules.promos import Promo, digest


def find(turn: Turn, word: str) -> Promo:
    """What a word brings now; one that is unknown, not begun or over is refused."""
    found = turn.ruleset.promo_codes.get(digest(word))
    if found is None:
        raise Refused("CODE_UNKNOWN")
    zone, own = turn.ruleset.zone, found.promo
    if own.start is not None and turn.instant < calendar.from_instant(own.start, zone):
        raise Refused("CODE_UNKNOWN")  # Nobody is to learn of it before its day.
    if own.until is not None and turn.instant >= calendar.until_instant(own.until, zone):
        raise Refused("CODE_EXPIRED")
    return found
