"""What gatherings, draws and polls must keep to: times in order, members that can be told, prizes that are there."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from rules import check_ladders, early, exact
from rules.calendar import from_instant
from rules.check_audience import PARTS, asked, tier_leaf, tier_variable
from rules.conditions import All, Condition, variables
from rules.draws import Draw
from rules.facts import PERSONAL
from rules.faults import Fault, at, known, listed, shown
from rules.gatherings import Gathering
from rules.occasions import Occasion, closes_at
from rules.parts import Text
from rules.polls import Poll
from rules.rule import Definitions

ODDS_SCALE = 6
Steps = tuple[str | int, ...]
Found = Iterator[tuple[Steps, str, dict[str, str | int]]]


@dataclass(frozen=True)
class Occasions:
    """Every gathering, draw and poll of a programme, by key."""

    gatherings: Mapping[str, Gathering] = field(default_factory=dict)
    draws: Mapping[str, Draw] = field(default_factory=dict)
    polls: Mapping[str, Poll] = field(default_factory=dict)

    @property
    def titles(self) -> Mapping[str, Mapping[str, Text]]:
        """What each is called, by the variable that names it."""
        return {
            "gathering_key": {key: one.title for key, one in self.gatherings.items()},
            "draw_key": {key: one.title for key, one in self.draws.items()},
            "poll_key": {key: one.question for key, one in self.polls.items()},
        }


def define(own: Definitions, occasions: Occasions) -> tuple[Definitions, list[Fault]]:
    """The definitions with what members can take part in, and what is wrong with that."""
    faults: list[Fault] = []
    invited: dict[str, Condition | None] = {}
    first: dict[str, tuple[Condition | None, ...]] = {}
    for folder, documents in vars(occasions).items():
        for key, document in documents.items():
            path, part = f"{folder}/{key}", PARTS_OF[folder]
            occasion = getattr(document, part)
            if "/" in key:
                faults.append(Fault(path, "", "BAD_PATH", {"path": path}))
            found = [((part, *steps), code, more) for steps, code, more in occasion_faults(occasion, own)]
            found += CHECKS[folder](document, own)
            faults += [Fault(path, at(*steps), code, more) for steps, code, more in found]
            invited[path] = who(occasion, own, path, part, faults)
            first[path] = tuple(
                typed(one.to, own, path, (part, "early", index, "to"), faults)
                for index, one in enumerate(occasion.early)
            )
    documents = {"gatherings": occasions.gatherings, "draws": occasions.draws, "polls": occasions.polls}
    return replace(own, **documents, invited=invited, early_to={**own.early_to, **first}), faults


def occasion_faults(own: Occasion, definitions: Definitions) -> Found:
    """It closes after it opens; levels and segments there are."""
    yield from early.faults(own, definitions.zone)
    for index, segment in enumerate(own.segments or ()):
        if segment not in definitions.segments:
            more: dict[str, str | int] = {"name": shown(segment), "allowed": known(definitions.segments)}
            yield ("segments", index), "SEGMENT_UNKNOWN", more
    if own.tiers is None:
        return
    name = tier_variable(own.tiers, definitions)
    if name is None:
        more = {"name": own.tiers.ladder or "–", "allowed": listed(definitions.standards)}
        yield ("tiers", "ladder"), "LADDER_UNKNOWN", more
        return
    levels = definitions.catalogue.variables[name].options
    named: list[tuple[Steps, str]] = [(("at_least",), own.tiers.at_least)] if own.tiers.at_least else []
    named += [(("one_of", index), level) for index, level in enumerate(own.tiers.one_of or ())]
    for steps, level in named:
        if level not in levels:
            yield ("tiers", *steps), "LEVEL_UNKNOWN", {"name": level, "allowed": listed(levels)}


def who(own: Occasion, definitions: Definitions, path: str, part: str, faults: list[Fault]) -> Condition | None:
    """All that must hold of a member; None where anybody may, or where something is wrong with it."""
    read = typed(own.available_to, definitions, path, (part, "available_to"), faults)
    if any(fault.path == path for fault in faults):
        return None
    leaves: list[Condition] = [read] if read is not None else []
    for name in ("segments", "tags"):
        if (named := getattr(own, name)) is not None:
            leaves.append(asked(definitions.catalogue, *PARTS[name], frozenset(named), list(named)))
            faults += impersonal(leaves[-1], definitions, path, (part, name))
    if own.tiers is not None:
        leaves.append(tier_leaf(own.tiers, definitions))
    return All(tuple(leaves)) if leaves else None


def typed(raw: object, own: Definitions, path: str, steps: Steps, faults: list[Fault]) -> Condition | None:
    """A condition over what is known of a member at any time, and will be known without the person."""
    found = check_ladders.condition(path, raw, own.catalogue, faults, *steps)
    faults += impersonal(found, own, path, steps)
    return found


def impersonal(condition: Condition | None, own: Definitions, path: str, steps: Steps) -> Iterator[Fault]:
    """A condition that hangs on the person comes out otherwise when the person is gone."""
    names = set(variables(condition))
    if "member_segments" in names:
        names |= {name for one in own.members_of.values() for name in variables(one)}
    for name in sorted(names.intersection(PERSONAL)):
        yield Fault(path, at(*steps), "WHO_PERSONAL", {"name": name})


def gathering(document: Gathering, own: Definitions) -> Found:
    """It ends after it starts, one signs up before it ends, and a party fits into its seats."""
    ends = from_instant(document.ends, own.zone)
    times: list[tuple[Steps, datetime | None]] = [
        (("starts",), from_instant(document.starts, own.zone)),
        (("sign_up", "closes_at"), closes_at(document.sign_up, own.zone)),
        (("cancel_until",), from_instant(document.cancel_until, own.zone) if document.cancel_until else None),
    ]
    for steps, moment in times:
        if moment is not None and (moment > ends or (steps == ("starts",) and moment == ends)):
            yield steps, "TIMES_ORDER", {"earlier": str(steps[-1]), "later": "ends"}
    if document.guests >= document.seats:
        yield ("guests",), "OUT_OF_RANGE", {"allowed": f"< {document.seats}"}


def draw(document: Draw, own: Definitions) -> Found:
    """There is a way to a ticket; prizes are benefits that the draw alone counts; odds come to no more than one."""
    tickets = document.tickets
    if all(getattr(tickets, name) is None for name in type(tickets).model_fields):
        yield ("tickets",), "BAD_LENGTH", {"allowed": "≥ 1"}
    least = tickets.per_order.minimum if tickets.per_order else None
    if least is not None and exact.units(least, own.catalogue.currency_scale) is None:
        yield ("tickets", "per_order", "minimum"), "VALUE_AMOUNT", {"scale": own.catalogue.currency_scale}
    yield from prize_faults(document, own)
    yield from odds_faults(document)


def prize_faults(document: Draw, own: Definitions) -> Found:
    """Each prize is a benefit there is, of which nothing else counts the pieces."""
    seen: set[str] = set()
    for index, prize in enumerate(document.prizes):
        place = ("prizes", index, "benefit")
        benefit = own.benefits.get(prize.benefit)
        if benefit is None:
            yield place, "BENEFIT_UNKNOWN", {"name": prize.benefit, "allowed": known(own.benefits)}
        elif benefit.stock is not None or benefit.per_member is not None or benefit.quotas:
            yield place, "PRIZE_COUNTED", {"name": prize.benefit}
        if prize.benefit in seen:
            yield place, "NAME_TAKEN", {"name": prize.benefit}
        seen.add(prize.benefit)


def odds_faults(document: Draw) -> Found:
    """A draw that tells at once has odds, to the millionth; one at the close has none but the number of its tickets."""
    at_once = document.kind == "instant"
    for index, prize in enumerate(document.prizes):
        place = ("prizes", index, "odds")
        if at_once is not (prize.odds is not None):
            code = "FIELD_MISSING" if at_once else "FIELD_NOT_HERE"
            yield place, code, {"field": "odds", "allowed": '"kind": "instant"'}
        elif prize.odds is not None and exact.units(prize.odds, ODDS_SCALE) is None:
            yield place, "ODDS_DECIMALS", {"most": ODDS_SCALE}
    if sum(prize.odds or 0 for prize in document.prizes) > 1:
        yield ("prizes",), "ODDS_ABOVE_ONE", {}


def poll(document: Poll, own: Definitions) -> Found:
    """One cannot choose more than there is."""
    if document.choices > len(document.options):
        yield ("choices",), "OUT_OF_RANGE", {"allowed": f"≤ {len(document.options)}"}


PARTS_OF = {"gatherings": "sign_up", "draws": "entry", "polls": "voting"}  # Where one says who and when.
CHECKS: Mapping[str, Callable[..., Found]] = {"gatherings": gathering, "draws": draw, "polls": poll}
