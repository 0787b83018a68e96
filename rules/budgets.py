"""Budgets of `programme.json`: points, or awards, that all members share, and the part kept for higher tiers."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from rules import exact
from rules.faults import listed
from rules.parts import Count, Key, Name, Positive, Strict, Text
from rules.tiers import Ladder

if TYPE_CHECKING:
    from rules.programme import Programme

Found = Iterator[tuple[tuple[str | int, ...], str, dict[str, str | int]]]


class Kept(Strict):
    """The part that only members from a level up may take; they take it before they take of the rest."""

    ladder: Key | None = None  # The programme's own, where none is named.
    at_least: Key
    points: Positive | None = None
    times: Count | None = None


class Budget(Strict):
    """What all members share; it never overspends, and the last award is cut to what is left."""

    title: Text
    points: Positive | None = None
    times: Count | None = None
    wallet: Name | None = None
    kept: Kept | None = None


def faults(programme: "Programme") -> Found:
    """The faults of the budgets of a programme by themselves."""
    for name, own in programme.budgets.items():
        for steps, code, params in budget_faults(own, programme):
            yield ("budgets", name, *steps), code, params


def budget_faults(own: Budget, programme: "Programme") -> Found:
    """A budget has a size, in a wallet that exists, and keeps no more than it has."""
    wallet = own.wallet or programme.main_wallet
    if own.points is None and own.times is None:
        yield (), "BUDGET_WITHOUT_SIZE", {"allowed": "points, times"}
    if wallet not in programme.wallets:
        yield ("wallet",), "WALLET_UNKNOWN", {"name": wallet, "allowed": listed(programme.wallets)}
        return
    scale = programme.wallets[wallet].scale
    for steps, points in ((("points",), own.points), (("kept", "points"), own.kept.points if own.kept else None)):
        if points is not None and exact.units(points, scale) is None:
            yield steps, "VALUE_POINTS", {"scale": scale}
    if own.kept is not None:
        yield from kept_faults(own, own.kept)


def kept_faults(own: Budget, kept: Kept) -> Found:
    """What is kept is a part of what there is."""
    if kept.points is None and kept.times is None:
        yield ("kept",), "BUDGET_WITHOUT_SIZE", {"allowed": "points, times"}
    for unit in ("points", "times"):
        part, whole = getattr(kept, unit), getattr(own, unit)
        if part is not None and (whole is None or part > whole):
            yield ("kept", unit), "BUDGET_KEEPS_MORE", {"most": str(whole or 0)}


def kept_for(programme: "Programme", ladders: Mapping[str, Ladder]) -> Found:
    """Kept for a level that is there, and above the one where everybody stands."""
    for name, own in programme.budgets.items():
        if own.kept is None:
            continue
        key = own.kept.ladder or programme.ladder or ""
        steps = ("budgets", name, "kept")
        if key not in ladders:
            yield (*steps, "ladder"), "LADDER_UNKNOWN", {"name": key or "–", "allowed": listed(ladders)}
        elif not ladders[key].rank(own.kept.at_least):
            levels = [level.key for level in ladders[key].levels[1:]]
            yield (*steps, "at_least"), "VALUE_OPTION", {"allowed": listed(levels)}
