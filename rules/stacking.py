"""Which of the policies that hold are heard: groups, by best, by first, or all."""

from collections.abc import Callable, Sequence
from fractions import Fraction

from rules.wishes import Wish

Worth = Callable[[Wish], Fraction]
Chosen = tuple[list[Wish], list[tuple[Wish, str]]]


def exclusive(group: Sequence[Wish], worth: Worth) -> Wish:
    """The first by priority, then path."""
    return group[0]


def best(group: Sequence[Wish], worth: Worth) -> Wish:
    """The one that is worth most to the member; among equals the first by priority, then path."""
    return max(group, key=worth)


PICKS = {"exclusive": exclusive, "best": best}


def choose(wishes: Sequence[Wish], worth: Worth) -> Chosen:
    """Those that are heard, in their order, and those that are not, each with the mode that decided.

    The wishes come by priority, then path. A policy without a group, or in an additive one, is always heard.
    """
    groups: dict[str, list[Wish]] = {}
    modes: dict[str, str] = {}
    for wish in wishes:
        stacking = wish.rule.policy.stacking
        if stacking is not None and stacking.mode in PICKS:
            groups.setdefault(stacking.group, []).append(wish)
            modes[stacking.group] = stacking.mode
    if not groups:
        return list(wishes), []
    picked = {name: PICKS[modes[name]](group, worth) for name, group in groups.items()}
    heard, silent = [], []
    for wish in wishes:
        group = wish.rule.group
        if group in picked and picked[group] is not wish:
            silent.append((wish, f"stacking:{modes[group]}"))
        else:
            heard.append(wish)
    return heard, silent
