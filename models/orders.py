"""Orders, their lines, and what came back."""

from dataclasses import dataclass
from datetime import date, datetime

from models.codec import Json
from models.table import Foreign, Index, table


@table(
    "order_refs",
    key=("programme_id", "shop", "number", "kind", "part"),
    indexes=(Index("order_refs_named", ("programme_id", "named"), where="named IS NOT NULL"),),
)
@dataclass(frozen=True, slots=True)
class OrderRef:
    """A business reference, kept for ever: an order's number (kind `order`), its cancellation, each of its returns.

    The row of kind `order` is what order, cancellation and return all lock, so whichever comes second sees the other.
    """

    programme_id: int
    shop: str
    number: str
    kind: str  # order, cancel, return.
    part: str  # The return's number; empty otherwise.
    state: str  # awaited (nobody has it), paid; of a cancellation or return `waiting`, `known`.
    member_id: int | None  # The holder of the order, once there is one.
    order_id: int | None
    event_id: int | None
    body_hash: str
    named: str | None = None  # Whom an order without a member named, kind:hash: whoever is known by it may claim it.


@table(
    "orders",
    key=("programme_id", "member_id", "id"),
    partition="member_id",
    indexes=(
        Index("orders_number", ("programme_id", "member_id", "shop", "number")),
        Index("orders_day", ("programme_id", "member_id", "business_date")),
    ),
    checks=("total >= 0", "net >= 0", "returned_unlined >= 0", "returned_unlined <= returned", "returned <= net"),
    foreign=(Foreign(("programme_id", "member_id", "event_id"), "events", ("programme_id", "member_id", "id")),),
)
@dataclass(frozen=True, slots=True)
class Order:
    """An order as it was paid. Amounts in minor units; `net` is goods after discount, without tax and shipping."""

    programme_id: int
    member_id: int
    id: int
    event_id: int
    shop: str
    number: str
    state: str  # paid, cancelled; `returned` where nothing net was paid, so that `returned` cannot say it.
    occurred_at: datetime
    business_date: date
    currency: str
    total: int
    paid: int
    discount: int
    tax: int
    shipping: int
    net: int
    returned: int  # Of `net`, what has come back.
    returned_unlined: int  # Of that, what came back as an amount, without naming lines.
    channel: str
    store: str
    payment: str
    coupon: str
    version: int  # The ruleset that decided it.


@table(
    "order_lines",
    key=("programme_id", "member_id", "id"),
    partition="member_id",
    indexes=(Index("order_lines_order", ("programme_id", "member_id", "order_id")),),
    checks=("quantity > 0", "amount >= 0", "returned_quantity >= 0", "returned_quantity <= quantity"),
    foreign=(Foreign(("programme_id", "member_id", "order_id"), "orders", ("programme_id", "member_id", "id")),),
)
@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line of an order; `amount` is the whole line's, net of its discount, in minor units."""

    programme_id: int
    member_id: int
    id: int
    order_id: int
    line: int
    sku: str
    brand: str
    category: str
    tags: Json
    quantity: int
    amount: int
    returned_quantity: int
    returned_amount: int
    attributes: Json | None = None  # What the catalogue said of it then.


@table(
    "returns",
    key=("programme_id", "member_id", "id"),
    partition="member_id",
    indexes=(Index("returns_order", ("programme_id", "member_id", "order_id")),),
    checks=("amount >= 0",),
    foreign=(Foreign(("programme_id", "member_id", "order_id"), "orders", ("programme_id", "member_id", "id")),),
)
@dataclass(frozen=True, slots=True)
class Return:
    """What came back of an order, under a number of its own; `amount` is net, in minor units."""

    programme_id: int
    member_id: int
    id: int
    order_id: int
    event_id: int
    number: str
    occurred_at: datetime
    amount: int
    lines: Json  # [[line, quantity, amount], …]
