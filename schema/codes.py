"""Codes at tills of the house. A partner has a way of its own: `schema/tills.py`."""

from typing import Annotated

import strawberry

from loyalty.events import CodeVerify
from schema.answers import KEY, send
from schema.benefits import Benefit, benefit_of
from schema.needs import field, says
from schema.problems import UserError
from schema.reader import Info


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
class CodeMutation:
    """At a till."""

    @field(
        needs="codes:verify",
        description="Verify any code of the programme, and use it if wanted: at a till of the house.",
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
