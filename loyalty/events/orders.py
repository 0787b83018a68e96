"""Orders, their lines, and what comes back of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from loyalty.events.members import MemberRef


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order; `amount` is the whole line's, net of its own discount."""

    sku: str
    quantity: int
    amount: int
    brand: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    attributes: Mapping[str, Any] | None = None  # Lent by the catalogue.


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """How many of which line (index from 0) came back."""

    line: int
    quantity: int


@dataclass(frozen=True, slots=True)
class OrderPaid:
    """An order was paid. `total` = goods − discount + tax + shipping; `paid` is what money was given."""

    kind: ClassVar[str] = "order.paid"
    key: str
    number: str
    member: MemberRef | None
    occurred_at: datetime
    currency: str
    total: int
    paid: int
    discount: int = 0
    tax: int = 0
    shipping: int = 0
    lines: tuple[Line, ...] = ()
    channel: str = ""
    store: str = ""
    payment: str = ""
    coupon: str = ""
    shop: str = "main"


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """The whole order was called off: what it earned goes, what it burnt comes back."""

    kind: ClassVar[str] = "order.cancelled"
    key: str
    number: str
    occurred_at: datetime
    shop: str = "main"


@dataclass(frozen=True, slots=True)
class OrderReturned:
    """Goods came back, under a number of their own. No lines and no amount: all that is left of the order."""

    kind: ClassVar[str] = "order.returned"
    key: str
    number: str
    return_number: str
    occurred_at: datetime
    lines: tuple[ReturnLine, ...] = ()
    amount: int | None = None
    shop: str = "main"


@dataclass(frozen=True, slots=True)
class OrderClaim:
    """A member says that an order nobody had is its own.

    `identity` is the name the order was under; `vouched` stands for it where a service or the shop says so itself.
    """

    kind: ClassVar[str] = "order.claim"
    key: str
    member: MemberRef
    number: str
    shop: str = "main"
    identity: tuple[str, str] | None = None
    vouched: bool = False


@dataclass(frozen=True, slots=True)
class OrderClaimed:
    """An order that was nobody's is this member's, as of when it was paid: queued by a claim, or by joining.

    `order` is what was recorded of it then, `returns` what has come back of it since.
    """

    kind: ClassVar[str] = "order.claimed"
    key: str
    member: MemberRef
    number: str
    shop: str
    happened_at: datetime
    order: Mapping[str, Any]
    returns: tuple[Mapping[str, Any], ...] = ()
