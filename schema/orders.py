"""Orders: recorded, returned, cancelled; and what one would earn before it is paid."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from loyalty.events import Line, OrderCancelled, OrderPaid, OrderReturned, ReturnLine
from loyalty.refusals import Malformed
from schema.answers import KEY, Answer, answer
from schema.members import MemberRef, ref_of
from schema.money import minor
from schema.needs import field, says
from schema.reader import Info, Reader
from schema.scalars import CurrencyCode

SHOP = "The system that numbered the order; one of the programme's shops, and one that the caller may speak for."


@strawberry.input(description="One line of an order.")
class OrderLineInput:
    """Amounts are the whole line's."""

    sku: str = says("What was bought.")
    quantity: int = says("How many, 1 to 1,000,000.")
    amount: Decimal = says("What the whole line costs, net of its own discount.")
    brand: str = says("Its brand.", default="")
    category: str = says("Its category.", default="")
    tags: list[str] = says("Its tags, 50 at most.", default_factory=list)


@strawberry.input(description="An order that was paid.")
class OrderRecordInput:
    """Total = goods − discount + tax + shipping."""

    idempotency_key: str = says(KEY)
    number: str = says("The order's number in its shop. It is never used for another order.")
    occurred_at: datetime = says("When it was paid.")
    currency: CurrencyCode = says("The currency of all its amounts.")
    total: Decimal = says("Goods less discount, with tax and shipping.")
    member: MemberRef | None = says("Who bought; nobody, for an order that is only counted.", default=None)
    paid: Decimal | None = says("What was paid in money; the total, unless said.", default=None)
    discount: Decimal | None = says("Taken off the whole order.", default=None)
    tax: Decimal | None = says("The tax in the total.", default=None)
    shipping: Decimal | None = says("The shipping in the total.", default=None)
    lines: list[OrderLineInput] = says("What was bought, 500 lines at most.", default_factory=list)
    channel: str = says("Where it was sold: `app`, `store` …", default="")
    store: str = says("Which store.", default="")
    payment: str = says("How it was paid.", default="")
    coupon: str = says("The coupon used.", default="")
    shop: str = says(SHOP, default="main")


@strawberry.input(description="How many of a line came back.")
class ReturnLineInput:
    """By the line's place in the order."""

    line: int = says("The line's index, from 0.")
    quantity: int = says("How many of it.")


@strawberry.input(description="Goods that came back. No lines and no amount: all that is left of the order.")
class OrderReturnInput:
    """Under a number of its own."""

    idempotency_key: str = says(KEY)
    number: str = says("The order's number.")
    return_number: str = says("The return's own number, never used for another return of this order.")
    occurred_at: datetime = says("When it came back.")
    lines: list[ReturnLineInput] = says("Which lines, and how many of each.", default_factory=list)
    amount: Decimal | None = says("What came back in money, where no lines are known.", default=None)
    currency: CurrencyCode | None = says("The amount's currency; the programme's, unless said.", default=None)
    shop: str = says(SHOP, default="main")


@strawberry.input(description="An order that was called off whole.")
class OrderCancelInput:
    """What it earned goes, what it burnt comes back."""

    idempotency_key: str = says(KEY)
    number: str = says("The order's number.")
    occurred_at: datetime = says("When it was called off.")
    shop: str = says(SHOP, default="main")


@strawberry.type(description="What recording an order did.")
class OrderRecordPayload(Answer):
    """See the receipt."""


@strawberry.type(description="What a return did.")
class OrderReturnPayload(Answer):
    """See the receipt."""


@strawberry.type(description="What a cancellation did.")
class OrderCancelPayload(Answer):
    """See the receipt."""


@strawberry.type
class OrderMutation:
    """What happens to orders."""

    @field(
        needs="events:write",
        description="Record a paid order. It is a fact: a policy can make it earn less, never refuse it.",
    )
    async def order_record(
        self, info: Info, input: Annotated[OrderRecordInput, strawberry.argument(description="The order.")]
    ) -> OrderRecordPayload | None:
        """Through the one door."""
        return await answer(OrderRecordPayload, info.context, lambda: paid_of(info.context, input))

    @field(needs="events:write", description="Record a return. One that comes before its order waits for it.")
    async def order_return(
        self, info: Info, input: Annotated[OrderReturnInput, strawberry.argument(description="The return.")]
    ) -> OrderReturnPayload | None:
        """Through the one door."""
        return await answer(OrderReturnPayload, info.context, lambda: returned_of(info.context, input))

    @field(needs="events:write", description="Record a cancellation. One that comes before its order waits for it.")
    async def order_cancel(
        self, info: Info, input: Annotated[OrderCancelInput, strawberry.argument(description="The cancellation.")]
    ) -> OrderCancelPayload | None:
        """Through the one door."""
        return await answer(OrderCancelPayload, info.context, lambda: cancelled_of(info.context, input))


async def paid_of(reader: Reader, given: OrderRecordInput) -> OrderPaid:
    """The arrival an input means."""
    total = minor(given.total, given.currency, "/total")
    return OrderPaid(
        key=given.idempotency_key,
        number=given.number,
        member=await ref_of(reader, given.member, "/member") if given.member else None,
        occurred_at=given.occurred_at,
        currency=given.currency,
        total=total,
        paid=total if given.paid is None else minor(given.paid, given.currency, "/paid"),
        discount=minor(given.discount or Decimal(0), given.currency, "/discount"),
        tax=minor(given.tax or Decimal(0), given.currency, "/tax"),
        shipping=minor(given.shipping or Decimal(0), given.currency, "/shipping"),
        lines=lines_of(given.lines, given.currency),
        channel=given.channel,
        store=given.store,
        payment=given.payment,
        coupon=given.coupon,
        shop=given.shop,
    )


def lines_of(given: list[OrderLineInput], currency: str) -> tuple[Line, ...]:
    """The lines an input means."""
    return tuple(_line(line, currency, f"/lines/{index}") for index, line in enumerate(given))


def _line(line: OrderLineInput, currency: str, at: str) -> Line:
    amount = minor(line.amount, currency, f"{at}/amount")
    return Line(line.sku, line.quantity, amount, line.brand, line.category, tuple(line.tags))


async def returned_of(reader: Reader, given: OrderReturnInput) -> OrderReturned:
    """The arrival an input means."""
    own = (await reader.programme()).currency
    if given.currency not in {None, own}:
        raise Malformed("INVALID_CURRENCY", "/currency")
    return OrderReturned(
        key=given.idempotency_key,
        number=given.number,
        return_number=given.return_number,
        occurred_at=given.occurred_at,
        lines=tuple(ReturnLine(line.line, line.quantity) for line in given.lines),
        amount=None if given.amount is None else minor(given.amount, own, "/amount"),
        shop=given.shop,
    )


async def cancelled_of(_reader: Reader, given: OrderCancelInput) -> OrderCancelled:
    """The arrival an input means."""
    return OrderCancelled(given.idempotency_key, given.number, given.occurred_at, given.shop)
