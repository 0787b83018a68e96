"""What a rule about the end of points must keep to: tiers that are there, doings that exist, one kind of activity."""

from collections.abc import Iterator, Mapping

from rules import ends
from rules.expiry import DOINGS, Ending, Expiry, Inactive
from rules.facts import KINDS, WANTED
from rules.faults import known, listed, shown
from rules.moments import KINDS as MOMENTS
from rules.programme import Programme
from rules.tiers import Ladder

Found = Iterator[tuple[tuple[str | int, ...], str, dict[str, str | int]]]
Ladders = Mapping[str, Ladder]
# What follows of itself is nothing that a member does.
FOLLOWING = frozenset({"points.available", "tier.changed", "tier.reviewed", WANTED, *MOMENTS})


def wallets(programme: Programme, ladders: Ladders) -> Found:
    """Every wallet of a programme."""
    for name, wallet in programme.wallets.items():
        for steps, code, more in faults(wallet.expires, programme, ladders, wallet=True):
            yield (name, "expires", *steps), code, more
        if wallet.shown is not None and wallet.shown > wallet.scale:
            yield (name, "shown"), "OUT_OF_RANGE", {"allowed": f"≤ {wallet.scale}"}


def faults(rule: Expiry, programme: Programme, ladders: Ladders, *, wallet: bool) -> Found:
    """One rule: of a wallet, or of what one policy earns."""
    if rule.by_tier is not None:
        yield from tier_faults(rule, programme, ladders)
    for steps, one in placed(rule):
        if one.inactive is not None:
            for more, code, params in inactive_faults(one.inactive, programme, wallet=wallet):
                yield (*steps, "inactive", *more), code, params
    said = ends.inactivity(rule)
    for steps, one in placed(rule):
        if said and one.inactive and set(one.inactive.reset_by) != set(said.reset_by):
            yield (*steps, "inactive", "reset_by"), "INACTIVE_DIFFERS", {"other": listed(said.reset_by)}


def placed(rule: Expiry) -> Iterator[tuple[tuple[str | int, ...], Ending]]:
    """Every way to end with the place where it stands."""
    if rule.by_tier is None:
        yield (), rule
        return
    for key, one in rule.by_tier.levels.items():
        yield ("by_tier", "levels", key), one
    yield ("by_tier", "otherwise"), rule.by_tier.otherwise


def tier_faults(rule: Expiry, programme: Programme, ladders: Ladders) -> Found:
    """A ladder that is there, and its levels."""
    if rule.by_tier is None:
        return
    name = rule.by_tier.ladder or programme.ladder
    if name is None:
        yield ("by_tier",), "FIELD_MISSING", {"field": "ladder"}
    elif name not in ladders:
        yield ("by_tier", "ladder"), "LADDER_UNKNOWN", {"name": name, "allowed": listed(ladders)}
    else:
        levels = [level.key for level in ladders[name].levels]
        for key in rule.by_tier.levels:
            if key not in levels:
                yield (
                    ("by_tier", "levels", key),
                    "LEVEL_UNKNOWN",
                    {"name": key, "ladder": name, "allowed": listed(levels)},
                )


def inactive_faults(own: Inactive, programme: Programme, *, wallet: bool) -> Found:
    """Only a wallet knows of inactivity, and only of what a member does."""
    if not wallet:
        yield (), "INACTIVE_NOT_HERE", {}
    if own.after.days == 0:
        yield ("after", "days"), "OUT_OF_RANGE", {"allowed": "> 0"}
    allowed = [kind for kind in (*KINDS, *DOINGS, *programme.event_types) if kind not in FOLLOWING]
    for index, kind in enumerate(own.reset_by):
        if kind not in allowed:
            yield ("reset_by", index), "EVENT_UNKNOWN", {"name": shown(kind), "allowed": known(sorted(allowed))}
