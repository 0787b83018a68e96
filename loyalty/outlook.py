"""What lies ahead of a member: what the next level wants, what the next review does, and what can be had by now.

All of it is asked of the same ruleset that decides, with the same facts; nothing is written.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from loyalty import benefits, counters, eligible, limits, quotas, standings
from loyalty.events import MemberRef, PointsRedeem
from loyalty.facts import Scene, lazy_facts
from loyalty.points import shown
from loyalty.refusals import every_language
from loyalty.sources import Source, sells, sources
from loyalty.standings import rises_of
from loyalty.steps import judge, most_of
from loyalty.turn import Turn
from loyalty.views import Account
from models.database import Database
from models.limits import Counter
from models.tiers import Standing
from rules import calendar, explain
from rules.benefits import Benefit
from rules.effects import PriceRedemption
from rules.exact import MAGNITUDE_MAX
from rules.ladders import standard_met
from rules.tiers import Ladder, Level
from rules.ways import Way, ways

PER_MEMBER: Final = "times_per_member"


@dataclass(frozen=True, slots=True)
class Outlook:
    """Where a member stands on a ladder, and what is next."""

    key: str
    ladder: Ladder
    level: Level
    since: datetime
    next: Level | None
    missing: tuple[explain.Missing, ...]
    ways: tuple[Way, ...]  # How the next level can be reached, the cheapest first.
    by: datetime | None  # When what is gathered for the next level begins anew, or is looked at, where it is once.
    review_at: datetime | None
    valid_until: datetime | None
    protected_until: datetime | None
    rises_to: Level | None
    rises_at: datetime | None


@dataclass(frozen=True, slots=True)
class Price:
    """What one piece costs now: points, and money beside them. Amounts in minor units.

    `value` where there are several; with `upto` the first of all values up to that. `basket` is what must be in it.
    """

    wallet: str
    points: int
    value: int | None
    money: int | None = None
    upto: int | None = None
    basket: int | None = None


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a benefit can be had now; if not, why: a code with parameters, or a policy's own words by language."""

    state: str
    prices: tuple[Price, ...] = ()
    code: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    how: tuple[Source, ...] = ()  # How it is to be had, whether or not it can be now.


def outlook(account: Account, key: str) -> Outlook:
    """One ladder's outlook."""
    turn = account.turn
    ruleset, ladder = turn.ruleset, turn.ruleset.ladders[key]
    standing = turn.book.get(Standing, account.member.id, key)
    facts = lazy_facts(Scene(turn, "tier.changed"))
    rank = ladder.rank(standing.tier) if standing else 0
    if rank is None:  # The level is no more: the next event puts the member where the standards do.
        rank = standard_met(ruleset, key, facts)
    upper = ladder.levels[rank + 1] if rank + 1 < len(ladder.levels) else None
    missing = explain.missing(ruleset, key, rank + 1, facts) if upper else ()
    review_at = _review_at(turn, ladder, rank, standing)
    rise = next((one for one in rises_of(standing) if ladder.rank(one.tier) is not None), None) if standing else None
    return Outlook(
        key=key,
        ladder=ladder,
        level=ladder.levels[rank],
        since=standing.since if standing else account.member.joined_at,
        next=upper,
        missing=missing,
        ways=ways(ruleset.definitions.standards[key].reach[rank + 1], facts) if upper else (),
        by=_by(_begins_anew(turn, missing), review_at if ladder.upgrade == "at_reviews" else None),
        review_at=review_at,
        valid_until=standing.ends_at if standing else None,
        protected_until=_ahead(turn, standings.safe_until(turn, key, ladder, standing) if standing else None),
        rises_to=ladder.levels[ladder.rank(rise.tier) or 0] if rise else None,
        rises_at=rise.at if rise else None,
    )


def _review_at(turn: Turn, ladder: Ladder, rank: int, standing: Standing | None) -> datetime | None:
    """The member's own review, or everybody's."""
    if ladder.own_review_of(rank) is not None:
        return standing.review_at if standing else None
    every = ladder.review.every if ladder.review else None
    return calendar.next_period_start(every, turn.instant, turn.ruleset.zone) if every else None


def _by(*dates: datetime | None) -> datetime | None:
    """The first of the instants there are."""
    return min((at for at in dates if at is not None), default=None)


def _ahead(turn: Turn, at: datetime | None) -> datetime | None:
    """An instant that is still to come."""
    return at if at is not None and at > turn.instant else None


def _begins_anew(turn: Turn, missing: Iterable[explain.Missing]) -> datetime | None:
    """The first end of a running calendar period that something missing is counted over."""
    declared = [turn.programme.metrics.get(gap.of or gap.variable) for gap in missing]
    windows = [metric.over for metric in declared if metric is not None and metric.over is not None]
    running = [over.calendar for over in windows if over.calendar is not None and over.back == 0]
    ends = [calendar.next_period_start(every, turn.instant, turn.ruleset.zone) for every in running]
    return min(ends, default=None)


async def load_counters(db: Database, account: Account) -> None:
    """Bring what is left of stock and budgets into the account's book: prices and availability read it."""
    sql = "SELECT * FROM counters WHERE programme_id = $1"
    book = account.turn.book
    book.load(list(await db.read(Counter, sql, account.member.programme_id)))
    counters.bear(book, book.live, quotas.dated(account.turn.ruleset, [account.turn.instant]))


def availability(account: Account, key: str, benefit: Benefit) -> Availability:
    """Whether this member could have a benefit now, and if not, why; and how it is to be had. Counters must have been
    loaded.
    """
    turn = account.turn
    how = tuple(sources(turn.ruleset, key, benefit, frozenset(turn.book.live.paused)))
    found = _locked(account, key, benefit) or _none_left(turn, key, benefit) or _offered(account, key, benefit)
    return replace(found, how=how)


def _locked(account: Account, key: str, benefit: Benefit) -> Availability | None:
    """Not for this member, or not now."""
    turn = account.turn
    if account.member.status != "active":
        return Availability("LOCKED", code="frozen")
    facts = lazy_facts(Scene(turn, "points.redeem"))
    if not eligible.may(turn, key, facts):
        return Availability("LOCKED", code="not_for_you", params={"benefit": key})
    begins, ends = eligible.window(turn, key, benefit, facts)
    if begins is not None and turn.instant < begins:
        return Availability("LOCKED", code="not_open_yet", params={"at": eligible.local(turn, begins)})
    if ends is not None and turn.instant >= ends:
        return Availability("LOCKED", code="no_longer_open", params={"at": eligible.local(turn, ends)})
    return None


def _none_left(turn: Turn, key: str, benefit: Benefit) -> Availability | None:
    """All given, or this member has had its share."""
    if benefit.stock is not None and limits.left(turn, benefits.stock(key)) < 1:
        return Availability("SOLD_OUT", code="sold_out")
    used = limits.used(turn, f"benefits/{key}", PER_MEMBER, "")
    if benefit.per_member is not None and used >= benefit.per_member:
        return Availability("LIMIT_REACHED", code="limit_reached", params={"most": benefit.per_member})
    least = quotas.left(turn, key, benefit)
    if least is None or least[0] >= 1:
        return None
    params = {"most": least[1].most, "reason": every_language(f"quota.{least[1].word}")}
    return Availability("SOLD_OUT" if least[1].shared else "LIMIT_REACHED", code="quota_reached", params=params)


def _offered(account: Account, key: str, benefit: Benefit) -> Availability:
    """Held by standing, free to take, or sold."""
    if benefit.standing:
        return Availability("STANDING")
    if benefit.claim:
        return Availability("AVAILABLE")
    if not any(sells(rule.actions, key) for rule in account.turn.ruleset.rules.values()):
        return Availability("NOT_FOR_POINTS", code="not_for_points")
    return _priced(account, key)


def _priced(account: Account, key: str) -> Availability:
    turn = account.turn
    # Asked as with a basket that suffices: what a price wants of it is said with the price.
    wish = PointsRedeem("", MemberRef(id=account.member.id), key, basket=MAGNITUDE_MAX)
    verdict = judge(Scene(turn, "points.redeem", wish))
    if verdict.refused is not None:
        return Availability("LOCKED", code="policy", params={"reason": dict(verdict.refused.text)})
    main = turn.programme.main_wallet
    prices = tuple(
        Price(effect.wallet or main, effect.points, effect.value, effect.money, effect.upto, effect.basket)
        for effect in verdict.effects
        if isinstance(effect, PriceRedemption) and effect.benefit == key
    )
    if not prices:
        if (most := most_of(turn, verdict, key)) is not None:
            return Availability("LIMIT_REACHED", code="limit_reached", params={"most": most})
        return Availability("NOT_FOR_POINTS", code="not_for_points")
    free = [price for price in prices if account.wallet(price.wallet).frozen_at is None]
    if not free:
        return Availability("LOCKED", prices, "wallet_frozen", {"wallet": prices[0].wallet})
    lacking = [price.points - shown(account.wallet(price.wallet)) for price in prices]
    if min(lacking) > 0:
        cheapest = prices[lacking.index(min(lacking))]
        return Availability(
            "TOO_FEW_POINTS", prices, "too_few_points", {"missing": min(lacking), "wallet": cheapest.wallet}
        )
    return Availability("AVAILABLE", prices)
