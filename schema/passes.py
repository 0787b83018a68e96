"""A member's pass for one partner: shown at its till, it says that the member is there, and to nobody else."""

from typing import Annotated

import strawberry

from loyalty import keys
from schema.reader import Reader

Partner = Annotated[str, strawberry.argument(description="The partner's key.")]
ABOUT = "A pass to show at a partner's till, for 15 minutes; null for other readers, and for no partner of ours."


async def partner_pass(reader: Reader, member_id: int, partner: str) -> str | None:
    """Made when it is asked for, and kept nowhere. It opens nothing here."""
    live = await reader.live()
    if not reader.own(member_id) or partner not in live.at(reader.now).ruleset.partners:
        return None
    token_id = reader.house.chance(8).hex()
    return keys.partner_pass(reader.house.secrets, live, member_id, partner, token_id=token_id, now=reader.now)
