"""What has been used of a cap, and what is left of a shared counter, each with its moves."""

from dataclasses import dataclass

from models.table import MEMBER, TRIPLE, Foreign, Index, table


@table(
    "limits",
    key=TRIPLE,
    partition="member_id",
    unique=((*MEMBER, "policy", "name", "period"),),
    checks=("used >= 0",),
    foreign=(Foreign(MEMBER, "members", ("programme_id", "id")),),
)
@dataclass(frozen=True, slots=True)
class Limit:
    """How much of a policy's cap a member has used in a period."""

    programme_id: int
    member_id: int
    id: int
    policy: str
    name: str
    period: str
    used: int


@table(
    "limit_moves",
    key=TRIPLE,
    partition="member_id",
    append_only=True,
    indexes=(Index("limit_moves_event", (*MEMBER, "event_id")),),
    foreign=(Foreign((*MEMBER, "limit_id"), "limits", TRIPLE), Foreign((*MEMBER, "event_id"), "events", TRIPLE)),
)
@dataclass(frozen=True, slots=True)
class LimitMove:
    """One use of a cap, or its return; signed."""

    programme_id: int
    member_id: int
    id: int
    event_id: int
    position: int
    limit_id: int
    amount: int
    order_id: int | None  # The order it was used on: what else its event settled is none of the order's.


@table("counters", key=("programme_id", "name"), checks=('"left" >= 0', '"left" <= total'))
@dataclass(frozen=True, slots=True)
class Counter:
    """A budget, a stock, seats: shared by all members, and guarded in the statement that takes from it."""

    programme_id: int
    name: str
    total: int
    left: int


@table(
    "counter_moves",
    key=("programme_id", "member_id", "id"),
    partition="member_id",
    append_only=True,
    indexes=(Index("counter_moves_of", ("programme_id", "name")),),
    foreign=(Foreign((*MEMBER, "event_id"), "events", TRIPLE),),
)
@dataclass(frozen=True, slots=True)
class CounterMove:
    """What an event took from a counter (positive) or gave back, and what it had read as left."""

    programme_id: int
    member_id: int
    id: int
    event_id: int
    position: int
    name: str
    amount: int
    read: int
    order_id: int | None  # The order it was taken for.
