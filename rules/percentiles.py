"""Percentiles: a declared share of the members, by one of the programme's metrics.

Of n active members whose figure is above zero, the share begins at the k-th highest figure, k = ⌈n × top ÷ 100⌉.
Whoever has that figure or a higher one is in, so that equal members are in or out together. Before it was first
computed, and while nobody has a figure, nobody is in.
"""

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field

from rules.parts import Name, Strict, Text, read_exact

PREFIX: Final = "in_"
PARTS_OF_ONE: Final = 10_000  # A share is reckoned in hundredths of a percent.
TOP_DECIMALS: Final = 2

Share = Annotated[Decimal, BeforeValidator(read_exact), Field(gt=0, lt=100)]


class Percentile(Strict):
    """The members at the top by a metric: `top` per cent of those who have a figure at all."""

    title: Text
    of: Name
    top: Share
    every: Literal["day", "month", "quarter", "year"] = "month"

    @property
    def parts(self) -> int:
        """The share in hundredths of a percent."""
        return int(self.top * (PARTS_OF_ONE // 100))


def variable_of(key: str) -> str:
    """What a condition calls it."""
    return PREFIX + key


def place(members: int, parts: int) -> int:
    """Which of so many figures, from the highest down, is where the share begins."""
    return -(-members * parts // PARTS_OF_ONE)


def identity(key: str, percentile: Percentile, metric: Any) -> str:
    """What a threshold is kept under: another figure, window or share is another threshold, whatever it is called."""
    figure = metric.model_dump(mode="json", by_alias=True, exclude={"title"}, exclude_none=True)
    meant: Mapping[str, Any] = {"figure": figure, "parts": percentile.parts}
    text = json.dumps(meant, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{key}@{hashlib.sha256(text.encode()).hexdigest()[:12]}"
