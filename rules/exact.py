"""Exact decimals: text in, whole units out. Nothing here is ever a float, and nothing is rounded unasked."""

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

EXACT = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,8})?", re.ASCII)
MAGNITUDE_MAX = 10**12  # Beyond it a figure in a document is a slip of the hand.
UNDIVIDED = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
CURRENCY_SCALES = {
    **dict.fromkeys(UNDIVIDED.split(), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}


def currency_scale(currency: str) -> int:
    """How many decimals a currency has: 2, unless ISO 4217 says otherwise."""
    return CURRENCY_SCALES.get(currency, 2)


def read(value: object) -> Decimal | None:
    """The number a document wrote as text or as a whole number; None if it is neither, or too large."""
    if type(value) is int:
        return Decimal(value) if abs(value) <= MAGNITUDE_MAX else None
    if not isinstance(value, str) or not EXACT.fullmatch(value):
        return None
    number = Decimal(value)
    return number if abs(number) <= MAGNITUDE_MAX else None


def units(number: Decimal, scale: int) -> int | None:
    """The number in whole units of 10^-scale; None if it does not come out even."""
    whole = Fraction(number) * 10**scale
    return int(whole) if whole.denominator == 1 else None


def text(amount: int, scale: int) -> str:
    """Whole units written out: text(30000, 2) is "300.00"."""
    if scale == 0:
        return str(amount)
    whole, part = divmod(abs(amount), 10**scale)
    return f"{'-' if amount < 0 else ''}{whole}.{part:0{scale}d}"


def plain(number: Decimal) -> str:
    """A decimal without exponent and without trailing zeros: 1.50 is "1.5", 100 is "100"."""
    written = format(number, "f")
    return written.rstrip("0").rstrip(".") if "." in written else written


def floor(number: Fraction) -> int:
    """The whole number at or below."""
    return number.numerator // number.denominator


def half_up(number: Fraction) -> int:
    """The nearest whole number, halves upwards."""
    return (2 * number.numerator + number.denominator) // (2 * number.denominator)


def split(total: int, weights: Sequence[Fraction]) -> list[int]:
    """Share a whole number by weight, cumulatively rounded: the parts are never below zero and add up to the total."""
    if len(weights) == 1:
        return [total if weights[0] else 0]
    whole = sum(weights, Fraction(0))
    if not whole:
        return [0] * len(weights)
    shares, run, before = [], Fraction(0), 0
    for weight in weights:
        run += weight
        upto = floor(total * run / whole)
        shares.append(upto - before)
        before = upto
    return shares
