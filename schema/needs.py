"""Who may read a field: stated on it, printed in the SDL, enforced in one place.

Every field of Query and Mutation states its need, or the schema is not built. Such fields are nullable: a refusal
must not blank their neighbours.
"""

from collections.abc import Callable
from typing import Any

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.permission import BasePermission, PermissionExtension
from strawberry.schema_directive import Location
from strawberry.types.base import StrawberryOptional
from strawberry.types.field import StrawberryField

from loyalty.access import SCOPES
from loyalty.refusals import Forbidden, Refused
from schema.reader import Info

ANY = "any"
OR = " or "


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description="What the caller's token must hold: one of the scopes named. `any` is any valid token but a partner's.",
)
class Scope:
    """`@scope(needs:)`."""

    needs: str


class Needs(BasePermission):
    """Lets a caller through who holds one of the scopes."""

    def __init__(self, needs: str) -> None:
        self.needs = needs
        self.scopes = frozenset(needs.split(OR))
        if unknown := self.scopes - SCOPES.keys() - {ANY}:
            raise LookupError(f"no such scope: {', '.join(sorted(unknown))}")
        self._schema_directive = Scope(needs=needs)  # type: ignore[misc]  # One a need, where the base has one a class.

    def has_permission(self, source: Any, info: Info, **_arguments: Any) -> bool:
        """Whether the caller may; raises what it lacks, a token or a scope."""
        caller = info.context.caller
        if caller is None:
            raise Refused("UNAUTHENTICATED")
        open_to_all = ANY in self.scopes and caller.partner is None
        if not open_to_all and not self.scopes & caller.scopes:
            raise Forbidden(self.needs)
        return True


def field(*, needs: str, description: str, extensions: tuple[FieldExtension, ...] = ()) -> Callable[..., Any]:
    """A field, or a mutation, with its need."""
    return strawberry.field(  # type: ignore[no-any-return]
        description=description, extensions=[PermissionExtension([Needs(needs)]), *extensions]
    )


def says(description: str, **options: Any) -> Any:
    """A plain attribute, described."""
    return strawberry.field(description=description, **options)


def check(root: type) -> None:
    """Raise LookupError for a root field that states no need, or that a refusal would blank the others with."""
    for one in root.__strawberry_definition__.fields:  # type: ignore[attr-defined]
        if not stated(one):
            raise LookupError(f"{root.__name__}.{one.python_name} does not state its need")
        if not isinstance(one.type, StrawberryOptional):
            raise LookupError(f"{root.__name__}.{one.python_name} must be nullable: it may be refused")


def stated(one: StrawberryField) -> str | None:
    """The need of a field, if it states one."""
    for extension in one.extensions:
        if isinstance(extension, PermissionExtension):
            for permission in extension.permissions:
                if isinstance(permission, Needs):
                    return permission.needs
    return None
