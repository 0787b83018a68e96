"""What a wallet says of transfers from member to member: to whom, how much at once and in a period, for what fee."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from rules.parts import Count, Exact, Strict

TRANSFER_PERIODS = ("day", "month", "year")
Found = Iterator[tuple[tuple[str | int, ...], str, dict[str, str | int]]]


class Transfers(Strict):
    """Whole points of the wallet. A wallet that is silent lets staff transfer, and no member by itself.

    A period is the calendar's, in the programme's zone; the fee is rounded up, and is paid by whoever gives.
    """

    to: Literal["anyone", "same_pool", "nobody"] = "anyone"
    least: Count = 1
    most: Count | None = None
    per_day: Count | None = None
    per_month: Count | None = None
    per_year: Count | None = None
    fee_percent: Annotated[Exact, Field(gt=0, le=50)] | None = None

    def per(self, period: str) -> int | None:
        """The cap of a period, in whole points."""
        most: int | None = getattr(self, f"per_{period}")
        return most


def faults(terms: Transfers | None, *, spendable: bool) -> Found:
    """Bounds between which something lies, of points that can leave the wallet at all."""
    if terms is None:
        return
    if not spendable:
        yield (), "FIELD_NOT_HERE", {"field": "transfers", "allowed": '"spendable": true'}
    for name in ("most", "per_day", "per_month", "per_year"):
        most = getattr(terms, name)
        if most is not None and most < terms.least:
            yield (name,), "OUT_OF_RANGE", {"allowed": f"≥ {terms.least}"}
