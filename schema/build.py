"""The one schema, put together from the nouns."""

import logging
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

import strawberry
from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from schema import needs
from schema.benefits import Entitlement
from schema.cards import CardQuery
from schema.changes import MemberMutation
from schema.claims import ClaimMutation
from schema.codes import CodeMutation
from schema.draws import DrawMutation, DrawQuery
from schema.enrolments import EnrolmentMutation
from schema.entitlements import EntitlementMutation
from schema.events import Event, EventMutation, EventQuery
from schema.figures import FiguresQuery
from schema.freezing import FreezeMutation
from schema.gatherings import GatheringMutation, GatheringQuery
from schema.identities import IdentityMutation
from schema.ladder_previews import LadderPreviewQuery
from schema.members import Member, MemberQuery
from schema.merging import MergeMutation
from schema.nodes import NodeQuery
from schema.orders import OrderMutation
from schema.partners import PartnerQuery
from schema.points import Entry
from schema.polls import PollMutation
from schema.pools import PoolMutation
from schema.previews import PreviewQuery
from schema.privacy import PrivacyMutation
from schema.problems import told
from schema.products import ProductQuery
from schema.programmes import ProgrammeQuery
from schema.redemptions import RedemptionMutation
from schema.rulebook import RulebookQuery
from schema.scalars import SCALARS
from schema.settlements import SettlementMutation, SettlementQuery
from schema.tiers import StandingMove
from schema.tills import PartnerRedemption, TillMutation
from schema.transfers import TransferMutation

PRINTED: Final = Path(__file__).with_name("schema.graphql")
logger = logging.getLogger("perennial.graphql")

Extension = type[SchemaExtension] | Callable[[], SchemaExtension]


@strawberry.type(description="What can be asked.")
class Query(
    MemberQuery,
    FiguresQuery,
    NodeQuery,
    ProgrammeQuery,
    EventQuery,
    PreviewQuery,
    PartnerQuery,
    SettlementQuery,
    ProductQuery,
    RulebookQuery,
    GatheringQuery,
    DrawQuery,
    LadderPreviewQuery,
    CardQuery,
):
    """Every field states its need."""


@strawberry.type(
    description="What can be done. Each takes one input with a key of the sender's own, and answers with one payload: "
    "expected failures are in its `userErrors`."
)
class Mutation(
    OrderMutation,
    EventMutation,
    EnrolmentMutation,
    MemberMutation,
    MergeMutation,
    ClaimMutation,
    FreezeMutation,
    IdentityMutation,
    RedemptionMutation,
    TransferMutation,
    PoolMutation,
    EntitlementMutation,
    CodeMutation,
    TillMutation,
    SettlementMutation,
    PrivacyMutation,
    GatheringMutation,
    DrawMutation,
    PollMutation,
):
    """Every field states its need."""


class Schema(strawberry.Schema):
    """Ours, which logs what went wrong without telling what was asked."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """A client's mistake is information; a defect is an error, with where it happened and never what it said."""
        reader = execution_context.context if execution_context else None
        operation = execution_context.operation_name if execution_context else None
        for error in errors:
            code = told(error)[0]
            about = {"code": code, "request_id": getattr(reader, "request_id", None), "operation": operation}
            if code != "INTERNAL":
                logger.info("graphql refused", extra=about)
                continue
            cause = error.original_error or error
            logger.error("graphql failed", extra={**about, "type": type(cause).__name__, "at": where(cause)})


def where(cause: BaseException) -> list[str]:
    """The way a defect took, by file and line: texts of exceptions may hold what nobody should read."""
    way, trace = [], cause.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        way.append(f"{Path(code.co_filename).name}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return way[-8:]


@cache
def build(extensions: tuple[Extension, ...] = ()) -> Schema:
    """The schema that runs. Fails for a root field that states no need."""
    needs.check(Query)
    needs.check(Mutation)
    return _schema(extensions, sort=False)


def printed() -> str:
    """The SDL, sorted, as `schema.graphql` keeps it."""
    # A sorted schema loses the enums' own classes and could not run: it is made for printing only.
    return f"{_schema((), sort=True).as_str()}\n"


def _schema(extensions: tuple[Extension, ...], *, sort: bool) -> Schema:
    return Schema(
        query=Query,
        mutation=Mutation,
        types=[Entitlement, Entry, Event, Member, PartnerRedemption, StandingMove],
        extensions=list(extensions),
        config=StrawberryConfig(scalar_map=SCALARS, sort_schema=sort, disable_field_suggestions=True),
    )
