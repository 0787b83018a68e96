"""Which of the policies that hold are heard: groups, by best, by first, or all; and factors that multiply one another.

`exclusive` takes the first whose conditions hold, even if its limits leave nothing; `first` the first that gives
anything, which is known only while limits are looked at.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from rules.earning import factor_on
from rules.scene import Earned, Scene, Wish

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


@dataclass
class Products:
    """What amounts have come to in each group whose factors are multiplied with one another, policy by policy.

    Exact until something is cut: then what was posted is all that is left to multiply.
    """

    amounts: tuple[Earned, ...]
    running: dict[str, tuple[Earned, ...]] = field(default_factory=dict)

    def base(self, group: str) -> tuple[Earned, ...]:
        """What the next factor of a group works on."""
        return self.running.get(group, self.amounts)

    def multiply(self, scene: Scene, asked: Wish, given: Wish | None) -> None:
        """Note what a policy of a group made of it: what it asked for, and what its limits left of that."""
        rule, before = asked.rule, self.base(asked.rule.group or "")
        whole = given is not None and given.points == asked.points
        found = []
        for place, base in enumerate(before):
            posted = list(base.points)
            for one in given.earned if given else ():
                for line, points in zip(one.lines, one.points, strict=True) if one.of == place else ():
                    posted[base.lines.index(line)] += points
            factors = [
                factor_on(scene, rule, base.wallet, line) if not rule.by_line or line in scene.matched else 1
                for line in base.lines
            ]
            exact = [part * factor for part, factor in zip(base.exact, factors, strict=True)]
            parts = exact if whole else [Fraction(points) for points in posted]
            found.append(replace(base, exact=tuple(parts), points=tuple(posted)))
        self.running[rule.group or ""] = tuple(found)
