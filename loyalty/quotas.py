"""How many pieces of a benefit may be given, by period or offer: to each member a cap, to all a shared counter.

What is taken back unused does not count any more: it goes back to the period it was given in.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from loyalty import limits
from loyalty.refusals import Refused, every_language
from loyalty.turn import Turn
from rules import calendar
from rules.benefit_terms import PromoCode, Quota
from rules.benefits import Benefit
from rules.ruleset import Ruleset

PREFIX: Final = "quota:"
PROMO: Final = "promo:"


@dataclass(frozen=True, slots=True)
class Cap:
    """One quota at an instant: what it is called, in which period, how many, and whether all share it."""

    name: str
    period: str
    most: int
    shared: bool
    word: str  # How its time is said.

    def counter(self, key: str) -> str:
        """The shared counter of a benefit's cap."""
        return f"{PREFIX}{key}:{self.name}" + (f":{self.period}" if self.period else "")


def caps(benefit: Benefit, policy: str | None, at: datetime, zone: ZoneInfo) -> Iterator[Cap]:
    """The quotas that count a piece given at an instant, by a policy or by nobody's."""
    for one in benefit.quotas:
        if one.per is not None:
            period = calendar.period_key(one.per, at, zone)
            yield Cap(one.per, period, one.most, one.of == "all", one.per)
        elif one.policy is not None and one.policy == policy:
            yield Cap(f"by/{one.policy}", "", one.most, one.of == "all", "policy")
        elif one.until is not None and _within(one, at, zone):
            yield Cap(_span(one), "", one.most, one.of == "all", "span")


def take(turn: Turn, key: str, benefit: Benefit, policy: str | None, promo: str | None) -> None:
    """Count one piece against all that counts it; refused where one is used up."""
    for cap in caps(benefit, policy, turn.instant, turn.ruleset.zone):
        if _left(turn, key, cap) < 1:
            period = every_language(f"quota.{cap.word}")
            raise Refused("QUOTA_REACHED", benefit=key, most=cap.most, period=period)
        _count(turn, key, cap, 1)
    if promo is not None and (one := promo_of(benefit, promo)) is not None:
        _enter(turn, key, one)


def give_back(turn: Turn, key: str, benefit: Benefit, policy: str | None, at: datetime, promo: str | None) -> None:
    """A piece that these terms counted at an instant is taken back unused."""
    for cap in caps(benefit, policy, at, turn.ruleset.zone):
        _count(turn, key, cap, -1)
    one = promo_of(benefit, promo) if promo is not None else None
    if one is not None:
        if one.uses is not None:
            limits.take(turn, promo_counter(one), -1)
        limits.use(turn, path(key), promo_counter(one), "", -1)


def promo_of(benefit: Benefit, promo: str) -> PromoCode | None:
    """A benefit's promo code; capitals and small letters are the same."""
    return next((one for one in benefit.promo_codes if one.code.casefold() == promo.casefold()), None)


def promo_counter(one: PromoCode) -> str:
    """What a promo code's uses are called."""
    return f"{PROMO}{one.code.casefold()}"


def path(key: str) -> str:
    """Under what a member's caps of a benefit are kept."""
    return f"benefits/{key}"


def _enter(turn: Turn, key: str, one: PromoCode) -> None:
    name = promo_counter(one)
    if limits.used(turn, path(key), name, "") >= one.per_member:
        raise Refused("LIMIT_REACHED", benefit=key, most=one.per_member)
    if one.uses is not None:
        if limits.left(turn, name) < 1:
            raise Refused("OUT_OF_STOCK", benefit=key)
        limits.take(turn, name, 1)
    limits.use(turn, path(key), name, "", 1)


def _left(turn: Turn, key: str, cap: Cap) -> int:
    if cap.shared:
        return limits.left(turn, cap.counter(key))
    return cap.most - limits.used(turn, path(key), f"{PREFIX}{cap.name}", cap.period)


def left(turn: Turn, key: str, benefit: Benefit, policy: str | None = None) -> tuple[int, Cap] | None:
    """The quota of which least is left, and how much; None where there is none."""
    found = [(_left(turn, key, cap), cap) for cap in caps(benefit, policy, turn.instant, turn.ruleset.zone)]
    return min(found, key=lambda one: one[0], default=None)


def _count(turn: Turn, key: str, cap: Cap, amount: int) -> None:
    if cap.shared:
        limits.take(turn, cap.counter(key), amount)
    else:
        limits.use(turn, path(key), f"{PREFIX}{cap.name}", cap.period, amount)


def _within(one: Quota, at: datetime, zone: ZoneInfo) -> bool:
    begins = one.start is None or calendar.from_instant(one.start, zone) <= at
    return begins and one.until is not None and at < calendar.until_instant(one.until, zone)


def _span(one: Quota) -> str:
    first = one.start.isoformat() if one.start is not None else ""
    return f"{first}/{one.until.isoformat() if one.until is not None else ''}"


# The counters, as supplies and loads ask for them.


def standing(ruleset: Ruleset) -> dict[str, int]:
    """The shared counters that have no period: between two days, by one policy, of a promo code."""
    found: dict[str, int] = {}
    for key, benefit in ruleset.benefits.items():
        for one in benefit.quotas:
            if one.of == "all" and one.per is None:
                name = _span(one) if one.until is not None else f"by/{one.policy}"
                found[Cap(name, "", one.most, True, "").counter(key)] = one.most
        found |= {promo_counter(one): one.uses for one in benefit.promo_codes if one.uses is not None}
    return found


def dated(ruleset: Ruleset, instants: Iterable[datetime]) -> dict[str, int]:
    """The shared counters of the periods these instants are in, each with what it starts with."""
    return {
        cap.counter(key): cap.most
        for key, benefit in ruleset.benefits.items()
        if benefit.quotas
        for at in instants
        for cap in caps(benefit, None, at, ruleset.zone)
        if cap.shared and cap.period
    }


def total_of(benefits: Mapping[str, Benefit], counter: str) -> int | None:
    """What a dated counter starts with, by its name; None for what is none."""
    if not counter.startswith(PREFIX):
        return None
    key, _, rest = counter.removeprefix(PREFIX).partition(":")
    per, _, period = rest.partition(":")
    benefit = benefits.get(key)
    found = (one.most for one in (benefit.quotas if benefit else ()) if one.of == "all" and period and one.per == per)
    return min(found, default=None)
