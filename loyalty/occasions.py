"""Whether a member may take part in something now: the same for gatherings, draws and polls."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from loyalty import limits, points, steps
from loyalty.facts import Scene, lazy_facts
from loyalty.points import Why
from loyalty.refusals import Refused
from loyalty.turn import Turn
from models.points import Transfer
from rules import early
from rules.occasions import Occasion, closes_at
from rules.parts import Text

T = TypeVar("T")


def declared(documents: Mapping[str, T], key: str, code: str) -> T:
    """What the ruleset that decides declares under a key; a request for anything else is refused."""
    found = documents.get(key)
    if found is None:
        raise Refused(code, name=key, allowed=sorted(documents))
    return found


def now(turn: Turn) -> datetime:
    """The door's clock, or the member's where that is ahead: what is closed stays closed, however late an event."""
    return max(turn.instant, turn.book.recorded_at)


def opens_at(turn: Turn, path: str, own: Occasion) -> datetime:
    """From when on this member may take part: some come in before the public."""
    groups = turn.ruleset.early.get(path, ())
    asked = lazy_facts(Scene(turn, "read"))
    return early.opens(own, turn.ruleset.zone, lambda index: groups[index](asked))


def invited(turn: Turn, path: str) -> bool:
    """Whether the member is one of those it is for."""
    meets = turn.ruleset.available.get(path)
    return meets is None or bool(meets(lazy_facts(Scene(turn, "read"))))


def refusal(turn: Turn, path: str, own: Occasion, title: Text) -> Refused | None:
    """Why the member cannot take part now; None where it can."""
    said = dict(title.by_language())
    if now(turn) >= closes_at(own, turn.ruleset.zone):
        return Refused("ENTRY_CLOSED", title=said, at=local(turn, closes_at(own, turn.ruleset.zone)))
    if not invited(turn, path):
        return Refused("NOT_ELIGIBLE", benefit=path, title=said)
    opens = opens_at(turn, path, own)
    return Refused("ENTRY_NOT_OPEN", title=said, at=local(turn, opens)) if turn.instant < opens else None


def local(turn: Turn, at: datetime) -> str:
    """A moment as a person reads it, where the programme lives."""
    return f"{at.astimezone(turn.ruleset.zone):%Y-%m-%d %H:%M}"


def price_of(turn: Turn, whole: int | None) -> int:
    """What taking part costs, in the main wallet's units: whole points in a document."""
    return in_units(whole, turn.programme.wallets[turn.programme.main_wallet].scale)


def pay(turn: Turn, whole: int | None) -> Transfer | None:
    """Pay for taking part from the main wallet; None where it costs nothing."""
    price = price_of(turn, whole)
    return points.spend(turn, turn.programme.main_wallet, price, Why("redeemed")) if price else None


def in_units(points: int | None, scale: int) -> int:
    """Whole points in a wallet's own units; nothing where nothing is asked."""
    return int((points or 0) * 10**scale)


def noted(turn: Turn, counter: str) -> int:
    """What is left of a counter, kept with the event although nothing was taken: replay decides by the same number."""
    limits.take(turn, counter, 0)
    return limits.left(turn, counter)


def happened(turn: Turn, kind: str, **said: Any) -> None:
    """Let policies hear of it, and follow what comes of that."""
    steps.take(Scene(turn, kind, extra=said))
    steps.follow(turn)
    steps.climb(turn)
