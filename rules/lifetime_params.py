"""The parameters of what changes how long points live that are there."""

from typing import Annotated

from pydantic import Field

from rules.params import Params
from rules.parts import Exact, Name


class Expire(Params):
    """End what is free in a wallet now, what is pending too; `keep` so many that live longest."""

    name = "expire_points"
    wallet: Name | None = None
    keep: Annotated[Exact, Field(ge=0)] | None = None


class Redate(Params):
    """Give each open lot the end that the wallet's rule gives it now, counted from when it was earned."""

    name = "redate_points"
    wallet: Name | None = None


class Mature(Params):
    """Make available what waits for an event: the lots that are pending `open`."""

    name = "mature_points"
    wallet: Name | None = None
