"""Where and on what a piece is used: the place, the basket and its lines, against what the benefit asks."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from loyalty.eligible import local
from loyalty.redeemed import burnt_on
from loyalty.refusals import Refused
from loyalty.turn import Turn
from models.benefits import Entitlement
from rules import calendar, exact
from rules.benefit_terms import Use
from rules.benefits import Benefit
from rules.scene import scaled


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a till says of the order a piece is used on; amounts in minor units."""

    shop: str = "main"
    order_number: str | None = None
    basket: int | None = None
    channel: str = ""
    store: str = ""
    lines: tuple[Any, ...] = ()  # Each with sku, brand, category, tags.

    @property
    def order(self) -> str | None:
        """The order, as entitlements remember it."""
        return burnt_on(self.shop, self.order_number) if self.order_number else None


def must_fit(turn: Turn, row: Entitlement, benefit: Benefit, there: Circumstances) -> None:
    """Refused where the piece is not for this place, this basket, these lines, or not together with another."""
    begins = benefit.valid.start if benefit.valid is not None else None
    if begins is not None and turn.instant < (first := calendar.from_instant(begins, turn.ruleset.zone)):
        raise Refused("NOT_USABLE_YET", benefit=row.benefit, day=local(turn, first))
    scale = turn.ruleset.definitions.catalogue.currency_scale
    least = scaled(benefit.minimum_spend, scale) if benefit.minimum_spend is not None else 0
    if (there.basket or 0) < least:
        raise Refused("BASKET_TOO_SMALL", field="/basket", benefit=row.benefit, least=exact.text(least, scale))
    for field, allowed, fits in places(benefit.use or Use(), there):
        if not fits:
            raise Refused("NOT_USABLE_HERE", field=f"/{field}", benefit=row.benefit, allowed=sorted(allowed))
    if there.order is not None:
        _together(turn, row, benefit, there.order)


def fits(benefit: Benefit, there: Circumstances, scale: int) -> bool:
    """The same as an answer: whether a piece could be used there, as far as place and basket say."""
    least = scaled(benefit.minimum_spend, scale) if benefit.minimum_spend is not None else 0
    return (there.basket or 0) >= least and all(good for _, _, good in places(benefit.use or Use(), there))


def places(use: Use, there: Circumstances) -> Iterable[tuple[str, tuple[str, ...], bool]]:
    """Each list the benefit gives: of what, what it allows, and whether the occasion is in it."""
    for name, field, said in PLACES:
        allowed = getattr(use, name)
        if allowed is not None:
            yield field, allowed, said(there) in allowed
    lists = {name: getattr(use, name) for name in OF_LINES if getattr(use, name) is not None}
    if lists and not any(all(OF_LINES[name](line, allowed) for name, allowed in lists.items()) for line in there.lines):
        yield "lines", tuple(one for allowed in lists.values() for one in allowed), False


def _together(turn: Turn, row: Entitlement, benefit: Benefit, order: str) -> None:
    """On one order with others only if all of them allow it."""
    there = [one for one in turn.book.of(Entitlement, turn.member_id) if one.used_on == order and one.id != row.id]
    alone = (benefit, *(turn.book.live.at(one.issued_at).ruleset.benefits[one.benefit] for one in there))
    if there and any(one.use is not None and not one.use.combinable for one in alone):
        raise Refused("NOT_COMBINABLE", benefit=row.benefit, other=there[0].benefit)


Said = Callable[[Circumstances], str]
PLACES: Final[tuple[tuple[str, str, Said], ...]] = (
    ("channels", "channel", lambda there: there.channel),
    ("stores", "store", lambda there: there.store),
    ("shops", "shop", lambda there: there.shop),
)
OF_LINES: Final[Mapping[str, Callable[[Any, tuple[str, ...]], bool]]] = {
    "skus": lambda line, allowed: line.sku in allowed,
    "brands": lambda line, allowed: line.brand in allowed,
    "categories": lambda line, allowed: line.category in allowed,
    "tags": lambda line, allowed: any(tag in allowed for tag in line.tags),
}
