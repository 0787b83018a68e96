"""How generous an action may be: beyond this it is a slip of the hand, and no figure of the books would hold it."""

from collections.abc import Iterator
from decimal import Decimal

from rules import actions

ONCE_MAX = 10**9  # Points given at once: as many as one entry may have.
RATE_MAX = 10**6  # Points for one unit of what they are earned on: a yuan, a piece.
Found = Iterator[tuple[tuple[str | int, ...], str, dict[str, str | int]]]


def generous(params: actions.Params) -> Found:
    """A fault for each number of points beyond all measure."""
    for steps, points, per in given(params):
        if points > (ONCE_MAX if per is None else RATE_MAX * per):
            yield ("params", *steps), "TOO_GENEROUS", {"most": ONCE_MAX, "rate": RATE_MAX}


def given(params: actions.Params) -> Iterator[tuple[tuple[str | int, ...], Decimal, Decimal | None]]:
    """Every number of points an action gives: at once, or for so much."""
    if isinstance(params, actions.EarnPoints):
        yield ("points",), params.points, None
    elif isinstance(params, actions.EarnPerAmount | actions.EarnPerUnit):
        yield ("points",), params.points, params.per
    elif isinstance(params, actions.EarnByTable):
        for key, points in params.table.items():
            yield ("table", key), points, params.per
        yield ("otherwise",), params.otherwise or Decimal(0), params.per
    elif isinstance(params, actions.EarnBySteps):
        for index, step in enumerate(params.steps):
            per = step.per if params.mode in {"rate", "slices"} else step.start or None
            yield ("steps", index, "points"), step.points, per if params.mode != "award" else None
