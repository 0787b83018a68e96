"""Figures as a member reads them."""

from decimal import Decimal

import pytest

from schema.money import rounded_down


@pytest.mark.parametrize(
    ("units", "scale", "shown", "read"),
    [(12, 1, 0, "1"), (12, 1, None, "1.2"), (199, 2, 1, "1.9"), (-12, 1, 0, "-1"), (7, 0, None, "7")],
)
def test_a_balance_is_shown_rounded_down(units: int, scale: int, shown: int | None, read: str) -> None:
    assert rounded_down(units, scale, shown) == Decimal(read)
