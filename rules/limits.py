"""What a policy may still give: caps a member and period, budgets all members share. A last award is cut, not lost."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from rules import calendar
from rules.policy import Limits
from rules.rule import Definitions
from rules.wishes import Wish

Usage = Callable[[str, str, str], int]
NAMES = tuple(name for name in Limits.model_fields if name != "budget")


@dataclass(frozen=True, slots=True)
class Use:
    """So much of a member's limit is used up: points in the wallet's units, or times."""

    policy: str
    limit: str
    period_key: str
    amount: int


@dataclass(frozen=True, slots=True)
class Take:
    """So much is taken from a shared counter, in the wallet's units."""

    counter: str
    amount: int


@dataclass(frozen=True, slots=True)
class Room:
    """How many points a policy may still give (None: as many as it likes) and the limit that says so."""

    points: int | None = None
    because: str | None = None


def period_of(limit: str) -> str:
    """The period a limit counts over: points_per_member_per_month → month."""
    return limit.rsplit("_", 1)[1] if limit.count("_per_") == 2 else "ever"


@dataclass
class Tally:
    """The limits of one event: what was used before, what this event adds, and what was read on the way."""

    definitions: Definitions
    at: datetime
    usage: Usage
    read: dict[str, int] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)
    takes: dict[str, int] = field(default_factory=dict)

    def used(self, policy: str, limit: str, period_key: str) -> int:
        """What the usage says; read once, and remembered for the decision."""
        key = f"{policy}|{limit}|{period_key}"
        if key not in self.read:
            self.read[key] = self.usage(policy, limit, period_key)
        return self.read[key]

    def room(self, wish: Wish) -> Room:
        """The tightest of a policy's limits now."""
        limits = wish.rule.policy.limits
        if limits is None:
            return Room()
        tightest = Room()
        for limit, most in named(limits):
            key = calendar.period_key(period_of(limit), self.at, self.definitions.zone)
            used = self.used(wish.rule.path, limit, key)
            if limit.startswith("times"):
                left = None if used < most else 0
            else:
                left = max(most * 10 ** self._scale(wish) - used, 0)
            tightest = tighter(tightest, left, f"limit:{limit}")
        if limits.budget is not None:
            counter = f"budget:{limits.budget}"
            left = max(self.used("", counter, "") - self.takes.get(counter, 0), 0)
            tightest = tighter(tightest, left, counter)
        return tightest

    def book(self, wish: Wish) -> None:
        """Count what a policy gives against its limits."""
        limits = wish.rule.policy.limits
        if limits is None:
            return
        for limit, _ in named(limits):
            key = calendar.period_key(period_of(limit), self.at, self.definitions.zone)
            amount = 1 if limit.startswith("times") else wish.points
            if amount:
                self.uses.append(Use(wish.rule.path, limit, key, amount))
        if limits.budget is not None and wish.points:
            counter = f"budget:{limits.budget}"
            self.takes[counter] = self.takes.get(counter, 0) + wish.points

    def _scale(self, wish: Wish) -> int:
        return self.definitions.scale(wish.earned[0].wallet) if wish.earned else 0


def named(limits: Limits) -> list[tuple[str, int]]:
    """The caps a policy states, in the order of the table."""
    return [(name, most) for name in NAMES if (most := getattr(limits, name)) is not None]


def tighter(room: Room, left: int | None, because: str) -> Room:
    """The smaller of two rooms."""
    if left is None or (room.points is not None and room.points <= left):
        return room
    return Room(left, because)


def full(points: Decimal, scale: int) -> int:
    """A budget as declared, in the wallet's units: what its counter starts with."""
    return int(points * 10**scale)
