"""Documents once they are checked: typed, complete, safe to compile. Nothing else ever reaches a decision."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo

from rules.actions import Multiply, Params
from rules.benefits import Benefit
from rules.conditions import Condition
from rules.draws import Draw
from rules.facts import Catalogue
from rules.gatherings import Gathering
from rules.partners import Partner
from rules.policy import Policy
from rules.polls import Poll
from rules.programme import Programme
from rules.segments import Segment
from rules.tier_params import TierAction
from rules.tiers import Ladder


@dataclass(frozen=True)
class Rule:
    """A policy with its condition and its actions typed."""

    path: str
    policy: Policy
    condition: Condition | None  # All that must hold: the audience's parts, then what the policy itself asks.
    actions: tuple[Params, ...]
    audience: Condition | None = None
    asked: Condition | None = None  # What the policy itself asks.

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

    @property
    def mode(self) -> str:
        """How its group combines; one without a group adds up with everything."""
        return self.policy.stacking.mode if self.policy.stacking else "additive"


@dataclass(frozen=True)
class Standard:
    """A ladder with its conditions typed: by rank what reaches and what keeps it, and when one may fall.

    The lowest has neither; what a level does not say of keeping is what it says of reaching.
    """

    ladder: Ladder
    reach: tuple[Condition | None, ...]
    keep: tuple[Condition | None, ...]
    demotion: Condition | None

    @property
    def conditions(self) -> tuple[Condition | None, ...]:
        """Everything it asks of a member."""
        return (*self.reach, *self.keep, self.demotion)


@dataclass(frozen=True)
class Definitions:
    """What policies lean on: programme, ladders, benefits and the catalogue that follows from them."""

    programme: Programme
    catalogue: Catalogue
    standards: Mapping[str, Standard]
    benefits: Mapping[str, Benefit]
    available_to: Mapping[str, Condition | None]
    zone: ZoneInfo
    filters: Mapping[str, Condition] = field(default_factory=dict)  # By metric: which orders, lines or events it takes.
    segments: Mapping[str, Segment] = field(default_factory=dict)
    members_of: Mapping[str, Condition | None] = field(default_factory=dict)  # Conditions of segments that have one.
    early_to: Mapping[str, tuple[Condition | None, ...]] = field(
        default_factory=dict
    )  # By benefit: who comes in first.
    partners: Mapping[str, Partner] = field(default_factory=dict)
    gatherings: Mapping[str, Gathering] = field(default_factory=dict)
    draws: Mapping[str, Draw] = field(default_factory=dict)
    polls: Mapping[str, Poll] = field(default_factory=dict)
    invited: Mapping[str, Condition | None] = field(default_factory=dict)  # Who may take part, by path.

    @cached_property
    def main_wallet(self) -> str:
        """The wallet meant where none is named."""
        return self.programme.main_wallet

    @property
    def main_ladder(self) -> str | None:
        """The ladder meant where none is named: the programme's own, or the only one there is."""
        only = next(iter(self.standards)) if len(self.standards) == 1 else None
        return self.programme.ladder or only

    def ladder_of(self, params: TierAction) -> str:
        """The ladder an action means; `check` has seen that there is one."""
        return params.ladder or self.main_ladder or ""

    def scale(self, wallet: str) -> int:
        """How many decimals a wallet keeps."""
        return self.programme.wallets[wallet].scale
