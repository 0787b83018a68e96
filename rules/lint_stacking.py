"""Policies that another one always puts in the shade, and policies of a group whose order nobody has said."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from rules import actions
from rules.lint_desk import Desk, Warnings, pairs, warning
from rules.rule import Rule

FIRST = ("exclusive", "first")


def shadowed(desk: Desk) -> Warnings:
    """Policies that are never heard, whatever happens."""
    for group in (*grouped(desk).values(), *priced(desk).values()):
        seen: set[str] = set()
        for first, later in pairs(group):
            for shaded, by in ((later, first), (first, later)):
                if shaded.path not in seen and outdone(shaded, by, first is by) and desk.covers(by, shaded):
                    seen.add(shaded.path)
                    yield warning(shaded.path, "SHADOWED", other=by.path)
    yield from refused(desk)


def refused(desk: Desk) -> Warnings:
    """Policies on events that another policy always refuses."""
    refusing = [rule for rule in desk.heard if isinstance(rule.actions[0], actions.Refusal)]
    for rule in desk.heard:
        no = next((one for one in refusing if outdone_by_refusal(rule, one, desk) and desk.covers(one, rule)), None)
        if no is not None:
            yield warning(rule.path, "SHADOWED", other=no.path)


def outdone_by_refusal(rule: Rule, no: Rule, desk: Desk) -> bool:
    """Whether a refusal would silence a policy: a message is still sent, and of two refusals the first is heard."""
    if rule is no or all(isinstance(one, actions.Message) for one in rule.actions):
        return False
    heard = [one.path for one in desk.heard if one is rule or one is no]
    return not isinstance(rule.actions[0], actions.Refusal) or heard[0] == no.path


def grouped(desk: Desk) -> Mapping[str, list[Rule]]:
    """Policies of groups of which not all are heard, in the order they are heard."""
    groups: dict[str, list[Rule]] = {}
    for rule in desk.heard:
        if rule.policy.stacking is not None and rule.policy.stacking.mode in (*FIRST, "best"):
            groups.setdefault(rule.policy.stacking.group, []).append(rule)
    return groups


def priced(desk: Desk) -> Mapping[str, list[Rule]]:
    """Policies that do nothing but price a benefit, by benefit; in no group, for a group decides by itself."""
    prices: dict[str, list[Rule]] = {}
    for rule in desk.heard:
        first = rule.actions[0]
        if len(rule.actions) == 1 and isinstance(first, actions.PriceFixed) and rule.policy.stacking is None:
            prices.setdefault(first.benefit, []).append(rule)
    return prices


def outdone(shaded: Rule, by: Rule, heard_before: bool) -> bool:
    """Whether a policy gives nothing where another one holds: that one comes first, or always gives more."""
    stacking = shaded.policy.stacking
    if stacking is not None and stacking.mode in FIRST:
        # Of a group of which the first that gives anything counts, a limit lets the next one through.
        return heard_before and (stacking.mode == "exclusive" or by.policy.limits is None)
    if len(shaded.actions) != 1 or len(by.actions) != 1 or by.policy.limits is not None:
        return False
    mine, theirs = shaded.actions[0], by.actions[0]
    measure = MEASURES.get(type(mine))
    if measure is None or type(theirs) is not type(mine) or actions.wallet_of(mine) != actions.wallet_of(theirs):
        return False
    worse, better = measure(mine), measure(theirs)
    if worse is None or better is None:
        return False
    return worse < better or (worse == better and heard_before)


MEASURES: Mapping[type[actions.Params], Callable[[Any], Decimal | None]] = {
    actions.EarnPoints: lambda params: params.points,
    actions.Multiply: actions.greatest,
    actions.PriceFixed: lambda params: -params.points if plain(params) else None,
}


def plain(price: actions.PriceFixed) -> bool:
    """Whether a price asks for nothing but points: others are not to be compared with it."""
    return price.minimum_basket is None and price.money is None and not price.one_per_order


def overlapping(desk: Desk) -> Warnings:
    """Two policies of a group of which only the first counts, both met by one event and neither said to come first."""
    for group in grouped(desk).values():
        seen: set[str] = set()
        for first, later in pairs(one for one in group if one.policy.stacking and one.policy.stacking.mode in FIRST):
            if first.policy.priority != later.policy.priority or later.path in seen:
                continue
            if desk.together(first, later) and not desk.covers(first, later):
                seen.add(later.path)
                yield warning(later.path, "EXCLUSIVE_OVERLAP", "stacking", other=first.path)
