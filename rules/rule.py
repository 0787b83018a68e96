"""Documents once they are checked: typed, complete, safe to compile. Nothing else ever reaches a decision."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from rules.actions import Multiply, Params
from rules.conditions import Condition
from rules.facts import Catalogue
from rules.policy import Benefit, Ladder, Policy, Programme


@dataclass(frozen=True)
class Rule:
    """A policy with its condition and its actions typed."""

    path: str
    policy: Policy
    condition: Condition | None
    actions: tuple[Params, ...]

    @cached_property
    def by_line(self) -> bool:
        """Whether it looks at order lines one by one."""
        return self.policy.scope == "line"

    @cached_property
    def multiplies(self) -> bool:
        """Whether it works on what others earned."""
        return any(isinstance(action, Multiply) for action in self.actions)

    @property
    def group(self) -> str | None:
        """The group it is stacked in."""
        return self.policy.stacking.group if self.policy.stacking else None


@dataclass(frozen=True)
class Standard:
    """A ladder with its conditions typed: by rank what reaches it (None for the lowest), and when one may fall."""

    ladder: Ladder
    reach: tuple[Condition | None, ...]
    demotion: Condition | None


@dataclass(frozen=True)
class Definitions:
    """What policies lean on: programme, ladders, benefits and the catalogue that follows from them."""

    programme: Programme
    catalogue: Catalogue
    standards: Mapping[str, Standard]
    benefits: Mapping[str, Benefit]
    available_to: Mapping[str, Condition | None]
    zone: ZoneInfo

    @cached_property
    def main_wallet(self) -> str:
        """The wallet meant where none is named."""
        return self.programme.main_wallet

    def scale(self, wallet: str) -> int:
        """How many decimals a wallet keeps."""
        return self.programme.wallets[wallet].scale
