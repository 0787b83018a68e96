"""What lies ahead of a member: what the next level wants, what the next review does, and what can be had by now.

All of it is asked of the same ruleset that decides, with the same facts; nothing is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from loyalty import benefits, limits
from loyalty.events import MemberRef, PointsRedeem
from loyalty.facts import Facts, Scene, lazy_facts
from loyalty.points import shown
from loyalty.steps import judge, most_of
from loyalty.views import Account
from models.database import Database
from models.limits import Counter
from models.tiers import Standing
from rules import calendar, explain
from rules.effects import PriceRedemption
from rules.ladders import demoted, standard_met
from rules.policy import Benefit, Ladder, Level

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
    review_at: datetime | None
    falls_to: Level | None


@dataclass(frozen=True, slots=True)
class Price:
    """What one piece costs now; `value` in minor units where the price has steps."""

    wallet: str
    points: int
    value: int | None


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a benefit can be had now; if not, why: a code with parameters, or a policy's own words by language."""

    state: str
    prices: tuple[Price, ...] = ()
    code: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


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
    zone = ZoneInfo(turn.programme.zone)
    review = calendar.next_period_start(ladder.review.every, turn.instant, zone) if ladder.review else None
    return Outlook(
        key=key,
        ladder=ladder,
        level=ladder.levels[rank],
        since=standing.since if standing else account.member.joined_at,
        next=upper,
        missing=explain.missing(ruleset, key, rank + 1, facts) if upper else (),
        review_at=review,
        falls_to=_falls_to(account, key, ladder, rank, facts),
    )


def _falls_to(account: Account, key: str, ladder: Ladder, rank: int, facts: Facts) -> Level | None:
    """Where a review held now would put the member, if below."""
    after = demoted(account.turn.ruleset, key, rank, facts)
    return ladder.levels[after] if after < rank else None


async def load_counters(db: Database, account: Account) -> None:
    """Bring what is left of stock and budgets into the account's book: prices and availability read it."""
    sql = "SELECT * FROM counters WHERE programme_id = $1"
    account.turn.book.load(list(await db.read(Counter, sql, account.member.programme_id)))


def availability(account: Account, key: str, benefit: Benefit) -> Availability:
    """Whether this member could redeem points for a benefit now, and if not, why. Counters must have been loaded."""
    turn = account.turn
    if account.member.status != "active":
        return Availability("LOCKED", code="frozen")
    available = turn.ruleset.available.get(key)
    if available is not None and not available(lazy_facts(Scene(turn, "points.redeem"))):
        return Availability("LOCKED", code="not_for_you", params={"benefit": key})
    if benefit.stock is not None and limits.left(turn, benefits.stock(key)) < 1:
        return Availability("SOLD_OUT", code="sold_out")
    used = limits.used(turn, f"benefits/{key}", PER_MEMBER, "")
    if benefit.per_member is not None and used >= benefit.per_member:
        return Availability("LIMIT_REACHED", code="limit_reached", params={"most": benefit.per_member})
    return _priced(account, key)


def _priced(account: Account, key: str) -> Availability:
    turn = account.turn
    wish = PointsRedeem("", MemberRef(id=account.member.id), key)
    verdict = judge(Scene(turn, "points.redeem", wish))
    if verdict.refused is not None:
        return Availability("LOCKED", code="policy", params={"reason": dict(verdict.refused.text)})
    main = turn.programme.main_wallet
    prices = tuple(
        Price(effect.wallet or main, effect.points, effect.value)
        for effect in verdict.effects
        if isinstance(effect, PriceRedemption) and effect.benefit == key
    )
    if not prices:
        if (most := most_of(turn, verdict, key)) is not None:
            return Availability("LIMIT_REACHED", code="limit_reached", params={"most": most})
        return Availability("NOT_FOR_POINTS", code="not_for_points")
    lacking = [price.points - shown(account.wallet(price.wallet)) for price in prices]
    if min(lacking) > 0:
        cheapest = prices[lacking.index(min(lacking))]
        return Availability(
            "TOO_FEW_POINTS", prices, "too_few_points", {"missing": min(lacking), "wallet": cheapest.wallet}
        )
    return Availability("AVAILABLE", prices)
