"""What a warning may look at: the checked documents, and what is known of variables before any policy is asked."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import combinations, islice

from rules import actions, calendar, exact, window
from rules.facts import variable_key
from rules.faults import Fault, at
from rules.rule import Definitions, Rule
from rules.ruleset import order
from rules.satisfy import Bound, Question, both
from rules.window import Window

PAIRS_MAX = 20_000  # Of two policies compared by each law: a warning may be missed, but a check ends.
PLAIN = ("start", "until", "weekdays", "hours")  # What a window says that is understood here.
Warnings = Iterator[Fault]


def warning(path: str, code: str, *steps: str | int, **params: str | int) -> Fault:
    """Something allowed that was probably not meant."""
    return Fault(path, at(*steps), code, params, severity="warning")


@dataclass(frozen=True)
class Desk:
    """A programme without faults, and its policies."""

    definitions: Definitions
    rules: Mapping[str, Rule]

    @cached_property
    def heard(self) -> tuple[Rule, ...]:
        """Every policy, by priority, then path."""
        return tuple(sorted(self.rules.values(), key=order))

    @cached_property
    def question(self) -> Question:
        """What can hold by the documents' words alone; the main ladder has two names."""
        main = self.definitions.programme.ladder
        return Question(same={"member_tier": f"tier_{variable_key(main)}"} if main else {})

    @cached_property
    def lived(self) -> Question:
        """What can hold with these policies: the figures of a wallet that nothing fills stay at nothing."""
        filled = {wallet for rule in self.rules.values() for wallet in fills(rule, self.definitions)}
        empty = {
            one.name: Bound(lambda value: value == 0, (0,))
            for one in self.definitions.catalogue.variables.values()
            if one.type == "points" and one.unit in self.definitions.programme.wallets and one.unit not in filled
        }
        return replace(self.question, bounds=empty)

    def within(self, *windows: Window | None) -> Question:
        """What can hold while all these windows are open."""
        bounds: dict[str, Bound] = {}
        for valid in windows:
            for name, bound in window_bounds(valid):
                bounds[name] = meeting(bounds[name], bound) if name in bounds else bound
        return replace(self.question, bounds=bounds)

    def of(self, rule: Rule) -> Question:
        """What can hold for a policy: while its window is open, on the events it listens to."""
        return replace(self.within(rule.policy.valid), kinds=rule.policy.on)

    def together(self, one: Rule, other: Rule) -> bool:
        """Whether two policies can certainly be live, and hold, on the same event."""
        mine, theirs = one.policy.valid, other.policy.valid
        if not set(one.policy.hears) & set(other.policy.hears) or not windows_meet(mine, theirs, self.definitions):
            return False
        return self.within(mine, theirs).possible(both(one.condition, other.condition)) is True

    def covers(self, wide: Rule, narrow: Rule) -> bool:
        """Whether one policy certainly holds wherever another does."""
        if wide.by_line is not narrow.by_line or not set(narrow.policy.hears) <= set(wide.policy.hears):
            return False
        if any(getattr(wide.policy, part) not in (None, getattr(narrow.policy, part)) for part in narrowing(wide)):
            return False
        return self.of(narrow).implies(narrow.condition, wide.condition)


def narrowing(rule: Rule) -> list[str]:
    """The parts of a policy's envelope that make it hold less often, besides its conditions."""
    return [part for part in ("valid", "audience") if part in type(rule.policy).model_fields]


def fills(rule: Rule, definitions: Definitions) -> set[str]:
    """The wallets that a policy earns in."""
    main = definitions.programme.main_wallet
    return {actions.wallet_of(params) or main for params in rule.actions if actions.limited(params)}


def pairs(rules: Iterable[Rule]) -> Iterator[tuple[Rule, Rule]]:
    """Every two, the one heard first before the other; not endlessly many."""
    return islice(combinations(rules, 2), PAIRS_MAX)


def window_bounds(valid: Window | None) -> Iterator[tuple[str, Bound]]:
    """What a window says of the variables of time."""
    if valid is None:
        return
    if valid.weekdays is not None:
        days = frozenset(valid.weekdays)
        yield "weekday", Bound(days.__contains__)
    if valid.hours is not None:
        open_hours = frozenset(hour for hour in range(24) if hour_open(valid, hour))
        yield "hour", Bound(open_hours.__contains__, tuple(sorted(open_hours)))
    first, last = day_of(valid.start), day_of(valid.until)
    if first is not None or last is not None:
        least, most = first or date.min, last or date.max
        yield "today", Bound(lambda day: least <= day <= most, (least, most))


def hour_open(valid: Window, hour: int) -> bool:
    """Whether some minute of an hour is in the window."""
    return any(window.in_hours(valid, f"{hour:02d}:{minute:02d}") for minute in range(60))


def day_of(moment: object) -> date | None:
    """The day of an end of a window; a moment's, where it is none."""
    day = getattr(moment, "date", None)
    return day() if callable(day) else moment if isinstance(moment, date) else None


def meeting(one: Bound, other: Bound) -> Bound:
    """Both."""
    return Bound(lambda value: one.keep(value) and other.keep(value), one.more + other.more)


def windows_meet(one: Window | None, other: Window | None, definitions: Definitions) -> bool:
    """Whether two windows are certainly open at the same time at some instant."""
    if one is None or other is None:
        return True
    if any(set(own.model_dump(exclude_none=True)) - set(PLAIN) for own in (one, other)):
        return False
    opens = [calendar.from_instant(own.start, definitions.zone) for own in (one, other) if own.start is not None]
    closes = [calendar.until_instant(own.until, definitions.zone) for own in (one, other) if own.until is not None]
    if opens and closes and max(opens) >= min(closes):
        return False
    days = [set(own.weekdays) for own in (one, other) if own.weekdays is not None]
    hours = [{hour for hour in range(24) if hour_open(own, hour)} for own in (one, other) if own.hours is not None]
    week = not opens or not closes or min(closes) - max(opens) >= timedelta(days=7)
    return week and all(set.intersection(*found) for found in (days, hours) if found)


def windows_apart(one: Window | None, other: Window | None, definitions: Definitions) -> bool:
    """Whether two windows are certainly never open at the same time."""
    if one is None or other is None:
        return False
    opens = [calendar.from_instant(own.start, definitions.zone) for own in (one, other) if own.start is not None]
    closes = [calendar.until_instant(own.until, definitions.zone) for own in (one, other) if own.until is not None]
    if opens and closes and max(opens) >= min(closes):
        return True
    return one.weekdays is not None and other.weekdays is not None and not set(one.weekdays) & set(other.weekdays)


def percent(share: Fraction) -> str:
    """A share as a person reads it, rounded up to a hundredth: what is promised never to be exceeded."""
    hundredths = -exact.floor(-share * 10_000)
    return exact.plain(Decimal(hundredths).scaleb(-2))
