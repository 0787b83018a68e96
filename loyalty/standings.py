"""Standings as rows: moved with their terms, and always with the first instant at which something of them falls due.

What a standing has to come stands in it: the rises that are waiting, the ends and protections it was promised, with the
order or the instant behind each. So a return can take away what hung on it, and nothing else.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from loyalty.turn import Turn
from models.codec import Json, canonical, instant, instant_text, parse
from models.table import changed
from models.tiers import Standing, StandingMove
from rules import calendar, transitions
from rules.ladders import next_review, valid_until
from rules.tiers import Ladder

PROMISES_MAX: Final = 40  # Of more, the oldest stand for good.
FALLS: Final = ("review", "ended")  # Why one falls, where no policy and no return is the reason.
LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
FORMER: Final = ("since", "review_at", "demoted_at")
Kind = Literal["ends", "protects"]
COLUMN: Final[dict[Kind, str]] = {"ends": "ends_at", "protects": "protected_at"}


@dataclass(frozen=True, slots=True)
class Change:
    """A move from tier to tier, or a review with what came of it, for the policies that listen to it."""

    ladder: str
    tier_from: str
    tier_to: str
    up: bool
    kind: str = "tier.changed"

    @property
    def direction(self) -> str:
        """Up, down, or neither."""
        if self.tier_from == self.tier_to:
            return "same"
        return "up" if self.up else "down"


@dataclass(frozen=True, slots=True)
class Rise:
    """A higher level whose standard has been met since an instant, and that is given at a later one."""

    tier: str
    since: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Promise:
    """Until when a standing is valid, or protected; with what it hangs on: the standard kept at `since`, an order."""

    until: datetime
    since: datetime | None = None
    order: int | None = None


def rises_of(standing: Standing) -> list[Rise]:
    """The rises that are waiting, the first to come first."""
    rows = parse(standing.rises) if standing.rises else []
    return [Rise(tier, instant(since), instant(at)) for tier, since, at in rows]


def with_rises(standing: Standing, rises: list[Rise]) -> Standing:
    """The standing with other rises waiting."""
    rows = [[one.tier, instant_text(one.since), instant_text(one.at)] for one in sorted(rises, key=lambda one: one.at)]
    return changed(standing, rises=canonical(rows) if rows else None)


def promises(standing: Standing, kind: Kind) -> list[Promise]:
    """What a standing was promised, in the order it was; one that hangs on nothing is said by its date alone."""
    rows = parse(standing.promises).get(kind) if standing.promises else None
    if rows:
        return [Promise(instant(until), instant(since) if since else None, order) for until, since, order in rows]
    own = getattr(standing, COLUMN[kind])
    return [Promise(own)] if own is not None else []


def promised(standing: Standing, kind: Kind, kept: list[Promise]) -> Standing:
    """The standing with the latest of these; without any it has none."""
    if len(kept) > PROMISES_MAX:
        oldest = kept[: len(kept) - PROMISES_MAX + 1]
        kept = [Promise(max(one.until for one in oldest)), *kept[len(oldest) :]]
    told = parse(standing.promises) if standing.promises else {}
    told.pop(kind, None)
    if len(kept) > 1 or any(one.since or one.order for one in kept):
        told[kind] = _rows(kept)
    last = max((one.until for one in kept), default=None)
    return changed(standing, promises=canonical(told) if told else None, **{COLUMN[kind]: last})


def end_due(standing: Standing) -> datetime | None:
    """When the end of a standing is looked at: not before a protection is over."""
    if standing.ends_at is None:
        return None
    return max(standing.ends_at, standing.protected_at or standing.ends_at)


def due_of(standing: Standing) -> datetime | None:
    """The first instant at which something of a standing falls due."""
    dues = [end_due(standing), standing.review_at, *(one.at for one in rises_of(standing))]
    return min((due for due in dues if due is not None), default=None)


def put(turn: Turn, standing: Standing) -> Standing:
    """Write a standing, with its due instant as it follows from the rest."""
    return turn.book.put(changed(standing, due_at=due_of(standing)))


def find(turn: Turn, key: str, ladder: Ladder) -> Standing:
    """Where the member stands on the ladder in force: levels that come or go shift ranks, and move nobody."""
    found = turn.book.get(Standing, turn.member_id, key)
    if found is None:  # The ladder is younger than the member.
        move(turn, key, ladder, 0, "enrolled")
        return turn.book.need(Standing, turn.member_id, key)
    rank = ladder.rank(found.tier)
    return found if rank in (None, found.rank) else put(turn, changed(found, rank=rank))


def end_from_now(turn: Turn, ladder: Ladder, rank: int, *, closing: bool = False) -> datetime | None:
    """Until when a standing on a level is valid that counts from this turn; `closing`: from the day that has ended."""
    status, zone = ladder.status_of(rank), turn.ruleset.zone
    if status is None:
        return None
    if closing and (found := valid_until(status, turn.instant, zone, closing=True)) > turn.at:
        return found
    return valid_until(status, turn.at, zone)


def end_counted(turn: Turn, ladder: Ladder, standing: Standing) -> datetime | None:
    """Until when a standing is valid that had no end: from when it was reached, or, if that is past, from now."""
    status = ladder.status_of(standing.rank)
    if status is not None and (found := valid_until(status, standing.since, turn.ruleset.zone)) > turn.at:
        return found
    return end_from_now(turn, ladder, standing.rank)


def review_from(turn: Turn, ladder: Ladder, rank: int, since: datetime) -> datetime | None:
    """The next review of the member's own, on a level that was reached at `since`."""
    review = ladder.own_review_of(rank)
    if review is None:
        return None
    base = turn.member.joined_at if review.start == "joined" else since
    return next_review(review, base, turn.at, turn.ruleset.zone)


def free_from(turn: Turn, key: str, ladder: Ladder, standing: Standing) -> datetime:
    """From when on the member may fall: after a protection, and not more often than the ladder allows."""
    protected = safe_until(turn, key, ladder, standing)
    limit = ladder.demotion.at_most if ladder.demotion else None
    if limit is None or standing.demoted_at is None:
        return protected
    fell = [standing.demoted_at]
    if limit.times > 1:
        moves = (row for row in turn.book.of(StandingMove, turn.member_id) if row.ladder == key)
        fell = sorted((row.at for row in moves if row.reason in FALLS), reverse=True)
    if len(fell) < limit.times:
        return protected
    return max(protected, calendar.months_later(fell[limit.times - 1], limit.months, turn.ruleset.zone))


def safe_until(turn: Turn, key: str, ladder: Ladder, standing: Standing) -> datetime:
    """Until when nothing takes the member down: a protection, or a change of the ladder whose grace is not over."""
    held = transitions.held_until(ladder, key, standing.tier, turn.who, turn.ruleset.zone)
    return max(standing.protected_at or LONG_AGO, held or LONG_AGO)


def move(
    turn: Turn, key: str, ladder: Ladder, rank: int, reason: str, *, reverses: int | None = None, closing: bool = False
) -> Change:
    """Put the member on a level, with that level's terms, and keep what they were before."""
    before = turn.book.get(Standing, turn.member_id, key)
    step = _step(turn, key, ladder.levels[rank].key, reason, before, reverses)
    standing = _moved(turn, ladder, before, step, rank)
    if before is not None and reason == "lapsed" and before.rank == rank:  # Another name for the same level.
        standing = promised(changed(standing, review_at=before.review_at), "ends", promises(before, "ends"))
    else:
        end = end_from_now(turn, ladder, rank, closing=closing)
        review = review_from(turn, ladder, rank, turn.at)
        demoted = turn.at if reason in FALLS else standing.demoted_at
        standing = changed(standing, review_at=review, demoted_at=demoted)
        standing = promised(standing, "ends", [Promise(end)] if end else [])
    put(turn, standing)
    if before is None:
        return Change(key, standing.tier, standing.tier, up=False)
    turn.note("tiers", {"ladder": key, "from": before.tier, "to": standing.tier})
    return Change(key, before.tier, standing.tier, up=rank > before.rank)


def risen_in_year(turn: Turn, change: Change) -> int:
    """How many levels a member stands higher, after a change, than twelve months before it, or than where it began."""
    ladder = turn.ruleset.ladders[change.ladder]
    moves = [row for row in turn.book.of(StandingMove, turn.member_id) if row.ladder == change.ladder]
    ago = calendar.months_later(turn.at, -12, turn.ruleset.zone)
    before = [row for row in moves if row.at <= ago]
    first = min(moves, key=lambda row: (row.position, row.id), default=None)
    then = max(before, key=lambda row: (row.position, row.id), default=first)
    stood = ladder.rank(then.tier_to) if then is not None else 0
    return max(0, (ladder.rank(change.tier_to) or 0) - (stood or 0))


def restored(turn: Turn, key: str, former: Json) -> None:
    """Give a standing back the dates it had before a rise that never was."""
    standing = turn.book.need(Standing, turn.member_id, key)
    terms: dict[str, Any] = parse(former)
    dates = {name: instant(terms[name]) if terms[name] else None for name in FORMER}
    ends = [Promise(instant(until), instant(since) if since else None, order) for until, since, order in terms["ends"]]
    put(turn, promised(changed(standing, **dates), "ends", ends))


def _step(turn: Turn, key: str, tier: str, reason: str, before: Standing | None, reverses: int | None) -> StandingMove:
    return turn.book.put(
        StandingMove(
            programme_id=turn.book.programme_id,
            member_id=turn.member_id,
            id=turn.book.new_id(StandingMove),
            event_id=turn.event_id,
            position=turn.position,
            ladder=key,
            tier_from=before.tier if before else None,
            tier_to=tier,
            at=turn.at,
            reason=reason,
            version=turn.version,
            order_id=turn.order_id,
            reverses=reverses,
            former=_former(before) if before else None,
        )
    )


def _former(standing: Standing) -> Json:
    dates = {name: at and instant_text(at) for name in FORMER for at in [getattr(standing, name)]}
    return canonical({**dates, "ends": _rows(promises(standing, "ends"))})


def _rows(kept: list[Promise]) -> list[list[Any]]:
    return [[instant_text(one.until), one.since and instant_text(one.since), one.order] for one in kept]


def _moved(turn: Turn, ladder: Ladder, before: Standing | None, step: StandingMove, rank: int) -> Standing:
    """The standing after a move, before it has its terms; rises to what lies higher go on waiting."""
    standing = Standing(
        programme_id=turn.book.programme_id,
        member_id=turn.member_id,
        id=before.id if before else turn.book.new_id(Standing),
        ladder=step.ladder,
        tier=step.tier_to,
        rank=rank,
        since=turn.at,
        move_id=step.id,
        reviewed_at=before.reviewed_at if before else None,
        demoted_at=before.demoted_at if before else None,
    )
    if before is None:
        return standing
    waiting = [one for one in rises_of(before) if (ladder.rank(one.tier) or 0) > rank]
    return promised(with_rises(standing, waiting), "protects", promises(before, "protects"))
