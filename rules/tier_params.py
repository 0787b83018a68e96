"""Actions on standings: move a member on a ladder, keep reviews off for a while, put the end of a standing off."""

from pydantic import Field

from rules.params import Params
from rules.parts import Key
from rules.tiers import Stretch


class TierAction(Params):
    """What every action on a standing says: of which ladder; else of the programme's main one."""

    ladder: Key | None = None


class MoveTier(TierAction):
    """Put the member on a level, up or down."""

    name = "move_tier"
    to: Key


class ProtectTier(TierAction):
    """No review and no end of a standing takes the member down for so long."""

    name = "protect_tier"
    span: Stretch = Field(alias="for")


class ExtendTier(TierAction):
    """The end of the standing is put off by so much."""

    name = "extend_tier"
    span: Stretch = Field(alias="by")
