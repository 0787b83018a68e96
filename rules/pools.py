"""What a programme says of family pools: how large, who spends, what earnings bring, where points go in the end."""

from collections.abc import Container, Iterator
from typing import Annotated, Literal

from pydantic import Field

from rules.parts import Count, Exact, Name, Strict

Found = Iterator[tuple[tuple[str | int, ...], str, dict[str, str | int]]]


class Pools(Strict):
    """Family pools. A programme that is silent has none.

    `share_percent` of what a member earns goes to its pool by itself, when it becomes available, rounded down.
    """

    wallet: Name | None = None  # Whose points are pooled; the main one's, unless said.
    members_most: Annotated[int, Field(ge=2, le=20)] = 6
    invitation_days: Annotated[int, Field(ge=1, le=90)] = 7
    share_percent: Annotated[Exact, Field(gt=0, le=100)] | None = None
    spend: Literal["anyone", "owner"] = "anyone"
    spend_per_month: Count | None = None  # Whole points a member spends from the pool.
    on_leave: Literal["stay", "share"] = "stay"
    on_close: Literal["owner", "share"] = "owner"


def faults(terms: Pools | None, spendable: Container[str], *, main: str) -> Found:
    """A pool's points are of a wallet that is there and can be spent."""
    if terms is not None and (terms.wallet or main) not in spendable:
        yield ("wallet",), "WALLET_NOT_SPENDABLE", {"name": terms.wallet or main}
