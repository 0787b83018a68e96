"""The decision: which policies fire on an event, what they give, and why not more. A pure function of its arguments.

Order of things: conditions, pauses and windows; refusals; what amounts and fixed points earn, by group and limit; then
what multiplies it, by group and limit. Points are exact until each posting is rounded once.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from rules import ends, stacking, window
from rules.actions import REQUESTS
from rules.audience import Who, drawn
from rules.conditions import LINES
from rules.effects import EarnPoints, Effect, PriceRedemption, Refuse, SendMessage
from rules.ends import End
from rules.facts import WANTED, variable_key
from rules.limits import Room, Take, Tally, Usage, Use
from rules.rule import Definitions, Rule
from rules.ruleset import Plan, Ruleset
from rules.wishes import Earned, Scene, Wish, wish

__all__ = ["Outcome", "Take", "Use", "Verdict", "decide"]

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

    `read` has the variables the plan reads; `counted` what was read of limits and budgets; `heard` is what explains the
    figures.
    """

    effects: tuple[Effect, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    uses: tuple[Use, ...] = ()
    takes: tuple[Take, ...] = ()
    refused: Refuse | None = None
    read: Mapping[str, Any] = field(default_factory=dict)
    counted: Mapping[str, int] = field(default_factory=dict)
    heard: tuple[Wish, ...] = ()
    at: datetime | None = None


@dataclass
class Hearing:
    """One decision while it is being made."""

    scene: Scene
    tally: Tally
    at: datetime
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    heard: list[Wish] = field(default_factory=list)
    known_dates: dict[tuple[int, int], tuple[datetime | None, End]] = field(default_factory=dict)

    @property
    def definitions(self) -> Definitions:
        """What the policies lean on."""
        return self.scene.definitions

    def dates(self, earned: Earned) -> tuple[datetime | None, End]:
        """From when and until when points live: as the policy says, or else as the wallet does."""
        wallet, zone = self.definitions.programme.wallets[earned.wallet], self.definitions.zone
        rules = (earned.pending or wallet.pending, earned.expires or wallet.expires)
        key = (id(rules[0]), id(rules[1]))
        if key not in self.known_dates:
            self.known_dates[key] = (
                ends.available_at(rules[0], self.at, zone),
                ends.of(rules[1], self.at, zone, self.tier_of),
            )
        return self.known_dates[key]

    def ended(self, earned: Earned) -> bool:
        """Whether points end before they begin."""
        end = self.dates(earned)[1].expires_at
        return end is not None and end <= self.at

    def tier_of(self, ladder: str | None) -> str | None:
        """Where the member stands."""
        key = variable_key(ladder or self.definitions.programme.ladder or "")
        tier: str | None = self.scene.facts[f"tier_{key}"]
        return tier

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
    who: Who | None = None,
) -> Verdict:
    """Decide one event. Facts must hold what `ruleset.needs(kind)` names; `lines` the same for each order line.

    Lots are drawn for `who`; where nobody is named, everybody is in every pilot.
    """
    plan = ruleset.plans.get(kind)
    if plan is None:
        return Verdict()
    if plan.needs.lines:
        facts = {**facts, LINES: lines}
    scene = Scene(ruleset.definitions, facts, lines)
    tally = Tally(scene, at, usage)
    hearing = Hearing(replace(scene, kept=tally.kept), tally, at)
    wishes = live(hearing, matching(plan, facts, lines, at), paused, who)
    refused = refusal(wishes)
    if refused is not None:
        kept = obey(hearing, wishes, kind)
        return verdict(hearing, plan, (refused, *kept), refused)
    for multiplying in (False, True):
        grant(hearing, [found for found in wishes if found.rule.multiplies is multiplying])
    hearing.heard.sort(key=lambda found: plan.places[found.rule.path])
    return verdict(hearing, plan, tuple(effects(hearing)), None)


def matching(plan: Plan, facts: Facts, lines: Sequence[Facts], at: datetime) -> list[tuple[Rule, tuple[int, ...]]]:
    """The policies of these days whose conditions hold, by priority, then path; those by line with their lines."""
    held = plan.whole_holds(facts, facts, plan.whole_open.at(at))
    found: list[tuple[Rule, tuple[int, ...]]] = [(plan.whole[i], ()) for i in held]
    if not plan.lined:
        return found
    by_line: dict[int, list[int]] = {}
    among = plan.lined_open.at(at)
    for number, line in enumerate(lines):
        for i in plan.lined_holds(facts, line, among):
            by_line.setdefault(i, []).append(number)
    found += [(plan.lined[i], tuple(numbers)) for i, numbers in by_line.items()]
    return sorted(found, key=lambda pair: plan.places[pair[0].path])


def live(
    hearing: Hearing, found: Iterable[tuple[Rule, tuple[int, ...]]], paused: Collection[str], who: Who | None = None
) -> list[Wish]:
    """Those that are neither paused nor out of their window, with what they wish for; multipliers wish later."""
    wishes = []
    for rule, matched in found:
        if rule.path in paused:
            hearing.silence(Wish(rule, matched), "paused")
        elif (part := outside(rule, hearing.at, hearing.definitions.zone) or out_of_pilot(rule, who)) is not None:
            hearing.silence(Wish(rule, matched), part)
        elif rule.multiplies:
            wishes.append(Wish(rule, matched))
        else:
            scene = replace(hearing.scene, matched=matched) if matched else hearing.scene
            wishes.append(wish(scene, rule))
    return wishes


def outside(rule: Rule, at: datetime, zone: ZoneInfo) -> str | None:
    """Why a policy is not of this time: the part of its window, and the local time."""
    part = window.unmet(rule.policy.valid, at, zone)
    return None if part is None else f"window:{part}:{at.astimezone(zone):%Y-%m-%dT%H:%M}"


def out_of_pilot(rule: Rule, who: Who | None) -> str | None:
    """Why a policy that is tried with a share of the members is not for this one: its side of the lot, and the lot."""
    audience = rule.policy.audience
    if who is None or audience is None or audience.pilot is None:
        return None
    side, lot = drawn(audience.pilot, who)
    return None if side is None else f"audience:{side}:{lot}"


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
    for one in made:
        if one.empty and one.unmet:
            hearing.silence(one, one.unmet[0].because)
    # A factor of a product counts even where its own share comes to nothing: the next one works on it.
    alive = [living(hearing, one) for one in made]
    worthy = [one for one in alive if not one.empty or one.rule.mode == "multiply"]
    heard, silent = stacking.choose(worthy, lambda found: worth(hearing, found))
    for found, because in silent:
        hearing.silence(found, because)
    satisfied: set[str] = set()
    products = stacking.Products(base)
    for found in heard:
        if found.rule.mode == "multiply":
            give_share(hearing, found, products)
        elif found.rule.mode == "first" and found.rule.group in satisfied:
            hearing.silence(found, "stacking:first")
        elif give(hearing, found) is not None:
            satisfied.add(found.rule.group or "")


def living(hearing: Hearing, found: Wish) -> Wish:
    """The same without what would be dead when it is earned: the last day of its wallet is over."""
    alive = tuple(one for one in found.earned if not hearing.ended(one))
    if len(alive) == len(found.earned):
        return found
    left = replace(found, earned=alive)
    if left.empty:
        hearing.silence(found, "ended")
    return left


def give_share(hearing: Hearing, found: Wish, products: stacking.Products) -> None:
    """Multiply what the factors of the group before this one have made, and give what that is more."""
    scene = replace(hearing.scene, matched=found.lines, base=products.base(found.rule.group or ""))
    share = wish(scene, found.rule)
    products.multiply(scene, share, share if share.empty else give(hearing, share))


def give(hearing: Hearing, found: Wish) -> Wish | None:
    """Cut a wish to what its limits leave, and book it; None where that is nothing."""
    room, asked = hearing.tally.room(found), found.points
    if room.closed or (room.points == 0 and asked):
        hearing.silence(found, room.because or "")
        return None
    cut = within(found, room)
    given = asked if cut is found else cut.points
    because = reason(found, room) if asked != given else None
    hearing.outcomes[found.rule.path] = Outcome(found.rule.path, True, asked or None, given or None, because)
    hearing.tally.book(cut)
    hearing.heard.append(cut)
    return cut


def within(found: Wish, room: Room) -> Wish:
    """The same wish for no more than so many lines, and with no more than so many points: what comes first is kept."""
    found = found.first_lines(room.lines)
    points = room.points
    if points is None or found.points <= points:
        return found
    earned: list[Earned] = []
    for one in found.earned:
        earned.append(one.cut(points))
        points -= earned[-1].total
    return replace(found, earned=tuple(earned))


def reason(found: Wish, room: Room) -> str:
    """Which limit has cut a wish: that on points, unless its lines alone were too many."""
    if room.because is not None and found.first_lines(room.lines).points > (room.points or 0):
        return room.because
    return "limit:times_per_order"


def worth(hearing: Hearing, found: Wish) -> Fraction:
    """What a wish is worth to the member now: points within its limits; for prices, the cheaper the better."""
    room = hearing.tally.room(found)
    cut = within(found, replace(room, points=0) if room.closed else room)
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
                lowest[effect.benefit, effect.value] = min(
                    before or effect, effect, key=lambda price: (price.points, price.money or 0)
                )
            else:
                yield effect
    yield from lowest.values()


def lots(hearing: Hearing, earned: Earned) -> Iterable[EarnPoints]:
    """A lot for each part that earned anything, with the dates the policy or else the wallet says."""
    available, end = hearing.dates(earned)
    for line, points in zip(earned.lines, earned.points, strict=True):
        if points:
            yield EarnPoints(
                earned.policy, earned.wallet, points, line, available, end.expires_at, available is None, end.idle
            )


def verdict(hearing: Hearing, plan: Plan, found: tuple[Effect, ...], refused: Refuse | None) -> Verdict:
    """The decision, with what was read for it."""
    read = {name: hearing.scene.facts[name] for name in sorted(plan.needs.variables) if name in hearing.scene.facts}
    tally = hearing.tally
    outcomes, uses = tuple(hearing.outcomes.values()), tuple(tally.uses)
    heard = () if refused else tuple(hearing.heard)
    return Verdict(found, outcomes, uses, tally.taken(), refused, read, dict(tally.read), heard, hearing.at)
