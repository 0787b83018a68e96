"""Why and since when a member or a wallet may not spend."""

from datetime import datetime
from enum import Enum

import strawberry

from loyalty.access import may
from models.members import Member
from models.points import Wallet
from schema.needs import says
from schema.reader import Reader


@strawberry.enum(description="Why a member or a wallet was frozen.")
class FreezeReason(Enum):
    """As `shapes.FREEZE_REASONS` has them."""

    DISPUTE = strawberry.enum_value("DISPUTE", description="Something is disputed.")
    FRAUD = strawberry.enum_value("FRAUD", description="Fraud is suspected.")
    LEGAL = strawberry.enum_value("LEGAL", description="A court or an authority asks for it.")
    OTHER = strawberry.enum_value("OTHER", description="Anything else; the audit has the note.")
    OWN_WISH = strawberry.enum_value("OWN_WISH", description="The member asked for it: a lost card, a stolen phone.")
    POLICY = strawberry.enum_value("POLICY", description="A policy of the programme did it.")


@strawberry.type(description="A freeze: what is frozen earns, matures and expires, and cannot be spent.")
class Freeze:
    """Of a member or a wallet."""

    at: datetime = says("Since when.")
    reason: FreezeReason | None = says("Why; null for readers without `members:read`.")


def freeze_of(reader: Reader, row: Member | Wallet) -> Freeze | None:
    """The freeze of a member or a wallet; a member's own token is not told of what it may be suspected."""
    if row.frozen_at is None or row.frozen_for is None:
        return None
    told = may(reader.who, "members:read")
    return Freeze(at=row.frozen_at, reason=FreezeReason(row.frozen_for.upper()) if told else None)
