"""What a policy may still give: caps an order, a member and period, all members. A last award is cut, not lost."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from rules import calendar, counters
from rules.policy import Limits
from rules.scene import Scene, Wish

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
    """So much is taken from a shared counter: points in the wallet's units, or times."""

    counter: str
    amount: int
    policy: str = field(default="", compare=False)  # For whom: what comes to nothing takes nothing.


@dataclass(frozen=True, slots=True)
class Room:
    """How many points a policy may still give (None: as many as it likes) and the limit that says so; whether it may
    give anything at all; and to how many of the lines it matched.
    """

    points: int | None = None
    because: str | None = None
    closed: bool = False
    lines: int | None = None


def period_of(limit: str) -> str:
    """The period a limit counts over: points_per_member_per_month → month."""
    return limit.rsplit("_", 1)[1] if limit.count("_per_") == 2 else "ever"


def of_member(limit: str) -> bool:
    """Whether a limit counts what one member had; the others count an order, or all members."""
    return "_per_member" in limit


@dataclass
class Tally:
    """The limits of one event: what was used before, what this event adds, and what was read on the way."""

    scene: Scene
    at: datetime
    usage: Usage
    read: dict[str, int] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)
    takes: dict[tuple[str, str], int] = field(default_factory=dict)

    def used(self, policy: str, limit: str, period_key: str) -> int:
        """What the usage says; read once, and remembered for the decision."""
        key = f"{policy}|{limit}|{period_key}"
        if key not in self.read:
            self.read[key] = self.usage(policy, limit, period_key)
        return self.read[key]

    def kept(self, policy: str, name: str) -> int:
        """What a policy keeps of its roundings."""
        return self.used(policy, name, "")

    def room(self, wish: Wish) -> Room:
        """The tightest of a policy's limits now."""
        limits = wish.rule.policy.limits
        if limits is None:
            return Room()
        tightest = Room(lines=limits.times_per_order)
        for limit, most in named(limits):
            if of_member(limit):
                used = self.used(wish.rule.path, limit, self._period(limit))
                if not limit.startswith("times"):
                    tightest = tighter(tightest, max(most * self._unit(wish) - used, 0), f"limit:{limit}")
                elif used >= most:
                    tightest = shut(tightest, f"limit:{limit}")
            elif limit == "points_per_order":
                tightest = tighter(tightest, most * self._unit(wish), f"limit:{limit}")
        return self._shared(wish, tightest)

    def book(self, wish: Wish) -> None:
        """Count what a policy gives against its limits, and keep what is left of its roundings."""
        for one in wish.earned:
            kept = one.carried.uses() if one.carried else ()
            self.uses += [Use(wish.rule.path, name, "", used) for name, used in kept]
        limits = wish.rule.policy.limits
        if limits is None:
            return
        for limit, _ in named(limits):
            amount = 1 if limit.startswith("times") else wish.points
            if amount and of_member(limit):
                self.uses.append(Use(wish.rule.path, limit, self._period(limit), amount))
        for pot in counters.pots(wish.rule, self.scene.definitions, self.scene.facts):
            rest = 1 if pot.unit == "times" else wish.points
            for counter in pot.counters:
                part = min(rest, self._left(counter))
                if part:
                    key = (counter, wish.rule.path)
                    self.takes[key] = self.takes.get(key, 0) + part
                    rest -= part

    def taken(self) -> tuple[Take, ...]:
        """What this event takes from shared counters, by counter, then policy."""
        return tuple(Take(counter, amount, policy) for (counter, policy), amount in sorted(self.takes.items()))

    def _shared(self, wish: Wish, room: Room) -> Room:
        for pot in counters.pots(wish.rule, self.scene.definitions, self.scene.facts):
            left = sum(self._left(counter) for counter in pot.counters)
            if pot.unit == "points":
                room = tighter(room, left, pot.because)
            elif not left:
                room = shut(room, pot.because)
        return room

    def _left(self, counter: str) -> int:
        taken = sum(amount for (name, _), amount in self.takes.items() if name == counter)
        return max(self.used("", counter, "") - taken, 0)

    def _period(self, limit: str) -> str:
        return calendar.period_key(period_of(limit), self.at, self.scene.definitions.zone)

    def _unit(self, wish: Wish) -> int:
        unit: int = 10 ** (self.scene.definitions.scale(wish.earned[0].wallet) if wish.earned else 0)
        return unit


def named(limits: Limits) -> list[tuple[str, int]]:
    """The caps a policy states, in the order of the table."""
    return [(name, most) for name in NAMES if (most := getattr(limits, name)) is not None]


def tighter(room: Room, left: int, because: str) -> Room:
    """The smaller of two rooms."""
    if room.points is not None and room.points <= left:
        return room
    return replace(room, points=left, because=because)


def shut(room: Room, because: str) -> Room:
    """No room at all; what has shut it first stands."""
    return room if room.closed else replace(tighter(room, 0, because), closed=True)
