"""Settlement: who owes whom for a month, by lines, for the partner itself and for staff; and what is disputed of it."""

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated

import strawberry

from loyalty import disputes, settlements
from loyalty.disputes import Answer, Claim
from loyalty.refusals import Malformed, Refused
from loyalty.settlements import SOURCES, Line, Statement
from models.codec import parse
from models.settlements import Dispute
from schema.answers import KEY
from schema.connections import PAGE, After, First, pack, page
from schema.money import Money, money
from schema.needs import field, says
from schema.partners import partner_of
from schema.problems import UserError, user_error
from schema.reader import Info, Reader
from schema.scalars import Points

MONTH = "Which month, as in 2026-11, in the programme's zone."
Month = Annotated[str, strawberry.argument(description=MONTH)]


@strawberry.enum(description="What a line of a settlement is for.")
class PartnerLineKind(Enum):
    """What is earned the partner pays; what is burnt and used it is paid."""

    EARNED = strawberry.enum_value("EARNED", description="Points that the partner's shops gave.")
    EARN_REVERSED = strawberry.enum_value("EARN_REVERSED", description="Such points, taken back.")
    BURNT = strawberry.enum_value("BURNT", description="Points that were burnt with the partner.")
    BURN_REVERSED = strawberry.enum_value("BURN_REVERSED", description="Such points, given back.")
    USED = strawberry.enum_value("USED", description="A use of one of the partner's benefits.")
    USE_REVERSED = strawberry.enum_value("USE_REVERSED", description="Such a use, taken back.")
    ADJUSTED = strawberry.enum_value("ADJUSTED", description="Money that puts something right.")


@strawberry.type(description="What one kind came to at one rate.")
class PartnerSettlementSum:
    """Amounts are exact; the balance alone is rounded."""

    kind: PartnerLineKind = says("What for.")
    benefit: str | None = says("Which benefit, where it is about uses.")
    rate: Decimal | None = says("Money for one point or one use, as agreed; null where nothing was.")
    count: Points = says("How many lines.")
    quantity: Decimal = says("How many points, or uses.")
    amount: Decimal = says("What it comes to: to the partner, or from it below zero.")


@strawberry.type(
    description="One line of a settlement. Nothing is said of the member, nor of the points of one purchase."
)
class PartnerSettlementLine:
    """Enough to find it in the partner's own journal."""

    id: strawberry.ID = says("Names it in a dispute.")
    kind: PartnerLineKind = says("What for.")
    recorded_at: datetime = says("When it was recorded.")
    benefit: str | None = says("Which benefit, where it is about a use.")
    reference: str | None = says("The purchase's number, where the partner numbered it.")
    redemption: strawberry.ID | None = says("The redemption, where it is a use of a code.")
    reason: str | None = says("Why, where it puts something right.")


@strawberry.type(description="One line, with its place.")
class PartnerLineEdge:
    """By the Relay convention."""

    cursor: str = says("Its place in the list.")
    node: PartnerSettlementLine = says("The line.")


@strawberry.type(description="A page of lines.")
class PartnerLineConnection:
    """By the Relay convention, with `nodes` for those who need no cursors."""

    edges: list[PartnerLineEdge] = says("The page, each with its cursor.")
    nodes: list[PartnerSettlementLine] = says("The page.")
    has_next_page: bool = says("Whether there is more after this page.")
    end_cursor: str | None = says("The cursor of the last: hand it in as `after`.")


@strawberry.type(description="What the programme and a partner owe each other for a month.")
class PartnerSettlement:
    """A month has what was recorded in it: what comes late is in the next one. Closed, it never changes."""

    found: strawberry.Private[Statement]
    partner: str = says("The partner's key.")
    month: str = says("The month, as in 2026-11.")
    starts_at: datetime = says("Its first instant.")
    ends_at: datetime = says("The first instant after it.")
    closed_at: datetime | None = says("When it was closed; null while it is open.")
    sums: list[PartnerSettlementSum] = says("By kind and rate.")
    exact_balance: Decimal = says("What the programme owes the partner, exact; below zero the partner owes.")
    owed_to_partner: Money = says("What the programme pays, rounded once; nothing where the partner pays.")
    owed_by_partner: Money = says("What the partner pays, rounded once; nothing where the programme pays.")

    @strawberry.field(description="Its lines, in the order they were recorded.")
    async def lines(self, info: Info, first: First = PAGE, after: After = None) -> PartnerLineConnection | None:
        """A page by place."""
        reader, asked = info.context, page(first, after, keys=4)
        live = await reader.live()
        rows = await settlements.lines(reader.house.db, live, self.found, after_key=asked.after, most=asked.limit)
        edges = [
            PartnerLineEdge(cursor=pack(settlements.key_of(row)), node=_line(reader, live.programme_id, row))
            for row in rows[: asked.first]
        ]
        return PartnerLineConnection(
            edges=edges,
            nodes=[edge.node for edge in edges],
            has_next_page=len(rows) > asked.first,
            end_cursor=edges[-1].cursor if edges else None,
        )


@strawberry.enum(description="What became of a dispute.")
class PartnerDisputeState(Enum):
    """Open until staff answers."""

    OPEN = strawberry.enum_value("OPEN", description="Nobody has answered yet.")
    ADJUSTED = strawberry.enum_value("ADJUSTED", description="Put right, by a line of the month it was answered in.")
    REJECTED = strawberry.enum_value("REJECTED", description="Turned down, with a reason.")


@strawberry.type(description="What a partner does not agree with.")
class PartnerDispute:
    """A closed month stays as it was: what is put right is a line of the open one."""

    id: strawberry.ID = says("Names it.")
    month: str = says("The month it is about.")
    lines: int = says("How many lines it names; none for the month as a whole.")
    reason: str = says("Why.")
    state: PartnerDisputeState = says("What became of it.")
    opened_at: datetime = says("When it was opened.")
    answer: str | None = says("What staff said.")


@strawberry.input(description="What a partner does not agree with.")
class PartnerDisputeOpenInput:
    """Lines of one month, or all of it."""

    idempotency_key: str = says(KEY)
    month: str = says(MONTH)
    lines: list[strawberry.ID] = says("Which lines, 100 at most; none for the month.", default_factory=list)
    reason: str = says("Why, 1 to 500 characters.")


@strawberry.input(description="What staff says to a dispute.")
class SettlementDisputeAnswerInput:
    """With money it is put right, without it is turned down."""

    idempotency_key: str = says(KEY)
    dispute: strawberry.ID = says("Which one.")
    amount: Decimal | None = says("To the partner, or from it below zero; null turns it down.", default=None)
    reason: str = says("Why, 1 to 500 characters: the partner reads it.")


@strawberry.type(description="The dispute as it is kept.")
class PartnerDisputeOpenPayload:
    """See its state."""

    dispute: PartnerDispute | None = says("The dispute.", default=None)
    replayed: bool = says("Whether this key had been answered before.", default=False)
    user_errors: list[UserError] = says("What was wrong; empty when all is well.", default_factory=list)


@strawberry.type(description="The dispute as it stands now.")
class SettlementDisputeAnswerPayload:
    """See its state."""

    dispute: PartnerDispute | None = says("The dispute.", default=None)
    replayed: bool = says("Whether this key had been answered before.", default=False)
    user_errors: list[UserError] = says("What was wrong; empty when all is well.", default_factory=list)


@strawberry.type
class SettlementQuery:
    """By the month."""

    @field(needs="partner:settlement", description="What this partner and the programme owe each other for a month.")
    async def partner_settlement(self, info: Info, month: Month) -> PartnerSettlement | None:
        """Its own, and nobody else's."""
        return await settlement_of(info.context, partner_of(info.context), month)

    @field(needs="partner:settlement", description="This partner's disputes, the newest first; 100 at most.")
    async def partner_disputes(self, info: Info) -> list[PartnerDispute] | None:
        """Its own, and nobody else's."""
        return await disputes_of(info.context, partner_of(info.context))

    @field(needs="books:read", description="What the programme and its partners owe each other for a month.")
    async def settlements(
        self,
        info: Info,
        month: Month,
        partner: Annotated[str | None, strawberry.argument(description="Of one partner; of all, unless said.")] = None,
    ) -> list[PartnerSettlement] | None:
        """For staff."""
        known = settlements.partners_of(await info.context.live())
        return [await settlement_of(info.context, key, month) for key in known if partner in (None, key)]

    @field(needs="books:read", description="The disputes of a partner, the newest first; 100 at most.")
    async def settlement_disputes(
        self, info: Info, partner: Annotated[str, strawberry.argument(description="The partner's key.")]
    ) -> list[PartnerDispute] | None:
        """For staff."""
        return await disputes_of(info.context, partner)


@strawberry.type
class SettlementMutation:
    """Disputes, and answers to them."""

    @field(needs="partner:settlement", description="Say what of a month this partner does not agree with.")
    async def partner_dispute_open(
        self, info: Info, input: Annotated[PartnerDisputeOpenInput, strawberry.argument(description="The dispute.")]
    ) -> PartnerDisputeOpenPayload | None:
        """Kept until staff answers."""
        reader, own = info.context, partner_of(info.context)
        try:
            month = settlements.read_month(input.month)
            named = [await _named(reader, one, f"/lines/{index}") for index, one in enumerate(input.lines)]
            claim = Claim(input.idempotency_key, month, named, input.reason)
            house, live = reader.house, await reader.live()
            await _must_be_of(reader, own, claim)
            row, again = await disputes.open_dispute(house.db, house.secrets, reader.who, live, claim, now=reader.door)
        except Refused as refused:
            return PartnerDisputeOpenPayload(user_errors=[user_error(refused, reader.lang())])
        return PartnerDisputeOpenPayload(dispute=_dispute(reader, row), replayed=again)

    @field(
        needs="points:adjust", description="Answer a dispute: put it right in the month that is open, or turn it down."
    )
    async def settlement_dispute_answer(
        self,
        info: Info,
        input: Annotated[SettlementDisputeAnswerInput, strawberry.argument(description="The answer.")],
    ) -> SettlementDisputeAnswerPayload | None:
        """Once."""
        reader = info.context
        try:
            live = await reader.live()
            programme_id, _, number = reader.unseal("dispute", input.dispute)
            if programme_id != live.programme_id:
                raise Malformed("NOT_FOUND", "/dispute")
            said = Answer(input.idempotency_key, input.amount, input.reason)
            house = reader.house
            row, again = await disputes.answer(house.db, house.secrets, reader.who, live, number, said, now=reader.door)
        except Refused as refused:
            return SettlementDisputeAnswerPayload(user_errors=[user_error(refused, reader.lang())])
        return SettlementDisputeAnswerPayload(dispute=_dispute(reader, row), replayed=again)


async def settlement_of(reader: Reader, partner: str, month: str) -> PartnerSettlement:
    """A month of one partner."""
    live = await reader.live()
    read = settlements.read_month(month)
    found = await settlements.statement(reader.house.db, live, partner, read, reader.now)
    return PartnerSettlement(
        found=found,
        partner=partner,
        month=month,
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        closed_at=found.closed_at,
        sums=[
            PartnerSettlementSum(
                kind=PartnerLineKind(one.kind.upper()),
                benefit=one.benefit,
                rate=one.rate,
                count=Points(one.pieces),
                quantity=one.quantity,
                amount=one.amount,
            )
            for one in found.sums
        ],
        exact_balance=found.balance,
        owed_to_partner=money(max(0, found.owed), found.currency),
        owed_by_partner=money(max(0, -found.owed), found.currency),
    )


async def disputes_of(reader: Reader, partner: str) -> list[PartnerDispute]:
    """A partner's disputes."""
    rows = await disputes.listed(reader.house.db, await reader.live(), partner)
    return [_dispute(reader, row) for row in rows]


def _line(reader: Reader, programme_id: int, row: Line) -> PartnerSettlementLine:
    used = row.source == SOURCES.index("use") and row.kind == settlements.USED
    return PartnerSettlementLine(
        id=reader.seal(f"line.{SOURCES[row.source]}", programme_id, row.member_id, row.number),
        kind=PartnerLineKind(row.kind.upper()),
        recorded_at=row.recorded_at,
        benefit=row.benefit,
        reference=row.reference,
        redemption=reader.seal("redemption", programme_id, row.member_id, row.event_id) if used else None,
        reason=row.reason,
    )


async def _named(reader: Reader, sealed: str, at: str) -> tuple[int, int, int]:
    """A line by its id: where it was read from, its holder, its number."""
    for source, name in enumerate(SOURCES):
        try:
            programme_id, member_id, number = reader.unseal(f"line.{name}", sealed)
        except Refused:
            continue
        if programme_id == (await reader.live()).programme_id:
            return source, member_id, number
    raise Malformed("NOT_FOUND", at)


async def _must_be_of(reader: Reader, own: str, claim: Claim) -> None:
    """Every line is one of that month's."""
    found = await settlements.statement(reader.house.db, await reader.live(), own, claim.month, reader.now)
    span = (found.starts_at, found.ends_at)
    rows = await settlements.between(reader.house.db, await reader.live(), own, span) if claim.lines else []
    there = {(row.source, row.member_id, row.number) for row in rows}
    for index, line in enumerate(claim.lines):
        if line not in there:
            raise Malformed("NOT_FOUND", f"/lines/{index}")


def _dispute(reader: Reader, row: Dispute) -> PartnerDispute:
    return PartnerDispute(
        id=reader.seal("dispute", row.programme_id, 0, row.id),
        month=row.month.isoformat()[:7],
        lines=len(parse(row.lines)),
        reason=row.reason,
        state=PartnerDisputeState(row.state.upper()),
        opened_at=row.opened_at,
        answer=row.answer or None,
    )
