"""Lists by pages: our own keyset connections, which stay in place while rows arrive.

A cursor is the sort key of a row, packed; it says nothing a reader could rely on.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import strawberry

from loyalty.refusals import Malformed
from schema.needs import says

PAGE = 20
PAGE_MAX = 100

First = Annotated[int, strawberry.argument(description=f"How many, 1 to {PAGE_MAX}.")]
After = Annotated[str | None, strawberry.argument(description="The cursor after which to go on.")]

T = TypeVar("T")
R = TypeVar("R")


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """By the Relay convention."""

    has_next_page: bool = says("Whether there is more after this page.")
    has_previous_page: bool = says("Whether this page was asked for by a cursor.")
    start_cursor: str | None = says("The cursor of the first on this page.")
    end_cursor: str | None = says("The cursor of the last: hand it in as `after`.")


@strawberry.type(description="One of a list, with its place.")
class Edge(Generic[T]):
    """By the Relay convention."""

    cursor: str = says("Its place in the list.")
    node: T = says("The thing itself.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """By the Relay convention, with `nodes` for those who need no cursors."""

    edges: list[Edge[T]] = says("The page, each with its cursor.")
    nodes: list[T] = says("The page.")
    page_info: PageInfo = says("Where the page stands.")


@dataclass(frozen=True, slots=True)
class Page:
    """A page as asked for: one more than `first` is read, to know whether there is a next one."""

    first: int
    after: tuple[int, ...] | None

    @property
    def limit(self) -> int:
        """How many rows to read."""
        return self.first + 1


def page(first: int, after: str | None, *, keys: int = 2) -> Page:
    """The page asked for; Malformed for a size or a cursor that cannot be."""
    if not 1 <= first <= PAGE_MAX:
        raise Malformed("INVALID_PAGE", "/first", most=PAGE_MAX)
    return Page(first, unpack(after, keys) if after is not None else None)


def pack(key: Sequence[int]) -> str:
    """A sort key as a cursor."""
    return base64.urlsafe_b64encode(json.dumps(list(key), separators=(",", ":")).encode()).decode().rstrip("=")


def unpack(cursor: str, keys: int) -> tuple[int, ...]:
    """A cursor as the sort key it was made of."""
    try:
        key = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        key = None
    if (
        not isinstance(key, list)
        or len(key) != keys
        or any(type(part) is not int or abs(part) >= 2**63 for part in key)
    ):
        raise Malformed("INVALID_CURSOR", "/after")
    return tuple(key)


def connect(rows: Sequence[R], asked: Page, key: Callable[[R], Sequence[int]], node: Callable[[R], Any]) -> Any:
    """The connection of the rows read for a page."""
    kept = rows[: asked.first]
    edges = [Edge(cursor=pack(key(row)), node=node(row)) for row in kept]
    return Connection(
        edges=edges,
        nodes=[edge.node for edge in edges],
        page_info=PageInfo(
            has_next_page=len(rows) > asked.first,
            has_previous_page=asked.after is not None,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
    )
