"""What a partner brand sees: its own co-branded benefits and the codes shown at its tills. No way leads to a member."""

from typing import Annotated

import strawberry

from loyalty.events import CodeVerify
from loyalty.partners import usage
from loyalty.refusals import Refused
from schema.answers import KEY, send
from schema.benefits import Benefit, benefit_of
from schema.needs import field, says
from schema.problems import UserError
from schema.reader import Info
from schema.scalars import Points


@strawberry.type(description="One of the partner's own benefits, and what became of it.")
class PartnerBenefit:
    """Counts, and nobody behind them."""

    benefit: Benefit = says("What it is.")
    issued: Points = says("How many are out and unused.")
    used: Points = says("How many have been used.")
    expired: Points = says("How many ran out or were taken back.")


@strawberry.type(description="What a partner brand sees.")
class PartnerView:
    """Its own, and nothing else."""

    key: str = says("The partner's key.")
    benefits: list[PartnerBenefit] = says("Its own co-branded benefits.")


@strawberry.input(description="A code that is shown.")
class CodeVerifyInput:
    """Verified, and used up if wanted."""

    idempotency_key: str = says(KEY)
    code: str = says("The code as it is shown; case and dashes make no difference.")
    use: bool = says("Use it now; what can be used once is used up by that.", default=False)
    part: str | None = says("Which part this use is of, where the benefit has sub-limits.", default=None)


@strawberry.type(description="Whether a code is good, and for what. Nothing is said of who shows it.")
class CodeVerifyPayload:
    """What a till needs and no more."""

    valid: bool = says("Whether it is good.", default=False)
    used: bool = says("Whether it has been used up by this.", default=False)
    benefit: Benefit | None = says("What it is good for.", default=None)
    uses_left: int = says("How often it can be used after this.", default=0)
    replayed: bool = says("Whether this key had been answered before: the answer is the first one.", default=False)
    user_errors: list[UserError] = says("What was wrong; empty when all is well.", default_factory=list)


@strawberry.type
class PartnerQuery:
    """For a partner's token."""

    @field(needs="partner", description="What the partner whose token this is may see.")
    async def partner_view(self, info: Info) -> PartnerView | None:
        """Its own benefits, counted."""
        reader = info.context
        if reader.who.partner is None:
            raise Refused("NOT_FOUND")
        live = await reader.live()
        ruleset = live.at(reader.now).ruleset
        counts = await usage(reader.house.db, live.programme_id, reader.who.partner, reader.now)
        own = [
            PartnerBenefit(
                benefit=benefit_of(reader, ruleset.programme, key, declared),
                **{name: Points(counts.get((key, name), 0)) for name in ("issued", "used", "expired")},
            )
            for key, declared in sorted(ruleset.benefits.items())
            if declared.partner == reader.who.partner
        ]
        return PartnerView(key=reader.who.partner, benefits=own)


@strawberry.type
class PartnerMutation:
    """At a till."""

    @field(
        needs="partner:verify or codes:verify",
        description="Verify a code, and use it if wanted. A partner finds only its own.",
    )
    async def code_verify(
        self, info: Info, input: Annotated[CodeVerifyInput, strawberry.argument(description="The code.")]
    ) -> CodeVerifyPayload | None:
        """Through the one door."""
        reader = info.context

        async def shown() -> CodeVerify:
            return CodeVerify(input.idempotency_key, input.code, input.use, input.part)

        one = await send(reader, shown)
        told = one.data.changes.get("code") if one.data else None
        if one.data is None or not told:
            return CodeVerifyPayload(replayed=bool(one.data and one.data.replayed), user_errors=one.errors)
        ruleset = (await reader.live()).at(reader.now).ruleset
        declared = ruleset.benefits.get(told["benefit"])
        return CodeVerifyPayload(
            valid=True,
            used=bool(told["used"]),
            benefit=benefit_of(reader, ruleset.programme, told["benefit"], declared) if declared else None,
            uses_left=told.get("uses_left", 0 if told["used"] else 1),
            replayed=one.data.replayed,
            user_errors=one.errors,
        )
