"""How large a GraphQL document may be, measured once and in one pass, before anything of it is run.

Every fragment is measured once, so the work grows with the document and not with what it expands to.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    ValidationRule,
)
from strawberry.extensions import ParserCache, SchemaExtension, ValidationCache

BODY_MAX: Final = 256 * 1024
BODY_MAX_WRITER: Final = 2 * 1024 * 1024
WRITERS: Final = frozenset({"events:write", "rules:write"})
TOKENS_MAX: Final = 2_000
DOCUMENTS_MAX: Final = 256  # Kept parsed and validated.
ENDLESS: Final = 10**9  # Where counting stops: a bomb of fragments is no larger than large.


class Shape(NamedTuple):
    """What is counted in a document, every fragment expanded."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0

    def __add__(self, other: object) -> "Shape":
        """Side by side: depths do not add up."""
        if not isinstance(other, Shape):
            return NotImplemented
        counts = (min(ENDLESS, mine + its) for mine, its in zip(self[1:], other[1:], strict=True))
        return Shape(max(self.depth, other.depth), *counts)


MOST: Final = Shape(depth=12, fields=500, aliases=30, directives=50)
OPERATIONS_MAX: Final = 5
ABOUT_THE_SCHEMA: Final = ("__schema", "__type")


class ShapeRule(ValidationRule):
    """Refuses a document that is too large."""

    def enter_document(self, node: DocumentNode, *_args: Any) -> None:
        """Measure all of it."""
        if excess := too_large(node):
            what, most = excess
            error = GraphQLError("The document is too large.", extensions=_about(what, most))
            self.report_error(error)


def too_large(document: DocumentNode) -> tuple[str, int] | None:
    """What there is too much of, and how much is allowed."""
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if len(operations) > OPERATIONS_MAX:
        return "operations", OPERATIONS_MAX
    measure = measurer(document)
    for one in operations:
        for name, found, most in zip(Shape._fields, measure(one), MOST, strict=True):
            if found > most:
                return name, most
    return None


def measurer(document: DocumentNode) -> Callable[[Any], Shape]:
    """A function that measures a node, every fragment once."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    known: dict[str, Shape] = {}
    open_: set[str] = set()  # A fragment that leads back to itself is refused by validation; here it counts nothing.

    def spread(node: FragmentSpreadNode) -> Shape:
        name = node.name.value
        if name not in fragments or name in open_:
            return Shape()
        if name not in known:
            open_.add(name)
            known[name] = measure(fragments[name])
            open_.discard(name)
        return known[name] + Shape(directives=len(node.directives or ()))

    def measure(node: Any) -> Shape:
        shape = Shape(directives=len(node.directives or ()))
        for one in node.selection_set.selections if node.selection_set else ():
            shape += spread(one) if isinstance(one, FragmentSpreadNode) else below(one)
        return shape

    def below(node: Any) -> Shape:
        inner = measure(node)
        if not isinstance(node, FieldNode):
            return inner
        if node.name.value in ABOUT_THE_SCHEMA:  # Types of types run deep; the library bounds how deep by itself.
            inner = inner._replace(depth=0)
        return inner._replace(depth=inner.depth + 1) + Shape(fields=1, aliases=int(node.alias is not None))

    return measure


def _about(what: str, most: int) -> dict[str, Any]:
    return {"code": "DOCUMENT_TOO_LARGE", "what": what, "most": most}


class Limits(SchemaExtension):
    """Counts tokens while parsing and shapes while validating; hides the schema from those it is closed to."""

    def on_operation(self) -> Iterator[None]:
        """Before anything is parsed."""
        run = self.execution_context
        run.parse_options["max_tokens"] = TOKENS_MAX
        run.validation_rules = (*run.validation_rules, ShapeRule)
        if not run.context.open_schema:
            run.validation_rules = (*run.validation_rules, NoSchemaIntrospectionCustomRule)
        yield


def parser_cache() -> SchemaExtension:
    """Documents parsed before need no parsing."""
    return ParserCache(maxsize=DOCUMENTS_MAX)


def validation_cache() -> SchemaExtension:
    """Documents validated before, by the same rules, need no validation."""
    return ValidationCache(maxsize=DOCUMENTS_MAX)


EXTENSIONS: Final = (Limits, parser_cache, validation_cache)
