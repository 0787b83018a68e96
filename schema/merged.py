"""Accounts that go on in another one."""

from datetime import datetime

import strawberry

from schema.needs import says


@strawberry.type(description="An account that goes on in this one.")
class MergedAccount:
    """Its id still leads here."""

    id: strawberry.ID = says("The id it had.")
    at: datetime = says("When it was merged.")
    reason: str | None = says("Why; null for readers without `members:read`.")
