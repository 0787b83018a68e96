"""Money and points as GraphQL writes them: whole units inside, decimal text and shown numbers outside."""

from decimal import Decimal

import strawberry

from loyalty.refusals import Malformed
from rules import exact
from schema.needs import says
from schema.scalars import CurrencyCode, Points


@strawberry.type(description="An amount of money, with its currency.")
class Money:
    """Kept as whole minor units."""

    amount: Decimal = says("How much, in the currency's main unit.")
    currency_code: CurrencyCode = says("In which currency.")


def money(minor: int, currency: str) -> Money:
    """Minor units as money."""
    return Money(amount=decimal(minor, exact.currency_scale(currency)), currency_code=CurrencyCode(currency))


def minor(amount: Decimal, currency: str, at: str) -> int:
    """Money as minor units; Malformed where it has more places than the currency."""
    units = exact.units(amount, exact.currency_scale(currency))
    if units is None:
        raise Malformed("INVALID_AMOUNT", at, least=0, most=exact.MAGNITUDE_MAX)
    return units


def decimal(units: int, scale: int) -> Decimal:
    """Whole units of 10^-scale as a decimal."""
    return Decimal(exact.text(units, scale))


def rounded_down(units: int, scale: int, shown_scale: int | None) -> Decimal:
    """Points with as many decimals as a person sees, the rest left out; all that are kept, where nothing says less."""
    places = scale if shown_scale is None else shown_scale
    whole = abs(units) // 10 ** (scale - places)
    return decimal(-whole if units < 0 else whole, places)


def shown(units: int, scale: int) -> Points:
    """Points as a member reads them: whole ones, what is not whole yet left out."""
    whole = abs(units) // 10**scale
    return Points(-whole if units < 0 else whole)
