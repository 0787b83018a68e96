"""The decision: which policies fire on an event, what they give, and why not more. A pure function of its arguments.

Order of things: conditions, pauses and windows; refusals; what amounts and fixed points earn, by group and limit; then
what multiplies it, by group and limit. Points are exact until each posting is rounded once.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from rules import calendar, stacking
from rules.actions import REQUESTS
from rules.effects import EarnPoints, Effect, PriceRedemption, Refuse, SendMessage
from rules.facts import WANTED
from rules.ladders import demoted, may_demote, standard_met
from rules.limits import Take, Tally, Usage, Use
from rules.rule import Definitions, Rule
from rules.ruleset import Plan, Ruleset
from rules.wishes import Earned, Scene, Wish, wish

__all__ = ["Outcome", "Take", "Use", "Verdict", "decide", "demoted", "may_demote", "standard_met"]

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a policy whose conditions held: `asked` and `given` are points, where it earns any."""

    policy: str
    fired: bool
    asked: int | None = None
    given: int | None = None
    because: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """All of a decision: what to do, what it uses up, and what is needed to explain it later.

    `read` has the variables the plan reads; `counted` what was read of limits and budgets.
    """

    effects: tuple[Effect, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    uses: tuple[Use, ...] = ()
    takes: tuple[Take, ...] = ()
    refused: Refuse | None = None
    read: Mapping[str, Any] = field(default_factory=dict)
    counted: Mapping[str, int] = field(default_factory=dict)


@dataclass
class Hearing:
    """One decision while it is being made."""

    scene: Scene
    tally: Tally
    at: datetime
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    heard: list[Wish] = field(default_factory=list)
    known_dates: dict[tuple[int, int], tuple[datetime | None, datetime | None]] = field(default_factory=dict)

    @property
    def definitions(self) -> Definitions:
        """What the policies lean on."""
        return self.scene.definitions

    def dates(self, earned: Earned) -> tuple[datetime | None, datetime | None]:
        """From when and until when points live: as the policy says, or else as the wallet does."""
        wallet, zone = self.definitions.programme.wallets[earned.wallet], self.definitions.zone
        rules = (earned.pending or wallet.pending, earned.expires or wallet.expires)
        key = (id(rules[0]), id(rules[1]))
        if key not in self.known_dates:
            self.known_dates[key] = (
                calendar.available_at(rules[0], self.at, zone),
                calendar.expires_at(rules[1], self.at, zone),
            )
        return self.known_dates[key]

    def silence(self, found: Wish, because: str) -> None:
        """A policy whose conditions held, and that still gives nothing."""
        asked = found.points or None
        self.outcomes[found.rule.path] = Outcome(found.rule.path, False, asked, 0 if asked else None, because)


def decide(
    ruleset: Ruleset,
    kind: str,
    facts: Facts,
    lines: Sequence[Facts] = (),
    *,
    at: datetime,
    usage: Usage,
    paused: Collection[str] = (),
) -> Verdict:
    """Decide one event. Facts must hold what `ruleset.needs(kind)` names; `lines` the same for each order line."""
    plan = ruleset.plans.get(kind)
    if plan is None:
        return Verdict()
    scene = Scene(ruleset.definitions, facts, lines)
    hearing = Hearing(scene, Tally(ruleset.definitions, at, usage), at)
    wishes = live(hearing, matching(plan, facts, lines), paused)
    refused = refusal(wishes)
    if refused is not None:
        kept = obey(hearing, wishes, kind)
        return verdict(hearing, plan, (refused, *kept), refused)
    for multiplying in (False, True):
        grant(hearing, [found for found in wishes if found.rule.multiplies is multiplying])
    hearing.heard.sort(key=lambda found: plan.places[found.rule.path])
    return verdict(hearing, plan, tuple(effects(hearing)), None)


def matching(plan: Plan, facts: Facts, lines: Sequence[Facts]) -> list[tuple[Rule, tuple[int, ...]]]:
    """The policies whose conditions hold, by priority, then path; those by line with the lines that matched."""
    found: list[tuple[Rule, tuple[int, ...]]] = [(plan.whole[i], ()) for i in plan.whole_holds(facts, facts)]
    if not plan.lined:
        return found
    by_line: dict[int, list[int]] = {}
    for number, line in enumerate(lines):
        for i in plan.lined_holds(facts, line):
            by_line.setdefault(i, []).append(number)
    found += [(plan.lined[i], tuple(numbers)) for i, numbers in by_line.items()]
    return sorted(found, key=lambda pair: plan.places[pair[0].path])


def live(hearing: Hearing, found: Iterable[tuple[Rule, tuple[int, ...]]], paused: Collection[str]) -> list[Wish]:
    """Those that are neither paused nor out of their window, with what they wish for; multipliers wish later."""
    wishes = []
    for rule, matched in found:
        if rule.path in paused:
            hearing.silence(Wish(rule, matched), "paused")
        elif not calendar.in_window(rule.policy.valid, hearing.at, hearing.definitions.zone):
            hearing.silence(Wish(rule, matched), "window")
        elif rule.multiplies:
            wishes.append(Wish(rule, matched))
        else:
            scene = replace(hearing.scene, matched=matched) if matched else hearing.scene
            wishes.append(wish(scene, rule))
    return wishes


def refusal(wishes: Iterable[Wish]) -> Refuse | None:
    """The first no, by priority, then path."""
    return next((one for found in wishes for one in found.effects if isinstance(one, Refuse)), None)


def obey(hearing: Hearing, wishes: Sequence[Wish], kind: str) -> list[Effect]:
    """Under a refusal nothing is given; on a fact, messages still go out."""
    kept: list[Effect] = []
    for found in wishes:
        if any(isinstance(one, Refuse) for one in found.effects):
            hearing.outcomes[found.rule.path] = Outcome(found.rule.path, True)
        else:
            hearing.silence(found, "refused")
        if kind not in REQUESTS and kind != WANTED:
            kept += [one for one in found.effects if isinstance(one, SendMessage)]
    return kept


def grant(hearing: Hearing, wishes: Sequence[Wish]) -> None:
    """Stack, then give each what its limits leave."""
    base = tuple(one for found in hearing.heard for one in found.earned if one.rounding)
    made = [
        wish(replace(hearing.scene, matched=found.lines, base=base), found.rule) if found.rule.multiplies else found
        for found in wishes
    ]
    heard, silent = stacking.choose([one for one in made if not one.empty], lambda found: worth(hearing, found))
    for found, because in silent:
        hearing.silence(found, because)
    for found in heard:
        give(hearing, found)


def give(hearing: Hearing, found: Wish) -> None:
    """Cut a wish to what its limits leave, and book it."""
    room, asked = hearing.tally.room(found), found.points
    if room.points == 0 and room.because and (asked or room.because.startswith("limit:times")):
        return hearing.silence(found, room.because)
    cut = within(found, room.points)
    given = asked if cut is found else cut.points
    because = room.because if asked != given else None
    hearing.outcomes[found.rule.path] = Outcome(found.rule.path, True, asked or None, given or None, because)
    hearing.tally.book(cut)
    hearing.heard.append(cut)
    return None


def within(found: Wish, points: int | None) -> Wish:
    """The same wish with no more than so many points: what comes first is kept."""
    if points is None or found.points <= points:
        return found
    earned: list[Earned] = []
    for one in found.earned:
        earned.append(one.cut(points))
        points -= earned[-1].total
    return replace(found, earned=tuple(earned))


def worth(hearing: Hearing, found: Wish) -> Fraction:
    """What a wish is worth to the member now: points within its limits; for prices, the cheaper the better."""
    cut = within(found, hearing.tally.room(found).points)
    points = sum((Fraction(one.total, 10 ** hearing.definitions.scale(one.wallet)) for one in cut.earned), Fraction(0))
    prices = [one.points for one in found.effects if isinstance(one, PriceRedemption)]
    return points - min(prices, default=0)


def effects(hearing: Hearing) -> Iterable[Effect]:
    """What is to be done, in the order policies are heard; of several prices for the same thing the lowest."""
    lowest: dict[tuple[str, int | None], PriceRedemption] = {}
    for found in hearing.heard:
        for one in found.earned:
            yield from lots(hearing, one)
        for effect in found.effects:
            if isinstance(effect, PriceRedemption):
                before = lowest.get((effect.benefit, effect.value))
                lowest[effect.benefit, effect.value] = min(before or effect, effect, key=lambda price: price.points)
            else:
                yield effect
    yield from lowest.values()


def lots(hearing: Hearing, earned: Earned) -> Iterable[EarnPoints]:
    """A lot for each part that earned anything, with the dates the policy or else the wallet says."""
    available, expires = hearing.dates(earned)
    for line, points in zip(earned.lines, earned.points, strict=True):
        if points:
            yield EarnPoints(earned.policy, earned.wallet, points, line, available, expires, available is None)


def verdict(hearing: Hearing, plan: Plan, found: tuple[Effect, ...], refused: Refuse | None) -> Verdict:
    """The decision, with what was read for it."""
    read = {name: hearing.scene.facts[name] for name in sorted(plan.needs.variables) if name in hearing.scene.facts}
    tally = hearing.tally
    takes = tuple(Take(counter, amount) for counter, amount in sorted(tally.takes.items()))
    return Verdict(found, tuple(hearing.outcomes.values()), tuple(tally.uses), takes, refused, read, dict(tally.read))
