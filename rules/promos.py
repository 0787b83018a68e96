"""Promo codes by a digest of their word, so that the time a look-up takes says nothing of how near a guess was."""

import hashlib
from collections.abc import Mapping
from typing import NamedTuple

from rules.benefit_terms import PromoCode
from rules.benefits import Benefit


class Promo(NamedTuple):
    """A promo code, and what it brings."""

    benefit: str
    promo: PromoCode


def by_digest(benefits: Mapping[str, Benefit]) -> Mapping[bytes, Promo]:
    """Every promo code of a programme."""
    return {digest(one.code): Promo(key, one) for key, benefit in benefits.items() for one in benefit.promo_codes}


def digest(word: str) -> bytes:
    """What a word is looked up by: capitals, small letters and blanks around it make no difference."""
    return hashlib.sha256(word.strip().casefold().encode()).digest()
