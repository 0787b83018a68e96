"""What became of each benefit: issued, used, delivered, what it cost, and what is left."""

from decimal import Decimal

import strawberry

from loyalty.figures import Figures, figures
from schema.money import Money
from schema.needs import field, says
from schema.reader import Info
from schema.scalars import Points


@strawberry.type(description="What became of one benefit, over all members.")
class BenefitFigures:
    """Counted from the pieces, exactly, at the moment of reading."""

    benefit: str = says("The benefit's key.")
    title: str | None = says("What it is called; null where it is declared no more.")
    issued: Points = says("Every piece there has been.")
    open: Points = says("Pieces that can be used, or are set aside.")
    used: Points = says("Pieces that were used up.")
    expired: Points = says("Pieces whose time ran out.")
    revoked: Points = says("Pieces that were taken back.")
    usage_rate: Decimal | None = says("Used ÷ issued; null where none was issued.")
    promised: Points = says("Pieces that somebody has to deliver.")
    fulfilled: Points = says("Pieces that were delivered.")
    fulfilled_late: Points = says("Pieces that were delivered after they had been promised.")
    overdue: Points = says("Pieces that should have been delivered by now.")
    fulfilment_rate: Decimal | None = says("Delivered ÷ promised; null where nothing was promised.")
    cost: Money | None = says("What the house has paid for it, at the cost of the version that gave each piece.")
    stock: Points | None = says("How many there were to give; null where there is no end of them.")
    left: Points | None = says("How many of these are left.")
    low_stock: bool = says("Whether no more are left than the mark at which somebody is told.")


@strawberry.type
class FiguresQuery:
    """For who runs the programme."""

    @field(needs="books:read", description="Usage, delivery and cost of every benefit. One scan of all pieces.")
    async def benefit_figures(self, info: Info) -> list[BenefitFigures] | None:
        """By key, at most as many as the programme declares or has given."""
        reader = info.context
        live = await reader.live()
        ruleset = live.at(reader.now).ruleset
        titles = {key: reader.say(one.title) for key, one in ruleset.benefits.items()}
        currency = ruleset.programme.currency
        return [told(one, titles, currency) for one in await figures(reader.house.db, live, reader.now)]


def told(one: Figures, titles: dict[str, str], currency: str) -> BenefitFigures:
    """One benefit's figures as GraphQL says them."""
    state = one.by_state
    return BenefitFigures(
        benefit=one.benefit,
        title=titles.get(one.benefit),
        issued=Points(one.issued),
        open=Points(state["issued"] + state["reserved"]),
        used=Points(state["used"]),
        expired=Points(state["expired"]),
        revoked=Points(state["revoked"]),
        usage_rate=one.usage_rate,
        promised=Points(one.promised),
        fulfilled=Points(one.fulfilled),
        fulfilled_late=Points(one.late),
        overdue=Points(one.overdue),
        fulfilment_rate=one.fulfilment_rate,
        cost=None if one.cost is None else Money(amount=one.cost, currency_code=currency),  # type: ignore[arg-type]
        stock=None if one.stock is None else Points(one.stock),
        left=None if one.left is None else Points(one.left),
        low_stock=one.low,
    )
