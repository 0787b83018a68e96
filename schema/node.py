"""Whatever has an id of its own."""

import strawberry

from schema.needs import says


@strawberry.interface(description="Whatever has an id of its own.")
class Node:
    """By the Relay convention."""

    id: strawberry.ID = says("Opaque, and different for each partner. Keep it, do not take it apart.")
