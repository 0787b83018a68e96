"""A policy's audience and calendar against the definitions, and the audience made into a condition."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from rules import exact, festivals, window
from rules.audience import BUCKETS, Audience, Pilot, Tiers, hundredths
from rules.conditions import All, Condition, Leaf
from rules.facts import WANTED, Catalogue, variable_key
from rules.faults import Fault, at, known, listed, shown
from rules.policy import Policy
from rules.rule import Definitions

LOOK_AHEAD_YEARS = 30  # What is on no day of thirty years is on none.
Found = Iterator[tuple[tuple[str | int, ...], str, dict[str, str | int]]]
# Part of the audience → variable and operator. The member's own parts need a member.
PARTS = {
    "segments": ("member_segments", "contains_any"),
    "not_segments": ("member_segments", "contains_none"),
    "tags": ("member_tags", "contains_any"),
    "not_tags": ("member_tags", "contains_none"),
    "consents": ("member_consents", "contains_all"),
    "channels": ("order_channel", "one_of"),
    "stores": ("order_store", "one_of"),
    "members": ("member_handle", "one_of"),
}


def read(path: str, policy: Policy, definitions: Definitions) -> tuple[Condition | None, list[Fault]]:
    """The audience as a condition, and what is wrong with it."""
    own = policy.audience
    if own is None:
        return None, []
    faults = [
        Fault(path, at("audience", *steps), code, more) for steps, code, more in audience(own, policy, definitions)
    ]
    if faults:
        return None, faults
    leaves = [
        asked(definitions.catalogue, *PARTS[part], frozenset(named), list(named))
        for part in PARTS
        if (named := getattr(own, part)) is not None
    ]
    if own.tiers is not None:
        leaves.append(tier_leaf(own.tiers, definitions))
    return (All(tuple(leaves)) if leaves else None), []


def asked(catalogue: Catalogue, name: str, operator: str, value: Any, raw: Any) -> Leaf:
    """One question."""
    variable = catalogue.variables[name]
    return Leaf(variable, variable.kind.operators[operator], value, raw)


def tier_variable(tiers: Tiers, definitions: Definitions) -> str | None:
    """The variable of the ladder that is meant."""
    key = tiers.ladder or definitions.programme.ladder
    return f"tier_{variable_key(key)}" if key is not None and key in definitions.standards else None


def tier_leaf(tiers: Tiers, definitions: Definitions) -> Leaf:
    """A standing asked for: by its rank, as ladders are compared."""
    name = tier_variable(tiers, definitions) or ""
    levels = definitions.catalogue.variables[name].options
    if tiers.at_least is not None:
        return asked(definitions.catalogue, name, "at_least", levels.index(tiers.at_least), tiers.at_least)
    ranks = frozenset(levels.index(level) for level in tiers.one_of or ())
    return asked(definitions.catalogue, name, "one_of", ranks, list(tiers.one_of or ()))


def audience(own: Audience, policy: Policy, definitions: Definitions) -> Found:
    """Parts that name what exists, on events that have it."""
    catalogue = definitions.catalogue
    for part, (name, _) in PARTS.items():
        named, variable = getattr(own, part), catalogue.variables[name]
        if named is None:
            continue
        kinds = [kind for kind in policy.on if kind in catalogue.kinds and not variable.exists_on(kind)]
        if kinds:
            yield (part,), "AUDIENCE_NOT_HERE", {"name": part, "event": kinds[0]}
        for index, one in enumerate(named):
            if variable.closed and one not in variable.options:
                code = "CONSENT_UNKNOWN" if part == "consents" else "SEGMENT_UNKNOWN"
                yield (part, index), code, {"name": shown(one), "allowed": known(variable.options)}
            elif named.index(one) != index:
                yield (part, index), "NAME_TAKEN", {"name": one}
    if own.tiers is not None:
        yield from tiers(own.tiers, policy, definitions)
    if own.pilot is not None:
        yield from pilot(own.pilot, policy)


def tiers(own: Tiers, policy: Policy, definitions: Definitions) -> Found:
    """A ladder there is, and levels it has."""
    name = tier_variable(own, definitions)
    if name is None:
        more: dict[str, str | int] = {"name": own.ladder or "–", "allowed": listed(definitions.standards)}
        yield ("tiers", "ladder"), "LADDER_UNKNOWN", more
        return
    if WANTED in policy.on:
        yield ("tiers",), "AUDIENCE_NOT_HERE", {"name": "tiers", "event": WANTED}
    levels = definitions.catalogue.variables[name].options
    places = [(("tiers", "at_least"), own.at_least)] if own.at_least else []
    named: list[tuple[tuple[str | int, ...], str]] = [
        *places,
        *((("tiers", "one_of", index), level) for index, level in enumerate(own.one_of or ())),
    ]
    for steps, level in named:
        if level not in levels:
            yield steps, "LEVEL_UNKNOWN", {"name": level, "allowed": listed(levels)}


def pilot(own: Pilot, policy: Policy) -> Found:
    """Shares that fit beside one another and come out in whole lots, of members there are."""
    if WANTED in policy.on:
        yield ("pilot",), "AUDIENCE_NOT_HERE", {"name": "pilot", "event": WANTED}
    for name in ("percent", "control"):
        share = getattr(own, name)
        if share is not None and exact.units(share, 2) is None:
            yield ("pilot", name), "PILOT_DECIMALS", {"value": exact.plain(share)}
    if own.control is not None and hundredths(own.percent) + hundredths(own.control) > BUCKETS:
        yield ("pilot", "control"), "PILOT_TOO_LARGE", {"value": exact.plain(own.percent + own.control)}


def calendar(path: str, policy: Policy) -> list[Fault]:
    """A calendar with a day in it, in years that the festivals' table knows."""
    valid = policy.valid
    if valid is None:
        return []
    faults = []
    first, last = festivals.years()
    if valid.festivals is not None:
        ends = {"from": valid.start, "until": valid.until}
        faults = [
            Fault(path, at("valid", name), "FESTIVALS_BEYOND", {"first": first, "last": last}, "warning")
            for name, end in ends.items()
            if end is not None and not first <= end.year <= last
        ]
    if not faults and beyond_plain(valid) and not any(True for _ in window.days(valid, *span(valid))):
        faults.append(Fault(path, at("valid"), "WINDOW_NO_DAY", {}))
    return faults


def beyond_plain(valid: window.Window) -> bool:
    """Whether a calendar says more than from, until, weekdays and hours."""
    parts = ("dates", "days_of_month", "months", "yearly", "nth_weekdays", "festivals", "except_")
    return any(getattr(valid, part) is not None for part in parts)


def span(valid: window.Window) -> tuple[date, date]:
    """The days that are looked at to find one that is in: from the first that can be, for as long as it takes."""
    if valid.dates is not None:
        start, end = min(valid.dates), max(valid.dates)
    else:
        start = day_of(valid.start) or (day_of(valid.until) or date(festivals.years()[1], 1, 1))
        if valid.start is None:
            start = date(max(start.year - LOOK_AHEAD_YEARS, 1), 1, 1)
        end = date(min(start.year + LOOK_AHEAD_YEARS, date.max.year), 12, 31)
    return max(start, day_of(valid.start) or start), min(end, day_of(valid.until) or end)


def day_of(moment: date | datetime | None) -> date | None:
    """The day of a day or a moment."""
    return moment.date() if isinstance(moment, datetime) else moment
